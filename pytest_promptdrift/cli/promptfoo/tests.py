"""Tests of the other tool as cases of ours."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import PromptDriftError

from .asserts import convert_assertion, from_column
from .source import file_reference, items
from .templates import fill, is_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .source import Keys, Source

MOST_COMBINATIONS = 1000
_SILENT = {"description", "vars", "assert", "metadata"}
_DATA_ENDINGS = (".csv", ".json", ".jsonl", ".yaml", ".yml")


@dataclass(slots=True, kw_only=True)
class Cases:
    """The converted tests: cases as they go into the file, and the checks of all of them."""

    cases: list[dict[str, object]] = field(default_factory=list)
    checks: list[object] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Defaults:
    """What ``defaultTest`` adds to every test."""

    variables: Mapping[str, object]
    rendered: tuple[tuple[Source, Keys, dict[str, object]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """One test and where it stands."""

    source: Source
    keys: Keys
    value: dict[str, object]


def convert_tests(source: Source, config: dict[str, object]) -> Cases:
    """Return the cases of a configuration and the checks that go for all of them."""
    found = Cases()
    defaults = _defaults(source, config.get("defaultTest"), found.checks)
    names: set[str] = set()
    for test in _tests(source, config):
        for variables in _combinations(test, defaults.variables):
            case: dict[str, object] = {}
            if name := _name(test.value.get("description"), names):
                case["id"] = name
            if variables:
                case["vars"] = variables
            checks = _checks(test, defaults, variables)
            if checks:
                case["checks"] = checks
            found.cases.append(case)
        _leave_out_rest(test)
    return found


def _defaults(source: Source, value: object, checks: list[object]) -> _Defaults:
    reference = file_reference(value)
    keys: Keys = ("defaultTest",)
    if reference is not None:
        text = source.read(reference)
        if text is None:
            source.leave_out(keys, f"defaultTest: {reference!r} cannot be read")
            value = None
        else:
            source = source.beside(reference, text)
            value, keys = source.value, ()
    if not isinstance(value, dict):
        return _Defaults(variables={}, rendered=())
    rendered = []
    for at, assertion in _assertions(source, keys, value):
        if is_template(assertion.get("value")):
            rendered.append((source, at, assertion))
        elif (check := _check(source, at, assertion)) is not None:
            checks.append(check)
    variables = _variables(source, (*keys, "vars"), value.get("vars"))
    _leave_out_rest(_Test(source=source, keys=keys, value=value))
    return _Defaults(variables=variables, rendered=tuple(rendered))


def _tests(source: Source, config: dict[str, object]) -> Iterator[_Test]:
    given = config.get("tests")
    if "scenarios" in config:
        source.leave_out(("scenarios",), "scenarios have no counterpart; write their tests out")
    if given is None:
        # without tests the other tool runs every prompt once
        yield _Test(source=source, keys=("tests",), value={})
    for index, item in items(given):
        keys: Keys = ("tests", index) if isinstance(given, list) else ("tests",)
        if isinstance(item, dict) and "path" not in item:
            yield _Test(source=source, keys=keys, value=item)
            continue
        path = item.get("path") if isinstance(item, dict) else item
        yield from _from_file(source, keys, file_reference(path) or path)


def _from_file(source: Source, keys: Keys, path: object) -> Iterator[_Test]:
    if not isinstance(path, str) or not path.lower().endswith(_DATA_ENDINGS):
        source.leave_out(keys, f"tests from {str(path)!r}: a program, a service or an unknown kind")
        return
    text = source.read(path)
    if text is None:
        source.leave_out(keys, f"the test file {path!r} cannot be read")
    elif path.lower().endswith(".csv"):
        for value in _rows(source, keys, text):
            yield _Test(source=source, keys=keys, value=value)
    else:
        lines = "".join(f"- {line}\n" for line in text.splitlines() if line.strip())
        try:
            other = source.beside(path, lines if path.lower().endswith(".jsonl") else text)
        except PromptDriftError as error:
            source.leave_out(keys, f"the test file {path!r} cannot be read: {error.message}")
            return
        for index, item in items(other.value):
            if isinstance(item, dict):
                yield _Test(source=other, keys=(index,), value=item)


def _rows(source: Source, keys: Keys, text: str) -> Iterator[dict[str, object]]:
    for row in csv.DictReader(io.StringIO(text)):
        variables: dict[str, object] = {}
        asserts: list[object] = []
        test: dict[str, object] = {"vars": variables, "assert": asserts}
        for column, cell in row.items():
            if not isinstance(column, str) or cell is None:
                continue
            if re.fullmatch(r"__expected\d*", column):
                asserts += [from_column(cell)] if cell else []
            elif column == "__description":
                test["description"] = cell
            elif column.startswith("__"):
                source.leave_out(keys, f"the column {column}")
            else:
                variables[column] = cell
        yield test


def _name(description: object, taken: set[str]) -> str | None:
    if not isinstance(description, str):
        return None
    words = re.findall(r"[^\W_]+", description.casefold())
    base = "-".join(words[:8])[:60].rstrip("-")
    if not base:
        return None
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name


def _variables(source: Source, keys: Keys, value: object) -> dict[str, object]:
    """Return variables with the content of the files they name."""
    if not isinstance(value, dict):
        if value is not None:
            source.leave_out(keys, "variables that are not written as a mapping")
        return {}
    found: dict[str, object] = {}
    for name, item in value.items():
        reference = file_reference(item)
        if reference is None:
            found[name] = item
            continue
        text = source.read(reference)
        if text is None or reference.endswith((".js", ".ts", ".mjs", ".cjs", ".py", ".rb")):
            source.leave_out((*keys, name), f"the variable {name} comes from {reference!r}")
            found[name] = ""
        else:
            found[name] = json.loads(text) if _is_json(reference, text) else text
    return found


def _is_json(reference: str, text: str) -> bool:
    if not reference.endswith(".json"):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _combinations(test: _Test, defaults: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Yield the variables of a test; a list of values stands for one test per value."""
    own = _variables(test.source, (*test.keys, "vars"), test.value.get("vars"))
    variables = {**defaults, **own}
    options = test.value.get("options")
    spread = not (isinstance(options, dict) and options.get("disableVarExpansion"))
    lists = {
        name: value
        for name, value in variables.items()
        if spread
        and isinstance(value, list)
        and all(isinstance(v, str | int | float) for v in value)
    }
    product = itertools.product(*lists.values())
    for number, values in enumerate(product):
        if number == MOST_COMBINATIONS:
            what = f"more than {MOST_COMBINATIONS} combinations of variables; the rest is left out"
            test.source.leave_out((*test.keys, "vars"), what)
            return
        yield {**variables, **dict(zip(lists, values, strict=True))}


