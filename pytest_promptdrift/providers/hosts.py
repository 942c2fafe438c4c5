"""Which server a model is asked at, and which key that server may see.

The rule that everything here serves: a key goes to the provider it belongs to, or to the server
that the user named together with it, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import ProviderError, ProviderErrorKind
from pytest_promptdrift._place import place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_promptdrift.config.settings import ModelConfig

# What is sent to a server of one's own that was named without a key.
PLACEHOLDER_KEY = "no-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """A provider with an SDK: its own address and the variables that its users set."""

    name: str
    official: str
    base_url_variable: str
    key_variables: tuple[str, ...]


OPENAI = Vendor(
    name="openai",
    official="api.openai.com/v1",
    base_url_variable="OPENAI_BASE_URL",
    key_variables=("OPENAI_API_KEY",),
)
ANTHROPIC = Vendor(
    name="anthropic",
    official="api.anthropic.com",
    base_url_variable="ANTHROPIC_BASE_URL",
    key_variables=("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
)


def base_url(model: ModelConfig, vendor: Vendor, environ: Mapping[str, str]) -> str | None:
    """Return the address to call, or None for the provider's own."""
    return model.base_url or environ.get(vendor.base_url_variable, "").strip() or None


def host(model: ModelConfig, vendor: Vendor, environ: Mapping[str, str]) -> str | None:
    """Return host, port and path of the address to call, None for the provider's own.

    A user name, a password or a query in the address never become part of a request.
    """
    url = base_url(model, vendor, environ)
    place = None if url is None else place_of(url)
    return None if place == vendor.official else place


def is_own_server(model: ModelConfig, vendor: Vendor) -> bool:
    """Tell whether the model's configuration names a server that is not the provider's own."""
    return model.base_url is not None and place_of(model.base_url) != vendor.official


def key_for(model: ModelConfig, vendor: Vendor, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the key for a model and the name of the variable it came from.

    Raises ProviderError naming the variable when it is not set or holds no usable key.
    """
    if model.key_variable is not None:
        variables: tuple[str, ...] = (model.key_variable,)
    elif is_own_server(model, vendor):
        return PLACEHOLDER_KEY, ""
    else:
        variables = vendor.key_variables
    for variable in variables:
        key = environ.get(variable, "").strip()
        if key:
            return _usable(key, variable, model), variable
    names = " or ".join(variables)
    msg = f"model {model.name!r} needs a key: the environment variable {names} is not set"
    hint = "set it where you record; a replay needs no key"
    raise ProviderError(msg, kind=ProviderErrorKind.MISSING_KEY, attempts=0, hint=hint)


def _usable(key: str, variable: str, model: ModelConfig) -> str:
    """Refuse what cannot be a header before the HTTP library quotes it in an error."""
    if key.isascii() and key.isprintable() and " " not in key:
        return key
    msg = (
        f"model {model.name!r} needs a key: the value of {variable} has spaces, line breaks or "
        "other characters that no key has"
    )
    raise ProviderError(msg, kind=ProviderErrorKind.MISSING_KEY, attempts=0)
