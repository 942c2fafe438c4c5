from __future__ import annotations

import itertools
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import judge, problem

from pytest_promptdrift._canonical import json_equal
from pytest_promptdrift._json_text import MAX_DEPTH, too_deep
from pytest_promptdrift.checks.answer_json import parse_answer
from pytest_promptdrift.checks.compare import Rules, Tolerance, differences, exactly, pointer, prune
from pytest_promptdrift.checks.explain import CUT_OFF, explain
from pytest_promptdrift.checks.multiset import Numbers, Pairing, TooManyStepsError, alike
from pytest_promptdrift.checks.structure import matcher

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.0, 1.0, -1.0, 1.5, 2.0**60, 2**61 - 1, 1e300])
    | st.sampled_from(["", "a", "b", "1", "true"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=8,
)
FLAT = st.lists(SCALARS | st.lists(st.integers(0, 2), max_size=2), max_size=5)


def unordered(value: object) -> object:
    return {"json_equals": {"value": value, "order": "ignore"}}


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


# --- reading --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the answer is empty"),
        ('Here you are: {"a": 1}', "text before it, 'Here you are:'"),
        ('{"a": 1} Anything else?', "text after it, 'Anything else?'"),
        ('```json\n{"a": 1}', "the code fence is not closed"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ("[NaN]", "NaN is not JSON"),
        ("-Infinity", "-Infinity is not JSON"),
        ("1" * 5000, "more than 4300 digits"),
        (nested(201), "more than 200 levels"),
        (" " + "[" * 500_000 + "]" * 500_000, "more than 200 levels"),
        ('{"a":' * 100_000, "more than 200 levels"),
        ("[1,]", "at line 1, column 4, found ']'"),
        ('{"a": ', "found the end"),
        ("\ufeff{}", "byte order mark"),
        ("billing", "found 'billing'"),
        ("see {this} thing", "found 'see {this} thing'"),
    ],
    ids=lambda value: value[:20],
)
def test_answer_that_is_not_json_says_why(text: str, reason: str) -> None:
    result = judge("json", text)
    assert result.passed is False
    assert not result.crashed
    assert reason in result.reason
    assert len(result.reason) < 300


@pytest.mark.parametrize(
    ("fence", "text", "passed"),
    [
        ("allow", '```json\n{"a": 1}\n```', True),
        ("allow", "{}", True),
        ("allow", "\n ```\n[1]```\n", True),
        ("require", "```\n[1]\n```", True),
        ("require", "[1]", False),
        ("forbid", "[1]", True),
        ("forbid", "```\n[1]\n```", False),
        ("allow", "text ```json\n[1]\n```", False),
        ("allow", '"a ``` b"', True),
    ],
)
def test_fence_rule_decides(fence: str, text: str, passed: bool) -> None:
    assert judge({"json": fence}, text).passed is passed
    assert judge({"json": {"fence": fence}}, text).passed is passed


def test_forbidden_fence_is_named() -> None:
    assert "fence is forbid" in judge({"json": "forbid"}, "```\n[1]\n```").reason


def test_nesting_up_to_the_limit_is_read() -> None:
    assert judge("json", nested(MAX_DEPTH)).passed is True


def test_many_shallow_lists_are_not_deep() -> None:
    assert parse_answer(json.dumps([[i] for i in range(5000)])).problem is None
    assert not too_deep([{"a": [1]}, 2])


@given(VALUES)
def test_json_is_read_as_python_reads_it(value: object) -> None:
    assert json_equal(parse_answer(json.dumps(value)).value, value)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("{}", "an object of 0 keys"),
        ("[1]", "a list of 1 item"),
        ("[]", "a list of 0 items"),
        ("3", "3"),
    ],
)
def test_pass_says_what_was_found(text: str, shape: str) -> None:
    assert judge("json", text).reason == shape


# --- equality -------------------------------------------------------------------------------


@given(VALUES, VALUES)
def test_fast_equality_is_json_equality(left: object, right: object) -> None:
    assert exactly(right)(left) is json_equal(left, right)
    assert exactly(left)(json.loads(json.dumps(left)))


