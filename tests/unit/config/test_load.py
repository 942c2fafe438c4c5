from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_promptdrift._errors import ConfigError
from pytest_promptdrift.config import (
    Config,
    ConfigErrors,
    Options,
    PriceOverride,
    find_project_file,
    load_config,
)

PLANTED = "sk-planted-0123456789abcdefghij"


def load(
    folder: Path,
    table: str = "",
    environ: dict[str, str] | None = None,
    options: Options | None = None,
) -> Config:
    file = folder / "pyproject.toml"
    file.write_text(table, encoding="utf-8")
    return load_config(
        folder, project_file=file, environ=environ or {}, options=options or Options()
    )


def refusal(folder: Path, table: str = "", environ: dict[str, str] | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(folder, table, environ)
    return caught.value


def test_without_a_project_file_everything_is_default(tmp_path: Path) -> None:
    config = load_config(tmp_path, project_file=None, environ={}, options=Options())
    assert config == Config(root=tmp_path)
    assert config.origin("samples").source == "default"
    assert config.samples_default == 1
    assert config.samples_override is None


def test_a_project_without_our_table_is_all_default(tmp_path: Path) -> None:
    config = load(tmp_path, '[tool.other]\nname = "promptdrift"\n')
    assert config.models == {}
    assert config.project_file == tmp_path / "pyproject.toml"


def test_every_setting_is_read_with_its_line(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """[tool.promptdrift]
default_models = ["fake:echo"]
samples = 5
concurrency = 3
timeout = 30
retries = 0
retry_after_cap = 0
embedder = "onnx"
""",
    )
    assert config.default_models == ("fake:echo",)
    assert (config.samples, config.concurrency, config.retries) == (5, 3, 0)
    assert (config.timeout, config.retry_after_cap, config.embedder) == (30.0, 0.0, "onnx")
    assert config.origin("samples").detail == "pyproject.toml:3"
    assert config.origin("embedder").detail == "pyproject.toml:8"
    assert config.origin("embedder").source == "project"


def test_one_default_model_may_be_written_without_a_list(tmp_path: Path) -> None:
    assert load(tmp_path, '[tool.promptdrift]\ndefault_models = "fake:echo"\n').default_models == (
        "fake:echo",
    )


def test_environment_wins_over_project_and_option_over_environment(tmp_path: Path) -> None:
    table = "[tool.promptdrift]\nsamples = 2\ntimeout = 10\nconcurrency = 4\n"
    environ = {"PROMPTDRIFT_SAMPLES": "3", "PROMPTDRIFT_TIMEOUT": "1.5"}
    config = load(tmp_path, table, environ, Options(samples=7))
    assert (config.samples, config.timeout, config.concurrency) == (7, 1.5, 4)
    assert config.origin("samples").source == "option"
    assert config.origin("samples").detail == "--promptdrift-samples"
    assert config.origin("timeout").detail == "PROMPTDRIFT_TIMEOUT"
    assert config.origin("concurrency").source == "project"


@pytest.mark.parametrize(
    ("environ", "options", "override"),
    [
        ({}, Options(), None),
        ({"PROMPTDRIFT_SAMPLES": "3"}, Options(), 3),
        ({}, Options(samples=4), 4),
    ],
)
def test_samples_win_over_case_files_only_from_environment_and_option(
    tmp_path: Path, environ: dict[str, str], options: Options, override: int | None
) -> None:
    config = load(tmp_path, "[tool.promptdrift]\nsamples = 2\n", environ, options)
    assert config.samples_override == override
    assert config.samples_default == (override or 2)


def test_models_of_the_environment_are_separated_by_commas(tmp_path: Path) -> None:
    config = load(tmp_path, "", {"PROMPTDRIFT_MODELS": " fake:a, fake:b ,"})
    assert config.model_override == ("fake:a", "fake:b")
    assert config.default_models == ()


def test_models_of_the_command_line_replace_those_of_the_environment(tmp_path: Path) -> None:
    options = Options(models=("fake:c",))
    config = load(tmp_path, "", {"PROMPTDRIFT_MODELS": "fake:a"}, options)
    assert config.model_override == ("fake:c",)


def test_an_unknown_model_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    error = refusal(tmp_path, "", {"PROMPTDRIFT_MODELS": "opnai:gpt-5"})
    assert error.message == ("PROMPTDRIFT_MODELS: unknown provider 'opnai', did you mean 'openai'?")


def test_an_unknown_default_model_has_the_line_of_the_list(tmp_path: Path) -> None:
    table = """[tool.promptdrift]
default_models = ["fats"]
[tool.promptdrift.models.fast]
provider = "openai"
model = "gpt-5-nano"
"""
    error = refusal(tmp_path, table)
    assert str(error.where) == "pyproject.toml:2"
    assert error.message == "unknown model 'fats', did you mean 'fast'?"


def test_empty_variables_say_nothing(tmp_path: Path) -> None:
    config = load(tmp_path, "", {"PROMPTDRIFT_SAMPLES": " ", "PROMPTDRIFT_MODELS": ""})
    assert config == Config(root=tmp_path, project_file=tmp_path / "pyproject.toml")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("samples = 0", "samples must be a whole number of 1 or more, found 0"),
        ("samples = true", "samples must be a whole number of 1 or more, found True"),
        ("concurrency = 1.5", "concurrency must be a whole number of 1 or more, found 1.5"),
        ("retries = -1", "retries must be a whole number of 0 or more, found -1"),
        ("timeout = 0", "timeout must be a number of seconds above 0, found 0"),
        ("timeout = inf", "timeout must be a number of seconds above 0, found inf"),
        ('timeout = "5"', "timeout must be a number of seconds above 0, found '5'"),
        ("retry_after_cap = nan", "retry_after_cap must be a number of 0 or more, found nan"),
        ("retry_after_cap = true", "retry_after_cap must be a number of 0 or more, found True"),
        ('embedder = " "', "embedder must be a text, found ' '"),
        ("default_models = 3", "default_models must be a list of names, found 3"),
        ('default_models = [""]', "default_models must be a list of names, found ['']"),
        ('default_models = ["a", "a"]', "default_models names 'a' twice"),
        ("models = 3", "models must be a table of tables: [tool.promptdrift.models.NAME]"),
    ],
)
def test_a_wrong_value_says_what_was_expected(tmp_path: Path, line: str, message: str) -> None:
    error = refusal(tmp_path, f"[tool.promptdrift]\n{line}\n")
    assert error.message == message
    assert str(error.where) == "pyproject.toml:2"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PROMPTDRIFT_SAMPLES", "many"),
        ("PROMPTDRIFT_CONCURRENCY", "0"),
        ("PROMPTDRIFT_TIMEOUT", "-1"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, variable: str, value: str) -> None:
    error = refusal(tmp_path, "", {variable: value})
    assert error.message.startswith(f"{variable} must be a ")


