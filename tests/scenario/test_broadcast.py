"""A campaign with a broadcast, through the command line: planned, sent beside the rest, killed, resumed, told."""

import signal
from datetime import timedelta

import pytest
from daytime import BROADCAST, DAY, MORNING, NIGHT, Office


@pytest.fixture
def office(desk, sandbox_with):
    return Office(desk, sandbox_with(at=DAY.isoformat()))


def standing(result):
    return result.fact("report")["broadcast"][0]


def test_a_broadcast_alone_goes_out_once_and_everything_adds_up_to_nobody(office):
    sent = office.run("send", office.campaign(), "--yes")
    again = office.run("send", "c.yaml", "--yes")

    assert (sent.code, again.code) == (0, 0), sent.said
    assert standing(sent)["state"] == standing(again)["state"] == "accepted"
    assert [one["message_id"] for one in office.sandbox.broadcasts()] == [standing(sent)["message_id"]]
    report = office.run("report").fact("report")
    assert report["audience"] == sum(report["totals"].values()) == 0
    assert office.run("status").fact("status")["state"] == "finished"
    assert office.desk.states() == {}
    assert office.run("export", "e.csv").fact("export")["people"] == 0
    assert office.run("report", "--html", "r.html", "--csv", "r.csv").code == 0
    assert "<svg" in (office.desk.folder / "r.html").read_text(encoding="utf-8")
    for several in ("sitrep", "aar", "month"):
        assert office.run("report", several).code == 0


def test_it_goes_out_beside_the_routes_to_single_people(office):
    sent = office.run("send", office.campaign(f"[{{type: cs}}, {BROADCAST}]"), "--yes")

    assert sent.code == 0, sent.said
    assert sent.fact("report")["totals"]["accepted"] == sent.fact("plan")["people"] > 0
    assert len(office.sandbox.broadcasts()) == 1


def test_by_night_people_are_written_to_and_the_broadcast_waits_for_the_morning(office):
    office.move(NIGHT)
    sent = office.run("send", office.campaign(f"[{BROADCAST}, {{type: cs}}]", areas="[all]"), "--yes")
    early = office.run("resume")

    assert (sent.code, early.code) == (13, 13)
    assert sent.fact("report")["totals"]["accepted"] == sent.fact("plan")["people"]
    assert sent.fact("plan-broadcast")["deferred"]
    assert sent.fact("plan-broadcast")["cities"] is None
    assert standing(early)["due_at"] == MORNING.isoformat()
    assert office.sandbox.broadcasts() == []
    office.move(MORNING)
    assert office.run("resume").code == 0
    assert len(office.sandbox.broadcasts()) == 1


def test_one_that_can_go_out_by_night_only_never_does(office):
    office.move(NIGHT)
    sent = office.run("send", office.campaign(expires=(NIGHT + timedelta(hours=2)).isoformat()), "--yes")

    assert sent.code == 3
    assert standing(sent)["state"] == "expired"
    assert "never goes out" in str(sent.fact("plan")["warnings"])


def test_a_dry_run_broadcasts_nothing(office):
    rehearsed = office.run("send", office.campaign(), "--dry-run")
    assert rehearsed.code == 0, rehearsed.said
    assert rehearsed.fact("dry-run-broadcast")["title"] == "DIỄN TẬP"
    assert office.sandbox.broadcasts() == []
    assert office.run("runs").facts == []


def test_what_it_reaches_beyond_its_audience_is_said_and_counted(office):
    plan = office.run("plan", office.campaign(areas='["ward:00004", "old:52"], uncertain: exclude'))
    found, warnings = plan.fact("plan-broadcast"), plan.fact("plan")["warnings"]

    assert found["cities"] == [9, 18]
    assert found["not_meant"] > 0
    assert any(f"{found['not_meant']} " in warning for warning in warnings)
    assert any("Hà Nội is reached" in sentence for sentence in found["beyond"])
    shown = office.desk.run("plan", "c.yaml").said
    assert "moderators" in shown
    assert "whom the campaign does not mean" in shown


def test_a_list_of_people_and_a_broadcast_exclude_each_other(office):
    (office.desk.folder / "l.txt").write_text("1002893352839501541\n", encoding="utf-8")
    refused = office.run("send", office.campaign(), "--recipients", "l.txt", "--yes")
    assert refused.code == 2
    assert "whole provinces" in refused.err


def test_an_account_broadcasts_only_where_it_may_write(office):
    office.desk.configure("areas: [all]", "areas: [new:01, ward:19900]")
    assert office.run("plan", office.campaign()).code == 0
    refused = office.run("plan", office.campaign(areas="[ward:19900]"))
    assert refused.code == 10
    assert "would go beyond" in refused.err


