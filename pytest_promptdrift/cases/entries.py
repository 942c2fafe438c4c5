"""Reads the ``cases`` of a file: each is one case, or names a dataset with one case a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pytest_promptdrift._errors import CaseFileError, CaseFileErrors, Where, did_you_mean

from .datasets import read_rows
from .fields import ROWS_FROM
from .ids import case_id_problem, id_from_content
from .kinds import found
from .matrix import Case, Variant
from .planning import Asked, CheckList
from .shaping import read_attachments, read_messages
from .source import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_promptdrift.config.settings import ModelConfig
    from pytest_promptdrift.model import Message, Part

    from .models import ModelReader
    from .planning import Planner
    from .policies import Policies
    from .problems import Keys
    from .shaping import Checked, Desk


class Placed(NamedTuple):
    """A case and the keys that lead to it, or to the dataset it is a row of."""

    case: Case
    at: Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What every case of the file starts from; ``forced_samples`` come from outside the file."""

    variants: tuple[Variant, ...]
    variant_names: tuple[str, ...]
    models: tuple[ModelConfig, ...]
    checks: CheckList
    samples: int
    forced_samples: int | None
    policies: Policies
    markers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What an item of ``cases`` says beside the values; all its rows share it."""

    at: Keys
    checks: CheckList
    samples: int
    params: Checked
    variants: tuple[Variant, ...]
    models: tuple[ModelConfig, ...]
    messages: tuple[Message, ...]
    attachments: tuple[Part, ...]
    markers: tuple[str, ...]
    tags: tuple[str, ...]
    policies: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class EntryReader:
    """Reads the items of ``cases`` one after the other; remembers which ids are taken."""

    desk: Desk
    defaults: Defaults
    planner: Planner
    models: ModelReader
    _places: dict[str, Where] = field(default_factory=dict, init=False)
    _lists: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict, init=False)
    _no_values: dict[str, object] = field(default_factory=dict, init=False)

    def read(self, spec: object, at: Keys, line: int) -> Iterator[Placed]:
        """Yield the cases of one item; what is wrong with it is noted."""
        if not isinstance(spec, dict):
            return
        where = Where(path=self.desk.problems.shown, line=line)
        keys = self.desk.problems.clean(spec, at)
        entry = self._entry(keys, at, where)
        if ROWS_FROM in keys:
            yield from self._rows(keys, entry)
        elif "id" in spec and "id" not in keys:
            return
        elif case := self._one(keys, entry, where):
            yield Placed(case, at)

    def _one(self, keys: Checked, entry: Entry, where: Where) -> Case | None:
        variables = keys.get("vars", self._no_values)
        case_id = keys.get("id")
        if case_id is None:
            more = [keys.get("messages"), keys.get("attachments")] if entry.messages else None
            case_id = self._own_id(variables, entry, more, where)
        else:
            case_id = str(case_id)
            if self._is_taken(case_id, where, f"the id {case_id!r} is given twice"):
                return None
        return self._case(case_id, where, variables, keys.get("expected"), entry)

    def _own_id(self, variables: Checked, entry: Entry, more: object, where: Where) -> str | None:
        texts = (value for value in variables.values() if isinstance(value, str) and value.strip())
        first = next(texts, None) or _last_text(entry.messages)
        case_id = id_from_content(variables, more, first)
        hint = "two cases with the same values: give each an id, or remove one"
        taken = self._is_taken(case_id, where, "this case is given twice", hint)
        return None if taken else case_id

    def _is_taken(self, case_id: str, where: Where, message: str, hint: str | None = None) -> bool:
        first = self._places.setdefault(case_id, where)
        if first is where:
            return False
        error = CaseFileError(f"{message}, first at {first}", where=where, hint=hint)
        self.desk.problems.add_error(error)
        return True

    def _case(
        self, case_id: str | None, where: Where, variables: Checked, expected: Checked, entry: Entry
    ) -> Case | None:
        if case_id is None:
            return None
        try:
            checks = self.planner.plans(entry.checks, expected, entry.samples, where)
        except CaseFileErrors as errors:
            for error in errors.errors:
                self.desk.problems.add_for_case(error, case_id)
            checks = ()
        return Case(
            id=case_id,
            where=where,
            variables=variables,
            expected=expected,
            checks=checks,
            samples=entry.samples,
            params=entry.params,
            variants=entry.variants,
            models=entry.models,
            messages=entry.messages,
            attachments=entry.attachments,
            markers=entry.markers,
            tags=entry.tags,
            policies=entry.policies,
        )

    def _entry(self, keys: Checked, at: Keys, where: Where) -> Entry:
        defaults, desk = self.defaults, self.desk
        own = keys.get("checks")
        messages, attached = keys.get("messages"), keys.get("attachments")
        variants, models = keys.get("variants"), keys.get("models")
        return Entry(
            at=at,
            checks=self._checks(own, at, where) if own else defaults.checks,
            samples=defaults.forced_samples or keys.get("samples") or defaults.samples,
            params=keys.get("params", self._no_values),
            variants=self._variants(variants, at) if variants else defaults.variants,
            models=self.models.read(models, (*at, "models")) if models else defaults.models,
            messages=read_messages(desk, messages, (*at, "messages")) if messages else (),
            attachments=read_attachments(desk, attached, (*at, "attachments")) if attached else (),
            markers=self._merged(defaults.markers, keys.get("markers")),
            tags=self._merged(defaults.tags, keys.get("tags")),
            policies=defaults.policies.of_case(keys.get("policies")),
        )

    def _checks(self, specs: Checked, at: Keys, where: Where) -> CheckList:
        own = [
            Asked(spec=spec, at=(*at, "checks", index), where=where)
            for index, spec in enumerate(specs)
        ]
        return CheckList((*self.defaults.checks.asked, *own))

    def _variants(self, names: Checked, at: Keys) -> tuple[Variant, ...]:
        listed = names if isinstance(names, list) else [names]
        known = self.defaults.variant_names
        for index, name in enumerate(listed):
            if name not in known:
                place = (*at, "variants", index)
                close = did_you_mean(name, known) if known else "; this file has no variants"
                self.desk.problems.add(place, f"unknown variant {name!r}{close}")
        return tuple([variant for variant in self.defaults.variants if variant.name in listed])

    def _merged(self, common: tuple[str, ...], own: list[str] | None) -> tuple[str, ...]:
        if not own:
            return common
        merged = tuple(dict.fromkeys((*common, *own)))
        return self._lists.setdefault(merged, merged)

    def _rows(self, keys: Checked, entry: Entry) -> Iterator[Placed]:
        problems = self.desk.problems
        at = (*entry.at, ROWS_FROM)
        path = self.desk.folder / keys[ROWS_FROM]
        if reason := unreadable(path):
            problems.add(at, reason)
            return
        shown = self.desk.shown(path)
        rows, errors = read_rows(path, shown)
        for error in errors:
            problems.add_error(error)
        for row in rows:
            where = Where(path=shown, line=row.line)
            if case := self._row(row.values, keys, entry, where):
                yield Placed(case, entry.at)

    def _row(
        self, values: dict[str, object], keys: Checked, entry: Entry, where: Where
    ) -> Case | None:
        """Return the case of one row; an empty id or expected answer counts as not given."""
        case_id, expected = values.pop("id", None), values.pop("expected", None)
        if expected is None or expected == "":
            expected = keys.get("expected")
        variables = {**keys["vars"], **values} if "vars" in keys else values
        if case_id is None or case_id == "":
            name = self._own_id(variables, entry, None, where)
        else:
            name = self._row_id(case_id, where)
        return self._case(name, where, variables, expected, entry)

    def _row_id(self, case_id: object, where: Where) -> str | None:
        if isinstance(case_id, int) and not isinstance(case_id, bool):
            case_id = str(case_id)
        problem: tuple[str, str | None] | None
        if isinstance(case_id, str):
            problem = case_id_problem(case_id)
        else:
            problem = (f"must be text, found {found(case_id)}", None)
        if problem is not None or not isinstance(case_id, str):
            message, hint = problem or ("", None)
            self.desk.problems.add_error(CaseFileError(f"the id {message}", where=where, hint=hint))
            return None
        taken = self._is_taken(case_id, where, f"the id {case_id!r} is given twice")
        return None if taken else case_id


def _last_text(messages: tuple[Message, ...]) -> str | None:
    texts = [part.text for message in messages for part in message.parts if part.text]
    return texts[-1] if texts else None
