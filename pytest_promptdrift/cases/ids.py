"""Names of cases and variants: which are allowed, and the one a case without a name gets.

An id is part of a node id and of a file name, and people type it after ``-k``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_promptdrift._canonical import digest
from pytest_promptdrift._text import cut

from .kinds import found, name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .kinds import Schema
    from .problems import Keys, Problems

SIGNS = "_.-+:"
# ``triage.prompt.yaml::family[few_shot-openai:gpt-5-mini]`` is no case
FAMILY = "family"
LONGEST = 120
ALLOWED = "letters, digits and _ . - + : (no '::'), beginning with a letter, a digit or _"
_PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.+-]|:(?!:)){0,119}\Z")
_SCHEMA = r"^(?!.*::)[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.+:-]*$"
_SLUG_WORDS = 5
_SLUG_LENGTH = 40
_DIGEST_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Name:
    """A name that may stand in a node id; that of a ``case`` may be a whole number."""

    case: bool = False

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Note a name that cannot be used, with one that can."""
        if self.case and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            hint = f'write "{value}" in quotes' if isinstance(value, int | float) else None
            problems.add(at, f"{name_of(at)} must be text, found {found(value)}", hint)
        elif problem := (case_id_problem if self.case else name_problem)(value):
            problems.add(at, f"the {at[-1]} {problem[0]}", problem[1])

    def schema(self) -> Schema:
        """Describe the name."""
        text: Schema = {"type": "string", "pattern": _SCHEMA, "maxLength": LONGEST}
        if not self.case:
            return text
        return {"anyOf": [{**text, "not": {"const": FAMILY}}, {"type": "integer"}]}


def name_problem(name: str) -> tuple[str, str | None] | None:
    """Tell why ``name`` cannot be used and what could be written, or None when it can."""
    if _PLAIN.match(name):
        return None
    wrong = [char for char in dict.fromkeys(name) if not _allowed(char)]
    clean = _cleaned(name)
    hint = f"write {clean}" if clean else None
    if not name.strip():
        return "is empty", None
    if wrong:
        shown = ", ".join(_shown(char) for char in wrong[:5])
        return f"{cut(name, 60)!r} has {shown} in it; allowed: {ALLOWED}", hint
    if "::" in name:
        return f"{cut(name, 60)!r} has '::' in it, which separates the parts of a node id", hint
    if not (name[0].isalnum() or name[0] == "_"):
        return f"{cut(name, 60)!r} begins with {name[0]!r}; allowed: {ALLOWED}", hint
    longer = f"{cut(name, 60)!r} has more than {LONGEST} characters"
    return (longer, hint) if len(name) > LONGEST else None


def case_id_problem(name: str) -> tuple[str, str | None] | None:
    """Tell why no case can be called ``name`` and what could be written, or None."""
    if name == FAMILY:
        taken = f"{name!r} is taken: the verdict about all cases together is called so"
        return taken, f"write {name}-1, or a word that says what the case is about"
    return name_problem(name)


def _allowed(char: str) -> bool:
    return char.isalnum() or char in SIGNS or unicodedata.category(char)[0] in "LNM"


def _shown(char: str) -> str:
    if char == " ":
        return "a space"
    return repr(char) if char.isprintable() else f"the character U+{ord(char):04X}"


def _cleaned(name: str) -> str:
    kept = "".join(char if _allowed(char) else "-" for char in name)
    kept = re.sub(r"-{2,}", "-", re.sub(r":{2,}", ":", kept))
    start = next((index for index, char in enumerate(kept) if char.isalnum() or char == "_"), None)
    return "" if start is None else kept[start : start + LONGEST].strip("-.")


def slug(text: str) -> str:
    """Return the first words of ``text`` as a name: at most 5 of them and 40 characters."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text[:400]).lower())[:_SLUG_WORDS]
    out = ""
    for word in words:
        longer = f"{out}-{word}" if out else word
        if len(longer) > _SLUG_LENGTH:
            return out or word[:_SLUG_LENGTH]
        out = longer
    return out


def id_from_content(variables: Mapping[str, object], more: object, first_text: str | None) -> str:
    """Return the id of a case without one: readable, and the same as long as its content is.

    ``more`` is what tells the case apart beside its variables (turns, attachments), None for
    nothing.
    """
    content = digest(variables if more is None else [variables, more])
    return f"{slug(first_text or '') or 'case'}-{content[:_DIGEST_LENGTH]}"
