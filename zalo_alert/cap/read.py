"""Any bytes as an alert of CAP 1.2 and everything that is wrong with them, at once; never an exception.

The form first, as the schema has it, then the rules that the standard states in prose and ours (`checks`). Nothing is filled in
for what is unknown: a message type or a status that CAP doesn't have is an error: a cancellation is no alert.
"""

from collections import Counter
from typing import Any, NamedTuple

from zalo_alert.cap.checks import check
from zalo_alert.cap.document import NAMESPACE, Alert
from zalo_alert.cap.finding import Finding, Gathered
from zalo_alert.cap.shape import ALERT, Kind, Slot, Table
from zalo_alert.cap.tree import SIGNATURE, Node, Refused, tree_of
from zalo_alert.cap.values import UNREAD_INSTANT, value_of
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, joined

_ALLOWED_ATTRIBUTES = {
    "http://www.w3.org/2001/XMLSchema-instance schemaLocation",
    "http://www.w3.org/2001/XMLSchema-instance noNamespaceSchemaLocation",
}
_SCHEMA = _("CAP 1.2 has its elements in a fixed order and no others; ask the sender to follow the schema")


class Read(NamedTuple):
    """What came of some bytes.

    Args:
        alert: The alert; None when the form of the file is wrong, as then not all of it could be read.
        findings: Errors and warnings in the order of the file. An alert with errors is one that breaks a rule of the standard or
            of ours: it can be shown, but nothing may be made of it.
    """

    alert: Alert | None
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether there is an alert, and no error in it."""
        return self.alert is not None and not any(one.is_error for one in self.findings)


def read(data: bytes, name: str, *, is_lenient_time: bool = False) -> Read:
    """Read a file.

    Args:
        data: Any bytes.
        name: Of the file or the address, for sentences about it as a whole.
        is_lenient_time: Whether instants may end in Z (UTC) or have no offset (Vietnam's is taken): warnings then, not errors.
    """
    try:
        root, oddities = tree_of(data, name)
    except Refused as exc:
        return Read(None, (exc.finding,))
    reader = _Reader(is_lenient=is_lenient_time)
    alert: Alert = reader.value_of(root, ALERT, "/alert")
    is_whole = not reader.gathered.has_errors
    check(alert, reader.gathered)
    return Read(alert if is_whole else None, (*oddities, *reader.gathered.sorted(reader.lines)))


class _Reader:
    """Walks one tree, notes the line of every place, and gathers what is wrong with its form."""

    def __init__(self, *, is_lenient: bool) -> None:
        self.gathered = Gathered()
        self.lines: dict[str, int] = {}
        self._is_lenient = is_lenient

    def value_of(self, node: Node, table: Table, place: str) -> Any:
        """Return what a table makes of an element with elements in it."""
        self.lines[place] = node.line
        self._check_attributes(node, place)
        self._check_bare_text(node, place)
        fields: dict[str, Any] = {slot.field: [] for slot in table.slots if slot.is_many}
        numbers: Counter[str] = Counter()
        furthest, has_signature = 0, False
        for child in node.children:
            index, slot = table.by_name.get(child.name, (0, None)) if child.space == NAMESPACE else (0, None)
            if slot is None:
                has_signature = has_signature or child.space == SIGNATURE
                self._check_stranger(child, place, table)
                continue
            numbers[slot.name] += 1
            own = self._place(place, slot, numbers[slot.name])
            if index < furthest or has_signature:
                self._add_disorder(own, "Signature" if has_signature else table.slots[furthest].name, child.line)
            furthest = max(furthest, index)
            self._take(child, slot, own, fields, is_again=numbers[slot.name] > 1)
        self._fill(table, fields, place)
        return table.makes(**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})

    def _place(self, place: str, slot: Slot, number: int) -> str:
        is_numbered = slot.is_many or number > 1
        return f"{place}/{slot.name}[{number}]" if is_numbered else f"{place}/{slot.name}"

    def _take(self, node: Node, slot: Slot, place: str, fields: dict[str, Any], *, is_again: bool) -> None:
        value = self.value_of(node, slot.inner, place) if slot.inner else self._leaf(node, slot, place)
        if slot.is_many:
            fields[slot.field].append(value)
        elif is_again:
            message = _("stands here again, and may stand once")
            self.gathered.add("E104", place, message, _("leave one of them"), node.line)
        else:
            fields[slot.field] = value

    def _leaf(self, node: Node, slot: Slot, place: str) -> Any:
        self.lines[place] = node.line
        self._check_attributes(node, place)
        for child in node.children[:1]:
            self.gathered.add(
                "E106", place, _("has an element in it, <{name}>, and should be text", name=child.name[:60]), _SCHEMA
            )
        if node.is_interrupted:
            message = _("has a comment or a processing instruction within its text; other programs may read it otherwise")
            self.gathered.add("W110", place, message, _("take it out"))
        value, faults = value_of(node.text, slot, is_lenient=self._is_lenient)
        for fault in faults:
            self.gathered.add(fault.code, place, fault.message, fault.fix)
        return value

    def _fill(self, table: Table, fields: dict[str, Any], place: str) -> None:
        """Tell of what is missing or empty, and put something in its place so that the rest can be checked."""
        for slot in table.slots:
            if slot.field not in fields and slot.is_required:
                self._add_missing(f"{place}/{slot.name}")
                fields[slot.field] = UNREAD_INSTANT if slot.kind is Kind.INSTANT else ""
            elif slot.is_many and slot.is_required and not fields[slot.field]:
                self._add_missing(f"{place}/{slot.name}")
            elif slot.is_required and slot.kind is Kind.TEXT and not fields[slot.field]:
                self.gathered.add("E108", f"{place}/{slot.name}", _("is empty"), _("every alert needs it: ask the sender"))

    def _add_missing(self, place: str) -> None:
        if not self.gathered.skips("E101"):
            self.gathered.add("E101", place, _("is missing"), _("every alert needs it: ask the sender"))

    def _add_disorder(self, place: str, later: str, line: int) -> None:
        message = _("stands behind <{later}>, and belongs before it", later=later)
        self.gathered.add("E102", place, message, _SCHEMA, line)

    def _check_stranger(self, node: Node, place: str, table: Table) -> None:
        own = f"{place}/{node.name[:60]}"
        if node.space == SIGNATURE and table is ALERT:
            message = _("is a signature, which is not checked here")
            self.gathered.add("W109", own, message, _("check with the sender by another way that the alert is theirs"), node.line)
        elif node.space != NAMESPACE:
            message = _("is of another namespace, {space}", space=f'"{node.space[:80]}"')
            self.gathered.add("E107", own, message, _SCHEMA, node.line)
        elif not self.gathered.skips("E103"):  # what may have been meant takes long to find
            message = joined((_("is no element of CAP here"), suggestion(node.name, [slot.name for slot in table.slots])), "")
            self.gathered.add("E103", own, message, _SCHEMA, node.line)

    def _check_attributes(self, node: Node, place: str) -> None:
        strange = sorted(node.attributes.keys() - _ALLOWED_ATTRIBUTES) if node.attributes else []
        if strange:
            message = _("has an attribute, {name}; CAP has none", name=strange[0].rpartition(" ")[2][:60])
            self.gathered.add("E105", place, message, _("take it out"), node.line)

    def _check_bare_text(self, node: Node, place: str) -> None:
        if node.pieces and node.text.strip(" \t\r\n"):
            self.gathered.add(
                "E111", place, _("has text between its elements"), _("take it out, or put it into an element"), node.line
            )
