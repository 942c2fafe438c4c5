from __future__ import annotations

import http.server
import json
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from support.checking import HERE, WHERE, judge, plan, problem

from pytest_promptdrift.checks import CheckRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORDER = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {"id": {"type": "integer"}, "status": {"enum": ["open", "paid"]}},
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("spec", "text", "passed"),
    [
        (ORDER, '{"id": 1, "status": "paid"}', True),
        (ORDER, '```json\n{"id": 1, "status": "paid"}\n```', True),
        (ORDER, '{"id": true, "status": "paid"}', False),
        (ORDER, "no", False),
        ({"schema": ORDER}, '{"id": 1, "status": "paid"}', True),
        ({"format": "email"}, '"x"', True),
        ({"schema": {"format": "email"}, "formats": True}, '"x"', False),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "type": "integer"}, "1.0", False),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "type": "integer"}, "1.0", True),
        ({"pattern": r"^\p{Letter}+$"}, '"äß"', True),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "null"}}}, "null", True),
        ({}, "[1]", True),
        ({"const": 1}, "1.0", True),
        ({"type": "string"}, r'"\ud800"', False),
        ({"type": "integer"}, "1" * 400, True),
    ],
    ids=str,
)
def test_schema_decides(spec: object, text: str, passed: bool) -> None:
    result = judge({"json_schema": spec}, text)
    assert not result.crashed
    assert result.passed is passed


def test_headline_is_the_error_nearest_the_top() -> None:
    result = judge({"json_schema": ORDER}, '{"id": "x"}')
    assert result.reason == '/: "status" is a required property (and 1 more)'
    assert result.detail == ('/id: "x" is not of type "integer"',)


def test_alternatives_name_their_causes() -> None:
    schema = {"properties": {"a": {"anyOf": [{"type": "string"}, {"minimum": 5}]}}}
    reason = judge({"json_schema": schema}, '{"a": 3}').reason
    assert reason.startswith("/a: 3 is not valid under any")
    assert '(3 is not of type "string"; 3 is less than the minimum of 5)' in reason


def test_long_message_keeps_its_end() -> None:
    reason = judge({"json_schema": {"type": "integer"}}, json.dumps("x" * 2000)).reason
    assert reason.endswith('is not of type "integer"')
    assert len(reason) < 400


def test_text_that_is_no_unicode_is_a_failure() -> None:
    assert "cannot be validated" in judge({"json_schema": {"type": "string"}}, r'"\ud800"').reason


def test_at_most_twenty_more_errors_are_listed() -> None:
    result = judge({"json_schema": {"items": {"type": "string"}}}, str(list(range(50))))
    assert result.reason.endswith("(and 49 more)")
    assert len(result.detail) == 20
    assert result.detail[-1] == "30 more errors"


@pytest.mark.parametrize(
    "schema",
    [
        {"items": {"type": "string"}},
        {"type": "string"},
        {"uniqueItems": True, "maxItems": 3},
        {
            "anyOf": [
                {"type": "string"},
                {"items": {"anyOf": [{"type": "null"}, {"type": "string"}]}},
            ]
        },
    ],
    ids=str,
)
def test_report_of_a_hostile_answer_is_bounded(schema: object) -> None:
    result = judge({"json_schema": schema}, json.dumps([1] * 400_000))
    assert result.passed is False
    assert len(result.reason) + sum(map(len, result.detail)) < 10_000


def test_long_answer_is_explained_by_the_start_of_its_lists() -> None:
    result = judge({"json_schema": {"items": {"type": "string"}}}, json.dumps([1] * 40_000))
    assert result.reason == '/0: 1 is not of type "string" (and 49 more in the start of its lists)'


def test_wrong_type_of_a_long_list_is_named() -> None:
    reason = judge({"json_schema": {"type": "string"}}, json.dumps([1] * 60)).reason
    assert reason.endswith('is not of type "string"')


