"""Who must not be written to any more, whenever they said so: on the list of those never written to, forgotten, left, opted out.

What people say through the webhook (`inbound.stops`) is heard while a run goes on, beside what their books say.

A refusal fails closed: a list that is there and can't be read stops planning and sending, and a list that can't be read any more
while a run goes on stays in force as it was last read. Owns the workspace's lists as files; what stands in a book is the book's.
"""

import os
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert import readers
from zalo_alert.errors import CampaignRefused, Cure, InputInvalid
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.files import NotPlain, plain_bytes
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, count, joined
from zalo_alert.models import Campaign, Reason, Urgency
from zalo_alert.planning import segment
from zalo_alert.planning.said_to_us import SaidToUs
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.run import Run

if TYPE_CHECKING:
    from zalo_alert.book import Book  # what reads books takes 100 ms to load, which most resumed runs need not wait for

LISTS = "lists"  # a folder of the workspace
NEVER = "never"  # the list of those whom no campaign writes to
LOOK_EVERY_S = 1.0  # how often a run looks whether the list has changed: a question to the file system, outside the hot path
_START_BYTES = 8192  # enough to see that nothing stands on a list
_ENDINGS = (".txt", ".csv")
_UNREAD_ENDINGS = ("", ".txt.txt", ".csv.txt", ".xls", ".xlsx")  # what Windows and Excel make of them


def find(workspace: Path, name: str) -> Path | None:
    """Return where a list of the workspace lies; None when there is none.

    Raises:
        InputInvalid: Something of that name is there, and is no list that can be read.
    """
    if why := problem(workspace, name):
        raise InputInvalid(
            why,
            hint=_("{path} is a plain text file, one id a line: put it right, or remove it", path=f"{LISTS}/{name}.txt"),
        )
    return next((path for path in _paths(workspace, name) if path.exists()), None)


def problem(workspace: Path, name: str = NEVER) -> str:
    """Say why a list of the workspace can't be used; "" when it can, or when there is none."""
    folder = workspace / LISTS
    if not os.path.lexists(folder):
        return ""
    try:
        names = [entry.name for entry in folder.iterdir()]
    except OSError as exc:
        return _("the folder {folder} can't be read: {why}", folder=folder, why=reason(exc))
    there = [path for path in _paths(workspace, name) if path.name in names]
    if len(there) > 1:
        return _("there are two lists, {paths}: only one can be the list", paths=joined(there, _(" and ")))
    misnamed = [other for other in names if other not in {path.name for path in there} and _is_meant(other, name)]
    if misnamed:
        return _("{path} is not read under that name: call it {name}.txt", path=folder / misnamed[0], name=name)
    return _unreadable(there[0]) if there else ""


def _paths(workspace: Path, name: str) -> list[Path]:
    return [workspace / LISTS / f"{name}{ending}" for ending in _ENDINGS]


def _is_meant(other: str, name: str) -> bool:
    """Whether a file's name is a list's in other letters, or with the ending that a program has given it."""
    plain = unicodedata.normalize("NFC", other).casefold().strip()
    return plain in {name.casefold() + ending for ending in (*_ENDINGS, *_UNREAD_ENDINGS)}


def _unreadable(path: Path) -> str:
    try:
        plain_bytes(path, 1)
    except NotPlain as exc:
        return _("{path} is {why}, not a list", path=path, why=str(exc))
    except FileNotFoundError:
        return _("{path} is a link to a file that is not there", path=path)
    except OSError as exc:
        return _("{path} can't be read: {why}", path=path, why=reason(exc))
    return ""


def is_blank(path: Path) -> bool:
    """Whether nothing stands on a list: nobody is meant, and no reader need look."""
    start = plain_bytes(path, _START_BYTES)
    return not start.decode(errors="replace").replace("\ufeff", "").strip() and len(start) < _START_BYTES


def identity_of(user_id: str) -> str:
    """Return an id without the zeros before it, which a spreadsheet adds and takes away: the same person."""
    return user_id.lstrip("0")


def ids_of(path: Path) -> frozenset[str]:
    """Read a list of ids, as `identity_of` writes them.

    Raises:
        InputInvalid: A line of it holds no usable id.
    """
    if is_blank(path):
        return frozenset()
    ids: set[str] = set()
    for batch in readers.batches(path, str(path)):
        if batch.rejects:
            first = batch.rejects[0]
            raise InputInvalid(
                _("{path}: line {line} {why}", path=path, line=first.line, why=first.reason),
                hint=_("correct the line: a list counts whole or not at all"),
            )
        ids.update(map(identity_of, batch.people["user_id"].to_pylist()))
    return frozenset(ids)


