from __future__ import annotations

from pathlib import Path

import pytest

from pytest_promptdrift._errors import ConfigError, Where
from pytest_promptdrift.config import Config, ModelConfig, Options, describe, load_config
from pytest_promptdrift.config import resolve_model as resolve

FAST = ModelConfig(name="fast", provider="openai", model="gpt-5-nano")
CONFIG = Config(root=Path(), models={"fast": FAST})


@pytest.mark.parametrize(
    ("name", "provider", "model", "key_variable"),
    [
        ("openai:gpt-5-mini", "openai", "gpt-5-mini", "OPENAI_API_KEY"),
        ("openai:responses:gpt-5", "openai:responses", "gpt-5", "OPENAI_API_KEY"),
        ("openai:ft:gpt-4o:org:name:id", "openai", "ft:gpt-4o:org:name:id", "OPENAI_API_KEY"),
        ("anthropic:claude-haiku-4-5", "anthropic", "claude-haiku-4-5", "ANTHROPIC_API_KEY"),
        ("python:app.bot:reply", "python", "app.bot:reply", None),
        ("python:app:Bot.reply", "python", "app:Bot.reply", None),
        ("fake:echo", "fake", "echo", None),
    ],
)
def test_a_name_says_provider_and_model(
    name: str, provider: str, model: str, key_variable: str | None
) -> None:
    found = resolve(CONFIG, name)
    assert (found.name, found.provider, found.model) == (name, provider, model)
    assert found.key_variable == key_variable


def test_a_configured_name_comes_first() -> None:
    assert resolve(CONFIG, "fast") is FAST


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fats", "unknown model 'fats', did you mean 'fast'?"),
        ("gpt-5-mini", "unknown model 'gpt-5-mini'; configured: fast"),
        ("opanai:gpt-5", "unknown provider 'opanai', did you mean 'openai'?"),
        ("zzz:gpt-5", "unknown provider 'zzz'; allowed: anthropic, fake, openai"),
        ("openai:", "the model 'openai:' names no model; write openai:MODEL"),
        ("openai:chat:gpt-5", "unknown model 'openai:chat:gpt-5', did you mean 'openai:gpt-5'?"),
        (
            "anthropic:messages:claude",
            "unknown model 'anthropic:messages:claude', did you mean 'anthropic:claude'?",
        ),
        ("python:app", "the model 'python:app' names no function; write python:module:function"),
        ("openai:a::b", "the model name 'openai:a::b' holds '::', which would break test ids"),
        ("openai:a b", "the model name 'openai:a b' holds white space, which would break test ids"),
        ("", "the model name '' is empty"),
    ],
)
def test_an_unusable_name_says_why_and_names_the_nearest(name: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(CONFIG, name, Where(path="a.prompt.yaml", line=4))
    assert caught.value.message.startswith(message)
    assert str(caught.value.where) == "a.prompt.yaml:4"


def test_a_bare_model_name_says_how_to_write_one() -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(Config(root=Path()), "gpt-5-mini")
    assert caught.value.message == "unknown model 'gpt-5-mini'"
    assert "provider:model" in (caught.value.hint or "")


def test_a_name_that_breaks_test_ids_says_to_configure_it() -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(CONFIG, "openai:ft:gpt-3.5:org::id")
    assert "[tool.promptdrift.models.NAME]" in (caught.value.hint or "")


@pytest.fixture
def extension(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "site" / "acme-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    points = "[pytest_promptdrift.providers]\nacme = acme:open\n"
    (info / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(tmp_path / "site")


@pytest.mark.usefixtures("extension")
def test_an_extension_brings_its_prefix() -> None:
    found = resolve(CONFIG, "acme:large:v2")
    assert (found.provider, found.model, found.key_variable) == ("acme", "large:v2", None)


@pytest.mark.usefixtures("extension")
def test_the_options_of_an_extension_pass_untouched(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(
        '[tool.promptdrift.models.m]\nprovider = "acme"\nmodel = "large"\nregion = "eu"\n'
        'base_url = "http://127.0.0.1:1/"\n'
    )
    config = load_config(tmp_path, project_file=file, environ={}, options=Options())
    assert config.models["m"].options == {"region": "eu"}
    assert config.models["m"].base_url == "http://127.0.0.1:1/"


@pytest.mark.usefixtures("extension")
def test_the_nearest_provider_may_be_an_extension() -> None:
    with pytest.raises(ConfigError, match="did you mean 'acme'"):
        resolve(CONFIG, "acmee:x")


def test_every_setting_is_described_with_its_origin(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(
        '[tool.promptdrift]\ndefault_models = ["m", "fake:x"]\nretries = 1\n'
        '[tool.promptdrift.models.m]\nprovider = "openai"\nmodel = "q"\n'
        'base_url = "http://127.0.0.1:1/v1"\nkey_variable = "MY_KEY"\nparams.seed = 1\n'
    )
    config = load_config(
        tmp_path,
        project_file=file,
        environ={"PROMPTDRIFT_TIMEOUT": "2.5", "MY_KEY": "hunter2"},
        options=Options(samples=3),
    )
    shown = {s.name: (s.value, s.origin.source, s.origin.detail) for s in describe(config)}
    assert shown["default_models"] == ("m, fake:x", "project", "pyproject.toml:2")
    assert shown["samples"] == ("3", "option", "--promptdrift-samples")
    assert shown["timeout"] == ("2.5", "environment", "PROMPTDRIFT_TIMEOUT")
    assert shown["model_override"] == ("not set", "default", "")
    assert shown["models.m"] == (
        "openai:q, at http://127.0.0.1:1/v1, with seed=1, key in MY_KEY",
        "project",
        "pyproject.toml:4",
    )
    assert "hunter2" not in str(shown)


def test_every_field_of_the_settings_is_described() -> None:
    names = {setting.name for setting in describe(Config(root=Path()))}
    skipped = {"root", "project_file", "models", "origins"}
    assert names == set(Config.__dataclass_fields__) - skipped


def test_a_model_without_extras_is_described_by_its_name() -> None:
    setting = describe(CONFIG)[-1]
    assert (setting.name, setting.value) == ("models.fast", "openai:gpt-5-nano")
