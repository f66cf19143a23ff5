"""Every error that a person can cause or cure, and the exit code each one ends with.

    ZaloAlertError
    ├── UsageError            2   the command line asks for something impossible
    ├── CampaignInvalid      10   the campaign file has faults; carries all of them
    │   ├── ArticleInvalid   10   an article's file, or a picture of it, has faults; carries all of them
    │   └── RulesInvalid     10   files of inbound/ have faults, so nothing is answered by them; carries all of them
    ├── CampaignRefused      10   a sound campaign that must not be sent (no approval, expired, nobody in its area)
    │   ├── ApprovalMissing  10   another officer must agree first, or what they agreed to is not this
    │   └── WordingRefused   10   its words mislead, by a rule that nobody has given a reason to pass over; carries every finding
    ├── CaseRefused          10   another officer holds the case, it is closed, or no answer reaches its person any more
    ├── InputInvalid         10   a follower file, a recipient list or a places name that cannot be used
    │   └── TableRefused     10   a list for a table has faulty rows; carries the first of them
    ├── LogInvalid           10   the audit log is not what was written
    ├── ArchiveInvalid       10   an archived run is not what was archived
    ├── ArchiveRefused       10   a run that must not be archived yet: something may still be owed to its people
    ├── SignatureRefused     10   what came as a signature is none, or not of this text, purpose or officer
    ├── SettingsInvalid      11   zalo-alert.yaml or the environment is wrong
    │   └── RosterInvalid    11   the roster of officers is not what they signed
    ├── CredentialsRefused   11   Zalo refused the token or the app
    ├── RunBusy              12   another process holds the run
    ├── RunSuspended         13   quota, rate, server or disk: nothing is lost, `resume` continues
    │   └── StorageUnusable  13   a ledger, a book or another file of ours cannot be used (disk full, read-only, damaged)
    ├── RunHeld              14   a person has stopped or cancelled the run: `send` does not go on with it
    │   └── RunArchived      14   the run is archived: it can be reported, and nothing of it is sent any more
    ├── OutputFailed         13   stdout or stderr can't be written: the disk is full, the terminal is gone
    ├── RunUnfinished         3   finished, and some of it calls for a person
    ├── PartlyDone            3   some of several things asked for failed; each has been named
    ├── AttentionNeeded       3   the watchdog has found what calls for a person; each thing has been named
    ├── NobodyTold           13   those who were to be told of something could not be
    ├── Interrupted         130   Ctrl-C or SIGTERM; drained; `resume` continues
    └── OutputClosed        141   the reader of stdout went away

A bug is none of these: it keeps its traceback and ends with 1.

What to do about an error is a sentence with steps in it, and a step is a value: `Cure.RESUME(run)`, not a command of some shell.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclasses_field
from enum import IntEnum, StrEnum
from typing import Any

from zalo_alert.language import Marked, Phrase, _, _n, count, joined


class ExitCode(IntEnum):
    """What the process says to the script that started it; unknown codes are failures."""

    EVERYONE_ACCEPTED = 0
    BUG = 1
    USAGE = 2
    NOT_EVERYONE = 3
    CAMPAIGN_INVALID = 10
    SETTINGS = 11
    RUN_BUSY = 12
    SUSPENDED = 13
    HELD = 14
    INTERRUPTED = 130
    OUTPUT_CLOSED = 141


class ErrorCause(StrEnum):
    """Why a command did not end well, in a word that never changes: what a script decides by. docs/json.md says what to do."""

    USAGE = "usage-error"
    CAMPAIGN_INVALID = "campaign-invalid"
    CAMPAIGN_REFUSED = "campaign-refused"
    APPROVAL_MISSING = "approval-missing"
    WORDING_REFUSED = "wording-refused"
    ARTICLE_INVALID = "article-invalid"
    RULES_INVALID = "rules-invalid"
    CASE_REFUSED = "case-refused"
    INPUT_INVALID = "input-invalid"
    LOG_INVALID = "log-invalid"
    ARCHIVE_INVALID = "archive-invalid"
    ARCHIVE_REFUSED = "archive-refused"
    SIGNATURE_REFUSED = "signature-refused"
    SETTINGS_INVALID = "settings-invalid"
    ROSTER_INVALID = "roster-invalid"
    CREDENTIALS_REFUSED = "credentials-refused"
    RUN_BUSY = "run-busy"
    RUN_HELD = "run-held"
    RUN_ARCHIVED = "run-archived"
    WORKSPACE_RESTS = "workspace-rests"
    RUN_UNFINISHED = "run-unfinished"
    PARTLY_DONE = "partly-done"
    ATTENTION_NEEDED = "attention-needed"
    NOBODY_TOLD = "nobody-told"
    INTERRUPTED = "interrupted"
    OUTPUT_FAILED = "output-failed"
    OUTPUT_CLOSED = "output-closed"
    BUG = "bug"
    # Why something is suspended:
    NETWORK = "network"  # no connection: nothing has left
    PROXY = "proxy"  # something between here and Zalo refuses calls
    SERVER = "server"  # it answers nothing, or nothing of use
    QUOTA = "quota"
    NIGHT = "night"
    WAITING = "waiting"  # everyone left is due later, for another reason
    TOKEN = "token"
    MONEY = "money"
    ACCOUNT = "account"  # the OA or the app may not do this
    MESSAGE = "message"  # everyone would be refused alike
    CANARY = "canary"  # the first people's answers speak against going on
    STORAGE = "storage"
    OTHER = "other"


class Cure(StrEnum):
    """What a person can do about a trouble, by the name of the operation; called with what it is done to, it is a `Step`."""

    RESUME = "resume"
    CANCEL = "cancel"
    STOP = "stop"
    STATUS = "status"
    RUNS = "runs"
    ARCHIVE = "archive run"
    ARCHIVES = "archive list"
    ARCHIVE_VERIFY = "archive verify"
    REPORT = "report"
    EXPORT = "export"
    SEND = "send"
    SUBMIT = "submit"
    VALIDATE = "validate"
    APPROVE = "approve"
    REJECT = "reject"
    CORRECT = "correct"
    BREAK_GLASS = "break-glass"
    STANDING = "standing list"
    STANDING_PROPOSE = "standing propose"
    STANDING_APPROVE = "standing approve"
    STANDING_REVOKE = "standing revoke"
    ALL_CLEAR = "all-clear"
    INIT = "init"
    NEW = "new"
    TEMPLATES = "templates list"
    PREVIEW = "preview"
    PLAN = "plan"
    DOCTOR = "doctor"
    RETENTION = "retention"
    SANDBOX = "sandbox"
    LOGIN = "accounts login"
    REFRESH = "accounts refresh"
    CHECK = "accounts check"
    ACCOUNTS = "accounts list"
    INVITE = "accounts invite"
    CONSENTS = "accounts consents"
    MISSING = "accounts missing"
    IMPORT = "followers import"
    SYNC = "followers sync"
    STATS = "followers stats"
    FRESHNESS = "followers freshness"
    RESOLVE = "followers resolve"
    GENERATIONS = "followers generations"
    BOOK_EXPORT = "followers export"
    ROLLBACK = "followers rollback"
    PLACES = "places search"
    OFFICERS = "officers list"
    OFFICERS_ADD = "officers add"
    REVOKE_OFFICER = "officers revoke"
    MAKE_KEY = "officers key"
    SIGN_CHANGE = "officers sign"
    AUDIT = "audit show"
    VERIFY = "audit verify"
    NOTE = "audit note"
    REVIEW = "audit review"
    HANDOVER = "handover"
    NOTIFY_TEST = "notify test"
    RECEIPTS_STATUS = "receipts status"
    RECEIPTS_FOLD = "receipts fold"
    WEBHOOK_STATUS = "webhook status"
    WEBHOOK_RECHECK = "webhook recheck"
    WEBHOOK = "webhook"
    INBOX = "inbox list"
    INBOX_SHOW = "inbox show"
    INBOX_TAKE = "inbox take"
    INBOX_ANSWER = "inbox answer"
    TABLES = "tables list"
    TABLES_BUILD = "tables build"
    TABLES_CHECK = "tables check"
    TABLES_USE = "tables use"
    TABLES_ROLLBACK = "tables rollback"
    ANSWERS_VALIDATE = "answers validate"
    ARTICLES = "articles list"
    ARTICLES_VALIDATE = "articles validate"
    ARTICLES_PUBLISH = "articles publish"
    ARTICLES_UPDATE = "articles update"
    ARTICLES_SUBMIT = "articles submit"
    ARTICLES_APPROVE = "articles approve"
    ARTICLES_CALENDAR = "articles calendar"
    ARTICLES_READS = "articles reads"
    BACKUP_VERIFY = "backup verify"
    BACKUP_LIST = "backup list"
    BACKUP_KEY = "backup key"
    BACKUP = "backup"
    RESTORE = "restore"
    WAKE = "wake"
    SCHEDULE = "schedule list"
    SCHEDULE_INSTALL = "schedule install"
    SCHEDULE_REMOVE = "schedule remove"
    OPTION = ""  # an option alone, of whatever is being done

    def __call__(self, subject: str = "", **options: bool | str) -> "Step":
        """Return the step of doing this to something; an option that is false is left out."""
        given = tuple((name, "" if value is True else str(value)) for name, value in options.items() if value)
        return Step(self, subject, given)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a person can do: an operation, what it is done to, and options with their values ("" for a flag).

    In a sentence it stands between ⟨ and ⟩; whoever shows the sentence says it as a command, a link or a button.
    """

    cure: Cure
    subject: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        options = (f"+{name}={_marked(value)}" if value else f"+{name}" for name, value in self.options)
        return Marked(f"⟨{' '.join(filter(None, (self.cure.value, _marked(self.subject), *options)))}⟩")


