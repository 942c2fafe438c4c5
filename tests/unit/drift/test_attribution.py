from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_promptdrift.drift import attribute
from pytest_promptdrift.model import ATTACHMENT, MISSING, FieldChange, Response, Sample
from pytest_promptdrift.model.comparison import Attribution
from pytest_promptdrift.store.request_diff import diff_requests

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonObject


def samples(
    *served: str | None, sdk: str = "openai 3.52.0", marks: tuple[str, ...] = ()
) -> list[Sample]:
    fingerprints = [*marks, *[None] * (len(served) - len(marks))]
    return [
        Sample(
            response=Response(text="", served_model=name, fingerprint=mark),
            recorded_at="2026-11-24T00:50:00+00:00",
            sdk=sdk,
        )
        for name, mark in zip(served, fingerprints, strict=True)
    ]


def change(path: str, old: object = "a", new: object = "b") -> FieldChange:
    return FieldChange(path=path, old=old, new=new)  # type: ignore[arg-type]  # any JSON


def of(
    *changes: FieldChange,
    before: list[Sample] | None = None,
    after: list[Sample] | None = None,
    checks: tuple[dict[str, str], dict[str, str]] = ({}, {}),
) -> Attribution:
    return attribute(
        changes, before or [], after or [], checks_before=checks[0], checks_now=checks[1]
    )


def said(attribution: Attribution) -> list[str]:
    return [cause.message for cause in attribution.causes]


def test_nothing_visible_changed_gives_no_cause_and_no_experiment() -> None:
    same = samples("m-1", "m-1")
    assert of(before=same, after=same) == Attribution()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("body.messages[1].content", "prompt"),
        ("body.messages[0].content[1].text", "prompt"),
        ("body.system", "prompt"),
        ("body.system[0].text", "prompt"),
        ("body.input[0].content", "prompt"),
        ("body.instructions", "prompt"),
        ("body.variables.ticket", "prompt"),
        ("body.temperature", "parameters"),
        ("body.max_completion_tokens", "parameters"),
        ("body['x y']", "parameters"),
        ("body.text.verbosity", "parameters"),
        ("body.output_config.effort", "parameters"),
        ("betas[0]", "parameters"),
        ("body.tools[0].function.description", "tools"),
        ("body.tools[0].input_schema.properties.city.type", "tools"),
        ("body.tool_choice", "tools"),
        ("body.response_format.json_schema.schema.required[0]", "schema"),
        ("body.text.format.schema.properties.total.type", "schema"),
        ("body.output_config.format.schema", "schema"),
        ("body.model", "model"),
        ("body.function", "model"),
        ("body.sources['app/reply.py']", "model"),
        ("host", "host"),
        ("api", "host"),
        (f"body.messages[0].content[1].image_url.url.{ATTACHMENT}", "attachment"),
        ("body.messages[0].content[1].file.filename", "attachment"),
    ],
)
def test_a_changed_field_of_the_request_has_a_cause(path: str, kind: str) -> None:
    (cause,) = of(change(path)).causes
    assert (cause.kind, cause.ours) == (kind, True)
    assert [c.path for c in cause.changes] == [path]


def test_all_fields_of_another_file_are_one_attachment() -> None:
    marker = "body.messages[0].content[0].source.data"
    changes = [
        change(f"{marker}.{ATTACHMENT}"),
        change(f"{marker}.bytes", 10, 12),
        change(f"{marker}.media_type", "image/png", "image/jpeg"),
    ]
    (cause,) = of(*changes).causes
    assert cause.message == "attachment: 1 file changed"
    assert len(cause.changes) == 3


