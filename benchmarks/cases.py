"""The suite that every tool is given: support messages, JSON answers, two checks for each.

The answer to the message of case N is a function of N, so that the scripted server, the recordings
and the checks of all tools agree without sharing a file.
"""

from __future__ import annotations

import json
import re
from typing import Any

MODEL = "gpt-5-mini"
INSTRUCTION = (
    "Classify the message of a customer and draft a reply. Answer with one JSON object that has "
    "the keys category, order, priority, tags and reply."
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["category", "order", "priority", "tags", "reply"],
    "additionalProperties": False,
    "properties": {
        "category": {"enum": ["billing", "shipping", "technical", "account"]},
        "order": {"type": "integer", "minimum": 1},
        "priority": {"type": "integer", "minimum": 1, "maximum": 5},
        "tags": {"type": "array", "items": {"type": "string", "minLength": 2}, "maxItems": 5},
        "reply": {"type": "string", "minLength": 40, "pattern": "^Hello"},
    },
}

_CATEGORIES = ("billing", "shipping", "technical", "account")
_TOPICS = (
    "was charged twice for my last order and would like to have one of the payments back",
    "still have not received the parcel although the tracking page says that it was delivered",
    "cannot open the application since the update, it closes before anything is shown",
    "want to change the address of my account, but the page asks for a code I do not get",
)
_NUMBER = re.compile(r"order (\d+)")


def case_id(number: int) -> str:
    """Return the id of a case."""
    return f"case-{number:05d}"


def order(number: int) -> int:
    """Return the order that the message of a case names."""
    return 100_000 + number


def message(number: int) -> str:
    """Return what the customer writes."""
    return f"Hello, I {_TOPICS[number % 4]}. It is about order {order(number)}. Please help."


def answer(number: int) -> str:
    """Return what the model says, as JSON text."""
    text = (
        f"Hello, thank you for writing to us about order {order(number)}. We are sorry for the "
        "trouble. A colleague has looked at it and found the cause, and you will hear from us "
        "within two working days. Please keep this message until then."
    )
    value = {
        "category": _CATEGORIES[number % 4],
        "order": order(number),
        "priority": number % 5 + 1,
        "tags": [_CATEGORIES[number % 4], f"batch-{number % 7}"],
        "reply": text,
    }
    return json.dumps(value, indent=1)


def answer_to(prompt: str) -> str:
    """Return the answer to a prompt that names an order."""
    found = _NUMBER.search(prompt)
    return answer(int(found[1]) - 100_000 if found else 0)