def test_what_only_the_whole_list_shows_is_not_told_of_its_start() -> None:
    text = json.dumps([1] * 60)
    for schema in ({"maxItems": 55}, {"minItems": 70}, {"contains": {"const": 2}}):
        assert judge({"json_schema": schema}, text).reason.endswith("too long to say where")


@pytest.mark.parametrize(
    "value",
    [
        {f"k{i}": i for i in range(50_000)},
        {f"k{i}": {f"l{j}": 1 for j in range(100)} for i in range(150)},
    ],
    ids=["wide", "bushy"],
)
def test_object_without_end_is_not_explained(value: object) -> None:
    schema = {"additionalProperties": {"type": "string"}}
    result = judge({"json_schema": schema}, json.dumps(value))
    assert result.reason == "does not fit the schema; the answer is too long to say where"


def test_nested_lists_are_looked_at_within_the_bound() -> None:
    value = {"rows": [[[1] * 60] * 60] * 60, "status": 5}
    schema = {"properties": {"status": {"type": "string"}}}
    result = judge({"json_schema": schema}, json.dumps(value))
    assert result.reason == '/status: 5 is not of type "string"'


def test_deep_answer_against_a_recursive_schema_is_a_failure() -> None:
    result = judge({"json_schema": {"items": {"$ref": "#"}}}, "[" * 900 + "]" * 900)
    assert result.passed is False
    assert "200 levels" in result.reason


# --- load errors ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("nowhere.json", "cannot read the schema file 'nowhere.json': no such file"),
        ({"shcema": {}}, "'shcema' is no keyword of JSON Schema"),
        ({"schema": {"type": "object"}, "format": True}, "did you mean 'formats'?"),
        ({"schema": True}, "a schema or the path of one expected, found true"),
        ([], "a schema or the path of one expected, found a list"),
        ({"type": "objekt"}, "/type of the schema"),
        ({"pattern": "(a"}, "unsupported or invalid pattern"),
        ({"properties": {"a": {"pattern": "*"}}}, "/properties/a/pattern of the schema"),
        ({"$ref": "#/$defs/nope"}, "'/$defs/nope' does not exist"),
        ({"schema": {"format": "emial"}, "formats": True}, "Unknown format: 'emial'"),
        ({"const": float("nan")}, "not a JSON number"),
        ({"$schema": "http://example.invalid/meta", "type": "object"}, "example.invalid"),
        ({"$dynamicRef": "http://example.invalid/y#a"}, "example.invalid"),
    ],
    ids=str,
)
def test_unusable_schema_is_a_mistake_in_the_case_file(spec: object, message: str) -> None:
    error = problem({"json_schema": spec})
    assert message in error.message
    assert error.where == WHERE


def test_schema_nested_without_end_is_a_mistake() -> None:
    schema: dict[str, object] = {"type": "object"}
    for _ in range(150):
        schema = {"properties": {"a": schema}}
    assert "more than 200 levels" in problem({"json_schema": schema}).message


def test_schema_file_that_is_no_schema_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "latin.json").write_bytes(b'{"title": "\xe4"}')
    for name, message in (
        ("list.json", "holds no schema, found a list"),
        ("broken.json", "is not JSON"),
        ("latin.json", "not utf-8 text"),
    ):
        assert message in problem({"json_schema": name}, folder=tmp_path).message


# --- references -----------------------------------------------------------------------------


