"""A real alert goes out as two have agreed to it, or not at all: ways of trying otherwise, held against a counting server."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from office import Officers, approve, reseal, submit

from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.officers import Role
from zalo_alert.approval.request import canonical
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.digests import digest_of
from zalo_alert.runs.contents import check_counts
from zalo_alert.runs.home import home_of
from zalo_alert.runs.run import Run

pytestmark = pytest.mark.long

CODE = "TW-1"
ACTUAL = """\
code: {code}
status: Actual
msgType: Alert
event: bao
risk_level: 4
urgency: Expected
severity: Extreme
certainty: Likely
effective: {effective}
expires: {expires}
audience: {{areas: [new:46]}}
routes: [{{type: cs}}]
message:
  headline: Bão số 7
  text: "[CẢNH BÁO BÃO] {{{{ place }}}}. Ban Chỉ huy Phòng thủ dân sự: sơ tán trước 20 giờ. Mã tin: {{{{ code }}}}"
correction: {{text: "Tin {{{{ code }}}} đã gửi nhầm. Bạn không cần làm gì."}}
"""


def actual(desk, code=CODE):
    """Write a real alert for Huế; return its file."""
    now = SystemClock().now()
    given = {"effective": now - timedelta(minutes=1), "expires": now + timedelta(hours=6)}
    text = ACTUAL.format(code=code, **{name: at.isoformat(timespec="seconds") for name, at in given.items()})
    (desk.folder / f"{code}.yaml").write_text(text, encoding="utf-8")
    return f"{code}.yaml"


class Attempt:
    """An approved run at a desk, and hands that may write anything on its disk."""

    def __init__(self, desk, officers, people):
        self.desk, self.officers, self.people = desk, officers, people
        self.run = desk.folder / ".zalo-alert" / "runs" / CODE

    @property
    def typed(self):
        return f"{CODE}\n{self.people}\n"

    def sql(self, *statements):
        with closing(sqlite3.connect(self.run / "run.db")) as database:
            for statement in statements:
                database.execute(*statement) if isinstance(statement, tuple) else database.execute(statement)
            database.commit()

    def reseal(self):
        reseal(self.run)

    def campaign(self, old, new):
        path = self.run / "campaign.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    def settings(self, old, new):
        self.desk.configure(old, new)

    def sign(self, name, namespace, message=None):
        return self.officers.sign(name, self.request() if message is None else message, namespace)

    def request(self):
        with closing(Run(self.run)) as run:
            return run.request

    def exchange_approval(self, signature):
        self.sql(("UPDATE agreement SET text = ? WHERE purpose = ?", (signature, Namespace.APPROVE)))

    def send(self, *words):
        return self.desk.run(*(words or ("send", CODE)), stdin=self.typed)


def altered_text(attempt):
    attempt.campaign("20 giờ", "21 giờ")
    return attempt.send()


def altered_text_with_its_digest(attempt):
    attempt.campaign("20 giờ", "21 giờ")
    attempt.reseal()
    return attempt.send()


def altered_correction_with_its_digest(attempt):
    attempt.campaign("gửi nhầm", "gửi đúng")
    attempt.reseal()
    return attempt.send()


def wider_area_with_its_digest(attempt):
    attempt.campaign("new:46", "all")
    attempt.reseal()
    return attempt.send()


def later_expiry_with_its_digest(attempt):
    attempt.campaign("expires: 2", "expires:  2")
    attempt.reseal()
    return attempt.send()


def altered_shard(attempt):
    shard = next((attempt.run / "shards").iterdir())
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    return attempt.send()


def other_people_with_their_digest(attempt):
    shard = next((attempt.run / "shards").iterdir())
    other = attempt.desk.folder / "other"
    shutil.copytree(attempt.run, other)
    _replace_people(shard)
    attempt.sql(("UPDATE shard SET digest = ?", (digest_of(shard.read_bytes()),)))
    attempt.reseal()
    return attempt.send()


def _replace_people(shard):
    import pyarrow.parquet as pq

    table = pq.read_table(shard)
    ids = [f"9{number:018}" for number in range(table.num_rows)]
    column = table.schema.get_field_index("user_id")
    pq.write_table(table.set_column(column, "user_id", [ids]), shard)


def renamed_place(attempt):
    attempt.sql("UPDATE place SET label = 'TOÀN QUỐC: SƠ TÁN NGAY'")
    return attempt.send()


def renamed_place_with_its_digest(attempt):
    attempt.sql("UPDATE place SET label = 'TOÀN QUỐC: SƠ TÁN NGAY'")
    attempt.reseal()
    return attempt.send()


def another_oa(attempt):
    attempt.settings("388613280878808645", "388613280878808646")
    return attempt.send()


def another_app(attempt):
    attempt.settings("360846524940903967", "360846524940903968")
    return attempt.send()


def another_oa_with_its_digest(attempt):
    attempt.settings("388613280878808645", "388613280878808646")
    attempt.sql(("UPDATE fact SET value = ? WHERE name = 'oa_ids'", ('["388613280878808646"]',)))
    attempt.reseal()
    return attempt.send()


def another_host(attempt):
    attempt.desk.environ["ZALO_ALERT_OPENAPI_URL"] = "https://openapi.example.vn"
    return attempt.send()


def flipped_profile(attempt):
    attempt.settings("profile: live", "profile: drill")
    return attempt.send()


def flipped_profile_and_its_mark(attempt):
    attempt.settings("profile: live", "profile: drill")
    (attempt.desk.folder / ".zalo-alert" / "profile").write_text("drill\n", encoding="utf-8")
    return attempt.send()


def _copy(attempt):
    target = attempt.desk.folder.parent / "copy"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(attempt.desk.folder, target)
    return target


def copied_folder(attempt):
    return attempt.send("send", CODE, "--workspace", str(_copy(attempt)))


def copied_folder_with_its_own_home(attempt):
    copy = _copy(attempt)
    run = copy / ".zalo-alert" / "runs" / CODE
    with closing(sqlite3.connect(run / "run.db")) as database:
        database.execute("UPDATE home SET folder = ?, file = ?", home_of(run, run)[1:])
        database.commit()
    return attempt.send("send", CODE, "--workspace", str(copy))


def copied_folder_without_a_home(attempt):
    copy = _copy(attempt)
    with closing(sqlite3.connect(copy / ".zalo-alert" / "runs" / CODE / "run.db")) as database:
        database.execute("DELETE FROM home")
        database.commit()
    return attempt.send("send", CODE, "--workspace", str(copy))


def copied_folder_said_to_have_moved(attempt):
    return attempt.send("resume", CODE, "--workspace", str(_copy(attempt)), "--moved", "the other one is dead")


def copied_folder_moved_by_an_editor(attempt):
    words = ("--moved", "dead", "--key", attempt.officers.key("Dung"))
    return attempt.send("resume", CODE, "--workspace", str(_copy(attempt)), *words)


def altered_request(attempt):
    text = attempt.request()
    attempt.sql(("UPDATE request SET text = ?", (text.replace(b'"by":"Dung"', b'"by":"Cuc"'),)))
    return attempt.send()


def request_rebuilt_for_another_text(attempt):
    attempt.campaign("20 giờ", "21 giờ")
    attempt.reseal()
    value = orjson.loads(attempt.request())
    with closing(Run(attempt.run)) as run:
        value["what"] |= {"digest": run.facts.digest, "campaign": run.facts.campaign_digest}
    attempt.sql(("UPDATE request SET text = ?", (canonical(value),)))
    return attempt.send()


def approval_by_whoever_submitted(attempt):
    attempt.exchange_approval(attempt.sign("Dung", Namespace.APPROVE))
    return attempt.send()


def approval_of_another_run(attempt):
    attempt.exchange_approval(attempt.sign("Cuc", Namespace.APPROVE, attempt.request().replace(b"TW-1", b"TW-2")))
    return attempt.send()


def approval_by_a_stranger(attempt):
    attempt.exchange_approval(attempt.sign("stranger", Namespace.APPROVE))
    return attempt.send()


def approval_for_another_purpose(attempt):
    attempt.exchange_approval(attempt.sign("Cuc", Namespace.AUDIT))
    return attempt.send()


def approval_by_an_editor(attempt):
    attempt.officers.add("Em", Role.EDITOR)
    attempt.exchange_approval(attempt.sign("Em", Namespace.APPROVE))
    return attempt.send()


def approval_for_another_province(attempt):
    attempt.officers.add("Giang", Role.APPROVER, ("new:44",))
    attempt.exchange_approval(attempt.sign("Giang", Namespace.APPROVE))
    return attempt.send()


def approver_revoked(attempt):
    attempt.officers.revoke("Cuc")
    return attempt.send()


def submitter_revoked(attempt):
    attempt.officers.revoke("Dung")
    return attempt.send()


def approval_that_is_a_picture(attempt):
    attempt.exchange_approval("\xff\xd8\xff\xe0JFIF")
    return attempt.send()


def approval_removed(attempt):
    attempt.sql(("DELETE FROM agreement WHERE purpose = ?", (Namespace.APPROVE,)))
    return attempt.send()


def submission_removed(attempt):
    attempt.sql("DELETE FROM agreement", "DELETE FROM request")
    return attempt.send()


def state_set_back(attempt):
    attempt.sql("DELETE FROM agreement", "DELETE FROM request", "UPDATE state SET name = 'frozen'")
    return attempt.send()


def state_said_to_be_begun(attempt):
    attempt.sql(
        ("DELETE FROM agreement WHERE purpose = ?", (Namespace.APPROVE,)),
        "UPDATE state SET name = 'stopped'",
        "INSERT INTO history VALUES (1, 'started', '')",
    )
    return attempt.send("resume", CODE)


def history_says_approved(attempt):
    attempt.sql(
        ("DELETE FROM agreement WHERE purpose = ?", (Namespace.APPROVE,)),
        "INSERT INTO history VALUES (1, 'approved', 'by nobody')",
    )
    return attempt.send()


def list_of_officers_gone(attempt):
    shutil.rmtree(attempt.desk.folder / ".zalo-alert" / "officers")
    return attempt.send()


def list_of_officers_edited(attempt):
    path = attempt.desk.folder / ".zalo-alert" / "officers" / "officers.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("approver", "admin"), encoding="utf-8")
    return attempt.send()


def list_of_officers_founded_anew(attempt):
    shutil.rmtree(attempt.desk.folder / ".zalo-alert" / "officers")
    Officers(attempt.desk.folder, attempt.officers.folder)
    return attempt.send()


def approval_too_old(attempt):
    attempt.settings("accounts:", "approval: {hours: 0.0001}\naccounts:")
    return attempt.send()


def too_few_approvers(attempt):
    attempt.settings("accounts:", "approval: {approvers: 2}\naccounts:")
    return attempt.send()


def another_code_typed(attempt):
    return attempt.desk.run("send", CODE, stdin=f"TW-2\n{attempt.people}\n")


def another_number_typed(attempt):
    return attempt.desk.run("send", CODE, stdin=f"{CODE}\n{10 * attempt.people}\n")


def nobody_typed(attempt):
    return attempt.desk.run("send", CODE)


def another_occurrence(attempt):
    return attempt.send("send", f"{CODE}.yaml", "--yes", "--occurrence", "2")


def another_list(attempt):
    (attempt.desk.folder / "ids.txt").write_text("1234567890123456789\n", encoding="utf-8")
    return attempt.send("send", f"{CODE}.yaml", "--yes", "--recipients", "ids.txt")


def another_campaign_of_the_code(attempt):
    path = attempt.desk.folder / f"{CODE}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("20 giờ", "21 giờ"), encoding="utf-8")
    return attempt.send("send", f"{CODE}.yaml", "--yes")


def rejected(attempt):
    attempt.sql("UPDATE state SET name = 'submitted'")
    assert attempt.desk.run("reject", CODE, "--reason", "the level is wrong").code == 0
    return attempt.send("resume", CODE)


def cancelled(attempt):
    assert attempt.desk.run("cancel", CODE, "--yes").code == 0
    return attempt.send("resume", CODE)


def dry_run_of_it(attempt):
    attempt.send("send", f"{CODE}.yaml", "--dry-run")
    return attempt.desk.run("send", actual(attempt.desk, "TW-9"), "--yes")


WAYS = [value for value in globals().values() if callable(value) and getattr(value, "__code__", None)
        and value.__code__.co_varnames[:1] == ("attempt",) and not value.__name__.startswith("_")]  # fmt: skip


class _Snapshot:
    """A folder as it is now, put back file by file: a run's database must stay the same file, or it is a copy."""

    def __init__(self, folder: Path, environ):
        self.folder, self.environ, self.kept = folder, environ, dict(environ)
        self.files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def restore(self):
        for path in sorted(self.folder.rglob("*"), reverse=True):
            if path.is_file() and path not in self.files:
                path.unlink()
            elif path.is_dir() and not any(kept.is_relative_to(path) for kept in self.files):
                shutil.rmtree(path)
        for path, content in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.environ.clear()
        self.environ.update(self.kept)


