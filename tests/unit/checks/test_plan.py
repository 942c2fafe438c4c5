from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import HERE, WHERE, context, judge, plan, problem, problems, summary

from pytest_promptdrift._errors import CaseFileError, CaseFileErrors, ConfigError, Where
from pytest_promptdrift.checks import (
    UNSET,
    CheckRegistry,
    CheckScope,
    CheckType,
    check_item_schema,
    check_names,
    check_schemas,
    implied_check,
    run_check,
)
from pytest_promptdrift.checks.registry import built_in
from pytest_promptdrift.model import CheckContext, CheckResult

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = sorted(
    {field.name for name in check_names() for field in built_in(name).fields}
    | {"samples", "score_only"}
)
SPECS = st.one_of(
    JUNK,
    st.sampled_from(check_names()),
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("contains", "python", "samples", "number"), JUNK)
    ),
    st.tuples(st.sampled_from(check_names()), JUNK).map(lambda pair: {pair[0]: pair[1]}),
    st.tuples(
        st.sampled_from(check_names()),
        st.dictionaries(st.sampled_from(KEYS), JUNK, min_size=1, max_size=3),
    ).map(lambda pair: {pair[0]: pair[1]}),
)


@given(spec=SPECS, expected=st.just(UNSET) | JUNK)
def test_any_specification_gives_a_plan_or_an_error_with_its_place(
    spec: object, expected: object
) -> None:
    made, error = None, None
    try:
        made = plan(spec, expected=expected, samples=3, registry=CheckRegistry(installed=list))
    except (CaseFileError, CaseFileErrors) as caught:
        error = caught
    if made is not None:
        assert run_check(made, [context("x")]).total == 1
    else:
        errors = getattr(error, "errors", (error,))
        assert all(one.where == WHERE for one in errors)


GOOD_SPECS = [
    *(name for name in check_names() if name != "similar"),
    {"contains": {"any": ["a"], "none": ["b"]}},
    {"length": {"max": 5}},
    {"json": "require"},
    {
        "json_schema": {
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/a"}},
            "$defs": {"a": {}},
        }
    },
    {"json_equals": {"value": [1, {"a": 2}], "order": "ignore", "tolerance": "1%"}},
    {"json_subset": {"value": [1], "order": "ignore", "ignore": "/*/x"}},
    {"number": {"min": 3, "which": "last", "decimal": ","}},
    {"tool_call": {"name": "x", "arguments_schema": {"type": "object"}}},
    {"tool_calls": ["x", {"arguments_subset": {"a": 1}}]},
    {"finish_reason": ["stop", "length"]},
    {"latency": 3},
    {"cost": 0.1},
    {"tokens": {"max_total": 5}},
    {"python": "os.path:basename", "args": {}},
]


@pytest.mark.parametrize("spec", GOOD_SPECS, ids=str)
@given(
    text=st.text()
    | JUNK.map(str)
    | st.text(alphabet='{}[]":,0123456789eE+-.`\\nulltrue \n', max_size=30)
)
def test_no_answer_makes_a_check_raise(spec: object, text: str) -> None:
    try:
        made = plan(spec, expected="42")
    except CaseFileError:
        return
    results = run_check(made, [context(text)])
    assert results.total == 1
    assert len(results.results[0].reason) < 700


def test_unknown_check_names_the_nearest_one() -> None:
    error = problem({"contain": "x"})
    assert error.message == "unknown check 'contain', did you mean 'contains'?"
    assert error.where == WHERE


def test_unknown_key_names_the_nearest_one() -> None:
    error = problem({"contains": {"text": "x", "ignorecase": True}})
    assert error.message == "contains: unknown key 'ignorecase', did you mean 'ignore_case'?"


