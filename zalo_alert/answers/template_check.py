"""What is wrong with a template of an answer: all that would keep it from rendering, or make it dangerous to render.

Knows nothing of files: it tells on which line of the template something is wrong, and whoever read the file tells where.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from jinja2 import TemplateSyntaxError, nodes

from zalo_alert.answers.template import FILTERS, NAMESPACES, WORDS, environment
from zalo_alert.campaign.template_check import MAX_DEPTH, MAX_TEMPLATE, Fault, unread
from zalo_alert.campaign.template_syntax import explain
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.language import _, count, joined

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter, nodes.Getattr, nodes.If,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test,
)  # fmt: skip


class Scope(NamedTuple):
    """What a template may name.

    Args:
        oa: Names behind `oa.`; None where any is right.
        value: Names behind `value.`.
        found: Names behind `found.`, None where any is right; only look-ups have it.
        words: Of `wait` and `opens`.
        has_found: Whether there is a row at all; with one a `for` over a part of it may stand.
    """

    oa: Collection[str] | None = None
    value: Collection[str] | None = ()
    found: Collection[str] | None = None
    words: Collection[str] = ()
    has_found: bool = False

    def named(self, namespace: str) -> Collection[str] | None:
        """Return the names behind one of the namespaces; None where any is right."""
        return {"oa": self.oa, "value": self.value, "found": self.found}[namespace]

    @property
    def roots(self) -> tuple[str, ...]:
        """What may stand before a dot."""
        return NAMESPACES if self.has_found else NAMESPACES[:2]


def check(template: str, scope: Scope) -> list[Fault]:
    """Tell everything that would keep a template from rendering, or make it dangerous to render.

    Args:
        template: As it stands in the file.
        scope: What it may name.
    """
    if len(template) > MAX_TEMPLATE:
        size, most = count(len(template)), count(MAX_TEMPLATE)
        return [Fault(1, _("has {size} characters; at most {most} are read", size=size, most=most))]
    if "{" not in template:
        return []
    try:
        if (fault := unread(template)) is not None:
            return [fault]
        tree = environment().parse(template)
    except TemplateSyntaxError as exc:
        return [Fault(exc.lineno, _("is not a sound template: {why}", why=explain(exc.message or "")))]
    except (RecursionError, ValueError):  # ten thousand brackets; a number of five thousand digits
        return [Fault(1, _("is not a sound template: nested too deep, or a number too long"))]
    return list(_Check(scope).faults(tree, 0))


class _Check:
    """Walks one template; knows the names that a loop around has made."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._loop: frozenset[str] = frozenset()

    def faults(self, node: nodes.Node, depth: int) -> Iterator[Fault]:
        if depth > MAX_DEPTH:
            yield Fault(node.lineno, _("is nested more than {most} deep", most=MAX_DEPTH))
        elif isinstance(node, nodes.For) and self._scope.has_found:
            yield from self._loop_faults(node, depth)
        elif not isinstance(node, _ALLOWED):
            yield Fault(node.lineno, self._not_allowed(node))
        elif isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name in NAMESPACES:
            yield from (Fault(node.lineno, fault) for fault in self._dotted(node.node.name, node.attr))
        elif fault := self._fault(node):
            yield Fault(node.lineno, fault)
        else:
            for child in node.iter_child_nodes():
                yield from self.faults(child, depth + 1)

    def _not_allowed(self, node: nodes.Node) -> str:
        syntax = type(node).__name__.lower()
        if self._scope.has_found:
            return _("uses {syntax}; only fields in {{{{ }}}}, filters, if, and for over found are allowed", syntax=syntax)
        return _("uses {syntax}; only fields in {{{{ }}}}, filters and if are allowed", syntax=syntax)

    def _loop_faults(self, node: nodes.For, depth: int) -> Iterator[Fault]:
        """Check a `for` over a part of a row: one level, as long as the row has values."""
        targets = _targets(node.target)
        if self._loop or node.recursive or node.test is not None or not targets or not _is_part_of_row(node.iter):
            loop = "{% for mon, diem in found.mon.items() %}"
            yield Fault(node.lineno, _("a for goes over one part of found, and holds no other: {loop}", loop=loop))
            return
        yield from self.faults(node.iter.node.node if isinstance(node.iter, nodes.Call) else node.iter, depth + 1)  # type: ignore[attr-defined]
        self._loop = frozenset(targets)
        for child in (*node.body, *node.else_):
            yield from self.faults(child, depth + 1)
        self._loop = frozenset()

    def _dotted(self, namespace: str, name: str) -> Iterator[str]:
        known = self._scope.named(namespace)
        if namespace not in self._scope.roots:
            yield _("{{{{ found.{name} }}}} is for look-ups alone", name=name)
        elif known is not None and name not in known:
            near = did_you_mean([f"{{{{ {namespace}.{word} }}}}" for word in nearest(name, known)])
            wrong = _("{{{{ {field} }}}} is not there", field=f"{namespace}.{name}")
            fill = _("write it under about of its accounts") if namespace == "oa" and not near else ""
            yield joined(filter(None, (wrong, near, fill)), "; ")

    def _fault(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Name):
            return self._name_fault(node.name)
        if isinstance(node, nodes.Getattr):
            return "" if self._is_of_row(node) else _(".{part} is not allowed here", part=node.attr)
        if isinstance(node, nodes.Filter):
            return _filter_fault(node)
        if isinstance(node, nodes.Test) and node.name != "defined":
            return _('"is {test}" is not a test here; there is "is defined"', test=node.name)
        if isinstance(node, nodes.Compare) and any(operand.op not in {"eq", "ne"} for operand in node.ops):
            return _("compares with more than == and !=")
        return ""

    def _name_fault(self, name: str) -> str:
        if name in self._loop or name in self._scope.words:
            return ""
        if name in NAMESPACES:
            return _("{name} needs a dot and what is meant of it: {example}", name=name, example="{{ " + name + ".address }}")
        if name in WORDS:
            return _("{{{{ {name} }}}} is for the fallback alone", name=name)
        return _(
            "{{{{ {name} }}}} is not a field; there are {choices}",
            name=name,
            choices=", ".join((*(f"{root}.…" for root in self._scope.roots), *self._scope.words)),
        )

    def _is_of_row(self, node: nodes.Getattr) -> bool:
        """Whether it is a part of a part of a row: `found.mon.toan`."""
        inner: nodes.Node | None = node
        while isinstance(inner, nodes.Getattr):
            inner = inner.node
        return self._scope.has_found and isinstance(inner, nodes.Name) and (inner.name == "found" or inner.name in self._loop)


def _targets(target: nodes.Node) -> list[str]:
    names = target.items if isinstance(target, nodes.Tuple) else [target]
    return [name.name for name in names if isinstance(name, nodes.Name)] if len(names) <= 2 else []


def _is_part_of_row(node: nodes.Node | None) -> bool:
    """Whether it is `found.x`, or `found.x.items()`."""
    if isinstance(node, nodes.Call):
        is_plain = not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
        items = node.node
        return is_plain and isinstance(items, nodes.Getattr) and items.attr == "items" and _is_part_of_row(items.node)
    return isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "found"


def _filter_fault(node: nodes.Filter) -> str:
    if node.name not in FILTERS:
        return _("|{name} is not a filter; there are {filters}", name=node.name, filters=", ".join(FILTERS))
    if node.name == "default":
        is_text = len(node.args) == 1 and isinstance(node.args[0], nodes.Const) and isinstance(node.args[0].value, str)
        return "" if is_text and not node.kwargs else _('|default takes one text: {{ oa.phone|default("113") }}')
    if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return _("|{name} takes no arguments", name=node.name)
    return ""
