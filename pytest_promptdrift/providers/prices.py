"""What answers cost: the user's own prices, else the price list that genai-prices ships.

Never the network. A price that is not known is None, not zero; a bound that cannot be given says
why, so that a budget can tell the user what to add.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_promptdrift._canonical import canonical_json
from pytest_promptdrift.model import ATTACHMENT, Cost, Usage

from . import hosts
from .attachments import markers
from .tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from genai_prices.types import ModelInfo, PriceCalculation

    from pytest_promptdrift._canonical import JsonObject
    from pytest_promptdrift.config.settings import ModelConfig, PriceOverride
    from pytest_promptdrift.model import Request

CONFIGURED = "configured"

# Token bounds. A token is at least one byte of text in every tokenizer in use; the rest is what
# the providers add around it, rounded up generously.
_PER_MESSAGE = 32
_PER_TOOL_PROMPT = 1_000
# The most that any model of today counts for one image (small models count them many times over).
_PER_IMAGE = 50_000
# For estimates only: English text, and an image at middle size.
_BYTES_PER_TOKEN = 4
_USUAL_IMAGE = 1_000
_USUAL_ANSWER = 300

# Parameters that change the price list of the same model.
_TIERS = ("service_tier", "speed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The most that a call can cost; ``reason`` says why there is none."""

    usd: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rates:
    """US dollars per token, the highest that can apply."""

    input: float
    output: float
    context_window: int | None = None


def price(
    model: ModelConfig,
    served_model: str | None,
    usage: Usage | None,
    at: datetime,
    *,
    body: JsonObject | None = None,
) -> Cost | None:
    """Return what an answer of this usage cost at a time, None when that is not known.

    ``body`` is the body of the request, which may ask for a tier with prices of its own.
    """
    if usage is None or usage.input_tokens is None or usage.output_tokens is None:
        return None
    if model.prices is not None:
        return Cost(usd=_configured(model.prices, usage), prices=CONFIGURED)
    for name in dict.fromkeys((served_model, model.model)):
        found = None if name is None else _calculate(model, name, usage, at, body or {})
        if found is not None:
            return Cost(usd=float(found.total_price), prices=_list_name(found))
    return None


def _configured(prices: PriceOverride, usage: Usage) -> float:
    cached = min(usage.cached_input_tokens or 0, usage.input_tokens or 0)
    fresh = (usage.input_tokens or 0) - cached
    cached_price = prices.input if prices.cached_input is None else prices.cached_input
    million = fresh * prices.input + cached * cached_price
    return (million + (usage.output_tokens or 0) * prices.output) / 1e6


def _calculate(
    model: ModelConfig, name: str, usage: Usage, at: datetime, body: JsonObject
) -> PriceCalculation | None:
    vendor = _vendor(model)
    if vendor is None:
        return None
    import genai_prices  # noqa: PLC0415  (a third of a second that a replay must not pay)

    total = usage.input_tokens or 0
    cached = min(usage.cached_input_tokens or 0, total)
    counted = genai_prices.Usage(
        input_tokens=total,
        output_tokens=usage.output_tokens,
        cache_read_tokens=cached,
        cache_write_tokens=min(usage.cache_write_tokens or 0, total - cached),
    )
    context = {tier: str(body[tier]) for tier in _TIERS if isinstance(body.get(tier), str)}
    url = model.base_url if hosts.is_own_server(model, vendor) else None
    try:
        if url is not None:
            found = genai_prices.calc_price(
                counted,
                name,
                provider_api_url=url,
                genai_request_timestamp=at,
                price_context=context,
            )
        else:
            found = genai_prices.calc_price(
                counted,
                name,
                provider_id=vendor.name,
                genai_request_timestamp=at,
                price_context=context,
            )
    except (LookupError, ValueError):
        return None
    priced = {key for key, value in vars(found.model_price).items() if value is not None}
    return found if any(key.endswith("_mtok") for key in priced) else None


def _vendor(model: ModelConfig) -> hosts.Vendor | None:
    if model.provider not in TABLES:
        return None
    return hosts.ANTHROPIC if model.provider == "anthropic" else hosts.OPENAI


def _list_name(found: PriceCalculation) -> str:
    import genai_prices  # noqa: PLC0415  (loaded by the calculation already)

    name = f"genai-prices {genai_prices.__version__}"
    updated = found.auto_update_timestamp
    return name if updated is None else f"{name} (updated {updated:%Y-%m-%d})"


def worst_case_cost(
    request: Request, model: ModelConfig, *, at: datetime | None = None
) -> float | None:
    """Return the most that one attempt of a call can cost, None when there is no bound."""
    return worst_case(request, model, at=at).usd


