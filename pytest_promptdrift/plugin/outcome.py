"""How an item ends, and what it says about itself on the way."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_promptdrift.model import FieldChange, Status
    from pytest_promptdrift.model.comparison import Attribution


def end(status: Status) -> NoReturn:
    """End an item; what a person reads takes the place of this text when its report is made.

    With pytrace, pytest would first render a traceback of its own frames, and take longer for that
    than for a hundred cases.
    """
    pytest.fail(status.value, pytrace=False)


def redacted(pair: tuple[str, object], redact: Callable[[str], str]) -> tuple[str, object]:
    """Return a property without a credential; the pair itself, which may be shared, if it can."""
    name, value = pair
    if not isinstance(value, str):
        return pair
    clean = redact(value)
    return pair if clean is value else (name, clean)


def changes_of(attribution: Attribution | None) -> tuple[FieldChange, ...]:
    """Return all fields of the request that changed."""
    causes = attribution.causes if attribution else ()
    return tuple([change for cause in causes for change in cause.changes])


def project_below(config: pytest.Config, root: Path) -> str:
    """Return the project's folder where pytest was started above it, as it is typed there.

    The console script looks for the project where it is called, and above.
    """
    started = config.invocation_params.dir.resolve()
    inside = root.resolve()
    return os.fspath(inside.relative_to(started)) if started in inside.parents else ""


def typed_path(item: pytest.Item) -> str:
    """Return the file of an item as a person types it from where pytest was started."""
    try:
        return os.path.relpath(item.path, item.config.invocation_params.dir)
    except ValueError:  # another drive
        return str(item.path)
