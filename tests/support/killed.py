"""Appends samples in child processes and kills them at random moments; run as a script.

All children are forks of one interpreter, so that a hundred of them cost a few seconds. Prints
what was found wrong, one problem a line, and then the counts.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from support.recorded import LABEL, a_request, a_sample, a_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

REQUESTS = [a_request(f"text {n}\n" * 20) for n in range(2)]
CASES = ("first", "second")


def append_many(folder: Path, name: str, count: int, seed: int) -> Iterator[str]:
    """Append samples one after the other and yield each one that was stored."""
    rng = random.Random(seed)
    store = a_store(folder)
    for number in range(count):
        case_id, request = rng.choice(CASES), rng.randrange(2)
        text = f"{name}-{number}\n" + "words of an answer\n" * 50
        store.append(case_id, REQUESTS[request], label=LABEL, sample=a_sample(text, text))
        yield f"{case_id} {request} {name}-{number}"


def pause(seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


class Children:
    """Runs ``work(folder, name, count, seed)`` in processes, which acknowledge what it yields."""

    def __init__(self, folder: Path, work: Callable[[Path, str, int, int], Iterator[str]]) -> None:
        self.folder = folder
        self.work = work

    def started(self, name: str, count: int, seed: int) -> tuple[int, int]:
        """Start a child; return its process and the pipe on which it acknowledges."""
        out, done = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.close(out)
                rng = random.Random(seed)
                for line in self.work(self.folder, name, count, seed):
                    os.write(done, f"{line}\n".encode())
                    pause(rng.random() * 0.0005)
                code = 0
            finally:
                os._exit(code)
        os.close(done)
        return child, out

    def kill_one(self, number: int, rng: random.Random) -> list[str]:
        """Kill a child after some acknowledgements and a random moment; return them all."""
        child, pipe = self.started(f"kill{number}", 20, number)
        data = b""
        wanted = rng.randrange(4)
        while data.count(b"\n") < wanted:
            data += os.read(pipe, 65536)
        pause(rng.random() * 0.003)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return lines(pipe, data)

    def together(self, count: int, number: int, kill: int) -> list[str]:
        """Let children work at the same time, kill some of them, return all acknowledgements."""
        children = [self.started(f"with{number}-{n}", 15, 100 * number + n) for n in range(count)]
        for child, _ in children[:kill]:
            pause(0.002)
            os.kill(child, signal.SIGKILL)
        found = [line for _, pipe in children for line in lines(pipe)]
        for child, _ in children[kill:]:
            if os.waitpid(child, 0)[1] != 0:
                found.append("a child failed")
        for child, _ in children[:kill]:
            os.waitpid(child, 0)
        return found


def lines(pipe: int, known: bytes = b"") -> list[str]:
    """Read all acknowledgements; a line that was cut off was not acknowledged."""
    data = known
    while piece := os.read(pipe, 65536):
        data += piece
    os.close(pipe)
    return data.decode().split("\n")[:-1]


def problems(folder: Path, acknowledged: Iterable[str]) -> list[str]:
    """Compare what is stored with what was acknowledged."""
    store = a_store(folder)
    stored: list[str] = []
    for case_id in CASES:
        for recording in store.load(case_id):
            request = [r.digest for r in REQUESTS].index(recording.digest)
            stored += [
                f"{case_id} {request} {sample.response.text.splitlines()[0]}"
                for sample in recording.samples
            ]
    found = [f"lost: {line}" for line in set(acknowledged) - set(stored)]
    found += [f"twice: {line}" for line in set(stored) if stored.count(line) > 1]
    names = {store.path(case_id) for case_id in CASES}
    found += [f"stray: {path.name}" for path in store.folder.glob("*") if path not in names]
    return found


def main(folder: Path, kills: int) -> None:
    rng = random.Random(42)
    children = Children(folder, append_many)
    # what is imported at the first write is then there in every child, and the kill hits the write
    a_store(folder).append(CASES[0], REQUESTS[0], label=LABEL, sample=a_sample("warm"))
    acknowledged: list[str] = []
    wrong: list[str] = []
    half_written = 0
    for number in range(kills):
        acknowledged += children.kill_one(number, rng)
        half_written += any((folder / "locks").glob("*.tmp"))
        wrong += problems(folder, acknowledged)
    acknowledged += children.together(2, 0, 0)
    wrong += problems(folder, acknowledged)
    acknowledged += children.together(4, 1, 2)
    wrong += problems(folder, acknowledged)
    acknowledged += children.together(1, 2, 0)
    wrong += problems(folder, acknowledged)
    wrong += [f"left: {path.name}" for path in (folder / "locks").glob("*.tmp")]
    report = [*sorted(set(wrong)), f"acknowledged {len(acknowledged)}, half-written {half_written}"]
    sys.stdout.write("\n".join(report) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