def test_a_file_that_was_added_is_an_attachment_but_a_message_with_text_is_the_prompt() -> None:
    file = {"type": "image_url", "image_url": {"url": {ATTACHMENT: "ab", "bytes": 1}}}
    part = "body.messages[0].content[1]"
    assert said(of(change(part, MISSING, file))) == ["attachment: 1 file added"]
    assert said(of(change(part, file, MISSING))) == ["attachment: 1 file removed"]
    turn = {"role": "user", "content": [{"type": "text", "text": "Look."}, file]}
    assert said(of(change("body.messages[1]", MISSING, turn))) == ["prompt: 1 message added"]
    name = change(f"{part}.file.filename", "a.pdf", "b.pdf")
    assert said(of(name)) == ["attachment: another name"]


def test_the_prompt_counts_its_changed_lines() -> None:
    old = "You are kind.\nAnswer.\nBe brief."
    assert said(of(change("body.system", old, old.replace("kind", "brief")))) == [
        "prompt: 1 line changed"
    ]
    assert said(of(change("body.system", old, f"{old}\nNo lists.\nNo code."))) == [
        "prompt: 2 lines changed"
    ]
    assert said(of(change("body.messages[2]", {"content": "x"}, MISSING))) == [
        "prompt: 1 message removed"
    ]
    assert said(of(change("body.variables.count", 1, 2))) == ["prompt: 1 line changed"]
    long = "\n".join(map(str, range(3000)))
    assert said(of(change("body.system", long, f"{long}\nend"))) == ["prompt: 1 line changed"]
    calls = {"role": "assistant", "content": [{"type": "text", "text": "a\nb"}]}
    changed = {"role": "assistant", "content": [{"type": "text", "text": "c\nd"}]}
    assert said(of(change("body.messages[0]", calls, changed))) == ["prompt: 2 lines changed"]


def test_parameters_say_the_old_and_the_new_value() -> None:
    found = of(change("body.temperature", 0, 0.7), change("body.top_p", MISSING, 0.5))
    assert said(found) == ["parameters: temperature 0 → 0.7, top_p not sent → 0.5"]
    many = [change(f"body.p{n}", 0, 1) for n in range(5)]
    assert said(of(*many)) == ["parameters: p0 0 → 1, p1 0 → 1, p2 0 → 1 and 2 more"]


def test_tools_are_named_where_they_came_or_went() -> None:
    pay = {"type": "function", "function": {"name": "pay"}}
    search = {"name": "search", "input_schema": {}}
    found = of(
        change("body.tools[0]", MISSING, pay),
        change("body.tools[1]", search, MISSING),
        change("body.tools[2].function.description"),
    )
    assert said(found) == ["tools: pay added, search removed, tools[2].function.description"]


def test_a_value_of_the_request_cannot_write_to_the_terminal() -> None:
    (message,) = said(of(change("body.stop", "\x1b[2J", "x" * 500)))
    assert "\x1b" not in message
    assert len(message) < 200


def test_another_requested_model_makes_the_one_that_answered_no_cause_of_its_own() -> None:
    found = of(
        change("body.model", "gpt-5-mini", "gpt-5.2"),
        before=samples("gpt-5-mini-2026-08-01", marks=("fp_1",)),
        after=samples("gpt-5.2-2026-11-02", marks=("fp_2",)),
    )
    assert said(found) == ["requested model gpt-5-mini → gpt-5.2"]
    assert found.experiment is None


def test_another_host_or_function_is_said_in_words() -> None:
    assert said(of(change("host", None, "localhost:8000/v1"))) == [
        "host the provider's own → localhost:8000/v1"
    ]
    assert said(of(change("body.function", "app:old", "app:new"))) == ["function app:old → app:new"]
    assert said(of(change("body.sources['app.py']"))) == [
        "source of the function: sources['app.py']"
    ]


def test_another_served_model_is_the_providers_doing() -> None:
    found = of(
        before=samples("gpt-5-mini-2026-08-01", "gpt-5-mini-2026-08-01", marks=("fp_1", "fp_1")),
        after=samples("gpt-5-mini-2026-11-02", marks=("fp_2",)),
    )
    (cause,) = found.causes
    assert (cause.kind, cause.ours) == ("served_model", False)
    assert cause.message == "served model gpt-5-mini-2026-08-01 → gpt-5-mini-2026-11-02"


