"""Standing approvals through the command line: what cron sends without asking anybody, and what it does not."""

import shutil
from datetime import timedelta

import pytest

from zalo_alert.foundation.clock import SystemClock

pytestmark = pytest.mark.long

MOST = 2000
# At any hour: it is expected, and of level 3.
ROUTINE = """\
code: DT-1
status: Actual
msgType: Alert
event: bao
risk_level: 3
urgency: {urgency}
severity: {severity}
certainty: Possible
limits: {{on_unknown: hold}}
effective: {effective}
expires: {expires}
audience: {audience}
routes: [{{type: cs}}]
message:
  headline: Bản tin thường kỳ
  text: |
    Bản tin thường kỳ cho {{{{ place }}}}. Phát lúc {{{{ effective }}}} – Ban Chỉ đạo.
    Bạn KHÔNG cần làm gì. Mã tin: {{{{ code }}}}
correction:
  text: "ĐÍNH CHÍNH: tin {{{{ code }}}} sai."
"""


class Cron:
    """A live desk with a routine campaign for Huế."""

    def __init__(self, desk, officers, sandbox):
        self.desk, self.officers, self.sandbox = desk, officers, sandbox
        self.write()

    def write(self, **changes):
        path, now = self.desk.folder / "thu.yaml", SystemClock().now()
        given = {
            "audience": "{areas: [new:46]}", "urgency": "Expected", "severity": "Minor",
            "effective": f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M:%S+07:00}",
            "expires": f"{now + timedelta(hours=6):%Y-%m-%dT%H:%M:%S+07:00}",
        } | changes  # fmt: skip
        path.write_text(ROUTINE.format(**given), encoding="utf-8")
        return path

    def propose(self, name="thu", by="Dung", code="DT-1", **changes):
        now = SystemClock().now()
        options = {
            "from": f"{now:%Y-%m-%d}", "to": f"{now + timedelta(days=30):%Y-%m-%d}", "hours": "00:00-24:00",
            "most-people": str(MOST), "most-a-day": "2", "most-in-all": "3",
        } | {key.replace("_", "-"): value for key, value in changes.items()}  # fmt: skip
        given = [word for option, value in options.items() for word in (f"--{option}", value)]
        typed = f"{code}\n{options['most-people']}\n"
        return self.desk.run(
            "standing", "propose", "thu.yaml", "--name", name, *given, "--key", self.officers.key(by), "--json", stdin=typed
        )

    def approve(self, name="thu", by="Cuc", code="DT-1", most=MOST):
        key = self.officers.key(by)
        return self.desk.run("standing", "approve", name, "--key", key, "--json", stdin=f"{code}\n{most}\n")

    def permit(self, **changes):
        proposed, approved = self.propose(**changes), self.approve(most=changes.get("most_people", MOST))
        assert (proposed.code, approved.code) == (0, 0), (proposed.err, approved.err)
        return approved.fact("standing")

    def send(self, occurrence, *words, **given):
        return self.desk.run("send", "thu.yaml", "--occurrence", occurrence, "--yes", "--json", *words, **given)

    @property
    def reached(self):
        return self.sandbox.stats()["people"]


@pytest.fixture
def cron(live_desk, officers, tls_sandbox):
    return Cron(live_desk, officers, tls_sandbox)


def test_cron_sends_without_questions_and_the_run_says_by_what(cron):
    before = cron.send("k1")
    standing = cron.permit()
    first, again = cron.send("k1"), cron.send("k1")
    people = cron.reached

    assert (before.code, standing["state"], standing["approvers"]) == (10, "in-force", ["Cuc"])
    assert first.code == 0, first.err
    assert again.code == 0
    assert people > 0
    assert cron.sandbox.stats()["twice"] == 0
    for fact in (first.fact("report"), cron.desk.run("status", "--json").fact("status")):
        assert (fact["standing"], fact["unreviewed"]) == ("thu", False)
    assert "let out by the standing approval thu" in cron.desk.run("report").said
    listed = cron.desk.run("standing", "list", "--json").fact("standing")
    assert (listed["used_today"], listed["used_in_all"]) == (1, 1)


