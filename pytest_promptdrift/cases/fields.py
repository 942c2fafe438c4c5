"""The format of case files as tables: every key, what its value must be, and what it is for.

The loader judges files by these tables and the published JSON Schema is generated from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_promptdrift.model.kinds import KINDS, POLICIES, policy_names

from .ids import Name, name_problem
from .kinds import (
    Anything,
    AtLeastOne,
    Choice,
    Either,
    ExactlyOne,
    Flag,
    Key,
    Kind,
    ListOf,
    MapOf,
    OnlyWith,
    Record,
    Schema,
    Share,
    Text,
    Whole,
    wrong,
)

if TYPE_CHECKING:
    from .problems import Keys, Problems

ROWS_FROM = "from"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Shared:
    """A kind that the schema describes once, under ``name``."""

    name: str
    kind: Kind

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Judge as the kind does."""
        self.kind.check(value, at, problems)

    def schema(self) -> Schema:
        """Point to the description."""
        return {"$ref": f"#/$defs/{self.name}"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CheckItem:
    """One check; the checks themselves judge it when they are planned."""

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Note nothing."""

    def schema(self) -> Schema:
        """Point to the description of all checks."""
        return {"$ref": "#/$defs/check"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CaseItem:
    """One case, or the source of many."""

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Judge by the table of cases or by that of row sources."""
        if not isinstance(value, dict):
            wrong(at, "a mapping (a case)", value, problems)
        elif ROWS_FROM in value:
            ROWS.check(value, at, problems)
        else:
            CASE.check(value, at, problems)

    def schema(self) -> Schema:
        """Describe both."""
        return {
            "if": {"required": [ROWS_FROM]},
            "then": {"$ref": "#/$defs/rows"},
            "else": {"$ref": "#/$defs/case"},
        }


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Named:
    """A mapping whose keys become a part of node ids."""

    mapping: MapOf

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Judge the names, and the rest as the mapping does."""
        for name in value if isinstance(value, dict) else ():
            if problem := name_problem(name):
                problems.add((*at, name), f"the name {problem[0]}", problem[1])
        self.mapping.check(value, at, problems)

    def schema(self) -> Schema:
        """Describe the mapping and its names."""
        return {**self.mapping.schema(), "propertyNames": Name().schema()}


_TEXT = Text()
_PATH = Text()
_ONE_PROMPT = ("prompt", "prompt_file", "messages")
_TOOL_NAME = Text(r"^[A-Za-z0-9_.-]{1,128}$", "a name of letters, digits, _ . -")

PROMPT_FILE = Record("a prompt", {"file": Key(_PATH, "Path of a text file.", required=True)})
_PROMPT = Either(text=_TEXT, mapping=PROMPT_FILE)

PART = Record(
    "a part of a message",
    {
        "text": Key(Text(empty=True), "Text."),
        "image": Key(_PATH, "Path of an image (png, jpeg, gif, webp), from this file's folder."),
        "file": Key(_PATH, "Path of a document, from this file's folder."),
    },
    (ExactlyOne(("text", "image", "file")),),
)

ATTACHMENT = Record(
    "an attachment",
    {"image": PART.keys["image"], "file": PART.keys["file"]},
    (ExactlyOne(("image", "file")),),
)

TOOL_CALL = Record(
    "a tool call",
    {
        "id": Key(_TEXT, "The id that the tool's answer refers to.", required=True),
        "name": Key(_TEXT, "Name of the tool.", required=True),
        "arguments": Key(
            MapOf(Anything(nothing=True)), "What the tool was called with.", required=True
        ),
    },
)

MESSAGE = Record(
    "a message",
    {
        "role": Key(Choice(("system", "user", "assistant", "tool")), "Who speaks.", required=True),
        "content": Key(
            Either(text=Text(empty=True), items=ListOf(PART, 1)),
            "The text, or a list of parts: {text: …}, {image: path}, {file: path}.",
        ),
        "tool_calls": Key(ListOf(TOOL_CALL, 1), "Tools an assistant turn called."),
        "tool_call_id": Key(_TEXT, "Which tool call this turn answers."),
    },
    (
        AtLeastOne(("content", "tool_calls")),
        OnlyWith("tool_calls", "role", "assistant", needed=False),
        OnlyWith("tool_call_id", "role", "tool", needed=True),
    ),
)

TOOL = Record(
    "a tool",
    {
        "name": Key(_TOOL_NAME, "Name of the function.", required=True),
        "description": Key(Text(empty=True), "What the function is for; the model reads it."),
        "parameters": Key(MapOf(Anything(nothing=True)), "JSON Schema of the arguments."),
        "strict": Key(Flag(), "Ask the provider to keep to the schema."),
    },
)

RESPONSE_FORMAT = Record(
    "a response format",
    {
        "schema": Key(MapOf(Anything(nothing=True), least=1), "JSON Schema of the answer."),
        "schema_file": Key(_PATH, "Path of a JSON or YAML file with the schema."),
        "name": Key(_TOOL_NAME, "Name of the schema; 'answer' when it is left out."),
        "strict": Key(Flag(), "Ask the provider to keep to the schema."),
    },
    (ExactlyOne(("schema", "schema_file")),),
)

_MESSAGES = ListOf(Shared("message", MESSAGE), 1)
_ATTACHMENTS = ListOf(Either(text=_PATH, mapping=ATTACHMENT))
_CHECKS = ListOf(CheckItem())
_MARKER = Text(r"^[A-Za-z_][A-Za-z0-9_]*$", "the name of a pytest marker")

_PROMPTS = {
    "system": Key(_PROMPT, "The system prompt; a template."),
    "prompt": Key(_PROMPT, "The prompt, a template: {{ name }} takes a value of the case's vars."),
    "prompt_file": Key(_PATH, "Path of a text file with the prompt, from this file's folder."),
    "messages": Key(_MESSAGES, "The prompt as several turns; their contents are templates."),
    "template": Key(Choice(("jinja", "none")), "'none' sends the prompt exactly as it is written."),
    "params": Key(
        MapOf(Anything(nothing=True)),
        "Parameters of the request, such as temperature; null takes one away.",
    ),
    "tools": Key(ListOf(TOOL), "Functions the model may call."),
    "tool_choice": Key(_TEXT, "auto, none, required, or the name of a tool."),
    "response_format": Key(
        Either(text=Choice(("json",)), mapping=RESPONSE_FORMAT),
        "Ask for JSON: 'json', or {schema: …} or {schema_file: path}.",
    ),
    "attachments": Key(_ATTACHMENTS, "Files that go with the last user turn."),
    "description": Key(Text(empty=True), "For people; nothing reads it."),
}

POLICY = Record(
    "policies",
    {
        name: Key(
            Choice(POLICIES), f"{KINDS[name].title}." if name in KINDS else f"All kinds of {name}."
        )
        for name in policy_names()
    },
)
_POLICIES = Key(
    Shared("policies", POLICY),
    "What a difference from the accepted answers does, by kind: fail, warn or ignore.",
)

VARIANT = Record("a variant", _PROMPTS, (ExactlyOne(_ONE_PROMPT, none=True),))

_COMMON = {
    "samples": Key(Whole(), "How many independent answers are judged; 1 when it is left out."),
    "checks": Key(_CHECKS, "What every answer must satisfy."),
    "tags": Key(ListOf(_TEXT, unique=True), "Words to report and select by."),
    "markers": Key(ListOf(_MARKER, unique=True), "Names of pytest markers."),
    "models": Key(
        ListOf(_TEXT, 1, one=True, unique=True),
        "Models to ask: provider:model, or a name from [tool.promptdrift.models].",
    ),
}

_CASE = {
    "vars": Key(MapOf(Anything(nothing=True)), "Values for the prompt; never parsed."),
    "expected": Key(Anything(), "The answer the author expects."),
    **_COMMON,
    "params": _PROMPTS["params"],
    "policies": _POLICIES,
    "variants": Key(
        ListOf(_TEXT, 1, one=True, unique=True), "Names of the variants this case is for."
    ),
    "messages": Key(_MESSAGES, "Earlier turns of the conversation; not templates."),
    "attachments": _PROMPTS["attachments"],
    "description": _PROMPTS["description"],
}

CASE = Record(
    "a case",
    {
        "id": Key(Name(case=True), "Name of the case: letters, digits and _ . - + :"),
        **_CASE,
    },
)

ROWS = Record(
    "a source of cases",
    {
        ROWS_FROM: Key(
            _PATH,
            "Path of a CSV, JSON or JSONL file: one case a row. A column is a variable, except"
            " 'id' and 'expected'.",
            required=True,
        ),
        **_CASE,
    },
)

FILE = Record(
    "a case file",
    {
        "$schema": Key(Anything(), "For editors; nothing reads it."),
        **_PROMPTS,
        "variants": Key(
            Named(MapOf(Either(text=_TEXT, mapping=VARIANT), least=1)),
            "Wordings of the prompt to compare: a text, or a mapping that replaces keys of"
            " this file.",
        ),
        **_COMMON,
        "policies": _POLICIES,
        "margin": Key(Share(), "How far a score may drop and still be fine; 0.05 is usual."),
        "cases": Key(
            ListOf(CaseItem(), 1),
            "The cases: each is one set of values for the prompt.",
            required=True,
        ),
    },
    (ExactlyOne(_ONE_PROMPT, none=True),),
    ignored="x-",
)

# What the schema describes once and refers to by name.
DEFINITIONS: dict[str, Kind] = {"case": CASE, "rows": ROWS, "message": MESSAGE, "policies": POLICY}
