"""Times json_equals in a process of its own: ``python -m benchmarks.answers REPETITIONS``.

Prints one line of JSON. Times are CPU seconds of this process; for the unchanged answer the median
of single evaluations, for the changed ones a single evaluation each.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_promptdrift._errors import Where
from pytest_promptdrift.checks import CheckRegistry, plan_check, run_check
from pytest_promptdrift.model import CheckContext, Response

if TYPE_CHECKING:
    from pytest_promptdrift.checks import CheckPlan
    from pytest_promptdrift.model import CheckSummary

WORDS = ("refund", "parcel", "invoice", "late", "account", "blocked", "twice", "street", "code")


def document(size: int, chance: random.Random) -> dict[str, Any]:
    """Return a structured answer of about ``size`` bytes: a list of orders."""
    items: list[dict[str, Any]] = []
    length = 0
    while length < size:
        item = {
            "id": len(items),
            "name": " ".join(chance.choices(WORDS, k=6)),
            "price": round(chance.uniform(1, 900), 2),
            "tags": chance.sample(WORDS, 3),
            "address": {"street": f"{chance.choice(WORDS)} {chance.randint(1, 99)}", "floor": None},
            "notes": [
                {"text": " ".join(chance.choices(WORDS, k=8)), "open": chance.random() > 0.5}
            ],
        }
        items.append(item)
        length += len(json.dumps(item)) + 2
    return {"orders": items}


def changed(value: dict[str, Any], chance: random.Random, share: float) -> dict[str, Any]:
    """Return a copy with the list shuffled and a share of its items changed."""
    copy: dict[str, Any] = json.loads(json.dumps(value))
    chance.shuffle(copy["orders"])
    for item in copy["orders"]:
        if chance.random() < share:
            item["name"] += " changed"
    return copy


def plan(spec: object, registry: CheckRegistry) -> CheckPlan:
    """Return a check as a case file would give it."""
    where = Where(path="benchmark.prompt.yaml", line=1)
    return plan_check(spec, where=where, folder=Path(), samples=1, registry=registry)


def evaluate(check: CheckPlan, text: str) -> tuple[CheckSummary, float]:
    """Run a check on one answer; return the summary and the CPU seconds."""
    context = CheckContext(
        response=Response(text=text),
        case_id="case",
        variant=None,
        model="bench",
        index=0,
        expected=None,
        variables={},
        request=None,
    )
    began = time.process_time()
    summary = run_check(check, [context])
    return summary, time.process_time() - began


def unchanged(repetitions: int) -> dict[str, float]:
    """Time the check on an answer that is as expected."""
    value = document(10_000, random.Random(1))
    text = json.dumps(value, indent=1)
    check = plan({"json_equals": value}, CheckRegistry())
    times = []
    for _ in range(repetitions):
        summary, seconds = evaluate(check, text)
        assert summary.passed
        times.append(seconds)
    loads = []
    for _ in range(repetitions):
        began = time.process_time()
        json.loads(text)
        loads.append(time.process_time() - began)
    return {
        "unchanged_ms": statistics.median(times) * 1000,
        "loads_ms": statistics.median(loads) * 1000,
    }


def hostile() -> dict[str, dict[str, Any]]:
    """Time the check on answers that a model could use to keep it busy."""
    chance = random.Random(2)
    value = document(1_000_000, chance)
    few, all_of_it = changed(value, chance, 0.1), changed(value, chance, 1.0)
    lines = {"text": "\n".join(" ".join(chance.choices(WORDS, k=9)) for _ in range(18_000))}
    other = {"text": "\n".join(" ".join(chance.choices(WORDS, k=9)) for _ in range(18_000))}
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    keep = {"json_equals": value}
    ignore = {"json_equals": {"value": value, "order": "ignore"}}
    texts = {
        "shuffled, a tenth changed": (keep, json.dumps(few)),
        "shuffled, a tenth changed, order ignored": (ignore, json.dumps(few)),
        "shuffled, all changed, order ignored": (ignore, json.dumps(all_of_it)),
        "other long text": ({"json_equals": {"value": lines}}, json.dumps(other)),
        "nested 100 000 deep": (keep, "[" * 100_000 + "1" + "]" * 100_000),
    }
    found = {}
    for name, (spec, text) in texts.items():
        summary, seconds = evaluate(plan(spec, CheckRegistry()), text)
        result = summary.results[0]
        report = "\n".join((result.reason, *result.detail))
        found[name] = {
            "seconds": seconds,
            "said": "equal" if summary.passed else "crashed" if result.crashed else "differs",
            "report": len(report),
            "reason": result.reason[:100],
        }
    return found


if __name__ == "__main__":
    print(json.dumps({**unchanged(int(sys.argv[1])), "hostile": hostile()}))