def check_despite(campaign: Campaign) -> None:
    """Let nothing but a matter of minutes go on without the list of those never written to.

    Raises:
        CampaignRefused: It is no Immediate campaign.
    """
    if campaign.urgency is not Urgency.IMMEDIATE:
        raise CampaignRefused(
            _(
                "{option} is for Immediate campaigns: everything else can wait until the list can be read",
                option=Cure.OPTION(despite_never=True),
            ),
            hint=_("put lists/never.txt right"),
        )


class NeverList:
    """The list of those never written to, read again whenever its file has changed.

    Args:
        workspace: Whose list.

    Raises:
        InputInvalid: It is there, and can't be read.
    """

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._identity = self._look()
        path = find(workspace, NEVER)
        self.ids = ids_of(path) if path else frozenset[str]()

    def refresh(self) -> str:
        """Read the list again if its file has changed; return why it can't be: what was read before stays in force then."""
        identity = self._look()
        if identity == self._identity:
            return ""
        self._identity = identity
        try:
            path = find(self._workspace, NEVER)
            if path is None and self.ids:
                raise InputInvalid(_("{path} is gone", path=self._workspace / LISTS / f"{NEVER}.txt"))
            self.ids = ids_of(path) if path else frozenset()
        except (InputInvalid, OSError) as exc:
            return _("{why}: the list as it was read last, of {ids} ids, stays in force", why=str(exc), ids=count(len(self.ids)))
        return ""

    def _look(self) -> tuple[object, ...]:
        return tuple(_identity(path) for path in _paths(self._workspace, NEVER))


def _identity(path: Path) -> tuple[int, ...] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class RunRefusals:
    """Who in a run must not be written to, although they stand in its frozen audience.

    Args:
        run: Whose audience; those forgotten since are written down with it.
        never: The list; None where an officer goes on in spite of one that can't be read.
        gone: Who has left or opted out since it was frozen; see `since_frozen`.
        clock: Time.
        said: What people have said to the OAs; None where nobody listens.
    """

    def __init__(
        self, run: Run, never: NeverList | None, gone: Mapping[str, Reason], clock: Clock, said: SaidToUs | None = None
    ) -> None:
        self._run, self._never, self._clock, self._said = run, never, clock, said
        self.on_note: Callable[[str], None] = lambda sentence: None  # called when a list that was changed can't be read
        self._reasons = {identity_of(user_id): reason for user_id, reason in gone.items()}
        self._forgotten = 0
        self._looked_s = clock.monotonic_s()
        self._take_forgotten()
        if self._said:
            self._said.begin()

    def look(self) -> bool:
        """Take in what has changed, now and then; return whether anybody refuses at all."""
        now_s = self._clock.monotonic_s()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            if self._never and (sentence := self._never.refresh()):
                self.on_note(sentence)
            if self._said and (sentence := self._said.refresh()):
                self.on_note(sentence)
            self._take_forgotten()
        return bool(self._reasons or (self._never and self._never.ids) or (self._said and self._said.is_anybody))

    def reason_of(self, user_id: str) -> Reason | None:
        """Return why somebody must not be written to; None when they may be."""
        identity = identity_of(user_id)
        if self._never and identity in self._never.ids:
            return Reason.NEVER
        return self._reasons.get(identity) or (self._said.reason_of(identity) if self._said else None)

    def _take_forgotten(self) -> None:
        numbers = self._run.forgotten()
        if len(numbers) != self._forgotten:
            self._forgotten = len(numbers)
            audience = self._run.audience()
            self._reasons |= {identity_of(person.user_id): Reason.FORGOTTEN for person in audience.people(numbers)}
            audience.close()


def topic_of(run: Run, campaign: Campaign) -> str:
    """Name what a run is about, as people may opt out of it; "" is nothing of the kind.

    A correction and an all-clear end what a message began: whoever has that one gets this one, also if they refuse more of it.
    """
    return segment.topic(campaign) if run.facts.kind is Kind.ALERT else ""


def since_frozen(run: Run, campaign: Campaign, in_force: Sequence[str], opened: Callable[[str], "Book"]) -> dict[str, Reason]:
    """Name those of a run's audience who have left the OA, or opted out of the topic, as their books now have it.

    A book that is as it was when the run was frozen says nothing new, and is not opened.

    Args:
        run: Whose audience.
        campaign: As frozen: of a threat to life nobody can opt out.
        in_force: The generation of each account's book now, "" where it has none; in the order of the run's accounts.
        opened: Opens an account's book.
    """
    then = [] if campaign.audience.supplied else run.facts.generation.split(" ")
    reasons: dict[str, Reason] = {}
    for number, (account, now) in enumerate(zip(run.facts.accounts, in_force, strict=True)):
        if now and now not in then[number : number + 1]:
            gone = opened(account).refusing(topic_of(run, campaign), run.folder / "shards", number)
            reasons |= {user_id: Reason.LEFT if has_left else Reason.OPTED_OUT for user_id, has_left in gone}
    return reasons
