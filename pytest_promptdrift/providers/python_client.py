"""Calls Python functions as if they were models; a plain one in a thread, an async one here."""

from __future__ import annotations

import asyncio
import contextvars
import importlib
import inspect
import json
import platform
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_promptdrift._errors import ProviderError, ProviderErrorKind, did_you_mean
from pytest_promptdrift._text import cut
from pytest_promptdrift.model import ATTACHMENT, Response, ToolCall, is_attachment

from .attachments import why_not_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_promptdrift._canonical import JsonObject, JsonValue
    from pytest_promptdrift.config.settings import ModelConfig
    from pytest_promptdrift.model import Request

    from .client import CallSettings


def open_client(
    model: ModelConfig, settings: CallSettings, environ: Mapping[str, str]
) -> PythonClient:
    """Return a client; the function is imported when it is first called."""
    del model, environ
    return PythonClient(settings=settings)


@dataclass(slots=True, kw_only=True)
class PythonClient:
    """Calls functions; a plain one in a thread of its own, which may outlive its deadline."""

    settings: CallSettings

    @property
    def sdk(self) -> str:
        """The interpreter."""
        return f"python {platform.python_version()}"

    async def complete(self, request: Request, files: Mapping[str, Path]) -> Response:
        """Call the function of a request and return what it answered."""
        target = str(request.body["function"])
        started = time.perf_counter()
        deadline = asyncio.timeout(self.settings.timeout)
        failed: ProviderError
        try:
            async with deadline:
                function = await _in_thread(partial(_load, target, self.settings.root))
                answer = await _call(function, _arguments(function, request, files, target))
            response = _response(answer, target)
        except ProviderError as error:
            failed = error
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001  (user code may raise anything, even SystemExit)
            failed = self._failed(error, target, late=deadline.expired())
        else:
            latency = response.latency or time.perf_counter() - started
            return replace(response, latency=latency)
        raise failed

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _failed(self, error: BaseException, target: str, *, late: bool) -> ProviderError:
        if late:
            msg = f"{target} did not return within {self.settings.timeout:g} s"
            return ProviderError(msg, kind=ProviderErrorKind.TIMEOUT, hint="raise `timeout`")
        said = cut(self.settings.redact(str(error)).strip(), 300)
        what = f"{target} raised {type(error).__name__}{f': {said}' if said else ''}"
        msg = what + _place(error, self.settings.root)
        return ProviderError(msg, kind=ProviderErrorKind.PYTHON)


def _load(target: str, root: Path | None) -> Callable[..., object]:
    module_name, _, path = target.partition(":")
    if root is not None and str(root) not in sys.path:
        # As `python -m pytest` does; last, so that nothing installed is hidden.
        sys.path.append(str(root))
    found: Any = importlib.import_module(module_name)
    for name in path.split("."):
        if not hasattr(found, name):
            known = did_you_mean(name, [key for key in vars(found) if not key.startswith("_")])
            msg = f"{module_name} has no {path!r}{known}"
            raise ProviderError(msg, kind=ProviderErrorKind.PYTHON)
        found = getattr(found, name)
    if not callable(found):
        msg = f"{target} is no function but {type(found).__name__}"
        raise ProviderError(msg, kind=ProviderErrorKind.PYTHON)
    function: Callable[..., object] = found
    return function


def _arguments(
    function: Callable[..., object], request: Request, files: Mapping[str, Path], target: str
) -> dict[str, object]:
    """Return the arguments that a function asks for by name."""
    given = _given(request.body, files)
    taken: dict[str, object] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            return given | taken
        if parameter.kind is parameter.VAR_POSITIONAL:
            continue
        if name in given and parameter.kind is not parameter.POSITIONAL_ONLY:
            taken[name] = given[name]
        elif parameter.default is parameter.empty:
            known = did_you_mean(name, given)
            msg = f"{target} wants {name!r}, which no variable of the case has{known}"
            hint = "it can take variables by name, prompt, messages, system, params, or **kwargs"
            raise ProviderError(msg, kind=ProviderErrorKind.PYTHON, hint=hint)
    return taken


