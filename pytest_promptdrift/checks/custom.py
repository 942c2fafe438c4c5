"""The check that is a Python function of the user's project."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from typing import TYPE_CHECKING, cast

from pytest_promptdrift._canonical import digest_text
from pytest_promptdrift._errors import did_you_mean

from .arguments import (
    OBJECT,
    SHARE,
    SOME_TEXT,
    ArgumentError,
    Arguments,
    Field,
    Kind,
    found,
    list_of,
    optional,
)
from .outcome import Bar, as_result, place_of, wait_for
from .protocol import CheckType
from .question import source_digests
from .wording import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import ModuleType

    from pytest_promptdrift.model import CheckContext, CheckResult

    from .protocol import Check, CheckScope

# The parameter names that ask for the text of the answer instead of the whole context.
_TEXT_NAMES = frozenset({"text", "answer"})


def _read_function(value: object) -> str:
    if isinstance(value, str):
        module, _, name = value.partition(":")
        if module.strip() and name.strip():
            return value
    msg = f"a function such as my_checks:is_polite expected, {found(value)}"
    raise ArgumentError(msg)


_FUNCTION = Kind(read=_read_function, schema={"type": "string", "pattern": "^[^:]+:.+$"})
FUNCTION = Field(name="python", kind=_FUNCTION, summary="module:function")
NAME = optional("name", SOME_TEXT, "the name of the check in results")
ARGS = optional("args", OBJECT, "further arguments of the function")
MIN = optional("min", SHARE, "the least score that passes")
EXPECTED = optional("expected", SOME_TEXT, "the label that passes")
ONE_OF = optional("one_of", list_of(SOME_TEXT), "the labels that pass")


def import_module(module_name: str, folder: Path) -> ModuleType:
    """Import a module; whatever goes wrong is an ArgumentError with the place.

    A module file in ``folder`` comes first, then what Python itself finds.
    """
    try:
        beside = folder / f"{module_name}.py"
        return _load_file(beside) if beside.is_file() else importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        place = place_of(error.__traceback__)
        at = f" at {place}" if place else ""
        msg = f"cannot import {quote(module_name)}: {type(error).__name__}: {str(error)[:200]}{at}"
        hint = "a module beside the case file or on pytest's pythonpath is found"
        raise ArgumentError(msg, hint) from error


def _function(module: ModuleType, path: str) -> Callable[..., object]:
    """Return the function that ``module:function`` names; ArgumentError when it is none."""
    module_name, _, name = path.partition(":")
    target: object = module
    for part in name.split("."):
        if not hasattr(target, part):
            names = [known for known in dir(target) if not known.startswith("_")]
            msg = f"{quote(module_name)} has no {quote(part)}{did_you_mean(part, names)}"
            raise ArgumentError(msg)
        target = getattr(target, part)
    if not callable(target):
        msg = f"{quote(path)} is a {type(target).__name__}, not a function"
        raise ArgumentError(msg)
    return target


def _load_file(file: Path) -> ModuleType:
    """Load a module by its place, so that two folders may each have a ``checks.py``."""
    stat = file.stat()
    # the stamp tells a file that was edited during the process from the one that is loaded
    stamp = digest_text(f"{file.resolve()} {stat.st_mtime_ns} {stat.st_size}")[:16]
    name = f"{file.stem}_{stamp}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise AssertionError("unreachable: a .py file has a loader")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up here
    sys.path.insert(0, str(file.parent))  # it may import its neighbours
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(str(file.parent))
    return module


def _takes_text(function: Callable[..., object], path: str, args: Mapping[str, object]) -> bool:
    """Tell from the signature whether the function takes the text; checks ``args`` as well."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError) as error:
        msg = f"the parameters of {quote(path)} cannot be read; wrap it in a function of your own"
        raise ArgumentError(msg) from error
    try:
        signature.bind(None, **args)
    except TypeError as error:
        names = ", ".join(signature.parameters)
        msg = f"{quote(path)} cannot be called with the answer and these args: {error}"
        raise ArgumentError(msg, f"its parameters are ({names})") from error
    first = next(iter(signature.parameters.values()))
    return first.name in _TEXT_NAMES or first.annotation in {str, "str"}


def _build(arguments: Arguments, scope: CheckScope) -> Check:
    path = arguments[FUNCTION]
    args = cast("Mapping[str, object]", arguments[ARGS] or {})
    module = import_module(path.partition(":")[0], scope.folder)
    function = _function(module, path)
    scope.reads.extend(source_digests(function, module, scope.shared.sources))
    takes_text = _takes_text(function, path, args)
    name = _display(arguments)
    bar = _bar(arguments)

    def evaluate(context: CheckContext) -> CheckResult:
        value = function(context.response.text if takes_text else context, **args)
        return as_result(name, wait_for(value), bar)

    return evaluate


def _display(arguments: Arguments) -> str:
    return arguments[NAME] or arguments[FUNCTION]


def _bar(arguments: Arguments) -> Bar:
    expected, one_of = arguments[EXPECTED], arguments[ONE_OF]
    labels = (*([expected] if expected else []), *(one_of or ()))
    if labels and arguments[MIN] is not None:
        msg = "takes min for a score, or expected and one_of for a label, not both"
        raise ArgumentError(msg)
    return Bar(least=arguments[MIN], labels=labels)


CHECKS: tuple[CheckType, ...] = (
    CheckType(
        name="python",
        summary="a function of your own: returns a bool, a score from 0 to 1, or a label",
        build=_build,
        fields=(FUNCTION, NAME, ARGS, MIN, EXPECTED, ONE_OF),
        main="python",
        uses_expected=True,
        display=_display,
    ),
)
