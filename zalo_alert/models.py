"""The frozen values that travel through the toolkit: campaigns, recipients, messages, outcomes.

Owns the vocabulary: CAP 1.2's words for alerts, mail's words for delivery. Knows no file, no clock, no wire.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import ClassVar, NamedTuple, NewType, Protocol, TypeAlias

FollowerId = NewType("FollowerId", str)  # Zalo's user_id: digits that exceed 2^53, so never a number; one per person and OA
AccountId = NewType("AccountId", str)  # our own name of an OA in zalo-alert.yaml
RunId = NewType("RunId", str)  # campaign code, and the occurrence when one is given
Digest = NewType("Digest", str)  # SHA-256, lower-case hex


class Status(StrEnum):
    """CAP status: is it real?"""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    TEST = "Test"


class MsgType(StrEnum):
    """CAP msgType: a first message, a newer one, or a withdrawal."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


class Urgency(StrEnum):
    """CAP urgency: when to act."""

    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    PAST = "Past"


class Rank(IntEnum):
    """Who goes first where one rate serves all: the lower, the more urgent. Files and screens have numbers of their own."""

    HELP = 0  # answers to whoever calls for help, and officers' answers in such cases
    CORRECTION = 1  # of a wrong alert
    IMMEDIATE = 2  # runs, by their urgency
    EXPECTED = 3
    LATER = 4
    STEP = 5  # of a form that somebody fills in, receipt numbers, whether an alert is real
    OFFICER = 6  # officers' answers in reports and petitions
    RULE = 7  # automatic answers
    LOOKUP = 8

    @property
    def is_run(self) -> bool:
        """Whether it is that of a run, a correction included; the others are of answers to single people."""
        return Rank.CORRECTION <= self <= Rank.LATER

    @classmethod
    def of(cls, urgency: Urgency) -> "Rank":
        """Return the rank of a run."""
        return {Urgency.IMMEDIATE: cls.IMMEDIATE, Urgency.EXPECTED: cls.EXPECTED}.get(urgency, cls.LATER)


class Severity(StrEnum):
    """CAP severity: how bad."""

    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"


class Certainty(StrEnum):
    """CAP certainty: how sure."""

    OBSERVED = "Observed"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"


class Uncertain(StrEnum):
    """What to do with people known only by a new province of which a part is targeted."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


class OnUnknown(StrEnum):
    """What to do with a person whose request got no clear answer: hold a possible second copy back, or send it."""

    HOLD = "hold"
    RESEND = "resend"


class RouteType(StrEnum):
    """The ways to one person."""

    TEMPLATE = "template"
    PHONE = "phone"
    CS = "cs"
    TRANSACTION = "transaction"
    PROMOTION = "promotion"


@dataclass(frozen=True, slots=True)
class Area:
    """A set of places: former provinces, the atom of every rule, and single wards.

    Args:
        label: The selector as the campaign wrote it, such as `new:44`.
        mask: Bit i stands for the i-th of `places.FORMER_PROVINCES`.
        everyone: True for `all` only: also people whose place nobody knows.
        wards: Codes of wards beside those provinces.
        without: Codes of wards taken out of them.
    """

    label: str
    mask: int
    everyone: bool = False
    wards: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Audience:
    """A rule that selects people.

    Args:
        areas: As the campaign names them; never empty, except when `supplied`.
        target: All of them together, without those excluded.
        uncertain: See `Uncertain`; already defaulted from urgency and severity.
        exclude_tags: Nobody who carries one of these is in.
        exclude_lists: Nobody who stands on one of these lists of the workspace is in.
        only_list: Nobody else than those on this list of the workspace is in; "" is no such list.
        accounts: OAs to send from; empty means the only one configured.
        supplied: The ids come from `--recipients`, not from the follower book.
    """

    areas: tuple[Area, ...]
    target: Area
    uncertain: Uncertain
    exclude_tags: frozenset[str] = frozenset()
    exclude_lists: tuple[str, ...] = ()
    only_list: str = ""
    accounts: tuple[AccountId, ...] = ()
    supplied: bool = False

    @property
    def mask(self) -> int:
        """Every former province that is meant as a whole."""
        return self.target.mask

    @property
    def everyone(self) -> bool:
        """Whether people of unknown place are meant too."""
        return self.target.everyone

    @property
    def wards(self) -> frozenset[str]:
        """The wards that matter one by one."""
        return self.target.wards | self.target.without


class Press(StrEnum):
    """What a button does."""

    URL = "url"
    PHONE = "phone"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Button:
    """One button below a consultation message: an address to open, a number to call, or a text sent back to the OA."""

    title: str
    press: Press
    value: str


@dataclass(frozen=True, slots=True)
class Route:
    """One way to try.

    Args:
        type: See `RouteType`.
        template_id: Of the approved template, where the route needs one.
        data: Its parameters; values are templates themselves.
        is_hashed: The phone number goes out as its digest only.
        is_development: Reaches the app's and the OA's administrators only.
        image: A picture over a consultation message: an https address, or a file beside the campaign.
        file: A document instead of the text: a file beside the campaign.
        buttons: Below a consultation message.
    """

    type: RouteType
    template_id: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    is_hashed: bool = False
    is_development: bool = False
    image: str = ""
    file: str = ""
    buttons: tuple[Button, ...] = ()

    @property
    def attachment(self) -> str:
        """Name the file that must be uploaded before the first message; "" when there is none."""
        return self.file or ("" if self.image.startswith("https://") else self.image)


class ArticleText(NamedTuple):
    """What is read of an article that a file says; pictures are beside it."""

    title: str
    description: str
    author: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One article for everyone in some provinces: a call for each OA, beside the routes to single people.

    Args:
        cover: The picture over it: an https address, or a file beside the campaign.
        author: Who signs it.
        description: What stands below its title, a template; "" is the beginning of the text.
        position: Where it stands among the routes in the file, from 0.
        article: The article's own file beside the campaign, instead of the campaign's text; "" when there is none.
        content: What that file says, once it is read.
    """

    cover: str
    author: str
    description: str = ""
    position: int = 0
    article: str = ""
    content: ArticleText | None = field(default=None, compare=False)

    @property
    def attachment(self) -> str:
        """Name the file that must be there before the article is made; "" when there is none."""
        return self.article or ("" if self.cover.startswith("https://") else self.cover)

    @property
    def signed_by(self) -> str:
        """Who signs the article."""
        return self.content.author if self.content else self.author


@dataclass(frozen=True, slots=True)
class Translation:
    """What people read below a Vietnamese text, in a language of theirs.

    Args:
        language: Its code, such as `km`; see `campaign.languages`.
        text: A template with the same fields as the Vietnamese one.
        checked_by: Who read it and answers for it.
    """

    language: str
    text: str
    checked_by: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What is ready to be sent after an alert, to those whom it reached: that it was wrong, or that the danger is over.

    Args:
        headline: A template, as a campaign's.
        text: The same; one for everybody, whichever variant they read before.
        routes: The ways to one person. Whoever an alert reached is reached by one of these again, except that a run frozen by
            an earlier version may have none.
        broadcast: The article, where the alert had one.
        languages: What stands below the text, in the order of reading.
    """

    headline: str
    text: str
    routes: tuple[Route, ...]
    broadcast: Broadcast | None = None
    languages: tuple[Translation, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """Another text, or another danger, for some areas.

    Args:
        areas: Whose people it is for.
        text: What they read; the campaign's own text when the file gives no other.
        risk_level: As the campaign's; None means the campaign's.
        onset: The same.
        languages: What stands below the text; the campaign's own where the variant has no text of its own.
    """

    areas: tuple[Area, ...]
    text: str
    risk_level: int | None = None
    onset: datetime | None = None
    languages: tuple[Translation, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast, how often, and what to do with a doubtful second copy.

    Args:
        rate_per_s: Ceiling of this campaign; None leaves only the app's own limit.
        attempts: Calls per person and route before a refusal counts as final.
        on_unknown: See `OnUnknown`.
    """

    rate_per_s: float | None
    attempts: int
    on_unknown: OnUnknown


class Missed(StrEnum):
    """What becomes of a planned time that nobody woke for: begin late, or leave it out."""

    CATCH_UP = "catch-up"
    SKIP = "skip"


