from __future__ import annotations

from pytest_promptdrift.cli.pairing import Answers, Row, pair_up


def rows(accepted: list[str], fresh: list[str], *, full: bool = False) -> list[tuple[str, str]]:
    cells, _ = Answers(accepted=accepted, fresh=fresh, full=full).rows()
    return [tuple("" if c is None else _told(c) for c in pair) for pair in cells]  # type: ignore[misc]


def _told(cell: object) -> str:
    return cell.head + "".join(text for text, _ in cell.pieces)  # type: ignore[attr-defined]


def test_a_new_answer_stands_beside_the_nearest_that_is_gone() -> None:
    accepted = ["It is blue and small.", "It takes 14 days to return it."]
    assert pair_up(accepted, ["It takes 30 days to return it."]) == [
        Row(accepted[1], "It takes 30 days to return it.", compared=True),
        Row(accepted[0], None),
    ]


def test_without_one_that_is_gone_the_nearest_of_all_is_compared() -> None:
    old, new = "It takes 14 days to return.", "It takes 30 days to return."
    assert pair_up([old, old], [old, new]) == [Row(old, new, compared=True), Row(old, old)]


def test_answers_with_little_in_common_are_not_compared() -> None:
    assert pair_up(["billing"], ["shipping"]) == [Row("billing", "shipping")]
    assert pair_up([""], ["!"]) == [Row("", "!")]


def test_sides_of_different_length_keep_all_their_answers() -> None:
    assert pair_up(["a"], ["b", "c"]) == [Row("a", "b"), Row(None, "c")]
    assert pair_up([], ["b"]) == [Row(None, "b")]


def test_equal_answers_are_counted_once() -> None:
    assert rows(["a", "b", "a"], ["a"]) == [("2 of 3  a", "a"), ("1 of 3  b", "")]


def test_words_of_compared_answers_are_marked() -> None:
    assert rows(["It takes 14 days."], ["It takes 30 days."]) == [
        ("It takes [-14-] days.", "It takes {+30+} days.")
    ]


def test_many_answers_are_cut_and_counted() -> None:
    accepted = [f"a{n}" for n in range(4)]
    fresh = [f"b{n}" for n in range(8)]
    found, hidden = Answers(accepted=accepted, fresh=fresh, full=False).rows()
    assert (len(found), hidden) == (5, 3)
    found, hidden = Answers(accepted=accepted, fresh=fresh, full=True).rows()
    assert (len(found), hidden) == (8, 0)


def test_long_answers_are_cut_unless_everything_is_asked_for() -> None:
    long = "word " * 2000
    other = long + "end"
    assert "more]" in rows([long], ["x"])[0][0]
    assert rows([long], ["x"], full=True)[0][0] == long
    assert "characters alike" in rows([long], [other])[0][1]
    assert rows([long], [other], full=True)[0][1].endswith("{+end+}")


def test_only_so_many_new_answers_are_matched() -> None:
    accepted = [f"the same words {n}" for n in range(30)]
    fresh = [f"the same words {n}x" for n in range(30)]
    assert sum(row.compared for row in pair_up(accepted, fresh)) == 20
