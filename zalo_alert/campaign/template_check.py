"""What is wrong with a template: everything that would keep it from rendering, or make it dangerous to render.

Knows nothing of files: `check` tells what is wrong and on which line of the template, and whoever read the file tells where.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from jinja2 import TemplateSyntaxError, nodes

from zalo_alert.campaign.template import DEFAULT, FIELDS, FILTERS, GAP, INSTANTS, PARTS, environment, is_name
from zalo_alert.campaign.template_syntax import explain
from zalo_alert.foundation.shape_errors import list_choices
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.language import _, count, joined
from zalo_alert.models import FieldValue

MAX_TEMPLATE = 20_000  # characters; ten times the longest message Zalo takes
MAX_FAULTS = 25  # told of one template: what was perhaps meant takes a while to find, and nobody reads further
MOST_LISTED = 40  # fields that a sentence names
MAX_DEPTH = 20  # of nested expressions and ifs: Python itself stops compiling at 100
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Filter,
    nodes.Getattr,
    nodes.If,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
)


_FIELDS_MEAN = {
    "code": _("the campaign's code"),
    "place": _("the reader's place"),
    "status": _("drill or not"),
    "event": _("the hazard"),
    "risk_level": _("the risk level"),
    "headline": _("the headline"),
    "effective": _("when it takes effect"),
    "onset": _("when it begins"),
    "expires": _("when it ends"),
    "name": _("the reader's name"),
}


class Fault(NamedTuple):
    """What is wrong with a template, and on which of its lines (from 1)."""

    line: int
    message: str


class Scope(NamedTuple):
    """The fields that a template may show.

    Args:
        fields: All of them, those that people see first.
        instants: Which of them are instants, and have filters of their own.
        own: Which of them the campaign itself has given.
    """

    fields: Sequence[str]
    instants: Collection[str]
    own: Collection[str] = ()


def scope_of(own: Mapping[str, FieldValue | None], absent: Collection[str] = ()) -> Scope:
    """Return what a campaign's texts may show.

    Args:
        own: The campaign's own fields; None for one with a fault, of which nothing more is said.
        absent: Which of the others this campaign or this text does not have, such as `onset`.
    """
    instants = [name for name, value in own.items() if value is None or isinstance(value, datetime)]
    return Scope([*(name for name in FIELDS if name not in absent), *own], frozenset([*INSTANTS, *instants]), frozenset(own))


def check(template: str, scope: Scope = Scope(FIELDS, INSTANTS)) -> list[Fault]:  # noqa: B008 a value that nobody changes
    """Tell everything that would keep a template from rendering, or make it dangerous to render.

    Args:
        template: NFC text.
        scope: What it may show.
    """
    if len(template) > MAX_TEMPLATE:
        return [
            Fault(
                1,
                _(
                    "has {size} characters; at most {most} are read",
                    size=count(len(template)),
                    most=count(MAX_TEMPLATE),
                ),
            )
        ]
    if GAP in template:
        return [Fault(1, _("holds the invisible character U+E000: remove it"))]
    try:
        if (fault := unread(template)) is not None:
            return [fault]
        tree = environment().parse(template)
    except TemplateSyntaxError as exc:
        return [Fault(exc.lineno, _("is not a sound template: {why}", why=explain(exc.message or "")))]
    except (RecursionError, ValueError):  # ten thousand brackets; a number of five thousand digits
        return [Fault(1, _("is not a sound template: nested too deep, or a number too long"))]
    return list(islice(_faults(tree, scope, 0), MAX_FAULTS))


def unread(template: str) -> Fault | None:
    """Find what the parser would drop in silence: a comment, or the marks round a text whose fields stay as they are typed."""
    if "{#" not in template and "raw" not in template:
        return None
    for line, kind, _value in environment().lex(template):
        if kind == "comment_begin":
            return Fault(line, _("{# begins a comment, which nobody would read: remove it"))
        if kind == "raw_begin":
            return Fault(line, _("uses raw, and people would read fields as they are typed: remove it"))
    return None


def _faults(node: nodes.Node, scope: Scope, depth: int) -> Iterator[Fault]:
    if depth > MAX_DEPTH:
        yield Fault(node.lineno, _("is nested more than {most} deep", most=MAX_DEPTH))
    elif not isinstance(node, _ALLOWED):
        yield Fault(
            node.lineno,
            _("uses {syntax}; only fields in {{{{ }}}}, filters and if are allowed", syntax=_syntax_name(node)),
        )
    elif (fault := _fault(node, scope)) is not None:
        yield Fault(node.lineno, fault)
    else:
        for child in node.iter_child_nodes():
            yield from _faults(child, scope, depth + 1)


def _fault(node: nodes.Node, scope: Scope) -> str | None:
    if isinstance(node, nodes.Name):
        return None if node.name in scope.fields else _unknown_field(node.name, scope)
    if isinstance(node, nodes.Getattr):
        return _attribute_fault(node, scope)
    if isinstance(node, nodes.Filter):
        return _filter_fault(node, scope)
    if isinstance(node, nodes.Compare):
        return _compare_fault(node)
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and not node.value.isprintable():
        return _("holds an invisible character in a quoted text")
    return None


def _unknown_field(name: str, scope: Scope) -> str:
    if name in FIELDS:
        return _("uses {{{{ {name} }}}}, which this message does not have", name=name)
    near = [f"{{{{ {field} }}}}" for field in nearest(name, scope.fields)]
    known = _("there are {choices}", choices=list_choices(scope.fields[:MOST_LISTED], _FIELDS_MEAN))
    return joined([_("{{{{ {name} }}}} is not a field", name=name), *([did_you_mean(near)] if near else []), known], "; ")


def _attribute_fault(node: nodes.Getattr, scope: Scope) -> str | None:
    if isinstance(node.node, nodes.Name) and node.node.name in scope.instants and node.attr in PARTS:
        return None
    parts = ", ".join(f".{part}" for part in PARTS)
    return _(".{part} is not allowed: only {parts}, of {instants}", part=node.attr, parts=parts, instants=_instants(scope))


def _instants(scope: Scope) -> str:
    return ", ".join([name for name in scope.fields if name in scope.instants][:MOST_LISTED])


def _filter_fault(node: nodes.Filter, scope: Scope) -> str | None:
    if node.name not in FILTERS:
        return _("|{name} is not a filter; there are {filters}", name=node.name, filters=", ".join(FILTERS))
    if node.name == DEFAULT:
        return _default_fault(node)
    if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return _("|{name} takes no arguments", name=node.name)
    if node.name in PARTS and not (isinstance(node.node, nodes.Name) and node.node.name in scope.instants):
        return _("|{name} is only for {instants}", name=node.name, instants=_instants(scope))
    return None


def _default_fault(node: nodes.Filter) -> str | None:
    instead = node.args[0] if len(node.args) == 1 else None
    is_text = isinstance(instead, nodes.Const) and isinstance(instead.value, str) and bool(instead.value.strip())
    if not is_text or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return _('|default takes one text: {{ name|default("Anh/Chị") }}')
    if node.node is None or not is_name(node.node):
        return _("|default is only for name: nothing else is ever missing")
    return None


def _compare_fault(node: nodes.Compare) -> str | None:
    if all(operand.op in {"eq", "ne"} for operand in node.ops):
        return None
    # Ordering a text and a number would fail in the middle of a run.
    numbers = all(isinstance(operand.expr, nodes.Const) and isinstance(operand.expr.value, int) for operand in node.ops)
    ordered = all(operand.op in {"lt", "lteq", "gt", "gteq"} for operand in node.ops)
    if ordered and numbers and isinstance(node.expr, nodes.Name) and node.expr.name == "risk_level":
        return None
    return _("compares with more than == and !=; only risk_level may be ordered, against a number")


def _syntax_name(node: nodes.Node) -> str:
    return {"CallBlock": "call", "AssignBlock": "set", "Assign": "set", "CondExpr": _("an inline if"), "Call": _("a call")}.get(
        type(node).__name__, type(node).__name__.lower()
    )