class Overlap(StrEnum):
    """What becomes of a planned time at which the one before is still being sent: leave it out, or a run of its own."""

    SKIP = "skip"
    OWN_RUN = "own-run"


@dataclass(frozen=True, slots=True)
class Timing:
    """What a timetable does with a campaign's planned times.

    Args:
        missed: See `Missed`.
        within: How late one may begin.
        overlap: See `Overlap`.
        lasts: How long each is in force; None where all of them are as long as the campaign.
    """

    missed: Missed = Missed.CATCH_UP
    within: timedelta = timedelta(hours=1)
    overlap: Overlap = Overlap.SKIP
    lasts: timedelta | None = None


FieldValue: TypeAlias = str | int | float | datetime


@dataclass(frozen=True, slots=True)
class Campaign:
    """One alert with its audience and limits, checked; texts are NFC; instants carry a zone."""

    code: str
    status: Status
    msg_type: MsgType
    event: str
    risk_level: int | None
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    effective: datetime
    onset: datetime | None
    expires: datetime
    references: tuple[str, ...]
    audience: Audience
    order: tuple[Area, ...]
    routes: tuple[Route, ...]
    headline: str
    text: str
    variants: tuple[Variant, ...]
    limits: Limits
    canary: bool = True  # staff and a thousand people first; an Immediate campaign may do without
    broadcast: Broadcast | None = None  # with one, there may be no route to single people at all
    correction: FollowUp | None = None  # what is sent when it was wrong
    all_clear: FollowUp | None = None  # what is sent when the danger is over
    is_marked: bool = True  # the tool marks its texts as a drill's; not in a run frozen before it did
    languages: tuple[Translation, ...] = ()  # what stands below the text, in the order of reading
    fields: Mapping[str, FieldValue] = field(default_factory=dict)  # the campaign's own, which texts may show
    template: str = ""  # which of a library its text began from, such as bao/warning/4
    response_types: tuple[str, ...] = ()  # CAP's words for what people should do
    timing: Timing = Timing()  # what a timetable does with planned times that were missed, or that overlap

    @property
    def attachments(self) -> frozenset[str]:
        """Name the files beside the campaign that go with it, or with what may follow."""
        parts: list[Campaign | FollowUp] = [self, *filter(None, (self.correction, self.all_clear))]
        names = [route.attachment for part in parts for route in part.routes]
        names += [part.broadcast.attachment for part in parts if part.broadcast]
        return frozenset(filter(None, names))

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that somebody reads whole: the variants' and those in other languages too; not what may follow."""
        parts: list[Campaign | Variant] = [self, *self.variants]
        return tuple(text for part in parts for text in (part.text, *(each.text for each in part.languages)))

    def written_at(self, route: int) -> int:
        """Return where a route stands in the file, from 0: there the broadcast stands among them."""
        return route + 1 if self.broadcast and self.broadcast.position <= route else route

    def risk_of(self, variant: int | None) -> int | None:
        """Return the risk level where a variant holds; None for the variant is where none does."""
        own = None if variant is None else self.variants[variant].risk_level
        return self.risk_level if own is None else own

    def onset_of(self, variant: int | None) -> datetime | None:
        """Return when the danger begins where a variant holds; None for the variant is where none does."""
        own = None if variant is None else self.variants[variant].onset
        return self.onset if own is None else own


class State(StrEnum):
    """What may be true of a recipient; the ledger keeps exactly one for each, and they add up to the audience."""

    PENDING = "pending"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"
    WITHHELD = (
        "withheld"  # asked not to be written to, or has had enough messages; or not accepted yet when the run was cancelled
    )
    EXPIRED = "expired"


SAME_AS = "="  # begins what stands in place of a phone number that is another person's too: that person's id follows


class Recipient(NamedTuple):
    """A person in a run. A tuple, because ten million of these are made on the hot path.

    `number` counts from 0 in the order of sending; `place` indexes the run's list of places; `phone` and `name` may be "".
    A number belongs to the first who has it; with everyone else `SAME_AS` and that person's id stand in its place.
    """

    number: int
    user_id: FollowerId
    place: int
    account: int
    phone: str
    name: str


STAFF = "staff"  # in place of a place's key: those who try every message before anyone else, wherever they live