def test_the_approver_signs_it_elsewhere(cron, tmp_path):
    file = cron.desk.folder / cron.propose().fact("standing")["request"]
    (tmp_path / "home.json").write_bytes(file.read_bytes())
    key, typed = cron.officers.key("Cuc"), f"DT-1\n{MOST}\n"
    away = cron.desk.run("approve", "--request", str(tmp_path / "home.json"), "--key", key, stdin=typed)
    back = cron.desk.run("standing", "approve", "thu", "--signature", "-", stdin=away.out[away.out.index("-----BEGIN") :])

    assert "goes out again and again" in away.said
    assert back.code == 0, back.err
    assert cron.send("k1").code == 0


def test_nothing_goes_out_before_a_second_person_has_signed(cron):
    assert cron.propose().code == 0
    own = cron.approve(by="Dung")
    result = cron.send("k1")

    assert (own.code, "nobody approves their own" in own.err) == (10, True)
    assert (result.code, "not approved by enough officers" in result.err) == (10, True)
    assert cron.reached == 0


def test_two_sends_at_once_do_not_both_take_the_last_use(cron):
    cron.permit(most_a_day="1", most_in_all="1")
    going = [cron.desk.start("send", "thu.yaml", "--occurrence", f"k{n}", "--yes", "--json") for n in range(2)]
    results = [cron.desk.ended(each) for each in going]

    assert sorted(result.code for result in results) == [0, 10], [result.err for result in results]
    assert cron.sandbox.stats()["twice"] == 0


def test_the_sends_of_a_day_and_in_all_are_counted(cron):
    cron.permit(most_a_day="1", most_in_all="3")
    first, second = cron.send("k1"), cron.send("k2")

    assert (first.code, second.code) == (0, 10)
    assert "sends a day: 1 are allowed, and it was used 1 times today" in second.err
    assert cron.send("k1").code == 0, "what goes on is not counted again"


def test_a_revoked_one_lets_nothing_out(cron):
    cron.permit()
    revoked = cron.desk.run("standing", "revoke", "thu", "--reason", "out of date", "--key", cron.officers.key("Dung"), "--json")
    result = cron.send("k1")

    assert (revoked.code, revoked.fact("standing-revoked")["by"]) == (0, "Dung")
    assert (result.code, "revoked by Dung" in result.err, "out of date" in result.err) == (10, True, True)
    assert cron.approve().code == 2
    assert cron.reached == 0


def test_one_is_revoked_also_where_the_log_does_not_tell_of_it(cron):
    cron.permit()
    log = cron.desk.folder / ".zalo-alert" / "audit.log"
    log.unlink()
    log.mkdir()
    revoked = cron.desk.run("standing", "revoke", "thu", "--reason", "out of date", "--key", cron.officers.key("Dung"))

    assert (revoked.code, "the log does not tell of it" in revoked.said) == (0, True)


def test_it_ends_with_its_approver(cron):
    cron.permit()
    cron.officers.revoke("Cuc")
    result = cron.send("k1")

    assert (result.code, "Cuc was revoked" in result.err) == (10, True)
    assert cron.desk.run("standing", "list", "--json").fact("standing")["state"] == "void"
    assert cron.reached == 0


def test_a_byte_more_in_the_campaign_is_another_campaign(cron):
    cron.permit()
    path = cron.desk.folder / "thu.yaml"
    path.write_bytes(path.read_bytes() + b"\n")
    result = cron.send("k1")

    assert (result.code, "campaign: its text is not the one that was signed" in result.err) == (10, True)
    assert cron.reached == 0


def test_more_people_than_allowed_are_refused(cron):
    cron.permit(most_people="5")
    result = cron.send("k1")

    assert (result.code, "are more than the 5 of one send" in result.err) == (10, True)
    assert cron.reached == 0


def test_another_host_is_refused(cron):
    cron.permit()
    cron.desk.environ["ZALO_ALERT_OPENAPI_URL"] = "https://127.0.0.2:9"
    result = cron.send("k1")

    assert (result.code, "hosts: messages would go elsewhere" in result.err) == (10, True)