def test_a_wrong_option_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--promptdrift-timeout must be a number of seconds"):
        load(tmp_path, options=Options(timeout=0))


def test_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[tool.promptdrift]\n\nsampels = 3\n")
    assert error.message == ("unknown key 'sampels' in [tool.promptdrift], did you mean 'samples'?")
    assert str(error.where) == "pyproject.toml:3"


@pytest.mark.parametrize("key", ["mode", "record", "live", "refresh", "record-mode", "record_mode"])
def test_configuration_cannot_choose_a_mode(tmp_path: Path, key: str) -> None:
    error = refusal(tmp_path, f'[tool.promptdrift]\n{key} = "record"\n')
    assert error.message == (
        f"{key} cannot be configured: only the command line can choose a mode that calls models"
    )
    assert error.hint == "run: pytest --promptdrift --promptdrift-mode record"


def test_the_environment_cannot_choose_a_mode(tmp_path: Path) -> None:
    error = refusal(tmp_path, "", {"PROMPTDRIFT_MODE": "live"})
    assert "only the command line can choose a mode" in error.message
    assert error.hint is not None
    assert error.hint.startswith("unset PROMPTDRIFT_MODE")


def test_all_mistakes_are_reported_at_once_by_line(tmp_path: Path) -> None:
    table = """[tool.promptdrift]
samples = 0
sampels = 1
[tool.promptdrift.models.fast]
provider = "opnai"
"""
    error = refusal(tmp_path, table, {"PROMPTDRIFT_TIMEOUT": "x"})
    assert isinstance(error, ConfigErrors)
    places = [str(one.where) for one in error.errors]
    assert places == ["pyproject.toml:2", "pyproject.toml:3", "pyproject.toml:5", "None"]
    assert all(str(one) in str(error) for one in error.errors)


