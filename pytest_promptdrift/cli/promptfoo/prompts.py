"""Prompts of the other tool as the prompt, or the variants, of a case file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import PromptDriftError

from .source import file_reference, items
from .templates import Template, to_jinja

if TYPE_CHECKING:
    from .source import Keys, Source

_TEXT_ENDINGS = {"", ".txt", ".md", ".j2", ".jinja", ".jinja2", ".njk", ".prompt"}
_SEPARATOR = re.compile(r"^---\s*$", re.MULTILINE)
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One prompt: its name, what goes into the case file, and the variables it uses."""

    name: str
    body: dict[str, object]
    names: frozenset[str]


def convert_prompts(source: Source, config: dict[str, object]) -> list[Wording]:
    """Return the prompts of a configuration, each under a name of its own."""
    wordings: list[Wording] = []
    given = config.get("prompts")
    for index, item in items(given):
        keys: Keys = ("prompts", index) if isinstance(given, list) else ("prompts",)
        text, label = _spelled(item)
        if text is None:
            source.leave_out(keys, "this prompt is neither text nor a file")
            continue
        found = _from_text(source, keys, text)
        for number, (body, names) in enumerate(found, 1):
            many = f"{label}_{number}" if label and len(found) > 1 else label
            taken = {wording.name for wording in wordings}
            name = _name(many or f"prompt_{len(wordings) + 1}", taken)
            wordings.append(Wording(name=name, body=body, names=names))
    return wordings


def _spelled(item: object) -> tuple[str | None, str | None]:
    if isinstance(item, str):
        return item, None
    if not isinstance(item, dict):
        return None, None
    text = next(
        (item[k] for k in ("raw", "prompt", "id", "file") if isinstance(item.get(k), str)), None
    )
    label = item.get("label")
    return text, label if isinstance(label, str) else None


def _name(label: str, taken: set[str]) -> str:
    base = re.sub(r"[^\w.]+", "_", label).strip("_.")[:40].rstrip("_.").lower() or "prompt"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


_Found = list[tuple[dict[str, object], frozenset[str]]]


def _from_text(source: Source, keys: Keys, text: str) -> _Found:
    reference = file_reference(text)
    a_name = "\n" not in text and "{" not in text and len(text) < 300
    if reference is None and a_name and PurePosixPath(text).suffix in {".txt", ".json", ".yaml"}:
        # older configurations name files without file://
        reference = text if (source.folder / text).is_file() else None
    if reference is not None:
        return _from_files(source, keys, reference)
    if re.match(r"(exec|https?|langfuse|portkey|helicone|python):", text):
        source.leave_out(
            keys, f"the prompt {text.split(maxsplit=1)[0]!r} comes from a program or a service"
        )
        return []
    return _inline(source, keys, text)


def _from_files(source: Source, keys: Keys, reference: str) -> _Found:
    if not any(sign in reference for sign in "*?["):
        return _from_file(source, keys, reference)
    try:
        paths = sorted(source.folder.glob(reference))
    except (ValueError, NotImplementedError):
        paths = []
    if not paths:
        source.leave_out(keys, f"no file matches {reference!r}")
    found: _Found = []
    for path in paths:
        found += _from_file(source, keys, path.relative_to(source.folder).as_posix())
    return found


def _from_file(source: Source, keys: Keys, reference: str) -> _Found:
    suffix = PurePosixPath(reference).suffix.lower()
    text = source.read(reference)
    if text is None or suffix not in _TEXT_ENDINGS | {".json", ".yaml", ".yml"}:
        why = "cannot be read" if text is None else "is a program or of an unknown kind"
        source.leave_out(keys, f"the prompt file {reference!r} {why}")
        return []
    if suffix in {".yaml", ".yml"}:
        return _from_yaml(source, keys, reference, text)
    parts = [part.strip() for part in _SEPARATOR.split(text) if part.strip()]
    if suffix == ".json" or len(parts) > 1:
        return [found for part in parts for found in _inline(source, keys, part)]
    template = _checked(source, keys, text)
    if template.text != text:
        return [({"prompt": template.text}, template.names)]
    return [({"prompt_file": reference}, template.names)]


def _from_yaml(source: Source, keys: Keys, reference: str, text: str) -> _Found:
    try:
        other = source.beside(reference, text)
    except PromptDriftError as error:
        source.leave_out(keys, f"the prompt file {reference!r} cannot be read: {error.message}")
        return []
    return _from_messages(source, keys, other.value) or _inline(source, keys, text)


def _inline(source: Source, keys: Keys, text: str) -> _Found:
    if text.lstrip().startswith("["):
        try:
            found = _from_messages(source, keys, json.loads(text))
        except ValueError:
            found = []
            if '"role"' in text:
                what = (
                    "this list of messages is no JSON before it is rendered; it is kept as one text"
                )
                source.leave_out(keys, what)
        if found:
            return found
    template = _checked(source, keys, text)
    return [({"prompt": template.text}, template.names)]


def _from_messages(source: Source, keys: Keys, value: object) -> _Found:
    if not isinstance(value, list) or not value:
        return []
    messages: list[dict[str, object]] = []
    names: frozenset[str] = frozenset()
    for item in value:
        if not isinstance(item, dict) or "role" not in item:
            return []
        role = _ROLES.get(str(item["role"]))
        parts = _parts(item.get("content"))
        if role is None or parts is None:
            source.leave_out(keys, f"a message of role {item['role']!r} that is more than text")
            continue
        templates = [_checked(source, keys, part) for part in parts]
        names = names.union(*(template.names for template in templates))
        texts = [template.text for template in templates]
        content = texts[0] if len(texts) == 1 else [{"text": text} for text in texts]
        messages.append({"role": role, "content": content})
    return [({"messages": messages}, names)] if messages else []


def _parts(content: object) -> list[str] | None:
    if isinstance(content, str):
        return [content]
    if not isinstance(content, list) or not content:
        return None
    texts = [part.get("text") if isinstance(part, dict) else part for part in content]
    return [str(text) for text in texts] if all(isinstance(text, str) for text in texts) else None


def _checked(source: Source, keys: Keys, text: str) -> Template:
    template = to_jinja(text)
    for doubt in template.doubts:
        source.leave_out(keys, f"look at this template: {doubt}")
    return template
