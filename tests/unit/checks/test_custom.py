from __future__ import annotations

import asyncio
import itertools
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from support.checking import context, judge, plan, problem, summary

from pytest_promptdrift.checks import run_check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_NUMBER = itertools.count()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Return a function that writes a module where it can be imported, and returns its name."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(code: str) -> str:
        name = f"user_checks_{next(_NUMBER)}"
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(code))
        monkeypatch.delitem(sys.modules, name, raising=False)
        return name

    return write


def returning(module: Callable[[str], str], value: str) -> str:
    code = f"from pytest_promptdrift.model import CheckResult\ndef check(text): return {value}\n"
    return f"{module(code)}:check"


@pytest.mark.parametrize(
    ("value", "options", "found"),
    [
        ("True", {}, (True, None, None)),
        ("(False, 'too rude')", {}, (False, None, None)),
        ("0.75", {}, (None, 0.75, None)),
        ("1", {}, (None, 1.0, None)),
        ("0.75", {"min": 0.8}, (False, 0.75, None)),
        ("(0.9, 'fine')", {"min": 0.8}, (True, 0.9, None)),
        ("'polite'", {}, (None, None, "polite")),
        ("'polite'", {"expected": "polite"}, (True, None, "polite")),
        ("'rude'", {"one_of": ["polite", "neutral"]}, (False, None, "rude")),
        ("CheckResult(name='x', passed=True, score=0.5)", {}, (True, 0.5, None)),
    ],
    ids=str,
)
def test_returned_value_becomes_a_result(
    module: Callable[[str], str],
    value: str,
    options: dict[str, object],
    found: tuple[bool | None, float | None, str | None],
) -> None:
    result = judge({"python": returning(module, value), **options}, "hello")
    assert not result.crashed
    assert (result.passed, result.score, result.label) == found


@pytest.mark.parametrize(
    ("value", "options", "reason"),
    [
        ("float('nan')", {}, "returned NaN, a score is a number from 0 to 1"),
        ("1.5", {}, "returned 1.5, a score is a number from 0 to 1"),
        ("-1", {}, "returned -1"),
        ("10**400", {}, "a score is a number from 0 to 1"),
        ("None", {}, "returned nothing; return a bool"),
        ("[1]", {}, "returned a list; return a bool"),
        ("(1, 2)", {}, "returned a tuple of 2"),
        ("(True, 'a', 'b')", {}, "returned a tuple of 3"),
        ("True", {"min": 0.5}, "returned True, but min compares a score"),
        ("True", {"expected": "x"}, "expected and one_of compare a label"),
        ("0.5", {"expected": "x"}, "expected and one_of compare a label"),
        ("'x'", {"min": 0.5}, "returned the label 'x', but min compares a score"),
        ("CheckResult(name='x', passed=True, score=7)", {}, "not from 0 to 1"),
    ],
    ids=str,
)
def test_nonsense_is_a_crash_that_says_so(
    module: Callable[[str], str], value: str, options: dict[str, object], reason: str
) -> None:
    result = judge({"python": returning(module, value), **options}, "hello")
    assert result.crashed
    assert reason in result.reason


def test_scalars_of_numpy_are_taken(module: Callable[[str], str]) -> None:
    pytest.importorskip("numpy")
    name = module("import numpy\ndef check(text): return numpy.bool_(text == 'x')\n")
    assert judge({"python": f"{name}:check"}, "x").passed is True


@pytest.mark.parametrize(
    ("code", "args"),
    [
        ("def check(text): return text == 'hello'", {}),
        ("def check(answer): return answer == 'hello'", {}),
        ("def check(said: str): return said == 'hello'", {}),
        ("def check(context): return context.response.text == 'hello'", {}),
        ("def check(c, word): return c.response.text == word", {"word": "hello"}),
        ("def check(text, *, word='x'): return text == word", {"word": "hello"}),
        ("async def check(text): return text == 'hello'", {}),
        ("class check:\n    def __new__(cls, text): return text == 'hello'", {}),
    ],
)
def test_function_gets_what_its_signature_asks_for(
    module: Callable[[str], str], code: str, args: dict[str, object]
) -> None:
    assert judge({"python": f"{module(code)}:check", "args": args}, "hello").passed is True


def test_attribute_of_a_class_is_found(module: Callable[[str], str]) -> None:
    name = module(
        """
        class Tone:
            @staticmethod
            def polite(text):
                return "please" in text
        """
    )
    assert judge({"python": f"{name}:Tone.polite"}, "yes please").passed is True