def worst_case(request: Request, model: ModelConfig, *, at: datetime | None = None) -> Bound:
    """Return the most that one attempt of a call can cost, or why that cannot be said."""
    if request.api == "fake":
        return Bound(usd=0.0)
    rates = _rates(request, model, at or datetime.now(UTC))
    if rates is None:
        if request.api == "python":
            reason = f"what the Python function {model.model} costs is not known"
        else:
            reason = f"no price is known for {model.model!r}: add `prices` to the model"
        return Bound(usd=None, reason=reason)
    limit = output_limit(request, model)
    if limit is None:
        reason = "the output has no limit: add `max_output_tokens` to params"
        return Bound(usd=None, reason=reason)
    hosted = _hosted_tool(request.body)
    if hosted is not None:
        return Bound(usd=None, reason=f"the hosted tool {hosted!r} is billed apart")
    taken = _most_input(request.body, rates.context_window)
    if taken is None:
        return Bound(usd=None, reason="how many tokens an attached file has cannot be said")
    return Bound(usd=taken * rates.input + limit * rates.output)


def expected_cost(
    request: Request, model: ModelConfig, known: Usage | None = None, *, at: datetime | None = None
) -> float | None:
    """Return about what a call will cost: as much as an earlier one, else a rough guess."""
    if request.api == "fake":
        return 0.0
    usage = known
    if usage is None or usage.input_tokens is None or usage.output_tokens is None:
        limit = output_limit(request, model)
        usage = Usage(
            input_tokens=_usual_input(request.body),
            output_tokens=_USUAL_ANSWER if limit is None else min(limit, _USUAL_ANSWER),
        )
    cost = price(model, None, usage, at or datetime.now(UTC), body=request.body)
    return None if cost is None else cost.usd


def output_limit(request: Request, model: ModelConfig) -> int | None:
    """Return how many tokens an answer may have at most, None when nothing limits it."""
    table = TABLES.get(model.provider)
    if table is None:
        return None
    names = table.limits | ({model.max_tokens_parameter} if model.max_tokens_parameter else set())
    limits = [value for name in names if isinstance(value := request.body.get(name), int)]
    return max(limits, default=None)


def _rates(request: Request, model: ModelConfig, at: datetime) -> _Rates | None:
    own = model.prices
    if own is not None:
        highest = max(own.input, own.cached_input or 0)
        return _Rates(input=highest / 1e6, output=own.output / 1e6)
    nothing = Usage(input_tokens=0, output_tokens=0)
    found = _calculate(model, model.model, nothing, at, request.body)
    if found is None:
        return None
    inputs: list[float] = []
    outputs: list[float] = []
    for key, value in _all_prices(found.model, at):
        (outputs if key.startswith("output") else inputs).append(value)
    if not inputs or not outputs:
        return None
    return _Rates(
        input=max(inputs) / 1e6,
        output=max(outputs) / 1e6,
        context_window=found.model.context_window,
    )


def _all_prices(info: ModelInfo, at: datetime) -> Iterator[tuple[str, float]]:
    """Yield every price per million tokens that a request to a model could be billed with now.

    Long prompts, cache writes and faster tiers have prices of their own; which of them applies is
    known only afterwards.
    """
    lists: list[Mapping[str, object]] = [vars(info.get_prices(at))]
    lists += [vars(variant.prices) for variant in info.price_variants or ()]
    for prices in lists:
        for key, value in prices.items():
            if value is None or not key.endswith("_mtok"):
                continue
            for amount in (value, getattr(value, "base", None), *_tiers(value)):
                if amount is not None and not hasattr(amount, "tiers"):
                    yield key, float(str(amount))


def _tiers(value: object) -> tuple[object, ...]:
    return tuple(tier.price for tier in getattr(value, "tiers", ()))


def _hosted_tool(body: JsonObject) -> str | None:
    """Return the name of a tool that the provider runs, and bills, itself."""
    if body.get("web_search_options") is not None:
        return "web_search"
    if body.get("mcp_servers"):
        return "mcp"
    tools = body.get("tools")
    for tool in tools if isinstance(tools, list) else ():
        kind = tool.get("type", "custom") if isinstance(tool, dict) else "custom"
        if kind not in {"function", "custom"}:
            return str(kind)
    return None


def _most_input(body: JsonObject, context_window: int | None) -> int | None:
    """Return a bound on the input tokens: bytes of all text, and room for what is added."""
    taken = len(canonical_json(body).encode())
    turns = body.get("messages", body.get("input"))
    taken += _PER_MESSAGE * (len(turns) + 1 if isinstance(turns, list) else 2)
    if body.get("tools") or body.get("response_format") or body.get("output_config"):
        taken += _PER_TOOL_PROMPT
    for mark in markers(body):
        kind = str(mark["media_type"])
        size = mark["bytes"]
        if kind.startswith("image/"):
            taken += _PER_IMAGE
        elif mark["as"] == "text" and isinstance(size, int):
            taken += size
        elif context_window is not None:
            # A compressed document can hold any number of pages, but never more than fit.
            return context_window
        else:
            return None
    return taken


def _usual_input(body: JsonObject) -> int:
    found = list(markers(body))
    images = sum(1 for mark in found if mark.get(ATTACHMENT))
    return len(canonical_json(body).encode()) // _BYTES_PER_TOKEN + images * _USUAL_IMAGE
