"""Opposites: concepts with the words that affirm and those that deny them.

"not allowed" and "forbidden" deny the same concept, so that a re-worded negation is no change.
Curated: a word that has a harmless second meaning is left out.
"""

from __future__ import annotations

import re
from typing import Final

from .phrases import MARK

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
    "known": "known know knew aware / unknown unaware",
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
SAME: Final = {"yearly": "annually", "annual": "annually"}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Written otherwise, the two sides of these are told from each other's point of view.
CONVERSE: Final = _set(
    "before above more higher cheap early buyer sender lender better short strong"
    " import incoming landlord"
)
# Of these only a comparison with "than" has another point of view.
COMPARED: Final = _set("more higher cheap early better short strong")
# Only where all the rest is the same: these words also mark a place in a sentence.
WEAK: Final = _set(
    "before first up more high new full start open add correct long short add keep"
    " always able complete gain accept early required possible"
)
NEGATIONS: Final = _set("not no never none nothing nobody neither nor without nowhere")
# They deny in their own way: where one stands, a missing "not" proves nothing.
HIDDEN: Final = _set(
    "fail fails failed lack lacks lacking except unless instead rather hardly barely"
    " avoid prevent prevents block blocked blocks unfortunately refuse refused refuses"
    " exempt free void zero miss missing absent until too stop stops stopped ban bans"
    " off neglect ignore cancel cancelled only but however although restrict"
    " restricted restricts limit decline declined deny denied forfeited lose waive"
    " waived omit omitted sealed intact regardless against ineligible"
)
# Words that deny by how they are made, but for those that only look so ("information").
PREFIXED = re.compile(
    r"un(?!it|ion|iver|der|til|iq|iform|less)[a-z]{4,}"
    r"|in(?!t[eor]|f[oelr]|clu|cre|com(?:e|ing)|de[ex]|dic|dividual|du|side|sp|st|su[lr]|se|si[gs]"
    r"|v[eio]|put|q|j|h|i|n|bo|gr|l)[a-z]{4,}"
    r"|im(?!p(?:[or]|ac|le|ly)|ag|med)[a-z]{4,}|ir(?!o|is)[a-z]{4,}"
    r"|dis(?!c(?:ou|u|ov)|pl|pa|pos|pu|t[ai]|tri|h|k)[a-z]{4,}|non[a-z]{4,}|[a-z]{3,}(?<!wire)less"
)
AMOUNTS: Final = frozenset(("least", "than", "free"))
DENYING_MARKS: Final = frozenset(f"{MARK}{concept}-" for concept in ("permit", "must", "eligible"))
SIGNS: Final[dict[str, tuple[str, int]]] = {}
for _concept, _line in _PAIRS.items():
    for _sign, _side in zip((1, -1), _line.split(" / "), strict=True):
        for _word in _side.split():
            SIGNS[_word] = (_concept, _sign)
            if not _word.endswith(("s", "ed", "ly")):
                SIGNS.setdefault(_word + "s", (_concept, _sign))
MEMBERS: Final = {word: group.split()[0] for group in _CLASSES for word in group.split()}
