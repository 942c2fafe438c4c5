from __future__ import annotations

import base64
import json
import re
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pytest_promptdrift._errors import SecretFoundError
from pytest_promptdrift.store import KEY_VARIABLES, Redactor
from pytest_promptdrift.store.key_shapes import KEY_SHAPES
from pytest_promptdrift.store.text_lines import dump, to_lines

if TYPE_CHECKING:
    from collections.abc import Callable

VALUE = 'tu/li+p-42="wörld"'
LINES = "first line of it\nsecond line of it\r\nthird"
# Keys made up for these tests, in pieces so that no scanner takes them for real ones.
RANDOM = "aB3dE5gH7jK9mN1pQ4rS6tU8vW0xY2z"
PEM = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n" * 4
    + "-----END RSA PRIVATE KEY-----"
)
KEYS = {
    "key shape sk-…": "sk-" + RANDOM,
    "key shape sk-ant-…": "sk-ant-" + "api03-" + RANDOM + "_-" + RANDOM + "AA",
    "key shape sk-proj-…": "sk-proj-" + RANDOM + "-" + RANDOM,
    "key shape sk_live_…": "sk_live_" + RANDOM,
    "key shape AKIA…": "AKIA" + "IOSFODNN7EXAMPLE",
    "key shape ASIA…": "ASIA" + "Z7QK3NXW2MFP4RTD",
    "key shape gh?_…": "ghp_" + RANDOM + "abcde",
    "key shape github_pat_…": "github_pat_" + "11ABCDEFG0" + "aBcDeFgHiJkL_" + RANDOM * 2,
    "key shape xox?-…": "xoxb-" + "123456789012-1234567890123-" + RANDOM,
    "key shape xapp-…": "xapp-" + "1-A0123456789-1234567890123-" + RANDOM,
    "key shape AIza…": "AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "key shape glpat-…": "glpat-" + "aB3d_5gH7jK9-N1pQ4rS",
    "key shape hf_…": "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH",
    "key shape JWT": ".".join(
        base64.urlsafe_b64encode(part).decode().rstrip("=")
        for part in (b'{"alg":"HS256"}', b'{"sub":"1234567890"}', b"0123456789signature!")
    ),
    "key shape private key (PEM)": PEM,
}
HEADERS = {
    f"Bearer {RANDOM}": "key shape Bearer …",
    f"bearer  {RANDOM}": "key shape Bearer …",
    f"x=BEARER%20{RANDOM}": "key shape Bearer …",
    f"Authorization: {RANDOM}": "key shape Authorization: …",
    f"authorization = Token {RANDOM}": "key shape Authorization: …",
    f'{{"Authorization": "{RANDOM}"}}': "key shape Authorization: …",
    f'"{{\\"authorization\\": \\"{RANDOM}\\"}}"': "key shape Authorization: …",
    "Authorization: Basic dXNlcjpwYXNz": "key shape Authorization: …",
    f"X-API-Key: {RANDOM}": "key shape api-key: …",
    f"api_key='{RANDOM}'": "key shape api-key: …",
}
PROSE = [
    "see the task-sk-list and sk-learn-based-classification-pipelines-v2",
    "sk-SK is the locale of Slovakia; sk-your-own-key-goes-right-here",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, sk-proj-XXXXXXXXXXXXXXXXXXXXXXXX, sk-ant-...",
    "sk-123e4567-e89b-12d3-a456-426614174000",
    "desk-1234567890abcdefgh is a piece of furniture",
    "sk-12345678901234567890 is an order",
    "Authorization: Bearer YOUR_API_KEY",
    "Authorization: Bearer $OPENAI_API_KEY and Authorization: Bearer <token>",
    "Authorization: required for every endpoint; authorization: none",
    "Authorization: Basic authentication-with-a-password",
    "the bearer of this-letter-is-entitled-to-enter",
    "Bearer 12345678901234567890",
    "AKIA and ASIA are prefixes; MAKIAIOSFODNN7EXAMPLE is none; AKIAAAAAAAAAAAAAAAAA",
    "Asia is a continent, ASIAPACIFICREGIONHEADQUARTERS an office",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, ghp_your_token",
    "xoxb-your-token-here",
    "glpat-your-access-token-here and hf_hub_download(repo_id=model)",
    "hf_your_token_here, api_key=os.environ['OPENAI_API_KEY']",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg...\n-----END PRIVATE KEY-----",
    "A PEM file begins with -----BEGIN PRIVATE KEY----- and then come many lines of base64 text.",
    "eyJhbGciOiJIUzI1NiJ9 is the head of a token",
    "AIza is how the keys of maps begin",
    "api-key: your-api-key-comes-here",
]