class Reach(NamedTuple):
    """How many people share a place key, have a phone number, and wrote to the OA in the last seven days."""

    place: str
    people: int
    phones: int
    recent: int


class Reason(StrEnum):
    """Why an attempt was not accepted."""

    NONE = ""
    THROTTLED = "throttled"  # the app or OA has used up its minute
    QUOTA = "quota"  # the route's daily or paid quota is used up
    NIGHT = "night"  # refused in the night window
    TOKEN = "token"  # access token refused
    BUSY = "busy"  # Zalo says: try later
    NOT_SENT = "not-sent"  # no connection: certain that nothing left
    PROXY = "proxy"  # something between here and Zalo refuses to pass the call on
    STOPPED = "stopped"  # Zalo refuses this OA, app or account: a person must act
    BAD_MESSAGE = "bad-message"  # everyone would be refused alike
    NOT_THIS_ROUTE = "not-this-route"  # this person cannot be reached this way
    DEAD = "dead"  # gone, blocked or never followed: not reachable until a sign of life
    NO_ADDRESS = "no-address"  # the route needs a phone and there is none
    NO_VALUE = "no-value"  # the template demands something that nobody knows of this person, such as a name
    SAME_PHONE = "same-phone"  # the number is that of somebody who is written to before them in this run
    NO_ANSWER = "no-answer"  # the connection died, or time ran out, after the request may have left
    SERVER_ERROR = "server-error"  # 500, 502, 504 and the like: may or may not have been executed
    UNREADABLE = "unreadable"  # a body that is no verdict: HTML, half a JSON, nothing
    CRASH = "crash"  # claimed by a process that died before it could settle
    RESTORED = "restored"  # left over in a backup: another machine may have gone on after it was made
    UNLISTED = "unlisted"  # a refusal with a code that no table knows
    NEVER = "never-list"  # stands on the list of those never written to
    FORGOTTEN = "forgotten"  # taken out of the book on request
    LEFT = "left"  # does not follow the OA any more
    OPTED_OUT = "opted-out"  # of this topic
    CANCELLED = "cancelled"  # the run was ended for good before their turn
    DAY_CAP = "day-cap"  # had as many messages in a day as anybody may, when the run was frozen
    WEEK_CAP = "week-cap"  # the same in seven days
    OUT_OF_STEP = "out-of-step"  # the connection answered for somebody else: what it said may be another person's
    RECEIPT = "receipt"  # accepted after all: no clear answer came, and later a phone's receipt
    ECHO = "echo"  # the same, by Zalo's own event of what the OA sent


class Scope(StrEnum):
    """Whose rate a refusal speaks of."""

    APP = "app"
    OA = "oa"


class Evidence(Protocol):
    """Whether what a connection said can be believed: known a moment after it was said."""

    def tell(self, listener: Callable[[bool], None]) -> None:
        """Tell, once: True when a later answer or a silence proved it, False when the connection was found out of step."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Zalo took the message; whether a phone received it, only a webhook can say."""

    message_id: str
    awaits: ClassVar[Evidence | None] = None  # it named its person


@dataclass(frozen=True, slots=True)
class Promised(Accepted):
    """An acceptance that names nobody.

    `awaits`, here and below: what will tell whether the answer was this person's. None: it is certain already.
    """

    awaits: Evidence | None = field(compare=False, repr=False)  # type: ignore[misc]  # a class's own of the certain ones


@dataclass(frozen=True, slots=True)
class Deferred:
    """Refused without being executed, for a reason that may pass: the one outcome that earns another attempt.

    `scope` counts for `THROTTLED` only.
    """

    reason: Reason
    code: int = 0
    retry_after_s: float | None = None
    scope: Scope = Scope.APP
    awaits: Evidence | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Refused for good on this route (`NOT_THIS_ROUTE`, `NO_ADDRESS`) or on every one."""

    reason: Reason
    code: int = 0
    awaits: Evidence | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Asked, and no clear answer came back: it may have been executed."""

    reason: Reason
    code: int = 0
    awaits: ClassVar[None] = None  # nothing is believed of it


Outcome: TypeAlias = Accepted | Deferred | Rejected | Unknown  # accepted is not received; nothing is merely "sent"
