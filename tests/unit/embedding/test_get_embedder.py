"""Embedders are found by name, on this machine only, and errors say what to type."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pytest_promptdrift._errors import ConfigError
from pytest_promptdrift.checks.embedding import embedder_names, get_embedder, registry
from pytest_promptdrift.checks.embedding.static_table import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def closed_network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    tried: list[object] = []

    def refuse(*args: object, **_: object) -> None:
        tried.append(args)
        msg = "network touched"
        raise OSError(msg)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return tried


@pytest.fixture
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def add_entry_point(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    entry = metadata.EntryPoint(name, value, registry.ENTRY_POINT_GROUP)
    known = metadata.EntryPoints([entry])
    monkeypatch.setattr(registry.metadata, "entry_points", known.select)


def test_static_is_shipped_and_needs_no_network(closed_network: list[object]) -> None:
    embedder = get_embedder("static")

    assert embedder.id.startswith("static:")
    assert closed_network == []


def test_the_id_is_the_same_every_time_and_holds_the_digest() -> None:
    assert get_embedder("static").id == get_embedder("static").id
    assert len(get_embedder("static").id.partition(":")[2]) == 12


def test_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match="unknown embedder 'sttic', did you mean 'static'"):
        get_embedder("sttic")


def test_a_name_like_nothing_gets_all_names() -> None:
    with pytest.raises(ConfigError, match="allowed: model2vec, onnx, static"):
        get_embedder("zzz:9")


def test_static_takes_no_argument() -> None:
    with pytest.raises(ConfigError, match="unknown embedder 'static:large'"):
        get_embedder("static:large")


def test_model2vec_without_a_model_says_what_to_write() -> None:
    with pytest.raises(ConfigError, match="does not say which model") as caught:
        get_embedder("model2vec:")

    assert "model2vec:FOLDER" in str(caught.value)


def test_model2vec_folder_has_its_own_id_and_measured_floor(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "mine")

    embedder = get_embedder(f"model2vec:{tmp_path / 'mine'}")

    assert embedder.id.startswith("model2vec:")
    assert embedder.id.endswith(get_embedder("static").id.partition(":")[2])
    assert 0.3 < embedder.floor < 0.6


def test_model2vec_table_that_is_replaced_gets_a_new_id(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = tmp_path / "mine"
    shutil.copytree(SHIPPED, folder)
    before = get_embedder(f"model2vec:{folder}")
    table = load_file(folder / "model.safetensors")["embeddings"]
    save_file({"embeddings": np.ascontiguousarray(table[:, ::-1])}, folder / "model.safetensors")
    os.utime(folder / "model.safetensors", (1, 1))

    assert get_embedder(f"model2vec:{folder}").id != before.id


def test_two_folders_of_one_table_in_one_process_are_both_found(tmp_path: Path) -> None:
    for name in ("one", "two"):
        shutil.copytree(SHIPPED, tmp_path / name)

    ids = {get_embedder(f"model2vec:{tmp_path / name}").id for name in ("one", "two")}

    assert len(ids) == 2


def test_folder_without_a_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot load a model2vec model from"):
        get_embedder(f"model2vec:{tmp_path}")


def test_model_that_is_not_in_the_cache_is_not_downloaded(
    closed_network: list[object], empty_cache: Path
) -> None:
    with pytest.raises(ConfigError, match="neither a folder nor in the local") as caught:
        get_embedder("model2vec:somebody/some-model")

    assert "hf download somebody/some-model" in str(caught.value)
    assert closed_network == []
    assert not empty_cache.exists()


def test_name_that_no_cache_can_hold_is_a_config_error(empty_cache: Path) -> None:
    with pytest.raises(ConfigError, match="neither a folder nor in the local"):
        get_embedder("model2vec:a/b/c/d")


def test_model_in_the_local_cache_is_found(closed_network: list[object], empty_cache: Path) -> None:
    repo = empty_cache / "models--somebody--small"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text("a" * 40, encoding="utf-8")
    shutil.copytree(SHIPPED, repo / "snapshots" / ("a" * 40))

    embedder = get_embedder("model2vec:somebody/small")

    assert embedder.id.startswith("model2vec:somebody/small:")
    assert closed_network == []


class OneEmbedder:
    id = "mine:1"
    floor = 0.2

    def __init__(self, argument: str) -> None:
        if argument == "broken":
            msg = "no such weights"
            raise RuntimeError(msg)
        if argument == "keyless":
            msg = "set MINE_KEY"
            raise ConfigError(msg)
        self.id = f"mine:{argument}"


def test_extension_gets_what_follows_the_colon(monkeypatch: pytest.MonkeyPatch) -> None:
    add_entry_point(monkeypatch, "mine", f"{__name__}:OneEmbedder")

    assert get_embedder("mine:big").id == "mine:big"
    assert get_embedder("mine").id == "mine:"


def test_extension_is_offered_as_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    add_entry_point(monkeypatch, "mine", f"{__name__}:OneEmbedder")

    with pytest.raises(ConfigError, match="did you mean 'mine'"):
        get_embedder("mime")
    assert embedder_names() == ("static", "onnx", "model2vec", "mine")


def test_extension_cannot_replace_a_built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    add_entry_point(monkeypatch, "static", f"{__name__}:OneEmbedder")

    assert get_embedder("static").id.startswith("static:")
    assert embedder_names().count("static") == 1


@pytest.mark.parametrize("value", [f"{__name__}:OneEmbedder", "no_such_module:thing"])
def test_extension_that_fails_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    add_entry_point(monkeypatch, "mine", value)

    with pytest.raises(ConfigError, match=f"the embedder 'mine' of {value} cannot be loaded"):
        get_embedder("mine:broken")


def test_config_error_of_an_extension_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    add_entry_point(monkeypatch, "mine", f"{__name__}:OneEmbedder")

    with pytest.raises(ConfigError, match=r"^set MINE_KEY$"):
        get_embedder("mine:keyless")


def test_importing_the_room_imports_nothing_heavy_and_loading_warns_of_nothing() -> None:
    code = """
import json, sys
from pytest_promptdrift.checks.embedding import get_embedder
early = sorted({'numpy', 'model2vec', 'tokenizers', 'huggingface_hub'} & set(sys.modules))
get_embedder('static').embed(['text'])
print(json.dumps([early, 'torch' in sys.modules]))
"""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )

    assert run.stderr == ""
    assert json.loads(run.stdout) == [[], False]