@pytest.mark.parametrize("name", KEY_VARIABLES)
def test_the_value_of_a_key_variable_is_found_from_six_characters_on(name: str) -> None:
    assert Redactor.from_environment({name: "tulips"}).redact("a tulips b") == (
        f"a [redacted: {name}] b"
    )
    assert Redactor.from_environment({name: "tulip"}).redact("a tulip b") == "a tulip b"


def test_key_variables_of_the_configuration_count_too() -> None:
    environ = {"MY_MODEL": "tulips", "OTHER": "violet"}

    redactor = Redactor.from_environment(environ, ["MY_MODEL", "NOT_SET"])
    assert redactor.redact("tulips violet") == "[redacted: MY_MODEL] violet"


@pytest.mark.parametrize(
    "name",
    ["DB_KEY", "GITHUB_TOKEN", "CLIENT_SECRET", "db_password", "X_CREDENTIALS", "APIKEY", "TOKEN"],
)
def test_variables_with_the_name_of_a_credential_count(name: str) -> None:
    assert Redactor.from_environment({name: "hunter22x"}).redact("hunter22x") == (
        f"[redacted: {name}]"
    )


@pytest.mark.parametrize("name", ["KEYBOARD", "SECRETARY", "MONKEY", "TOKEN_COUNT", "HOME"])
def test_other_variables_do_not_count(name: str) -> None:
    assert Redactor.from_environment({name: "hunter22x"}).redact("hunter22x") == "hunter22x"


@pytest.mark.parametrize(
    "value",
    [
        "priority",
        "created_at",
        "Created At",
        "UPPER_CASE_NAME",
        "orderByCreatedAt",
        "2026-11-23",
        "1234567890",
        "/run/secrets/openai",
        "~/.ssh/id_rsa2",
        "./keys/key2.pem",
        "C:\\keys\\key2.pem",
        "short1",
        "   ",
        "",
    ],
)
def test_words_numbers_and_paths_are_no_credentials(value: str) -> None:
    redactor = Redactor.from_environment({"SORT_KEY": value})

    assert redactor.redact(f"by {value}!") == f"by {value}!"


@pytest.mark.parametrize(
    "value", ["hunter22x", "pass-word-7", "hGkLqWmZpXvBnRtY", "/9j4AAQSkZJRg8xKq+abc", "p@ssw0rd!"]
)
def test_what_looks_like_a_credential_is_one(value: str) -> None:
    assert Redactor.from_environment({"SORT_KEY": value}).redact(value) == "[redacted: SORT_KEY]"


def test_spaces_around_a_value_do_not_hide_it() -> None:
    assert Redactor.from_environment({"A_TOKEN": " hunter22x\n"}).redact("hunter22x;") == (
        "[redacted: A_TOKEN];"
    )


