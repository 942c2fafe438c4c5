"""The names of all kinds of findings, and what each does to a case when nothing else is said.

A plain table, so that configuration and case files can name kinds without knowing how drift is
found.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Policy: TypeAlias = Literal["fail", "warn", "ignore"]
Group: TypeAlias = Literal["facts", "schema", "distribution", "scores"]
POLICIES: Final[tuple[Policy, ...]] = ("fail", "warn", "ignore")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding.

    ``group`` names the kinds that one policy sets together; ``policy`` is the default. ``title``
    says in a few words what differs.
    """

    name: str
    group: Group
    policy: Policy
    title: str


def _kinds(group: Group, policy: Policy, **titles: str) -> dict[str, Kind]:
    return {name: Kind(name, group, policy, title) for name, title in titles.items()}


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        **_kinds(
            "facts",
            "fail",
            number="another number",
            date="another date or time",
            entity="another name",
            role="roles exchanged",
            negation="affirmed here, denied there",
            antonym="the opposite",
            json_value="another value",
            label="another label",
            polarity="yes and no exchanged",
            refusal="a refusal on one side only",
            language="another language",
            truncation="cut off",
            operator="another operator",
        ),
        **_kinds(
            "facts",
            "warn",
            claim_added="says more",
            claim_dropped="no longer says",
            word="one word changed",
        ),
        **_kinds(
            "schema",
            "fail",
            field_gone="a field is gone",
            newly_null="null, which it never was",
            list_to_object="a list became an object",
            type_changed="another type",
            format_changed="another format",
            enum_left="outside the known choices",
            json_fence="gained a code fence",
            json_preamble="gained text around the JSON",
            json_broken="no JSON that parses",
            tool_name="another tool is called",
            tool_gone="a tool is no longer called",
            tool_new="a tool is called that was not",
            tool_arguments="arguments that are no JSON",
        ),
        **_kinds(
            "schema", "warn", field_new="a new field", tool_order="tools called in another order"
        ),
        **_kinds("distribution", "fail", distribution="answers of another kind"),
        **_kinds("scores", "fail", scores="scores dropped"),
    }
)


def policy_names() -> tuple[str, ...]:
    """Return what a policy can be set for: the groups of kinds first, then every kind."""
    return tuple(dict.fromkeys([kind.group for kind in KINDS.values()] + list(KINDS)))


def kinds_of(name: str) -> tuple[str, ...]:
    """Return the kinds that a policy of this name sets: those of the group, or the kind itself.

    Raises KeyError for a name that ``policy_names`` does not hold.
    """
    return tuple(kind.name for kind in KINDS.values() if kind.group == name) or (KINDS[name].name,)


def resolved(*levels: Mapping[str, str]) -> dict[str, str]:
    """Return the policy of every kind that some level sets; a later level wins over an earlier one.

    On one level a kind beats its group. Raises KeyError for a name that ``policy_names`` does not
    hold.
    """
    found: dict[str, str] = {}
    for level in levels:
        for name, policy in sorted(level.items(), key=lambda item: len(kinds_of(item[0])) == 1):
            found.update(dict.fromkeys(kinds_of(name), policy))
    return found
