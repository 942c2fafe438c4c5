"""From Nunjucks to Jinja2, which read most templates alike; says where they do not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_SIMPLE = re.compile(r"\{\{-?\s*([A-Za-z_]\w*)((?:\.\w+|\[\d+\])*)\s*-?\}\}")
_LITERALS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_OPERATORS = {"!==": "!=", "===": "==", "&&": " and ", "||": " or "}
_OTHER = {
    re.compile(r"!(?!=)"): "! is not in Jinja2",
    re.compile(r"\?[^:]*:"): "a ? b : c is b if a else c in Jinja2",
    re.compile(r"\benv\."): "environment variables do not reach a prompt",
    re.compile(
        r"\b_conversation\b"
    ): "_conversation has no counterpart; write earlier turns as messages",
    re.compile(r"\{%-?\s*(?:asyncEach|asyncAll|ifAsync)"): "asynchronous tags have no counterpart",
    re.compile(r"\|\s*(?:nl2br|dump)\b"): "this filter has no exact counterpart in Jinja2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template as Jinja2 can read it, the names it uses, and what to look at."""

    text: str
    names: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = ()


def to_jinja(text: str) -> Template:
    """Return ``text`` for Jinja2; what Jinja2 cannot read at all becomes literal text."""
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return Template(text=text)
    from jinja2 import TemplateError, meta  # noqa: PLC0415  (only for prompts with templates)
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415  (the same)

    environment = SandboxedEnvironment(autoescape=False)
    text = _TAG.sub(_with_words, text)
    found = tuple(doubt for pattern, doubt in _OTHER.items() if _in_a_tag(pattern, text))
    try:
        names = meta.find_undeclared_variables(environment.parse(text))
        environment.from_string(text)
    except TemplateError as error:
        reason = f"Jinja2 cannot read this template ({error}); it is kept as literal text"
        return Template(text=f"{{% raw %}}{text}{{% endraw %}}", doubts=(*found, reason))
    return Template(text=text, names=frozenset(names), doubts=found)


def _with_words(tag: re.Match[str]) -> str:
    """Replace operators that Jinja2 writes otherwise, outside of quoted text."""
    pieces = _LITERALS.split(tag[0])
    literals = [match[0] for match in _LITERALS.finditer(tag[0])]
    for sign, word in _OPERATORS.items():
        pieces = [piece.replace(sign, word) for piece in pieces]
    return "".join(piece + literal for piece, literal in zip(pieces, [*literals, ""], strict=True))


def _in_a_tag(pattern: re.Pattern[str], text: str) -> bool:
    return any(pattern.search(_LITERALS.sub("''", tag[0])) for tag in _TAG.finditer(text))


def is_template(value: object) -> bool:
    """Tell whether a value, or anything inside it, contains a template."""
    if isinstance(value, str):
        return _TAG.search(value) is not None
    if isinstance(value, dict):
        return any(is_template(item) for item in value.values())
    return isinstance(value, list) and any(is_template(item) for item in value)


def fill(value: object, variables: Mapping[str, object]) -> object | None:
    """Put variables into the plain ``{{name}}`` of a value; None when something else is in it.

    The other tool renders the values of its assertions, ours are never parsed: so they are
    rendered once, here.
    """
    if isinstance(value, dict):
        filled = {key: fill(item, variables) for key, item in value.items()}
        return None if any(v is None for k, v in filled.items() if value[k] is not None) else filled
    if isinstance(value, list):
        every = [fill(item, variables) for item in value]
        return None if None in every else every
    if not isinstance(value, str):
        return value
    if (whole := _SIMPLE.fullmatch(value.strip())) and not whole[2] and whole[1] in variables:
        return variables[whole[1]]
    missing = False

    def put(match: re.Match[str]) -> str:
        nonlocal missing
        found = variables.get(match[1])
        if match[2] or not isinstance(found, str | int | float):
            missing = True
        return str(found)

    text = _SIMPLE.sub(put, value)
    return None if missing or _TAG.search(_SIMPLE.sub("", value)) else text