@given(VALUES, VALUES)
def test_no_difference_means_equal_and_the_other_way_round(left: object, right: object) -> None:
    assert (not list(differences(left, right, Rules()))) is json_equal(left, right)


@given(VALUES, VALUES)
def test_unequal_pair_always_has_an_explanation(left: object, right: object) -> None:
    for rules in (Rules(), Rules(any_order=True), Rules(subset=True)):
        lines = explain(left, right, rules)
        assert lines
        assert len(lines) <= 21
    if not json_equal(left, right):
        assert explain(left, right, Rules()) != (CUT_OFF,)


def test_pair_without_a_visible_difference_is_said_to_be_cut_off() -> None:
    assert explain([1], [1], Rules()) == (CUT_OFF,)


@given(VALUES)
def test_value_equals_and_is_part_of_itself(value: object) -> None:
    for rules in (
        Rules(),
        Rules(subset=True),
        Rules(any_order=True),
        Rules(any_order=True, subset=True),
        Rules(tolerance=Tolerance(0.1), any_order=True),
        Rules(tolerance=Tolerance(0.1, relative=True)),
    ):
        assert matcher(value, rules)(json.loads(json.dumps(value))) is None


@given(VALUES, st.dictionaries(st.sampled_from("xyz"), SCALARS, max_size=2))
def test_object_with_more_keys_still_holds_the_expected_part(
    value: object, extra: dict[str, object]
) -> None:
    part = matcher({"a": value}, Rules(subset=True))
    assert part({"a": value, **extra}) is None
    assert (matcher({"a": value}, Rules())({"a": value, **extra}) is None) is not bool(extra)


