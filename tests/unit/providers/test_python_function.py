from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from support.prompts import PIXEL, a_model, ask, attach, run, say

from pytest_promptdrift._errors import ProviderError, ProviderErrorKind
from pytest_promptdrift.model import Message, Part, Request, Response, Tool, ToolCall, Usage
from pytest_promptdrift.providers import (
    CallSettings,
    ParamsError,
    build_request,
    client_key,
    open_client,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

BOT = """
import json, time
from types import SimpleNamespace

ran = []

def echo(prompt):
    return f"you said {prompt}"

def by_variable(ticket, tone="kind"):
    return f"{tone}: {ticket}"

def everything(**kwargs):
    return kwargs

def some_and_rest(prompt, *args, **kwargs):
    return {"prompt": prompt, "rest": sorted(kwargs)}

async def slowly(prompt):
    import asyncio
    await asyncio.sleep(0)
    return prompt.upper()

def gives_awaitable(prompt):
    return slowly(prompt)

async def forever():
    import asyncio
    await asyncio.sleep(3600)

def hangs():
    time.sleep(0.4)
    return "too late"

def a_list():
    return [1, "ä"]

def nothing():
    return None

def not_json():
    return {"x": float("nan")}

def fails():
    return json.loads("{my-secret-token")

def fails_late():
    raise TimeoutError("the database")

def leaves():
    raise SystemExit(3)

def stops():
    raise StopIteration

def positional(prompt, /):
    return prompt

def an_object():
    call = SimpleNamespace(name="find", arguments={"q": 1})
    return SimpleNamespace(text="found", tool_calls=[call], served_model="inner-1", other=5)

class Bot:
    def reply(self, prompt):
        return "bot"

bot = Bot()
number = 5
"""


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    package = tmp_path / "demo_app"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "bot.py").write_text(BOT, encoding="utf-8")
    (package / "helper.py").write_text("x = 1\n")
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "a.txt").write_text("hello")
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before
    for name in [name for name in sys.modules if name.startswith("demo_app")]:
        del sys.modules[name]


def made(root: Path, function: str = "echo", prompt: Any = None, **options: Any) -> Request:
    model = a_model("python", model=f"demo_app.bot:{function}", options=options)
    return build_request(prompt or ask(params={}), model, environ={}, root=root)


def call(
    root: Path,
    function: str,
    prompt: Any = None,
    files: Mapping[str, Path] | None = None,
    **settings: Any,
) -> Response:
    request = made(root, function, prompt)
    settings.setdefault("timeout", 20)
    client = open_client(
        a_model("python", model="demo_app.bot:echo"), CallSettings(root=root, **settings), {}
    )

    async def complete() -> Response:
        try:
            return await client.complete(request, files or {})
        finally:
            await client.aclose()

    return run(complete())