def _checks(test: _Test, defaults: _Defaults, variables: Mapping[str, object]) -> list[object]:
    own = [(test.source, at, a) for at, a in _assertions(test.source, test.keys, test.value)]
    checks = []
    for source, at, assertion in (*defaults.rendered, *own):
        value = assertion.get("value")
        if is_template(value):
            filled = fill(value, variables)
            if filled is None:
                what = f"{assertion.get('type')} with a template that is more than a variable"
                source.leave_out(at, what)
                continue
            assertion = {**assertion, "value": filled}  # noqa: PLW2901  (the same, rendered)
        check = _check(source, at, assertion)
        if check is not None and check not in checks:
            checks.append(check)
    return checks


def _check(source: Source, keys: Keys, assertion: dict[str, object]) -> object | None:
    converted = convert_assertion(assertion)
    if converted.reason is not None:
        source.leave_out(keys, converted.reason)
        return None
    if assertion.get("type") in {"similar", "not-similar"} and "threshold" in assertion:
        source.leave_out(keys, "the threshold of similar: other embedders, other numbers")
    return converted.spec


def _assertions(
    source: Source, keys: Keys, test: dict[str, object]
) -> Iterator[tuple[Keys, dict[str, object]]]:
    """Yield every assertion of a test with its place; the sets of assertions are opened."""
    given = test.get("assert")
    for index, item in items(given):
        at = (*keys, "assert", index) if isinstance(given, list) else (*keys, "assert")
        if not isinstance(item, dict):
            source.leave_out(at, "this assertion is not written as a mapping")
        elif item.get("type") == "assert-set":
            if "threshold" in item:
                source.leave_out(at, "assert-set with a threshold has no counterpart")
            else:
                yield from _assertions(source, at, item)
        elif "$ref" in item:
            template = _referenced(source, item["$ref"])
            if template is None:
                source.leave_out(at, f"an assertion that cannot be found: {item['$ref']}")
            else:
                yield at, {**template, **{k: v for k, v in item.items() if k != "$ref"}}
        else:
            yield at, item


def _referenced(source: Source, reference: object) -> dict[str, object] | None:
    """Return what ``#/name/name`` stands for in the same file."""
    value: object = source.value
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return None
    for key in reference.removeprefix("#/").split("/"):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else None


def _leave_out_rest(test: _Test) -> None:
    for key in test.value:
        if key == "threshold":
            what = "the threshold of a test: here every check has to hold"
            test.source.leave_out((*test.keys, key), what)
        elif key not in _SILENT:
            test.source.leave_out((*test.keys, key), f"{key} of a test")
