from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from pytest_promptdrift.cli.console import Console


def console(**rest: object) -> Console:
    given: dict[str, object] = {"into": io.StringIO(), "folder": Path(), **rest}
    return Console(out=io.StringIO(), err=io.StringIO(), **given)  # type: ignore[arg-type]


def test_lines_are_never_wrapped_for_a_file() -> None:
    plain = console()
    plain.say("word " * 100)
    assert plain.out.getvalue() == ("word " * 100).rstrip() + "\n"


def test_lines_are_wrapped_under_their_start_on_a_narrow_screen() -> None:
    narrow = console(width=20)
    narrow.say("a first and a second and a third", indent=2)
    assert narrow.out.getvalue() == "  a first and a\n    second and a\n    third\n"


def test_long_words_stay_whole_so_that_they_can_be_copied() -> None:
    narrow = console(width=10)
    narrow.say("pytest-promptdrift prune")
    assert "pytest-promptdrift" in narrow.out.getvalue()


def test_columns_are_aligned() -> None:
    plain = console()
    plain.table([("a", "long", "x"), ("longer", "b", "y z")])
    assert plain.out.getvalue() == "  a       long  x\n  longer  b     y z\n"


def test_an_empty_table_says_nothing() -> None:
    plain = console()
    plain.table([])
    assert plain.out.getvalue() == ""


def test_headings_are_bold_only_in_colour() -> None:
    plain, bright = console(), console(colour=True)
    plain.title("next")
    bright.title("next")
    assert plain.out.getvalue() == "\nnext\n"
    assert bright.out.getvalue() == "\n\x1b[1mnext\x1b[0m\n"


def test_text_from_outside_cannot_rewrite_the_terminal() -> None:
    plain = console()
    plain.say("a\x1b[2Jb\rc")
    plain.error("x\x07y", hint="\x1bz")
    assert plain.out.getvalue() == "a\\x1b[2Jb\\x0dc\n"
    assert plain.err.getvalue() == "x\\x07y\n  \\x1bz\n"


def test_everything_is_redacted() -> None:
    safe = console(redact=lambda text: text.replace("secret", "…"))
    safe.say("a secret")
    safe.table([("secret", "b")])
    safe.error("secret", hint="secret")
    assert "secret" not in safe.out.getvalue() + safe.err.getvalue()


@pytest.mark.parametrize(
    ("typed", "yes"), [("y\n", True), ("YES\n", True), ("\n", False), ("no\n", False), ("", False)]
)
def test_only_a_yes_is_a_yes(typed: str, yes: bool) -> None:
    asked = console(into=io.StringIO(typed))
    assert asked.confirm("remove?") is yes
    assert asked.out.getvalue() == "remove? [y/N] "


def test_a_process_without_a_terminal_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", io.StringIO())
    found = Console.of_process()
    assert (found.width, found.colour, found.interactive) == (None, False, False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_gets_colour_width_and_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "72")
    found = Console.of_process()
    assert (found.width, found.colour, found.interactive) == (72, True, True)


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setenv("NO_COLOR", "")
    assert Console.of_process().colour is False


@pytest.mark.parametrize(("typed", "answer"), [(" a b \n", "a b"), ("\n", ""), ("", None)])
def test_a_question_has_a_line_for_an_answer_or_none_at_the_end(
    typed: str, answer: str | None
) -> None:
    asked = console(into=io.StringIO(typed))
    assert asked.ask("why: ") == answer
    assert asked.out.getvalue() == ("why: " if typed else "why: \n")


def test_time_is_told_in_utc_to_the_second() -> None:
    east = timezone(timedelta(hours=2))
    assert console(clock=lambda: datetime(2026, 1, 2, 1, 30, 0, 99, tzinfo=east)).time() == (
        "2026-01-01T23:30:00+00:00"
    )
    assert console().time()[:10] == f"{datetime.now(UTC):%Y-%m-%d}"
