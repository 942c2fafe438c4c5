from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pytest_promptdrift
from pytest_promptdrift.drift import amounts as amounts_module
from pytest_promptdrift.drift import shape
from pytest_promptdrift.drift.kinds import KINDS, POLICIES, kinds_of, policy_names

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(pytest_promptdrift.__file__).parent
# helpers whose first argument is a kind, and functions that choose one
MAKERS = frozenset({"_finding", "_plain", "_clue"})
CHOOSERS = frozenset({"_kind", "_change"})


def texts(value: ast.AST) -> Iterator[str]:
    """Yield the texts that an expression can be; of a tuple, its first entry."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from texts(value.body)
        yield from texts(value.orelse)
    elif isinstance(value, ast.Tuple):
        yield from texts(value.elts[0])


def written_kinds() -> Iterator[str]:
    """Yield every text that the code passes as a kind, or returns from what chooses one."""
    for path in [*sorted((ROOT / "drift").glob("*.py")), ROOT / "engine" / "concluding.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name in CHOOSERS:
                given = [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and n.value]
            elif isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else ""
                named = name not in {"Cause", "Item"}
                given = [k.value for k in node.keywords if k.arg == "kind" and named]
                given += node.args[:1] if name in MAKERS else []
            else:
                continue
            for value in given:
                yield from texts(value)


def test_every_kind_that_the_code_writes_is_in_the_table() -> None:
    written = set(written_kinds())
    seen = {"role", "truncation", "field_gone", "list_to_object", "tool_order", "refusal", "entity"}
    assert seen <= written
    assert written <= set(KINDS)


def test_every_kind_that_is_put_together_is_in_the_table() -> None:
    forms, amounts = vars(shape)["_FORMS"], vars(amounts_module)["_KINDS"]
    assert {f"json_{form}" for form in forms} <= set(KINDS)
    assert set(amounts.values()) <= set(KINDS)


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("number", "fail"),
        ("negation", "fail"),
        ("word", "warn"),
        ("claim_added", "warn"),
        ("claim_dropped", "warn"),
        ("field_new", "warn"),
        ("field_gone", "fail"),
        ("tool_order", "warn"),
        ("scores", "fail"),
        ("distribution", "fail"),
    ],
)
def test_a_kind_has_the_default_policy(name: str, policy: str) -> None:
    assert KINDS[name].policy == policy
    assert policy in POLICIES


def test_a_policy_can_name_a_group_or_a_kind() -> None:
    names = policy_names()
    assert names[:4] == ("facts", "schema", "distribution", "scores")
    assert set(KINDS) <= set(names)
    assert len(names) == len(set(names))


def test_a_group_sets_all_of_its_kinds_and_a_kind_only_itself() -> None:
    assert "number" in kinds_of("facts")
    assert "field_gone" not in kinds_of("facts")
    assert kinds_of("number") == ("number",)
    assert kinds_of("scores") == ("scores",)
    with pytest.raises(KeyError):
        kinds_of("nubmer")
    assert all(set(kinds_of(name)) <= set(KINDS) for name in policy_names())
