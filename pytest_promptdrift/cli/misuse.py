"""The one error that ends a command with the code for misuse."""

from __future__ import annotations

from pytest_promptdrift._errors import PromptDriftError


class MisuseError(PromptDriftError):
    """The command line cannot be understood, or asks for what makes no sense."""
