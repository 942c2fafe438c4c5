"""Finds an embedder by name; never downloads one.

This module must not know how vectors are made.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pytest_promptdrift._errors import ConfigError, did_you_mean

from .onnx import onnx_embedder
from .static_table import shipped_table, table_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from .protocol import Embedder

ENTRY_POINT_GROUP = "pytest_promptdrift.embedders"
_BUILT_IN = ("static", "onnx", "model2vec")


def get_embedder(name: str) -> Embedder:
    """Return the embedder called ``name``; ConfigError names the nearest one or what is missing.

    ``static`` is shipped, ``onnx`` needs an extra, ``model2vec:FOLDER_OR_NAME`` takes a folder or
    a model that is already in the local Hugging Face cache. Extensions register a function under
    the entry point group ``pytest_promptdrift.embedders``; it is called with what follows the
    colon, or with an empty text.
    """
    kind, _, argument = name.partition(":")
    if name == "static":
        return shipped_table()
    if name == "onnx":
        return onnx_embedder()
    if kind == "model2vec" and argument:
        return table_in(_folder_of(argument), argument)
    if kind not in _BUILT_IN:
        for entry in metadata.entry_points(group=ENTRY_POINT_GROUP, name=kind):
            return _from_extension(entry, argument)
    raise ConfigError(_unknown(name), hint=_hint(kind))


def embedder_names() -> tuple[str, ...]:
    """Return the names that can be given, built-in ones first."""
    extensions = sorted(metadata.entry_points(group=ENTRY_POINT_GROUP).names)
    return (*_BUILT_IN, *(name for name in extensions if name not in _BUILT_IN))


def _unknown(name: str) -> str:
    if name.partition(":")[0] == "model2vec":
        return f"the embedder {name!r} does not say which model"
    return f"unknown embedder {name!r}{did_you_mean(name.partition(':')[0], embedder_names())}"


def _hint(kind: str) -> str | None:
    return "write model2vec:FOLDER or model2vec:NAME" if kind == "model2vec" else None


def _from_extension(entry: metadata.EntryPoint, argument: str) -> Embedder:
    try:
        make = cast("Callable[[str], Embedder]", entry.load())
        return make(argument)
    except ConfigError:
        raise
    except Exception as error:  # foreign code may fail in any way
        msg = f"the embedder {entry.name!r} of {entry.value} cannot be loaded: {error!r}"
        raise ConfigError(msg) from error


def _folder_of(argument: str) -> Path:
    """Return the folder of a model2vec model, looked for on this machine only."""
    folder = Path(argument).expanduser()
    if folder.is_dir():
        return folder.resolve()
    import huggingface_hub  # noqa: PLC0415  (only for a name that is not a folder)

    try:
        # local_files_only: without it a missing model would be downloaded
        return Path(huggingface_hub.snapshot_download(argument, local_files_only=True))
    except (OSError, ValueError) as error:
        msg = (
            f"the embedder 'model2vec:{argument}' is neither a folder nor in the local model cache"
        )
        raise ConfigError(msg, hint=f"hf download {argument}") from error
