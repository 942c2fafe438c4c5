from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Cli


CONFIG = """
prompts: ["Answer: {{question}}"]
providers:
  - id: openai:chat:gpt-4o-mini
    config: {temperature: 0, max_tokens: 50}
  - id: anthropic:messages:claude-haiku-4-5
    config: {max_tokens: 70, temperature: 0}
tests:
  - description: refund window
    vars: {question: "How long do I have?"}
    assert:
      - {type: icontains, value: 30 days}
      - {type: is-json, value: {type: object}}
      - {type: llm-rubric, value: polite}
"""


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli.write("promptfooconfig.yaml", CONFIG)
    return cli


def test_the_imported_file_loads_without_mistakes(project: Cli) -> None:
    result = project.run("import", "promptfoo", "promptfooconfig.yaml")
    assert result.err == ""
    assert "wrote promptfoo.prompt.yaml: 1 case\n" in result.out
    assert "2 models: openai:gpt-4o-mini, anthropic:claude-haiku-4-5" in project.run("doctor").out


def test_what_was_not_converted_is_listed_and_leaves_something_to_do(project: Cli) -> None:
    result = project.run("import", "promptfoo", "promptfooconfig.yaml")
    assert result.code == 1
    assert "promptfooconfig.yaml:13: llm-rubric asks a model for its judgement" in result.out
    assert "temperature of anthropic:claude-haiku-4-5" in result.out


def test_a_complete_import_is_fine_and_says_what_is_next(cli: Cli) -> None:
    cli.write("promptfooconfig.yaml", "prompts: [hi]\nproviders: ['openai:gpt-5']\n")
    result = cli.run("import", "promptfoo", "promptfooconfig.yaml")
    assert result.code == 0
    assert result.out.endswith(
        "next: pytest promptfoo.prompt.yaml --promptdrift --promptdrift-mode record\n"
    )


def test_parameters_of_single_models_are_printed_for_the_project_file(cli: Cli) -> None:
    cli.write(
        "promptfooconfig.yaml",
        """
        prompts: [hi]
        providers:
          - {id: openai:a, config: {seed: 1, stop: [x], metadata: {k: v}}}
          - openai:b
        """,
    )
    out = cli.run("import", "promptfoo", "promptfooconfig.yaml").out
    assert (
        '  [tool.promptdrift.models."openai:a"]\n'
        "  params.seed = 1\n"
        '  params.stop = ["x"]\n'
        '  params.metadata = { "k" = "v" }\n'
    ) in out


def test_the_name_of_the_case_file_can_be_chosen(project: Cli) -> None:
    project.run("import", "promptfoo", "promptfooconfig.yaml", "--output", "x.prompt.yaml")
    assert (project.folder / "x.prompt.yaml").is_file()


def test_the_case_file_lies_beside_the_configuration(cli: Cli) -> None:
    cli.write("sub/config.yaml", CONFIG)
    cli.run("import", "promptfoo", "sub/config.yaml")
    assert (cli.folder / "sub/imported.prompt.yaml").is_file()


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("x.yaml", "the name of a case file ends with .prompt.yaml, found 'x.yaml'"),
        ("sub/x.prompt.yaml", "the case file lies beside the configuration"),
        ("there.prompt.yaml", "there.prompt.yaml exists; nothing was written"),
    ],
)
def test_an_unusable_output_is_refused(project: Cli, output: str, message: str) -> None:
    project.write("there.prompt.yaml", "mine\n")
    before = project.files()
    result = project.run("import", "promptfoo", "promptfooconfig.yaml", "--output", output)
    assert result.code == 1
    assert message in result.err
    assert project.files() == before


def test_a_file_that_does_not_load_yet_says_why(cli: Cli) -> None:
    cli.write(
        "promptfooconfig.yaml",
        "prompts: ['{{ a - b }}']\nproviders: ['openai:x']\ntests: [{vars: {a: x, b: y}}]\n",
    )
    result = cli.run("import", "promptfoo", "promptfooconfig.yaml")
    assert result.code == 1
    assert "it does not load yet:\npromptfoo.prompt.yaml:" in result.err


def test_a_long_list_is_cut(cli: Cli) -> None:
    tests = "".join("  - threshold: 1\n" for _ in range(60))
    cli.write("promptfooconfig.yaml", f"prompts: [hi]\nproviders: ['openai:x']\ntests:\n{tests}")
    out = cli.run("import", "promptfoo", "promptfooconfig.yaml").out
    assert "looked at (60)" in out
    assert "  and 10 more\n" in out


def test_another_tool_is_misuse(project: Cli) -> None:
    assert project.run("import", "other", "promptfooconfig.yaml").code == 2


def test_a_missing_configuration_is_named(cli: Cli) -> None:
    result = cli.run("import", "promptfoo", "gone.yaml")
    assert result.code == 1
    assert "cannot read gone.yaml" in result.err


def test_values_of_credentials_never_reach_file_or_screen(cli: Cli) -> None:
    cli.write(
        "promptfooconfig.yaml",
        "prompts: [hi]\n"
        "providers: [{id: 'openai:x', config: {apiKey: sk-planted-0123456789abcdefghij}}]\n",
    )
    result = cli.run("import", "promptfoo", "promptfooconfig.yaml")
    assert "planted" not in result.text
    assert b"planted" not in cli.files()["promptfoo.prompt.yaml"]