def test_broken_toml_has_a_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[tool.promptdrift]\nsamples = \n")
    assert str(error.where) == "pyproject.toml:2"
    assert error.message == "not valid TOML: invalid value"


def test_toml_that_ends_too_early_has_its_last_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, '[tool.promptdrift]\nx = """\n')
    assert error.where is not None
    assert error.where.line == 3


def test_a_file_that_is_not_utf8_has_the_line_of_the_first_wrong_byte(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_bytes(b"[tool.promptdrift]\n# \xff\n")
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, project_file=file, environ={}, options=Options())
    assert str(caught.value) == "pyproject.toml:2: the file is not UTF-8 text"


def test_a_missing_project_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read gone\.toml"):
        load_config(tmp_path, project_file=tmp_path / "gone.toml", environ={}, options=Options())


def test_our_table_must_be_a_table(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[tool]\npromptdrift = 3\n")
    assert str(error) == "pyproject.toml:2: tool.promptdrift must be a table"


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff[tool.promptdrift]\nsamples = 2\n").samples == 2


def test_a_project_file_outside_the_root_is_named_in_full(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text("[tool.promptdrift]\nsamples = 0\n")
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "inner", project_file=file, environ={}, options=Options())
    assert str(caught.value.where) == f"{file.as_posix()}:2"


def test_the_nearest_project_file_above_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert find_project_file(inner) != tmp_path / "a" / "pyproject.toml"
    (tmp_path / "pyproject.toml").touch()
    assert find_project_file(inner) == tmp_path / "pyproject.toml"


def test_a_full_model_table_is_read(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """[tool.promptdrift.models.local]
provider = "openai"
model = "qwen"
base_url = "http://127.0.0.1:8091/v1"
key_variable = "LOCAL_KEY"
max_tokens_parameter = "max_tokens"
params = { temperature = 0.2, stop = ["a"], extra_body = { deep = true } }
prices = { input = 1, output = 2.5, cached_input = 0 }
concurrency = 2
""",
    )
    model = config.models["local"]
    assert (model.name, model.provider, model.model) == ("local", "openai", "qwen")
    assert (model.base_url, model.key_variable) == ("http://127.0.0.1:8091/v1", "LOCAL_KEY")
    assert model.max_tokens_parameter == "max_tokens"
    assert model.params == {"temperature": 0.2, "stop": ["a"], "extra_body": {"deep": True}}
    assert model.prices == PriceOverride(input=1.0, output=2.5, cached_input=0.0)
    assert (model.concurrency, model.options) == (2, {})
    assert str(model.where) == "pyproject.toml:1"
    assert config.origin("models").source == "project"


def model_refusal(folder: Path, body: str) -> ConfigError:
    return refusal(folder, f"[tool.promptdrift.models.m]\n{body}\n")


OPENAI = 'provider = "openai"\nmodel = "x"\n'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('model = "x"', "models.m has no provider; allowed: anthropic, fake, openai, "),
        ('provider = "openai"', "models.m has no model; add model"),
        ('provider = "opnai"', "unknown provider 'opnai', did you mean 'openai'?"),
        ("provider = 3", "models.m.provider must be a text, found 3"),
        ('provider = "python"', 'models.m has no model; add function = "module:function"'),
        (
            'provider = "python"\nmodel = "app"',
            "the model 'app' of models.m names no function; write python:module:function",
        ),
        (
            'provider = "python"\nmodel = "a:b"\nfunction = "a:b"',
            "models.m has both model and function: keep one",
        ),
        (OPENAI + 'modle = "y"', "unknown key 'modle' in models.m, did you mean 'model'?"),
        (OPENAI + "answers = {}", "models.m.answers means nothing to provider 'openai'"),
        (OPENAI + "params = 3", "models.m.params must be a table, found 3"),
        (OPENAI + "params = { t = inf }", "models.m.params holds inf, which JSON cannot carry"),
        (OPENAI + "prices = 3", "models.m.prices must be a table with input and output"),
        (
            OPENAI + "prices = { output = 1 }",
            "models.m.prices has no input (US dollars per million tokens)",
        ),
        (
            OPENAI + "prices = {}",
            "models.m.prices has no input and no output (US dollars per million tokens)",
        ),
        (
            OPENAI + "prices = { input = -1, output = 1 }",
            "models.m.prices.input must be a number of 0 or more, found -1",
        ),
        (
            OPENAI + "prices = { input = 1, output = 1, cached = 1 }",
            "unknown key 'cached' in models.m.prices, did you mean 'cached_input'?",
        ),
        (
            OPENAI + 'max_tokens_parameter = "Max Tokens"',
            "models.m.max_tokens_parameter must be the name of a parameter, found 'Max Tokens'",
        ),
        (
            OPENAI + 'key_variable = "a b"',
            "models.m.key_variable must be the name of an environment variable, found 'a b'",
        ),
        (
            OPENAI + "concurrency = 0",
            "models.m.concurrency must be a whole number of 1 or more, found 0",
        ),
    ],
)
def test_a_wrong_model_table_says_what_is_wrong(tmp_path: Path, body: str, message: str) -> None:
    assert model_refusal(tmp_path, body).message.startswith(message)


