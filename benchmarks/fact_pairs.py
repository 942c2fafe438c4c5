"""Counts what the comparison of facts catches, and where it cries wolf.

Pairs are built from sentences in two wordings: a changed fact must give a failure, another wording
or format of the same facts must give none. Half of the sentences, chosen by digest, are held out:
lists and thresholds were tuned on the other half only (``--tuning`` shows its mistakes).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import fact_wordings as words
from benchmarks.fact_denials import HELD_OUT, LATEST, TUNING
from benchmarks.fact_unseen import UNSEEN
from pytest_promptdrift.drift import fact_findings
from pytest_promptdrift.model import Response

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20260303
# kind: caught / false alarms of the first prototype, where it was measured
PROTOTYPE = {
    "number": (0.96, None),
    "unit": (0.86, None),
    "date": (0.89, 0.33),
    "negation": (0.94, 0.80),
    "antonym": (0.44, None),
    "entity": (0.30, None),
    "role": (0.86, None),
    "json": (1.0, None),
    "label": (0.93, None),
    "refusal": (1.0, None),
    "truncation": (1.0, None),
    "language": (0.83, None),
    "claim": (0.0, None),
    "format": (None, 0.07),
    "paraphrase": (None, 0.14),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers, whether a fact changed, and the sentence they come from."""

    kind: str
    old: str
    new: str
    changed: bool
    source: str

    @property
    def held_out(self) -> bool:
        """True for the half that nothing is tuned on."""
        return hashlib.sha256(self.source.encode()).digest()[0] % 2 == 0


def pairs() -> Iterator[Pair]:
    """Yield all pairs, in a fixed order."""
    chance = random.Random(SEED)
    for build in (
        _numbers,
        _units,
        _dates,
        _negations,
        _opposites,
        _entities,
        _roles,
        _json,
        _labels,
        _yes_no,
        _refusals,
        _cut,
        _languages,
        _operators,
        _claims,
    ):
        yield from build(chance)


def _numbers(_: random.Random) -> Iterator[Pair]:
    for one, other in words.NUMBERS:
        for a, b in words.VALUES:
            yield Pair("number", one.format(a), other.format(b), True, one)
            yield Pair("number", one.format(b), one.format(words.SPELLED[a]), True, one)
            yield Pair("paraphrase", one.format(a), other.format(a), False, one)
        if "$" not in one:
            yield Pair("format", one.format(14), one.format("fourteen"), False, one)
    for one, other in words.AMOUNTS:
        yield Pair("format", one, other, False, one)
        yield Pair("format", f"Thank you for asking. {other}", one, False, one)


def _units(_: random.Random) -> Iterator[Pair]:
    for one, other in words.UNITS:
        for old, new in (
            (one, other),
            (other, one),
            (f"Good news. {one}", other),
            (one, other.replace("The ", "As agreed, the ", 1)),
        ):
            yield Pair("unit", old, new, True, one)


def _dates(_: random.Random) -> Iterator[Pair]:
    for one, other in words.DATES:
        for days, another in words.DAYS:
            yield Pair("date", one.format(days[0]), other.format(another), True, one)
            yield Pair("date", one.format(days[1]), one.format(another), True, one)
            for form in days[1:]:
                yield Pair("date", one.format(days[0]), one.format(form), False, one)
            yield Pair("date", one.format(days[3]), other.format(days[2]), False, one)


def _negations(_: random.Random) -> Iterator[Pair]:
    for sentences in words.NEGATIONS:
        yield from _denied(sentences)


def _denied(sentences: tuple[str, str, str, str]) -> Iterator[Pair]:
    """Yield the pairs of a claim in two wordings and its denial in two."""
    yes, yes2, no, no2 = sentences
    for old, new in ((yes, no), (no, yes), (yes2, no), (yes, no2), (no2, yes2)):
        yield Pair("negation", old, new, True, yes)
    yield Pair("negation", no, no2, False, yes)
    yield Pair("negation", no2, no, False, yes)
    yield Pair("negation", f"Please note: {no}", no2, False, yes)
    yield Pair("paraphrase", yes, yes2, False, yes)


def _opposites(_: random.Random) -> Iterator[Pair]:
    for one, same, opposite in words.OPPOSITES:
        for old, new in ((one, opposite), (opposite, one), (same, opposite)):
            yield Pair("antonym", old, new, True, one)
        yield Pair("antonym", one, same, False, one)
        yield Pair("antonym", same, one, False, one)
        yield Pair("paraphrase", one, same, False, one)


