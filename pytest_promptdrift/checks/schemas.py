"""Describes every check as JSON Schema, from the same declarations that read the arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arguments import FLAG, UNSET
from .registry import built_in, check_names

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonObject, JsonValue

    from .arguments import AnyField
    from .protocol import CheckType

SAMPLES: JsonObject = {
    "description": "how many samples must hold: 4 or 80%",
    "anyOf": [
        {"type": "integer", "minimum": 1},
        {"type": "string", "pattern": r"^\d{1,3}(\.\d{1,6})? ?%$"},
    ],
}
SCORE_ONLY: JsonObject = {
    "description": "only measure: feeds the scores, and never fails a case by itself",
    "default": False,
    **FLAG.schema,
}
OPTIONS: JsonObject = {"samples": SAMPLES, "score_only": SCORE_ONLY}


def check_schemas() -> dict[str, JsonObject]:
    """Return, by name, the schema of what each built-in check is given in ``{name: …}``."""
    return {check.name: _argument(check) for check in _all()}


def _all() -> list[CheckType]:
    return [check for check in map(built_in, check_names()) if check is not None]


def check_item_schema() -> JsonObject:
    """Return the schema of one item of ``checks``; checks of extensions are allowed."""
    properties: dict[str, JsonValue] = dict(check_schemas())
    # The arguments of python stand beside it.
    properties |= {
        key: value
        for check in _all()
        if check.name == "python"
        for key, value in _properties(check).items()
        if key != "python"
    }
    properties |= OPTIONS
    return {
        "anyOf": [
            {"enum": [check.name for check in _all() if _bare(check)]},
            {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
            {"type": "object", "properties": properties, "minProperties": 1},
        ]
    }


def _bare(check: CheckType) -> bool:
    return check.takes_expected or all(field.default is not UNSET for field in check.fields)


def _argument(check: CheckType) -> JsonObject:
    if not check.fields:
        return {"description": check.summary, "type": "object", "properties": OPTIONS}
    forms: list[JsonValue] = [_keyed(check)]
    main = next((field for field in check.fields if field.name == check.main), None)
    if main is not None:
        forms.insert(0, main.kind.schema)
    return {"description": check.summary, "anyOf": forms}


def _keyed(check: CheckType) -> JsonObject:
    required: list[JsonValue] = [
        field.name
        for field in check.fields
        if field.default is UNSET and not (check.takes_expected and field.name == check.main)
    ]
    schema: dict[str, JsonValue] = {
        "type": "object",
        "properties": {**_properties(check), **OPTIONS},
        "additionalProperties": False,
    }
    if required:
        schema["required"] = required
    return schema


def _properties(check: CheckType) -> dict[str, JsonValue]:
    return {field.name: _described(field) for field in check.fields}


def _described(field: AnyField) -> JsonObject:
    schema = dict(field.kind.schema)
    if field.summary:
        schema["description"] = field.summary
    if isinstance(field.default, bool | str | int):
        schema["default"] = field.default
    return schema
