"""What one answer is: JSON, code, a label, a refusal or prose; worked out when asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pytest_promptdrift._json_text import DECODER, too_deep, unfence
from pytest_promptdrift._refusal import refusing_words

from .claims import Claim, Item, claims_of
from .code import code_of
from .language import language, maybe_english
from .names import names_in
from .values import values_at

if TYPE_CHECKING:
    from pytest_promptdrift.model import Response

# What is read of an answer; a longer one is compared by its beginning.
MOST_TEXT = 60_000
_LABEL_WORDS = 3
_MARKED: Final = frozenset({"refusal", "content_filter"})
_TRIM = " \t\r\n.,;:!?\"'`*_“”‘’«»()[]"
_PREFIX = re.compile(r"(?i)^(?:answer|label|category|class|result|output|sentiment|type)\s*[:=]\s*")
_YES = re.compile(r"(?i)(?:yes|yep|yeah|correct|absolutely|definitely)\b(?=[\s,.!:;—–-]|$)")
_NO = re.compile(r"(?i)(?:no|nope)\b(?=[,.!:;—–]|\s*$| (?:you|we|it|this|that|they|i|the|-|—)\b)")
_VERBS: Final = frozenset(
    ["is", "are", "was", "were", "can", "cannot", "will", "has", "have", "may", "must", "not"]
)
_SUBJECTS: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "it",
        "we",
        "you",
        "i",
        "they",
        "this",
        "that",
        "he",
        "she",
        "there",
        "please",
    ]
)
_CUT_WORDS: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "and",
        "or",
        "in",
        "is",
        "are",
        "was",
        "with",
        "for",
        "your",
        "our",
        "you",
        "will",
        "by",
        "from",
        "at",
        "on",
        "that",
        "which",
        "if",
        "as",
        "their",
        "its",
        "be",
        "can",
        "has",
        "have",
        "not",
        "but",
        "than",
        "this",
        "into",
        "per",
        "we",
        "it",
    ]
)
_END = re.compile(r"[.!?:;)\]}\"'`*。！？…>|]\s*$")
NO_JSON: Final = object()


@dataclass(frozen=True)
class Reading:
    """An answer and what can be found in it; comparisons ask only for what they need."""

    response: Response

    @cached_property
    def text(self) -> str:
        """The text as far as it is read."""
        return self.response.text[:MOST_TEXT]

    @cached_property
    def refusal(self) -> str | None:
        """The words of a refusal, or None."""
        if self.response.refusal:
            return self.response.refusal
        if self.response.finish_reason in _MARKED:
            return f"finish reason {self.response.finish_reason}"
        return refusing_words(self.text)

    @cached_property
    def json(self) -> object:
        """The object or list that the whole answer is (a fence is allowed), else NO_JSON."""
        whole = self.response.text
        inner = unfence(whole)
        text = (whole if inner is None else inner).strip()
        if not text.startswith(("{", "[")):
            return NO_JSON
        try:
            value: object = DECODER.decode(text)
        except (ValueError, RecursionError):
            return NO_JSON
        return NO_JSON if too_deep(value, len(text)) else value

    @property
    def is_json(self) -> bool:
        """True when the answer is an object or a list in JSON."""
        return self.json is not NO_JSON

    @cached_property
    def code(self) -> str | None:
        """The code, when the answer is nothing else."""
        return None if self.is_json else code_of(self.text)

    @cached_property
    def language(self) -> str | None:
        """The language, or None where that is not certain."""
        return None if self.is_json or self.code is not None else language(self.text)

    @cached_property
    def english(self) -> bool:
        """True when what is known about English may be used."""
        return self.language == "en" or (self.language is None and maybe_english(self.text))

    @cached_property
    def label(self) -> str | None:
        """The answer in one form, when it has at most three words."""
        if len(self.text) > 120 or "\n" in self.text.strip():
            return None
        bare = _PREFIX.sub("", self.text.strip(_TRIM)).strip(_TRIM)
        words = bare.replace("_", " ").replace("-", " ").split()
        plain = [word.casefold() for word in words]
        if not _VERBS.isdisjoint(plain[1:]) or not _SUBJECTS.isdisjoint(plain[:1]):
            return None
        return " ".join(words).casefold() if 0 < len(bare.split()) <= _LABEL_WORDS else None

    @cached_property
    def polarity(self) -> str | None:
        """``yes`` or ``no``, when the answer begins with it."""
        start = self.text.lstrip(_TRIM)[:40]
        if _YES.match(start):
            return "yes"
        return "no" if _NO.match(start) else None

    @cached_property
    def claims(self) -> list[Claim]:
        """The claims of a prose answer."""
        foreign = self.language not in {None, "en"}
        return claims_of(self.text, dots_group=foreign)

    @cached_property
    def facts(self) -> tuple[Item, ...]:
        """The numbers, dates and codes of all claims, each once."""
        found = (i for claim in self.claims for i in claim.items)
        kept = {(i.kind, i.key): i for i in found if i.kind in {"number", "date", "code"}}
        return tuple(kept.values())

    @cached_property
    def words(self) -> frozenset[str]:
        """The normal forms of all words."""
        return frozenset(i.key for claim in self.claims for i in claim.items if i.kind == "word")

    @cached_property
    def values(self) -> frozenset[tuple[str, str]]:
        """Path and normal form of every value in the JSON and in the tool calls."""
        found = list(values_at(self.json)) if self.is_json else []
        for call in self.response.tool_calls:
            found += [(call.name + path[1:], key) for path, key in values_at(call.arguments)]
        return frozenset(found)

    @cached_property
    def names(self) -> frozenset[str]:
        """The words with a capital inside a sentence."""
        return names_in(self.claims)

    @cached_property
    def cut(self) -> bool:
        """True when the answer ends before its end."""
        if self.response.finish_reason in {"length", "max_tokens"}:
            return True
        text = self.text.rstrip()
        if self.is_json or len(self.response.text) > MOST_TEXT or not text:
            return False
        if text.count("```") % 2 or text.startswith(("{", "[")):
            return True
        if self.code is not None:
            return self.code.count("(") > self.code.count(")") or self.code.count("'") % 2 == 1
        return self._breaks_off(text)

    def _breaks_off(self, text: str) -> bool:
        words = text.split()
        if len(words) < 5 or _END.search(text):
            return False
        last = text.splitlines()[-1]
        if text.endswith((",", "-")) or last.count("(") > last.count(")"):
            return True
        if words[-1].casefold() in _CUT_WORDS and self.english:
            return True
        # the other sentences of this paragraph end properly
        return bool(re.search(r"[a-z0-9)][.!?]\s+\S", last)) and self.english
