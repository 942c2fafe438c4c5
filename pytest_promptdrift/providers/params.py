"""Sorts out what a user wrote under `params`: what is sent, what is refused and why.

Nothing here sends a default: a parameter that the user did not write is not sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import PromptDriftError, did_you_mean

from .attachments import why_not_json
from .tables import (
    BACKGROUND,
    CHAT,
    COUNT,
    EXTRA_BODY,
    OUTPUT_LIMIT,
    STREAM,
    TABLES,
    ParamTable,
)

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonObject, JsonValue
    from pytest_promptdrift.config.settings import ModelConfig

_EASY = (str, bool, int)
_SCALAR = (*_EASY, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamProblem:
    """One thing wrong with a request; ``path`` is where, as in ``params.temperature``."""

    path: str
    message: str


class ParamsError(PromptDriftError):
    """A prompt cannot be put to an API as it is written; ``problems`` holds all reasons."""

    def __init__(self, problems: Sequence[ParamProblem], *, model: str) -> None:
        lines = [f"{problem.path}: {problem.message}" for problem in problems]
        super().__init__("\n".join([f"model {model!r} cannot be asked this", *lines]))
        self.problems = tuple(problems)
        self.model = model


@dataclass(slots=True, kw_only=True)
class Params:
    """The parameters of one call, sorted out: ``body`` and ``extra`` are sent."""

    body: dict[str, JsonValue] = field(default_factory=dict)
    extra: dict[str, JsonValue] = field(default_factory=dict)
    betas: tuple[str, ...] = ()


def check_params(params: JsonObject, model: ModelConfig) -> tuple[ParamProblem, ...]:
    """Return everything wrong with ``params`` for one model, its own parameters included."""
    problems: list[ParamProblem] = []
    table = TABLES.get(model.provider)
    if table is None:
        merged_params(params, model, problems)
    else:
        read_params(params, model, table, problems)
    return tuple(problems)


def merged_params(
    params: JsonObject,
    model: ModelConfig,
    problems: list[ParamProblem],
    limits: frozenset[str] = frozenset(),
) -> dict[str, JsonValue]:
    """Lay the case's parameters over the model's; null takes a parameter of the model away.

    ``extra_body`` is merged one level deep. An output limit of the case replaces that of the
    model, whatever each is called.
    """
    names = limits | {OUTPUT_LIMIT}
    base = dict(model.params)
    if names & params.keys():
        base = {name: value for name, value in base.items() if name not in names}
    merged = {**base, **params}
    extras = [level.get(EXTRA_BODY) for level in (base, params)]
    if all(isinstance(extra, Mapping) for extra in extras):
        merged[EXTRA_BODY] = {
            k: v for extra in extras if isinstance(extra, Mapping) for k, v in extra.items()
        }
    kept: dict[str, JsonValue] = {}
    for name, value in merged.items():
        if value is None:
            continue
        reason = None if isinstance(value, _EASY) else why_not_json(value)
        if reason is not None:
            problems.append(ParamProblem(path=f"params.{name}", message=reason))
            continue
        # YAML may have numbers as keys (logit_bias); on the wire every key is text.
        kept[name] = value if isinstance(value, _SCALAR) else json.loads(json.dumps(value))
    return kept


def read_params(
    params: JsonObject, model: ModelConfig, table: ParamTable, problems: list[ParamProblem]
) -> Params:
    """Sort out the parameters of one call; what cannot be sent is added to ``problems``."""
    merged = merged_params(params, model, problems, table.limits)
    read = Params()
    _take_limit(merged, model, table, read, problems)
    extra = merged.pop(EXTRA_BODY, None)
    if isinstance(extra, Mapping):
        read.extra = {name: value for name, value in extra.items() if value is not None}
    elif extra is not None:
        problems.append(_problem(EXTRA_BODY, "is a mapping of fields to send"))
    if "betas" in table.special:
        read.betas = _take_betas(merged.pop("betas", None), problems)
    for name, value in merged.items():
        message = _why_refused(name, table, has_betas=bool(read.betas))
        if message is None:
            read.body[name] = value
        else:
            problems.append(_problem(name, message))
    _check_extra(read, problems)
    return read


def _problem(name: str, message: str) -> ParamProblem:
    return ParamProblem(path=f"params.{name}", message=message)


def _why_refused(name: str, table: ParamTable, *, has_betas: bool) -> str | None:
    if name in table.takes or (name in table.beta and has_betas):
        return None
    if name in table.beta:
        return "needs a beta of the API: add `betas: […]` to params"
    if name in table.owned:
        return table.owned[name]
    if name in table.advice:
        return table.advice[name]
    return f"{table.api} has no such parameter{did_you_mean(name, table.known())}"


def _take_limit(
    merged: dict[str, JsonValue],
    model: ModelConfig,
    table: ParamTable,
    read: Params,
    problems: list[ParamProblem],
) -> None:
    """Move the output limit into the body under the name that this API or server wants."""
    written = [name for name in merged if name == OUTPUT_LIMIT or name in table.limits]
    if not written:
        if table.limit_required and not _in_extra(merged, table.limit):
            message = "this API needs an output limit: add `max_output_tokens: 1024` to params"
            problems.append(_problem(OUTPUT_LIMIT, message))
        return
    values = {name: merged.pop(name) for name in written}
    name, value = next(iter(values.items()))
    if len(values) > 1:
        problems.append(_problem(name, f"says the same as {written[1]!r}: keep one of them"))
    elif isinstance(value, bool) or not isinstance(value, int) or value < 1:
        problems.append(_problem(name, f"is a number of tokens, at least 1; found {value!r}"))
    else:
        own = model.max_tokens_parameter if table is CHAT else None
        read.body[name if name != OUTPUT_LIMIT else own or table.limit] = value


def _in_extra(merged: Mapping[str, JsonValue], name: str) -> bool:
    extra = merged.get(EXTRA_BODY)
    return isinstance(extra, Mapping) and extra.get(name) is not None


def _take_betas(value: JsonValue, problems: list[ParamProblem]) -> tuple[str, ...]:
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    good = isinstance(names, list | tuple) and all(
        isinstance(name, str) and name.isascii() and name.isprintable() and name.strip(", ") == name
        for name in names
    )
    if not good:
        problems.append(_problem("betas", f"is a list of names of betas; found {value!r}"))
        return ()
    return tuple(str(name) for name in names) if isinstance(names, list | tuple) else ()


# What would make an answer that cannot be read, also when a server of one's own is asked.
_NEVER_EXTRA = {"stream": STREAM, "n": COUNT, "background": BACKGROUND}


def _check_extra(read: Params, problems: list[ParamProblem]) -> None:
    for name in read.extra:
        path = f"{EXTRA_BODY}.{name}"
        if name in _NEVER_EXTRA:
            problems.append(_problem(path, _NEVER_EXTRA[name]))
        elif name in read.body:
            problems.append(_problem(path, f"is also in params.{name}: keep one of them"))
