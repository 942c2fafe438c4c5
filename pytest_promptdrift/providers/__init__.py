"""Ways to ask models: what is sent, who answers, what it costs.

Importing this room loads no SDK and no HTTP library; opening a client does.
"""

from __future__ import annotations

from .attachments import markers, materialise
from .client import BuildRequest, CallSettings, Client, OpenClient, Provider
from .params import ParamProblem, ParamsError, check_params
from .prices import Bound, expected_cost, output_limit, price, worst_case, worst_case_cost
from .registry import (
    build_request,
    check_key,
    client_key,
    find_provider,
    open_client,
    provider_names,
)
from .tables import known_params

__all__ = [
    "Bound",
    "BuildRequest",
    "CallSettings",
    "Client",
    "OpenClient",
    "ParamProblem",
    "ParamsError",
    "Provider",
    "build_request",
    "check_key",
    "check_params",
    "client_key",
    "expected_cost",
    "find_provider",
    "known_params",
    "markers",
    "materialise",
    "open_client",
    "output_limit",
    "price",
    "provider_names",
    "worst_case",
    "worst_case_cost",
]