def test_a_parameter_outside_params_is_pointed_to_params(tmp_path: Path) -> None:
    error = model_refusal(tmp_path, OPENAI + "temperature = 0")
    assert error.hint == ("parameters of a request belong in params: params = { temperature = … }")


def test_a_model_without_provider_hints_how_to_split_its_name(tmp_path: Path) -> None:
    error = model_refusal(tmp_path, 'model = "openai:gpt-5"')
    assert error.hint == "write provider = 'openai' and model = 'gpt-5'"


def test_a_model_that_is_no_table_says_how_to_write_one(tmp_path: Path) -> None:
    error = refusal(tmp_path, '[tool.promptdrift.models]\nfast = "openai:gpt-5"\n')
    assert error.message == "models.fast must be a table, found 'openai:gpt-5'"
    assert error.hint == "write [tool.promptdrift.models.fast]"


@pytest.mark.parametrize("name", ["a b", "a[1]", "a]", "a::b", "a,b", "tab\\there", ""])
def test_names_that_break_test_ids_are_refused(tmp_path: Path, name: str) -> None:
    error = refusal(tmp_path, f'[tool.promptdrift.models."{name}"]\n{OPENAI}')
    assert error.message.startswith("the model name ")


def test_a_table_may_be_called_as_the_model_it_refines(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        '[tool.promptdrift.models."openai:responses:gpt-5"]\nparams = { temperature = 0 }\n',
    )
    model = config.models["openai:responses:gpt-5"]
    assert (model.provider, model.model) == ("openai:responses", "gpt-5")
    assert model.key_variable == "OPENAI_API_KEY"


def test_a_key_of_the_provider_is_not_for_another_address(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        f'[tool.promptdrift.models.m]\n{OPENAI}base_url = "https://example.com/v1"\n',
    )
    assert config.models["m"].key_variable is None


def test_a_scripted_model_needs_no_name_beside_its_tables(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """[tool.promptdrift.models.demo]
provider = "fake"
answers = { hello = "world", token = "not a credential" }
rules = [{ contains = "x", answer = "y" }]
""",
    )
    model = config.models["demo"]
    assert model.model == "demo"
    assert model.options == {
        "answers": {"hello": "world", "token": "not a credential"},
        "rules": [{"contains": "x", "answer": "y"}],
    }


