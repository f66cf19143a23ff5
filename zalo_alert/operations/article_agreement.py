"""Two officers agree to articles before the public reads them: one submits, another signs exactly that, then they are published.

What was agreed to holds for a month, for just these bytes on just these pages. A signature that counts no more, because its
officer was revoked or its key has ended, holds nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import orjson

from zalo_alert.approval.agreement import Agreed, officer_of
from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.officers import Officer
from zalo_alert.approval.pages import MAX_BYTES, PagesJudge, PagesRequest, make_pages_request, read_pages_request
from zalo_alert.approval.roster import read_roster
from zalo_alert.approval.signer import Signer
from zalo_alert.approval.words import six_words
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import AuditLog
from zalo_alert.audit.telling import refusals_told
from zalo_alert.calendar.month import CATCH_UP
from zalo_alert.calendar.times import bounds
from zalo_alert.errors import ApprovalMissing, Cure, InputInvalid, SignatureRefused, StorageUnusable, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.digests import digest_of
from zalo_alert.foundation.files import appearing, contents, private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.yaml_document import MAX_SIZE_BYTES
from zalo_alert.language import _, _n, count
from zalo_alert.models import Digest
from zalo_alert.operations.article_sources import ArticleSource, read_sources
from zalo_alert.operations.state import state_folder
from zalo_alert.runs.home import place_of_folder
from zalo_alert.settings.model import Account, Profile, Settings

FOLDER = "articles"  # in the workspace's state folder
HOLDS = timedelta(days=31)  # a month's plan, and no longer: by then the officers are others, and so is the law
_ENDING = ".json"


class MonthFile(NamedTuple):
    """The calendar by which articles appear.

    Args:
        month: Its month, such as `2026-12`.
        file: From the workspace.
        digest: Of its bytes.
    """

    month: str
    file: str
    digest: Digest


def is_fresh(request: PagesRequest, now: datetime) -> bool:
    """Whether what was agreed to still holds: a month long, and of a calendar until its month is over."""
    if request.calendar is None:
        return timedelta() <= now - request.submitted_at <= HOLDS
    begins, ends = bounds(request.calendar[0])
    return request.submitted_at <= now < ends + CATCH_UP and request.submitted_at >= begins - HOLDS


def _digest_of(request: PagesRequest) -> str:
    return request.calendar[2] if request.calendar else ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A request as it lies on the disk.

    Args:
        request: What is signed.
        paths: Of the articles' files, from the workspace.
        submission: Signature of whoever submitted it.
        approvals: Signatures of those who agreed.
    """

    request: PagesRequest
    paths: tuple[str, ...]
    submission: str
    approvals: tuple[str, ...] = ()

    @property
    def files(self) -> str:
        """What is named to submit the same again."""
        return self.request.calendar[1] if self.request.calendar else " ".join(self.paths)

    @property
    def words(self) -> str:
        """Six words that stand for it: read aloud, they tell it from any other."""
        return six_words(self.request.digest)


