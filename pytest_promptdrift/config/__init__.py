"""One frozen Config from ``[tool.promptdrift]``, the environment and the options of a run.

Every value remembers where it came from. Nothing here can switch on a mode that calls models: only
the command line can. This room must not know case files, providers or pytest.
"""

from __future__ import annotations

from .describe import Setting, describe
from .load import ConfigErrors, Options, find_project_file, load_config
from .resolve import PROVIDERS, resolve_model
from .settings import Config, ModelConfig, Origin, PriceOverride

__all__ = [
    "PROVIDERS",
    "Config",
    "ConfigErrors",
    "ModelConfig",
    "Options",
    "Origin",
    "PriceOverride",
    "Setting",
    "describe",
    "find_project_file",
    "load_config",
    "resolve_model",
]
