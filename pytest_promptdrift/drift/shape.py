"""Shape: how the structure of fresh answers differs from the accepted ones, path by path.

What breaks a reader of the answers fails (a field gone, another type, JSON that no longer parses);
what a careful reader ignores is a warning (a new field).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from pytest_promptdrift._json_text import embedded_json, unfence
from pytest_promptdrift._text import plural
from pytest_promptdrift.model import Finding

from .json_shape import infer_shape
from .reading import Reading
from .shape_diff import compare_shapes, one_line
from .tool_shape import tool_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_promptdrift.model import Response

MOST_FINDINGS = 50
_FORMS: Final = {
    "fence": "gained a code fence",
    "preamble": "gained text around the JSON",
    "broken": "is no JSON that parses",
}


def shape_findings(accepted: Sequence[Response], fresh: Sequence[Response]) -> tuple[Finding, ...]:
    """Return how the structure of fresh answers and tool calls differs; breaking changes first.

    Answers are compared as JSON when most accepted ones are JSON.
    """
    if not accepted or not fresh:
        return ()
    before, after = [Reading(r) for r in accepted], [Reading(r) for r in fresh]
    found = list(tool_findings(accepted, fresh))
    texts = [r for r in before if r.response.text.strip()]
    if texts and 2 * sum(r.is_json for r in texts) > len(texts):
        found += _form_findings(texts, after)
        old = infer_shape(r.json for r in before if r.is_json)
        new = infer_shape(r.json for r in after if r.is_json)
        if new.values:
            found += compare_shapes(old, new)
    found.sort(key=lambda f: (f.severity != "fail", f.path or "", f.kind))
    return tuple(found[:MOST_FINDINGS])


def form_of(reading: Reading) -> str:
    """Return how JSON stands in an answer: plain, in a fence, in a preamble, or broken."""
    text = reading.response.text
    if reading.is_json:
        return "plain" if unfence(text) is None else "fence"
    return "preamble" if _holds_json(text) else "broken"


def _holds_json(text: str) -> bool:
    fenced = text.partition("```")[2].partition("\n")[2].rpartition("```")[0].strip()
    return fenced.startswith(("{", "[")) or bool(embedded_json(text))


def _form_findings(before: list[Reading], after: list[Reading]) -> Iterator[Finding]:
    """Yield answers that no longer stand there as plain JSON, or as JSON at all."""
    known = Counter(form_of(r) for r in before)
    spoken = [r for r in after if r.response.text.strip() or not r.response.tool_calls]
    forms = Counter(form_of(r) for r in spoken)
    usual = next(r for r in before if r.is_json)
    for form, said in _FORMS.items():
        if forms[form] and not known[form]:
            sample = next(r for r in spoken if form_of(r) == form)
            count = f"{forms[form]} of {plural(len(spoken), 'fresh answer')}"
            yield Finding(
                kind=f"json_{form}",
                message=f"the answer {said} ({count})",
                severity="fail",
                old=one_line(usual.response.text),
                new=one_line(sample.response.text),
                path="$",
                accepted=sum(known.values()) - known[form],
                accepted_of=len(before),
                fresh=forms[form],
                fresh_of=len(spoken),
            )
