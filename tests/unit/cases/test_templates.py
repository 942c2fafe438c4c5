from __future__ import annotations

import string
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.cases.compiling import Templates
from pytest_promptdrift.cases.sandbox import compiler
from pytest_promptdrift.cases.templates import FixedText, SlotText, TemplateFault, as_text

GROW = "{% set n = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set n.x = @ %}{% endfor %}"
NAMES = ["a", "b_1", "Customer"]
_VALUES = st.text() | st.none() | st.booleans() | st.integers() | st.lists(st.text(max_size=3))


def render(text: str, **variables: object) -> str:
    return Templates().get(text, is_template=True).render(variables)


def fault(text: str, **variables: object) -> TemplateFault:
    with pytest.raises(TemplateFault) as caught:
        render(text, **variables)
    return caught.value


@given(
    st.lists(
        st.sampled_from(["{{a}}", "{{ b_1 }}", "{{\nCustomer }}", "}}", "{ ", "%}", "#}", "\n"])
        | st.text(alphabet=string.ascii_letters + " <>&%'\"\\é\n")
    ),
    st.fixed_dictionaries(dict.fromkeys(NAMES, _VALUES)),
)
def test_the_short_way_renders_exactly_as_jinja_does(
    pieces: list[str], variables: dict[str, object]
) -> None:
    text = "".join(pieces)
    ours = Templates().get(text, is_template=True)
    assert isinstance(ours, FixedText | SlotText)
    assert ours.render(variables) == compiler()(text).render(variables)


@given(st.text())
def test_a_value_arrives_untouched_whatever_is_in_it(value: str) -> None:
    assert render("<{{ a }}>", a=value) == f"<{value}>"
    assert render("<{{ a|string }}>", a=value) == f"<{value}>"


def test_values_that_look_like_templates_or_markup_are_not_parsed() -> None:
    value = "{{ b }} {% raw %} 100% <b>&amp; key: [yes]"
    assert render("{{ a }}", a=value) == value
    assert render("{% if a %}{{ a }}{% endif %}", a=value) == value


@given(st.text())
def test_without_templates_the_text_is_sent_as_it_is(text: str) -> None:
    template = Templates().get(text, is_template=False)
    assert template.render({}) == text
    assert template.fixed == text


def test_values_that_are_no_text_stand_as_json() -> None:
    assert render("{{ a }}", a={"b": [1, True, None, "é"]}) == '{"b": [1, true, null, "é"]}'
    assert render("{{ a['b'] }}{{ a|length }}", a={"b": [True]}) == "[true]1"
    assert render("{{ a ~ b }}", a=None, b=True) == "nulltrue"
    assert as_text({1}) == "{1}"


def test_tojson_writes_plain_json() -> None:
    assert render("{{ a|tojson }}", a={"b": "<é>'"}) == '{"b": "<é>\'"}'
    assert render("{{ a|tojson(indent=1) }}", a=[1]) == "[\n 1\n]"


def test_the_text_of_a_template_is_used_as_it_is_written() -> None:
    assert render("  {% if a %}x{% endif %}\n\n", a=1) == "  x\n\n"


def test_an_undefined_name_is_named_with_its_line() -> None:
    found = fault("one\ntwo {{ nme }}", name="x")
    assert (found.line, found.name) == (2, "nme")
    found = fault("one\n{% if nme %}x{% endif %}", name="x")
    assert (found.line, found.name) == (2, "nme")


def test_a_missing_attribute_is_told() -> None:
    found = fault("{{ a.b }}", a={})
    assert (found.line, found.name) == (1, None)
    assert "no attribute 'b'" in found.message
    assert fault("{{ a.b.c }}", a={}).line == 1


def test_a_name_may_be_undefined_where_the_template_asks() -> None:
    assert render("{% if a is defined %}x{% else %}y{% endif %}{{ b|default('z') }}") == "yz"


