"""Turns what a case file says into plans that can run; all mistakes of one check at once."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn, cast

from pytest_promptdrift._canonical import NotJsonError, canonical_json
from pytest_promptdrift._errors import CaseFileError, CaseFileErrors, ConfigError, did_you_mean
from pytest_promptdrift._text import plural

from .arguments import UNSET, ArgumentError, found
from .outcome import Bar, as_result, wait_for
from .protocol import CheckPlan, CheckScope, CheckType
from .reading import read_arguments
from .registry import CheckRegistry, built_in, check_names
from .wording import listed, quote

if TYPE_CHECKING:
    from pytest_promptdrift._errors import Where
    from pytest_promptdrift.model import CheckContext, CheckResult

    from .protocol import Check, CheckFactory

# Plans kept to be shared. Ten thousand checks that are met once would be ten megabytes.
_REMEMBERED = 500
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) ?%")


class _Spelled(NamedTuple):
    """A check as it is written: its name, what it is given, and how many samples must hold."""

    name: str
    argument: object
    samples: object


def plan_check(
    spec: object,
    *,
    where: Where,
    folder: Path,
    samples: int,
    registry: CheckRegistry,
    expected: object = UNSET,
    embedder: str = "static",
) -> CheckPlan:
    """Return the plan of one item of ``checks``; equal items share one plan.

    ``expected`` is the case's expected answer or UNSET, ``samples`` how many the case has. Raises
    CaseFileError, or CaseFileErrors when more than one thing is wrong.
    """
    key = _key(spec, registry, (where, str(folder), samples, embedder))
    plan = registry.plans.get(key) if key else None
    with_expected = None
    if plan is None and key and expected is not UNSET:
        with_expected = (key, _text_of(expected))
        plan = registry.plans.get(with_expected)
    if plan is not None:
        return plan
    plan, depends = _Planner(where, folder, samples, registry, expected, embedder).plan(spec)
    if max(len(registry.keys), len(registry.plans)) >= _REMEMBERED:
        registry.forget()
    if key and not depends:
        registry.plans[key] = plan
    elif with_expected and with_expected[1] is not None:
        registry.plans[with_expected] = plan
    return plan


def implied_check(expected: object, *, where: Where) -> CheckPlan:
    """Return the check of a case that expects an answer which no check of its own looks at.

    Text is compared trimmed, a number as a number, everything else as JSON.
    """
    name = "json_equals"
    if isinstance(expected, str):
        name = "equals"
    elif isinstance(expected, int | float) and not isinstance(expected, bool):
        name = "number"
    check = cast("CheckType", built_in(name))
    read = read_arguments(check, {check.main: expected}, UNSET)
    if read.errors:
        _raise(where, "expected", read.errors)
    scope = CheckScope(name=name, where=where, folder=Path(), shared=CheckRegistry().shared)
    evaluate = check.build(read.arguments, scope)
    return CheckPlan(name=name, evaluate=evaluate, where=where, uses_expected=True)


def _key(spec: object, registry: CheckRegistry, place: tuple[object, ...]) -> object:
    """Return what equal plans have in common, or None for what has no canonical form."""
    if isinstance(spec, str):
        return (spec, *place)
    known = registry.keys.get(id(spec))
    if known is None:
        text = _text_of(spec)
        if text is None:
            return None
        known = registry.keys[id(spec)] = (spec, text)
    return (known[1], *place)


def _text_of(value: object) -> str | None:
    try:
        return canonical_json(value)
    except NotJsonError:
        return None


class _Planner(NamedTuple):
    """Makes one plan; holds what does not change on the way."""

    where: Where
    folder: Path
    samples: int
    registry: CheckRegistry
    expected: object
    embedder: str

    def plan(self, spec: object) -> tuple[CheckPlan, bool]:
        """Return the plan, and whether it depends on the case's expected answer."""
        spelled = self._spell(spec)
        check = self._find(spelled.name)
        scope = self._scope(spelled.name)
        if isinstance(check, CheckType):
            return self._built_in(check, spelled, scope)
        argument = None if spelled.argument is UNSET else spelled.argument
        errors: list[ArgumentError] = []
        needed = self._needed(spelled.samples, errors)
        evaluate = self._try(lambda: _foreign(check, argument, scope), errors)
        return self._done(spelled.name, needed, evaluate, errors, uses_expected=True), True

    def _built_in(
        self, check: CheckType, spelled: _Spelled, scope: CheckScope
    ) -> tuple[CheckPlan, bool]:
        argument, inner = _inner_samples(check, spelled.argument)
        read = read_arguments(check, argument, self.expected)
        errors = read.errors
        if inner is not UNSET and spelled.samples is not UNSET:
            errors.append(ArgumentError("samples is given twice"))
        needed = self._needed(spelled.samples if inner is UNSET else inner, errors)
        evaluate = None
        if not errors:
            evaluate = self._try(lambda: check.build(read.arguments, scope), errors)
        name = check.display(read.arguments) if check.display and not errors else spelled.name
        uses = read.uses_expected or check.uses_expected
        plan = self._done(name, needed, evaluate, errors, uses_expected=uses)
        return plan, read.uses_expected

    def _done(
        self,
        name: str,
        needed: int | None,
        evaluate: Check | None,
        errors: list[ArgumentError],
        *,
        uses_expected: bool,
    ) -> CheckPlan:
        if evaluate is None or errors:
            _raise(self.where, name, errors)
        return CheckPlan(
            name=name,
            evaluate=evaluate,
            where=self.where,
            needed=needed,
            uses_expected=uses_expected,
        )

    def _try(self, build: Callable[[], Check], errors: list[ArgumentError]) -> Check | None:
        check = None
        try:
            check = build()
        except ArgumentError as error:
            errors.append(error)
        return check

    def _scope(self, name: str) -> CheckScope:
        return CheckScope(
            name=name,
            where=self.where,
            folder=self.folder,
            shared=self.registry.shared,
            expected=self.expected,
            embedder=self.embedder,
        )

    def _fail(self, message: str, hint: str | None = None) -> NoReturn:
        raise CaseFileError(message, where=self.where, hint=hint)

    def _find(self, name: str) -> CheckFactory | CheckType:
        try:
            check = self.registry.find(name)
        except ConfigError as error:
            raise CaseFileError(error.message, where=self.where, hint=error.hint) from error
        if check is not None:
            return check
        hint = "write python: module:function" if name.startswith("python:") else None
        known = "" if hint else did_you_mean(name, self.registry.names())
        msg = f"unknown check {quote(name)}{known}"
        raise CaseFileError(msg, where=self.where, hint=hint)

    def _spell(self, spec: object) -> _Spelled:
        if isinstance(spec, str):
            return _Spelled(spec, UNSET, UNSET)
        if not isinstance(spec, Mapping):
            self._fail(f"a check is a name or a mapping with one name, {found(spec)}")
        keys = list(spec)
        if not all(isinstance(key, str) for key in keys):
            odd = next(key for key in keys if not isinstance(key, str))
            self._fail(f"the name of a check is text, {found(odd)}")
        samples = spec.get("samples", UNSET)
        names = [key for key in keys if key != "samples"]
        if "python" in names:
            return _Spelled("python", self._beside(spec, names), samples)
        if len(names) != 1:
            self._fail(*self._not_one(names))
        return _Spelled(names[0], spec[names[0]], samples)

    def _beside(self, spec: Mapping[str, object], names: list[str]) -> Mapping[str, object]:
        """Join arguments that stand beside ``python`` with those inside it."""
        value = spec["python"]
        inside = cast("Mapping[str, object]", value) if isinstance(value, Mapping) else None
        outside = {key: spec[key] for key in names if key != "python"}
        if inside is None:
            return {"python": value, **outside}
        twice = [key for key in outside if key in inside]
        if twice:
            self._fail(f"python: {quote(twice[0])} is given twice")
        return {**inside, **outside}

    def _not_one(self, names: list[str]) -> tuple[str, str | None]:
        """Return what to say about a mapping with no name, or with several."""
        if not names:
            return "a check needs a name", f"one of {listed(list(check_names()))}"
        known = [name for name in names if name in check_names()]
        others = [name for name in names if name not in known]
        check = built_in(known[0]) if len(known) == 1 else None
        if check is not None:
            fields = [field.name for field in check.fields]
            odd = listed([quote(name) for name in others])
            if all(name in fields for name in others):
                main = f"{check.main}: …, " if check.main and check.main not in others else ""
                inside = ", ".join(f"{name}: …" for name in others)
                hint = f"write {{{known[0]}: {{{main}{inside}}}}}"
                return f"{odd} stands beside {known[0]!r} but belongs inside", hint
            return f"{odd} beside {known[0]!r} is unknown{did_you_mean(others[0], fields)}", None
        shown = listed([quote(name) for name in names])
        return f"one item of the list holds several checks: {shown}", "start each with a dash"

    def _needed(self, value: object, errors: list[ArgumentError]) -> int | None:
        if value is UNSET:
            return None
        try:
            return read_needed(value, self.samples)
        except ArgumentError as error:
            errors.append(error)
            return None


