"""A scripted model: answers without network, without cost and always the same way.

The script is not part of the request, as little as the weights of a real model are: changing it
is how drift can be tried out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import ProviderError, ProviderErrorKind, did_you_mean
from pytest_promptdrift.model import Cost, Request, Response, ToolCall, Usage

from .attachments import why_not_json
from .errors import Reporter, Told
from .neutral import check_prompt, neutral_body
from .params import ParamProblem, ParamsError, merged_params

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    from pytest_promptdrift._canonical import JsonObject, JsonValue
    from pytest_promptdrift.config.settings import ModelConfig
    from pytest_promptdrift.model import Prompt

    from .client import CallSettings

    Wrong = Callable[[str, str], None]

API = "fake"

_ANSWERING = ("answer", "answers", "tool_call", "refusal", "error")
_OPTIONS = frozenset({"answers", "rules", "latency"})
_RULE = frozenset({"match", "latency", *_ANSWERING})


def share(model: ModelConfig) -> Hashable:
    """Return what tells which models may use one client: each has a script of its own."""
    return (API, model.name, model.model)


def build(prompt: Prompt, model: ModelConfig, *, environ: Mapping[str, str], root: Path) -> Request:
    """Return the request; raises ParamsError with everything wrong with it or with the script."""
    del environ, root
    problems: list[ParamProblem] = []
    check_prompt(prompt, problems)
    _check_options(model.options, problems)
    body: dict[str, JsonValue] = {"model": model.model, **neutral_body(prompt)}
    params = merged_params(prompt.params, model, problems)
    if params:
        body["params"] = params
    if problems:
        raise ParamsError(problems, model=model.name)
    return Request(api=API, body=body)


def _check_options(options: JsonObject, problems: list[ParamProblem]) -> None:
    def wrong(path: str, message: str) -> None:
        problems.append(ParamProblem(path=f"options{path}", message=message))

    for name in options.keys() - _OPTIONS:
        wrong("", f"no option {name!r}{did_you_mean(name, _OPTIONS)}")
    _check_common(options, "", wrong)
    rules = options.get("rules", [])
    if not isinstance(rules, list | tuple):
        wrong(".rules", "is a list of {match: …, answer: …}")
        return
    for index, rule in enumerate(rules):
        path = f".rules[{index}]"
        if not isinstance(rule, Mapping):
            wrong(path, "is a mapping such as {match: refund, answer: billing}")
            continue
        for name in rule.keys() - _RULE:
            wrong(path, f"no key {name!r}{did_you_mean(name, _RULE)}")
        if sum(name in rule for name in _ANSWERING) != 1:
            wrong(path, f"needs exactly one of {', '.join(_ANSWERING)}")
        _check_common(rule, path, wrong)
        _check_match(rule.get("match", ""), path, wrong)
        call = rule.get("tool_call", {"name": ""})
        if not isinstance(call, Mapping) or not isinstance(call.get("name"), str):
            wrong(f"{path}.tool_call", "is a mapping of name and arguments")


def _check_common(held: JsonObject, path: str, wrong: Wrong) -> None:
    answers = held.get("answers", [""])
    if not isinstance(answers, list | tuple) or not answers:
        wrong(f"{path}.answers", "is a list of at least one answer")
    latency = held.get("latency", 0)
    if isinstance(latency, bool) or not isinstance(latency, int | float) or latency < 0:
        wrong(f"{path}.latency", f"is a number of seconds; found {latency!r}")
    for name in ("answer", "answers", "tool_call"):
        reason = why_not_json(held.get(name))
        if reason is not None:
            wrong(f"{path}.{name}", reason)


def _check_match(match: JsonValue, path: str, wrong: Wrong) -> None:
    if not isinstance(match, str):
        wrong(f"{path}.match", f"is a regular expression; found {match!r}")
        return
    try:
        re.compile(match)
    except re.error as error:
        wrong(f"{path}.match", f"is no regular expression: {error}")


def open_client(
    model: ModelConfig, settings: CallSettings, environ: Mapping[str, str]
) -> FakeClient:
    """Return a client that follows the script in the model's options."""
    del environ
    return FakeClient(model=model, settings=settings)