@pytest.mark.kill
def test_a_kill_while_zalo_is_asked_leaves_no_second_broadcast(office, wait_until):
    child = office.held("send", office.campaign(), "--yes", "--json", until=wait_until)
    office.sandbox.change(latency_ms=2000)
    (office.desk.folder / "go").touch()
    wait_until(lambda: office.sandbox.broadcasts() or child.poll() is not None)
    child.send_signal(signal.SIGKILL)
    child.wait()

    office.sandbox.change(latency_ms=0)
    resumed = office.run("resume")
    assert resumed.code == 3
    assert standing(resumed)["state"] == "unknown"
    assert len(office.sandbox.broadcasts()) == 1
    assert "perhaps it goes out already" in office.desk.run("status").said
    assert office.run("resume", "--retry-unknown").code == 0
    assert len(office.sandbox.broadcasts()) == 2
    assert standing(office.run("report"))["maybe_twice"]


def test_the_cover_beside_the_campaign_is_frozen_and_uploaded(office):
    campaign = office.campaign("[{type: broadcast, cover: bia.jpg, author: PCTT}]")
    assert office.run("validate", campaign).code == 10
    (office.desk.folder / "bia.jpg").write_bytes(b"\xff\xd8\xff" + b"0" * 100)
    online = office.run("validate", campaign, "--online")
    sent = office.run("send", campaign, "--yes")

    assert online.fact("publishing")["objections"] == []
    assert online.fact("publishing")["left"] > 0
    assert sent.code == 0, sent.said


def test_the_officer_types_how_many_people_it_reaches(office):
    people = office.run("plan", office.campaign()).fact("plan-broadcast")["people"]
    assert office.run("send", "c.yaml", stdin=f"{people + 1}\n").code == 2
    assert office.run("send", "c.yaml", stdin=f"{people}\n").code == 0


def test_the_month_being_used_up_is_told_and_resume_tries_again(office):
    office.sandbox.change(broadcasts=0)
    sent = office.run("send", office.campaign(), "--yes")
    office.sandbox.change(broadcasts=1)

    assert (sent.code, standing(sent)["state"], standing(sent)["code"]) == (13, "deferred", -211)
    assert "used up" in standing(sent)["why"]
    assert office.run("resume").code == 0
    assert len(office.sandbox.broadcasts()) == 1


def test_each_oa_broadcasts_to_its_own_people_and_an_empty_book_hinders_none(desk, sandbox_with):
    sandbox = sandbox_with(at=DAY.isoformat(), oas=2)
    office = Office(desk, sandbox)
    desk.environ |= sandbox.environs()
    second = sandbox.accounts[1]
    desk.configure("accounts:\n", f"accounts:\n{second.line()}\n")
    areas = f"[{second.areas[0]}], accounts: [pctt, {second.id}]"
    plan = office.run("plan", office.campaign(areas=areas))
    sent = office.run("send", "c.yaml", "--yes")

    assert {fact["account"]: fact["people"] is None for fact in plan.facts if fact["type"] == "plan-broadcast"} == {
        "pctt": False, second.id: True,
    }  # fmt: skip
    assert sent.code == 0, sent.said
    ids = {one["account"]: one["message_id"] for one in sent.fact("report")["broadcast"]}
    assert {one["account"]: one["message_id"] for one in sandbox.broadcasts()} == ids
    stands = {one["account"]: one["state"] for one in office.run("runs").fact("run")["broadcast"]}
    assert stands == {"pctt": "accepted", second.id: "accepted"}


@pytest.mark.kill
def test_ctrl_c_while_the_article_is_made_leaves_nothing_in_doubt(office, wait_until):
    child = office.held("send", office.campaign(), "--yes", "--json", until=wait_until)
    child.send_signal(signal.SIGINT)
    stopped = office.desk.ended(child)

    assert stopped.code == 130
    assert (standing(stopped)["state"], standing(stopped)["step"]) == ("pending", "verify")
    assert office.run("resume").code == 0
    assert len(office.sandbox.broadcasts()) == 1


def test_the_article_is_previewed_as_everyone_reads_it(office):
    shown = office.run("preview", office.campaign(areas='[new:01, "region:tay-nguyen"]')).fact("preview-article")
    assert shown["title"] == "DIỄN TẬP"
    assert shown["text"].startswith("DIỄN TẬP Hà Nội, Tây Nguyên.")


def test_a_run_that_has_lost_what_became_of_its_broadcast_is_not_resumed(office):
    office.run("send", office.campaign(), "--yes")
    (found,) = (office.desk.folder / ".zalo-alert" / "runs").rglob("broadcast.db*")
    found.unlink()
    assert office.run("resume").code == 13
    assert len(office.sandbox.broadcasts()) == 1
