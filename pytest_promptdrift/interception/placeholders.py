"""Keys that let an application build its clients where no key is set; they are never sent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping

PLACEHOLDER = "promptdrift-placeholder-no-key"
# Each with the variable that says the same: both together would be refused.
PLACEHOLDER_VARIABLES: Mapping[str, str] = {
    "OPENAI_API_KEY": "",
    "ANTHROPIC_API_KEY": "ANTHROPIC_AUTH_TOKEN",
    "AZURE_OPENAI_API_KEY": "AZURE_OPENAI_AD_TOKEN",
}
_KEY_HEADERS = ("authorization", "api-key", "x-api-key")


class Placeholders:
    """Sets the variables that are missing or blank, and puts them back."""

    def __init__(
        self,
        variables: Iterable[str] = PLACEHOLDER_VARIABLES,
        environ: MutableMapping[str, str] = os.environ,
    ) -> None:
        self._variables = tuple(variables)
        self._environ = environ
        self._before: dict[str, str | None] = {}

    def start(self) -> None:
        """Set what is missing."""
        for variable in self._variables:
            instead = PLACEHOLDER_VARIABLES.get(variable, "")
            if any(self._environ.get(name, "").strip() for name in (variable, instead)):
                continue
            self._before[variable] = self._environ.get(variable)
            self._environ[variable] = PLACEHOLDER

    def stop(self) -> None:
        """Put back what was set here and is as it was set."""
        for variable, before in self._before.items():
            if self._environ.get(variable) != PLACEHOLDER:
                continue
            if before is None:
                del self._environ[variable]
            else:
                self._environ[variable] = before
        self._before.clear()


def holds_placeholder(headers: Mapping[str, str]) -> bool:
    """Tell whether a request would be sent with a placeholder for its key."""
    return any(PLACEHOLDER in headers.get(name, "") for name in _KEY_HEADERS)