def failed(root: Path, function: str, **more: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        call(root, function, **more)
    return caught.value


def test_a_request_names_the_function_the_values_and_its_source(root: Path) -> None:
    prompt = ask("hi", system="be brief", variables={"ticket": "T"}, params={"tone": "dry"})
    body = dict(made(root, prompt=prompt).body)
    sources = body.pop("sources")
    assert body == {
        "function": "demo_app.bot:echo",
        "system": "be brief",
        "messages": [{"role": "user", "content": "hi"}],
        "variables": {"ticket": "T"},
        "params": {"tone": "dry"},
    }
    assert isinstance(sources, dict)
    assert sources.keys() == {"demo_app.bot"}


def test_building_a_request_imports_nothing(root: Path) -> None:
    made(root)
    assert "demo_app" not in sys.modules
    assert str(root) not in sys.path


def test_a_changed_function_is_a_changed_request(root: Path) -> None:
    before = made(root).digest
    (root / "demo_app" / "bot.py").write_text(BOT + "\n# changed\n")
    assert made(root).digest != before


def test_line_ends_of_a_checkout_change_nothing(root: Path) -> None:
    before = made(root).digest
    (root / "demo_app" / "bot.py").write_bytes(BOT.replace("\n", "\r\n").encode())
    assert made(root).digest == before


def test_variables_change_the_request(root: Path) -> None:
    one = made(root, prompt=ask(variables={"a": 1}, params={}))
    two = made(root, prompt=ask(variables={"a": 2}, params={}))
    assert one.digest != two.digest


def test_further_sources_count_and_name_the_file(root: Path) -> None:
    patterns = ["demo_app/*.py", "prompts/*.txt"]
    request = made(root, sources=patterns)
    assert isinstance(request.body["sources"], dict)
    assert request.body["sources"].keys() == {
        "demo_app.bot",
        "demo_app/__init__.py",
        "demo_app/bot.py",
        "demo_app/helper.py",
        "prompts/a.txt",
    }
    (root / "prompts" / "a.txt").write_text("hullo")
    assert made(root, sources=patterns).digest != request.digest


def test_sources_can_be_switched_off(root: Path) -> None:
    request = made(root, sources=[])
    assert "sources" not in request.body
    (root / "demo_app" / "bot.py").unlink()
    assert made(root, sources=[]).digest == request.digest


@pytest.mark.parametrize(
    ("options", "path", "message"),
    [
        ({"sources": ["nothing/*.py"]}, "options.sources", "matches 'nothing/*.py'"),
        ({"sources": ["/etc/*"]}, "options.sources", "is not relative to the project"),
        ({"sources": "demo_app"}, "options.sources", "is a list of patterns"),
        ({"source": []}, "options", "no option 'source', did you mean 'sources'?"),
    ],
)
def test_odd_sources_are_explained(
    root: Path, options: dict[str, Any], path: str, message: str
) -> None:
    with pytest.raises(ParamsError) as caught:
        made(root, **options)
    (problem,) = caught.value.problems
    assert problem.path == path
    assert message in problem.message


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("demo_app.bot", "is written module:function"),
        ("demo_app.bat:echo", "no module 'demo_app.bat' is installed or in "),
        ("nowhere.bot:echo", "no module 'nowhere' is installed or in "),
        ("demo_app.bot.deeper:echo", "no module 'demo_app.bot.deeper'"),
        ("sys:exit", "has no source file"),
    ],
)
def test_odd_functions_are_explained_while_loading(root: Path, target: str, message: str) -> None:
    with pytest.raises(ParamsError, match=r"model: ") as caught:
        build_request(ask(params={}), a_model("python", model=target), environ={}, root=root)
    assert message in caught.value.problems[0].message


def test_a_module_found_only_by_an_import_hook_is_found(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib.machinery import PathFinder

    class Editable:
        @staticmethod
        def find_spec(name: str, path: object, target: object = None) -> object:
            return PathFinder.find_spec(name, [str(root)]) if name == "demo_app" else None

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Editable])
    model = a_model("python", model="demo_app.bot:echo")
    request = build_request(ask(params={}), model, environ={}, root=root / "prompts")
    assert "sources" in request.body


def test_an_unreadable_source_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path as AnyPath

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(AnyPath, "read_bytes", refuse)
    (root / "demo_app" / "bot.py").write_text("# a size of its own, so that nothing is remembered")
    with pytest.raises(ParamsError, match=r"bot\.py cannot be read: Permission denied"):
        made(root)


def test_values_that_are_no_json_are_refused(root: Path) -> None:
    with pytest.raises(ParamsError, match="vars: is not JSON"):
        made(root, prompt=ask(variables={"a": object()}, params={}))  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("function", "text"),
    [
        ("echo", "you said hello"),
        ("slowly", "HELLO"),
        ("gives_awaitable", "HELLO"),
        ("a_list", '[1, "ä"]'),
        ("bot.reply", "bot"),
    ],
)
def test_functions_plain_and_async_answer(root: Path, function: str, text: str) -> None:
    answer = call(root, function)
    assert answer.text == text
    assert answer.finish_reason == "stop"
    assert answer.latency > 0


def test_arguments_are_given_by_name(root: Path) -> None:
    prompt = ask(variables={"ticket": "T-1", "unused": 1}, params={})
    assert call(root, "by_variable", prompt).text == "kind: T-1"


def test_keyword_arguments_get_everything(root: Path, tmp_path: Path) -> None:
    held = attach(tmp_path / "a.png", PIXEL, "image/png")
    prompt = ask(
        messages=(
            say("assistant", "hi"),
            Message(role="user", parts=(Part(text="look"), Part(text="!"), Part(image=held))),
        ),
        variables={"ticket": "T", "system": "mine"},
        system="be brief",
        tools=(Tool(name="find"),),
        params={"tone": "dry"},
    )
    import json

    given = json.loads(call(root, "everything", prompt, {held.sha256: tmp_path / "a.png"}).text)
    assert given["prompt"] == "look\n!"
    assert given["system"] == "mine"
    assert given["ticket"] == "T"
    assert given["params"] == {"tone": "dry"}
    assert given["tools"][0]["name"] == "find"
    assert given["messages"][1]["content"][2] == {"image": str(tmp_path / "a.png")}


