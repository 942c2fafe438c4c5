"""Words and numbers as people read them: plurals, cutting, word diffs, money, durations."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What happened (equal, replace, …), then from and to on the left, then on the right.
_Op: TypeAlias = tuple[str, int, int, int, int]

CUT_AT = 400
# Comparing words is quadratic in the worst case; beyond this many the middle is left out.
_MAX_WORDS = 2000
# A prompt that was rewritten is better read in the file than in a test report.
_MAX_LINES = 40
# Words and spaces that are kept around a change.
_CONTEXT = 24
# Control and format characters, halves of a pair, and line breaks that are none everywhere.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


def plural(count: int, noun: str, many: str | None = None) -> str:
    """Return ``"1 sample"`` or ``"3 samples"``; ``many`` for irregular plurals."""
    return f"{count:,} {noun if count == 1 else (many or noun + 's')}"


def cut(text: str, limit: int = CUT_AT) -> str:
    """Cut ``text`` to ``limit`` characters and say how many are hidden."""
    if len(text) <= limit:
        return text
    return f"{text[:limit].rstrip()} [… {plural(len(text) - limit, 'character')} more]"


def visible(text: str) -> str:
    """Replace control, format and unpaired characters, which could rewrite a terminal, by names.

    Line breaks and tabs stay. A model can write anything; a report must not obey it.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible_character(character) for character in text)


def _visible_character(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in _INVISIBLE:
        return character
    return f"\\u{ord(character):04x}" if ord(character) > 0xFF else f"\\x{ord(character):02x}"


def word_diff(old: str, new: str) -> list[str]:
    """Show what changed between two texts, as lines ``- …`` and ``+ …``; equal texts give none.

    Unchanged lines are left out. Within a changed line the changed words stand in ``[-brackets-]``
    on the old and ``{+braces+}`` on the new line, and long unchanged stretches are cut.
    """
    if old == new:
        return []
    left, right = old.split("\n"), new.split("\n")
    head = _common_head(left, right)
    tail = _common_head(left[head:][::-1], right[head:][::-1])
    left, right = left[head : len(left) - tail], right[head : len(right) - tail]
    lines: list[str] = []
    blocks = [(0, len(left), 0, len(right))]
    if len(left) * len(right) <= _MAX_WORDS**2:
        matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
        blocks = [block[1:] for block in matcher.get_opcodes() if block[0] != "equal"]
    for a, b, c, d in blocks:
        if b - a == d - c:
            for before, after in zip(left[a:b], right[c:d], strict=True):
                lines += _words(before, after)
        else:
            lines += [f"- {line or '(empty line)'}" for line in left[a:b]]
            lines += [f"+ {line or '(empty line)'}" for line in right[c:d]]
    if len(lines) > _MAX_LINES:
        lines[_MAX_LINES:] = [f"… {plural(len(lines) - _MAX_LINES, 'more changed line')}"]
    return lines


def _words(old: str, new: str) -> list[str]:
    """Show which words of one line changed."""
    left, right = _PIECES.findall(old), _PIECES.findall(new)
    head = _common_head(left, right)
    tail = _common_head(left[head:][::-1], right[head:][::-1])
    middle_left = left[head : len(left) - tail][:_MAX_WORDS]
    middle_right = right[head : len(right) - tail][:_MAX_WORDS]
    minus, plus = [_keep_end(left[:head])], [_keep_end(right[:head])]
    matcher = difflib.SequenceMatcher(None, middle_left, middle_right, autojunk=False)
    for op, a, b, c, d in _joined(matcher.get_opcodes(), middle_left):
        if op == "equal":
            same = _keep_both(middle_left[a:b])
            minus.append(same)
            plus.append(same)
            continue
        if b > a:
            minus.append("[-" + "".join(middle_left[a:b]) + "-]")
        if d > c:
            plus.append("{+" + "".join(middle_right[c:d]) + "+}")
    end = _keep_start(left[len(left) - tail :] if tail else [])
    return [f"- {''.join(minus)}{end}", f"+ {''.join(plus)}{end}"]


def _joined(opcodes: Iterable[_Op], left: list[str]) -> Iterator[_Op]:
    """Join changes that only a space keeps apart: people read phrases, not words."""
    change: _Op | None = None
    space: _Op | None = None
    for op in opcodes:
        tag, a, b, _, d = op
        if tag != "equal":
            change = op if change is None else ("replace", change[1], b, change[3], d)
            space = None
        elif change is not None and space is None and "".join(left[a:b]).isspace():
            space = op
        else:
            yield from (kept for kept in (change, space, op) if kept is not None)
            change = space = None
    yield from (kept for kept in (change, space) if kept is not None)


def _common_head(left: list[str], right: list[str]) -> int:
    for index, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return index
    return min(len(left), len(right))


def _keep_end(pieces: list[str]) -> str:
    return ("… " if len(pieces) > _CONTEXT else "") + "".join(pieces[-_CONTEXT:])


def _keep_start(pieces: list[str]) -> str:
    return "".join(pieces[:_CONTEXT]) + (" …" if len(pieces) > _CONTEXT else "")


def _keep_both(pieces: list[str]) -> str:
    if len(pieces) <= 2 * _CONTEXT:
        return "".join(pieces)
    return "".join(pieces[:_CONTEXT]) + " … " + "".join(pieces[-_CONTEXT:])


def number(value: float) -> str:
    """Return a number with as many digits as mean something: ``0.91``, ``12``, ``1,234``."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def money(usd: float) -> str:
    """Return an amount in US dollars: cents from ten of them on, else two meaningful digits."""
    if usd == 0 or abs(usd) >= 0.095:
        return f"${usd:,.2f}"
    if abs(usd) < 0.000001:
        return "<$0.000001"
    return f"${float(f'{usd:.2g}'):.8f}".rstrip("0")


def duration(seconds: float) -> str:
    """Return a time as people say it: ``0.3 s``, ``12 s``, ``4 min 10 s``, ``2 h 5 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def signed(value: float, digits: int = 2) -> str:
    """Return a difference with its sign, as papers print it: ``−0.15``, ``+0.04``, ``0.00``.

    What is not zero is not printed as zero: it gets up to two digits more, then is ``<`` the last.
    """
    if not math.isfinite(value):
        return "unknown"
    sign = "−" if value < 0 else "+"
    for places in range(digits, digits + 3):
        text = f"{abs(value):.{places}f}"
        if float(text):
            return sign + text
    return f"{0:.{digits}f}" if abs(value) < 1e-12 else f"{sign}<{10.0 ** -(digits + 2):g}"


def interval(low: float | None, high: float | None) -> str:
    """Return `` [−0.22, −0.08]`` with a space before it, or nothing where no end is known."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f" [{signed(low)}, {signed(high)}]"


def p_value(p: float, name: str = "p") -> str:
    """Return ``p = .0005`` as papers print it: no leading zero, and never ``p = 0``."""
    if not 0 <= p <= 1:
        return f"{name} unknown"
    if p < 0.0001:
        return f"{name} < .0001"
    if p >= 0.995:
        return f"{name} = 1"
    digits = 2 if p >= 0.1 else 3 if p >= 0.001 else 4
    return f"{name} = {p:.{digits}f}".replace(" 0.", " .")


def share(value: float) -> str:
    """Return a level or a margin with the digits that mean something: ``.05``, ``.0056``, ``1``."""
    if not 0 < value < 1:
        return f"{value:g}"
    return f"{float(f'{value:.2g}'):.12f}".rstrip("0").removeprefix("0")