@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_value_inside_base64_is_found(shift: int, encode: Callable[[bytes], bytes]) -> None:
    text = encode(b"x" * shift + VALUE.encode() + b"rest").decode()

    shown = Redactor({"K": VALUE}).redact(text)
    assert "[redacted: K]" in shown
    assert len(shown.replace("[redacted: K]", "")) < shift + 14


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in a URL": lambda value: quote(value, safe=""),
    "in a form": quote_plus,
    "in a URL with small digits": lambda value: re.sub(
        "%..", lambda m: m[0].lower(), quote(value, safe="")
    ),
    "in JSON": json.dumps,
    "in JSON with letters": lambda value: json.dumps(value, ensure_ascii=False),
    "in JSON inside JSON": lambda value: json.dumps(json.dumps(value)),
    "in JSON with slashes escaped": lambda value: value.replace("/", "\\/"),
    "in hexadecimal digits": lambda value: value.encode().hex(),
    "in capital hexadecimal digits": lambda value: value.encode().hex().upper(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_value_is_found_in_every_form(form: str) -> None:
    text = f"a {FORMS[form](VALUE)} b"
    redactor = Redactor({"K": VALUE})

    assert redactor.redact(text).replace('\\"', "").replace('"', "") == "a [redacted: K] b"
    with pytest.raises(SecretFoundError, match="the value of K"):
        redactor.guard(text)


def test_hexadecimal_values_are_found_in_any_case() -> None:
    redactor = Redactor({"K": "0123456789abcdef"})

    assert redactor.redact("0123456789ABCdef") == "[redacted: K]"


@pytest.mark.parametrize(
    "text",
    [
        LINES,
        LINES.replace("\r\n", "\n"),
        json.dumps(LINES),
        json.dumps(json.dumps(LINES)),
        dump(to_lines({"text": f"before\n{LINES}\nafter"})).decode(),
        dump([LINES]).decode(),
    ],
)
def test_a_value_of_several_lines_is_found_however_they_are_split(text: str) -> None:
    shown = Redactor({"K": LINES}).redact(text)

    assert "[redacted: K]" in shown
    assert "second" not in shown


@pytest.mark.parametrize("label", KEYS)
@pytest.mark.parametrize(
    "around", ["{}", "key: {}.", '"{}"', "a\n{}\nb", "\\n{}\\n", "x=%20{}&y", "\\u0020{}", "({})"]
)
def test_keys_are_known_by_their_shape(label: str, around: str) -> None:
    key = KEYS[label]
    text = around.format(key)
    redactor = Redactor()

    assert f"[redacted: {label}]" in redactor.redact(text)
    assert not any(piece in redactor.redact(text) for piece in (key[:30], key[-12:-2]))
    with pytest.raises(SecretFoundError) as caught:
        redactor.guard(text, "request.body.x")
    assert caught.value.message == f"request.body.x holds a {label}; nothing was written"
    assert key[8:20] not in str(caught.value)


@pytest.mark.parametrize("text", HEADERS)
def test_credentials_in_headers_are_known(text: str) -> None:
    shown = Redactor().redact(text)

    assert f"[redacted: {HEADERS[text]}]" in shown
    assert RANDOM not in shown
    assert "dXNl" not in shown


def test_every_shape_has_an_example() -> None:
    labels = set(KEYS) | set(HEADERS.values())

    assert {shape.label for shape in KEY_SHAPES} == labels


@pytest.mark.parametrize("text", PROSE)
def test_prose_and_placeholders_are_no_keys(text: str) -> None:
    redactor = Redactor()

    assert redactor.redact(text) == text
    redactor.guard(text)


words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=15)
ordinary = st.lists(
    words
    | words.map(str.capitalize)
    | st.sampled_from(["sk", "Bearer", "Authorization:", "api-key", "hf", "ghp", "glpat", "AKIA"])
    | st.integers(0, 99999).map(str),
    max_size=20,
)


@given(ordinary, st.lists(st.sampled_from(list("  -_.\n/:=,")), min_size=20, max_size=20))
def test_words_in_any_order_are_no_keys(pieces: list[str], between: list[str]) -> None:
    text = "".join(f"{piece}{between[n]}" for n, piece in enumerate(pieces))

    assert Redactor().redact(text) == text


def test_a_key_with_a_live_value_is_named_by_its_variable() -> None:
    key = KEYS["key shape sk-proj-…"]

    assert Redactor({"MY_KEY": key}).redact(f"is {key}.") == "is [redacted: MY_KEY]."


def test_two_private_keys_are_both_hidden() -> None:
    assert "MIIE" not in Redactor().redact(f"{PEM}\nand another one\n{PEM}\nprose after it")
    assert "prose after it" in Redactor().redact(f"{PEM}\nprose after it")


