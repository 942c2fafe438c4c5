"""Samples the corpus of real answers; run once by hand, never by the tests.

    python -m benchmarks.sample_corpus --model QWEN.gguf --other SMOLLM.gguf --work FOLDER 2>log

needs ``llama-cpp-python``, which is talkative, and two instruction models in GGUF that use the
ChatML template. The requantised model of the condition ``quantised`` is made from the first and
kept in ``--work``. A condition whose file is there already is skipped, so a run that was stopped
goes on where it was.

One context holds the KV cache of every prompt and of many answers in the making: an answer begins
as a copy of its prompt's cache, and a slot that ends an answer begins the next one at once. One
thread therefore multiplies each weight with many tokens at a time. Each answer has a random source
of its own, seeded by condition, prompt and sample index, so that it does not depend on its
neighbours.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.corpus import CONDITIONS, FOLDER, Answer, description, store, stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

SAMPLES = {"base": 48}
OTHERWISE = 20
LIMITS = {"prose": 60, "label": 12, "json": 80}
SLOTS = 64
# the longest prompt of the corpus and its answer
CELLS = 384
# a token of less weight, relative to the likeliest, is sorted only where the others are too light
NEGLIGIBLE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a condition is sampled."""

    model: Path
    temperature: float = 0.8
    top_p: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A prompt as one condition sends it."""

    id: str
    text: str
    limit: int


@dataclass(slots=True, kw_only=True)
class Growing:
    """An answer in the making."""

    asked: Asked
    sample: int
    chance: np.random.Generator
    position: int
    source: int
    tokens: list[int] = field(default_factory=list)


def asked(condition: str) -> list[Asked]:
    """Return the prompts as a condition sends them."""
    told = description()
    found = []
    for one in told["prompts"]:
        group = told["groups"][one["group"]]
        edits = group[condition] if condition in {"word", "fact"} else ()
        system = _edited(group["system"], edits)
        if condition == "edit":
            system += " Answer briefly."
        prompt = _edited(one["prompt"], [one["typo"]] if condition == "typo" else ())
        found.append(Asked(id=one["id"], text=_chatml(system, prompt), limit=LIMITS[group["kind"]]))
    return found


def _edited(text: str, edits: Iterable[Sequence[str]]) -> str:
    for old, new in edits:
        if text.count(old) != 1:
            msg = f"{old!r} must occur exactly once in {text!r}"
            raise ValueError(msg)
        text = text.replace(old, new)
    return text


def _chatml(system: str, prompt: str) -> str:
    return (
        f"<|im_start|>system\n{system}<|im_end|>\n"
        f"<|im_start|>user\n{prompt}<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def draw(
    logits: NDArray[np.float32], *, temperature: float, top_p: float, chance: np.random.Generator
) -> int:
    """Return a token: temperature first, then the smallest set that holds ``top_p``."""
    weights = np.exp((logits - logits.max()) * np.float32(1 / temperature))
    bar = top_p * float(weights.sum(dtype=np.float64))
    kept = np.flatnonzero(weights > NEGLIGIBLE)
    if float(weights[kept].sum(dtype=np.float64)) < bar:
        kept = np.arange(len(weights))
    heaviest = kept[np.argsort(-weights[kept], kind="stable")]
    heap = np.cumsum(weights[heaviest], dtype=np.float64)
    last = min(int(np.searchsorted(heap, bar)), len(heap) - 1)
    place = int(np.searchsorted(heap, chance.random() * heap[last], side="right"))
    return int(heaviest[min(place, last)])


class Model:
    """A model with one context for all prompts and all answers in the making."""

    def __init__(self, path: Path, *, prompts: int, threads: int) -> None:
        self._api = importlib.import_module("llama_cpp")
        api = self._api
        api.llama_backend_init()
        options = api.llama_model_default_params()
        options.n_gpu_layers = 0
        self._model = api.llama_model_load_from_file(str(path).encode(), options)
        if not self._model:
            msg = f"cannot load {path}"
            raise SystemExit(msg)
        context = api.llama_context_default_params()
        context.n_ctx = CELLS * (SLOTS + prompts)
        context.n_seq_max = SLOTS + prompts
        context.n_batch = context.n_ubatch = CELLS
        context.n_threads = context.n_threads_batch = threads
        # a cache for each sequence: in a shared one, every token would look at all of them
        context.kv_unified = False
        self._context = api.llama_init_from_model(self._model, context)
        self._memory = api.llama_get_memory(self._context)
        self._vocabulary = api.llama_model_get_vocab(self._model)
        self._size = int(api.llama_vocab_n_tokens(self._vocabulary))
        self._batch = api.llama_batch_init(CELLS, 0, 1)

    def close(self) -> None:
        """Give the memory back."""
        self._api.llama_batch_free(self._batch)
        self._api.llama_free(self._context)
        self._api.llama_model_free(self._model)

    def read(self, text: str, sequence: int) -> tuple[int, NDArray[np.float32]]:
        """Put a prompt into a sequence; return its length and the logits after it."""
        tokens = self._tokens(text)
        self._fill((token, place, sequence) for place, token in enumerate(tokens))
        for place in range(len(tokens)):
            self._batch.logits[place] = int(place == len(tokens) - 1)
        self._decode()
        return len(tokens), self._logits(len(tokens) - 1).copy()

    def begin(self, sequence: int, source: int) -> None:
        """Make a sequence a copy of another."""
        self._api.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        self._api.llama_memory_seq_cp(self._memory, source, sequence, -1, -1)

    def step(self, growing: Mapping[int, Growing]) -> list[NDArray[np.float32]]:
        """Append each answer's last token to its sequence; return the logits after each."""
        self._fill((one.tokens[-1], one.position, slot) for slot, one in growing.items())
        for place in range(len(growing)):
            self._batch.logits[place] = 1
        self._decode()
        return [self._logits(place) for place in range(len(growing))]

    def ends(self, token: int) -> bool:
        """Tell whether a token ends an answer."""
        return bool(self._api.llama_vocab_is_eog(self._vocabulary, token))

    def text(self, tokens: Sequence[int]) -> str:
        """Return tokens as text; a character that the limit cut in two is dropped."""
        return b"".join(self._piece(token) for token in tokens).decode("utf-8", errors="ignore")

    def _tokens(self, text: str) -> list[int]:
        raw = text.encode()
        room = (self._api.llama_token * CELLS)()
        count = self._api.llama_tokenize(self._vocabulary, raw, len(raw), room, CELLS, False, True)
        if not 0 < count < CELLS - max(LIMITS.values()):
            msg = f"a prompt has too many tokens: {text[:60]!r}"
            raise SystemExit(msg)
        return list(room[:count])

    def _piece(self, token: int) -> bytes:
        room = ctypes.create_string_buffer(256)
        count = self._api.llama_token_to_piece(self._vocabulary, token, room, 256, 0, False)
        return room.raw[: max(count, 0)]

    def _fill(self, entries: Iterable[tuple[int, int, int]]) -> None:
        count = 0
        for token, position, sequence in entries:
            self._batch.token[count] = token
            self._batch.pos[count] = position
            self._batch.n_seq_id[count] = 1
            self._batch.seq_id[count][0] = sequence
            count += 1
        self._batch.n_tokens = count

    def _decode(self) -> None:
        status = self._api.llama_decode(self._context, self._batch)
        if status != 0:
            msg = f"llama_decode failed with {status}"
            raise SystemExit(msg)

    def _logits(self, place: int) -> NDArray[np.float32]:
        pointer = self._api.llama_get_logits_ith(self._context, place)
        found: NDArray[np.float32] = np.ctypeslib.as_array(pointer, shape=(self._size,))
        return found


