"""What several commands need of a project: its settings, its folders and its case files.

Found the way pytest would find them, without pytest.
"""

from __future__ import annotations

import ast
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import ConfigError, PromptDriftError
from pytest_promptdrift.config import Options, find_project_file, load_config
from pytest_promptdrift.store import RecordingStore, Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pytest_promptdrift.checks import CheckRegistry
    from pytest_promptdrift.config import Config

    from .console import Console

ENDINGS = (".prompt.yaml", ".prompt.yml", ".prompt.json")
STORE = "__promptdrift__"
_HOOK = "pytest_promptdrift_checks"
# What pytest does not look into, either.
_SKIPPED = frozenset(
    {"node_modules", "build", "dist", "CVS", "_darcs", "venv", STORE, "__pycache__"}
)
_INI_FILES = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
_CACHE_DIR = re.compile(r"""^\s*cache_dir\s*=\s*["']?([^"'\n#]+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as the commands see it; ``folder`` is where the command was started."""

    folder: Path
    config: Config
    redactor: Redactor
    lock_folder: Path

    def shown(self, path: Path) -> str:
        """Return a path as short as a person would type it here."""
        return shown(path, self.folder)

    def store(self, suite: Path) -> RecordingStore:
        """Return the recordings of a suite folder."""
        return RecordingStore(suite, lock_folder=self.lock_folder, redactor=self.redactor)


def open_project(console: Console) -> Project:
    """Read the settings of the project around the console's folder; raises ConfigError.

    From here on the console redacts the credentials that the project knows of.
    """
    redact_environment(console, ())
    project_file = find_project_file(console.folder)
    root = project_file.parent if project_file else console.folder
    config = load_config(
        root, project_file=project_file, environ=console.environ, options=Options()
    )
    variables = [model.key_variable for model in config.models.values() if model.key_variable]
    redactor = redact_environment(console, variables)
    return Project(
        folder=console.folder,
        config=config,
        redactor=redactor,
        lock_folder=lock_folder(root, console.environ),
    )


def redact_environment(console: Console, variables: Iterable[str]) -> Redactor:
    """Make the console hide the credentials of its environment."""
    redactor = Redactor.from_environment(console.environ, tuple(variables))
    console.redact = redactor.redact
    return redactor


def lock_folder(root: Path, environ: Mapping[str, str]) -> Path:
    """Return where a pytest run of this project keeps its locks: in pytest's cache."""
    cache = Path(".pytest_cache")
    for name in _INI_FILES:
        try:
            found = _CACHE_DIR.search((root / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            continue
        if found:
            cache = Path(os.path.expandvars(found[1].strip())).expanduser()
            break
    if "TOX_ENV_DIR" in environ and cache == Path(".pytest_cache"):
        cache = Path(environ["TOX_ENV_DIR"]) / cache
    return root / cache / "d" / "promptdrift" / "locks"


def shown(path: Path, folder: Path) -> str:
    """Return a path relative to a folder that holds it, else in full."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def find_case_files(project: Project, paths: Iterable[Path]) -> list[Path]:
    """Return the case files at and under ``paths``; raises PromptDriftError for one that is not.

    Without paths: all of the folder where the command was started.
    """
    found: dict[Path, None] = {}
    for given in list(paths) or [Path()]:
        path = Path(os.path.normpath(project.folder / given))
        if path.is_dir():
            found.update(dict.fromkeys(_walk(path)))
        elif not path.exists():
            msg = f"no such file or folder: {str(given)!r}"
            raise PromptDriftError(msg)
        elif path.name.endswith(ENDINGS):
            found[path] = None
        else:
            msg = f"not a case file: {str(given)!r}"
            raise PromptDriftError(msg, hint=f"case files end with {', '.join(ENDINGS)}")
    return list(found)


def find_stores(project: Project, paths: Iterable[Path]) -> list[Path]:
    """Return the folders of recordings in the folders among ``paths``."""
    found: dict[Path, None] = {}
    for given in list(paths) or [Path()]:
        path = Path(os.path.normpath(project.folder / given))
        stores = (place / STORE for place, _ in _folders(path))
        found.update(dict.fromkeys(store for store in stores if store.is_dir()))
    return list(found)


def _walk(folder: Path) -> Iterator[Path]:
    for place, files in _folders(folder):
        for name in files:
            if name.endswith(ENDINGS) and name not in ENDINGS:
                yield place / name


def _folders(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield the folders that pytest would look into, with the names of their files."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _skipped(Path(place), name))
        yield Path(place), sorted(files)


def _skipped(place: Path, name: str) -> bool:
    if name in _SKIPPED or name.startswith(".") or name.endswith(".egg"):
        return True
    return (place / name / "pyvenv.cfg").is_file()


def registry_of(project: Project, case_files: Iterable[Path]) -> CheckRegistry:
    """Return the checks that the conftest.py files of the project offer, by name only.

    Those files are read, never run: a check of a person's own is known by its name, and what it
    is given cannot be examined here.
    """
    from pytest_promptdrift.checks import CheckRegistry  # noqa: PLC0415  (only with case files)

    registry = CheckRegistry()
    folders = {folder for path in case_files for folder in path.parents}
    root = project.config.root
    places = {root, *(folder for folder in folders if folder.is_relative_to(root))}
    names = {name for folder in places for name in _checks_in(folder / "conftest.py")}
    for name in sorted(names):
        # a name that cannot be registered is pytest's to complain about
        with suppress(ConfigError):
            registry.register_check(name, _unknown_here)
    return registry


def _unknown_here(_: object) -> Callable[[object], bool]:
    def judge(_: object) -> bool:
        raise AssertionError("unreachable: this command judges no answer")

    return judge


def _checks_in(conftest: Path) -> set[str]:
    """Return the names that a conftest.py registers, as far as they are written out there."""
    try:
        text = conftest.read_text(encoding="utf-8")
        tree = ast.parse(text) if _HOOK in text else None
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError):
        return set()
    if tree is None:
        return set()
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"register", "register_check"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }
