"""Opposites and negations: what a claim affirms and what it denies, whatever words it takes.

"not allowed" and "forbidden" deny the same concept, so that a re-worded negation is no change.
A concept with both signs in one claim says nothing. Curated: a word that has a harmless second
meaning is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from .words import STOP, stem

# concept: words that affirm it / words that deny it; phrases are written with blanks
_PAIRS: Final = {
    "permit": "allowed permitted authorised authorized / forbidden prohibited banned disallowed",
    "accept": "accepted approved accept approve granted / rejected refused reject refuse declined"
    " denied deny",
    "include": "included include including covered cover / excluded exclude excluding excludes",
    "rise": "rise rose risen increase increased grew grow grown raised / fell fall fallen decrease"
    " decreased dropped drop reduced reduce lowered shrank",
    "open": "open opened / closed close",
    "enable": "enable enabled activated activate activates / disable disabled deactivated"
    " deactivate deactivates",
    "active": "active / inactive",
    "available": "available / unavailable",
    "must": "mandatory required compulsory obligatory / optional voluntary",
    "valid": "valid / invalid expired",
    "paid": "paid / unpaid",
    "refundable": "refundable / nonrefundable non-refundable",
    "internal": "internal / external",
    "incoming": "incoming inbound / outgoing outbound",
    "above": "above / below beneath",
    "more": "more / less fewer",
    "higher": "higher highest / lower lowest",
    "maximum": "maximum / minimum",
    "always": "always / never",
    "success": "successful succeeded succeed successfully passed / unsuccessful failed fail",
    "correct": "correct right true accurate / incorrect wrong false inaccurate",
    "safe": "safe secure / unsafe dangerous insecure",
    "profit": "profit profits gain gains / loss losses",
    "surplus": "surplus / deficit shortfall",
    "early": "early earlier earliest / late later latest",
    "temporary": "temporary temporarily / permanent permanently",
    "fixed": "fixed / variable",
    "public": "public publicly / private privately confidential",
    "full": "full fully entire / partial partially partly",
    "before": "before / after",
    "upgrade": "upgrade upgraded / downgrade downgraded",
    "manual": "manual manually / automatic automatically",
    "online": "online / offline",
    "domestic": "domestic / international abroad",
    "credit": "credit credited / debit debited",
    "gross": "gross / net",
    "legal": "legal lawful / illegal unlawful",
    "encrypted": "encrypted / unencrypted",
    "import": "import imported imports / export exported exports",
    "positive": "positive / negative",
    "cheap": "cheap cheaper cheapest / expensive costly dearest",
    "first": "first / last",
    "buyer": "buyer / seller",
    "sender": "sender / recipient",
    "lender": "lender / borrower",
    "landlord": "landlord / tenant",
    "up": "up upward upwards / down downward downwards",
    "high": "high / low",
    "strong": "strong stronger / weak weaker",
    "taxable": "taxable / tax-free tax-exempt",
    "new": "new / used second-hand",
    "possible": "possible / impossible",
    "able": "able / unable",
    "eligible": "eligible entitled / ineligible",
    "likely": "likely / unlikely",
    "usedness": "opened / unopened sealed",
    "limited": "limited / unlimited",
    "complete": "complete / incomplete",
    "connect": "connected connect / disconnected disconnect",
    "install": "install installed / uninstall uninstalled",
    "lock": "locked lock / unlocked unlock",
    "subscribe": "subscribe subscribed / unsubscribe unsubscribed",
    "add": "add added / remove removed delete deleted",
    "start": "starts start begins begin / ends end stops stop finishes",
    "win": "won win wins / lost lose loses",
    "better": "better best improved improves / worse worst worsened",
    "agree": "agree agreed agrees / disagree disagreed disagrees",
    "hire": "hired hire / fired dismissed",
    "arrive": "arrives arrival / departs departure",
    "keep": "keep / discard",
    "short": "short shorter / long longer",
    "visible": "visible shown / invisible hidden",
    "urgent": "urgent / non-urgent",
    "morning": "morning / evening",
    "indoor": "indoor indoors / outdoor outdoors",
}
# Of these every two exclude each other.
_CLASSES: Final = (
    "hourly daily weekly fortnightly monthly quarterly annually",
    "red green blue yellow black white",
    "north south east west",
)
_SAME: Final = {"yearly": "annually", "annual": "annually", "per year": "annually"}
# Written otherwise, the two sides of these are told from each other's point of view.
CONVERSE: Final = frozenset(
    [
        "before",
        "above",
        "more",
        "higher",
        "cheap",
        "early",
        "buyer",
        "sender",
        "lender",
        "better",
        "short",
        "strong",
        "import",
        "incoming",
        "landlord",
    ]
)
# Of these only a comparison with "than" has another point of view.
COMPARED: Final = frozenset(["more", "higher", "cheap", "early", "better", "short", "strong"])
# Only where all the rest is the same: these words also mark a place in a sentence.
WEAK: Final = frozenset(
    [
        "before",
        "first",
        "up",
        "more",
        "high",
        "new",
        "full",
        "start",
        "open",
        "add",
        "correct",
        "long",
        "short",
        "add",
        "keep",
        "always",
        "able",
        "complete",
        "gain",
        "accept",
        "early",
        "required",
        "possible",
    ]
)
_PHRASES: Final = tuple(
    (re.compile(rf"(?<!\u00b6)\b(?:{pattern})(?!\w)"), mark)
    for pattern, mark in (
        (r"whether or not|not only|no problem|not just|no doubt|if not|no matter|not until", " "),
        (r"(?:please )?do not hesitate to|no worries|and not|or not", " "),
        (r"no longer|not yet|not anymore", " not "),
        (
            (
                r"free of charge|for free|at no (?:extra |additional )?(?:cost|charge)"
                r"|no (?:extra )?(?:charge|cost|fee)s?"
                r"|without (?:extra |any )?(?:charge|cost|fee)s?|complimentary"
            ),
            " \u00b6free+ ",
        ),
        (r"for a fee|at an? (?:extra|additional) (?:cost|charge)|extra charge", " \u00b6free- "),
        (
            (
                r"no (?:later|more|longer) than|not (?:more|later) than|at (?:the )?most|up to"
                r"|a maximum of|not exceed(?:ing)?"
            ),
            " \u00b6least- ",
        ),
        (
            r"at (?:the )?least|no (?:less|fewer) than|not (?:less|fewer) than|a minimum of",
            " \u00b6least+ ",
        ),
        (r"more than|greater than|in excess of", " \u00b6than+ "),
        (r"less than|fewer than", " \u00b6than- "),
        (r"in stock", " \u00b6available+ "),
        (r"out of stock|sold out", " \u00b6available- "),
        (
            (
                r"(?:do|does|did|will|would) not (?:need|have) to|need not|no need to"
                r"|not (?:required|necessary|mandatory|obligatory|compulsory)"
            ),
            " \u00b6must- ",
        ),
        (r"(?:has|have|need|needs|required) to|must(?! not)", " \u00b6must+ "),
        (
            r"not (?:allowed|permitted)|may not|must not|should not|against the rules",
            " \u00b6permit- ",
        ),
        (r"not eligible|not entitled", " \u00b6eligible- "),
        (r"on (?:or )?before", " \u00b6before+ "),
    )
)
_ANSWER = re.compile(r"^\W*(?:yes|no|nope|sorry)\b[,.!:;—–-]")
_NON = re.compile(r"\bnon-(?=[a-z])")
NEGATIONS: Final = frozenset(
    ["not", "no", "never", "none", "nothing", "nobody", "neither", "nor", "without", "nowhere"]
)
# They deny in their own way: where one stands, a missing "not" proves nothing.
_HIDDEN: Final = frozenset(
    [
        "fail",
        "fails",
        "failed",
        "lack",
        "lacks",
        "lacking",
        "except",
        "unless",
        "instead",
        "rather",
        "hardly",
        "barely",
        "avoid",
        "prevent",
        "prevents",
        "block",
        "blocked",
        "blocks",
        "unfortunately",
        "refuse",
        "refused",
        "refuses",
        "exempt",
        "free",
        "void",
        "zero",
        "miss",
        "missing",
        "absent",
        "until",
        "too",
        "stop",
        "stops",
        "stopped",
        "ban",
        "bans",
        "off",
        "neglect",
        "ignore",
        "cancel",
        "cancelled",
        "only",
        "but",
        "however",
        "although",
        "restrict",
        "restricted",
        "restricts",
        "limit",
        "decline",
        "declined",
        "deny",
        "denied",
        "forfeited",
        "lose",
        "waive",
        "waived",
        "omit",
        "omitted",
        "sealed",
        "intact",
        "regardless",
        "against",
        "ineligible",
    ]
)
_PREFIXED = re.compile(r"(?:un|in|im|ir|dis|non)[a-z]{4,}|[a-z]{3,}less")
_AMOUNTS: Final = frozenset(("least", "than", "free"))
_DENYING_MARKS: Final = frozenset(("\u00b6permit-", "\u00b6must-", "\u00b6eligible-"))
_WORD = re.compile(r"\u00b6?[a-z]+(?:-[a-z]+)*[+-]?")
_SIGNS: dict[str, tuple[str, int]] = {}
for _concept, _line in _PAIRS.items():
    for _sign, _side in zip((1, -1), _line.split(" / "), strict=True):
        for _word in _side.split():
            _SIGNS[_word] = (_concept, _sign)
            if not _word.endswith(("s", "ed", "ly")):
                _SIGNS.setdefault(_word + "s", (_concept, _sign))
_MEMBERS: Final = {word: group.split()[0] for group in _CLASSES for word in group.split()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """What a claim affirms (+1) and denies (-1), with the words that say so.

    ``negations`` counts the negations that no sign tells already, ``marked`` the set phrases ("may
    not") beside them, ``denials`` everything that denies in any way. ``denied`` holds the word
    behind each negation, ``consumed`` the concepts whose sign a negation turned, ``members`` the
    words of classes whose members exclude each other.
    """

    signs: dict[str, int]
    words: dict[str, str]
    negations: int
    marked: int
    denials: int
    members: dict[str, str]
    denied: tuple[str, ...]
    content: tuple[str, ...]
    stems: frozenset[str]
    consumed: dict[str, str]


@dataclass(slots=True)
class _Listener:
    """Hears the words of a claim one by one; ``pending`` is how far a "not" still reaches."""

    signs: dict[str, int] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    consumed: dict[str, str] = field(default_factory=dict)
    content: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    negations: int = 0
    marked: int = 0
    denials: int = 0
    pending: int = 0

    def hear(self, word: str) -> None:
        """Take in the next word."""
        name = _SAME.get(word, word)
        if name in NEGATIONS:
            self.negations, self.denials, self.pending = self.negations + 1, self.denials + 1, 3
            return
        concept, sign = _concept_of(name)
        if concept:
            self._concept(concept, sign, word, name)
        elif name not in STOP and name not in _MEMBERS:
            self.content.append(stem(name))
            if self.pending:
                self.denied.append(self.content[-1])
                self.pending = 0
        hidden = name not in _SIGNS and bool(_PREFIXED.fullmatch(name))
        self.denials += name in _HIDDEN or hidden
        if name in _MEMBERS:
            group = _MEMBERS[name]
            self.members[group] = "" if group in self.members else name
        self.pending = max(0, self.pending - 1)

    def _concept(self, concept: str, sign: int, word: str, name: str) -> None:
        self.denials += sign < 0 and concept not in _AMOUNTS
        self.marked += word in _DENYING_MARKS
        if self.pending and not word.startswith("\u00b6"):
            # this negation is told by the sign of the concept
            sign, self.pending, self.negations = -sign, 0, self.negations - 1
            self.consumed[concept] = stem(name)
        # with both signs a concept says nothing
        self.signs[concept] = sign if self.signs.get(concept, sign) == sign else 0
        self.said.setdefault(concept, word)


def stance(text: str) -> Stance:
    """Return what a claim, lower-case and without contractions, affirms and denies."""
    text = _NON.sub("not ", _ANSWER.sub("", text))
    for pattern, mark in _PHRASES:
        text = pattern.sub(mark, text)
    words = _WORD.findall(text)
    heard = _Listener()
    for word in words:
        heard.hear(word)
    return Stance(
        signs=heard.signs,
        words=heard.said,
        negations=heard.negations,
        marked=heard.marked,
        denials=heard.denials,
        members=heard.members,
        denied=tuple(heard.denied),
        content=tuple(heard.content),
        stems=frozenset(map(stem, words)),
        consumed=heard.consumed,
    )


def _concept_of(word: str) -> tuple[str, int]:
    if word.startswith("\u00b6"):
        return word[1:-1], 1 if word[-1] == "+" else -1
    return _SIGNS.get(word, ("", 0))