def test_there_are_more_than_forty_ways():
    assert len(WAYS) >= 45


def test_an_actual_alert_goes_out_as_approved_or_not_at_all(live_desk, officers, tls_sandbox):
    people = live_desk.run("plan", actual(live_desk), "--json").fact("plan")["people"]
    assert submit(live_desk, officers, f"{CODE}.yaml", CODE, people).code == 0
    unapproved = live_desk.run("send", CODE, "--yes")
    assert approve(live_desk, officers, CODE, CODE, people).code == 0
    snapshot, wrong = _Snapshot(live_desk.folder, live_desk.environ), []
    for way in WAYS:
        result = way(Attempt(live_desk, officers, people))
        sent = tls_sandbox.stats()["people"]
        if result.code not in (2, 10, 11, 12, 13, 14) or sent or not result.err.strip():
            wrong.append((way.__name__, result.code, sent, result.err))
        snapshot.restore()
    control = live_desk.run("send", CODE, stdin=f"{CODE}\n{people}\n")

    assert wrong == []
    assert unapproved.code == 10
    assert control.code == 0, control.err
    assert tls_sandbox.stats()["people"] == people


def test_whoever_approves_reads_how_many_there_are(live_desk, officers, tls_sandbox):
    people = live_desk.run("plan", actual(live_desk), "--json").fact("plan")["people"]
    assert submit(live_desk, officers, f"{CODE}.yaml", CODE, people).code == 0
    attempt = Attempt(live_desk, officers, 3)
    attempt.sql(
        "DELETE FROM request", "DELETE FROM agreement", "UPDATE state SET name = 'frozen'",
        "UPDATE fact SET value = '3' WHERE name = 'audience'", "UPDATE place SET people = 0",
        "UPDATE place SET people = 3 WHERE number = 0",
    )  # fmt: skip
    attempt.reseal()
    with closing(Run(attempt.run)) as run, pytest.raises(StorageUnusable, match="its shards hold"):
        check_counts(run)
    submitted = submit(live_desk, officers, f"{CODE}.yaml", CODE, 3)
    approved = approve(live_desk, officers, CODE, CODE, 3)

    assert (submitted.code, approved.code) == (2, 2)  # what was frozen and not signed is frozen anew, and read
    assert attempt.send().code == 2
    assert tls_sandbox.stats()["people"] == 0
