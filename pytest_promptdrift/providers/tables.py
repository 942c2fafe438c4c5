"""Which parameters each API of today takes, and what to write instead of the others.

Data only. A test compares the tables with the installed SDKs, so they cannot rot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# The one name for the output limit that every API understands here.
OUTPUT_LIMIT = "max_output_tokens"
EXTRA_BODY = "extra_body"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamTable:
    """What one API takes.

    ``takes`` are the parameters that go into the body as they are. ``owned`` are fields that the
    case format says elsewhere and ``advice`` names that this API does not take, both with what to
    do. ``limit`` is the API's own name for the output limit and ``limits`` all its names.
    ``beta`` are taken only together with ``betas``.
    """

    api: str
    takes: frozenset[str]
    owned: Mapping[str, str]
    advice: Mapping[str, str]
    limit: str
    limits: frozenset[str]
    beta: frozenset[str] = frozenset()
    special: frozenset[str] = frozenset()
    limit_required: bool = False

    def known(self) -> frozenset[str]:
        """Return every name that may stand in ``params``."""
        return self.takes | self.beta | self.special | {OUTPUT_LIMIT, EXTRA_BODY}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MESSAGES = "belongs to the case: write `prompt` or `messages` there"
_MODEL = "belongs to the model: write it under `models`"
_SYSTEM = "belongs to the case: write `system` there"
_TOOLS = "belongs to the case: write `tools` there (hosted tools: `extra_body`)"
_CHOICE = "belongs to the case: write `tool_choice` there"
_FORMAT = "belongs to the case: write `response_format` there"
STREAM = "answers are read whole, so nothing is streamed"
COUNT = "one call gives one answer: write `samples` in the case for several"
BACKGROUND = "an answer that is fetched later cannot be read here"
_HEADER = "is an account setting that goes into a header, not into the request"
_NOT_IN = "this API does not take it; `extra_body` sends it to a server that does"

CHAT = ParamTable(
    api="openai.chat",
    takes=_names(
        """audio frequency_penalty logit_bias logprobs max_completion_tokens max_tokens metadata
        modalities moderation parallel_tool_calls prediction presence_penalty prompt_cache_key
        prompt_cache_options prompt_cache_retention reasoning_effort safety_identifier seed
        service_tier stop store temperature top_logprobs top_p user verbosity
        web_search_options"""
    ),
    owned={
        "messages": _MESSAGES,
        "model": _MODEL,
        "n": COUNT,
        "stream": STREAM,
        "stream_options": STREAM,
        "tools": _TOOLS,
        "functions": _TOOLS,
        "tool_choice": _CHOICE,
        "function_call": _CHOICE,
        "response_format": _FORMAT,
    },
    advice={
        "system": _SYSTEM,
        "reasoning": "this API calls it `reasoning_effort`",
        "text": "this API calls it `verbosity`; the form is `response_format` of the case",
        "stop_sequences": "this API calls it `stop`",
        "best_of": _NOT_IN,
        "top_k": _NOT_IN,
        "min_p": _NOT_IN,
        "repetition_penalty": _NOT_IN,
        "thinking": "this API calls it `reasoning_effort`",
    },
    limit="max_completion_tokens",
    limits=frozenset({"max_completion_tokens", "max_tokens"}),
)

RESPONSES = ParamTable(
    api="openai.responses",
    takes=_names(
        """access_programs context_management conversation image include max_output_tokens
        max_tool_calls metadata moderation parallel_tool_calls previous_response_id prompt
        prompt_cache_key prompt_cache_options prompt_cache_retention reasoning safety_identifier
        service_tier store temperature text top_logprobs top_p truncation user"""
    ),
    owned={
        "input": _MESSAGES,
        "messages": _MESSAGES,
        "instructions": _SYSTEM,
        "model": _MODEL,
        "n": COUNT,
        "stream": STREAM,
        "stream_options": STREAM,
        "background": BACKGROUND,
        "background_options": BACKGROUND,
        "tools": _TOOLS,
        "tool_choice": _CHOICE,
        "response_format": _FORMAT,
    },
    advice={
        "system": _SYSTEM,
        "max_tokens": f"this API calls it `{OUTPUT_LIMIT}`",
        "max_completion_tokens": f"this API calls it `{OUTPUT_LIMIT}`",
        "reasoning_effort": "this API calls it `reasoning: {effort: …}`",
        "verbosity": "this API calls it `text: {verbosity: …}`",
        "seed": "only the chat API has it (provider `openai`), as a best effort",
        "stop": "only the chat API has it (provider `openai`)",
        "stop_sequences": "only the chat API has it (provider `openai`, `stop`)",
        "logprobs": "write `include: [message.output_text.logprobs]`",
        "frequency_penalty": "only the chat API has it (provider `openai`)",
        "presence_penalty": "only the chat API has it (provider `openai`)",
        "logit_bias": "only the chat API has it (provider `openai`)",
        "top_k": _NOT_IN,
    },
    limit=OUTPUT_LIMIT,
    limits=frozenset({OUTPUT_LIMIT}),
)

_DROPPED = (
    "today's Anthropic API dropped it; for an older model that still has it write "
    "`extra_body: {%s: …}`"
)

MESSAGES = ParamTable(
    api="anthropic.messages",
    takes=_names(
        """cache_control container diagnostics inference_geo max_tokens metadata output_config
        service_tier speed stop_sequences thinking"""
    ),
    owned={
        "messages": _MESSAGES,
        "model": _MODEL,
        "system": _SYSTEM,
        "n": COUNT,
        "stream": STREAM,
        "tools": _TOOLS,
        "tool_choice": _CHOICE,
        "response_format": _FORMAT,
        "output_format": _FORMAT,
    },
    advice={
        "temperature": _DROPPED % "temperature",
        "top_p": _DROPPED % "top_p",
        "top_k": _DROPPED % "top_k",
        "user_profile_id": _HEADER,
        "workspace_id": _HEADER,
        "stop": "this API calls it `stop_sequences`",
        "max_tokens_to_sample": "today's API calls it `max_tokens`",
        "max_completion_tokens": "this API calls it `max_tokens`",
        "reasoning_effort": "this API calls it `output_config: {effort: …}`",
        "reasoning": "this API calls it `thinking` and `output_config: {effort: …}`",
        "parallel_tool_calls": (
            "write `extra_body: {tool_choice: {type: auto, disable_parallel_tool_use: true}}`"
        ),
        "seed": "this API has none",
        "user": "this API calls it `metadata: {user_id: …}`",
        "frequency_penalty": "this API has none",
        "presence_penalty": "this API has none",
    },
    limit="max_tokens",
    limits=frozenset({"max_tokens"}),
    beta=_names(
        """billing_policy compaction context_management fallback_credit_token fallbacks
        mcp_servers thread"""
    ),
    special=frozenset({"betas"}),
    limit_required=True,
)

TABLES: Mapping[str, ParamTable] = {
    "openai": CHAT,
    "openai:responses": RESPONSES,
    "anthropic": MESSAGES,
}


def known_params(provider: str) -> frozenset[str] | None:
    """Return the names ``params`` may hold for a provider; None when it takes any."""
    table = TABLES.get(provider)
    return None if table is None else table.known()
