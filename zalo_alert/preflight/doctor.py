"""Whether everything is ready for the night when it matters: each thing looked at becomes a check, with what to do about it.

Judges values that it is given; the caller looks at the clock, the disk and the network.
"""

import re
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from zalo_alert.errors import Cure, ExitCode, ZaloAlertError
from zalo_alert.foundation.clock import in_vietnam, words
from zalo_alert.language import Sentence, _, _n, count, decimal, joined, persons, rate, span
from zalo_alert.pacing.quotas import QuotaLeft
from zalo_alert.preflight.token_health import AccountStatus, Grade
from zalo_alert.settings.model import Account
from zalo_alert.zalo.oa import OaFacts

LEDGER_BYTES, SHARD_BYTES = 65, 14  # a person, measured: bench/RESULTS.md
SOON = timedelta(days=14)  # before a package ends
OLD = timedelta(days=30)  # of a follower book
FEW = 5  # accounts that are shown one by one
TEMPLATES_NAMED = 5
STATE_AGENCY = 4
OTHERS = 0o077  # whatever the group and everybody else may do
ANYBODY_WRITES = 0o002
ANSWER_S = 1.0  # how long an answer takes on a bad night, of which each keeps a connection busy
MOST_CONNECTIONS, OTHER_FILES = 2048, 64  # that a sender opens; and what it has open besides

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_DRAFT = re.compile(r"\..+?\.([0-9]{1,10})(\.[0-9a-f]{16})?")


class Check(NamedTuple):
    """One thing that was looked at.

    Args:
        about: What: `check_clock`, `check_files`, `check_tokens` and so on.
        grade: How it stands.
        said: As a sentence.
        cure: What to do; "" when all is well.
        account: Whose; "" when it is nobody's in particular.
        code: What a fail ends with.
    """

    about: str
    grade: Grade
    said: str
    cure: str = ""
    account: str = ""
    code: ExitCode = ExitCode.SETTINGS


def fail(about: str, exc: ZaloAlertError, account: str = "") -> Check:
    """Make a check of what could not even be looked at."""
    return Check(about, Grade.FAIL, str(exc), exc.hint, account, exc.exit_code)


def verdict(checks: Iterable[Check]) -> ExitCode:
    """Return what to end with: settings and tokens before anything else, for somebody must put those right."""
    codes = [check.code for check in checks if check.grade is Grade.FAIL]
    if not codes:
        return ExitCode.EVERYONE_ACCEPTED
    return ExitCode.SETTINGS if ExitCode.SETTINGS in codes else codes[0]


def shorten(checks: Sequence[Check]) -> list[Check]:
    """Shorten for a person: of more than a few accounts, those that are well are one line, and so are those with one trouble."""
    shortened: list[Check] = []
    for about in dict.fromkeys(check.about for check in checks):
        own = [check for check in checks if check.about == about]
        well = [check for check in own if check.grade is Grade.OK and check.account]
        if len({check.account for check in well}) > FEW:
            accounts = {check.account for check in own}
            good = accounts - {check.account for check in own if check.grade is not Grade.OK}
            shortened.append(
                Check(
                    about,
                    Grade.OK,
                    _("{well} of {accounts} accounts are well", well=count(len(good)), accounts=count(len(accounts))),
                )
            )
            own = [check for check in own if check not in well]
        shortened += _few_of_each(own)
    return shortened


def _few_of_each(checks: Sequence[Check]) -> Iterator[Check]:
    """Yield the first few of those that say the same of one account after another, and how many more there are."""
    seen: Counter[tuple[Grade, str]] = Counter()
    for check in checks:
        seen[_kind(check)] += bool(check.account)
        if not check.account or seen[_kind(check)] <= FEW:
            yield check
    firsts = {_kind(check): check for check in reversed(checks)}
    for kind, number in seen.items():
        if number > FEW:
            first, more = firsts[kind], number - FEW
            said = _n("the same of {count} more account", "the same of {count} more accounts", more, count=count(more))
            yield first._replace(said=said, cure=_("{doctor} names each", doctor=Cure.DOCTOR(json=True)), account="")


def _kind(check: Check) -> tuple[Grade, str]:
    """Return what several accounts have in common: the grade, and the sentence whatever stands in its fields."""
    return check.grade, check.said.key if isinstance(check.said, Sentence) else check.said