def test_named_and_other_arguments_mix(root: Path) -> None:
    prompt = ask(messages=(say("assistant", "hi"),), params={})
    text = call(root, "some_and_rest", prompt).text
    assert text == '{"prompt": "", "rest": ["messages", "params", "system"]}'


def test_a_missing_argument_names_the_nearest(root: Path) -> None:
    error = failed(root, "by_variable", prompt=ask(variables={"tickets": 1}, params={}))
    assert error.kind is ProviderErrorKind.PYTHON
    assert "wants 'ticket', which no variable of the case has, did you mean 'tickets'?" in str(
        error
    )


def test_positional_arguments_cannot_be_given(root: Path) -> None:
    assert "wants 'prompt'" in failed(root, "positional").message


def test_an_object_with_text_is_an_answer(root: Path) -> None:
    answer = call(root, "an_object")
    assert answer.text == "found"
    assert answer.served_model == "inner-1"
    assert answer.tool_calls == (ToolCall(name="find", arguments={"q": 1}),)


def test_a_whole_response_is_passed_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Response(
        text="x",
        usage=Usage(input_tokens=1),
        latency=7.0,
        tool_calls=(ToolCall(name="f", arguments=None),),
    )
    monkeypatch.syspath_prepend(str(root))
    import demo_app.bot  # type: ignore[import-not-found]

    monkeypatch.setattr(demo_app.bot, "echo", lambda: whole)
    assert call(root, "echo") == whole


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("nothing", "returned NoneType; expected text"),
        ("not_json", "returned an answer that holds a number that JSON does not have"),
        ("ecko", "demo_app.bot has no 'ecko', did you mean 'echo'?"),
        ("bot.replay", "has no 'bot.replay'"),
        ("number", "is no function but int"),
        ("leaves", "raised SystemExit: 3"),
        ("stops", "raised StopIteration"),
        ("fails_late", "raised TimeoutError: the database"),
    ],
)
def test_functions_that_give_no_answer_are_errors(root: Path, function: str, message: str) -> None:
    error = failed(root, function)
    assert error.kind is ProviderErrorKind.PYTHON
    assert message in error.message


def test_an_exception_is_placed_in_the_users_file_and_redacted(root: Path) -> None:
    line = next(i for i, text in enumerate(BOT.split("\n"), 1) if "my-secret-token" in text)
    error = failed(root, "fails", redact=lambda text: text.replace("property", "[redacted]"))
    assert error.message.startswith(
        "demo_app.bot:fails raised JSONDecodeError: Expecting [redacted]"
    )
    assert error.message.endswith(f"at {root / 'demo_app' / 'bot.py'}:{line}")
    assert error.__context__ is None


def test_a_module_that_cannot_be_imported_is_an_error(root: Path) -> None:
    (root / "demo_app" / "bot.py").write_text("import a_module_that_is_not_there\n")
    assert "raised ModuleNotFoundError" in failed(root, "echo").message


@pytest.mark.parametrize("function", ["forever", "hangs"])
def test_a_function_that_hangs_meets_the_deadline(root: Path, function: str) -> None:
    started = time.perf_counter()
    error = failed(root, function, timeout=0.1)
    assert error.kind is ProviderErrorKind.TIMEOUT
    assert "did not return within 0.1 s" in error.message
    assert time.perf_counter() - started < 10


def test_a_cancelled_call_stays_cancelled(root: Path) -> None:
    import asyncio

    request = made(root, "forever")
    client = open_client(a_model("python", model="m:f"), CallSettings(root=root), {})

    async def cancelled() -> bool:
        task = asyncio.create_task(client.complete(request, {}))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert run(cancelled())


def test_functions_share_a_client_and_name_the_interpreter() -> None:
    one, two = a_model("python", model="a:b"), a_model("python", model="c:d")
    assert client_key(one) == client_key(two)
    assert open_client(one, CallSettings(), {}).sdk.startswith("python 3.")