def test_all_mistakes_of_a_check_are_reported_together() -> None:
    assert problems({"contains": {"txt": 3, "ignore_case": "x"}, "samples": 0}) == [
        "contains: unknown key 'txt', did you mean 'text'?",
        "contains: ignore_case: true or false expected, found the text 'x'",
        "contains: samples: a whole number from 1 or a percentage such as '80%' expected, found 0",
    ]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (3, "a check is a name or a mapping with one name, found 3"),
        ({}, "a check needs a name"),
        ({"samples": 2}, "a check needs a name"),
        ([{(1, 2): 3}], "found a list: a list"),
        ({1: "x"}, "the name of a check is text, found 1"),
        ({"contains": "x", "regex": "y"}, "several checks: 'contains', 'regex'"),
        ({"contains": "x", "ignore_case": True}, "'ignore_case' stands beside 'contains'"),
        ({"contains": "x", "ignore_cas": True}, "did you mean 'ignore_case'?"),
        ({"contains": {"text": "x", "samples": 1}, "samples": 1}, "samples is given twice"),
        ({"refusal": "x"}, "takes no argument; found the text 'x'"),
        ({"tokens": 5}, "takes max_input, max_output, max_total; found 5"),
        ("equals", "needs value, or the case an expected answer"),
        ("latency", "needs max"),
        ("python:a:b", "unknown check 'python:a:b'"),
    ],
    ids=str,
)
def test_wrongly_written_check_is_explained(spec: object, message: str) -> None:
    assert message in problem(spec).message


def test_option_beside_the_check_shows_where_it_belongs() -> None:
    error = problem({"contains": "x", "ignore_case": True})
    assert error.hint == "write {contains: {text: …, ignore_case: …}}"


def test_bare_check_takes_the_expected_answer() -> None:
    made = plan("equals", expected="billing")
    assert made.uses_expected
    assert run_check(made, [context("billing")]).passed


def test_expected_answer_fills_only_what_is_not_given() -> None:
    made = plan({"equals": {"value": "x"}}, expected="billing")
    assert not made.uses_expected
    assert run_check(made, [context("x")]).passed


def test_expected_answer_of_the_wrong_type_is_an_error() -> None:
    assert "text expected, found 5" in problem("contains", expected=5).message


@pytest.mark.parametrize(
    ("samples", "needed"), [(4, 4), ("80%", 4), ("66.7%", 4), ("20 %", 1), ("100%", 5), ("1%", 1)]
)
def test_samples_says_how_many_must_hold(samples: object, needed: int) -> None:
    assert plan({"contains": "x", "samples": samples}, samples=5).needed == needed


@pytest.mark.parametrize("samples", [0, 6, True, "0%", "101%", "x", 1.5, None, [], "-5%"])
def test_impossible_samples_are_an_error(samples: object) -> None:
    assert "samples" in problem({"contains": "x", "samples": samples}, samples=5).message


def test_samples_may_stand_inside_the_mapping_form() -> None:
    assert plan({"contains": {"text": "x", "samples": 2}}, samples=5).needed == 2
    assert plan({"json": {"samples": 2}}, samples=5).needed == 2
    assert plan({"json_equals": {"value": 1, "samples": 2}}, samples=5).needed == 2


def test_samples_inside_an_expected_object_is_part_of_it() -> None:
    made = plan({"json_equals": {"samples": 2}}, samples=5)
    assert made.needed is None
    assert run_check(made, [context('{"samples": 2}')]).passed


def test_without_samples_all_must_hold() -> None:
    result = summary({"contains": "x"}, "x", "x", "y")
    assert (result.held, result.total, result.needed, result.passed) == (2, 3, 3, False)


def test_with_samples_enough_must_hold() -> None:
    result = summary({"contains": "x", "samples": "60%"}, "x", "x", "y")
    assert (result.held, result.needed, result.passed) == (2, 2, True)


def test_equal_specifications_share_one_plan() -> None:
    registry = CheckRegistry()
    made = [
        plan({"json_schema": {"type": "object"}}, registry=registry, expected=f"{i}")
        for i in range(1000)
    ]
    assert len({id(one) for one in made}) == 1


def test_one_specification_object_shares_one_plan() -> None:
    registry, spec = CheckRegistry(), {"contains": "x"}
    assert plan(spec, registry=registry) is plan(spec, registry=registry)


def test_plans_that_take_the_expected_answer_are_shared_by_equal_answers_only() -> None:
    registry = CheckRegistry()
    first, again, other = (plan("equals", registry=registry, expected=e) for e in ("a", "a", "b"))
    assert first is again
    assert not run_check(other, [context("a")]).passed