_MARKS = {sign: f"%{ord(sign):X};" for sign in "%+⟨⟩"}  # what has a meaning between the brackets
_NAMES = "|".join(cure for cure in Cure if cure)
# Each sign fits in one way only: the sentence may be a stranger's, and must not keep anybody waiting.
_STEP = re.compile(rf"⟨(?=(?:{_NAMES})[ ⟩]|\+)({_NAMES})?([^⟨⟩+]*)((?:\+[a-z_]+(?:=[^⟨⟩+]*| ?))*)⟩")


def _marked(text: str) -> str:
    return "".join(_MARKS.get(sign, sign) for sign in text)


def _unmarked(text: str) -> str:
    for sign, mark in reversed(_MARKS.items()):
        text = text.replace(mark, sign)
    return text


def with_steps(sentence: str, say_step: Callable[[Step], str]) -> str:
    """Return a sentence whose steps are said by the caller's own words for them."""

    def say(found: re.Match[str]) -> str:
        options = (option.strip().partition("=") for option in found[3].split("+")[1:])
        given = tuple((name, _unmarked(value)) for name, _, value in options)
        return say_step(Step(Cure(found[1] or ""), _unmarked(found[2].strip()), given))

    return _STEP.sub(say, sentence) if "⟨" in sentence else sentence