def sample(
    condition: str, setting: Setting, count: int, threads: int
) -> dict[str, tuple[Answer, ...]]:
    """Return ``count`` answers to each prompt under a condition."""
    questions = asked(condition)
    model = Model(setting.model, prompts=len(questions), threads=threads)
    started = [model.read(one.text, SLOTS + place) for place, one in enumerate(questions)]
    waiting = deque(
        Growing(
            asked=questions[place],
            sample=index,
            chance=_chance(condition, questions[place].id, index),
            position=started[place][0],
            source=place,
        )
        # the longest first: at the end, when slots fall idle, only short answers are left
        for place in sorted(range(len(questions)), key=lambda place: -questions[place].limit)
        for index in range(count)
    )
    texts: dict[tuple[str, int], Answer] = {}
    _grow(model, waiting, [logits for _, logits in started], setting, texts)
    model.close()
    return {one.id: tuple(texts[one.id, index] for index in range(count)) for one in questions}


def _grow(
    model: Model,
    waiting: deque[Growing],
    first: Sequence[NDArray[np.float32]],
    setting: Setting,
    texts: dict[tuple[str, int], Answer],
) -> None:
    """Work through the answers that wait, ``SLOTS`` at a time."""
    growing: dict[int, Growing] = {}

    def goes_on(one: Growing, logits: NDArray[np.float32]) -> bool:
        token = draw(
            logits, temperature=setting.temperature, top_p=setting.top_p, chance=one.chance
        )
        ended = model.ends(token)
        if not ended:
            one.tokens.append(token)
        if ended or len(one.tokens) == one.asked.limit:
            texts[one.asked.id, one.sample] = Answer(
                text=model.text(one.tokens), finish_reason="stop" if ended else "length"
            )
            return False
        return True

    while waiting or growing:
        for slot in range(SLOTS):
            while waiting and slot not in growing:
                one = waiting.popleft()
                if goes_on(one, first[one.source]):
                    model.begin(slot, SLOTS + one.source)
                    growing[slot] = one
        growing = dict(sorted(growing.items()))
        after = model.step(growing) if growing else []
        for (slot, one), logits in zip(tuple(growing.items()), after, strict=True):
            one.position += 1
            if not goes_on(one, logits):
                del growing[slot]


