"""What a run is called where systems exchange alerts, and which earlier messages a newer one takes the place of.

A name is fixed when anybody is first told it: a later export, or another sender in the settings, changes nothing.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime
from typing import NamedTuple

from zalo_alert.campaign import parse as campaign_file
from zalo_alert.cap.document import Reference
from zalo_alert.errors import CampaignRefused, Cure, ZaloAlertError
from zalo_alert.foundation.clock import instant
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, joined
from zalo_alert.models import Digest, RunId
from zalo_alert.runs.facts import Kind, RunFacts
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import CapName, Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings

NOBODY = "zalo-alert"  # who sends where no workspace says


def sender_of(settings: Settings | None, oa_ids: Sequence[str] = ()) -> str:
    """Return the name of an authority as it stands in all its alerts."""
    if settings is None:
        return NOBODY
    ids = oa_ids or [account.oa_id for account in settings.accounts[:1]]
    return settings.cap.sender or (f"zalo-oa-{ids[0]}" if ids else NOBODY)


def identifier_of(digest: Digest) -> str:
    """Return a name that the same content always has, and no other."""
    return str(uuid.UUID(bytes=bytes.fromhex(digest)[:16], version=5))


def begun_at(run: Run) -> datetime | None:
    """Return when a run's first message left; None where none has."""
    return next((instant(event.at_s) for event in run.history() if event.what == "started"), None)


def is_agreed(run: Run) -> bool:
    """Whether a run is a message of the office: it has been sent or may be, and not to this machine alone."""
    return not run.facts.is_rehearsal and (run.state is RunState.APPROVED or begun_at(run) is not None)


def name_run(run: Run, settings: Settings | None) -> Reference:
    """Return what a run is called; fixed from now on, unless it may still become another message."""
    name = run.cap_name
    if name is None:
        sent = begun_at(run) or run.facts.frozen_at
        name = CapName(sender_of(settings, run.facts.oa_ids), identifier_of(run.facts.digest), int(sent.timestamp()))
        if is_agreed(run) or run.facts.status != "Actual":
            name = run.keep_cap_name(name)
    return Reference(name.sender, name.identifier, instant(name.sent_s))


# --- earlier messages --------------------------------------------------------------------------------------------------------


class _Earlier(NamedTuple):
    """A run, as far as others may refer to it."""

    facts: RunFacts
    is_sent: bool
    codes: tuple[str, ...]  # that its campaign refers to

    def holds_at(self, at: datetime) -> bool:
        return self.is_sent and self.facts.expires > at


class Chain:
    """The runs of a workspace, as messages that follow one another.

    Args:
        runs: All of them; one that can't be read is passed over.
        settings: Of the workspace.
    """

    def __init__(self, runs: Runs, settings: Settings) -> None:
        self._runs, self._settings = runs, settings
        self._all = {one.facts.id: one for one in self._read()}

    def _read(self) -> Iterator[_Earlier]:
        for name in self._runs.ids_to_read():
            with suppress(ZaloAlertError), closing(self._runs.open_to_read(name)) as run:
                campaign = campaign_file.parse(run.campaign_bytes(), str(run.campaign_path), is_frozen=True)
                yield _Earlier(run.facts, begun_at(run) is not None, campaign.references)

    def before_run(self, run: Run, at: datetime) -> tuple[Reference, ...]:
        """Return what a correction or an all-clear is about: the runs it follows, and what of theirs still holds.

        Args:
            run: It.
            at: When it was sent.

        Raises:
            CampaignRefused: A run that it follows is gone.
        """
        if missing := [name for name in run.facts.parent if name not in self._all]:
            raise CampaignRefused(
                _("{run} follows {runs}, which can't be read here", run=run.id, runs=", ".join(missing)),
                hint=_("export it in the workspace from which they were sent"),
            )
        mine = [self._all[name] for name in run.facts.parent]
        return self._named([*mine, *self._followed(mine, at, run.facts.id)])

    def before(self, codes: Sequence[str], at: datetime, own: RunId | None, chosen: Sequence[str] = ()) -> tuple[Reference, ...]:
        """Return what an Update or a Cancel takes the place of, or takes back: all that still holds of it.

        Args:
            codes: That the campaign refers to.
            at: When it is sent.
            own: The run itself, where it is one.
            chosen: Runs that are meant where several have a code.

        Raises:
            CampaignRefused: No message of a code was sent from here, or several hold: which is meant?
            UsageError: There is no run of a name.
        """
        for name in chosen:
            self._runs.open_to_read(name).close()  # says what may have been meant, where there is none
        direct = [self._one(code, at, own, chosen) for code in codes]
        return self._named([*direct, *self._followed(direct, at, own)])

    def _one(self, code: str, at: datetime, own: RunId | None, chosen: Sequence[str]) -> _Earlier:
        of_code = [one for one in self._all.values() if one.facts.code == code and one.facts.kind is Kind.ALERT]
        sent = [one for one in of_code if one.is_sent and one.facts.id != own]
        if not sent:
            raise self._unknown(code, is_there=bool(of_code))
        meant = [one for one in sent if one.facts.id in chosen]
        candidates = meant or [one for one in sent if one.holds_at(at)] or sent[-1:]
        if len(candidates) > 1:
            names = ", ".join(one.facts.id for one in candidates)
            raise CampaignRefused(
                _("several messages of {code} hold: {runs}", code=code, runs=names),
                hint=_("say which is meant: {option}", option=Cure.OPTION(follows=candidates[0].facts.id)),
            )
        return candidates[0]

    def _unknown(self, code: str, *, is_there: bool) -> CampaignRefused:
        codes = dict.fromkeys(one.facts.code for one in self._all.values())
        why = (
            _("nobody has been written to by {code} yet", code=code)
            if is_there
            else joined((_('no run of this workspace is of "{code}"', code=code), suggestion(code, codes)), "")
        )
        return CampaignRefused(
            why, hint=_("CAP names the sender, identifier and time of every earlier message; {runs} lists them", runs=Cure.RUNS())
        )

    def _followed(self, direct: Sequence[_Earlier], at: datetime, own: RunId | None) -> list[_Earlier]:
        """Return what still holds of all that some messages have followed, and of what has followed them."""
        chain = list(direct)
        for one in chain:  # grows while it is gone through
            chain += [other for other in self._all.values() if other not in chain and self._is_next(one, other, at, own)]
        return [one for one in chain[len(direct) :] if one.holds_at(at)]

    def _is_next(self, one: _Earlier, other: _Earlier, at: datetime, own: RunId | None) -> bool:
        if other.facts.id == own or not other.is_sent or other.facts.frozen_at > at:
            return False
        is_before = other.facts.id in one.facts.parent or (other.facts.kind is Kind.ALERT and other.facts.code in one.codes)
        return is_before or one.facts.id in other.facts.parent

    def _named(self, earlier: Sequence[_Earlier]) -> tuple[Reference, ...]:
        names = set()
        for one in earlier:
            with closing(self._runs.open_to_read(one.facts.id)) as run:
                names.add(name_run(run, self._settings))
        return tuple(sorted(names, key=lambda name: (name.sent, name.identifier)))

    def code_of(self, reference: Reference) -> str:
        """Return the code of a message by what other systems call it; "" where it is none of this workspace's."""
        for name in self._all:
            with closing(self._runs.open_to_read(name)) as run:
                if run.cap_name and run.cap_name[:2] == (reference.sender, reference.identifier):
                    return run.facts.code
        return ""