def brute_same(left: object, right: object) -> bool:
    """Equality with lists in any order, by trying every order."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and any(
            all(map(brute_same, left, order)) for order in itertools.permutations(right)
        )
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(brute_same(left[k], right[k]) for k in left)
    return json_equal(left, right)


@given(st.data())
def test_any_order_agrees_with_trying_every_order(data: st.DataObject) -> None:
    left = data.draw(FLAT)
    right = data.draw(FLAT | st.permutations(left))
    rules = Rules(any_order=True)
    assert alike(left, right, rules, Numbers()) is brute_same(left, right)
    assert (matcher(right, rules)(left) is None) is brute_same(left, right)


def brute_part(found: list[object], expected: list[object], tolerance: Tolerance) -> bool:
    def near(a: object, b: object) -> bool:
        if type(a) in {int, float} and type(b) in {int, float}:
            return tolerance.allows(a, b)
        if isinstance(a, dict) and isinstance(b, dict):
            return a.keys() >= b.keys() and all(near(a[k], b[k]) for k in b)
        return json_equal(a, b)

    return any(
        all(map(near, order, expected)) for order in itertools.permutations(found, len(expected))
    )


ITEMS = st.lists(
    st.integers(0, 4) | st.dictionaries(st.sampled_from("ab"), st.integers(0, 3), max_size=2),
    max_size=4,
)


@given(ITEMS, ITEMS, st.sampled_from([0.0, 1.0, 2.0]))
def test_pairing_agrees_with_trying_every_pairing(
    found: list[object], expected: list[object], room: float
) -> None:
    tolerance = Tolerance(room)
    rules = Rules(any_order=True, subset=True, tolerance=tolerance)
    assert alike(found, expected, rules, Numbers()) is brute_part(found, expected, tolerance)


@given(st.lists(st.integers(0, 9), max_size=5), st.lists(st.integers(0, 9), max_size=5))
def test_numbers_within_a_tolerance_pair_up_in_any_order(left: list[int], right: list[int]) -> None:
    tolerance = Tolerance(2)
    rules = Rules(any_order=True, tolerance=tolerance)
    wanted = len(left) == len(right) and brute_part(left, right, tolerance)
    assert alike(left, right, rules, Numbers()) is wanted


@pytest.mark.parametrize(
    ("spec", "text", "passed"),
    [
        ({"json_equals": 1}, "1.0", True),
        ({"json_equals": True}, "1", False),
        ({"json_equals": {"a": 1}}, '{"a": true}', False),
        ({"json_equals": {}}, "{}", True),
        ({"json_equals": []}, "{}", False),
        ({"json_equals": {"value": {"value": 3}}}, '{"value": 3}', True),
        ({"json_equals": {"value": 3, "unit": "kg"}}, '{"value": 3, "unit": "kg"}', True),
        ({"json_equals": {"value": [1, 2], "order": "ignore"}}, "[2, 1]", True),
        ({"json_equals": {"value": [1, 1, 2], "order": "ignore"}}, "[2, 2, 1]", False),
        ({"json_equals": {"value": [1, 2], "order": "ignore"}}, "[1, 2, 3]", False),
        ({"json_equals": {"value": [True], "order": "ignore"}}, "[1]", False),
        ({"json_equals": {"value": 10, "tolerance": 0.5}}, "10.4", True),
        ({"json_equals": {"value": 0.4, "tolerance": 0.1}}, "0.3", True),
        ({"json_equals": {"value": 10, "tolerance": "1%"}}, "10.2", False),
        ({"json_equals": {"value": -10, "tolerance": "5 %"}}, "-10.4", True),
        ({"json_equals": {"value": True, "tolerance": 5}}, "1", False),
        ({"json_equals": {"value": 1, "tolerance": 5}}, "9" * 400, False),
        ({"json_equals": {"value": 10**400, "tolerance": "5%"}}, "1" + "0" * 400, True),
        ({"json_equals": {"value": [1], "tolerance": "5%"}}, "[1e999]", False),
        ({"json_equals": {"value": [{"id": 1, "x": 2}], "ignore": "/*/id"}}, '[{"x": 2}]', True),
        ({"json_equals": {"value": {"a": 1, "t": 2}, "ignore": ["/t"]}}, '{"a": 1, "t": 3}', True),
        ({"json_equals": {"value": {"a": 1, "t": 2}, "ignore": ["/t"]}}, '{"a": 2, "t": 2}', False),
        ({"json_equals": {"value": [1, 2], "ignore": "/1"}}, "[1]", True),
        ({"json_equals": {"value": {"a/b": 1}, "ignore": "/a~1b"}}, "{}", True),
        ({"json_subset": {"a": {"b": 1}}}, '{"a": {"b": 1, "c": 2}, "d": 3}', True),
        ({"json_subset": {"a": [1, 2]}}, '{"a": [1, 2, 3]}', False),
        ({"json_subset": {"value": {"a": [2]}, "order": "ignore"}}, '{"a": [1, 2, 3]}', True),
        (
            {"json_subset": {"value": [{"b": 1}], "order": "ignore"}},
            '[{"a": 1}, {"b": 1, "c": 2}]',
            True,
        ),
        ({"json_subset": {"value": [{}, {"b": 1}], "order": "ignore"}}, '[{"b": 1}]', False),
        ({"json_subset": {"a": None}}, "{}", False),
        ({"json_subset": {"a": 1}}, "[]", False),
    ],
    ids=str,
)
def test_comparison_decides(spec: object, text: str, passed: bool) -> None:
    assert judge(spec, text).passed is passed


@pytest.mark.parametrize(
    ("spec", "text", "reason"),
    [
        ({"json_equals": {"a": {"b": 1}}}, '{"a": {"b": 2}}', "/a/b: 1 expected, found 2"),
        ({"json_equals": {"a": "1"}}, '{"a": 1}', "(text against number)"),
        ({"json_equals": {"a": "true"}}, '{"a": true}', "(text against boolean)"),
        ({"json_equals": {"a": "null"}}, '{"a": null}', "(text against null)"),
        ({"json_equals": {"a": 1}}, "{}", "/a: 1 expected, found no such key"),
        ({"json_equals": {}}, '{"a": 1}', "/a: unexpected key, found 1"),
        ({"json_equals": [1, 2]}, "[1]", "/: 2 items expected, found 1"),
        ({"json_equals": {"value": 5, "tolerance": "1%"}}, "6", "/: 5 ± 1% expected, found 6"),
        ({"json_equals": {"value": 5, "tolerance": 0.5}}, "6", "5 ± 0.5 expected, found 6"),
        (
            {"json_equals": {"value": {"l": [1]}, "order": "ignore"}},
            '{"l": [2]}',
            "/l: item missing: 1",
        ),
        (
            {"json_equals": {"value": {"a": 1}, "order": "ignore"}},
            '{"b": 1}',
            "/a: 1 expected, found no",
        ),
        (
            {"json_equals": {"value": {"a": 1}, "order": "ignore"}},
            '{"a": 2}',
            "/a: 1 expected, found 2",
        ),
        ({"json_equals": {"a/b~": 1}}, '{"a/b~": 2}', "/a~1b~0: 1 expected"),
        ({"json_equals": 1}, "Sure! 1", "not JSON"),
    ],
    ids=str,
)
def test_failure_names_the_path_and_both_values(spec: object, text: str, reason: str) -> None:
    result = judge(spec, text)
    assert result.passed is False
    assert reason in result.reason


def test_list_with_an_item_missing_is_aligned() -> None:
    result = judge({"json_equals": [{"a": 1}, {"b": 2}, {"c": 3}]}, '[{"b": 2}, {"c": 3}]')
    assert result.reason == "/: 3 items expected, found 2 (and 1 more)"
    assert result.detail == ('/0: item missing: {"a": 1}',)


def test_aligned_list_tells_new_items_and_keys() -> None:
    spec = {"json_equals": {"value": {"l": [1, 2], "n": 5, "k": 1}, "tolerance": 1}}
    result = judge(spec, '{"l": [0, 1, 2], "n": 5.5, "new": true}')
    lines = (result.reason, *result.detail)
    assert any("/l/0: item added: 0" in line for line in lines)
    assert any("/k: key missing: 1" in line for line in lines)
    assert any("/new: unexpected key: true" in line for line in lines)
    assert not any(line.startswith("/n:") for line in lines)


def test_many_differences_are_listed_up_to_twenty() -> None:
    result = judge({"json_equals": {f"k{i}": i for i in range(50)}}, "{}")
    assert len(result.detail) == 20
    assert result.detail[-1] == "more differences are not listed"
    assert "(and 20 more)" in result.reason


def test_deepdiff_is_not_asked_about_large_lists() -> None:
    lines = explain([7] * 3000, [7] * 3001, Rules())
    assert lines[0] == "/: 3,001 items expected, found 3,000"
    assert explain(["x" * 200_000], ["x", "y"], Rules())[0] == "/: 2 items expected, found 1"


def test_explanation_that_fails_leaves_the_verdict() -> None:
    deep: list[list[object]] = [[1], [2]]
    for _ in range(195):
        deep = [[one] for one in deep]
    assert explain([deep[0], 1], [deep[1]], Rules())[0] == "/: 1 item expected, found 2"


def test_expected_text_of_a_dataset_may_hold_json() -> None:
    assert judge("json_equals", '{"a": 1}', expected='{"a": 1}').passed is True
    assert judge("json_equals", '"plain"', expected="plain").passed is True
    assert judge("json_equals", '"{not json"', expected="{not json").passed is True
    assert judge({"json_equals": {"value": '{"a": 1}'}}, '{"a": 1}').passed is False


@pytest.mark.parametrize(
    ("spec", "message", "hint"),
    [
        ({"json_equals": {"value": 1, "ignore": "a.b[0]"}}, "a path such as", "write /a/b/0"),
        ({"json_equals": {"value": 1, "ignore": [3]}}, "item 1: a path such as", None),
        ({"json_equals": {"value": 1, "ignore": "/"}}, "a path such as", None),
        ({"json_equals": {"value": 1, "tolerance": -1}}, "not negative", None),
        ({"json_equals": {"value": 1, "tolerance": "1 percent"}}, "percentage such as '1%'", None),
        ({"json_equals": {"value": 1, "tolerance": True}}, "a number expected, found true", None),
        ({"json_equals": {"value": 1, "ordr": "ignore"}}, "did you mean 'order'?", "value: {…}"),
        ({"json_equals": {"value": math.nan}}, "not a JSON number", None),
        ({"json_equals": {"order": 5}}, "one of keep, ignore expected, found 5", None),
        ({"json": "maybe"}, "unknown value 'maybe'", None),
        ({"json": ["allow"]}, "one of allow, require, forbid expected", None),
    ],
    ids=str,
)
def test_wrong_argument_is_named(spec: object, message: str, hint: str | None) -> None:
    error = problem(spec)
    assert message in error.message
    assert hint is None or hint in str(error.hint)


# --- bounds ---------------------------------------------------------------------------------


def hostile_items(count: int) -> list[dict[str, object]]:
    return [
        {"id": i, "name": f"n{i}", "price": i / 7, "tags": ["a", f"t{i}"]} for i in range(count)
    ]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"order": "ignore"},
        {"order": "ignore", "tolerance": 0.01},
        {"tolerance": "1%"},
        {"ignore": "/*/id"},
        {"order": "ignore", "ignore": "/*/tags", "tolerance": 0.01},
    ],
    ids=str,
)
def test_large_shuffled_and_changed_answer_is_never_equal(
    options: dict[str, object],
) -> None:
    expected = hostile_items(6_000)
    found = [dict(item) for item in reversed(expected)]
    for item in found[::10]:
        item["price"] = -1
    text = json.dumps(found)
    assert len(text) > 400_000
    for name in ("json_equals", "json_subset"):
        result = judge({name: {"value": expected, **options}}, text)
        assert result.passed is False
        assert not result.crashed
        assert len(result.reason) + sum(map(len, result.detail)) < 10_000


def test_large_shuffled_answer_within_the_tolerance_is_equal() -> None:
    expected = hostile_items(3_000)
    found = [{**item, "price": item["price"] + 0.001} for item in reversed(expected)]
    spec = {"json_equals": {"value": expected, "order": "ignore", "tolerance": 0.01}}
    assert judge(spec, json.dumps(found)).passed is True


def test_search_for_pairs_gives_up_and_says_so() -> None:
    spec = {"json_subset": {"value": [{"a": 2}] * 1000, "order": "ignore"}}
    result = judge(spec, json.dumps([{"a": 1}] * 100_000 + [{"a": 2, "b": i} for i in range(999)]))
    assert result.passed is False
    assert "too many changed items to try every pairing" in result.reason


def test_steps_of_a_pairing_are_bounded() -> None:
    pairing = Pairing(Rules(any_order=True, subset=True), Numbers())
    # The items left over stand in opposite orders, so that each is looked for among all.
    found = [{"b": i, "z": 3000 - i} for i in range(3000)]
    with pytest.raises(TooManyStepsError):
        pairing.alike(found, [{"b": i} for i in range(1500)])
    assert pairing.steps < 210_000


def test_numbers_made_to_collide_are_told_apart() -> None:
    multiples = [(2**61 - 1) * i for i in range(20_000)]
    assert len(set(map(hash, multiples))) == 1
    numbers = Numbers()
    numbers.of(multiples)
    assert len(set(map(hash, numbers.known))) > 19_000
    changed = [*multiples[:-1], 5]
    assert not alike(changed, multiples, Rules(any_order=True), Numbers())
    assert alike(multiples[::-1], multiples, Rules(any_order=True), Numbers())


def test_value_nested_too_deeply_for_the_comparison_is_not_equal() -> None:
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    head = matcher([2], Rules(any_order=True))(deep)
    assert head is not None
    assert "nested too deeply" in head[0]
    assert exactly(deep)([1]) is False


def test_pruning_copies_only_what_it_must() -> None:
    value = {"a": [1, {"b": 2, "c": 3}], "d": "text"}
    assert prune(value, [("a", "*", "b")]) == {"a": [1, {"c": 3}], "d": "text"}
    assert prune(value, []) is value
    assert value["a"][1] == {"b": 2, "c": 3}


def test_long_paths_are_cut() -> None:
    assert pointer(()) == "/"
    assert len(pointer(["x" * 500])) < 210
