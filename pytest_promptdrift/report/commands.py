"""What to type next about one case or one family."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass

# Stands where a person has to write the reason.
_REASON = "'…'"


def in_folder(folder: str, command: str) -> str:
    """Return a command as it is typed from outside the folder that it has to run in."""
    return f"(cd {shlex.quote(folder)} && {command})" if folder else command


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """The commands about ``node``, a node id as it is typed where pytest was started.

    ``models`` are the models that were chosen on the command line, which the next run needs again.
    The answers of a ``live`` run are not kept beside the recordings: nothing can be decided about
    them. ``folder`` is the one that the console script has to be called in, empty for this one.
    """

    node: str
    models: tuple[str, ...] = ()
    live: bool = False
    folder: str = ""

    @property
    def record(self) -> str:
        """Record what is missing."""
        return self._pytest("record")

    @property
    def refresh(self) -> str:
        """Ask everything anew, beside what is recorded."""
        return self._pytest("refresh")

    def more(self, samples: int) -> str:
        """Record until there are this many samples per case."""
        return self._pytest("record", "--promptdrift-samples", str(samples))

    @property
    def review(self) -> str:
        """Look at it and decide."""
        return in_folder(self.folder, shlex.join(["pytest-promptdrift", "review", self._inside]))

    @property
    def accept(self) -> str:
        """Accept it without a walk through it."""
        command = shlex.join(["pytest-promptdrift", "accept", self._inside])
        return in_folder(self.folder, f"{command} --reason {_REASON}")

    @property
    def _inside(self) -> str:
        """Return the node as it is typed in ``folder``."""
        if not self.folder:
            return self.node
        path, separator, name = self.node.partition("::")
        return f"{os.path.relpath(path, self.folder)}{separator}{name}"

    def _pytest(self, mode: str, *more: str) -> str:
        words = ["pytest", "--promptdrift-mode", mode, *more]
        for model in self.models:
            words += ["--promptdrift-model", model]
        return shlex.join([*words, self.node])
