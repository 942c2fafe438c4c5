"""Turns traits that went or came into findings, once somebody has decided that they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_promptdrift._text import cut, visible
from pytest_promptdrift.model import Finding

from .kinds import KINDS
from .traits import FRAGMENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_promptdrift.model import Trait

# What stands at a path, as against the path itself; a later one says why an earlier one changed.
_AT_A_PATH: Final = ("json_value", "format_changed", "type_changed", "newly_null")
_WITH_PATH: Final = frozenset(
    (*_AT_A_PATH, "field_gone", "tool_arguments", "json_broken", "json_fence", "json_preamble")
)
# Their words speak for themselves.
_PLAIN: Final = frozenset({"number", "date", "entity", "operator"})
_UNQUOTED: Final = frozenset(
    {"field_gone", "tool_name", "json_broken", "json_value", "type_changed", "format_changed"}
)
# Known in English only, so that they go with the language.
_ENGLISH: Final = frozenset({"negation", "antonym", "entity", "polarity"})


def trait_finding(
    gone: Trait | None,
    come: Trait | None,
    shown: Mapping[Trait, str],
    *,
    accepted: int,
    accepted_of: int,
    fresh: int,
    fresh_of: int,
) -> Finding:
    """Return what went, what came in its place, or both, as a finding.

    ``accepted`` counts the accepted answers that have ``gone`` (without it, that have ``come``),
    ``fresh`` the fresh ones that still have ``gone`` (without it, that have ``come``). ``shown``
    has the words of an answer for both.
    """
    leading = gone or come
    if leading is None:
        msg = "a finding needs a trait that went or came"
        raise ValueError(msg)
    kind = _kind(gone, come) if gone else kind_of(leading, came=True)
    counts = f"{accepted} of {accepted_of} accepted, {fresh} of {fresh_of} fresh"
    instead = f"; fresh say {_words(come, shown)}" if gone and come else ""
    path = leading[2] if leading[0] in _WITH_PATH else None
    where = f"{path}: " if path and leading[0] in _AT_A_PATH else ""
    title = "" if leading[0] in _PLAIN else f"{KINDS[kind].title}: "
    return Finding(
        kind=kind,
        message=visible(f"{where}{title}{_words(leading, shown)} in {counts}{instead}"),
        severity="note",
        old=shown.get(gone) if gone else None,
        new=shown.get(come) if come else None,
        path=path,
        accepted=accepted,
        accepted_of=accepted_of,
        fresh=fresh_of - fresh if gone else fresh,
        fresh_of=fresh_of,
        traits=tuple([trait for trait in (gone, come) if trait is not None]),
    )


def describe_trait(trait: Trait, shown: Mapping[Trait, str] | None = None) -> str:
    """Return a trait in a few words: ``"14 days"``, ``field $.total``, ``refuses``.

    ``shown`` has the words of an answer; without them the normal form has to do.
    """
    kind, key, path = trait
    words = _words(trait, shown or {})
    if kind == "field_gone":
        return f"field {words}"
    if kind == "tool_name":
        return f"tool {words}"
    if kind in {"refusal", "truncation", "language"} or kind.startswith("json_f"):
        return key
    return f"{path} {words}" if path and kind in _AT_A_PATH else words


def kind_of(trait: Trait, *, came: bool) -> str:
    """Return the kind of finding that a trait is when it went, or when it ``came``."""
    if came and trait[0] == "field_gone":
        return "field_new"
    if came and trait[0] == "json_broken":
        return "json_value"  # it was no JSON and is now: whoever reads it has to look
    if came and trait[0] == "tool_name":
        return "tool_new"
    return trait[0]


def _kind(gone: Trait, come: Trait | None) -> str:
    kind = gone[0]
    if kind == "tool_name":
        return _tools(gone[1], come[1] if come else "")
    if kind == "type_changed" and come and (gone[1], come[1]) == ("list", "object"):
        return "list_to_object"
    return kind


def _tools(gone: str, come: str) -> str:
    old, new = ([name for name in names.split(", ") if name] for names in (gone, come))
    if sorted(old) == sorted(new):
        return "tool_order"
    if len(old) == len(new):
        return "tool_name"
    return "tool_gone" if len(new) < len(old) else "tool_new"


def _words(trait: Trait, shown: Mapping[Trait, str]) -> str:
    text = cut(" ".join(shown.get(trait, trait[1]).split()), FRAGMENT)
    return text if trait[0] in _UNQUOTED else f'"{text}"'


def covered(trait: Trait, told: set[Trait]) -> bool:
    """Tell whether a trait only says again what one of ``told`` says.

    That is so for what stands in a field that went, for a value whose type changed, for arguments
    where another tool was called, and for what is known in English only in another language.
    """
    kind, _, path = trait
    kinds = {other[0] for other in told}
    if kind in _ENGLISH:
        return "language" in kinds
    if not path or (kind.startswith("json_") and kind != "json_value"):
        return False
    if ("json_broken" if path.startswith("$") else "tool_name") in kinds:
        return True
    outer = _around(path)[kind == "field_gone" :]
    if any(("field_gone", place, place) in told for place in outer):
        return True
    stronger = _AT_A_PATH[_AT_A_PATH.index(kind) + 1 :] if kind in _AT_A_PATH else ()
    return any(other[0] in stronger and other[2] == path for other in told)


def _around(path: str) -> list[str]:
    """Return a path and the paths it lies in, from inside out."""
    found = [path.removesuffix("[]")]
    while "." in found[-1]:
        found.append(found[-1].rpartition(".")[0].removesuffix("[]"))
    return found
