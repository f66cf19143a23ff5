"""Template + place + person → text: what each person will read.

Owns the template language, cut down to fields, a few filters and `if`: no loop can run away and no attribute leads out.
Knows nothing of files; `check` tells what is wrong, and whoever read the file tells where.
"""

import re
import textwrap
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.foundation import invisible
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.models import Campaign

INSTANTS = ("effective", "onset", "expires")
FIELDS = ("code", "place", "status", "event", "risk_level", "headline", *INSTANTS, "name")
PERSONAL_FIELDS = frozenset({"name"})
FILTERS = ("upper", "lower", "capitalize", "title", "trim", "default", "gio", "ngay")
DEFAULT = "default"  # what people without a name read in its place
PARTS = ("gio", "ngay")  # of an instant: its hour, its day

MAX_TEMPLATE = 20_000  # characters; ten times the longest message Zalo takes
MAX_DEPTH = 20  # of nested expressions and ifs: Python itself stops compiling at 100
MAX_NAME = 40  # characters of a person's name; a longer one is no name
MAX_TITLE, MAX_AUTHOR, MAX_DESCRIPTION = 150, 50, 300  # characters of an article, Zalo's limits

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_GAP = "\ue000"  # stands for the name in a text rendered once for all; `check` refuses it in templates
# Names as most people write them: printable, NFC, of one length in small and in capital letters.
_ORDINARY = re.compile("[0-9A-Za-z.'_À-ÖØ-Þà-öø-ýÿĂăĐđĨĩŨũƠơƯưẠ-ỹ-]+(?: [0-9A-Za-z.'_À-ÖØ-Þà-öø-ýÿĂăĐđĨĩŨũƠơƯưẠ-ỹ-]+)*").fullmatch
_NEW_EMOJI = range(0x1F000, 0x1FC00)  # blocks in which each edition of Unicode fills gaps; Python's own edition is older
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

Fields: TypeAlias = Mapping[str, Any]
Where: TypeAlias = tuple[str, int | None]  # what a message calls a place, and which variant holds there: what a text depends on


class Fault(NamedTuple):
    """What is wrong with a template, and on which of its lines (from 1)."""

    line: int
    message: str


class Article(NamedTuple):
    """What everyone reads alike, wherever they are."""

    title: str
    description: str
    paragraphs: tuple[str, ...]


class Instant(str):
    """An instant in words, `14 giờ 00, thứ Sáu 18/9/2026`, with its two halves."""

    gio: str
    ngay: str

    def __new__(cls, at: datetime) -> "Instant":
        """Word an instant as Vietnamese bulletins do, always in +07:00."""
        local = in_vietnam(at)
        gio = f"{local.hour} giờ {local.minute:02}"
        ngay = f"{_WEEKDAYS[local.weekday()]} {local.day}/{local.month}/{local.year}"
        self = super().__new__(cls, f"{gio}, {ngay}")
        self.gio, self.ngay = gio, ngay
        return self


def check(template: str, *, absent: Collection[str] = ()) -> list[Fault]:
    """Tell everything that would keep a template from rendering, or make it dangerous to render.

    Args:
        template: NFC text.
        absent: Fields that this campaign does not have, such as `onset`.
    """
    if len(template) > MAX_TEMPLATE:
        return [Fault(1, f"has {len(template):,} characters; at most {MAX_TEMPLATE:,} are read")]
    if _GAP in template:
        return [Fault(1, "holds the invisible character U+E000: remove it")]
    try:
        if (unread := _unread(template)) is not None:
            return [unread]
        tree = _environment().parse(template)
    except TemplateSyntaxError as exc:
        return [Fault(exc.lineno, f"is not a sound template: {(exc.message or '').rstrip('.')}")]
    except (RecursionError, ValueError):  # ten thousand brackets; a number of five thousand digits
        return [Fault(1, "is not a sound template: nested too deep, or a number too long")]
    return list(_faults(tree, frozenset(FIELDS) - frozenset(absent), 0))