def test_plans_of_another_sample_count_or_folder_are_not_shared() -> None:
    registry = CheckRegistry()
    spec = {"contains": "x", "samples": "50%"}
    assert plan(spec, registry=registry, samples=2).needed == 1
    assert plan(spec, registry=registry, samples=8).needed == 4
    here, there = (plan(spec, registry=registry, folder=f) for f in (HERE, Path("/")))
    assert here is not there


def test_checks_that_are_met_once_are_not_kept() -> None:
    registry = CheckRegistry()
    for number in range(3000):
        plan({"contains": f"{number}"}, registry=registry)
        plan("equals", registry=registry, expected=f"{number}")
    assert max(len(registry.plans), len(registry.keys)) <= 501


def test_a_mistake_is_reported_each_time() -> None:
    registry = CheckRegistry()
    for _ in range(2):
        assert "unknown check" in problem({"contain": "x"}, registry=registry).message


@pytest.mark.parametrize(
    ("expected", "name", "good", "bad"),
    [
        ("billing", "equals", " billing\n", "Billing"),
        (42, "number", "it is 42", "it is 43"),
        ({"a": [1]}, "json_equals", '{"a": [1]}', '{"a": [2]}'),
        ([1], "json_equals", "[1]", "[]"),
        (True, "json_equals", "true", "1"),
        (None, "json_equals", "null", "0"),
    ],
    ids=str,
)
def test_expected_answer_implies_a_check(expected: object, name: str, good: str, bad: str) -> None:
    made = implied_check(expected, where=WHERE)
    assert (made.name, made.uses_expected) == (name, True)
    assert [r.passed for r in run_check(made, [context(good), context(bad)]).results] == [
        True,
        False,
    ]


def test_expected_yes_explains_the_yaml_trap() -> None:
    made = implied_check(True, where=WHERE)
    assert "YAML reads yes" in run_check(made, [context("Yes.")]).results[0].reason


def test_expected_date_is_an_error() -> None:
    import datetime

    with pytest.raises(CaseFileError, match="not a JSON type"):
        implied_check({"day": datetime.date(2026, 1, 1)}, where=WHERE)


# --- registry -------------------------------------------------------------------------------


def shouts(argument: object) -> object:
    return lambda context: context.response.text.isupper()


def scoped(argument: object, scope: CheckScope) -> object:
    return lambda context: (context.response.text == argument, f"at {scope.where}")


def test_registered_check_is_found_by_name() -> None:
    registry = CheckRegistry(installed=list)
    registry.register_check("shouts", shouts)
    registry.register_check("scoped", scoped)
    assert judge("shouts", "HELLO", registry=registry).passed is True
    result = judge({"scoped": "x"}, "y", registry=registry)
    assert (result.passed, result.reason) == (False, "at triage.prompt.yaml:7")
    assert {"shouts", "scoped", "equals"} <= set(registry.names())


def test_registered_check_type_is_read_like_a_built_in_one() -> None:
    def build(arguments: object, scope: CheckScope) -> object:
        return lambda context: CheckResult(name=scope.name, passed=True)

    registry = CheckRegistry(installed=list)
    registry.register_check("mine", CheckType(name="mine", summary="", build=build))
    assert judge("mine", registry=registry).passed is True
    assert "takes no argument" in problem({"mine": 3}, registry=registry).message


@pytest.mark.parametrize("name", ["equals", "not_equals", "Bad", "a-b", "", "shouts"])
def test_name_that_is_taken_or_cannot_be_written_is_refused(name: str) -> None:
    registry = CheckRegistry()
    registry.register_check("shouts", shouts)
    with pytest.raises(ConfigError):
        registry.register_check(name, shouts)


def test_factory_that_is_no_function_is_refused() -> None:
    with pytest.raises(ConfigError, match="needs a factory, found a int"):
        CheckRegistry().register_check("mine", 3)


