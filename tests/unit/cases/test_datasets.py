from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.case_files import errors_of, load

from pytest_promptdrift.cases.datasets import read_rows

if TYPE_CHECKING:
    from pathlib import Path

FILE = "models: fake:a\nprompt: Say {{ word }}.\ncases:\n  - from: rows.csv\n"
CELLS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r"))


def rows(folder: Path, data: str | bytes, name: str = "rows.csv") -> list[tuple[int, object]]:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    found = read_rows(path, name)
    assert found.errors == []
    return [(row.line, row.values) for row in found.rows]


def row_errors(folder: Path, data: str | bytes, name: str = "rows.csv") -> list[str]:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return [str(error) for error in read_rows(path, name).errors]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1))
def test_csv_values_arrive_untouched(tmp_path: Path, cells: list[tuple[str, str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *cells])
    found = rows(tmp_path, out.getvalue())
    assert [values for _, values in found] == [{"a": a, "b": b} for a, b in cells]


def test_rows_know_their_line_also_after_cells_of_several_lines(tmp_path: Path) -> None:
    text = 'a,b\n1,"x\ny\n\nz"\n\n2,"q"\r\n3,end'
    assert rows(tmp_path, text) == [
        (2, {"a": "1", "b": "x\ny\n\nz"}),
        (7, {"a": "2", "b": "q"}),
        (8, {"a": "3", "b": "end"}),
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert rows(tmp_path, b"\xef\xbb\xbfa\n1\n") == [(2, {"a": "1"})]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a,b\n1\n2,3\n4,5,6\n", ["rows.csv:2: this row has 1 cell, the header has 2 columns",
                                  "rows.csv:4: this row has 3 cells"]),
        ("a,a,\n", ["rows.csv:1: column 3 has no name", "rows.csv:1: the column 'a' is in the"]),
        ("a;b\n1;2\n", ["rows.csv:1: one column 'a;b': this file separates by semicolons"]),
        ("", ["rows.csv:1: the dataset has no rows"]),
        ("a,b\n", ["rows.csv:1: the dataset has no rows"]),
        ('a,b\n1,"x" y\n', ["rows.csv:2: not valid CSV"]),
        ('a\nx\n"' + "y" * 140_000 + '"\n', ["rows.csv:3: not valid CSV: field larger"]),
        ('a\nx\n"y\n', ["rows.csv:3: not valid CSV: unexpected end"]),
        (b"a\nx\n\xff\n", ["rows.csv:3: the file is not UTF-8: found the byte 0xff"]),
        ("a\nx\n".encode("utf-16"), ["rows.csv:1: the file is not UTF-8: found UTF-16"]),
    ],
)  # fmt: skip
def test_csv_mistakes_are_told_with_their_line(
    tmp_path: Path, data: str | bytes, expected: list[str]
) -> None:
    found = row_errors(tmp_path, data)
    assert len(found) == len(expected)
    for error, part in zip(sorted(found), sorted(expected), strict=True):
        assert part in error


def test_json_rows_know_their_line(tmp_path: Path) -> None:
    text = '[{"a": 1},\n {"a":\n null}]'
    assert rows(tmp_path, text, "r.json") == [(1, {"a": 1}), (2, {"a": None})]


def test_jsonl_rows_know_their_line(tmp_path: Path) -> None:
    text = '{"a": "x\u2028y"}\n\n  {"a": [1]}\r\n'
    assert rows(tmp_path, text, "r.jsonl") == [(1, {"a": "x\u2028y"}), (3, {"a": [1]})]


@pytest.mark.parametrize(
    ("name", "data", "part"),
    [
        ("r.json", '{"a": 1}', "r.json:1: a JSON dataset is a list of objects, found a mapping"),
        ("r.json", "[1,\n2]", "r.json:2: a row must be an object, found the number 2"),
        ("r.json", '[{"a": 1,\n"a": 2}]', "r.json:2: the key 'a' is given twice"),
        ("r.json", "[]", "r.json:1: the dataset has no rows"),
        ("r.json", '[], "x": [{"a": 1}]', "r.json:1: not valid JSON: Extra data"),
        ("r.json", '[{"": 1}]', "r.json:1: a row has a value without a name"),
        ("r.jsonl", '{"a": 1}\n[2]\n', "r.jsonl:2: a row must be an object, found a list"),
        ("r.jsonl", '{"a": 1}\n{"a": \n', "r.jsonl:2: not valid JSON"),
        ("r.jsonl", '{"a": 1}\n{"a": 1, "a": 2}', "r.jsonl:2: the key 'a' is given twice"),
        ("r.jsonl", '{"a": NaN}', "r.jsonl:1: NaN is not a JSON number"),
        ("r.txt", "a", "r.txt:1: a dataset is a file ending in .csv, .json, .jsonl"),
    ],
)
def test_json_mistakes_are_told_with_their_line(
    tmp_path: Path, name: str, data: str, part: str
) -> None:
    assert any(part in error for error in row_errors(tmp_path, data, name))


