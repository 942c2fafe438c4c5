"""The answers of a case as lines: equal ones once, and two sides beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._text import plural, word_diff

from .layout import INDENT, row, rows, shown_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ANSWERS = 3
# Longer answers are not compared word by word, unless everything is asked for.
_COMPARED = 400
_DIFF_LINES = 8


def group(answers: Sequence[str]) -> dict[str, list[int]]:
    """Return each different answer with the numbers of the samples that gave it."""
    groups: dict[str, list[int]] = {}
    for index, answer in enumerate(answers, 1):
        groups.setdefault(answer, []).append(index)
    return groups


def answer_lines(answers: Sequence[str], verbosity: int) -> Iterator[str]:
    """Show the answers of one side, numbered."""
    groups = group(answers)
    shown = list(groups.items()) if verbosity > 1 else list(groups.items())[:_ANSWERS]
    for position, (answer, indexes) in enumerate(shown):
        which = f"[{', '.join(map(str, indexes))}] " if len(answers) > 1 else ""
        text = which + (shown_text(answer, verbosity) or "(empty)")
        yield from row("answers" if position == 0 else "", text, fold=verbosity <= 1)
    if len(groups) > len(shown):
        yield f"{INDENT}{plural(len(groups) - len(shown), 'other answer')} (-vv shows)"


def two_sides(accepted: Sequence[str], fresh: Sequence[str], verbosity: int) -> Iterator[str]:
    """Show accepted and fresh answers with their counts, and what differs in the nearest pair."""
    left, right = _counted(accepted), _counted(fresh)
    if list(left) == list(right) and len(left) == 1:
        yield from row("answers", next(_side(left, None, None, verbosity)), fold=verbosity <= 1)
        yield f"{INDENT}(the same on both sides)"
        return
    pair = _nearest_pair(left, right, verbosity)
    changed = word_diff(*pair) if pair else []
    marks: tuple[str | None, str | None] = (None, None)
    if pair and len(changed) == 2 and all("\n" not in text for text in pair):
        # one line on each side: the marks stand in the answers themselves
        marks = (changed[0][2:], changed[1][2:])
        changed = []
    old, new = pair or (None, None)
    yield from rows("accepted", _side(left, old, marks[0], verbosity), fold=verbosity <= 1)
    yield from rows("fresh", _side(right, new, marks[1], verbosity), fold=verbosity <= 1)
    shown = changed if verbosity > 1 else changed[:_DIFF_LINES]
    texts = [shown_text(line, verbosity) for line in shown]
    if len(changed) > len(shown):
        texts.append(f"{plural(len(changed) - len(shown), 'more line')} (-vv shows)")
    yield from rows("nearest pair", texts, fold=verbosity <= 1)


def _counted(answers: Sequence[str]) -> dict[str, int]:
    """Return different answers with their counts, most frequent first."""
    groups = {answer: len(numbers) for answer, numbers in group(answers).items()}
    return dict(sorted(groups.items(), key=lambda item: -item[1]))


def _nearest_pair(
    accepted: dict[str, int], fresh: dict[str, int], verbosity: int
) -> tuple[str, str] | None:
    """Return the most frequent new answer and the accepted one that is most like it."""
    new = next((answer for answer in fresh if answer not in accepted), None)
    if new is None or not new.strip() or not accepted:
        return None
    import difflib  # noqa: PLC0415  (only for a report that shows two sides)

    most = _COMPARED * (100 if verbosity > 1 else 1)
    matcher = difflib.SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(new[:_COMPARED])
    best, found = 0.0, None
    for answer in list(accepted)[: _ANSWERS * 2]:
        matcher.set_seq1(answer[:_COMPARED])
        alike = matcher.ratio()
        if alike > best and len(answer) <= most and len(new) <= most:
            best, found = alike, answer
    # two texts that have little in common are read one after the other
    return (found, new) if found is not None and best >= 0.4 else None


def _side(
    groups: dict[str, int], first: str | None, marked: str | None, verbosity: int
) -> Iterator[str]:
    """Yield the answers of a side; ``first``, as ``marked``, is shown before all others."""
    texts = sorted(groups, key=lambda answer: answer != first)
    shown = texts if verbosity > 1 else texts[:_ANSWERS]
    total = sum(groups.values())
    for answer in shown:
        count = f"[{groups[answer]} of {total}] " if total > 1 else ""
        text = marked if marked is not None and answer == first else answer
        yield count + (shown_text(text, verbosity) or "(empty)")
    if len(texts) > len(shown):
        yield f"{plural(len(texts) - len(shown), 'other answer')} (-vv shows)"
