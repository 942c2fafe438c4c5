"""The private name that everything relies on."""

from __future__ import annotations

import inspect
import subprocess
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest

from pytest_promptdrift.interception import Interception, InterceptionError
from pytest_promptdrift.interception.patching import CLIENTS, METHOD, Patches, prove

if TYPE_CHECKING:
    from support.intercepted import Memory


@pytest.mark.parametrize("library", [httpx2, httpx])
@pytest.mark.parametrize("name", CLIENTS)
def test_the_installed_libraries_have_the_method_that_is_patched(
    library: ModuleType, name: str
) -> None:
    """When this fails, a new release of the library chooses transports in another way."""
    method = getattr(library, name).__dict__[METHOD]
    assert list(inspect.signature(method).parameters) == ["self", "url"]
    prove(library)


def test_both_sdks_send_through_the_library_that_is_patched() -> None:
    """When this fails, a new release of an SDK has another HTTP library."""
    import anthropic
    import openai

    for sdk in (openai, anthropic):
        for name in ("OpenAI", "AsyncOpenAI", "Anthropic", "AsyncAnthropic"):
            if hasattr(sdk, name):
                client = getattr(sdk, name)(api_key="sk-test")
                assert isinstance(client._client, httpx2.Client | httpx2.AsyncClient)


def a_library(**clients: Any) -> ModuleType:
    library = ModuleType("httpx2")
    library.__dict__.update({**vars(httpx2), "__version__": "9.9", **clients})
    return library


def test_a_library_without_the_method_is_refused() -> None:
    class Client:
        pass

    with pytest.raises(InterceptionError, match=r"httpx2 9.9 cannot be .* its Client does not"):
        prove(a_library(Client=Client))


def test_a_library_that_does_not_ask_the_method_is_refused() -> None:
    class AsyncClient:
        def __init__(self, **options: object) -> None:
            pass

        def _transport_for_url(self, url: object) -> object:
            return url

        async def send(self, request: object) -> object:
            return request

    with pytest.raises(InterceptionError, match="its AsyncClient does not ask _transport_for_url"):
        prove(a_library(AsyncClient=AsyncClient))


def test_a_library_that_needs_other_arguments_is_refused() -> None:
    class Client:
        def _transport_for_url(self, url: object) -> object:
            return url

    with pytest.raises(InterceptionError, match="install a version of httpx2") as refused:
        prove(a_library(Client=Client))
    assert isinstance(refused.value.__cause__, TypeError)


def test_the_method_is_put_back(memory: Memory) -> None:
    before = [getattr(httpx2, name).__dict__[METHOD] for name in CLIENTS]
    with Interception(memory, offline=True):
        assert getattr(httpx2, CLIENTS[0]).__dict__[METHOD] is not before[0]
    assert [getattr(httpx2, name).__dict__[METHOD] for name in CLIENTS] == before


def test_a_patch_over_ours_stays_and_lets_everything_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrapped: list[object] = []

    def wrap(transport: object, *_: object) -> object:
        wrapped.append(transport)
        return transport

    patches = Patches(wrap)
    patches.start()
    ours = httpx2.Client.__dict__[METHOD]
    # another function that ends in ours
    over_ours = lambda self, url: ours(self, url)  # noqa: E731, PLW0108  (it must not be ours)
    monkeypatch.setattr(httpx2.Client, METHOD, over_ours)
    over = httpx2.Client.__dict__[METHOD]
    patches.stop()
    try:
        assert httpx2.Client.__dict__[METHOD] is over
        transport = httpx2.MockTransport(lambda _: httpx2.Response(204))
        with httpx2.Client(transport=transport) as client:
            assert client.get("http://x/").status_code == 204
        assert wrapped == []
    finally:
        monkeypatch.setattr(httpx2.Client, METHOD, inspect.unwrap(ours))
        monkeypatch.undo()
        httpx2.Client._transport_for_url = inspect.unwrap(ours)  # type: ignore[method-assign]


LATE = """
import sys
from pytest_promptdrift.interception import Interception, StoppedCallError

class Nobody:
    def handle(self, call): raise LookupError(f"seen: {call.request.api}")
    def recorded(self, call, answer): pass
    def failed(self, call, failure): pass

heavy = {"openai", "anthropic", "httpx", "httpx2", "pydantic", "aiohttp"}
with Interception(Nobody(), offline=True) as interception, interception.owned_by("test_it"):
    assert not heavy & set(sys.modules), heavy & set(sys.modules)
    import openai
    try:
        openai.OpenAI().responses.create(model="m", input="hello")
    except StoppedCallError as stopped:
        print(stopped)
    assert "exec_module" not in vars(sys.modules["httpx2"].__spec__.loader)
assert not [f for f in sys.meta_path if "promptdrift" in type(f).__module__]
assert "promptdrift" not in sys.modules["httpx2"].Client._transport_for_url.__globals__["__name__"]
"""


def test_nothing_is_imported_and_what_is_imported_later_is_patched() -> None:
    made = subprocess.run(
        [sys.executable, "-W", "error", "-c", LATE], capture_output=True, text=True, check=False
    )
    assert (made.stdout, made.stderr) == ("seen: openai.responses\n", "")