@dataclass(slots=True, kw_only=True)
class FakeClient:
    """Answers by script. The n-th call of the same request always gets the same answer."""

    model: ModelConfig
    settings: CallSettings
    _asked: dict[str, int] = field(default_factory=dict)

    @property
    def sdk(self) -> str:
        """There is none."""
        return "fake"

    async def complete(self, request: Request, files: Mapping[str, Path]) -> Response:
        """Return what the script says."""
        del files
        digest = request.digest
        number = self._asked.get(digest, 0)
        self._asked[digest] = number + 1
        said = "\n".join(_texts(request.body))
        rule = self._rule(said)
        latency = _seconds(rule.get("latency", self.model.options.get("latency", 0)))
        await self._wait(latency)
        if "error" in rule:
            raise self._error(str(rule["error"]))
        response = _answer(rule, request.body, digest, number)
        return _finished(response, said, latency)

    async def aclose(self) -> None:
        """Nothing is held open."""

    async def _wait(self, seconds: float) -> None:
        if not seconds:
            return
        import asyncio  # noqa: PLC0415  (a replay of a scripted model never waits)

        await asyncio.sleep(min(seconds, self.settings.timeout))
        if seconds > self.settings.timeout:
            raise self._reporter().deadline(self.settings.timeout, 1)

    def _rule(self, said: str) -> JsonObject:
        rules = self.model.options.get("rules", [])
        for rule in rules if isinstance(rules, list | tuple) else ():
            if isinstance(rule, Mapping) and re.search(str(rule.get("match", "")), said):
                return rule
        return self.model.options

    def _reporter(self) -> Reporter:
        return Reporter(
            who=f"fake:{self.model.model}", redact=self.settings.redact, key_hint="it is scripted"
        )

    def _error(self, word: str) -> ProviderError:
        told = Told(message="scripted")
        if word.isdigit():
            return self._reporter().status(int(word), told, attempts=1)
        kinds = {kind.name.lower(): kind for kind in ProviderErrorKind}
        kind = kinds.get(word.replace(" ", "_").lower(), ProviderErrorKind.SERVER)
        return self._reporter().make(kind, f"fake:{self.model.model} failed as scripted", said=word)


def _answer(rule: JsonObject, body: JsonObject, digest: str, number: int) -> Response:
    call = rule.get("tool_call")
    if isinstance(call, Mapping):
        made = ToolCall(
            name=str(call.get("name")), arguments=call.get("arguments", {}), id=f"call_{number}"
        )
        return Response(text="", tool_calls=(made,), finish_reason="tool_calls")
    if rule.get("refusal") is not None:
        return Response(text="", refusal=str(rule["refusal"]), finish_reason="refusal")
    if "answer" in rule:
        return Response(text=_text(rule["answer"]), finish_reason="stop")
    answers = rule.get("answers")
    if isinstance(answers, list | tuple) and answers:
        drawn = hashlib.sha256(f"{digest}:{number}".encode()).digest()
        index = int.from_bytes(drawn[:8], "big") % len(answers)
        return Response(text=_text(answers[index]), finish_reason="stop")
    return Response(text=_last_user(body), finish_reason="stop")


def _finished(response: Response, said: str, latency: float) -> Response:
    usage = Usage(input_tokens=len(said.split()), output_tokens=max(1, len(response.text.split())))
    return Response(
        text=response.text,
        tool_calls=response.tool_calls,
        finish_reason=response.finish_reason,
        refusal=response.refusal,
        served_model="fake",
        usage=usage,
        cost=Cost(usd=0.0, prices="fake"),
        latency=latency,
    )


def _text(answer: JsonValue) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)


def _seconds(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _texts(body: JsonObject) -> list[str]:
    system = body.get("system")
    found = [system] if isinstance(system, str) else []
    messages = body["messages"]
    turns = messages if isinstance(messages, list) else []
    return found + [_content(turn) for turn in turns if isinstance(turn, Mapping)]


def _last_user(body: JsonObject) -> str:
    messages = body["messages"]
    for message in reversed(messages if isinstance(messages, list) else []):
        if isinstance(message, Mapping) and message.get("role") == "user":
            return _content(message)
    return ""


def _content(message: JsonObject) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(
        str(part["text"]) for part in parts if isinstance(part, Mapping) and "text" in part
    )
