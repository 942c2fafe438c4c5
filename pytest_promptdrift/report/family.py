"""The text of a family: which test fired at which level, and what that is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._text import money, p_value, plural, share
from pytest_promptdrift.model import Status

from .compared import attribution_lines, score_lines
from .failure import live_lines
from .layout import INDENT, flat, one_line, row, rows, safe
from .phrases import score_text, undecided_score_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_promptdrift.model.comparison import FamilyVerdict, InstrumentTest, ScoreChange

    from .commands import Commands

_LISTED = 10
# Nobody asks a model the same thing more often than this to settle a question.
_MANY = 100
_LABELS = {"distribution": "answers", "facts": "fact"}


def family_headline(family: FamilyVerdict) -> str:
    """Say in one line what is concluded for all cases together."""
    status = family.status.value
    if family.problem is not None:
        return f"{status}: {one_line(family.problem.kind)}: {one_line(family.problem.message)}"
    return flat(f"{status}: {_fired(family) or _undecided(family) or _counted(family)}")


def _fired(family: FamilyVerdict) -> str | None:
    """Return what made the family drift."""
    worse = next((score for score in family.scores if score.answer == "regressed"), None)
    if worse is not None:
        return score_text(worse)
    test = next((test for test in family.tests if test.fired), None)
    if family.status is not Status.DRIFTED or test is None:
        return None
    return f"{one_line(test.message)}, {p_value(test.p)}"


def _undecided(family: FamilyVerdict) -> str | None:
    """Return what cannot be told with so few samples."""
    score = next((score for score in family.scores if score.answer == "inconclusive"), None)
    if family.status is not Status.INCONCLUSIVE or score is None:
        return None
    return undecided_score_text(score, _price(family, score))


def _counted(family: FamilyVerdict) -> str:
    if not family.compared:
        return f"nothing to compare in {plural(family.cases, 'case')}"
    if family.drifted:
        return _changed(family)
    return f"{plural(family.compared, 'case')} compared, none changed beyond noise"


def _changed(family: FamilyVerdict) -> str:
    # one sample on a side has no noise that could be measured
    beyond = " beyond noise" if min(family.samples) > 1 else ", by rules"
    return f"{len(family.drifted):,} of {plural(family.compared, 'case')} changed{beyond}"


def family_lines(
    family: FamilyVerdict,
    *,
    title: str,
    commands: Commands,
    verbosity: int,
    seen_in: str | None = None,
) -> Iterator[str]:
    """Explain a family; ``commands`` are about all of its cases.

    ``seen_in`` is the case whose report showed the same changes of the request.
    """
    yield family_headline(family)
    yield from safe(_lines(family, title, commands, verbosity, seen_in))


def _lines(
    family: FamilyVerdict, title: str, commands: Commands, verbosity: int, seen_in: str | None
) -> Iterator[str]:
    part = "" if family.compared == family.cases else f", {family.compared} compared"
    size = f"{plural(family.cases, 'case')}{part}"
    yield from row("family", f"{family.case_file}::{title}, {size}")
    if family.problem is not None:
        yield from (f"  {line}" for line in family.problem.message.splitlines()[1:])
    yield from _score_lines(family, verbosity)
    yield from _test_lines(family, verbosity)
    if family.drifted:
        rest = f", {family.unchanged:,} did not" if family.unchanged else ""
        yield from row("cases", f"{_changed(family)}{rest}:")
        yield from row("", _listed(family.drifted, verbosity))
    if family.attribution is not None and family.status is not Status.PASSED:
        sure = family.status is Status.DRIFTED
        yield from attribution_lines(family.attribution, verbosity, sure=sure, seen_in=seen_in)
    if family.tests:
        yield from row("rate", rate_text(family))
    yield from rows("note", _notes(family))
    yield from _next_lines(family, commands)


def _score_lines(family: FamilyVerdict, verbosity: int) -> Iterator[str]:
    # what a score leaves open matters where nothing else decides
    told = family.status is Status.INCONCLUSIVE or verbosity > 0
    for score in family.scores:
        if not told and score.difference == 0:
            continue
        price = _price(family, score)
        yield from score_lines(score, f"   ({_sizes(family)})", price, undecided=told)
        if score.broken:
            yield from row("", f"broken alone: {_listed(score.broken, verbosity)}")


def _sizes(family: FamilyVerdict) -> str:
    accepted, fresh = family.samples
    return f"{plural(family.compared, 'case')}, {accepted} + {fresh} samples"


def _test_lines(family: FamilyVerdict, verbosity: int) -> Iterator[str]:
    """Show what the tests found, and which of them fired at which level."""
    for test in family.tests:
        # scores have lines of their own
        if test.instrument != "scores" and (test.fired or verbosity > 0):
            label = _LABELS[test.instrument]
            said = one_line(test.message).removeprefix("answers ")
            yield from row(label, f"{said}, {p_value(test.p)}")
    anything = any(test.fired for test in family.tests)
    for fired, label in ((True, "fired"), (False, "not fired")):
        told = [level_text(test) for test in family.tests if test.fired is fired]
        if told and (fired or not anything or verbosity > 0):
            yield from row(label, "; ".join(told))


def level_text(test: InstrumentTest) -> str:
    """Say the p of a test and the level it was held against."""
    return f"{test.instrument} ({p_value(test.p)} at level {share(test.level)})"


def _listed(names: tuple[str, ...], verbosity: int) -> str:
    shown = names if verbosity > 1 else names[:_LISTED]
    more = f" and {len(names) - len(shown):,} more (-vv shows)" if len(shown) < len(names) else ""
    return ", ".join(one_line(name) for name in shown) + more


def rate_text(family: FamilyVerdict) -> str:
    """Say how often a run like this cries drift when nothing changed but chance."""
    percent = f"{100 * family.alpha:.3g} %"
    shared = "one family has all of it"
    if family.families > 1:
        shared = f"{family.families} families share it, {share(family.level)} is for this one"
    return f"by chance alone, at most {percent} of such runs cry drift; {shared}"


def _notes(family: FamilyVerdict) -> Iterator[str]:
    if family.errors:
        yield (
            f"{family.errors} of {plural(family.cases, 'case')} had errors: "
            "no verdict about them, and none of them counts"
        )
    yield from family.notes


def _price(family: FamilyVerdict, score: ScoreChange) -> float | None:
    calls = _calls(family, score.needed)
    return None if family.usd_per_sample is None else family.usd_per_sample * calls


def _calls(family: FamilyVerdict, needed: int | None) -> int:
    return max(0, (needed or 0) - family.samples[1]) * family.compared


def _next_lines(family: FamilyVerdict, commands: Commands) -> Iterator[str]:
    if family.problem is not None:
        yield from rows("next", (family.problem.hint or "").splitlines(), fold=False)
    elif commands.live and family.status in {Status.DRIFTED, Status.INCONCLUSIVE}:
        yield from live_lines(commands)
    elif family.status is Status.INCONCLUSIVE:
        needed = [score.needed for score in family.scores if score.needed is not None]
        if needed and max(needed) <= _MANY:
            calls = _calls(family, max(needed))
            usd = family.usd_per_sample
            cost = f", about {money(usd * calls)}" if usd else ""
            yield from row("next", commands.more(max(needed)), fold=False)
            yield f"{INDENT}({plural(calls, 'call')}{cost})"
        elif needed:
            yield from row("next", "more cases decide it sooner than so many samples; or decide:")
            yield from row("", commands.review, fold=False)
    elif family.status not in {Status.PASSED, Status.ERROR, Status.SKIPPED}:
        yield from row("next", commands.review, fold=False)
