"""Jinja2 with everything kept out that could escape, hang, eat the memory or differ between runs.

Imported only for templates that need it. A template comes with a repository and is no enemy, but a
slip like ``{{ range(10**9)|list }}`` must end as a message.
"""

from __future__ import annotations

import functools
import json
import re
import threading
import time
from typing import TYPE_CHECKING, cast

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2.exceptions import SecurityError, TemplateAssertionError
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pytest_promptdrift._errors import did_you_mean
from pytest_promptdrift._text import visible

from .templates import TemplateFault, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from jinja2 import Template as JinjaTemplate
    from jinja2.runtime import Context

    from .templates import Template

LONGEST = 2_000_000
MOST_STEPS = 100_000
MOST_SECONDS = 5.0
_MOST_WORK = 50_000_000
_MOST_BITS = 20_000
_MOST_RANGE = 100_000
_MOST_DIGITS = 10_000
# Filters whose result may be much larger than what they are given.
_GROWING = ("batch", "center", "format", "indent", "join", "replace", "round", "slice", "wordwrap")
_WIDE_FORMAT = re.compile(r"[0-9]{5,}|\*|\{[^{}]*\{")
_SKIP_HINT = "to send the text as it is, write template: none"


class LimitError(SecurityError):
    """A template wants more time or memory than any prompt needs."""