def _unread(template: str) -> Fault | None:
    """Find what the parser would drop in silence: a comment, or the marks round a text whose fields stay as they are typed."""
    if "{#" not in template and "raw" not in template:
        return None
    for line, kind, _ in _environment().lex(template):
        if kind == "comment_begin":
            return Fault(line, "{# begins a comment, which nobody would read: remove it")
        if kind == "raw_begin":
            return Fault(line, "uses raw, and people would read fields as they are typed: remove it")
    return None


def bares_name(template: str) -> bool:
    """Whether people without a name would read a gap: a sound template prints it without asking whether there is one."""
    return _bares_name(_environment().parse(template))


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
    return frozenset(node.name for node in _environment().parse(template).find_all(nodes.Name))


class Renderer:
    """Renders one campaign's texts; what every person of a place would read alike is rendered once.

    Args:
        campaign: Checked, so that rendering cannot fail.
    """

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._headline = _Text(campaign.headline)
        self._texts = tuple(_Text(text) for text in (campaign.text, *(variant.text for variant in campaign.variants)))
        self._data = tuple({key: _Text(value) for key, value in route.data.items()} for route in campaign.routes)
        self._data_is_personal = tuple(any(text.personal for text in data.values()) for data in self._data)
        self._fields: dict[Where, Fields] = {}
        self._shared_data: dict[tuple[int, Where], dict[str, str]] = {}
        self.personal = any(text.personal for text in self._texts) or any(self._data_is_personal)

    def headline(self, label: str, variant: int | None = None) -> str:
        """Return the headline for a place; see `text`."""
        return str(self._at((label, variant))["headline"])

    def text(self, label: str, variant: int | None, name: str = "") -> str:
        """Return a message's text in NFC.

        Args:
            label: What `{{ place }}` shows.
            variant: Which of the campaign's variants, for its text and its danger; None for the campaign's own.
            name: The person's; only a personal text looks at it.
        """
        text = self._texts[0 if variant is None else variant + 1]
        return text.for_person(self._at((label, variant)), (label, variant), name)

    def article(self, label: str) -> Article:
        """Return the campaign's own text as an article; a variant's is for some of its readers only, so it is not in it.

        Args:
            label: What `{{ place }}` shows: all of the places meant.
        """
        found = re.split(r"\n\s*\n", self.text(label, None).strip())
        paragraphs = tuple("\n".join(line.strip() for line in part.splitlines()) for part in found)
        given = self._campaign.broadcast.description if self._campaign.broadcast else ""
        said = _Text(given).render(self._at((label, None)), "").strip()
        return Article(
            self.headline(label), said or textwrap.shorten(paragraphs[0], MAX_DESCRIPTION, placeholder=" …"), paragraphs
        )

    def data(self, route: int, label: str, variant: int | None = None, name: str = "") -> dict[str, str]:
        """Return the parameters of a route's template, each in NFC; shared between people, so not to be changed; see `text`."""
        where = (label, variant)
        if self._data_is_personal[route]:
            return self._render_data(route, where, name)
        if (shared := self._shared_data.get((route, where))) is None:
            shared = self._shared_data[route, where] = self._render_data(route, where, "")
        return shared

    def lacks(self, route: int, label: str, variant: int | None, name: str) -> bool:
        """Whether a parameter of a route's template is empty for a person for want of a name; see `text`."""
        if clean_name(name) or not self._data_is_personal[route]:
            return False
        own, others = self.data(route, label, variant), self.data(route, label, variant, "x")
        return any(others[key].strip() and not value.strip() for key, value in own.items())

    def _render_data(self, route: int, where: Where, name: str) -> dict[str, str]:
        fields = self._at(where)
        return {key: text.for_person(fields, where, name) for key, text in self._data[route].items()}

    def _at(self, where: Where) -> Fields:
        if (fields := self._fields.get(where)) is None:
            label, variant = where
            fields = {**_campaign_fields(self._campaign, variant), "place": label}
            fields = self._fields[where] = {**fields, "headline": self._headline.render(fields, "")}
        return fields


