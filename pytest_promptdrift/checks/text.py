"""Checks of the text itself: equality, parts of it, and a choice of labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pytest_promptdrift.model import CheckResult

from .arguments import FLAG, SOME_TEXT, TEXT, ArgumentError, Arguments, Field, list_of, optional
from .near_miss import near_miss
from .protocol import CheckType
from .wording import around, listed, quote, reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_promptdrift.model import CheckContext

    from .arguments import AnyField
    from .protocol import Check, CheckScope

IGNORE_CASE = Field(name="ignore_case", kind=FLAG, default=False, summary="upper case is lower")
STRIP = Field(name="strip", kind=FLAG, default=True, summary="white space around does not count")
VALUE = Field(name="value", kind=TEXT, summary="the whole answer")
PART = optional("text", SOME_TEXT, "what must be in the answer")
ANY_OF = optional("any", list_of(SOME_TEXT), "at least one of these")
ALL_OF = optional("all", list_of(SOME_TEXT), "each of these")
NONE_OF = optional("none", list_of(SOME_TEXT), "not one of these")
EDGE = Field(name="text", kind=SOME_TEXT, summary="the first or last text of the answer")
OPTIONS = Field(name="values", kind=list_of(TEXT), summary="the allowed answers")


class Test(Protocol):
    """A yes or no about a text, with the words for both."""

    @property
    def what(self) -> str:
        """What holds, in general."""
        ...

    @property
    def holds(self) -> Callable[[str], bool]:
        """Tells whether it holds of a text."""
        ...

    @property
    def miss(self) -> Callable[[str], str]:
        """Says of a text why it does not hold."""
        ...

    @property
    def hit(self) -> Callable[[str], str]:
        """Says of a text why it does hold."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTest:
    """A test made of functions."""

    what: str
    holds: Callable[[str], bool]
    miss: Callable[[str], str]
    hit: Callable[[str], str]


def text_checks(
    name: str,
    summary: str,
    fields: tuple[AnyField, ...],
    prepare: Callable[[Arguments], Test],
    *,
    main: str | None,
    takes_expected: bool = True,
    instead: frozenset[str] = frozenset(),
) -> tuple[CheckType, CheckType]:
    """Return a text check and its ``not_`` form, which is its exact complement."""

    def check(form: str, *, wanted: bool) -> CheckType:
        def build(arguments: Arguments, scope: CheckScope) -> Check:
            return _TextCheck(scope.name, prepare(arguments), wanted)

        return CheckType(
            name=form,
            summary=summary if wanted else f"the contrary of {name}",
            build=build,
            fields=fields,
            main=main,
            takes_expected=takes_expected,
            instead=instead,
        )

    return check(name, wanted=True), check(f"not_{name}", wanted=False)


class _TextCheck:
    """A test, and whether it has to hold; small, because every case may have some of its own."""

    __slots__ = ("_good", "_test", "_wanted")

    def __init__(self, name: str, test: Test, wanted: bool) -> None:
        self._test = test
        self._wanted = wanted
        # The result of a pass is the same for every answer, so it is made once.
        what = test.what if wanted else "as wanted"
        self._good = CheckResult(name=name, passed=True, reason=reason(what))

    def __call__(self, context: CheckContext, /) -> CheckResult:
        text, test = context.response.text, self._test
        if test.holds(text) is self._wanted:
            return self._good
        why = test.miss(text) if self._wanted else test.hit(text)
        return CheckResult(name=self._good.name, passed=False, reason=reason(why))


def _equals(arguments: Arguments) -> TextTest:
    value, fold, strip = arguments[VALUE], arguments[IGNORE_CASE], arguments[STRIP]

    def normal(text: str) -> str:
        text = text.strip() if strip else text
        return text.casefold() if fold else text

    target = normal(value)
    return TextTest(
        what=f"is {quote(value)}",
        holds=lambda text: normal(text) == target,
        miss=lambda text: f"{quote(value)} expected, found {quote(text)}{near_miss(text, value)}",
        hit=lambda text: f"any answer but {quote(value)} expected, found {quote(text)}",
    )


def _one_of(arguments: Arguments) -> TextTest:
    values, fold = arguments[OPTIONS], arguments[IGNORE_CASE]

    def normal(text: str) -> str:
        text = text.strip()
        return text.casefold() if fold else text

    allowed = frozenset(normal(value) for value in values)
    names = listed([quote(value) for value in values])
    return TextTest(
        what=f"is one of {names}",
        holds=lambda text: normal(text) in allowed,
        miss=lambda text: f"one of {names} expected, found {quote(text)}{near_miss(text, *values)}",
        hit=lambda text: f"found {quote(text.strip())}, which is one of {names}",
    )


def _contains(arguments: Arguments) -> Test:
    return _parts(arguments, fold=arguments[IGNORE_CASE])


def _parts(arguments: Arguments, *, fold: bool) -> Test:
    part, any_of = arguments[PART], arguments[ANY_OF] or ()
    all_of, none_of = arguments[ALL_OF] or (), arguments[NONE_OF] or ()
    if part is not None:
        if not (any_of or all_of or none_of or fold):
            return _OnePart(part)
        all_of = (part, *all_of)
    if not (any_of or all_of or none_of):
        msg = "needs a text, or any, all or none with a list"
        raise ArgumentError(msg, "write {contains: text}")
    return _Parts(_folded(any_of, fold), _folded(all_of, fold), _folded(none_of, fold), fold).test()