class _Budget(threading.local):
    """What one rendering has used so far; engines render in threads of their own."""

    steps = 0
    deadline = 0.0

    def start(self) -> None:
        self.steps = 0
        self.deadline = time.thread_time() + MOST_SECONDS

    def step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            msg = f"the template takes more than {MOST_STEPS:,} steps"
            raise LimitError(msg)
        if self.steps % 64 == 0 and time.thread_time() > self.deadline:
            msg = f"the template takes more than {MOST_SECONDS:.0f} seconds"
            raise LimitError(msg)


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox with limits on loops, calls, operators and lengths."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined,
            autoescape=False,
            keep_trailing_newline=True,
            finalize=_finalize,
            cache_size=0,
        )
        self.budget = _Budget()
        # random answers would make a request that no recording fits
        del self.globals["lipsum"], self.filters["random"]
        self.globals["range"] = _range
        for name in _GROWING:
            self.filters[name] = self._guarded(FILTERS[name])
        self.filters["tojson"] = _to_json
        self.filters["-steps"] = self._steps
        self.filters["-concat"] = self._joined

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        self._refuse_unknown(source)
        # Loops and ~ have no hook of their own: they are sent through filters no text can name.
        for loop in list(source.find_all(nodes.For)):
            loop.iter = _through("-steps", loop.iter)
        for joined in list(source.find_all(nodes.Concat)):
            joined.nodes = [_through("-concat", nodes.List(joined.nodes, lineno=joined.lineno))]
        return super()._generate(source, name, filename, defer_init)

    def _refuse_unknown(self, source: nodes.Template) -> None:
        """Refuse a filter or test that does not exist, also where no case would come to it."""
        for node in source.find_all((nodes.Filter, nodes.Test)):
            is_filter = isinstance(node, nodes.Filter)
            kind, known = ("filter", self.filters) if is_filter else ("test", self.tests)
            if node.name not in known:
                msg = f"No {kind} named {node.name!r}."
                raise TemplateAssertionError(msg, node.lineno)

    def _steps(self, items: Iterable[object]) -> Iterator[object]:
        for item in items:
            self.budget.step()
            yield item

    def _joined(self, values: Iterable[object]) -> str:
        return self.concat(_finalize(value) for value in values)

    def concat(self, pieces: Iterable[object]) -> str:
        """Join what a template yields, up to the longest text allowed."""
        out: list[str] = []
        total = 0
        for piece in pieces:
            text = str(piece)
            total += len(text)
            if total > LONGEST:
                msg = f"the text becomes longer than {LONGEST:,} characters"
                raise LimitError(msg)
            out.append(text)
        return "".join(out)

    def call(self, context: Context, obj: object, /, *args: object, **kwargs: object) -> object:
        """Call what a template calls, after looking at how much it would make."""
        self.budget.step()
        owner = getattr(obj, "__self__", None)
        if isinstance(owner, str | list | tuple):
            _refuse_work((owner, *args, *kwargs.values()))
        return super().call(context, obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Compute, unless the result would be endless."""
        _refuse_growth(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: object) -> Callable[..., str] | None:
        """Refuse widths that make endless text."""
        owner = getattr(value, "__self__", None)
        if isinstance(owner, str) and _WIDE_FORMAT.search(owner):
            msg = "the format asks for too wide a field"
            raise LimitError(msg)
        return super().wrap_str_format(value)

    def _guarded(self, function: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(function)
        def guarded(*args: object, **kwargs: object) -> object:
            self.budget.step()
            given = (*args, *kwargs.values())
            if function is FILTERS["format"]:
                _refuse_growth("%", given[0], given[1:])
            _refuse_work(given)
            return function(*args, **kwargs)

        return guarded


def _through(name: str, node: nodes.Node) -> nodes.Expr:
    return nodes.Filter(cast("nodes.Expr", node), name, [], [], None, None, lineno=node.lineno)


def _refuse_growth(operator: str, left: object, right: object) -> None:
    if isinstance(left, str) and operator == "%":
        if _WIDE_FORMAT.search(left):
            msg = "the format asks for too wide a field"
            raise LimitError(msg)
    elif operator == "+":
        if _length(left) + _length(right) > LONGEST:
            msg = f"+ makes something longer than {LONGEST:,}"
            raise LimitError(msg)
    elif isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length()
        bits = bits * abs(right) if operator == "**" else bits + right.bit_length()
        if bits > _MOST_BITS:
            msg = f"{operator} makes too large a number"
            raise LimitError(msg)
    elif operator == "*":
        _refuse_work((left, right), LONGEST)


def _refuse_work(values: tuple[object, ...], most: int = _MOST_WORK) -> None:
    """Refuse what makes something as long as the product of what it is given."""
    work: float = 1
    for value in values:
        if isinstance(value, int | float):
            work *= max(1, min(abs(value), most + 1))
            if len(values) < 4 and abs(value) > _MOST_DIGITS and most == _MOST_WORK:
                work = most + 1
        else:
            work *= max(1, _length(value))
        if work > most:
            msg = "the template makes something too long"
            raise LimitError(msg)


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | list | tuple | dict) else 0


def _range(*args: int) -> range:
    found = range(*args)
    if len(found) > _MOST_RANGE:
        msg = f"range() is limited to {_MOST_RANGE:,} numbers"
        raise LimitError(msg)
    return found


def _finalize(value: object) -> object:
    return value if isinstance(value, str | Undefined) else as_text(value)


def _to_json(value: object, indent: int | None = None) -> str:
    """Return JSON as it is written: the filter of Jinja2 escapes it for HTML."""
    if isinstance(value, Undefined):
        str(value)
    width = None if indent is None else max(0, min(int(indent), 16))
    return json.dumps(value, ensure_ascii=False, indent=width)


class _JinjaText:
    """A compiled template."""

    __slots__ = ("_environment", "_template")

    def __init__(self, environment: _Environment, template: JinjaTemplate) -> None:
        self._environment = environment
        self._template = template

    @property
    def fixed(self) -> str | None:
        """Never fixed."""
        return None

    def render(self, variables: Mapping[str, object]) -> str:
        """Return the text; whatever a template raises becomes a TemplateFault."""
        template = self._template
        self._environment.budget.start()
        try:
            context = template.new_context(dict(variables))
            return self._environment.concat(template.root_render_func(context))
        except UndefinedError as error:
            raise _undefined(error, self._line(error)) from None
        except LimitError as error:
            raise TemplateFault(str(error), line=self._line(error)) from None
        except SecurityError as error:
            msg = f"the sandbox forbids this: {_told(error)}"
            raise TemplateFault(msg, line=self._line(error)) from None
        except RecursionError as error:
            msg = "the template calls itself without end"
            raise TemplateFault(msg, line=self._line(error)) from None
        except Exception as error:  # noqa: BLE001  (a template can raise anything at all)
            msg = f"the template fails: {_told(error)}"
            raise TemplateFault(msg, line=self._line(error)) from None

    def _line(self, error: BaseException) -> int | None:
        """Return the line of the template that raised, from the generated code's traceback."""
        line, trace = None, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == "<template>":
                line = self._template.get_corresponding_lineno(trace.tb_lineno)
            trace = trace.tb_next
        return line


def _undefined(error: UndefinedError, line: int | None) -> TemplateFault:
    message = error.message or "something is undefined"
    found = re.fullmatch(r"'([^']+)' is undefined", message)
    return TemplateFault(message, line=line, name=found[1] if found else None)


def _told(error: Exception) -> str:
    text = str(error).splitlines()
    return visible((text[0] if text else type(error).__name__).rstrip(".")[:200])


def compiler() -> Callable[[str], Template]:
    """Return a function that compiles templates in one sandbox of their own."""
    environment = _Environment()

    def compiled(text: str) -> Template:
        try:
            return _JinjaText(environment, environment.from_string(text))
        except TemplateAssertionError as error:
            raise TemplateFault(_unknown(error, environment), line=error.lineno) from None
        except TemplateSyntaxError as error:
            msg = f"not a valid template: {_told(error)}; {_SKIP_HINT}"
            raise TemplateFault(msg, line=error.lineno) from None
        except (RecursionError, SyntaxError, MemoryError, ValueError, OverflowError):
            msg = f"the template is nested too deeply; {_SKIP_HINT}"
            raise TemplateFault(msg, line=1) from None

    return compiled


def _unknown(error: TemplateAssertionError, environment: _Environment) -> str:
    """Tell about a filter or test that does not exist, with the nearest one."""
    message = (error.message or "unknown name").rstrip(".")
    found = re.match(r"No (filter|test) named '([^']*)'", message)
    if found is None:
        return message
    known = environment.filters if found[1] == "filter" else environment.tests
    names = [name for name in known if name.isidentifier()]
    return f"there is no {found[1]} {found[2]!r}{did_you_mean(found[2], names)}"
