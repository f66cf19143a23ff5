"""The template language of answers, and its rendering: strict, in a sandbox, over values that the office has.

A template may name `oa.*`, what the accounts file says of the office; `value.*`, the fields of the rule file; `found.*`, a row
that was looked up; `wait` and `opens`. What a citizen wrote is never a template. `answers.template_check` finds what is wrong.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

FILTERS = ("upper", "lower", "capitalize", "title", "trim", "default")
NAMESPACES = ("oa", "value", "found")
WORDS = ("wait", "opens")
MOST_ITEMS = 100  # of a list or a mapping in a row, so that a loop over it ends soon
_MANY = (Mapping, list, tuple)
_MOST_TEMPLATES = 4096  # compiled ones that are kept: every rule of a country's offices, and what buttons say


class TemplateFailed(ValueError):
    """A template that names what is not there for this office; the message says what."""


class _Absent(StrictUndefined):
    """What is not there: `if` may ask for it, and printing it is an error."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]  # theirs never returns
        return False


class _Environment(SandboxedEnvironment):
    """A sandbox in which a dot means a key and nothing else: no method, no attribute."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a key of a mapping, or its `items` for a loop."""
        if type(obj) is dict or isinstance(obj, Mapping):  # the second alone takes as long as the rest
            if attribute in obj:
                return obj[attribute]
            if attribute == "items":
                return obj.items
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return what a dot would."""
        return self.getattr(obj, argument) if isinstance(argument, str) else self.undefined(obj=obj, name=str(argument))


@cache  # stateless once made; making it costs 1 ms
def environment() -> SandboxedEnvironment:
    """Return the sandbox in which templates of answers are parsed and rendered."""
    sandbox = _Environment(undefined=_Absent, autoescape=False, trim_blocks=True, lstrip_blocks=True, finalize=_printed)
    sandbox.globals.clear()
    sandbox.filters = {name: sandbox.filters[name] for name in FILTERS}
    sandbox.tests = {"defined": sandbox.tests["defined"]}
    return sandbox


def _printed(value: Any) -> Any:
    return "" if value is None else value


@lru_cache(_MOST_TEMPLATES)
def _compiled(template: str) -> Template:
    return environment().from_string(template)


def render(template: str, values: Mapping[str, Any]) -> str:
    """Render a sound template; blank space around it is left out.

    Args:
        template: That `template_check.check` finds nothing wrong with.
        values: `oa`, `value` and `found` as mappings, `wait` and `opens` as texts; those that there are.

    Raises:
        TemplateFailed: It names what is not among the values, or a row holds more than `MOST_ITEMS` in one place.
    """
    _require_few(values.get("found"))
    try:
        return _compiled(template).render(values).strip()
    except (UndefinedError, SecurityError) as exc:
        raise TemplateFailed(exc.message or str(exc)) from exc


def _require_few(row: object) -> None:
    parts = row.values() if isinstance(row, Mapping) else ()
    if any(type(part) is not str and isinstance(part, _MANY) and len(part) > MOST_ITEMS for part in parts):
        raise TemplateFailed(f"more than {MOST_ITEMS} values in one place")


@lru_cache(_MOST_TEMPLATES)
def names_used(template: str) -> frozenset[str]:
    """Name what a template reads, as it is written: `oa.address`, `value.le_phi`, `wait`."""
    tree = environment().parse(template)
    dotted = {
        f"{node.node.name}.{node.attr}"
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name in NAMESPACES
    }
    return frozenset(dotted | {node.name for node in tree.find_all(nodes.Name) if node.name in WORDS})