def test_a_list_is_part_of_it_or_is_not(cron):
    cron.write(audience="{from: recipients}")
    ids = [line.split(",")[0] for line in (cron.desk.folder / "followers.csv").read_text(encoding="utf-8").splitlines()[1:13]]
    without = cron.propose()
    cron.permit(recipients_up_to="10")
    few, many = ("\n".join(ids[:10]) + "\n", "\n".join(ids) + "\n")
    sent, refused = cron.send("k1", "--recipients", "-", stdin=few), cron.send("k2", "--recipients", "-", stdin=many)

    assert (without.code, "no list is part of it" in without.err) == (2, True)
    assert sent.code == 0, sent.err
    assert (refused.code, "12 people are more than the 10 of one list" in refused.err) == (10, True)
    assert cron.reached == 10


def test_a_copy_in_another_workspace_lets_nothing_out(cron, tmp_path):
    cron.permit()
    copy = shutil.copytree(cron.desk.folder, tmp_path / "copy")
    cron.desk.folder = copy
    result = cron.send("k1")

    assert (result.code, "workspace: it was given for" in result.err) == (10, True)
    assert cron.reached == 0


def test_a_text_that_was_altered_after_signing_lets_nothing_out(cron):
    cron.permit()
    path = cron.desk.folder / ".zalo-alert" / "standing" / "approval-thu.json"
    path.write_bytes(path.read_bytes().replace(b'\\"most_a_day\\":2', b'\\"most_a_day\\":9'))
    result = cron.send("k1")

    assert (result.code, "the signature is of another text" in result.err) == (10, True)
    assert cron.reached == 0


@pytest.mark.parametrize(("field", "value"), [("severity", "Severe"), ("urgency", "Immediate")])
def test_what_is_grave_is_never_sent_unasked(cron, field, value):
    cron.write(**{field: value})
    result = cron.propose()

    assert (result.code, value in result.err) == (10, True)


def test_nothing_goes_round_a_rule_by_it(cron):
    cron.permit()
    result = cron.send("k1", "--despite-hours", "nobody is awake to be asked")

    assert (result.code, "rules: nobody has agreed" in result.err) == (10, True)
    assert cron.reached == 0


def test_its_correction_needs_one_approver(cron):
    cron.permit()
    assert cron.send("k1").code == 0
    reached, key = cron.reached, cron.officers.key("Cuc")
    result = cron.desk.run("correct", "DT-1@k1", "--key", key, "--json", stdin=f"DT-1\n{reached}\n")

    assert result.code == 0, result.err
    assert cron.sandbox.stats()["accepted"] == 2 * reached


def test_what_is_over_stays_so_whatever_has_become_of_its_permission(cron):
    cron.permit()
    first, reached = cron.send("k1"), cron.reached
    revoked = cron.desk.run("standing", "revoke", "thu", "--reason", "enough", "--key", cron.officers.key("Cuc"))
    again = cron.send("k1")

    assert (first.code, revoked.code, again.code) == (0, 0, 0), again.err
    assert cron.reached == reached


def test_what_the_clock_is_to_send_needs_one_that_covers_its_times(cron, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "crontab").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    (tmp_path / "bin" / "crontab").chmod(0o755)
    cron.desk.environ["PATH"] = f"{tmp_path / 'bin'}:{cron.desk.environ['PATH']}"
    now = SystemClock().now()
    cron.write(expires=f"{now + timedelta(days=40):%Y-%m-%dT%H:%M:%S+07:00}")
    words = ("schedule", "install", "thu.yaml", "--at", "daily 12:00", "--using", "cron", "--dry-run", "--json")
    before = cron.desk.run(*words)
    cron.permit(to=f"{now + timedelta(days=1):%Y-%m-%d}")
    after = cron.desk.run(*words)

    assert (before.code, after.code) == (10, 0), after.err
    assert "another officer approves it first" in before.said
    assert after.fact("schedule-installed")["standing"] == "thu"
    assert any("dates: it holds from" in fact["why"] for fact in after.facts if fact["type"] == "schedule-warning")