class _Text:
    """A compiled template that remembers what it rendered for a place."""

    def __init__(self, template: str) -> None:
        self._template = _environment().from_string(template)
        self.personal = bool(fields_used(template) & PERSONAL_FIELDS)
        self._fillable = _only_prints_name(_environment().parse(template))
        self._rendered: dict[Where, str] = {}
        self._without_name: dict[Where, str] = {}

    def render(self, fields: Fields, name: str) -> str:
        return unicodedata.normalize("NFC", self._template.render({**fields, "name": name}))

    def for_person(self, fields: Fields, where: Where, name: str) -> str:
        if not self._fillable:
            return self.render(fields, clean_name(name))
        if (rendered := self._rendered.get(where)) is None:
            rendered = self._rendered[where] = self.render(fields, _GAP)
        if not self.personal:
            return rendered
        if shown := clean_name(name):
            return unicodedata.normalize("NFC", rendered.replace(_GAP, shown))
        if (rendered := self._without_name.get(where, _GAP)) is _GAP:
            rendered = self._without_name[where] = self.render(fields, "")
        return rendered


def clean_name(name: str) -> str:
    """Make a name that its owner chose safe to print.

    One line, nothing that nobody sees, in NFC at most `MAX_NAME` characters long, in capital letters too. What joins emoji, or
    the letters of other scripts, stays.
    """
    if _ORDINARY(name):
        return name if len(name) <= MAX_NAME else name[:MAX_NAME].rstrip()
    return _cleaned(name)


def _cleaned(name: str) -> str:
    seen = invisible.removed(unicodedata.normalize("NFC", name[: 10 * MAX_NAME]))
    words = " ".join("".join(c if _is_text(c) else " " for c in seen).split())  # _GAP is no text, so no name can forge it
    short = _shortened(words)
    while (again := _shortened(" ".join(invisible.removed(short).split()))) != short:  # what the cut has left without a fellow
        short = again
    return short


def _shortened(name: str) -> str:
    short = name[:MAX_NAME]
    while max(len(short.upper()), len(short.lower()), len(short.title())) > MAX_NAME:
        short = short[:-1]
    return short.rstrip()


def _is_text(char: str) -> bool:
    if char.isprintable():
        return True
    kind = unicodedata.category(char)
    return kind == "Cf" or (kind == "Cn" and ord(char) in _NEW_EMOJI)  # of Cf, `removed` has left only what belongs there


def _campaign_fields(campaign: Campaign, variant: int | None) -> Fields:
    onset = campaign.onset_of(variant)
    given: dict[str, Any] = {
        "code": campaign.code,
        "status": campaign.status.value,
        "event": HAZARDS[campaign.event].name if campaign.event in HAZARDS else campaign.event,
        "risk_level": campaign.risk_of(variant),
        "effective": Instant(campaign.effective),
        "onset": Instant(onset) if onset else None,
        "expires": Instant(campaign.expires),
    }
    return {field: value for field, value in given.items() if value is not None}


@cache  # stateless once made; making it costs 1 ms
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS if name not in (*PARTS, DEFAULT)}
    environment.filters[DEFAULT] = lambda name, instead: name or instead
    environment.filters.update({part: _part(part) for part in PARTS})
    return environment


def _part(name: str) -> Any:
    return lambda instant: getattr(instant, name)


def _only_prints_name(tree: nodes.Template) -> bool:
    """Whether a name is printed as it is, and decides only by being there, so that it can be filled in afterwards."""
    uses = sum(node.name in PERSONAL_FIELDS for node in tree.find_all(nodes.Name))
    printed = sum(_is_name(_itself(node)) for output in tree.find_all(nodes.Output) for node in output.nodes)
    asked = sum(_is_name(test.node if isinstance(test, nodes.Not) else test) for test in _tests(tree))
    return uses == printed + asked


def _itself(node: nodes.Node) -> nodes.Node:
    """Look through what stands in for a name that is missing: `name|default("…")`, `name or "…"`."""
    if isinstance(node, nodes.Filter) and node.name == DEFAULT and node.node is not None:
        return node.node
    return node.left if isinstance(node, nodes.Or) else node