def test_names_that_jinja_owns_are_left_to_it() -> None:
    assert render("{{ true }}{{ None }}") == "truenull"
    assert fault("{{ self }}{{ loop }}").name == "loop"


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a\n{{ b", 2, "unexpected end of template"),
        ("{% if a %}", 1, "template: none"),
        ('say {"a": {{"b": 1}}}', 1, "template: none"),
        ("\n{{ a|uper }}", 2, "no filter 'uper', did you mean 'upper'?"),
        ("{% if a is evn %}{% endif %}", 1, "no test 'evn', did you mean 'even'?"),
        ("{{ " + "(" * 5000 + ")" * 5000 + " }}", 1, "nested too deeply"),
        ("{% for x in a %}" * 30 + "{% endfor %}" * 30, 1, "nested too deeply"),
    ],
)
def test_a_syntax_error_is_told_with_its_line(text: str, line: int, part: str) -> None:
    with pytest.raises(TemplateFault) as caught:
        Templates().get(text, is_template=True)
    assert caught.value.line == line
    assert part in caught.value.message


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{{ ''.__class__.__mro__ }}", "sandbox forbids"),
        ("{{ cycler.__init__.__globals__ }}", "sandbox forbids"),
        ("{{ a.append(1) }}", "sandbox forbids"),
        ("{{ range(10**9)|list }}", "range() is limited"),
        ("{{ 'a' * 10**10 }}", "too long"),
        ("{{ [1] * 10**10 }}", "too long"),
        ("{{ 2 ** (2 ** 40) }}", "too large a number"),
        ("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "steps"),
        (GROW.replace("@", "n.x ~ n.x"), "longer than"),
        (GROW.replace("@", "n.x + n.x"), "longer than"),
        (GROW.replace("@", "n.x|replace('a', n.x)"), "too long"),
        ("{% for i in range(9999) %}" + "x" * 999 + "{% endfor %}", "longer than"),
        ("{{ 'a'.center(10**10) }}", "too long"),
        ("{{ 'a'|center(10**10) }}", "too long"),
        ("{{ '{:9999999999}'.format(1) }}", "too wide"),
        ("{{ '%9999999999d' % 1 }}", "too wide"),
        ("{{ '%9999999999d'|format(1) }}", "too wide"),
        ("{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(60) }}",
         "steps"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "calls itself"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{% include 'x' %}", "no loader"),
        ("{{ a|round(10**9) }}", "too long"),
    ],
)  # fmt: skip
def test_escapes_and_endless_work_end_as_a_message(text: str, part: str) -> None:
    found = fault(text, a=[1])
    assert part in found.message
    assert found.line in (1, None)


def test_work_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 3))
    monkeypatch.setattr("time.thread_time", lambda: next(clock))
    assert "seconds" in fault("{% for i in range(9999) %}{% endfor %}").message


def test_random_answers_are_not_on_offer() -> None:
    assert fault("{{ lipsum() }}").name == "lipsum"
    with pytest.raises(TemplateFault, match="no filter 'random'"):
        Templates().get("{{ [1, 2]|random }}", is_template=True)


def test_ordinary_template_work_is_not_in_the_way_of_limits() -> None:
    text = (
        "{% for m in a %}{{ loop.index }}/{{ loop.length }} {{ m|upper }}{{ ',' if not loop.last }}"
        "{% endfor %} {{ '%s-%s'|format(1, 2) }} {{ 'a' * 3 + 'b' }} {{ 2 ** 8 % 100 }}"
        " {{ a|join('; ') }} {{ 'x'.ljust(3) }}| {{ '{:.2f}'.format(1) }} {{ a|batch(2)|list }}"
    )
    assert render(text, a=["x", "y"]) == ('1/2 X,2/2 Y 1-2 aaab 56 x; y x  | 1.00 [["x", "y"]]')


def test_each_distinct_text_is_compiled_once() -> None:
    templates = Templates()
    text = "{% if a %}{{ a }}{% endif %}"
    assert templates.get(text, is_template=True) is templates.get(text, is_template=True)


def test_jinja_is_imported_only_for_templates_that_need_it() -> None:
    code = (
        "import sys; from pytest_promptdrift.cases.compiling import Templates as T\n"
        "t = T(); t.get('{{ a }} {', is_template=True).render({'a': 1})\n"
        "t.get('{% if %}', is_template=False)\n"
        "assert 'jinja2' not in sys.modules\n"
        "t.get('{{ a|upper }}', is_template=True)\n"
        "assert 'jinja2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