def test_a_column_is_a_variable_and_id_and_expected_are_known_names(tmp_path: Path) -> None:
    table = 'id,word,expected,more\na,hello,yes,"{{ x }}"\nb,bye,,1\n'
    case_file = load(tmp_path, FILE, files={"rows.csv": table})
    first, second = case_file.cases
    assert (first.id, first.variables, first.expected) == (
        "a", {"word": "hello", "more": "{{ x }}"}, "yes",
    )  # fmt: skip
    assert (second.id, second.variables, second.expected) == (
        "b",
        {"word": "bye", "more": "1"},
        None,
    )
    assert [str(case.where) for case in case_file.cases] == ["rows.csv:2", "rows.csv:3"]
    assert [check.name for check in first.checks] == ["equals"]
    assert second.checks == ()


def test_rows_of_json_keep_their_types(tmp_path: Path) -> None:
    data = json.dumps([{"word": 1, "id": 7, "expected": {"a": 1}}, {"word": True}])
    case_file = load(tmp_path, FILE.replace("csv", "json"), files={"rows.json": data})
    assert [case.variables["word"] for case in case_file.cases] == [1, True]
    assert (case_file.cases[0].id, case_file.cases[0].expected) == ("7", {"a": 1})


def test_keys_beside_from_are_defaults_of_every_row(tmp_path: Path) -> None:
    text = (
        "models: fake:a\nprompt: Say {{ word }} {{ tone }}.\ntags: [x]\ncases:\n"
        "  - from: rows.csv\n    vars: {tone: kindly, word: none}\n    expected: ok\n"
        "    samples: 3\n    tags: [y]\n    markers: [slow]\n    models: [fake:b]\n"
        "    params: {temperature: 0}\n    checks: [{contains: k}]\n"
    )
    table = "id,word,expected\na,hi,\nb,bye,done\n"
    first, second = load(tmp_path, text, files={"rows.csv": table}).cases
    assert first.variables == {"tone": "kindly", "word": "hi"}
    assert (first.expected, second.expected) == ("ok", "done")
    assert (first.samples, first.tags, first.markers) == (3, ("x", "y"), ("slow",))
    assert (first.models[0].name, first.params) == ("fake:b", {"temperature": 0})
    assert [check.name for check in first.checks] == ["contains", "equals"]
    assert first.checks[0] is second.checks[0]


def test_a_missing_dataset_names_the_nearest_file(tmp_path: Path) -> None:
    [error] = errors_of(tmp_path, FILE, files={"row.csv": "a\n1\n"})
    assert error.startswith("a.prompt.yaml:4: there is no file 'rows.csv' in the folder")
    assert error.endswith("did you mean 'row.csv'?")
    [error] = errors_of(tmp_path, FILE.replace("rows.csv", "nowhere/rows.csv"))
    assert "there is no such folder" in error


def test_a_dataset_that_is_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").mkdir()
    [error] = errors_of(tmp_path, FILE)
    assert error.startswith("a.prompt.yaml:4: cannot read 'rows.csv': it is a folder")


def test_ids_of_rows_are_checked_like_those_of_cases(tmp_path: Path) -> None:
    table = "id,word\na,x\na,y\nb c,z\n"
    errors = errors_of(tmp_path, FILE, files={"rows.csv": table})
    assert errors[0] == "rows.csv:3: the id 'a' is given twice, first at rows.csv:2"
    assert errors[1].startswith("rows.csv:4: the id 'b c' has a space in it")
    [error] = errors_of(
        tmp_path, FILE.replace("csv", "json"), files={"rows.json": '[{"id": 1.5, "word": "x"}]'}
    )
    assert error == "rows.json:1: the id must be text, found the number 1.5"


def test_equal_rows_without_ids_name_both_lines(tmp_path: Path) -> None:
    [error] = errors_of(tmp_path, FILE, files={"rows.csv": "word\nx\ny\nx\n"})
    assert error.startswith("rows.csv:4: this case is given twice, first at rows.csv:2")


def test_a_broken_row_does_not_hide_what_is_wrong_with_others(tmp_path: Path) -> None:
    table = "id,wort\na,x\nb,x,y\n"
    errors = errors_of(tmp_path, FILE, files={"rows.csv": table})
    assert "the variable 'word' is undefined" in errors[0]
    assert "rows.csv:3: this row has 3 cells" in errors[1]


def test_a_thousand_rows_with_one_mistake_are_one_error(tmp_path: Path) -> None:
    table = "wort\n" + "".join(f"w{i}\n" for i in range(1000))
    [error] = errors_of(tmp_path, FILE, files={"rows.csv": table})
    assert "did you mean 'wort'? (case 'w0-" in error
    assert error.endswith(" and 999 more)")


def test_a_thousand_mistakes_are_cut(tmp_path: Path) -> None:
    errors = errors_of(tmp_path, FILE, files={"rows.csv": "word\n" + "x,y\n" * 1000})
    assert len(errors) == 101
    assert errors[-1] == "rows.csv:101: and 900 more problems after this one"