def _is_name(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name in PERSONAL_FIELDS


def _tests(tree: nodes.Template) -> Iterator[nodes.Node]:
    return (node.test for node in tree.find_all(nodes.If))


# --- what a template may hold ------------------------------------------------------------------------------------------


def _faults(node: nodes.Node, known: frozenset[str], depth: int) -> Iterator[Fault]:
    if depth > MAX_DEPTH:
        yield Fault(node.lineno, f"is nested more than {MAX_DEPTH} deep")
    elif not isinstance(node, _ALLOWED):
        yield Fault(node.lineno, f"uses {_plain(node)}; only fields in {{{{ }}}}, filters and if are allowed")
    elif (fault := _fault(node, known)) is not None:
        yield Fault(node.lineno, fault)
    else:
        for child in node.iter_child_nodes():
            yield from _faults(child, known, depth + 1)


def _fault(node: nodes.Node, known: frozenset[str]) -> str | None:
    if isinstance(node, nodes.Name):
        return None if node.name in known else _unknown_field(node.name, known)
    if isinstance(node, nodes.Getattr):
        return _attribute_fault(node)
    if isinstance(node, nodes.Filter):
        return _filter_fault(node)
    if isinstance(node, nodes.Compare):
        return _compare_fault(node)
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and not node.value.isprintable():
        return "holds an invisible character in a quoted text"
    return None


def _unknown_field(name: str, known: frozenset[str]) -> str:
    names = [field for field in FIELDS if field in known]
    if name in FIELDS:
        return f"uses {{{{ {name} }}}}, which this message does not have"
    near = [f"{{{{ {field} }}}}" for field in nearest(name, names)]
    maybe = f"; {did_you_mean(near)}" if near else ""
    return f"{{{{ {name} }}}} is no field{maybe}; there are {', '.join(names)}"


def _attribute_fault(node: nodes.Getattr) -> str | None:
    if isinstance(node.node, nodes.Name) and node.node.name in INSTANTS and node.attr in PARTS:
        return None
    return f".{node.attr} is not allowed: only .gio and .ngay, of {', '.join(INSTANTS)}"


def _filter_fault(node: nodes.Filter) -> str | None:
    if node.name not in FILTERS:
        return f"|{node.name} is no filter; there are {', '.join(FILTERS)}"
    if node.name == DEFAULT:
        return _default_fault(node)
    if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return f"|{node.name} takes no arguments"
    if node.name in PARTS and not (isinstance(node.node, nodes.Name) and node.node.name in INSTANTS):
        return f"|{node.name} is only for {', '.join(INSTANTS)}"
    return None


def _default_fault(node: nodes.Filter) -> str | None:
    instead = node.args[0] if len(node.args) == 1 else None
    is_text = isinstance(instead, nodes.Const) and isinstance(instead.value, str) and bool(instead.value.strip())
    if not is_text or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return '|default takes one text: {{ name|default("Anh/Chị") }}'
    if node.node is None or not _is_name(node.node):
        return "|default is only for name: nothing else is ever missing"
    return None


def _compare_fault(node: nodes.Compare) -> str | None:
    if all(operand.op in {"eq", "ne"} for operand in node.ops):
        return None
    # Ordering a text and a number would fail in the middle of a run.
    numbers = all(isinstance(operand.expr, nodes.Const) and isinstance(operand.expr.value, int) for operand in node.ops)
    ordered = all(operand.op in {"lt", "lteq", "gt", "gteq"} for operand in node.ops)
    if ordered and numbers and isinstance(node.expr, nodes.Name) and node.expr.name == "risk_level":
        return None
    return "compares with more than == and !=; only risk_level may be ordered, against a number"


def _plain(node: nodes.Node) -> str:
    return {"CallBlock": "call", "AssignBlock": "set", "Assign": "set", "CondExpr": "an inline if", "Call": "a call"}.get(
        type(node).__name__, type(node).__name__.lower()
    )