def test_async_function_runs_inside_a_running_loop_too(module: Callable[[str], str]) -> None:
    name = module(
        """
        import asyncio
        async def check(text):
            await asyncio.sleep(0)
            return text == "x"
        """
    )
    made = plan({"python": f"{name}:check"})

    async def inside() -> bool:
        return run_check(made, [context("x")]).passed

    assert asyncio.run(inside())


def test_check_goes_by_its_name(module: Callable[[str], str]) -> None:
    path = returning(module, "True")
    assert summary({"python": path}, "x").name == path
    named = summary({"python": {"python": path, "name": "tone", "samples": 1}}, "x", "y")
    assert (named.name, named.results[0].name, named.needed) == ("tone", "tone", 1)


def test_result_that_only_measures_counts_as_held(module: Callable[[str], str]) -> None:
    result = summary({"python": returning(module, "0.25")}, "a", "b")
    assert (result.held, result.passed, result.score) == (2, True, 0.25)


def test_exception_is_a_crash_with_type_message_and_line(module: Callable[[str], str]) -> None:
    name = module(
        """
        import json

        def check(text):
            return json.loads(text)["a"]
        """
    )
    result = judge({"python": f"{name}:check"}, "no json")
    assert result.crashed
    assert result.reason.startswith("JSONDecodeError: Expecting value")
    assert result.reason.endswith(f"{name}.py:5")


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        ("assert text == 'x', 'not x'", "AssertionError: not x"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise ValueError", "ValueError at "),
        ("raise RuntimeError('x' * 100_000)", "RuntimeError: xxx"),
        ("return check(text)", "RecursionError"),
    ],
)
def test_whatever_is_raised_is_a_crash(
    module: Callable[[str], str], raised: str, reason: str
) -> None:
    name = module(f"def check(text):\n    {raised}\n    return True\n")
    result = judge({"python": f"{name}:check"}, "y")
    assert result.crashed
    assert reason in result.reason
    assert len(result.reason) < 600


def test_failed_assertion_says_what_to_do_instead(module: Callable[[str], str]) -> None:
    name = module("def check(text):\n    assert text\n")
    assert "return False, or (False, reason), to fail" in judge({"python": f"{name}:check"}).reason


def test_interrupt_is_not_swallowed(module: Callable[[str], str]) -> None:
    name = module("def check(text):\n    raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        judge({"python": f"{name}:check"})


def test_function_looks_at_the_expected_answer_itself(module: Callable[[str], str]) -> None:
    name = module("def check(context): return context.response.text in context.expected")
    made = plan({"python": f"{name}:check"}, expected="a or b")
    assert made.uses_expected
    assert judge({"python": f"{name}:check"}, "b", expected="a or b").passed is True


@pytest.mark.parametrize(
    ("code", "function", "message"),
    [
        ("x = 1", "x", "is a int, not a function"),
        ("def polite(text): ...", "polit", "has no 'polit', did you mean 'polite'?"),
        ("import no_such_thing", "f", "ModuleNotFoundError: No module named 'no_such_thing' at"),
        ("1 / 0", "f", "ZeroDivisionError: division by zero at"),
        ("def f(:", "f", "SyntaxError"),
        ("raise SystemExit(2)", "f", "SystemExit: 2"),
        ("def f(): ...", "f", "cannot be called with the answer"),
        ("def f(text, word): ...", "f", "missing a required argument: 'word'"),
        ("f = type", "f", "the parameters of"),
    ],
)
def test_function_that_cannot_be_used_is_a_mistake(
    module: Callable[[str], str], code: str, function: str, message: str
) -> None:
    assert message in problem({"python": f"{module(code)}:{function}"}).message


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"python": "nowhere"}, "a function such as my_checks:is_polite expected"),
        ({"python": ":f"}, "a function such as"),
        ({"python": 3}, "a function such as"),
        ({"python": "no_such_module_here:f"}, "cannot import 'no_such_module_here'"),
        ({"python": "json:loads", "agrs": {}}, "unknown key 'agrs', did you mean 'args'?"),
        ({"python": {"python": "json:loads", "min": 1}, "min": 1}, "'min' is given twice"),
        ({"python": "json:loads", "args": {"wrod": 1, "fp": 2}, "min": 2}, "between 0 and 1"),
        ({"python": "json:loads", "min": 0.5, "expected": "x"}, "not both"),
    ],
    ids=str,
)
def test_wrong_argument_is_named(spec: object, message: str) -> None:
    assert message in problem(spec).message


def test_unknown_args_name_the_parameters(module: Callable[[str], str]) -> None:
    name = module("def f(text, word='x'): ...")
    error = problem({"python": f"{name}:f", "args": {"wrod": "y"}})
    assert "unexpected keyword argument 'wrod'" in error.message
    assert error.hint == "its parameters are (text, word)"
