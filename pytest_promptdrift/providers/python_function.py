"""A Python function of the user's project as a model: its request.

The request holds a digest of the function's source, so that a changed function is a changed
request. The source is found without importing anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._errors import did_you_mean
from pytest_promptdrift.model import Request

from .attachments import why_not_json
from .neutral import check_prompt, neutral_body
from .params import ParamProblem, ParamsError, merged_params
from .python_sources import SourceError, source_digests

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from pathlib import Path

    from pytest_promptdrift._canonical import JsonObject, JsonValue
    from pytest_promptdrift.config.settings import ModelConfig
    from pytest_promptdrift.model import Prompt

API = "python"
_OPTIONS = frozenset({"sources"})


def share(model: ModelConfig) -> Hashable:
    """Return what tells which models may use one client: any two functions."""
    del model
    return API


def build(prompt: Prompt, model: ModelConfig, *, environ: Mapping[str, str], root: Path) -> Request:
    """Return the request; raises ParamsError with everything that is wrong with it."""
    del environ
    problems: list[ParamProblem] = []
    check_prompt(prompt, problems)
    reason = why_not_json(prompt.variables)
    if reason is not None:
        problems.append(ParamProblem(path="vars", message=reason))
    body: dict[str, JsonValue] = {"function": model.model, **neutral_body(prompt)}
    body["variables"] = prompt.variables
    params = merged_params(prompt.params, model, problems)
    if params:
        body["params"] = params
    try:
        sources = _sources(model, root)
    except SourceError as error:
        problems.append(ParamProblem(path=error.path, message=error.message))
    else:
        if sources:
            body["sources"] = sources
    if problems:
        raise ParamsError(problems, model=model.name)
    return Request(api=API, body=body)


def _sources(model: ModelConfig, root: Path) -> JsonObject:
    for name in model.options.keys() - _OPTIONS:
        msg = f"no option {name!r}{did_you_mean(name, _OPTIONS)}"
        raise SourceError(msg, path="options")
    globs = model.options.get("sources")
    if globs is not None and not (
        isinstance(globs, list | tuple) and all(isinstance(glob, str) for glob in globs)
    ):
        raise SourceError("is a list of patterns such as 'app/**/*.py'", path="options.sources")
    patterns = None if globs is None else tuple(str(glob) for glob in globs)
    return source_digests(model.model, patterns, root)