def about_run(sentence: str, run: str, accounts: Sequence[str] = ()) -> str:
    """Return advice with the run named in it: advice that stands in a table knows of none, and several runs may be open.

    Args:
        sentence: With steps that are done to a run and name none.
        run: Its name.
        accounts: That it is sent from; a single one is named where all would be checked.
    """
    if not isinstance(sentence, Phrase):
        return sentence
    named = {str(cure()): str(cure(run)) for cure in (Cure.RESUME, Cure.REPORT)}
    if len(accounts) == 1:
        named[str(Cure.CHECK(all=True))] = str(Cure.CHECK(accounts[0]))
    return sentence.exchanged(named)


RESTORE_RUN = _("restore the run's folder from a backup")  # the cure of every file of a run that is damaged or gone


class ZaloAlertError(Exception):
    """Base of every error a person can act on.

    Args:
        message: What is wrong and where, one sentence; a `language.Phrase` where it can be said in another language.
        hint: What to do about it, with steps in it (see `with_steps`); empty when the message says it all.
        cause: Why, in a word; None is the class's own.
    """

    exit_code: ExitCode = ExitCode.BUG
    cause: ErrorCause = ErrorCause.BUG

    def __init__(self, message: str, *, hint: str = "", cause: ErrorCause | None = None) -> None:
        super().__init__(message)
        if cause:
            self.cause = cause
        self.message = message
        self.hint = hint


