"""Expressions after ``-k``: names with ``and``, ``or``, ``not`` and parentheses, as in pytest.

pytest keeps its own parser to itself, and only the plugin may know pytest. A name is found in any
part of a node id or a tag, whatever the case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from .misuse import MisuseError

# Tells whether a case with these names, in lower case, is meant.
Matcher: TypeAlias = Callable[[Sequence[str]], bool]

_TOKENS = re.compile(r"\s*(?P<word>[()]|[^\s()]+)")
_OPERATORS = frozenset({"and", "or", "not"})
# Python's own recursion limit is far away; nobody nests expressions.
_DEEPEST = 50
_HINT = "for example: -k 'refund and not (german or draft)'"


def parse(text: str) -> Matcher:
    """Return what tells whether a case is meant; raises MisuseError with the place of a mistake."""
    return _Parser(text).whole()


class _Parser:
    """A recursive descent: ``or`` binds weaker than ``and``, and ``and`` weaker than ``not``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [(m["word"], m.start("word") + 1) for m in _TOKENS.finditer(text)]
        self._at = 0
        self._depth = 0

    def whole(self) -> Matcher:
        if not self._tokens:
            raise MisuseError("-k needs a name to look for, found nothing", hint=_HINT)
        found = self._or()
        if self._next() is not None:
            raise self._mistake("expected 'and', 'or' or the end")
        return found

    def _or(self) -> Matcher:
        found = [self._and()]
        while self._take("or"):
            found.append(self._and())
        return found[0] if len(found) == 1 else lambda names: any(one(names) for one in found)

    def _and(self) -> Matcher:
        found = [self._not()]
        while self._take("and"):
            found.append(self._not())
        return found[0] if len(found) == 1 else lambda names: all(one(names) for one in found)

    def _not(self) -> Matcher:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._mistake(f"more than {_DEEPEST} levels deep")
        try:
            if self._take("not"):
                inner = self._not()
                return lambda names: not inner(names)
            if self._take("("):
                inner = self._or()
                if not self._take(")"):
                    raise self._mistake("expected ')'")
                return inner
            return self._name()
        finally:
            self._depth -= 1

    def _name(self) -> Matcher:
        word = self._next()
        if word is None or word in _OPERATORS or word == ")":
            raise self._mistake("expected a name, 'not' or '('")
        self._at += 1
        wanted = word.casefold()
        return lambda names: any(wanted in name for name in names)

    def _next(self) -> str | None:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else None

    def _take(self, word: str) -> bool:
        found = self._next() == word
        self._at += found
        return found

    def _mistake(self, problem: str) -> MisuseError:
        word = self._next()
        if word is None:
            where = "at the end"
        else:
            where = f"at column {self._tokens[self._at][1]}, found {word!r}"
        if word is not None and word.casefold() in _OPERATORS and word not in _OPERATORS:
            problem += f" ({word.casefold()!r} is written in lower case)"
        return MisuseError(f"-k {self._text!r}: {problem} {where}", hint=_HINT)
