"""The check for a refusal: what the provider says, or the words of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_promptdrift._refusal import refusing_words
from pytest_promptdrift.model import CheckResult

from .protocol import CheckType
from .wording import quote, reason

if TYPE_CHECKING:
    from pytest_promptdrift.model import CheckContext, Response

    from .arguments import Arguments
    from .protocol import Check, CheckScope

_MARKED: Final = frozenset({"refusal", "content_filter"})


def refusal_sign(response: Response) -> str | None:
    """Return what shows that a response is a refusal, or None."""
    if response.refusal:
        return f"the provider marks a refusal: {quote(response.refusal)}"
    if response.finish_reason in _MARKED:
        return f"finish reason {response.finish_reason}"
    words = refusing_words(response.text)
    return f"refusing words at the start: {quote(words)}" if words else None


def _refusal(*, wanted: bool) -> CheckType:
    def build(_: Arguments, scope: CheckScope) -> Check:
        name = scope.name

        def evaluate(context: CheckContext) -> CheckResult:
            sign = refusal_sign(context.response)
            if sign is None:
                text = quote(context.response.text)
                sign = f"no sign of a refusal (only English is recognised) in {text}"
            held = sign.startswith("no sign") is not wanted
            return CheckResult(name=name, passed=held, reason=reason(sign))

        return evaluate

    name, what = ("refusal", "refuses") if wanted else ("not_refusal", "does not refuse")
    summary = f"the model {what}: the provider's mark, or English words"
    return CheckType(name=name, summary=summary, build=build)


CHECKS: tuple[CheckType, ...] = (_refusal(wanted=True), _refusal(wanted=False))