def test_a_private_key_without_its_end_is_hidden() -> None:
    shown = Redactor().redact(PEM[:150] + "!")

    assert shown == "[redacted: key shape private key (PEM)]!"


values = st.text(min_size=6, max_size=12)
secrets = st.dictionaries(st.sampled_from(["A_KEY", "B_TOKEN", "C"]), values, max_size=3)
bits = (
    st.text(max_size=5)
    | st.sampled_from([*KEYS.values(), *HEADERS, "[redacted: A_KEY]", "[redacted: ", "sk-", "]"])
    | st.sampled_from(PROSE)
)


@given(secrets, st.lists(bits, max_size=6), st.data())
@example({"A_KEY": "000000"}, ["Authorization: Basic dXNlcjpwYXNz000000"], None)
@example({"A_KEY": "redacted"}, ["redacted [redacted: A_KEY] dacted"], None)
def test_redacting_twice_changes_nothing(
    secrets: dict[str, str], pieces: list[str], data: st.DataObject | None
) -> None:
    assume(not any("redact" in value and "[" in value for value in secrets.values()))
    if data is not None and secrets:
        pieces = [*pieces, data.draw(st.sampled_from(sorted(secrets.values())))]
    redactor = Redactor(secrets)
    once = redactor.redact("".join(pieces))

    assert redactor.redact(once) == once
    redactor.guard(once)


@given(secrets, st.text(max_size=10), st.text(max_size=10))
def test_no_value_survives(secrets: dict[str, str], before: str, after: str) -> None:
    redactor = Redactor(secrets)
    for name, value in secrets.items():
        if value.strip():
            text = f"{before}{value}{after}"
            assert redactor.redact(text) != text
            with pytest.raises(SecretFoundError):
                redactor.guard(text, name)


def test_a_marker_hides_no_secret() -> None:
    redactor = Redactor({"K": "hunter22x"})

    assert "hunter22x" not in redactor.redact("[redacted: hunter22x]")


def test_the_field_of_a_secret_is_named() -> None:
    redactor = Redactor({"K": "hunter22x"})
    value = {"a": [1, None, {"b": "fine"}, {"b": "so hunter22x"}], "c": True}

    redactor.guard_json({"a": ["fine"], "b": 2}, "case 'x'")
    with pytest.raises(SecretFoundError) as caught:
        redactor.guard_json(value, "case 'x'")
    assert str(caught.value) == (
        "case 'x'.a[3].b holds the value of K; nothing was written\n"
        "  take the credential out of the prompt, its variables and tools, and revoke it"
    )


def test_two_halves_in_two_fields_are_no_secret() -> None:
    Redactor({"K": "hunter22x"}).guard_json(["hunter", "22x", "Bearer", RANDOM], "x")


HOSTILE = {
    "prose": "Please refund the material order, says the authority in charge of it. ",
    "sk": "sk-",
    "sk with spaces": "sk-ab12 ",
    "jwt heads": "eyJ",
    "jwt heads apart": "eyJ-",
    "jwt heads behind escapes": "\\neyJaaaaaaaaaaaaaa",
    "jwt parts": "eyJaaaaaaaaaa.",
    "authorization": "authorization: ",
    "bearer": "bearer ",
    "pem": "-----BEGIN PRIVATE KEY-----",
    "pem begins": "-----BEGIN RSA ",
    "escapes": "\\nsk-",
    "keys": KEYS["key shape sk-proj-…"] + " ",
    "markers": "[redacted: K] hunter22x",
    "one letter": "a",
    "value beginnings": "hunter22",
    "line breaks": "\n",
    "backslashes": "\\",
    "quotes": '",\n"',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_costs_no_more_than_its_length(name: str) -> None:
    redactor = Redactor({"K": "hunter22x", "L": LINES, "H": "0123456789abcdef"})
    piece = HOSTILE[name]

    def cost(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        redactor.redact(text)
        return time.process_time() - start

    # quadratic work would be a hundred times slower than this bound
    assert cost(1_000_000) < 2.0
