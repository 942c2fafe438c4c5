"""Recognises credentials in a configuration file, so that they are refused and never shown.

A small net of its own: the one that guards recordings lives above this room.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

_SHAPES = re.compile(
    r"""
    \b(?:sk|rk|pk)-[\w-]{16,}           # OpenAI, Anthropic and many that copy them
    | \b(?:sk|rk)_(?:live|test)_\w{10,}
    | \bAKIA[0-9A-Z]{12,}
    | \bAIza[\w-]{30,}
    | \bgh[pousr]_\w{20,} | \bgithub_pat_\w{20,} | \bglpat-[\w-]{16,}
    | \bxox[abprs]-[\w-]{10,}
    | \b(?:hf|gsk|r8|nvapi|xai|pplx|tgp)[_-][\w-]{20,}
    | \beyJ[\w-]{10,}\.[\w-]{6,}\.
    | \b[Bb]earer\s+[\w.~+/-]{12,}
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY
    """,
    re.VERBOSE,
)
_NAMES = re.compile(
    r"(?:x|openai|anthropic|azure|my)?"
    r"(?:(?:api|access|auth|bearer|secret)?(?:keys?|tokens?)|auth|authorization|bearer|credentials?"
    r"|passw(?:or)?d|secrets?)\Z"
)
_LONGEST_SHOWN = 80


def looks_like_key(text: str) -> bool:
    """Tell whether ``text`` contains something with the shape of a credential."""
    return _SHAPES.search(text) is not None


def names_a_key(name: str) -> bool:
    """Tell whether a configuration key of this name is meant to hold a credential."""
    return _NAMES.match(re.sub(r"[^a-z]", "", name.casefold())) is not None


def shown(value: object) -> str:
    """Quote a value for a message: never a credential, never more than a line."""
    text = repr(value)
    if looks_like_key(text):
        return "a value that looks like a key (not shown)"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def secret_paths(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every value that is, or by its name should be, a credential.

    What a scripted model answers may have any name: there only the shape of the value counts.
    """
    if isinstance(value, Mapping):
        for key, item in value.items():
            inner = (*path, str(key))
            scripted = "answers" in path or "rules" in path
            if isinstance(item, str) and item and not scripted and names_a_key(str(key)):
                yield inner
            elif looks_like_key(str(key)):
                yield path
            else:
                yield from secret_paths(item, inner)
    elif isinstance(value, str):
        if looks_like_key(value):
            yield path
    elif isinstance(value, Sequence) and any(True for item in value for _ in secret_paths(item)):
        yield path


def without(value: Mapping[str, object], paths: set[tuple[str, ...]]) -> dict[str, object]:
    """Return ``value`` without the items at ``paths``, so that nothing later can quote them."""

    def prune(item: object, path: tuple[str, ...]) -> object:
        if isinstance(item, Mapping):
            kept = ((key, (*path, str(key))) for key in item)
            return {key: prune(item[key], inner) for key, inner in kept if inner not in paths}
        return item

    return {key: prune(item, (key,)) for key, item in value.items() if (key,) not in paths}