# --- this machine ----------------------------------------------------------------------------------------------------------


def check_files(modes: Iterable[tuple[Path, int]]) -> list[Check]:
    """See that nobody else may read the workspace's files.

    Args:
        modes: Of the state folder, of the files in it and of the secrets file.
    """
    checks, looked = [], 0
    for path, mode in modes:
        looked += 1
        if mode & OTHERS:
            cure = f"chmod {700 if stat.S_ISDIR(mode) else 600} {path}"
            checks.append(
                Check("files", Grade.FAIL, _("others may use {path} ({mode})", path=path, mode=f"{mode & 511:o}"), cure)
            )
    return checks or [Check("files", Grade.OK, _("{files} files and folders are their owner's alone", files=count(looked)))]


def check_files_of_windows(workspace: Path, home: Path) -> list[Check]:
    """See that a workspace lies where Windows keeps other people out; the modes of files mean nothing there.

    Args:
        workspace: Its folder.
        home: Of whoever asks, which others can't look into.
    """
    if workspace.resolve().is_relative_to(home.resolve()):
        return [Check("files", Grade.OK, _("the workspace lies in {home}, which others can't read", home=home))]
    said = _("the workspace lies outside {home}: others may be able to read people and tokens in it", home=home)
    return [Check("files", Grade.WARN, said, _("move it there, or take the rights of others away in the folder's properties"))]


def check_writable(modes: Iterable[tuple[Path, int]]) -> list[Check]:
    """Name what of the workspace anybody may write to; nothing when all is well.

    Args:
        modes: Of the workspace, its config, its campaigns and its lists.
    """
    writable = [path for path, mode in modes if mode & ANYBODY_WRITES]
    if not writable:
        return []
    finding = _("anybody on this machine may change {paths}, and with it what is sent", paths=_a_few(writable))
    return [Check("files", Grade.WARN, finding, f"chmod o-w {' '.join(map(str, writable[:FEW]))}")]


def _a_few(paths: Sequence[Path]) -> str:
    named = ", ".join(map(str, paths[:FEW]))
    return _("{named} and {others} more", named=named, others=count(len(paths) - FEW)) if len(paths) > FEW else named


def check_open_files(allowed: int | None, rate_per_s: float) -> list[Check]:
    """See that enough connections may be open at once for the rate that is granted; nothing when all is well.

    Args:
        allowed: How many files a process may open; None for any number.
        rate_per_s: Of all apps together.
    """
    needed = int(min(MOST_CONNECTIONS, rate_per_s * ANSWER_S)) + OTHER_FILES
    if allowed is None or allowed >= needed:
        return []
    finding = _(
        "{allowed} files may be open at once, and {rate} may take {needed}: sending would be slower",
        allowed=count(allowed),
        rate=rate(rate_per_s),
        needed=count(needed),
    )
    return [
        Check(
            "limits",
            Grade.WARN,
            finding,
            _("raise the hard limit: `ulimit -Hn {needed}`, or LimitNOFILE= of the service", needed=needed),
        )
    ]


def check_lists(why: str) -> list[Check]:
    """Say why the list of those who are never written to can't be used; nothing when it can, or when there is none."""
    cure = _("put it right: nothing is planned or sent without it")
    return [Check("lists", Grade.FAIL, why, cure, code=ExitCode.CAMPAIGN_INVALID)] if why else []


def check_disk(free_bytes: int, people: int, what: str) -> Check:
    """See that a run fits on the disk.

    Args:
        free_bytes: Of the workspace's disk.
        people: In the run.
        what: Which run that is.
    """
    need = people * (LEDGER_BYTES + SHARD_BYTES)
    finding = _(
        "{free} free; {what}, {people}, takes about {needed}",
        free=_size(free_bytes),
        what=what,
        people=persons(people),
        needed=_size(need),
    )
    if free_bytes < need:
        return Check(
            "disk", Grade.FAIL, finding, _("free some space, or put the workspace on another disk"), code=ExitCode.SUSPENDED
        )
    if free_bytes < 2 * need:
        return Check("disk", Grade.WARN, finding, _("free some space: freezing a run spills to the disk as well"))
    return Check("disk", Grade.OK, finding)


