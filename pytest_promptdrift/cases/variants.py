"""Reads the wordings of a prompt: what the file says, and what each variant says instead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_promptdrift.model import Part

from .matrix import Variant
from .prompts import PromptText, make_turn
from .shaping import (
    prompt_from_file,
    prompt_text,
    read_attachments,
    read_response_format,
    read_tool_choice,
    read_tools,
    read_turns,
)

if TYPE_CHECKING:
    from .problems import Keys
    from .prompts import Turn
    from .shaping import Checked, Desk

_PROMPTS = ("prompt", "prompt_file", "messages")


class Layer(NamedTuple):
    """A mapping that says something about the prompt, and where it stands."""

    keys: dict[str, Any]
    at: Keys


class Said(NamedTuple):
    """What the innermost layer says about a key."""

    value: Checked
    at: Keys


def read_variants(desk: Desk, top: dict[str, object]) -> tuple[Variant, ...]:
    """Return the variants of a checked file, or one without a name; problems are noted.

    A variant that something is wrong with is left out, after all that is wrong was noted.
    """
    base = Layer(top, ())
    named = top.get("variants")
    if not isinstance(named, dict):
        broken = desk.problems.touch(("variants",))
        return () if broken else tuple(_read(desk, "", (base,)))
    layers = [_own_layer(desk, name, spec) for name, spec in named.items()]
    _note_unused_prompt(desk, base, layers)
    found = [
        variant
        for name, layer in zip(named, layers, strict=True)
        for variant in _read(desk, name, (base, layer))
    ]
    return tuple(found)


def _own_layer(desk: Desk, name: str, spec: object) -> Layer:
    at = ("variants", name)
    if isinstance(spec, str):
        return Layer({"prompt": spec}, at)
    return Layer(desk.problems.clean(spec, at) if isinstance(spec, dict) else {}, at)


def _note_unused_prompt(desk: Desk, base: Layer, layers: list[Layer]) -> None:
    for key in _PROMPTS:
        if key in base.keys and all(any(k in layer.keys for k in _PROMPTS) for layer in layers):
            desk.problems.add((key,), f"{key!r} is never used: every variant has its own prompt")


def _read(desk: Desk, name: str, layers: tuple[Layer, ...]) -> list[Variant]:
    reader = _Reader(desk, layers)
    variant = reader.variant(name)
    return [] if reader.broken else [variant]


class _Reader:
    """Reads one variant from the layers that speak about it."""

    def __init__(self, desk: Desk, layers: tuple[Layer, ...]) -> None:
        self.desk = desk
        self.layers = layers
        self.is_template = self._value("template", "jinja") == "jinja"

    @property
    def broken(self) -> bool:
        """Tell whether something that this variant needs is wrong."""
        touch = self.desk.problems.touch
        if len(self.layers) > 1 and touch(self.layers[-1].at):
            return True
        keys = (*_PROMPTS, "system", "template", "params", "tools", "tool_choice")
        return any(touch((key,)) for key in (*keys, "response_format", "attachments"))

    def variant(self, name: str) -> Variant:
        """Return the variant; what cannot be used is noted and left out."""
        system, turns = self._split(self._system(), self._turns())
        tools = self._said("tools")
        read = read_tools(self.desk, *tools) if tools else ()
        choice = self._said("tool_choice")
        form = self._said("response_format")
        attached = self._said("attachments")
        return Variant(
            name=name,
            where=self.desk.problems.where(self._place()),
            system=system,
            turns=turns,
            tools=read,
            tool_choice=read_tool_choice(self.desk, *choice, read) if choice else None,
            response_format=read_response_format(self.desk, *form) if form else None,
            params={k: v for layer in self.layers for k, v in layer.keys.get("params", {}).items()},
            attachments=read_attachments(self.desk, *attached) if attached else (),
        )

    def _said(self, key: str) -> Said | None:
        for layer in reversed(self.layers):
            if key in layer.keys:
                return Said(layer.keys[key], (*layer.at, key))
        return None

    def _value(self, key: str, default: str) -> str:
        said = self._said(key)
        return said.value if said else default

    def _prompt(self) -> tuple[str, Said] | None:
        """Return the one of prompt, prompt_file and messages that this variant uses."""
        for layer in reversed(self.layers):
            for key in _PROMPTS:
                if key in layer.keys:
                    return key, Said(layer.keys[key], (*layer.at, key))
        return None

    def _place(self) -> Keys:
        if self.layers[-1].at:
            return self.layers[-1].at
        prompt = self._prompt()
        return prompt[1].at if prompt else ()

    def _system(self) -> PromptText | None:
        said = self._said("system")
        return self._text(said.value, said.at, "the system prompt") if said else None

    def _turns(self) -> tuple[Turn, ...]:
        found = self._prompt()
        if found is None:
            return ()
        key, (value, at) = found
        if key == "messages":
            return read_turns(self.desk, value, at, is_template=self.is_template)
        spec = {"file": value} if key == "prompt_file" else value
        text = self._text(spec, at, "the prompt")
        return (make_turn("user", (text,)),) if text else ()

    def _text(self, value: Checked, at: Keys, what: str) -> PromptText | None:
        if isinstance(value, str):
            return prompt_text(self.desk, value, at, what, is_template=self.is_template)
        return prompt_from_file(self.desk, value["file"], at, what, is_template=self.is_template)

    def _split(
        self, system: PromptText | None, turns: tuple[Turn, ...]
    ) -> tuple[PromptText | None, tuple[Turn, ...]]:
        """Take the system turn at the start out of the turns."""
        if not turns or turns[0].role != "system":
            return system, turns
        first, rest = turns[0], turns[1:]
        prompt = self._prompt()
        at = (*prompt[1].at, 0) if prompt else ()
        if system is not None:
            self.desk.problems.add(at, "the system prompt is given twice: here and as 'system'")
        if rest and rest[0].role == "system":
            self.desk.problems.add((*at[:-1], 1), "two system turns at the start: make them one")
        if len(first.parts) != 1 or isinstance(first.parts[0], Part):
            self.desk.problems.add(at, "a system turn is one text")
            return system, rest
        return _as_system(first.parts[0]), rest


def _as_system(text: PromptText) -> PromptText:
    return replace(text, place=replace(text.place, what="the system prompt"))
