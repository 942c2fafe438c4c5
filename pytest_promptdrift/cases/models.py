"""Which models a case is for: of the command line, else of the case, the file, the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._errors import ConfigError
from pytest_promptdrift.config.resolve import resolve_model

if TYPE_CHECKING:
    from pytest_promptdrift.config.settings import Config, ModelConfig

    from .problems import Keys, Problems


class ModelReader:
    """Resolves the models that one case file names."""

    def __init__(self, config: Config, problems: Problems) -> None:
        self._config = config
        self._problems = problems
        self._known: dict[str, ModelConfig] = {}
        self._lists: dict[tuple[str, ...], tuple[ModelConfig, ...]] = {}
        self._override = tuple([resolve_model(config, name) for name in config.model_override])

    def of_file(self, names: object) -> tuple[ModelConfig, ...]:
        """Return the models of the file, or of the project when it names none."""
        config = self._config
        if names is not None:
            return self.read(names, ("models",))
        if self._override:
            return self._override
        return tuple([resolve_model(config, name) for name in config.default_models])

    def read(self, names: object, at: Keys) -> tuple[ModelConfig, ...]:
        """Return the models called ``names`` (one or a list); an unknown one is noted."""
        listed = tuple(names) if isinstance(names, list) else (str(names),)
        models = self._lists.get(listed)
        if models is None:
            places = [(*at, i) for i in range(len(listed))] if isinstance(names, list) else [at]
            found = [self._one(name, place) for name, place in zip(listed, places, strict=True)]
            models = tuple([model for model in found if model is not None])
            if len(models) == len(listed):
                self._lists[listed] = models
        return self._override or models

    def note_missing(self) -> None:
        """Note that nobody says which model to ask."""
        hint = "write models: [provider:model], or default models in [tool.promptdrift]"
        self._problems.add((), "no model is named", hint)

    def _one(self, name: str, at: Keys) -> ModelConfig | None:
        model = self._known.get(name)
        if model is None:
            try:
                model = self._known[name] = resolve_model(self._config, name)
            except ConfigError as error:
                self._problems.add(at, error.message, error.hint)
        return model
