"""What is wrong with a template: everything that would keep it from rendering, or make it dangerous to render.

Knows nothing of files: `check` tells what is wrong and on which line of the template, and whoever read the file tells where.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from jinja2 import TemplateSyntaxError, nodes

from zalo_alert.campaign.template import DEFAULT, FIELDS, FILTERS, GAP, INSTANTS, PARTS, environment, is_name
from zalo_alert.campaign.template_syntax import explain
from zalo_alert.foundation.shape_errors import list_choices
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.language import _, count, joined

MAX_TEMPLATE = 20_000  # characters; ten times the longest message Zalo takes
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


def check(template: str, *, absent: Collection[str] = ()) -> list[Fault]:
    """Tell everything that would keep a template from rendering, or make it dangerous to render.

    Args:
        template: NFC text.
        absent: Fields that this campaign does not have, such as `onset`.
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
    return list(_faults(tree, frozenset(FIELDS) - frozenset(absent), 0))


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


def _faults(node: nodes.Node, fields: frozenset[str], depth: int) -> Iterator[Fault]:
    if depth > MAX_DEPTH:
        yield Fault(node.lineno, _("is nested more than {most} deep", most=MAX_DEPTH))
    elif not isinstance(node, _ALLOWED):
        yield Fault(
            node.lineno,
            _("uses {syntax}; only fields in {{{{ }}}}, filters and if are allowed", syntax=_syntax_name(node)),
        )
    elif (fault := _fault(node, fields)) is not None:
        yield Fault(node.lineno, fault)
    else:
        for child in node.iter_child_nodes():
            yield from _faults(child, fields, depth + 1)


def _fault(node: nodes.Node, fields: frozenset[str]) -> str | None:
    if isinstance(node, nodes.Name):
        return None if node.name in fields else _unknown_field(node.name, fields)
    if isinstance(node, nodes.Getattr):
        return _attribute_fault(node)
    if isinstance(node, nodes.Filter):
        return _filter_fault(node)
    if isinstance(node, nodes.Compare):
        return _compare_fault(node)
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and not node.value.isprintable():
        return _("holds an invisible character in a quoted text")
    return None


def _unknown_field(name: str, fields: frozenset[str]) -> str:
    names = [field for field in FIELDS if field in fields]
    if name in FIELDS:
        return _("uses {{{{ {name} }}}}, which this message does not have", name=name)
    near = [f"{{{{ {field} }}}}" for field in nearest(name, names)]
    known = _("there are {choices}", choices=list_choices(names, _FIELDS_MEAN))
    return joined([_("{{{{ {name} }}}} is not a field", name=name), *([did_you_mean(near)] if near else []), known], "; ")


def _attribute_fault(node: nodes.Getattr) -> str | None:
    if isinstance(node.node, nodes.Name) and node.node.name in INSTANTS and node.attr in PARTS:
        return None
    return _(".{part} is not allowed: only .gio and .ngay, of {instants}", part=node.attr, instants=", ".join(INSTANTS))


def _filter_fault(node: nodes.Filter) -> str | None:
    if node.name not in FILTERS:
        return _("|{name} is not a filter; there are {filters}", name=node.name, filters=", ".join(FILTERS))
    if node.name == DEFAULT:
        return _default_fault(node)
    if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return _("|{name} takes no arguments", name=node.name)
    if node.name in PARTS and not (isinstance(node.node, nodes.Name) and node.node.name in INSTANTS):
        return _("|{name} is only for {instants}", name=node.name, instants=", ".join(INSTANTS))
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