def test_a_served_model_that_was_always_mixed_is_no_cause() -> None:
    mixed = samples("a", "b", "a")
    assert of(before=mixed, after=samples("b")).causes == ()
    assert of(before=mixed, after=mixed).causes == ()
    assert said(of(before=mixed, after=samples("a", "c"))) == ["served model a, b → a, c"]


def test_a_side_that_does_not_say_who_answered_proves_nothing() -> None:
    assert of(before=samples(None), after=samples("a")).causes == ()
    assert of(before=samples("a"), after=samples(None)).causes == ()


def test_another_fingerprint_is_a_cause_unless_it_always_rotated() -> None:
    steady = samples("m", "m", marks=("fp_1", "fp_1"))
    other = samples("m", "m", marks=("fp_2", "fp_3"))
    assert said(of(before=steady, after=other)) == ["provider fingerprint fp_1 → fp_2, fp_3"]
    assert of(before=samples("m", "m", marks=("fp_1", "fp_4")), after=other).causes == ()
    overlapping = samples("m", "m", marks=("fp_1", "fp_2"))
    assert of(before=steady, after=overlapping).causes == ()


def test_many_names_are_not_all_listed() -> None:
    found = of(before=samples("m"), after=samples(*[f"n{i}" for i in range(6)]))
    assert said(found) == ["served model m → n0, n1, n2 and 3 more"]


def test_another_sdk_is_named_last_with_both_versions() -> None:
    found = of(
        change("body.system"),
        before=samples("m"),
        after=samples("m", sdk="openai 3.54.0"),
    )
    assert said(found) == ["prompt: 1 line changed", "openai 3.52.0 → 3.54.0"]
    assert found.experiment is None
    other = of(before=samples("m"), after=samples("m", sdk="litellm 2.0"))
    assert said(other) == ["openai 3.52.0 → litellm 2.0"]


def test_a_check_that_changed_is_named_and_a_judge_is_one_of_its_own() -> None:
    before = {"contains": "1", "judge_tone": "1", "max_words": "1", "same": "1"}
    now = {"contains": "2", "judge_tone": "2", "json": "1", "same": "1"}
    found = of(checks=(before, now))
    assert said(found) == [
        "check contains changed since it was accepted",
        "judge_tone changed since it was accepted",
        "check json added since it was accepted",
        "check max_words removed since it was accepted",
    ]
    assert [c.kind for c in found.causes] == ["check", "judge", "check", "check"]
    assert found.experiment is None  # a check judges both sides, so it makes no answer differ


def test_an_edit_beside_another_served_model_is_separated_by_asking_the_old_request_today() -> None:
    found = of(change("body.system"), before=samples("m-1"), after=samples("m-2"))
    assert [c.kind for c in found.causes] == ["prompt", "served_model"]
    assert found.experiment is not None
    assert "pytest --promptdrift-mode refresh" in found.experiment
    assert found.experiment.endswith("none leaves the prompt")


def test_two_edits_are_separated_by_taking_the_lesser_back() -> None:
    found = of(change("body.temperature", 0, 1), change("body.messages[0].content"))
    assert [c.kind for c in found.causes] == ["prompt", "parameters"]
    assert found.experiment is not None
    assert "take the parameters back" in found.experiment
    assert "pytest --promptdrift-mode record" in found.experiment
    assert found.experiment.endswith("comes from the prompt")


def test_the_paths_are_those_that_the_comparison_of_requests_gives() -> None:
    old: JsonObject = {"api": "chat", "body": {"messages": [{"content": "a\nb"}], "seed": 1}}
    new: JsonObject = {"api": "chat", "body": {"messages": [{"content": "a\nc"}], "seed": 2}}
    found = of(*diff_requests(old, new))
    assert said(found) == ["prompt: 1 line changed", "parameters: seed 1 → 2"]
