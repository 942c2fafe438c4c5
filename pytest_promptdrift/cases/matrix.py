"""What a loaded case file is: its variants and cases, and the cells they make with the models.

Requests are not kept: ten thousand of them would be most of the memory. A cell keeps the digest
and makes its request again when somebody needs it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_promptdrift import providers
from pytest_promptdrift.model import Prompt

from .prompts import with_attachments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_promptdrift._canonical import JsonObject, JsonValue
    from pytest_promptdrift._errors import Where
    from pytest_promptdrift.checks import CheckPlan
    from pytest_promptdrift.config.settings import ModelConfig
    from pytest_promptdrift.model import Attachment, Message, Part, Request, ResponseFormat, Tool

    from .prompts import PromptText, Turn


# One for all cases of all files that set nothing.
NO_POLICIES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A wording of the prompt; ``name`` is empty when the file compares none.

    ``attachments`` go with the last user turn.
    """

    name: str
    where: Where
    system: PromptText | None = None
    turns: tuple[Turn, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = None
    response_format: ResponseFormat | None = None
    params: JsonObject = field(default_factory=dict)
    attachments: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One set of values for the prompt, with what its answers must satisfy.

    ``expected`` is None when the author expects no particular answer. ``messages`` are the earlier
    turns of the conversation. ``variants`` and ``models`` are those this case is for. ``markers``
    and ``tags`` include those of the file. ``policies`` has the kinds of findings for which the
    case, its file or the project says what they do.
    """

    id: str
    where: Where
    variables: Mapping[str, JsonValue]
    expected: JsonValue
    checks: tuple[CheckPlan, ...]
    samples: int
    params: JsonObject
    variants: tuple[Variant, ...]
    models: tuple[ModelConfig, ...]
    messages: tuple[Message, ...] = ()
    attachments: tuple[Part, ...] = ()
    markers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    policies: Mapping[str, str] = field(default_factory=lambda: NO_POLICIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case file, completely checked.

    ``root`` is the project's folder, ``shown`` the path as messages name it, ``name`` the file's
    name without its endings. ``digests`` has one digest per cell, in the order of ``cells``.
    ``policies`` are those of file and project; ``margin`` is None when the file does not say.
    """

    path: Path
    root: Path
    shown: str
    name: str
    variants: tuple[Variant, ...]
    cases: tuple[Case, ...]
    digests: tuple[str, ...]
    policies: Mapping[str, str] = field(default_factory=lambda: NO_POLICIES)
    margin: float | None = None

    @property
    def folder(self) -> Path:
        """The folder that paths in the file start from."""
        return self.path.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One case × variant × model, with the digest of the request it makes."""

    case_file: CaseFile
    case: Case
    variant: Variant
    model: ModelConfig
    digest: str

    @property
    def label(self) -> str:
        """Variant and model, as node ids and reports name them."""
        return label_of(self.variant, self.model)

    @property
    def node_name(self) -> str:
        """The name of the cell within its file: ``double-charge[few_shot-openai:gpt-5-mini]``."""
        return f"{self.case.id}[{self.label}]"

    @property
    def files(self) -> dict[str, Path]:
        """The attached files of the request, by the SHA-256 of their content."""
        prompt = render_prompt(self.variant, self.case)
        return {item.sha256: Path(item.path) for item in prompt.attachments}


def label_of(variant: Variant, model: ModelConfig) -> str:
    """Return how a cell is told from the others of its case."""
    return f"{variant.name}-{model.name}" if variant.name else model.name


def cells(case_file: CaseFile) -> Iterator[Cell]:
    """Yield the matrix of a file: case by case, then variant by variant, then model by model."""
    digests = iter(case_file.digests)
    for case in case_file.cases:
        for variant in case.variants:
            for model in case.models:
                yield Cell(
                    case_file=case_file,
                    case=case,
                    variant=variant,
                    model=model,
                    digest=next(digests),
                )


def build_request(cell: Cell) -> Request:
    """Make the request of a cell again; its digest is that of the cell."""
    prompt = render_prompt(cell.variant, cell.case)
    return providers.build_request(prompt, cell.model, root=cell.case_file.root)


def render_prompt(variant: Variant, case: Case) -> Prompt:
    """Return the prompt of a variant for the values of a case; raises CaseFileError."""
    variables = case.variables
    messages = tuple([turn.render(variables) for turn in variant.turns])
    if case.messages:
        messages = case.messages + messages
    if variant.attachments or case.attachments:
        messages = with_attachments(messages, variant.attachments + case.attachments)
    return Prompt(
        system=None if variant.system is None else variant.system.render(variables),
        messages=messages,
        tools=variant.tools,
        tool_choice=variant.tool_choice,
        response_format=variant.response_format,
        params={**variant.params, **case.params} if case.params else variant.params,
        variables=variables,
        attachments=_attached(messages),
    )


def _attached(messages: tuple[Message, ...]) -> tuple[Attachment, ...]:
    found: list[Attachment] = []
    for message in messages:
        for part in message.parts:
            attachment = part.image or part.file
            if attachment is not None and attachment not in found:
                found.append(attachment)
    return tuple(found)
