"""Compares answers that are code, token by token: operators, numbers, literals."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from pytest_promptdrift._json_text import unfence

from .clue import Clue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_promptdrift.model import Trait

_LONGEST = 1500  # tokens
_ALIKE = 0.7
_SQL = re.compile(
    r"\s*(?:select|insert\s+into|update|delete\s+from|with\s+\w+\s+as|create)\b", re.I
)
_CODE = re.compile(
    r"\s*(?:def |class |import |from \w+ import |function |const |let |var |#!|return )"
)
_TOKEN = re.compile(
    r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|\d+(?:\.\d+)?|\w+|[<>=!]=|<>|&&|\|\||\*\*|//|->|[^\w\s]"
)
_SAME: Final = {"<>": "!=", "==": "=", "&&": "and", "||": "or"}
_CLASSES: Final = (
    frozenset(("<", ">", "<=", ">=", "=", "!=", "like")),
    frozenset(("and", "or")),
    frozenset(("+", "-", "*", "/", "//", "%", "**")),
    frozenset(("min", "max", "sum", "avg", "count")),
    frozenset(("asc", "desc")),
    frozenset(("left", "right", "inner", "outer", "full", "cross")),
    frozenset(("union", "intersect", "except")),
    frozenset(("true", "false")),
    frozenset(("any", "all")),
    frozenset(("where", "having")),
    frozenset(("in", "exists")),
    frozenset(("insert", "update", "delete", "select")),
)
_CLASS_OF: Final = {word: index for index, group in enumerate(_CLASSES) for word in group}
_INSERTED: Final = frozenset(("not", "desc", "distinct"))


def code_of(text: str) -> str | None:
    """Return the code when the whole answer is code, else None."""
    inside = unfence(text)
    if inside is not None:
        return inside
    starts = _SQL.match(text) or _CODE.match(text)
    if starts and (
        _CODE.match(text) or re.search(r"\b(?:from|set|values|table)\b|[;*()]", text, re.I)
    ):
        return text
    return None


def code_clues(old: str, new: str) -> Iterator[Clue]:
    """Yield operators, numbers and literals that stand where others stood."""
    a, b = _tokens(old), _tokens(new)
    if a == b or max(len(a), len(b)) > _LONGEST:
        return
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return
    for tag, i, j, k, m in matcher.get_opcodes():
        gone, come = a[i:j], b[k:m]
        places = (" ".join(a[max(0, i - 3) : i + 3]), " ".join(b[max(0, k - 3) : k + 3]))
        if tag == "replace" and len(gone) == len(come):
            kinds = ((_kind(x, y), x, y) for x, y in zip(gone, come, strict=True))
            yield from (_clue(kind, (x, y), places) for kind, x, y in kinds if kind)
        elif len(gone) + len(come) == 1 and (gone + come)[0] in _INSERTED:
            yield _clue("operator", ("".join(gone), "".join(come)), places)


def code_traits(code: str) -> Iterator[tuple[Trait, str]]:
    """Yield what code says, looked at alone: operators, numbers and literals with their places."""
    tokens = _tokens(code)[:_LONGEST]
    for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False):
        symbol = token in _CLASS_OF and not token.isalpha()
        if symbol and before and after:
            yield ("operator", f"{before} {token} {after}", ""), f"{before} {token} {after}"
        elif token in _CLASS_OF or token in _INSERTED:
            yield ("operator", token, ""), token
        elif before in _CLASS_OF and not before.isalpha():
            continue  # the operator says it
        elif token[0].isdigit():
            yield ("number", f"{before} {token}", ""), f"{before} {token}".strip()
        elif token[0] == "'":
            yield ("entity", token, ""), token


def _tokens(text: str) -> list[str]:
    """Return the tokens in one form: what SQL may leave out is left out."""
    sql = bool(_SQL.match(text))
    tokens: list[str] = []
    for token in _TOKEN.findall(text):
        plain = token.casefold() if sql and token[0] not in "'\"" else token
        plain = _SAME.get(plain, plain)
        if plain in {";", "`"} or (sql and plain in {"asc", "inner", "as"}):
            continue
        tokens.append(f"'{plain[1:-1]}'" if plain[0] == '"' else plain)
    return tokens


def _kind(old: str, new: str) -> str | None:
    group = _CLASS_OF.get(old)
    if group is not None and group == _CLASS_OF.get(new):
        return "operator"
    if old[0].isdigit() and new[0].isdigit():
        return "number" if float(old) != float(new) else None
    if old[0] == "'" and new[0] == "'":
        return "entity" if old.casefold() != new.casefold() else None
    return None


def _clue(kind: str, tokens: tuple[str, str], places: tuple[str, str]) -> Clue:
    return Clue(
        kind=kind,
        old_key=f"{tokens[0]} in {places[0]}",
        new_key=f"{tokens[1]} in {places[1]}",
        old=places[0],
        new=places[1],
    )
