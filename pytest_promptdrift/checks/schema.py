"""The check against a JSON Schema, and the compiled schemas it shares.

The validator library has a network client of its own that no guard in Python sees. Therefore every
reference that is not in the schema goes through a retriever that knows local files only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, cast
from urllib.parse import unquote, urlsplit

from pytest_promptdrift._canonical import canonical_json, digest_text
from pytest_promptdrift._errors import did_you_mean
from pytest_promptdrift._json_text import MAX_DEPTH, too_deep
from pytest_promptdrift._text import cut
from pytest_promptdrift.model import CheckResult

from .answer_json import parse_answer
from .arguments import FLAG, ArgumentError, Arguments, Field, Kind, found, read_json
from .compare import pointer
from .protocol import CheckType
from .schema_errors import schema_errors
from .wording import middle_cut, quote, reason

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

    from pytest_promptdrift._canonical import JsonObject
    from pytest_promptdrift.model import CheckContext

    from .protocol import Check, CheckScope

_REFERS = re.compile(r'"\$(?:ref|dynamicRef|recursiveRef)":"(?!#)')
# fmt: off
_KEYWORDS: Final = frozenset({
    "$anchor", "$comment", "$defs", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveAnchor",
    "$recursiveRef", "$ref", "$schema", "$vocabulary", "additionalItems", "additionalProperties",
    "allOf", "anyOf", "const", "contains", "contentEncoding", "contentMediaType", "contentSchema",
    "default", "definitions", "dependencies", "dependentRequired", "dependentSchemas",
    "deprecated", "description", "else", "enum", "examples", "exclusiveMaximum",
    "exclusiveMinimum", "format", "id", "if", "items", "maxContains", "maxItems", "maxLength",
    "maxProperties", "maximum", "minContains", "minItems", "minLength", "minProperties",
    "minimum", "multipleOf", "not", "nullable", "oneOf", "pattern", "patternProperties",
    "prefixItems", "properties", "propertyNames", "readOnly", "required", "then", "title", "type",
    "unevaluatedItems", "unevaluatedProperties", "uniqueItems", "writeOnly",
})
# fmt: on


def _read_schema(value: object) -> object:
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, Mapping):
        if "samples" in value or "score_only" in value:
            option = "samples" if "samples" in value else "score_only"
            msg = f"{quote(option)} is no keyword of JSON Schema"
            raise ArgumentError(msg, f"write {option} beside the check, or beside schema")
        return _mapping_schema(value)
    msg = f"a schema or the path of one expected, {found(value)}"
    raise ArgumentError(msg)


def _mapping_schema(schema: Mapping[object, object]) -> object:
    read_json(schema)
    keys = [str(key) for key in schema]
    if keys and not _KEYWORDS.intersection(keys):
        msg = f"{quote(keys[0])} is no keyword of JSON Schema{did_you_mean(keys[0], _KEYWORDS)}"
        raise ArgumentError(msg, "without any keyword every answer would pass")
    return schema


SCHEMA_KIND = Kind(
    read=_read_schema,
    schema={"anyOf": [{"type": "string", "minLength": 1}, {"type": "object"}]},
)
SCHEMA = Field(name="schema", kind=SCHEMA_KIND, summary="a JSON Schema, or the path of its file")
FORMATS = Field(name="formats", kind=FLAG, default=False, summary="formats such as date count")


def _build(arguments: Arguments, scope: CheckScope) -> Check:
    validator = compile_schema(arguments[SCHEMA], scope, formats=arguments[FORMATS])
    name = scope.name
    good = CheckResult(name=name, passed=True, reason="fits the schema")

    def evaluate(context: CheckContext) -> CheckResult:
        parsed = parse_answer(context.response.text)
        if parsed.problem is not None:
            return CheckResult(name=name, passed=False, reason=reason(parsed.problem))
        if fits(validator, parsed.value):
            return good
        head, *more = schema_errors(validator, parsed.value)
        return CheckResult(name=name, passed=False, reason=head, detail=tuple(more))

    return evaluate


def fits(validator: Validator, value: object) -> bool:
    """Tell whether a value fits the schema."""
    try:
        return validator.is_valid(value)
    except ValueError:  # text that is no Unicode, which the errors then say
        return False


def compile_schema(schema: object, scope: CheckScope, *, formats: bool = False) -> Validator:
    """Return the validator of a schema or of the schema file at a path, compiled once.

    Raises ArgumentError for a schema that cannot be used or that refers to another machine.
    """
    from_file = isinstance(schema, str)
    if isinstance(schema, str):
        path = scope.folder / schema
        schema = _load(path, schema)
        base = path.resolve()
    else:
        base = scope.folder.resolve() / "inline"
    text = canonical_json(schema)
    # A schema that stands alone means the same in every folder.
    folder = str(base.parent) if _REFERS.search(text) else ""
    key = (digest_text(text), folder, formats)
    known, referred = scope.shared.validators, scope.shared.referred
    if key not in known:
        files = LocalFiles((base.parent, scope.folder))
        known[key] = _compile(cast("JsonObject", schema), base, files, formats=formats)
        referred[key] = tuple(sorted(files.digests))
    # what stands in the case file is an argument; only what is read beside it needs a digest
    scope.reads.extend([key[0]] if from_file else [])
    scope.reads.extend(referred[key])
    return known[key]


def _load(path: Path, written: str) -> object:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8 text"
        msg = f"cannot read the schema file {quote(written)}: {str(why).lower()}"
        raise ArgumentError(msg, f"looked for {path}") from error
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"the schema file {quote(written)} is not JSON: {cut(str(error), 200)}"
        raise ArgumentError(msg) from error
    return _read_loaded(schema, written)


def _read_loaded(schema: object, written: str) -> object:
    if isinstance(schema, Mapping):
        return _mapping_schema(schema)
    msg = f"the schema file {quote(written)} holds no schema, {found(schema)}"
    raise ArgumentError(msg)


class LocalFiles:
    """Fetches schemas that another schema refers to: from inside the given folders, or not at all.

    ``refused`` remembers why a reference was not followed, because the library words it otherwise.
    ``digests`` are those of all schemas that were fetched.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = tuple(folder.resolve() for folder in folders)
        self.refused: str | None = None
        self.digests: set[str] = set()

    def __call__(self, uri: str, /) -> dict[str, object]:
        """Return the schema at ``uri``; any error ends the compilation."""
        from urllib.request import url2pathname  # noqa: PLC0415  (brings an HTTP client along)

        parts = urlsplit(uri)
        if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
            self._refuse(f"$ref {quote(uri)} leaves this machine; remote schemas are never fetched")
        path = Path(url2pathname(unquote(parts.path))).resolve()
        if not any(path.is_relative_to(folder) for folder in self._folders):
            self._refuse(f"$ref {quote(uri)} leaves the folder of the schema")
        try:
            schema = _load(path, path.name)
        except ArgumentError as error:
            self._refuse(f"$ref {quote(uri)}: {error}")
        self.digests.add(digest_text(canonical_json(schema)))
        return dict(cast("JsonObject", schema))

    def _refuse(self, why: str) -> NoReturn:
        self.refused = self.refused or why
        raise ValueError(why)