def _inner_samples(check: CheckType, argument: object) -> tuple[object, object]:
    """Take ``samples`` out of the mapping form, where it cannot be meant as part of a value."""
    if not isinstance(argument, Mapping) or "samples" not in argument:
        return argument, UNSET
    if any(field.name == "samples" for field in check.fields):
        return argument, UNSET
    if check.literal and check.main not in argument and not check.keyed_by & argument.keys():
        return argument, UNSET
    rest = {key: item for key, item in argument.items() if key != "samples"}
    return rest or UNSET, argument["samples"]


def read_needed(value: object, samples: int) -> int:
    """Return how many of ``samples`` must hold for ``4`` or ``"80%"``, rounded up."""
    if isinstance(value, str):
        match = _PERCENT.fullmatch(value.strip())
        # In millionths of a per cent, so that no rounding of floats asks for one sample more.
        share = round(float(match[1]) * 1_000_000) if match else 0
        if 0 < share <= 100_000_000:
            return -(-share * samples // 100_000_000)
    elif isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        if value <= samples:
            return value
        msg = f"samples: {value} must hold, but the case has {plural(samples, 'sample')}"
        raise ArgumentError(msg, f"set samples: {value} for the case as well")
    msg = f"samples: a whole number from 1 or a percentage such as '80%' expected, {found(value)}"
    raise ArgumentError(msg)


def _foreign(factory: CheckFactory, argument: object, scope: CheckScope) -> Check:
    """Make a check that another package or the project registered."""
    make = cast("Callable[..., object]", factory)
    try:
        judge = make(argument, scope) if _takes_scope(make) else make(argument)
    except Exception as error:
        raise ArgumentError(str(error) or type(error).__name__) from error
    if not callable(judge):
        msg = f"its factory made a {type(judge).__name__}, not a function"
        raise ArgumentError(msg)
    bar, name = Bar(), scope.name

    def evaluate(context: CheckContext) -> CheckResult:
        return as_result(name, wait_for(judge(context)), bar)

    return evaluate


def _takes_scope(factory: Callable[..., object]) -> bool:
    try:
        inspect.signature(factory).bind(None, None)
    except (TypeError, ValueError):
        return False
    return True


def _raise(where: Where, name: str, errors: list[ArgumentError]) -> NoReturn:
    made = [CaseFileError(f"{name}: {error}", where=where, hint=error.hint) for error in errors]
    if len(made) == 1:
        raise made[0] from errors[0]
    raise CaseFileErrors(made)