def _size(size_bytes: float) -> str:
    return joined((decimal(size_bytes / 1e9), "GB") if size_bytes >= 1e9 else (decimal(size_bytes / 1e6, 0), "MB"), " ")


def pid_of_draft(name: str) -> int | None:
    """Return whose draft something is, by the number of its process; see `files.draft_name`. None when it is not a draft."""
    match = _DRAFT.fullmatch(name)
    return int(match[1]) if match else None


def check_leftovers(paths: Sequence[Path]) -> Check:
    """Name what killed processes have left behind."""
    if not paths:
        return Check("leftovers", Grade.OK, _("no killed process has left anything behind"))
    return Check(
        "leftovers",
        Grade.WARN,
        _("left behind by killed processes: {paths}", paths=_a_few(paths)),
        _("nobody uses them any more; {retention} removes them when they are a day old", retention=Cure.RETENTION(yes=True)),
    )


# --- what is prepared ------------------------------------------------------------------------------------------------------


def check_book(account: str, made_at: datetime | None, people: int, now: datetime) -> Check:
    """See that an account has a follower book, and not an old one.

    Args:
        account: Whose.
        made_at: When its generation in force was made; None when there is none.
        people: In it.
        now: When.
    """
    if made_at is None:
        cure = _("{step}, or {other}", step=Cure.IMPORT("FILE", account=account), other=Cure.SYNC(account=account))
        return Check("book", Grade.WARN, _("the follower book is empty: no campaign reaches anyone"), cure, account)
    finding = _("{people}, as of {made_at}", people=persons(people), made_at=words(made_at))
    if now - made_at > OLD:
        return Check(
            "book",
            Grade.WARN,
            _("{finding}: {days} days ago", finding=finding, days=(now - made_at).days),
            _("import or sync the followers again"),
            account,
        )
    return Check("book", Grade.OK, finding, account=account)


def check_staff(people: int | None) -> Check:
    """See that somebody reads a message before everyone else does; None when there is no list of them."""
    if not people:
        missing = _("there is no lists/staff.txt") if people is None else _("lists/staff.txt is empty")
        cure = _("write the ids of colleagues into it, one a line: they read every message first")
        return Check("staff", Grade.WARN, _("{missing}: nobody tries a message before everyone gets it", missing=missing), cure)
    return Check("staff", Grade.OK, _("{people} read every message first", people=persons(people)))


def check_template_texts(missing: Sequence[str], kept: int, *, is_live: bool) -> list[Check]:
    """Say which templates' texts nobody has kept, so that nobody can look at their words; nothing where no template is used.

    Args:
        missing: Zalo's numbers of them.
        kept: Of how many the text is there.
        is_live: Whether they are Zalo's; those of a sandbox have no text, and it is a remark only.
    """
    if not missing and not kept:
        return []
    if not missing:
        return [Check("templates", Grade.OK, _("the texts of {kept} templates are kept in templates/", kept=count(kept)))]
    named = ", ".join(missing[:TEMPLATES_NAMED]) + (" …" if len(missing) > TEMPLATES_NAMED else "")
    finding = _("nobody has kept what people read of these templates: {templates}", templates=named)
    cure = _("copy what Zalo shows of each into templates/NUMBER.txt: then its words are looked at, too")
    return [Check("templates", Grade.WARN if is_live else Grade.OK, finding, cure if is_live else "")]


def check_tokens(status: AccountStatus) -> Check:
    """Say how an account's tokens stand."""
    finding = status.said or joined(_lives(status)) or _("not used yet")
    return Check("tokens", status.grade, finding, status.cure, status.account.id)


def _lives(status: AccountStatus) -> Iterator[str]:
    """Say how old a pair of tokens is, and how long each of the two still lives."""
    if status.age_s is not None:
        yield _("{age} old", age=span(timedelta(seconds=status.age_s)))
    if status.access_s is not None and status.access_s > 0:
        yield _("access for {left}", left=span(timedelta(seconds=status.access_s)))
    if status.refresh_s is not None and status.refresh_s > 0:
        yield _("refresh for {left}", left=span(timedelta(seconds=status.refresh_s)))


# --- what Zalo says --------------------------------------------------------------------------------------------------------