def _folded(parts: tuple[str, ...], fold: bool) -> tuple[tuple[str, str], ...]:
    return tuple((part, part.casefold() if fold else part) for part in parts)


class _OnePart:
    """The most common test of all: one text, spelled as it is."""

    __slots__ = ("_part",)

    def __init__(self, part: str) -> None:
        self._part = part

    @property
    def what(self) -> str:
        return f"contains {quote(self._part)}"

    def holds(self, text: str) -> bool:
        return self._part in text

    def miss(self, text: str) -> str:
        part = quote(self._part)
        return f"{part} not found in {quote(text)}{near_miss(text, self._part)}"

    def hit(self, text: str) -> str:
        return f"{quote(self._part)} found in {_spot(text, self._part)}"


def _spot(text: str, part: str) -> str:
    start = max(0, text.find(part))
    return around(text, start, start + len(part))


@dataclass(frozen=True, slots=True)
class _Parts:
    """Several parts at once, each as it was written and as it is looked for."""

    any_of: tuple[tuple[str, str], ...]
    all_of: tuple[tuple[str, str], ...]
    none_of: tuple[tuple[str, str], ...]
    fold: bool

    def test(self) -> TextTest:
        words = [f"all of {listed([quote(p) for p, _ in self.all_of])}"] if self.all_of else []
        if self.any_of:
            words.append(f"any of {listed([quote(p) for p, _ in self.any_of])}")
        if self.none_of:
            words.append(f"none of {listed([quote(p) for p, _ in self.none_of])}")
        what = f"contains {', '.join(words)}"
        return TextTest(
            what=what, holds=self.holds, miss=self.miss, hit=lambda t: self.hit(t, what)
        )

    def holds(self, text: str) -> bool:
        text = text.casefold() if self.fold else text
        return (
            all(part in text for _, part in self.all_of)
            and (not self.any_of or any(part in text for _, part in self.any_of))
            and not any(part in text for _, part in self.none_of)
        )

    def miss(self, text: str) -> str:
        seen = text.casefold() if self.fold else text
        missing = [part for part, key in self.all_of if key not in seen]
        if missing:
            names = listed([quote(part) for part in missing])
            return f"{names} not found in {quote(text)}{near_miss(text, missing[0])}"
        if self.any_of and not any(key in seen for _, key in self.any_of):
            names = listed([quote(part) for part, _ in self.any_of])
            note = near_miss(text, *(part for part, _ in self.any_of))
            return f"none of {names} found in {quote(text)}{note}"
        unwanted = next((part, key) for part, key in self.none_of if key in seen)
        return f"{quote(unwanted[0])} must not be there, found in {_spot(seen, unwanted[1])}"

    def hit(self, text: str, what: str) -> str:
        return f"{what}, which it must not: {quote(text)}"


def _icontains(arguments: Arguments) -> Test:
    return _parts(arguments, fold=True)


def _edge(name: str, *, start: bool) -> Callable[[Arguments], TextTest]:
    verb = "starts" if start else "ends"

    def prepare(arguments: Arguments) -> TextTest:
        value, fold = arguments[EDGE], arguments[IGNORE_CASE]
        target = value.casefold() if fold else value
        bare = target == target.strip()

        def holds(text: str) -> bool:
            text = text.strip() if bare else text
            text = text.casefold() if fold else text
            return text.startswith(target) if start else text.endswith(target)

        def seen(text: str) -> str:
            text, room = text.strip(), len(value) + 40
            return quote(text[:room] if start else text[-room:])

        def miss(text: str) -> str:
            edge = text.strip()[: len(value)] if start else text.strip()[-len(value) :]
            note = near_miss(edge, value)
            return f"{quote(value)} expected at the {name}, found {seen(text)}{note}"

        return TextTest(
            what=f"{verb} with {quote(value)}",
            holds=holds,
            miss=miss,
            hit=lambda text: f"{verb} with {quote(value)}, which it must not: {seen(text)}",
        )

    return prepare


_PARTS: tuple[AnyField, ...] = (PART, ANY_OF, ALL_OF, NONE_OF)
_INSTEAD = frozenset({"any", "all", "none"})

CHECKS: tuple[CheckType, ...] = (
    *text_checks(
        "equals", "the answer is this text", (VALUE, IGNORE_CASE, STRIP), _equals, main="value"
    ),
    *text_checks(
        "contains",
        "the answer contains a text, or any, all or none of several",
        (*_PARTS, IGNORE_CASE),
        _contains,
        main="text",
        instead=_INSTEAD,
    ),
    *text_checks(
        "icontains",
        "like contains, upper and lower case are the same",
        _PARTS,
        _icontains,
        main="text",
        instead=_INSTEAD,
    ),
    *text_checks(
        "starts_with",
        "the answer starts with this text",
        (EDGE, IGNORE_CASE),
        _edge("start", start=True),
        main="text",
    ),
    *text_checks(
        "ends_with",
        "the answer ends with this text",
        (EDGE, IGNORE_CASE),
        _edge("end", start=False),
        main="text",
    ),
    *text_checks(
        "one_of",
        "the trimmed answer is one of these texts",
        (OPTIONS, IGNORE_CASE),
        _one_of,
        main="values",
    ),
)