class ArticleAgreements:
    """What officers have agreed to in a workspace.

    Args:
        settings: The workspace's.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings, self._folder = settings, settings.state_dir / FOLDER

    @property
    def is_drill(self) -> bool:
        """Whether nothing need be agreed to here, and all is practised."""
        return self._settings.direct

    def submit(
        self,
        sources: Sequence[ArticleSource],
        accounts: Sequence[Account],
        signer: Signer,
        calendar: MonthFile | None = None,
    ) -> Kept:
        """Sign that some articles are to stand on some pages, at once or as a calendar says, and keep it for another officer.

        Raises:
            SignatureRefused: The key is nobody's who may submit this.
        """
        now, roster = SystemClock().now(), read_roster(self._settings.state_dir)
        officer = officer_of(signer.key, roster)
        signed = {"by": officer.name, "key": officer.key.fingerprint, "at": now.isoformat(timespec="seconds")}
        what = self._what(sources, accounts) | ({"calendar": list(calendar)} if calendar else {})
        request = make_pages_request(what, signed)
        with refusals_told(state_folder(self._settings), AuditEvent.SUBMIT):
            judge = self._judge(request)
            judge.check_submitter(officer)
            kept = Kept(
                request, tuple(self._shown(source.path) for source in sources), signer.sign(request.text, Namespace.SUBMIT)
            )
            judge.submitter(kept.submission)
        self._log(AuditEvent.SUBMIT, officer, request)
        self._keep(kept)
        return kept

    def open(self, name: str = "") -> Kept:
        """Return a request by its name, or the only one that waits for an approver.

        Raises:
            UsageError: There is none, or several wait and none was named.
        """
        waiting = {kept.request.name: kept for kept in self.all() if name or not self.agreed(kept).is_enough}
        if name in waiting:
            return waiting[name]
        if not name and len(waiting) == 1:
            return next(iter(waiting.values()))
        if not waiting:
            raise UsageError(
                _("no articles wait for approval"), hint=_("{submit} asks for it", submit=Cure.ARTICLES_SUBMIT("articles/….md"))
            )
        raise UsageError(_("which request?"), hint=_("there are {names}", names=", ".join(sorted(waiting))))

    def sources(self, kept: Kept) -> list[ArticleSource]:
        """Read the articles of a request for its approver, who must see just what was submitted.

        Raises:
            ApprovalMissing: A file was changed since.
        """
        sources = read_sources([self._settings.workspace / path for path in kept.paths], self._settings.workspace)
        if {(source.name, source.digest) for source in sources} != kept.request.articles or self._is_other_calendar(kept):
            raise ApprovalMissing(
                _("the articles are not what {by} has submitted: a file was changed since", by=kept.request.signed["by"]),
                hint=_("submit them anew: {submit}", submit=Cure.ARTICLES_SUBMIT(kept.files)),
            )
        return sources

    def _is_other_calendar(self, kept: Kept) -> bool:
        """Whether a request's calendar is not there any more as it was."""
        if kept.request.calendar is None:
            return False
        _month, file, digest = kept.request.calendar
        try:
            return digest_of(contents(self._settings.workspace / file, MAX_SIZE_BYTES)) != digest
        except OSError:
            return True

    def approve(self, name: str, signer: Signer) -> tuple[Officer, Agreed]:
        """Sign a request as another officer; return who that is, and who has agreed by now.

        Raises:
            ApprovalMissing: A file was changed since it was submitted.
            SignatureRefused: The key is nobody's who may approve this.
            UsageError: There is no such request.
        """
        kept = self.open(name)
        self.sources(kept)
        with refusals_told(state_folder(self._settings), AuditEvent.APPROVE):
            signature = signer.sign(kept.request.text, Namespace.APPROVE)
            officer = self._judge(kept.request).approver(signature, kept.submission)
            if officer.name in {each.name for each in self.agreed(kept).approvers}:
                raise SignatureRefused(_("{name} has approved it before", name=officer.name))
        self._log(AuditEvent.APPROVE, officer, kept.request)
        kept = replace(kept, approvals=(*kept.approvals, signature))
        self._keep(kept)
        return officer, self.agreed(kept)

    def agreed(self, kept: Kept) -> Agreed:
        """Say who has agreed to a request, as far as that counts now."""
        return self._judge(kept.request).count(kept.submission, kept.approvals, self._settings.approval.approvers)

    def require(self, sources: Sequence[ArticleSource], accounts: Sequence[Account], calendar: MonthFile | None = None) -> None:
        """Refuse articles that the public would read in a live workspace, and that no second officer has agreed to.

        What was agreed to for a calendar lets nothing out but by just this calendar, and the other way round.

        Raises:
            ApprovalMissing: Nobody has, or not to just these articles on all of these pages.
        """
        if self._settings.profile is Profile.DRILL or not accounts:
            return
        digest = calendar.digest if calendar else ""
        holding = [kept.request for kept in self.all() if _digest_of(kept.request) == digest and self._holds(kept)]
        pages = {(account.id, account.oa_id) for account in accounts}
        for source in sources:
            allowed = {page for request in holding if (source.name, source.digest) in request.articles for page in request.pages}
            if missing := len(pages - allowed):
                submit = Cure.ARTICLES_SUBMIT(calendar.file if calendar else self._shown(source.path))
                approve = Cure.ARTICLES_APPROVE()
                raise ApprovalMissing(
                    _n(
                        "{article} would stand on {count} page that no second officer has agreed to",
                        "{article} would stand on {count} pages that no second officer has agreed to",
                        missing, article=source.name, count=count(missing),
                    ),
                    hint=_("{submit} asks another officer, who signs it with {approve}", submit=submit, approve=approve),
                )  # fmt: skip

    def _holds(self, kept: Kept) -> bool:
        """Whether articles may be published by a request now: signed by enough, not too old, for this place and these hosts."""
        request, now = kept.request, SystemClock().now()
        if not is_fresh(request, now) or any(request.what[name] != value for name, value in self._where().items()):
            return False
        try:
            self._judge(request).submitter(kept.submission)
        except SignatureRefused:
            return False
        return self.agreed(kept).is_enough

    def _judge(self, request: PagesRequest) -> PagesJudge:
        oas = {oa for _account, oa in request.pages}
        known = [account for account in self._settings.accounts if account.oa_id in oas]
        # Of an OA that is configured no more nobody knows where it speaks: only who answers for everything may agree to it.
        areas = {area for account in known for area in account.areas} | ({"all"} if len(known) < len(oas) else set())
        roster = read_roster(self._settings.state_dir)
        return PagesJudge(request, None, roster, SystemClock().now(), areas=tuple(sorted(areas)))

    def _what(self, sources: Sequence[ArticleSource], accounts: Sequence[Account]) -> dict[str, object]:
        articles = sorted([source.name, source.article.title, source.digest] for source in sources)
        pages = sorted([str(account.id), account.oa_id] for account in accounts)
        return {"articles": articles, "accounts": pages, **self._where()}

    def _where(self) -> dict[str, object]:
        home = place_of_folder(state_folder(self._settings))
        return {"home": home, "hosts": self._settings.destinations(), "profile": self._settings.profile.value}

    def _shown(self, path: Path) -> str:
        workspace, whole = self._settings.workspace.resolve(), path.resolve()
        return whole.relative_to(workspace).as_posix() if whole.is_relative_to(workspace) else str(whole)

    def _log(self, event: AuditEvent, officer: Officer, request: PagesRequest) -> None:
        facts = {
            "articles": sorted(name for name, _digest in request.articles),
            "digest": request.digest,
            "accounts": len(request.pages),
        }
        AuditLog(state_folder(self._settings)).append(event, SystemClock().now(), who=officer.name, facts=facts)

    # --- on the disk -----------------------------------------------------------------------------------------------------

    def all(self) -> list[Kept]:
        """Read all of them."""
        return [self._read(path) for path in sorted(self._folder.glob(f"*{_ENDING}"))]

    def _read(self, path: Path) -> Kept:
        try:
            value = orjson.loads(contents(path, 2 * MAX_BYTES))
            request = read_pages_request(value["request"].encode())
            return Kept(request, tuple(map(str, value["paths"])), str(value["submission"]), tuple(map(str, value["approvals"])))
        except OSError as exc:
            raise StorageUnusable(_("can't read {path}: {why}", path=path, why=reason(exc)), hint=_("check the folder")) from exc
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, InputInvalid) as exc:
            raise StorageUnusable(
                _("{path} is damaged", path=path), hint=_("move it away, and submit the articles anew")
            ) from exc

    def _keep(self, kept: Kept) -> None:
        value = {
            "request": kept.request.text.decode(), "paths": list(kept.paths), "submission": kept.submission,
            "approvals": list(kept.approvals),
        }  # fmt: skip
        path = self._folder / f"{kept.request.name}{_ENDING}"
        try:
            private_folder(self._folder)
            with appearing(path) as draft:
                draft.write_bytes(orjson.dumps(value))
        except OSError as exc:
            raise StorageUnusable(
                _("can't write {path}: {why}", path=path, why=reason(exc)), hint=_("check the disk's free space and permissions")
            ) from exc