@pytest.fixture
def hits() -> Iterator[tuple[str, list[str]]]:
    """Serve a schema on the loopback and list who asked for it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "URL/a.json"},
        {"properties": {"a": {"$ref": "URL/a.json#/x"}}},
        {"$defs": {"unused": {"$ref": "URL/a.json"}}},
        {"$id": "URL/root.json", "items": {"$ref": "a.json"}},
        {"$dynamicRef": "URL/a.json#a"},
        {"$schema": "URL/meta", "type": "object"},
        {"allOf": [{"$ref": "local.json"}]},
    ],
    ids=str,
)
def test_remote_reference_is_refused_without_a_call(
    schema: dict[str, object],
    hits: tuple[str, list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, asked = hits
    (tmp_path / "local.json").write_text(json.dumps({"items": {"$ref": f"{url}/a.json"}}))
    looked_up: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: looked_up.append(args))
    monkeypatch.setattr(socket.socket, "connect", lambda *args: looked_up.append(args))
    text = json.dumps(schema).replace("URL", url)
    error = problem({"json_schema": json.loads(text)}, folder=tmp_path)
    assert "127.0.0.1" in error.message
    assert not asked
    assert not looked_up


def test_refusal_names_the_reference_and_the_way_out() -> None:
    error = problem({"json_schema": {"$ref": "https://example.invalid/order.json"}})
    assert error.message == (
        "json_schema: $ref 'https://example.invalid/order.json' leaves this machine; "
        "remote schemas are never fetched"
    )
    assert error.hint == "copy the schema beside the case file and refer to it by its path"


def test_file_references_inside_the_folder_are_followed(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "order.json").write_text(
        json.dumps({"properties": {"id": {"$ref": "parts/id.json#/$defs/id"}}})
    )
    (tmp_path / "schemas" / "parts").mkdir()
    (tmp_path / "schemas" / "parts" / "id.json").write_text(
        '{"$defs": {"id": {"type": "integer"}}}'
    )
    for spec in ("schemas/order.json", {"$ref": "schemas/order.json"}):
        assert judge({"json_schema": spec}, '{"id": 1}', folder=tmp_path).passed is True
        assert judge({"json_schema": spec}, '{"id": "x"}', folder=tmp_path).passed is False


@pytest.mark.parametrize("reference", ["../secret.json", "link.json", "file:///etc/hostname"])
def test_file_references_out_of_the_folder_are_refused(tmp_path: Path, reference: str) -> None:
    (tmp_path / "secret.json").write_text("{}")
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    error = problem({"json_schema": {"$ref": reference}}, folder=folder)
    assert "leaves the folder of the schema" in error.message


def test_file_reference_to_another_host_is_refused() -> None:
    error = problem({"json_schema": {"$ref": "file://server/share/a.json"}})
    assert "leaves this machine" in error.message


def test_missing_referenced_file_is_named(tmp_path: Path) -> None:
    error = problem({"json_schema": {"$ref": "gone.json"}}, folder=tmp_path)
    assert "cannot read the schema file 'gone.json'" in error.message


# --- sharing --------------------------------------------------------------------------------


def test_equal_inline_schemas_compile_once() -> None:
    registry = CheckRegistry()
    for i in range(1000):
        text = json.dumps({"type": "object", "properties": {"a": {"minimum": 1.0}}})
        plan({"json_schema": {"schema": json.loads(text)}}, registry=registry, samples=1 + i)
        plan(
            {"tool_call": {"arguments_schema": json.loads(text)}}, registry=registry, samples=i + 1
        )
    (validator,) = registry.shared.validators.values()
    plan({"json_schema": {"schema": json.loads(text)}}, registry=registry, samples=5000)
    assert next(iter(registry.shared.validators.values())) is validator


def test_schemas_with_file_references_are_kept_apart_by_folder(tmp_path: Path) -> None:
    registry = CheckRegistry()
    for name, kind in (("one", "string"), ("two", "integer")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.json").write_text(json.dumps({"type": kind}))
        result = judge({"json_schema": {"$ref": "a.json"}}, "1", folder=folder, registry=registry)
        assert result.passed is (kind == "integer")


def test_formats_are_kept_apart() -> None:
    registry = CheckRegistry()
    schema = {"format": "date"}
    assert judge({"json_schema": {"schema": schema}}, '"x"', registry=registry).passed is True
    strict = {"json_schema": {"schema": schema, "formats": True}}
    assert judge(strict, '"x"', registry=registry).passed is False


def test_schema_path_is_relative_to_the_case_file() -> None:
    assert problem({"json_schema": "x.json"}).hint == f"looked for {HERE / 'x.json'}"