class UsageError(ZaloAlertError):
    """The command line asks for something impossible."""

    exit_code = ExitCode.USAGE
    cause = ErrorCause.USAGE


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in a file, with its place; `line` and `column` count from 1, 0 when the file as a whole is meant.

    `field` is the path of the value; `stands_for` counts the faults that one line tells of.
    """

    file: str
    line: int
    column: int
    field: str
    message: str
    stands_for: int = dataclasses_field(default=1, compare=False)

    @property
    def place(self) -> str:
        """Where it is: `file:line:column`, or the file alone."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        return joined(filter(None, (self.place, self.field, self.message)), "  ")


class CampaignInvalid(ZaloAlertError):
    """A campaign file has faults; `problems` lists every one, in file order."""

    exit_code = ExitCode.CAMPAIGN_INVALID
    cause = ErrorCause.CAMPAIGN_INVALID

    def __init__(self, problems: Sequence[Problem], *, hint: str = "") -> None:
        self.problems = tuple(sorted(problems))
        count = sum(problem.stands_for for problem in self.problems)
        files = list(dict.fromkeys(problem.file for problem in self.problems))
        where = files[0] if len(files) == 1 else _("{count} files", count=len(files))
        super().__init__(
            _n("{count} problem in {where}", "{count} problems in {where}", count, count=count, where=where), hint=hint
        )


class ArticleInvalid(CampaignInvalid):
    """Files of articles, or pictures of theirs, have faults; `problems` lists every one."""

    cause = ErrorCause.ARTICLE_INVALID


class RulesInvalid(CampaignInvalid):
    """Files of `inbound/` have faults, so that nothing is answered by them; `problems` lists every one."""

    cause = ErrorCause.RULES_INVALID


class CampaignRefused(ZaloAlertError):
    """A sound campaign that must not be sent: no approval, expired, or nobody in its area."""

    exit_code = ExitCode.CAMPAIGN_INVALID
    cause = ErrorCause.CAMPAIGN_REFUSED


class ApprovalMissing(CampaignRefused):
    """What is asked for needs the agreement of another officer first, or the agreement does not hold."""

    cause = ErrorCause.APPROVAL_MISSING


class WordingRefused(CampaignRefused):
    """The words of a campaign mislead, by rules that nobody has given a reason to pass over.

    `findings` lists everything that was found, warnings too: `wording.finding.Finding`, of which nothing is known here.
    """

    cause = ErrorCause.WORDING_REFUSED

    def __init__(self, message: str, findings: Sequence[Any] = (), *, hint: str = "") -> None:
        self.findings = tuple(findings)
        super().__init__(message, hint=hint)


class CaseRefused(ZaloAlertError):
    """Nothing is done in a case: another officer holds it, it is closed, or no answer reaches its person any more."""

    exit_code = ExitCode.CAMPAIGN_INVALID
    cause = ErrorCause.CASE_REFUSED


class InputInvalid(ZaloAlertError):
    """A follower file, a recipient list or a place name that cannot be used."""

    exit_code = ExitCode.CAMPAIGN_INVALID
    cause = ErrorCause.INPUT_INVALID


class TableRefused(InputInvalid):
    """A list that no table can be built from; `problems` lists the first of its `number` faults, with their lines."""

    def __init__(self, name: str, problems: Sequence[Problem], number: int) -> None:
        self.problems, self.number = tuple(sorted(problems)), number
        super().__init__(
            _n(
                "{name} was not built into a table: {count} fault",
                "{name} was not built into a table: {count} faults",
                number,
                name=name,
                count=count(number),
            ),
            hint=_("correct the list; what was there before stays in force"),
        )


class LogInvalid(ZaloAlertError):
    """The audit log is not what was written: a line was changed, removed or put in; each fault has been named."""

    exit_code = ExitCode.CAMPAIGN_INVALID
    cause = ErrorCause.LOG_INVALID


class ArchiveInvalid(ZaloAlertError):
    """An archived run is not what was archived: a file of it was changed, is missing or can't be read; each has been named."""

    exit_code = ExitCode.CAMPAIGN_INVALID
    cause = ErrorCause.ARCHIVE_INVALID