def _entities(_: random.Random) -> Iterator[Pair]:
    for one, other in words.ENTITIES:
        for a, b in words.NAMES:
            yield Pair("entity", one.format(a), one.format(b), True, one)
            yield Pair("entity", one.format(a), other.format(b), True, one)
            yield Pair("entity", one.format(a), other.format(a), False, one)
        yield Pair("paraphrase", one.format("Lumira"), other.format("Lumira"), False, one)


def _roles(_: random.Random) -> Iterator[Pair]:
    for one, swapped, same in words.ROLES:
        for old, new in (
            (one, swapped),
            (swapped, one),
            (one, f"As far as we know, {swapped[0].lower()}{swapped[1:]}"),
        ):
            yield Pair("role", old, new, True, one)
        yield Pair("role", one, same, False, one)
        yield Pair("role", same, one, False, one)
        yield Pair("paraphrase", one, same, False, one)


def _json(chance: random.Random) -> Iterator[Pair]:
    for index in range(70):
        value = {
            "id": f"ORD-{chance.randint(1000, 9999)}",
            "total": round(chance.uniform(1, 900), 2),
            "status": chance.choice(["open", "paid", "late"]),
            "lines": [{"sku": f"A{n}", "count": chance.randint(1, 9)} for n in range(3)],
            "express": chance.random() < 0.5,
        }
        changed = json.loads(json.dumps(value))
        field = chance.choice(["id", "total", "status", "lines", "express"])
        if field == "lines":
            changed["lines"][chance.randint(0, 2)]["count"] += 1
        else:
            changed[field] = {
                "id": "ORD-1",
                "total": value["total"] + 1,
                "status": "void",
                "express": not value["express"],
            }[field]
        text, source = json.dumps(value), f"json {index}"
        yield Pair("json", text, json.dumps(changed, indent=1), True, source)
        shuffled = {key: value[key] for key in chance.sample(sorted(value), 5)}
        shuffled["lines"] = chance.sample(value["lines"], 3)
        yield Pair("json", text, f"```json\n{json.dumps(shuffled, indent=2)}\n```", False, source)


def _labels(_: random.Random) -> Iterator[Pair]:
    for one, other in words.LABELS:
        for old, new in (
            (one, other),
            (other, one),
            (f"{one}.", other.upper()),
            (f"**{one}**", other),
            (one, f"Label: {other}"),
        ):
            yield Pair("label", old, new, True, one)
        for form in (f"{one}.", one.upper(), f"**{one}**", f'"{one}"', f"Label: {one}"):
            yield Pair("label", one, form, False, one)


def _yes_no(_: random.Random) -> Iterator[Pair]:
    for claim in words.YES:
        for old, new in (
            ("Yes.", "No."),
            (f"Yes, {claim}.", "No."),
            ("No", f"Yes, {claim}."),
            (f"Yes, {claim}.", f"No, I'm afraid the answer is different: {claim} never."),
        ):
            yield Pair("polarity", old, new, True, claim)
        yield Pair("polarity", f"Yes, {claim}.", f"Yes. As you asked, {claim}.", False, claim)
        yield Pair("polarity", f"Yes, {claim}.", f"{claim[0].upper()}{claim[1:]}.", False, claim)
        yield Pair("polarity", "Yes", "Yes.", False, claim)


def _refusals(_: random.Random) -> Iterator[Pair]:
    for refusal in words.REFUSALS:
        for answer in words.HELPFUL:
            yield Pair("refusal", answer, refusal, True, refusal)
        for other in words.REFUSALS[:5]:
            yield Pair("refusal", refusal, other, False, refusal)


