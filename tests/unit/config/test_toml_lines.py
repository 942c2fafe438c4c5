from __future__ import annotations

import json
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.config.toml_source import key_lines

HOSTILE = '''# [comment]
title = "[not.a.header]"  # x = 1

[a]
text = """
[b]
key = 1 \\"""
""""
raw = \'\'\'
[c]
''\'\'\'
list = [
  "]", # ] "
  '[',
  { inner = 1 },

]
  spaced . "quoted key" = { x = [1,
2] }
last = "\\"" # [d]
[[e."f.g"]]
h = 1
[[e."f.g"]]
h = 2'''


def test_the_scanner_is_not_fooled_by_text_that_looks_like_toml() -> None:
    tomllib.loads(HOSTILE)
    lines = key_lines(HOSTILE)
    assert lines == {
        ("title",): 2,
        ("a",): 4,
        ("a", "text"): 5,
        ("a", "raw"): 9,
        ("a", "list"): 12,
        ("a", "spaced"): 18,
        ("a", "spaced", "quoted key"): 18,
        ("a", "last"): 20,
        ("e",): 21,
        ("e", "f.g"): 23,
        ("e", "f.g", "h"): 24,
    }


VALUES = st.sampled_from(
    [
        "1",
        '""',
        "''",
        '"# ="',
        "[]",
        '["a",\n "b", # c ]\n]',
        "{ a = 1 }",
        '"""\n[x]\ny = 1\n"""',
        "'''\n[x]\n'''",
        "[[1,\n2], [3]]",
        '[ # c\n"""\nz = 1\n"""]',
        "2020-01-01",
    ]
)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=6)


@given(st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=4), max_size=4))
def test_every_key_is_found_on_the_line_where_it_was_written(
    tables: dict[str, dict[str, str]],
) -> None:
    text, wanted = "", {}
    for table, items in tables.items():
        # names that need escapes are as vague as promised, so they are left out here
        if "\\" in table or '"' in table:
            continue
        wanted[table,] = text.count("\n") + 1
        text += f"[{json.dumps(table, ensure_ascii=False)}] # x\n\n"
        for key, value in items.items():
            if "\\" in key or '"' in key:
                continue
            wanted[table, key] = text.count("\n") + 1
            text += f"  {json.dumps(key, ensure_ascii=False)} = {value} # y = 1\n"
    tomllib.loads(text)
    assert key_lines(text) == wanted


@given(st.text(alphabet="[]\"'#=.a \n\\{}", max_size=80))
def test_the_scanner_ends_on_any_text(text: str) -> None:
    assert all(line <= text.count("\n") + 1 for line in key_lines(text).values())