def _chance(condition: str, prompt: str, index: int) -> np.random.Generator:
    seed = hashlib.sha256(f"{condition}/{prompt}/{index}".encode()).digest()
    return np.random.default_rng(list(seed))


def requantise(source: Path, target: Path, threads: int) -> None:
    """Write a model with its weights rounded to about two bits."""
    api: Any = importlib.import_module("llama_cpp")
    options = api.llama_model_quantize_default_params()
    options.nthread = threads
    options.ftype = api.LLAMA_FTYPE_MOSTLY_Q2_K
    options.allow_requantize = True
    status = api.llama_model_quantize(
        str(source).encode(), str(target).encode(), ctypes.byref(options)
    )
    if status != 0:
        msg = f"cannot quantise {source}"
        raise SystemExit(msg)


def setting_of(condition: str, options: argparse.Namespace) -> Setting:
    """Return how a condition is sampled; make its model where there is none."""
    if condition == "other":
        return Setting(model=options.other)
    if condition == "temperature":
        return Setting(model=options.model, temperature=1.2)
    if condition == "top_p":
        return Setting(model=options.model, top_p=0.5)
    if condition == "quantised":
        target = Path(options.work) / "requantised.gguf"
        if not target.exists():
            requantise(options.model, target, options.threads)
        return Setting(model=target)
    return Setting(model=options.model)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sample_corpus")
    parser.add_argument("--model", type=Path, required=True, help="the model of the corpus, GGUF")
    parser.add_argument("--other", type=Path, required=True, help="another model, GGUF")
    parser.add_argument("--work", type=Path, required=True, help="folder of the requantised model")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the answers go")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--samples", type=int, help="per prompt, for a trial")
    parser.add_argument("conditions", nargs="*", default=list(CONDITIONS))
    options = parser.parse_args(arguments)
    for condition in options.conditions:
        if stored(condition, options.folder):
            continue
        began = time.monotonic()
        count = options.samples or SAMPLES.get(condition, OTHERWISE)
        answers = sample(condition, setting_of(condition, options), count, options.threads)
        store(condition, answers, options.folder)
        length = sum(len(one.text) for samples in answers.values() for one in samples)
        took = time.monotonic() - began
        print(f"{condition}: {len(answers) * count} answers, {length} characters, {took:.0f} s")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