def _cut(chance: random.Random) -> Iterator[Pair]:
    sentences = [one.format(14) for one, _ in words.NUMBERS]
    for index in range(70):
        full = " ".join(chance.sample(sentences, 3))
        tokens = full.split()
        cut = " ".join(tokens[: chance.randint(len(tokens) * 2 // 3, len(tokens) - 1)])
        if not cut.endswith("."):
            yield Pair("truncation", full, cut, True, f"cut {index}")
        yield Pair("truncation", full, full.replace(". ", ".\n"), False, f"cut {index}")


def _languages(_: random.Random) -> Iterator[Pair]:
    for english, *others in words.TRANSLATED:
        for other in others:
            yield Pair("language", english, other, True, english)
            yield Pair("language", other, english, True, english)
        yield Pair("language", english, f"Certainly! {english}", False, english)
        for other in others:
            yield Pair("language", other, f"{other} {other}", False, english)


def _operators(_: random.Random) -> Iterator[Pair]:
    for query, old, new in words.QUERIES:
        for value in (5, 10, 100, 250, 7):
            text = query.format(value)
            yield Pair("operator", text, text.replace(old, new, 1), True, query)
            pretty = text.replace(" FROM ", "\n  FROM ").replace(" WHERE ", "\n WHERE ")
            yield Pair("operator", text, pretty, False, query)
            if text.startswith("SELECT"):
                yield Pair("operator", text, f"```sql\n{text};\n```", False, query)


def _claims(_: random.Random) -> Iterator[Pair]:
    for one, other in words.NUMBERS[:12]:
        for extra in words.EXTRAS:
            old, new = one.format(14), other.format(14)
            yield Pair("claim", old, f"{new} {extra}", True, one)
        yield Pair(
            "claim",
            one.format(14),
            f"{other.format(14)} Let me know if you have questions.",
            False,
            one,
        )
    for (one, _), (other, _) in zip(words.NUMBERS, words.NUMBERS[1:], strict=False):
        first, second = one.format(5), other.format(5)
        joined = f"{first[:-1]}, and {second[0].lower()}{second[1:]}"
        yield Pair("claim", f"{first} {second}", joined, False, one)


def fires(pair: Pair) -> bool:
    """Tell whether the comparison alarms; for claims a warning is the alarm."""
    found = fact_findings([Response(text=pair.old)], [Response(text=pair.new)])
    if pair.kind == "claim":
        return any(f.kind in {"claim_added", "claim_dropped"} for f in found)
    return any(f.severity == "fail" for f in found)


def measure(chosen: list[Pair]) -> dict[str, tuple[int, int, int, int]]:
    """Return caught, changed, false alarms and unchanged by kind."""
    out: dict[str, tuple[int, int, int, int]] = {}
    for pair in chosen:
        caught, changed, false, same = out.get(pair.kind, (0, 0, 0, 0))
        fired = fires(pair)
        if pair.changed:
            out[pair.kind] = (caught + fired, changed + 1, false, same)
        else:
            out[pair.kind] = (caught, changed, false + fired, same + 1)
    return out


def _share(count: int, total: int) -> str:
    return f"{count / total:.2f} ({count}/{total})" if total else "—"


def main() -> int:
    """Print one line per kind; with ``--tuning`` the mistakes on the half that may be looked at."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tuning", action="store_true")
    arguments = parser.parse_args()
    chosen = [p for p in pairs() if p.held_out is not arguments.tuning]
    print("| kind | caught | prototype | false alarms | prototype |\n|---|---|---|---|---|")
    for kind, (caught, changed, false, same) in measure(chosen).items():
        before = PROTOTYPE.get(kind, (None, None))
        shown = ["—" if value is None else f"{value:.2f}" for value in before]
        print(
            f"| {kind} | {_share(caught, changed)} | {shown[0]} | {_share(false, same)}"
            f" | {shown[1]} |"
        )
    if arguments.tuning:
        chosen += [p for sentences in TUNING for p in _denied(sentences)]
        for pair in chosen:
            if fires(pair) is not pair.changed:
                said = "missed" if pair.changed else "FALSE ALARM"
                print(said, pair.kind, "|", pair.old, "|", pair.new, file=sys.stderr)
    else:
        unseen()
    return 0


def unseen() -> None:
    """Print the rates on the sentences that were written last, and on those that deny."""
    chosen = [
        Pair(kind, one, text, changed, one)
        for kind, one, other, same in UNSEEN
        for text, changed in ((other, True), (same, False))
    ]
    _print_total("unseen sentences, all kinds", chosen)
    _print_total("denials, held out", [p for sentences in HELD_OUT for p in _denied(sentences)])
    _print_total("denials, written last", [p for sentences in LATEST for p in _denied(sentences)])
    _print_total("denials, looked at", [p for sentences in TUNING for p in _denied(sentences)])


def _print_total(title: str, chosen: list[Pair]) -> None:
    totals = [sum(column) for column in zip(*measure(chosen).values(), strict=True)]
    print(f"\n{title}: caught {_share(*totals[:2])}, false alarms {_share(*totals[2:])}")


if __name__ == "__main__":
    sys.exit(main())
