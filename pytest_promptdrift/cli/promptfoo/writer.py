"""Writes a case file as a person would: block texts, few quotes, every word unmistakable."""

from __future__ import annotations

import re

import yaml

from pytest_promptdrift.cases.scalars import resolve

_OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029]")
_PLAIN = re.compile(r"[^\W_][\w ./()+,;-]*", re.ASCII)


class _Dumper(yaml.SafeDumper):
    """The safe dumper, with our choice of quotes and without anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  (PyYAML's own signature)
        """Write everything out: an anchor nobody named helps nobody."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  (PyYAML's own signature)
        """Indent lists under their key."""
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    style = '"'
    if _OTHER_BREAKS.search(data):
        pass  # YAML would read them back as plain line ends; in quotes they are escaped
    elif "\n" in data.rstrip("\n") or data.endswith("\n"):
        style = "|"
    elif _PLAIN.fullmatch(data) and not data.endswith(" ") and resolve(data) == data:
        style = ""
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style or None)


_Dumper.add_representer(str, _text)


def to_yaml(value: dict[str, object]) -> str:
    """Return ``value`` as YAML, keys in their order, a blank line between the top-level keys."""
    pieces = [
        yaml.dump({k: v}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
        for k, v in value.items()
    ]
    return "".join(pieces)
