"""The bytes of a file as a tree of elements with their lines, or the one reason why they are no CAP document.

One parser reads them once, so nothing is seen otherwise by a check than by what follows it. What no alert needs is refused before
it can cost anything: entities and whatever else a DOCTYPE brings, files above 1 MiB, more than 100 infos, elements in their
tens of thousands. 5 000 areas are taken where they fit into 1 MiB, which codes and names of communes do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from zalo_alert.cap.finding import Finding
from zalo_alert.cap.kinds_of_file import SAVE_AS_UTF_8, other_encoding, other_file, other_root
from zalo_alert.language import _, count

MAX_BYTES = 1 << 20
MAX_INFOS = 100
MAX_ELEMENTS = 50_000  # 5 000 areas with a name and a code have half of that
MAX_DEPTH = 20  # CAP goes five deep, a signature twice as far
MAX_ATTRIBUTES = 100
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
_MARK = b"\xef\xbb\xbf"

_SMALLER = _("ask the sender for several smaller alerts")
_SEND_AGAIN = _("download it again; when it stays so, tell the sender")
_REASONS = {
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: _("it ends before its first element"),
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: _("it ends in the middle of a tag"),
    expat.errors.codes[expat.errors.XML_ERROR_TAG_MISMATCH]: _("an element is closed that is not the one opened last"),
    expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]: _("here is a sign that XML does not allow, or a bare & or <"),
    expat.errors.codes[expat.errors.XML_ERROR_BAD_CHAR_REF]: _("a numbered sign does not exist in XML"),
    expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: _("an entity is not defined, like &nbsp;: XML knows five"),
    expat.errors.codes[expat.errors.XML_ERROR_UNBOUND_PREFIX]: _("a prefix has no namespace"),
    expat.errors.codes[expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE]: _("an attribute stands twice in one element"),
    expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]: _("something follows the end of the alert"),
    expat.errors.codes[expat.errors.XML_ERROR_MISPLACED_XML_PI]: _("<?xml … ?> does not stand at the very beginning"),
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION]: _("it ends in the middle of a CDATA section"),
}


@dataclass(slots=True)
class Node:
    """An element: `space` and `name` are its namespace and its name in it; `text` is joined from all its pieces."""

    space: str
    name: str
    line: int
    attributes: dict[str, str]
    children: list["Node"] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    is_interrupted: bool = False  # a comment or an instruction to programs stands in its text

    @property
    def text(self) -> str:
        """What stands directly in it."""
        return "".join(self.pieces)


class Refused(Exception):
    """The file is no CAP document, or one that no alert needs to be; `finding` says why."""

    def __init__(self, code: str, message: str, fix: str, line: int = 0, place: str = "/") -> None:
        super().__init__(message)
        self.finding = Finding(code, place, message, is_error=True, line=line, fix=fix)


def tree_of(data: bytes, name: str) -> tuple[Node, list[Finding]]:
    """Return the root of a document, which is an alert of CAP 1.2, and what is odd about the file as a whole.

    Args:
        data: Any bytes.
        name: Of the file or the address, for sentences.

    Raises:
        Refused: They are no such document.
    """
    if len(data) > MAX_BYTES:
        size, most = count(len(data)), count(MAX_BYTES)
        raise Refused("E001", _("{name} has {size} bytes; at most {most} are read", name=name, size=size, most=most), _SMALLER)
    for reason in (*other_encoding(data), *other_file(data)):
        raise Refused(reason.code, reason.message(name), reason.fix, reason.line)
    return _Builder(name).build(data), list(_oddities(data))


def _oddities(data: bytes) -> Iterator[Finding]:
    if data.startswith(_MARK):
        message = _("begins with a byte-order mark, which some programs take for a sign of its own")
        yield Finding("W004", "/", message, is_error=False, line=1, fix=_("save it as UTF-8 without a byte-order mark"))


class _Builder:
    def __init__(self, name: str) -> None:
        self._name = name
        self._parser = expat.ParserCreate("UTF-8", " ")  # names come as "namespace name"
        self._open: list[Node] = []
        self._root: Node | None = None
        self._elements = self._infos = 0

    def build(self, data: bytes) -> Node:
        parser = self._parser
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.CommentHandler = self._interrupted
        parser.ProcessingInstructionHandler = self._interrupted
        try:
            parser.Parse(data.removeprefix(_MARK), True)
        except expat.ExpatError as exc:
            raise self._not_xml(exc) from exc
        root, self._root = self._root, None  # the parser and this hold each other: what is left with them goes late
        assert root  # an empty document is an error of the parser's
        return root

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
            message = _("{name} says that it is written in {encoding}", name=self._name, encoding=encoding[:40])
            raise Refused("E004", message, SAVE_AS_UTF_8, self._parser.CurrentLineNumber)

    def _doctype(self, name: str, *rest: object) -> None:
        message = _("{name} has a DOCTYPE, by which a file can swell or fetch others; no alert needs one", name=self._name)
        raise Refused(
            "E007", message, _("take the line with DOCTYPE out, or don't trust the sender"), self._parser.CurrentLineNumber
        )

    def _start(self, full_name: str, attributes: dict[str, str]) -> None:
        space, _gap, name = full_name.rpartition(" ")
        node = Node(space, name, self._parser.CurrentLineNumber, attributes)
        self._elements += 1
        if self._open:
            self._check_size(node)
            self._open[-1].children.append(node)
        else:
            self._check_root(node)
            self._root = node
        if len(attributes) > MAX_ATTRIBUTES:
            raise self._too_much("E014", _("an element has more than {most} attributes", most=count(MAX_ATTRIBUTES)), node.line)
        self._open.append(node)

    def _check_root(self, node: Node) -> None:
        for reason in other_root(node.space, node.name):
            raise Refused(reason.code, reason.message(self._name), reason.fix, node.line)

    def _check_size(self, node: Node) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise self._too_much("E011", _("elements stand in each other {most} deep", most=count(MAX_DEPTH)), node.line)
        if self._elements > MAX_ELEMENTS:
            raise self._too_much("E012", _("there are more than {most} elements", most=count(MAX_ELEMENTS)), node.line)
        self._infos += len(self._open) == 1 and node.name == "info"
        if self._infos > MAX_INFOS:
            raise self._too_much("E013", _("there are more than {most} elements <info>", most=count(MAX_INFOS)), node.line)

    def _too_much(self, code: str, what: str, line: int) -> Refused:
        message = _("{name} is larger than any alert: {what}", name=self._name, what=what)
        return Refused(code, message, _SMALLER, line)

    def _end(self, full_name: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].pieces.append(text)

    def _interrupted(self, *what: str) -> None:
        if self._open and self._open[-1].pieces and not self._open[-1].children:
            self._open[-1].is_interrupted = True

    def _not_xml(self, error: expat.ExpatError) -> Refused:
        why = _REASONS.get(error.code) or _("it is not well-formed: {reason}", reason=expat.errors.messages[error.code])
        message = _("{name} cannot be read from line {line} on: {why}", name=self._name, line=count(error.lineno), why=why)
        return Refused("E006", message, _SEND_AGAIN, error.lineno)