def _given(body: JsonObject, files: Mapping[str, Path]) -> dict[str, object]:
    """Return everything a function may ask for; a variable of the case wins over our names."""
    messages = _with_paths(body["messages"], files)
    given: dict[str, object] = {
        "prompt": _last_user(messages),
        "messages": messages,
        "system": body.get("system"),
        "params": body.get("params", {}),
    }
    for name in ("tools", "tool_choice", "response_format"):
        if name in body:
            given[name] = body[name]
    variables = body["variables"]
    return given | (dict(variables) if isinstance(variables, Mapping) else {})


def _with_paths(value: JsonValue, files: Mapping[str, Path]) -> Any:
    """Replace markers by the paths of the files."""
    if isinstance(value, Mapping):
        if is_attachment(value):
            return str(files.get(str(value[ATTACHMENT]), ""))
        return {key: _with_paths(item, files) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_paths(item, files) for item in value]
    return value


def _last_user(messages: list[dict[str, Any]]) -> str:
    for message in reversed(messages):
        if message["role"] == "user":
            content = message["content"]
            if isinstance(content, str):
                return content
            return "\n".join(part["text"] for part in content if "text" in part)
    return ""


async def _call(function: Callable[..., object], arguments: dict[str, object]) -> object:
    called = partial(function, **arguments)
    if inspect.iscoroutinefunction(function):
        made = called()
        return await made if isinstance(made, Awaitable) else made
    answer = await _in_thread(called)
    return await answer if isinstance(answer, Awaitable) else answer


async def _in_thread(work: Callable[[], Any]) -> Any:
    """Run ``work`` in a daemon thread: one that hangs must not keep the interpreter alive."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: Any, error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)

    def run() -> None:
        result: object = None
        failed: Exception | None = None
        try:
            result = context.run(work)
        except ProviderError as error:
            failed = error
        except BaseException as error:  # noqa: BLE001  (carried over to the loop, whatever it is)
            failed = _Carried(error)
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=run, name="promptdrift-function", daemon=True).start()
    try:
        return await done
    except _Carried as carried:
        failed = carried.error
    raise failed


class _Carried(Exception):  # noqa: N818  (a parcel, not an error of its own)
    """Carries any exception through a future, which would not take StopIteration."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


def _place(error: BaseException, root: Path | None) -> str:
    """Say where user code failed: the innermost line of the project, else of anything not ours."""
    ours = str(Path(__file__).parent.parent)
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((ours, "<frozen"))
    ]
    inside = [f for f in frames if root is not None and Path(f.filename).is_relative_to(root)]
    last = (inside or frames)[-1:]
    return f" at {last[0].filename}:{last[0].lineno}" if last else ""


def _response(answer: object, target: str) -> Response:
    """Return what a function answered as a response."""
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, str):
        return Response(text=answer, finish_reason="stop")
    if isinstance(answer, dict | list):
        reason = why_not_json(answer)
        if reason is not None:
            raise _wrong(target, f"an answer that {reason}")
        return Response(text=json.dumps(answer, ensure_ascii=False), finish_reason="stop")
    if isinstance(getattr(answer, "text", None), str):
        return _from_object(answer)
    raise _wrong(target, f"{type(answer).__name__}")


def _wrong(target: str, what: str) -> ProviderError:
    msg = f"{target} returned {what}; expected text, a dict or list, or an object with .text"
    return ProviderError(msg, kind=ProviderErrorKind.PYTHON)


def _from_object(answer: object) -> Response:
    """Copy the fields of a response that an object has."""
    names = {field.name for field in fields(Response)}
    held = {
        name: getattr(answer, name) for name in names if getattr(answer, name, None) is not None
    }
    held["tool_calls"] = tuple(
        call
        if isinstance(call, ToolCall)
        else ToolCall(name=call.name, arguments=call.arguments, id=getattr(call, "id", None))
        for call in held.get("tool_calls", ())
    )
    return Response(**held)