class ArchiveRefused(ZaloAlertError):
    """A run that must not be archived yet: it is not over, or something may still be owed to the people whom it reached."""

    exit_code = ExitCode.CAMPAIGN_INVALID
    cause = ErrorCause.ARCHIVE_REFUSED


class SignatureRefused(ZaloAlertError):
    """What came as a signature is none, or is not one of this text, for this purpose, by an officer who may give it."""

    exit_code = ExitCode.CAMPAIGN_INVALID
    cause = ErrorCause.SIGNATURE_REFUSED


class SettingsInvalid(ZaloAlertError):
    """`zalo-alert.yaml` or the environment is wrong; `problems` lists every fault of a file."""

    exit_code = ExitCode.SETTINGS
    cause = ErrorCause.SETTINGS_INVALID

    def __init__(self, message: str, *, hint: str = "", problems: Sequence[Problem] = ()) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__(message, hint=hint)


class RosterInvalid(SettingsInvalid):
    """The roster of officers is not what they signed: it was edited by hand, is damaged, or a part of it is missing."""

    cause = ErrorCause.ROSTER_INVALID


class CredentialsRefused(ZaloAlertError):
    """Zalo refused the access token, the refresh token or the app."""

    exit_code = ExitCode.SETTINGS
    cause = ErrorCause.CREDENTIALS_REFUSED


class RunBusy(ZaloAlertError):
    """Another process holds the run (an operating-system lock, so it is alive now)."""

    exit_code = ExitCode.RUN_BUSY
    cause = ErrorCause.RUN_BUSY


class RunSuspended(ZaloAlertError):
    """The run stopped early for a reason outside it; everyone is accounted for and `resume` continues."""

    exit_code = ExitCode.SUSPENDED
    cause = ErrorCause.OTHER


class StorageUnusable(RunSuspended):
    """A ledger, a follower book or another file of ours cannot be read or written: disk full, read-only, locked or damaged."""

    cause = ErrorCause.STORAGE


class RunHeld(ZaloAlertError):
    """A person has stopped the run, and only `resume` goes on with it; or has cancelled it, and nothing does."""

    exit_code = ExitCode.HELD
    cause = ErrorCause.RUN_HELD


class RunArchived(RunHeld):
    """The run is archived: what became of it can be read, and nothing of it is sent, stopped or corrected any more."""

    cause = ErrorCause.RUN_ARCHIVED


class WorkspaceRests(ZaloAlertError):
    """The workspace was restored and is asleep, or was handed over: nothing goes out from it until a person wakes it."""

    exit_code = ExitCode.HELD
    cause = ErrorCause.WORKSPACE_RESTS


class OutputFailed(ZaloAlertError):
    """Stdout or stderr can't be written, for another reason than that their reader left."""

    exit_code = ExitCode.SUSPENDED
    cause = ErrorCause.OUTPUT_FAILED


class RunUnfinished(ZaloAlertError):
    """The run is finished, and some of it calls for a person; `report` says who and why."""

    exit_code = ExitCode.NOT_EVERYONE
    cause = ErrorCause.RUN_UNFINISHED


class PartlyDone(ZaloAlertError):
    """Some of several things that were asked for failed; each has been named, the others are done."""

    exit_code = ExitCode.NOT_EVERYONE
    cause = ErrorCause.PARTLY_DONE


class AttentionNeeded(ZaloAlertError):
    """Something calls for a person; each thing has been named, and whoever is to be told has been."""

    exit_code = ExitCode.NOT_EVERYONE
    cause = ErrorCause.ATTENTION_NEEDED


class NobodyTold(ZaloAlertError):
    """Those who were to be told of something could not be; why has been said for each way."""

    exit_code = ExitCode.SUSPENDED
    cause = ErrorCause.NOBODY_TOLD


class Interrupted(ZaloAlertError):
    """Ctrl-C or SIGTERM: claiming stopped, what was in flight was settled; `resume` continues."""

    exit_code = ExitCode.INTERRUPTED
    cause = ErrorCause.INTERRUPTED


class OutputClosed(ZaloAlertError):
    """The reader of stdout went away before everything was written."""

    exit_code = ExitCode.OUTPUT_CLOSED
    cause = ErrorCause.OUTPUT_CLOSED
