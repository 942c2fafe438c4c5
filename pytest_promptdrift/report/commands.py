"""What to type next about one case or one family."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

# Stands where a person has to write the reason.
_REASON = "'…'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """The commands about ``node``, a node id as it is typed where pytest was started.

    ``models`` are the models that were chosen on the command line, which the next run needs again.
    The answers of a ``live`` run are not kept beside the recordings: nothing can be decided about
    them.
    """

    node: str
    models: tuple[str, ...] = ()
    live: bool = False

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
        return shlex.join(["pytest-promptdrift", "review", self.node])

    @property
    def accept(self) -> str:
        """Accept it without a walk through it."""
        return f"{shlex.join(['pytest-promptdrift', 'accept', self.node])} --reason {_REASON}"

    def _pytest(self, mode: str, *more: str) -> str:
        words = ["pytest", "--promptdrift-mode", mode, *more]
        for model in self.models:
            words += ["--promptdrift-model", model]
        return shlex.join([*words, self.node])
