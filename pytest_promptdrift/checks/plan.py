"""Turns what a case file says into plans that can run; all mistakes of one check at once."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn, cast

from pytest_promptdrift._canonical import NotJsonError, canonical_json
from pytest_promptdrift._errors import CaseFileError, CaseFileErrors, ConfigError, did_you_mean

from .arguments import UNSET, ArgumentError
from .outcome import Bar as ScoreBar
from .outcome import as_result, wait_for
from .protocol import CheckPlan, CheckScope, CheckType, Shared
from .question import question_digest, source_digests, with_expected
from .reading import read_arguments
from .registry import built_in, is_built_in, load_embedder
from .spelling import Bar, Spelled, inner_options, read_bar, spell
from .wording import quote

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_promptdrift._errors import Where
    from pytest_promptdrift.model import CheckContext, CheckResult

    from .protocol import Check, CheckFactory
    from .registry import CheckRegistry

# Plans kept to be shared. Ten thousand checks that are met once would be ten megabytes.
_REMEMBERED = 500


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
    own_key, depends = None, False
    if plan is None and key and expected is not UNSET:
        own_key = (key, _text_of(expected))
        known = registry.plans.get(own_key)
        if known is not None:
            return known
    if plan is None:
        plan, depends = _Planner(where, folder, samples, registry, expected, embedder).plan(spec)
        if max(len(registry.keys), len(registry.plans)) >= _REMEMBERED:
            registry.forget()
        if key and not depends:
            registry.plans[key] = plan
        elif own_key and own_key[1] is not None:
            registry.plans[own_key] = plan
    if plan.uses_expected and not depends and expected is not UNSET:
        # one function for all answers, but of each it asks something else
        return replace(plan, digest=with_expected(plan.digest, expected))
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
    scope = CheckScope(
        name=name, where=where, folder=Path(), shared=Shared(get_embedder=load_embedder)
    )
    evaluate = check.build(read.arguments, scope)
    digest = question_digest(name, read.given, {}, scope.reads)
    return CheckPlan(name=name, evaluate=evaluate, where=where, digest=digest, uses_expected=True)


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
        try:
            spelled = spell(spec)
        except ArgumentError as error:
            raise CaseFileError(str(error), where=self.where, hint=error.hint) from error
        check = self._find(spelled.name)
        scope = self._scope(spelled.name)
        if isinstance(check, CheckType):
            return self._built_in(check, spelled, scope)
        argument = None if spelled.argument is UNSET else spelled.argument
        errors: list[ArgumentError] = []
        bar = read_bar(spelled.options, {}, self.samples, errors)
        evaluate = self._try(lambda: _foreign(check, argument, scope), errors)
        scope.reads.extend(source_digests(check, None, scope.shared.sources))
        digest = question_digest(spelled.name, argument, spelled.options, scope.reads)
        if self.expected is not UNSET:
            digest = with_expected(digest, self.expected)
        plan = self._done(
            spelled.name, evaluate, errors, bar=bar, digest=digest, uses_expected=True
        )
        return plan, True

    def _built_in(
        self, check: CheckType, spelled: Spelled, scope: CheckScope
    ) -> tuple[CheckPlan, bool]:
        argument, inner = inner_options(check, spelled.argument)
        read = read_arguments(check, argument, self.expected)
        errors = read.errors
        bar = read_bar(spelled.options, inner, self.samples, errors)
        evaluate = None
        if not errors:
            evaluate = self._try(lambda: check.build(read.arguments, scope), errors)
        elif spelled.argument is None and spelled.options:
            _say_where_options_go(spelled, errors)
        if not is_built_in(spelled.name):
            scope.reads.extend(source_digests(check.build, None, scope.shared.sources))
        name = check.display(read.arguments) if check.display and not errors else spelled.name
        digest = question_digest(name, read.given, {**inner, **spelled.options}, scope.reads)
        uses = read.uses_expected or check.uses_expected
        plan = self._done(name, evaluate, errors, bar=bar, digest=digest, uses_expected=uses)
        return plan, read.uses_expected

    def _done(
        self,
        name: str,
        evaluate: Check | None,
        errors: list[ArgumentError],
        *,
        bar: Bar,
        digest: str,
        uses_expected: bool,
    ) -> CheckPlan:
        if evaluate is None or errors:
            _raise(self.where, name, errors)
        return CheckPlan(
            name=name,
            evaluate=evaluate,
            where=self.where,
            digest=digest,
            needed=bar.needed,
            score_only=bar.score_only,
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


def _say_where_options_go(spelled: Spelled, errors: list[ArgumentError]) -> None:
    """Explain a check that was written over its options and thereby given nothing."""
    options = ", ".join(f"{key}: …" for key in spelled.options)
    errors[0].hint = errors[0].hint or f"write {{{spelled.name}: {{{options}}}}}"


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
    bar, name = ScoreBar(), scope.name

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