def _compile(schema: JsonObject, base: Path, files: LocalFiles, *, formats: bool) -> Validator:
    import jsonschema_rs  # noqa: PLC0415  (only where a schema is used)

    if too_deep(schema):
        msg = f"the schema is nested more than {MAX_DEPTH} levels deep"
        raise ArgumentError(msg)
    try:
        validator = jsonschema_rs.validator_for(
            dict(schema),
            retriever=files,
            base_uri=base.as_uri(),
            validate_formats=formats,
            ignore_unknown_formats=not formats,
        )
    except jsonschema_rs.ValidationError as error:
        raise _schema_error(error, files) from error
    except Exception as error:
        msg = f"the schema cannot be used: {cut(str(error), 200)}"
        raise ArgumentError(msg) from error
    return validator


def _schema_error(error: ValidationError, files: LocalFiles) -> ArgumentError:
    if files.refused:
        hint = "copy the schema beside the case file and refer to it by its path"
        return ArgumentError(files.refused, hint)
    if "://" in error.message and "retriev" in error.message:
        uri = error.message.split("'")[1] if "'" in error.message else "a reference"
        msg = f"$ref {quote(uri)} leaves this machine; remote schemas are never fetched"
        return ArgumentError(msg, "copy the schema beside the case file and refer to it by path")
    at = pointer(error.instance_path)
    what = middle_cut(error.message)
    if getattr(error.kind, "format", None) == "regex":
        return ArgumentError(f"{at} of the schema: unsupported or invalid pattern: {what}")
    return ArgumentError(f"{at} of the schema: {what}")


CHECKS: tuple[CheckType, ...] = (
    CheckType(
        name="json_schema",
        summary="the answer is JSON that fits a JSON Schema",
        build=_build,
        fields=(SCHEMA, FORMATS),
        main="schema",
        literal=True,
        keyed_by=frozenset({"schema", "formats"}),
    ),
)