def test_a_python_model_names_its_function(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """[tool.promptdrift.models.app]
provider = "python"
function = "app.answer:reply"
sources = ["app/"]
""",
    )
    assert config.models["app"].model == "app.answer:reply"
    assert config.models["app"].options == {"sources": ["app/"]}


def test_options_that_json_cannot_carry_are_refused(tmp_path: Path) -> None:
    error = model_refusal(tmp_path, 'provider = "fake"\nanswers = [2020-01-01]')
    assert error.message == (
        "models.m.answers holds datetime.date(2020, 1, 1), which JSON cannot carry"
    )


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://example.com", "must be an http:// or https:// address, found 'ftp://example.com'"),
        ("example.com/v1", "must be an http:// or https:// address, found 'example.com/v1'"),
        ("http://", "must be an http:// or https:// address, found 'http://'"),
        ("http://a b/", "must be an http:// or https:// address, found 'http://a b/'"),
        ("https://x/v1?key=1", "must not have a query or a fragment; parameters belong in params"),
        ("https://x/v1#a", "must not have a query or a fragment; parameters belong in params"),
        ("http://x:port/", "is not a valid address"),
        ("http://x:0/", "must be an http:// or https:// address, found 'http://x:0/'"),
    ],
)
def test_a_base_url_is_a_plain_web_address(tmp_path: Path, url: str, message: str) -> None:
    error = model_refusal(tmp_path, f'{OPENAI}base_url = "{url}"')
    assert error.message == f"models.m.base_url {message}"


def test_credentials_in_a_base_url_are_refused_and_not_shown(tmp_path: Path) -> None:
    error = model_refusal(tmp_path, OPENAI + 'base_url = "https://user:hunter2@example.com/"')
    assert "must not carry a user name or password" in error.message
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    "line",
    [
        'api_key = "abc"',
        'API-Key = "abc"',
        'openai_api_key = "abc"',
        'token = "abc"',
        f'key_variable = "{PLANTED}"',
        f'model = "{PLANTED}"',
        f'params = {{ user = "{PLANTED}" }}',
        f'params = {{ stop = ["a", "{PLANTED}"] }}',
        f'"{PLANTED}" = 1',
        'params = { headers = { authorization = "abc" } }',
        'params = { user = "AKIAABCDEFGHIJKLMNOP" }',
        'params = { user = "Bearer abcdefghijklmnop" }',
    ],
)
def test_a_key_in_the_file_is_refused_and_not_shown(tmp_path: Path, line: str) -> None:
    error = model_refusal(tmp_path, f'provider = "openai"\n{line}')
    assert "holds a key, which does not belong in a file" in str(error)
    assert 'key_variable = "NAME"' in str(error)
    assert "planted" not in str(error)
    assert "abc" not in str(error).replace("abcdef", "abc")


def test_a_key_in_a_variable_is_not_shown_either(tmp_path: Path) -> None:
    for variable in ("PROMPTDRIFT_MODELS", "PROMPTDRIFT_SAMPLES"):
        assert "planted" not in str(refusal(tmp_path, "", {variable: PLANTED}))


def test_long_values_are_cut(tmp_path: Path) -> None:
    error = refusal(tmp_path, f'[tool.promptdrift]\nsamples = "{"x" * 5000}"\n')
    assert len(error.message) < 200


def test_a_project_that_does_not_use_us_pays_for_no_parser(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nbroken\n")
    code = (
        "import sys, pathlib; before = set(sys.modules);"
        "from pytest_promptdrift.config import load_config, Options;"
        f"p = pathlib.Path({str(tmp_path)!r});"
        "load_config(p, project_file=p / 'pyproject.toml', environ={}, options=Options());"
        "loaded = set(sys.modules) - before;"
        "print([m for m in ('tomllib', 'importlib.metadata', 'asyncio') if m in loaded])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert shown.stdout.strip() == "[]"
