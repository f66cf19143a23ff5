"""A workspace: the one door for Python callers, and the shell's own.

Chooses nothing by itself: each method hands its question to the use case that owns it, loaded when first asked, because what
reads books or asks Zalo takes longer to load than most questions take to answer.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.telling import refusals_told
from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.layout import CONFIG_NAME, STATE_DIR, runs_of
from zalo_alert.operations.observing import Observer, Silent
from zalo_alert.operations.orders import Orders

if TYPE_CHECKING:
    from datetime import datetime

    from zalo_alert.approval.signer import Signer
    from zalo_alert.book import Book, ImportReport
    from zalo_alert.foundation.notices import Notice
    from zalo_alert.inbound.stops import Stop
    from zalo_alert.models import RunId, State
    from zalo_alert.operations.accounts import AccountResult
    from zalo_alert.operations.approve import Approval
    from zalo_alert.operations.book_events import EventsImport
    from zalo_alert.operations.break_glass import BreakGlass
    from zalo_alert.operations.correct import Agree as AgreeToFollowUp
    from zalo_alert.operations.draft import Draft
    from zalo_alert.operations.follow_up import Wording
    from zalo_alert.operations.officers import Officers
    from zalo_alert.operations.open_run import Agree
    from zalo_alert.operations.people import PersonFacts, Removed
    from zalo_alert.operations.preflight import Fit
    from zalo_alert.operations.receipts import FoldResult, ReceiptStatus
    from zalo_alert.operations.run_log import LogReader
    from zalo_alert.operations.send import RunResult
    from zalo_alert.operations.sitrep import SitrepOrder
    from zalo_alert.operations.stop import Stopped
    from zalo_alert.operations.submit import SubmitOrder, Submitted
    from zalo_alert.operations.submit_elsewhere import Prepared
    from zalo_alert.operations.sync import SyncResult
    from zalo_alert.operations.tables import WorkspaceTables
    from zalo_alert.places import Aliases
    from zalo_alert.planning.plan import Plan
    from zalo_alert.preflight.doctor import Check
    from zalo_alert.preflight.token_health import AccountStatus
    from zalo_alert.reporting.after_action import AfterAction
    from zalo_alert.reporting.completion import Shortfalls
    from zalo_alert.reporting.full_report import FullReport
    from zalo_alert.reporting.monthly import Monthly
    from zalo_alert.reporting.report import Report
    from zalo_alert.reporting.sitrep import Sitrep
    from zalo_alert.reporting.status import RunStatus
    from zalo_alert.runs.run import Run
    from zalo_alert.runs.store import Runs
    from zalo_alert.settings.model import Account, Settings
    from zalo_alert.zalo.oa import OaFacts


SILENT, NO_ORDERS, BY_HAND = Silent(), Orders(), Orders(by_hand=True)


class Workspace:
    """A folder with `zalo-alert.yaml`, and everything that can be done in it.

    Args:
        folder: With the config; see `create` for a new one.
        environ: Where secrets and hosts come from.
    """

    def __init__(self, folder: Path | str = ".", environ: Mapping[str, str] = os.environ) -> None:
        self.folder, self._environ = Path(folder), environ

    @classmethod
    def create(cls, folder: Path | str) -> "Workspace":
        """Make a workspace: its config, and example campaigns dated as of now.

        Raises:
            UsageError: There is one already.
        """
        from zalo_alert.foundation.clock import SystemClock
        from zalo_alert.operations.scaffold import create

        create(Path(folder), SystemClock().now())
        return cls(folder)

    # --- what is there ---------------------------------------------------------------------------------------------------

    @cached_property
    def settings(self) -> "Settings":
        """What the operator configured.

        Raises:
            SettingsInvalid: There is no config, or it has faults; all of them are told.
        """
        from zalo_alert.settings.load import load

        settings = load(self.folder, self._environ)
        if authority := settings.environ.get("SSL_CERT_FILE"):  # a sandbox's, out of the secrets file: clients read it off there
            os.environ["SSL_CERT_FILE"] = authority
        return settings

    def account(self, name: str | None = None) -> "Account":
        """Return an account by its id, or the only one."""
        return self.settings.account(name)

    def book(self, account: str | None = None) -> "Book":
        """Open the follower book of one OA."""
        from zalo_alert.operations.state import book_of

        return book_of(self.account(account), self.settings)

    @property
    def tables(self) -> "WorkspaceTables":
        """The tables that people look things up in."""
        from zalo_alert.operations.tables import WorkspaceTables

        return WorkspaceTables(self.settings.state_dir)

    @property
    def aliases(self) -> "Aliases":
        """The workspace's own names of places; none where it has no such file."""
        from zalo_alert.operations.state import aliases_of

        return aliases_of(self.settings)

    @property
    def state_folder(self) -> Path:
        """The private folder of everything that the tool writes; made when first asked for."""
        from zalo_alert.operations.state import state_folder

        return state_folder(self.settings)

    @property
    def officers(self) -> "Officers":
        """The officers of this workspace; its settings are not read, so that a fault in them keeps nobody from revoking one.

        Raises:
            SettingsInvalid: The folder is no workspace.
        """
        from zalo_alert.operations.officers import Officers

        if not (self.folder / CONFIG_NAME).exists():
            self.settings  # noqa: B018  (says what is wrong)
        return Officers(self.folder / STATE_DIR)

    @property
    def runs(self) -> "Runs":
        """The runs of this workspace; its settings are not read, so that a fault in them keeps nobody from stopping one.

        Raises:
            SettingsInvalid: The folder is no workspace.
        """
        from zalo_alert.runs.store import Runs

        if not (self.folder / CONFIG_NAME).exists():
            self.settings  # noqa: B018  (says what is wrong)
        return Runs(runs_of(self.folder))

    def run(self, name: str | None = None) -> "Run":
        """Open a run by name, or the one that is meant where none is given: being sent, else open, else the newest."""
        return self.runs.open(name) if name is not None else self.runs.likely()[0]

    def run_to_read(self, name: str | None = None) -> "Run":
        """Open a run to read what became of it, as `run` does, or an archived one by its name."""
        return self.runs.open_to_read(name) if name is not None else self.run()

    def run_to_resume(self, name: str | None = None) -> "Run":
        """Open the run to go on with; of several open ones nobody but the caller can know which is meant."""
        if name is None:
            self.runs.check_one_is_open()
        return self.run(name)

    def draft(
        self,
        campaign: Path | str,
        recipients: str | None = None,
        outside: Sequence[Path] = (),
        observer: Observer = SILENT,
        *,
        despite_never: str = "",
    ) -> "AbstractContextManager[Draft]":
        """Plan a campaign, and lend the plan with all that it was made from; see `operations.draft`."""
        from zalo_alert.operations.draft import draft

        on_notice = observer.on_notice
        return draft(Path(campaign), recipients, self.settings, on_notice, outside, despite_never=despite_never)

    def plan(self, campaign: Path | str, recipients: str | None = None) -> "Plan":
        """Say who would be written to, by which route, and when the last one is reached; sends nothing."""
        with self.draft(campaign, recipients) as drafted:
            return drafted.plan

    def check_fit(self, draft: "Draft") -> "Fit":
        """Ask Zalo whether a draft fits its templates and quotas."""
        from zalo_alert.operations.preflight import check_fit

        return check_fit(draft.plan, [source.account for source in draft.sources], self.settings)

    def examine(self, campaign: Path | None = None, observer: Observer = SILENT, *, online: bool = True) -> "list[Check]":
        """Look at everything that a campaign will need; see `operations.doctor`."""
        from zalo_alert.operations.doctor import examine

        return examine(self.settings, campaign, observer, online=online)

    # --- sending ---------------------------------------------------------------------------------------------------------

    def freeze(
        self,
        campaign: Path | str,
        agree: "Agree",
        observer: Observer = SILENT,
        *,
        recipients: str | None = None,
        occurrence: str = "",
        orders: Orders = NO_ORDERS,
        outside: Sequence[Path] = (),
    ) -> "Run":
        """Return the run that a campaign already is, or freeze it into one; see `operations.open_run`."""
        from zalo_alert.operations.open_run import open_run

        with refusals_told(self.runs.folder.parent, AuditEvent.SEND):
            return open_run(
                Path(campaign), self.settings, self.runs, observer, agree,
                recipients=recipients, occurrence=occurrence, orders=orders, outside=outside,
            )  # fmt: skip

    def submit(self, order: "SubmitOrder", signer: "Signer", agree: "Agree", observer: Observer = SILENT) -> "Submitted":
        """Freeze a campaign, and ask another officer to approve exactly that; see `operations.submit`."""
        from zalo_alert.operations.submit import submit

        with refusals_told(self.runs.folder.parent, AuditEvent.SUBMIT):
            return submit(order, signer, self.settings, self.runs, observer, agree)

    def prepare_submission(self, order: "SubmitOrder", name: str, agree: "Agree", observer: Observer = SILENT) -> "Prepared":
        """Freeze a campaign, and write what an officer signs elsewhere; see `operations.submit_elsewhere`."""
        from zalo_alert.operations.submit_elsewhere import prepare

        with refusals_told(self.runs.folder.parent, AuditEvent.SUBMIT):
            return prepare(order, name, self.settings, self.runs, observer, agree)

    def take_submission(self, run: "Run", signature: str) -> "Submitted":
        """Submit a run with the signature that was made elsewhere; see `operations.submit_elsewhere`."""
        from zalo_alert.operations.submit_elsewhere import take_signature

        with refusals_told(self.runs.folder.parent, AuditEvent.SUBMIT, run.id):
            return take_signature(run, signature, self.settings)

    def open_approval(self, run: "Run") -> "Approval":
        """Open what a run waits for; `by` takes a signature. See `operations.approve`."""
        from zalo_alert.operations.approve import open_approval

        with refusals_told(self.runs.folder.parent, AuditEvent.APPROVE, run.id):
            return open_approval(run, self.settings)

    def open_break_glass(self, run: "Run") -> "BreakGlass":
        """Find out whether one person may let a run out alone; `by` does. See `operations.break_glass`."""
        from zalo_alert.operations.break_glass import open_break_glass

        return open_break_glass(run, self.settings)

    def reject(self, run: "Run", reason: str, signer: "Signer | None" = None) -> None:
        """Refuse what was submitted; see `operations.approve`."""
        from zalo_alert.operations.approve import reject

        reject(run, reason, self.settings, signer)

    def send(
        self, run: "Run", orders: Orders = NO_ORDERS, observer: Observer = SILENT, opening: "Notice | None" = None
    ) -> "RunResult":
        """Send a frozen run until it ends, and account for everyone; started again, it continues.

        `opening` is told once no other process can have the run. Of an archived run, which `freeze` may return, nothing is sent.

        Raises:
            RunHeld: A person has stopped it: only `resume` goes on.
            RunBusy: Another process has it.
        """
        from zalo_alert.operations.send import send_run
        from zalo_alert.runs.archived import ArchivedRun

        if isinstance(run, ArchivedRun):
            from zalo_alert.operations.archived_end import end_of

            return end_of(run, self.settings, orders, observer)
        with refusals_told(self.runs.folder.parent, AuditEvent.SEND, run.id):
            return send_run(run, self.settings, orders, observer, opening)

    def resume(self, name: str | None = None, orders: Orders = BY_HAND, observer: Observer = SILENT) -> "RunResult":
        """Continue a run where it stopped, also one that a person has stopped; nobody who was settled is written to again."""
        return self.send(self.run_to_resume(name), orders, observer)

    def rehearse(self, draft: "Draft", observer: Observer = SILENT) -> "Mapping[State, int]":
        """Render every message of a draft and send none; return where everyone would stand. Nothing of it is kept."""
        from zalo_alert.operations.rehearse import rehearse_draft

        return rehearse_draft(draft, self.settings, observer)

    def stop(self, name: str | None = None, observer: Observer = SILENT) -> "Stopped":
        """Have a run end once what is on its way is settled; only a person's resume goes on."""
        from zalo_alert.operations.stop import stop_run
        from zalo_alert.operations.tell_stop import tell_stopped

        run = self.run(name)
        stopped = stop_run(run, observer.on_notice)
        tell_stopped(run, stopped, observer.on_notice, self._environ)
        return stopped

    def cancel(self, name: str, observer: Observer = SILENT) -> int:
        """End a run for good; return how many people were not written to."""
        from zalo_alert.operations.stop import cancel_run

        return cancel_run(self.run(name), on_notice=observer.on_notice)

    def correct(
        self, name: str, agree: "AgreeToFollowUp", wording: "Wording | None" = None, observer: Observer = SILENT
    ) -> "Run":
        """Stop a run that was wrong, and freeze its correction, to those whom it reached; see `operations.correct`.

        `agree` gets what would be sent, and raises to refuse. `send` sends what is returned.
        """
        from zalo_alert.operations.correct import correct_run
        from zalo_alert.operations.follow_up import Wording

        return correct_run(self.run(name), self.runs, self.settings, observer, agree, wording or Wording())

    def all_clear(
        self, names: Sequence[str], agree: "AgreeToFollowUp", wording: "Wording | None" = None, observer: Observer = SILENT
    ) -> "Run":
        """Freeze the all-clear of some runs, to whoever they reached, once; see `operations.all_clear` and `correct`."""
        from zalo_alert.operations.all_clear import give_all_clear
        from zalo_alert.operations.follow_up import Wording

        named = [self.run(name) for name in names]
        return give_all_clear(named, self.runs, self.settings, observer, agree, wording or Wording())

    def status(self, name: str | None = None) -> "RunStatus":
        """Say where everyone of a run stands, how far it is from its plan, and whether it is being sent."""
        from zalo_alert.operations.release import release_of
        from zalo_alert.reporting.status import status_of

        run = self.run_to_read(name)
        with closing(run.ledger()) as ledger:
            return status_of(run, ledger, active=run.is_active, release=release_of(run))

    def report(self, name: str | None = None) -> "Report":
        """Account for everyone in a run: by state, by place, and why not."""
        from zalo_alert.operations.accounting import report_of

        return report_of(self.run_to_read(name))

    def shortfalls(self, report: "Report") -> "Shortfalls":
        """Sort who of a run was not accepted by what that calls for; a fault in the settings leaves the usual tolerance."""
        from zalo_alert.reporting.completion import shortfalls_of
        from zalo_alert.settings.model import DEFAULT_TOLERATE_REJECTED

        try:
            tolerate_rejected = self.settings.tolerate_rejected
        except SettingsInvalid:  # which keeps nobody from reading what became of a run
            tolerate_rejected = DEFAULT_TOLERATE_REJECTED
        return shortfalls_of(report, tolerate_rejected)

    def full_report(self, name: str | None = None) -> "FullReport":
        """Tell all there is of a run: decisions, texts, plan and course, places, and what to do better; see `run_report`."""
        from zalo_alert.operations.run_report import full_report_of

        return full_report_of(self.run_to_read(name), self)

    def sitrep(self, order: "SitrepOrder") -> "tuple[Sitrep, str]":
        """Make a situation report and keep its numbers; return it, and why those can't be kept. See `operations.sitrep`."""
        from zalo_alert.operations.sitrep import make_report

        return make_report(self.runs, order)

    def after_action(self, names: Sequence[str], at: "datetime | None" = None) -> "AfterAction":
        """Look back at some runs and those that belong to them, as of an instant or of now."""
        from zalo_alert.operations.after_action import make_after_action

        return make_after_action(self.runs, names, at)

    def monthly(self, month: str = "", at: "datetime | None" = None) -> "Monthly":
        """Count a month such as `2026-11`, or that of now."""
        from zalo_alert.operations.monthly import make_monthly

        return make_monthly(self.runs, self.settings, month, at)

    def export(
        self, target: "Path | BinaryIO", name: str | None = None, states: "Sequence[State]" = (), *, as_marks: bool = False
    ) -> int:
        """Write every person's state to a file whose ending says the format, or as NDJSON to an open one; return how many.

        `as_marks` puts marks in the place of ids; see `operations.accounting`.
        """
        from zalo_alert.operations.accounting import export_run

        return export_run(self.run_to_read(name), target, states, as_marks=as_marks)

    def log(self, name: str | None = None, since: "datetime | None" = None) -> "LogReader":
        """Read what was said and done in a run, and who decided it; see `operations.run_log`."""
        from zalo_alert.operations.run_log import read_run

        return read_run(self.runs, name or self.runs.likely()[0].id, since)

    # --- accounts and followers ------------------------------------------------------------------------------------------

    def token_standings(self) -> "list[AccountStatus]":
        """Say of every account how its tokens stand."""
        from zalo_alert.operations.accounts import token_standings

        return token_standings(self.settings)

    def check_accounts(
        self, names: Sequence[str] | None = None, on_result: "Callable[[AccountResult], None]" = lambda result: None
    ) -> "list[AccountResult]":
        """Ask Zalo who each account is: some by name, or all of them."""
        from zalo_alert.operations.accounts import check_accounts

        accounts = self.settings.accounts if names is None else [self.account(name) for name in names]
        return check_accounts(self.settings, accounts, on_result)

    def log_in(
        self,
        account: str | None,
        show_link: Callable[[str], None],
        ask_address: Callable[[], str] | None,
        observer: Observer = SILENT,
        app: str = "",
    ) -> "OaFacts":
        """Have an administrator of an OA consent in a browser, to one of its apps; "" is its own. See `operations.login`."""
        from zalo_alert.operations.login import log_in

        speaking = self.settings.through(self.account(account), app)
        return log_in(self.settings, speaking, show_link, ask_address, observer.on_notice)

    def sync(self, account: str | None = None, observer: Observer = SILENT, *, most_details: int = 0) -> "SyncResult":
        """Fetch an OA's own list of followers into its book; see `operations.sync`."""
        from zalo_alert.operations.sync import sync_followers

        return sync_followers(self.settings, self.account(account), observer, most_details=most_details)

    def import_followers(
        self,
        source: "Path | str | BinaryIO",
        account: str | None = None,
        *,
        name: str = "",
        origin: str = "",
        rejects: Path | None = None,
        observer: Observer = SILENT,
    ) -> "tuple[ImportReport, Path]":
        """Merge a list of followers into a book; return what that did, and where bad rows went; see `operations.followers`."""
        from zalo_alert.operations.followers import import_list

        file = Path(source) if isinstance(source, str) else source
        return import_list(self.settings, self.account(account), file, observer, name=name, origin=origin, rejects=rejects)

    def import_events(self, account: str | None = None, observer: Observer = SILENT) -> "tuple[EventsImport, Path]":
        """Bring a book up to date with what came through the webhook; see `operations.book_events`."""
        from zalo_alert.operations.book_events import import_events, rejects_of

        return import_events(self.settings, self.account(account), observer.on_step), rejects_of(self.settings)

    def fold_receipts(self, step: str, observer: Observer = SILENT) -> "FoldResult":
        """Fold all receipts that have come into the runs that they are of; see `operations.receipts`."""
        from zalo_alert.operations.receipts import fold_receipts

        return fold_receipts(self.settings, observer.on_step, step)

    def receipt_status(self, run: "RunId | None" = None) -> "ReceiptStatus":
        """Say how far receipts are folded, and what is known of every run's, or of one's."""
        from zalo_alert.operations.receipts import receipt_status

        return receipt_status(self.settings, run)

    def export_book(self, target: Path, account: str | None = None) -> int:
        """Write a whole book to a .csv or .parquet file; return how many people."""
        from zalo_alert.operations.followers import export_book

        return export_book(self.settings, self.account(account), target)

    def forget(self, user_id: str, account: str | None = None, observer: Observer = SILENT) -> "Removed":
        """Take a person out of everything that is kept, and name the runs that still hold them; see `operations.people`."""
        from zalo_alert.operations.people import forget_person

        return forget_person(self.settings, self._oa(account), self.runs, user_id, observer.on_notice)

    def person(self, user_id: str, account: str | None = None) -> "PersonFacts":
        """Find all that is kept of somebody; see `operations.people`."""
        from zalo_alert.operations.people import person_facts

        return person_facts(self.settings, self._oa(account), self.runs, user_id)

    def export_person(self, user_id: str, target: Path, account: str | None = None) -> "PersonFacts":
        """Write all that is kept of somebody to a file; see `operations.people`."""
        from zalo_alert.operations.people import export_person

        return export_person(self.settings, self._oa(account), self.runs, user_id, target)

    def refusals(self, account: str | None = None) -> "list[Stop]":
        """Return what people have refused and taken back, of one OA or of all; see `operations.people`."""
        from zalo_alert.operations.people import refusals

        return refusals(self.settings, self._oa(account) if account else None)

    def _oa(self, name: str | None) -> "Account":
        """Return an account by our id of it or by Zalo's, or the only one."""
        from zalo_alert.operations.people import account_of

        return account_of(self.settings, name) if name else self.account()
