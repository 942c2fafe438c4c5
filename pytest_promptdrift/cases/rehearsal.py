"""Makes every request of a file once while it is loaded, so that no run meets a broken prompt.

What is kept of a request is its digest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift import providers
from pytest_promptdrift._errors import CaseFileError, PromptDriftError

from .matrix import render_prompt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_promptdrift.config.settings import ModelConfig
    from pytest_promptdrift.model import Prompt
    from pytest_promptdrift.providers import ParamsError

    from .entries import Placed
    from .matrix import Case, Variant
    from .problems import Keys, Problems
    from .shaping import Checked

_INGREDIENTS = ("vars", "messages", "attachments", "params", "models", "variants", "from")


class Rehearsal:
    """Makes requests and notes what is wrong with them; ``top`` is the checked file."""

    def __init__(self, root: Path, top: Checked, problems: Problems) -> None:
        self._root = root
        self._top = top
        self._problems = problems

    def digests(self, placed: Placed) -> Iterator[str]:
        """Yield the digests of a case, in the order of its cells."""
        case, at = placed
        if self._is_spoilt(case, at):
            return
        for variant in case.variants:
            prompt = self._prompt(variant, case, at)
            for model in case.models:
                if prompt is None:
                    self._check_params(model, variant, placed)
                elif digest := self._digest(prompt, model, variant, placed):
                    yield digest

    def _is_spoilt(self, case: Case, at: Keys) -> bool:
        """Tell whether a mistake was found already in what the request is made of.

        It would only be told again in other words: a misspelt ``vars`` leaves every name undefined.
        """
        touch = self._problems.touch
        return any(touch((*at, key)) for key in _INGREDIENTS) or (touch(at) and not case.variables)

    def _prompt(self, variant: Variant, case: Case, at: Keys) -> Prompt | None:
        if problem := _misfit(variant, case):
            place = at if case.attachments else variant_keys(variant)
            self._note(problem, place, case)
            return None
        try:
            prompt = render_prompt(variant, case)
        except CaseFileError as error:
            self._problems.add_for_case(error, case.id)
            return None
        for message in prompt.messages:
            if message.role == "user" and not any(
                part.text is None or part.text.strip() for part in message.parts
            ):
                self._note("the prompt is empty", variant_keys(variant), case)
                return None
        return prompt

    def _digest(
        self, prompt: Prompt, model: ModelConfig, variant: Variant, placed: Placed
    ) -> str | None:
        try:
            return providers.build_request(prompt, model, root=self._root).digest
        except providers.ParamsError as error:
            self._note_params(error, variant, placed)
        except PromptDriftError as error:
            message = f"model {model.name!r}: {error.message}"
            self._note(message, self._models_keys(placed.at), placed.case, error.hint)
        return None

    def _check_params(self, model: ModelConfig, variant: Variant, placed: Placed) -> None:
        """Note what is wrong with the parameters of a prompt that could not be made."""
        params = {**variant.params, **placed.case.params}
        if problems := providers.check_params(params, model):
            self._note_params(providers.ParamsError(problems, model=model.name), variant, placed)

    def _note_params(self, error: ParamsError, variant: Variant, placed: Placed) -> None:
        for problem in error.problems:
            message = f"model {error.model!r} cannot be asked this: {problem.path}:"
            keys = self._param_keys(problem.path, variant, placed)
            self._note(f"{message} {problem.message}", keys, placed.case)

    def _param_keys(self, path: str, variant: Variant, placed: Placed) -> Keys:
        """Return where the parameter that ``path`` names was written."""
        if not path.startswith("params"):
            return variant_keys(variant)
        name = path.partition(".")[2]
        layers: tuple[tuple[Keys, object], ...] = (
            ((*placed.at, "params"), placed.case.params),
            ((*variant_keys(variant), "params"), variant.params if variant.name else None),
            (("params",), self._top.get("params")),
        )
        for keys, params in layers:
            for known in params if isinstance(params, dict) else ():
                if name == known or name.startswith((f"{known}.", f"{known}[")):
                    return (*keys, known)
        return self._models_keys(placed.at)

    def _models_keys(self, at: Keys) -> Keys:
        return ("models",) if "models" in self._top else at

    def _note(self, message: str, at: Keys, case: Case, hint: str | None = None) -> None:
        error = CaseFileError(message, where=self._problems.where(at), hint=hint)
        self._problems.add_for_case(error, case.id)


def variant_keys(variant: Variant) -> Keys:
    """Return the keys that lead to a variant, or to the file for the one without a name."""
    return ("variants", variant.name) if variant.name else ()


def _misfit(variant: Variant, case: Case) -> str | None:
    """Tell what is missing to make a prompt of a variant and a case, or None."""
    if not variant.turns and not case.messages:
        return "there is no prompt: write prompt, prompt_file or messages"
    if variant.attachments or case.attachments:
        roles = {turn.role for turn in variant.turns} | {m.role for m in case.messages}
        if "user" not in roles:
            return "attachments go with a user turn, and there is none"
    return None