def test_factory_error_is_a_mistake_in_the_case_file() -> None:
    def factory(argument: object) -> object:
        msg = f"wants a word, not {argument}"
        raise ValueError(msg)

    registry = CheckRegistry()
    registry.register_check("mine", factory)
    assert problem({"mine": 3}, registry=registry).message == "mine: wants a word, not 3"


def test_factory_that_makes_no_function_is_a_mistake() -> None:
    registry = CheckRegistry()
    registry.register_check("mine", lambda argument: 3)
    assert "made a int, not a function" in problem("mine", registry=registry).message


def test_factory_whose_parameters_cannot_be_read_gets_the_argument_alone() -> None:
    registry = CheckRegistry()
    registry.register_check("mine", type)
    assert judge({"mine": 3}, registry=registry).crashed


def test_entry_points_are_read_only_for_an_unknown_name() -> None:
    asked = []

    def installed() -> list[EntryPoint]:
        asked.append(1)
        group = "pytest_promptdrift.checks"
        return [
            EntryPoint("file_name", "os.path:basename", group),
            EntryPoint("broken", "no_such_module:x", group),
        ]

    registry = CheckRegistry(installed=installed)
    assert judge({"contains": "x"}, "x", registry=registry).passed
    assert not asked
    assert "made a str, not a function" in problem({"file_name": "/a/b"}, registry=registry).message
    assert "no_such_module:x cannot be loaded" in problem("broken", registry=registry).message
    assert asked == [1]


def test_installed_packages_are_asked_by_default() -> None:
    assert CheckRegistry().find("no_such_check") is None


# --- the published description --------------------------------------------------------------


def test_names_are_those_of_the_families() -> None:
    assert check_names() == tuple(sorted(built_in(name).name for name in check_names()))
    assert set(check_schemas()) == set(check_names())
    assert built_in("nonsense") is None


@pytest.mark.parametrize("spec", GOOD_SPECS, ids=str)
def test_schema_accepts_what_planning_accepts(spec: object) -> None:
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    validator = jsonschema_rs.validator_for(check_item_schema())
    plan(spec, expected="42") if spec not in NEED_ARGUMENT else None
    assert validator.is_valid(spec)


NEED_ARGUMENT = (
    *("finish_reason", "latency", "tokens", "cost", "json_schema", "length", "not_length"),
    *("python", "tool_call", "tool_calls", "one_of", "not_one_of", "similar"),
)


@pytest.mark.parametrize(
    "spec",
    [
        {"contains": {"txt": "x"}},
        {"contains": 3},
        {"latency": "fast"},
        {"equals": "x", "samples": "many"},
        {"tool_calls": []},
        {"python": "nowhere"},
    ],
    ids=str,
)
def test_schema_refuses_what_planning_refuses(spec: object) -> None:
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    assert not jsonschema_rs.validator_for(check_item_schema()).is_valid(spec)
    with pytest.raises((CaseFileError, CaseFileErrors)):
        plan(spec)


def test_every_argument_is_described() -> None:
    for name in check_names():
        assert built_in(name).summary
        assert all(field.summary for field in built_in(name).fields)


def test_text_checks_import_nothing_heavy() -> None:
    import subprocess
    import sys

    code = (
        "import sys; sys.path[:0] = {path!r}; from support.checking import judge\n"
        "before = set(sys.modules)\n"
        "assert judge({{'contains': 'x'}}, 'x').passed\n"
        "assert judge('equals', 'x', expected='x').passed\n"
        "heavy = {{'jsonschema_rs', 'deepdiff', 'numpy', 'asyncio', 'urllib.request', 'openai'}}\n"
        "print(sorted(heavy & (set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code.format(path=sys.path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_crash_message_of_a_broken_exception_is_still_a_result() -> None:
    class BrokenError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def evaluate(context: CheckContext) -> CheckResult:
        raise BrokenError

    registry = CheckRegistry()
    registry.register_check("mine", lambda argument: evaluate)
    result = judge("mine", registry=registry)
    assert result.crashed
    assert result.reason.startswith("BrokenError at ")


def test_where_is_kept_in_the_plan() -> None:
    assert plan("json").where == Where(path="triage.prompt.yaml", line=7)