def check_host(name: str, url: str, proxy: str, took_s: float, problem: str, *, rehearses: bool = False) -> Check:
    """Say whether a host answers.

    Args:
        name: Of ours.
        url: Its address.
        proxy: What stands between, without its password; "" for nothing.
        took_s: How long it took.
        problem: Why there was no answer; "" when there was.
        rehearses: Whether a live workspace speaks to this machine there.
    """
    where = _("{url} through {proxy}", url=url, proxy=proxy) if proxy else url
    if problem:
        cure = _("check the network and the proxy {proxy}", proxy=proxy) if proxy else _("check the network and any firewall")
        finding = _("{host} does not answer at {where}: {why}", host=name, where=where, why=problem)
        return Check("hosts", Grade.FAIL, finding, cure, code=ExitCode.SUSPENDED)
    finding = _("{host} answers at {where} in {took} ms", host=name, where=where, took=decimal(took_s * 1000, 0))
    if rehearses:
        cure = _("for a rehearsal that is right; else unset {variable}", variable=f"ZALO_ALERT_{name.upper()}_URL")
        return Check("hosts", Grade.WARN, _("{finding}: on this machine, where nobody is reached", finding=finding), cure)
    return Check("hosts", Grade.OK, finding)


def check_oa(account: Account, facts: OaFacts, now: datetime, *, is_live: bool) -> list[Check]:
    """Hold what Zalo says of an OA against what an alert needs of it."""
    checks: list[Check] = []

    def add(grade: Grade, finding: str, cure: str) -> None:
        checks.append(Check("oa", grade, finding, cure, account.id))

    if facts.oa_id != account.oa_id:
        cure = _("correct oa_id in zalo-alert.yaml, or consent with the right OA")
        add(
            Grade.FAIL,
            _(
                "its token belongs to OA {oa_id} ({name}), not to {own_oa_id}",
                oa_id=facts.oa_id,
                name=facts.name,
                own_oa_id=account.oa_id,
            ),
            cure,
        )
    if is_live and facts.oa_type != STATE_AGENCY:
        add(Grade.WARN, _("Zalo does not hold it for a state agency"), _("have the type of the OA changed by Zalo"))
    if not facts.is_verified:
        grade = Grade.FAIL if is_live else Grade.WARN
        add(grade, _("it is not verified, and Zalo refuses most of its calls"), _("have it verified by Zalo"))
    if not facts.has_billing:
        add(Grade.WARN, _("no billing account is linked: messages that cost are refused"), _("link a Zalo Cloud Account"))
    _package(facts, in_vietnam(now).date(), add)
    return checks or [Check("oa", Grade.OK, facts.describe(), account=account.id)]


def _package(facts: OaFacts, today: date, add: Callable[[Grade, str, str], None]) -> None:
    until = _day(facts.package_until)
    if until and until < today:
        add(
            Grade.FAIL,
            _("its package {package} ended on {day}", package=facts.package, day=facts.package_until),
            _("renew it"),
        )
    elif until and until - today <= SOON:
        add(
            Grade.WARN,
            _("its package {package} ends on {day}", package=facts.package, day=facts.package_until),
            _("renew it"),
        )
    elif not until:
        finding = (
            _("Zalo names no end of its package {package}", package=facts.package)
            if facts.package
            else _("Zalo names no end of its package")
        )
        add(Grade.WARN, finding, _("see whether it is the free one"))


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text.strip())
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else None
    except ValueError:
        return None


def check_quota(account: str, left: QuotaLeft | None, needed: int) -> Check:
    """Say how many template messages by phone are left today.

    Args:
        account: Whose.
        left: By Zalo's word; None when it does not say.
        needed: By the planned run; 0 when none is planned.
    """
    if left is None:
        return Check("quota", Grade.OK, _("Zalo names no limit of template messages by phone"), account=account)
    amount = count(left.left)
    if left.total is not None:
        amount = _("{left} of {total}", left=amount, total=count(left.total))
    finding = _("{amount} template messages by phone left today", amount=amount)
    if left.left < max(1, needed):
        if needed:
            finding = _(
                "{amount} template messages by phone left today, and the campaign has {needed}",
                amount=amount,
                needed=count(needed),
            )
        return Check("quota", Grade.WARN, finding, _("have the quota raised, or wait for midnight"), account)
    return Check("quota", Grade.OK, finding, account=account)
