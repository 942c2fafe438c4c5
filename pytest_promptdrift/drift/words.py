"""The words the comparison knows: stop words, number words, synonyms, and stems of the rest.

Curated for answers about business: short lists that are right beat long ones that surprise.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

STOP: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "it",
        "its",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "do",
        "does",
        "did",
        "done",
        "doing",
        "has",
        "have",
        "had",
        "having",
        "will",
        "would",
        "shall",
        "should",
        "could",
        "to",
        "of",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "within",
        "into",
        "onto",
        "about",
        "as",
        "and",
        "or",
        "but",
        "if",
        "then",
        "than",
        "so",
        "such",
        "there",
        "here",
        "we",
        "you",
        "i",
        "he",
        "she",
        "they",
        "them",
        "us",
        "me",
        "my",
        "our",
        "your",
        "yours",
        "his",
        "her",
        "hers",
        "their",
        "theirs",
        "which",
        "who",
        "whom",
        "whose",
        "what",
        "when",
        "where",
        "how",
        "while",
        "also",
        "just",
        "very",
        "please",
        "kindly",
        "each",
        "every",
        "any",
        "all",
        "some",
        "both",
        "either",
        "own",
        "same",
        "other",
        "another",
        "only",
        "even",
        "still",
        "yet",
        "per",
        "via",
        "during",
        "upon",
        "once",
        "s",
        "re",
        "ve",
        "ll",
        "d",
        "m",
        "t",
        "let",
        "get",
        "got",
        "make",
        "made",
        "take",
        "taken",
        "not",
        "no",
        "can",
        "may",
        "might",
        "must",
    ]
)
# A claim made only of these says nothing.
PLEASANT: Final = (
    "let me know",
    "let us know",
    "feel free",
    "happy to help",
    "glad to help",
    "glad i could",
    "hope this",
    "hope that",
    "any other question",
    "any more question",
    "any further question",
    "further assistance",
    "further help",
    "anything else",
    "thank you",
    "thanks for",
    "you are welcome",
    "you're welcome",
    "best regards",
    "kind regards",
    "sincerely",
    "have a great",
    "have a nice",
    "here is the",
    "here's the",
    "do not hesitate",
    "don't hesitate",
    "reach out",
    "sure,",
    "sure!",
    "certainly",
    "of course",
    "if you have any",
    "if you need any",
)
_SYNONYMS: Final = (
    "refund reimburse reimbursement repay",
    "item product goods article merchandise",
    "buy purchase",
    "customer client shopper",
    "company business firm",
    "begin start commence",
    "finish complete",
    "help assist support assistance",
    "send ship dispatch",
    "price cost",
    "contract agreement",
    "employee staff worker",
    "error mistake fault",
    "fast quick rapid",
    "big large",
    "parcel package shipment",
    "contact reach",
    "fix repair",
    "show display",
    "choose select pick",
    "need require",
    "receive obtain",
    "keep retain",
    "pay payment",
    "deliver delivery",
    "return returnable",
    "working business",
    "get receive",
    "phone telephone",
    "email mail",
    "holiday vacation",
    "arrive arrival",
    "notify inform",
    "delete remove erase",
    "answer reply respond response",
    "bill invoice",
    "wage salary",
)


# Forms whose ending does not lead to the word.
_IRREGULAR: Final = {
    form: word
    for line in (
        "find found",
        "send sent",
        "buy bought",
        "build built",
        "pay paid",
        "sell sold",
        "tell told",
        "hold held",
        "keep kept",
        "give gave given",
        "write wrote written",
        "know knew known",
        "see saw seen",
        "leave left leaving",
        "come came",
        "begin began begun",
        "break broke broken",
        "choose chose chosen",
        "speak spoke spoken",
        "drive drove driven",
        "run ran",
        "bring brought",
        "think thought",
        "wear wore worn",
        "use used using",
        "go goes went gone",
        "meet met",
        "mean meant",
        "spend spent",
        "steal stole stolen",
        "resell resold",
        "rebuild rebuilt",
        "repay repaid",
        "overpay overpaid",
        "withdraw withdrew withdrawn",
        "forget forgot forgotten",
        "eat ate eaten",
        "fly flew flown",
        "lend lent",
        "catch caught",
        "teach taught",
        "fight fought",
        "seek sought",
        "feel felt",
        "deal dealt",
        "sleep slept",
        "drink drank drunk",
        "throw threw thrown",
        "draw drew drawn",
        "tear tore torn",
        "ride rode ridden",
        "strike struck",
        "stick stuck",
        "understand understood",
        "undertake undertook undertaken",
        "overcome overcame",
        "undergo underwent undergone",
    )
    for word, *forms in (line.split(),)
    for form in forms
}
# They end in what is no ending.
_WHOLE: Final = {
    word: word[:-1] for word in ("family", "supply", "comply", "multiply", "assembly", "anomaly")
} | {"production": "production", "question": "question", "questions": "question"}
# "interaction" is what one does who interacts; "question" and "session" are no such nouns.
_NOUN: Final = re.compile(r"(?<=[a-z]{4}[ts])ions?\Z")
_ENDINGS: Final = ("ations", "ation", "ments", "ment", "ings", "ing", "edly", "ed", "es", "ly")


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return the stem of a lower-case English word, the same for its synonyms."""
    root = _bare_stem(_IRREGULAR.get(word, word))
    return _CANONICAL.get(root, root)


def _bare_stem(word: str) -> str:
    if word in _WHOLE:
        return _WHOLE[word]
    word = _NOUN.sub("", word)
    if len(word) > 4 and word.endswith(("ies", "ied")):
        return word[:-3]
    if word.endswith(("ability", "ibility")):
        word = f"{word[:-5]}le"
    if word.endswith(("able", "ible")) and len(word) > 8 and word != "responsible":
        word = word[:-4]
    for suffix in _ENDINGS:
        if word.endswith(suffix) and len(word) - len(suffix) >= (4 if suffix == "ly" else 3):
            word = word[: -len(suffix)]
            break
    else:
        if word.endswith("s") and len(word) > 3 and not word.endswith("ss"):
            word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word[-1] in "ey" else word


_CANONICAL: Final = {
    _bare_stem(word): _bare_stem(group.split()[0]) for group in _SYNONYMS for word in group.split()
}

UNITS_SMALL: Final = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
TENS: Final = {
    word: 10 * (value + 2)
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
    )
}
SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
