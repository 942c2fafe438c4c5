"""The walk through what waits: a page, a question, a decision that is written before the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import PromptDriftError
from pytest_promptdrift._text import plural

from .deciding import decide, one_line, say_after_rejecting, say_decided, say_where
from .desk import AGAIN
from .page import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .console import Console
    from .deciding import Decided
    from .desk import Desk, Waiting

_KEYS = "[a]ccept  [r]eject  [s]kip  all of this [c]ase  [m]ore  [q]uit  [?] help: "
_HELP = """\
a  accept: these answers are right from now on; the reason may be empty
r  reject: these answers are wrong; the reason is repeated by every run that meets them
s  skip: decide another time
c  accept or reject all that wait for this case, whatever variant and model
m  more: this page again, nothing cut
q  quit; what was decided stays decided"""


class _Quit(Exception):  # noqa: N818  (it is no error)
    """The person leaves."""


@dataclass(slots=True, kw_only=True)
class Walk:
    """One walk through ``queue``; ``full`` cuts nothing on any page."""

    desk: Desk
    console: Console
    queue: Sequence[Waiting]
    full: bool = False
    _done: list[Decided] = field(default_factory=list)
    _over: set[str] = field(default_factory=set)

    def go(self) -> int:
        """Show and ask, case by case; returns how many still wait."""
        try:
            for number, one in enumerate(self.queue, 1):
                if one.node not in self._over:
                    self._visit(one, f"{number}/{len(self.queue)}")
        except _Quit:
            pass
        left = len(self.queue) - len(self._done)
        self._say_end(left)
        return left

    def _visit(self, one: Waiting, position: str) -> None:
        answers: dict[str, Callable[[Waiting], bool]] = {
            "a": lambda one: self._decide([one], accepted=True),
            "r": lambda one: self._decide([one], accepted=False),
            "c": self._whole_case,
            "s": lambda _: True,
        }
        full = self.full
        while True:
            Page(console=self.console, full=full).show(one, position=position)
            full = self._ask(one, answers)
            if not full:
                return

    def _ask(self, one: Waiting, answers: dict[str, Callable[[Waiting], bool]]) -> bool:
        """Ask until there is an answer; returns True when the whole page is to be seen."""
        while True:
            key = self._said(f"\n{_KEYS}").casefold()
            if key in answers:
                if answers[key](one):
                    return False
            elif key == "m":
                return True
            elif key == "q":
                raise _Quit
            else:
                if key and key != "?":
                    self.console.say(f"{key!r} is none of them")
                self.console.say(_HELP, indent=2)

    def _said(self, question: str) -> str:
        answer = self.console.ask(question)
        if answer is None:
            raise _Quit
        return answer

    def _whole_case(self, one: Waiting) -> bool:
        """Decide about every label of a case that still waits."""
        members = [
            other
            for other in self.queue
            if (other.case_file, other.case_id) == (one.case_file, one.case_id)
            and other.node not in self._over
        ]
        for member in members:
            self.console.say(member.node, indent=2)
            self.console.say(member.obstacle or member.entry.headline, indent=4)
        key = self._said("[a]ccept or [r]eject them all; anything else goes back: ").casefold()
        return key in {"a", "r"} and self._decide(members, accepted=key == "a")

    def _decide(self, members: Sequence[Waiting], *, accepted: bool) -> bool:
        """Ask why and write; False when nothing was, and the question has to be asked again."""
        blocked = [one for one in members if accepted and one.obstacle is not None]
        for one in blocked:
            self.console.say(f"{one.node} cannot be accepted: {one.obstacle}")
        if blocked:
            return False
        why = self._said("reason (may be empty): " if accepted else "reason: ")
        if not accepted and not why:
            self.console.say("nothing was rejected: a reason is needed")
            return False
        return self._write(members, accepted=accepted, why=one_line(why))

    def _write(self, members: Sequence[Waiting], *, accepted: bool, why: str) -> bool:
        if not all(self.desk.still(one) for one in members):
            self.console.say(f"something changed in the meantime, nothing was written; {AGAIN}")
            return True
        try:
            at = self.console.time()
            for some in decide(self.desk, members, accepted=accepted, why=why, at=at):
                for one in some:
                    self._done.append(one)
                    self._over.add(one.node)
                    say_decided(one, self.console)
        except PromptDriftError as error:
            self.console.error(str(error))
            return False
        return True

    def _say_end(self, left: int) -> None:
        accepted = sum(one.decision.accepted for one in self._done)
        counts = {"accepted": accepted, "rejected": len(self._done) - accepted, "undecided": left}
        told = [f"{count} {what}" for what, count in counts.items() if count]
        self.console.say(f"\n{plural(len(self.queue), 'case')}: {', '.join(told)}")
        if self._done:
            say_where(self._done, self.desk, self.console)
        if counts["rejected"]:
            say_after_rejecting(self._done, self.console)
