"""The template language of messages: fields, a few filters and `if`, so that no loop can run away and no attribute leads out.

Owns what there is of it and how Jinja is set up for it; what a template says of a name is asked here, too.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from jinja2 import StrictUndefined, Template, nodes
from jinja2.sandbox import SandboxedEnvironment

INSTANTS = ("effective", "onset", "expires")
FIELDS = ("code", "place", "status", "event", "risk_level", "headline", *INSTANTS, "name")
PERSONAL_FIELDS = frozenset({"name"})
FILTERS = ("upper", "lower", "capitalize", "title", "trim", "default", "gio", "ngay", "gio_gon", "ngay_gon", "gon")
DEFAULT = "default"  # what people without a name read in its place
PARTS = ("gio", "ngay", "gio_gon", "ngay_gon", "gon")  # of an instant: its hour, its day, each in short, and both in short
GAP = "\ue000"  # stands for the name in a text rendered once for all; `check` refuses it in templates


def bares_name(template: str) -> bool:
    """Whether people without a name would read a gap: a sound template prints it without asking whether there is one."""
    return _bares_name(environment().parse(template))


def _bares_name(node: nodes.Node) -> bool:
    match node:
        case nodes.Name():
            return node.name in PERSONAL_FIELDS
        case nodes.If() if any(name.name in PERSONAL_FIELDS for name in node.find_all(nodes.Name)) and _asks_for_name(node.test):
            return any(map(_bares_name, node.elif_))
        case nodes.If():
            return any(map(_bares_name, (*node.body, *node.elif_, *node.else_)))
        case nodes.Or():
            return _bares_name(node.right)
        case nodes.Filter(name="default"):
            return False
    return any(map(_bares_name, node.iter_child_nodes()))


def _asks_for_name(test: nodes.Node) -> bool:
    return any(name.name in PERSONAL_FIELDS for name in (test, *test.find_all(nodes.Name)) if isinstance(name, nodes.Name))


def fields_used(template: str) -> frozenset[str]:
    """Name the fields that a sound template reads."""
    return frozenset(node.name for node in environment().parse(template).find_all(nodes.Name))


@cache  # stateless once made; making it costs 1 ms
def environment() -> SandboxedEnvironment:
    """Return the sandbox in which templates are parsed and rendered."""
    sandbox = SandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
    )
    sandbox.globals.clear()
    sandbox.filters = {name: sandbox.filters[name] for name in FILTERS if name not in (*PARTS, DEFAULT)}
    sandbox.filters[DEFAULT] = lambda name, instead: name or instead
    sandbox.filters.update({part: _part(part) for part in PARTS})
    return sandbox


def _part(name: str) -> Any:
    return lambda instant: getattr(instant, name)


class Compiled(NamedTuple):
    """A template ready to render.

    Args:
        template: Jinja's.
        is_personal: Whether it looks at a person's name.
        is_fillable: See `only_prints_name`.
    """

    template: Template
    is_personal: bool
    is_fillable: bool


@lru_cache(maxsize=128)  # compiling takes milliseconds, and whoever checks a campaign renders its texts again and again
def compiled(template: str) -> Compiled:
    """Compile a sound template."""
    is_personal = bool(fields_used(template) & PERSONAL_FIELDS)
    return Compiled(environment().from_string(template), is_personal, only_prints_name(environment().parse(template)))


def only_prints_name(tree: nodes.Template) -> bool:
    """Whether a name is printed as it is, and decides only by being there, so that it can be filled in afterwards."""
    uses = sum(node.name in PERSONAL_FIELDS for node in tree.find_all(nodes.Name))
    printed = sum(is_name(_itself(node)) for output in tree.find_all(nodes.Output) for node in output.nodes)
    asked = sum(is_name(test.node if isinstance(test, nodes.Not) else test) for test in _tests(tree))
    return uses == printed + asked


def _itself(node: nodes.Node) -> nodes.Node:
    """Look through what stands in for a name that is missing: `name|default("…")`, `name or "…"`."""
    if isinstance(node, nodes.Filter) and node.name == DEFAULT and node.node is not None:
        return node.node
    return node.left if isinstance(node, nodes.Or) else node


def is_name(node: nodes.Node) -> bool:
    """Whether a node is a person's name itself."""
    return isinstance(node, nodes.Name) and node.name in PERSONAL_FIELDS


def _tests(tree: nodes.Template) -> Iterator[nodes.Node]:
    return (node.test for node in tree.find_all(nodes.If))
