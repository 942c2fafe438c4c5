"""Loads a case file: everything that is wrong with it is found at once, before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._errors import CaseFileError, CaseFileErrors
from pytest_promptdrift.checks import CheckRegistry

from .attachments import Attachments
from .entries import Defaults, EntryReader
from .fields import FILE
from .matrix import CaseFile, label_of
from .models import ModelReader
from .planning import Asked, CheckList, Planner
from .policies import Policies
from .problems import Problems
from .rehearsal import Rehearsal
from .shaping import Desk, shown_path
from .source import read_source
from .variants import read_variants

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_promptdrift.config.settings import Config, ModelConfig

    from .entries import Placed
    from .matrix import Variant
    from .problems import Keys
    from .shaping import Checked
    from .source import Source

ENDINGS = (".prompt.yaml", ".prompt.yml", ".prompt.json")


def load_case_file(
    path: Path, config: Config, *, registry: CheckRegistry | None = None
) -> CaseFile:
    """Return a case file, completely checked and with the digest of every request it makes.

    ``registry`` holds the checks of the run. Raises CaseFileErrors with everything that is wrong
    with the file and the files it names; ConfigError when a model of the command line or the
    project is unknown.
    """
    path = path.absolute()
    shown = shown_path(path, config.root)
    try:
        source = read_source(path, shown)
    except CaseFileError as error:
        raise CaseFileErrors([error]) from None
    problems = Problems(source)
    for noted in source.errors():
        problems.add_error(noted)
    value = source.parsed.value
    FILE.check(value, (), problems)
    if not isinstance(value, dict):
        problems.raise_if_any()
        raise AssertionError("unreachable: the table refuses anything else")
    loader = _Loader(source, value, config, problems, registry or CheckRegistry())
    case_file = loader.load()
    problems.raise_if_any()
    return case_file


class _Loader:
    """What the steps of one load share."""

    def __init__(
        self,
        source: Source,
        value: dict[str, object],
        config: Config,
        problems: Problems,
        registry: CheckRegistry,
    ) -> None:
        folder = source.path.parent
        self.source = source
        self.config = config
        self.problems = problems
        self.cases = value.get("cases")
        self.top: Checked = problems.clean(value, ())
        self.desk = Desk(
            root=config.root,
            folder=folder,
            problems=problems,
            attachments=Attachments(folder),
        )
        self.planner = Planner(
            folder=folder, embedder=config.embedder, registry=registry, exact=problems.where
        )

    def load(self) -> CaseFile:
        """Return the case file; when something is wrong with it, it may be incomplete."""
        variants = read_variants(self.desk, self.top)
        policies = Policies(self.config.policies, self.top.get("policies", {}))
        placed = self._read_cases(variants, policies)
        rehearsal = Rehearsal(self.config.root, self.top, self.problems)
        digests = [digest for one in placed for digest in rehearsal.digests(one)]
        name = self.source.path.name
        for ending in ENDINGS:
            name = name.removesuffix(ending)
        return CaseFile(
            path=self.source.path,
            root=self.config.root,
            shown=self.source.shown,
            name=name,
            variants=variants,
            cases=tuple([case for case, _ in placed]),
            digests=tuple(digests),
            policies=policies.common,
            margin=self.top.get("margin"),
        )

    def _read_cases(self, variants: tuple[Variant, ...], policies: Policies) -> list[Placed]:
        models = ModelReader(self.config, self.problems)
        reader = EntryReader(
            desk=self.desk,
            defaults=self._defaults(variants, models, policies),
            planner=self.planner,
            models=models,
        )
        items = self.cases if isinstance(self.cases, list) else []
        lines = self.source.parsed.case_lines
        placed = [
            one
            for index, (item, line) in enumerate(zip(items, lines, strict=True))
            for one in reader.read(item, ("cases", index), line)
        ]
        named = any(case.models for case, _ in placed) or self.problems.touch(("models",))
        if placed and not named:
            models.note_missing()
        matrices = {(id(c.variants), id(c.models)): (c.variants, c.models) for c, _ in placed}
        for matrix in matrices.values():
            self._note_equal_labels(*matrix)
        return placed

    def _defaults(
        self, variants: tuple[Variant, ...], models: ModelReader, policies: Policies
    ) -> Defaults:
        top, config = self.top, self.config
        named = top.get("variants")
        found = models.of_file(top.get("models"))
        return Defaults(
            variants=variants,
            variant_names=tuple(named) if isinstance(named, dict) else (),
            models=found,
            checks=CheckList(self._asked(top.get("checks", ()))),
            samples=top.get("samples") or config.samples_default,
            forced_samples=config.samples_override,
            markers=tuple(top.get("markers", ())),
            tags=tuple(top.get("tags", ())),
            policies=policies,
        )

    def _asked(self, specs: Checked) -> tuple[Asked, ...]:
        places: list[Keys] = [("checks", index) for index in range(len(specs))]
        return tuple(
            Asked(spec=spec, at=at, where=self.problems.where(at))
            for spec, at in zip(specs, places, strict=True)
        )

    def _note_equal_labels(
        self, variants: tuple[Variant, ...], models: tuple[ModelConfig, ...]
    ) -> None:
        seen: dict[str, str] = {}
        for variant in variants:
            for model in models:
                made = f"variant {variant.name!r} with model {model.name!r}"
                other = seen.setdefault(label_of(variant, model), made)
                if other != made:
                    msg = f"{other} and {made} would have the same name"
                    self.problems.add(("variants", variant.name), msg, "rename the variant")
