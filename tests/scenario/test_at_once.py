"""Two officers at the same moment: neither is lost, and nobody signs what another has read."""

from contextlib import closing

import pytest
from office import approve, submit

from zalo_alert.approval.envelope import Namespace
from zalo_alert.operations.workspace import Workspace
from zalo_alert.testing import SOUND

pytestmark = pytest.mark.long

CODE = "DT-1"


@pytest.fixture
def exercise(live_desk, monkeypatch):
    """An Exercise to Huế: its file, and how many people it goes to."""
    for name, value in live_desk.environ.items():
        monkeypatch.setenv(name, value)
    path = live_desk.campaign(areas="[new:46]")
    return path, live_desk.run("plan", path, "--json").fact("plan")["people"]


def test_two_who_read_and_sign_at_once_are_both_counted(live_desk, officers, tls_sandbox, exercise):
    path, people = exercise
    live_desk.configure("accounts:", "approval: {approvers: 2}\naccounts:")
    assert submit(live_desk, officers, path, CODE, people).code == 0
    home = Workspace(live_desk.folder)
    reading = {name: home.open_approval(home.run(CODE)) for name in ("Cuc", "An")}
    signed = [reading[name].by(officers.sign(name, reading[name].request.text, Namespace.APPROVE)) for name in reading]
    sent = live_desk.run("send", CODE, stdin=f"{CODE}\n{people}\n")

    assert [approved.agreed.is_enough for approved in signed] == [False, True]
    assert sent.code == 0, sent.err
    assert tls_sandbox.stats()["people"] == people


def test_whoever_goes_on_with_what_was_cut_short_reads_it_first(live_desk, officers, exercise):
    path, people = exercise
    assert submit(live_desk, officers, path, CODE, people).code == 0
    with closing(Workspace(live_desk.folder).run(CODE)) as run:
        run._db.run_script("DELETE FROM request; DELETE FROM agreement; UPDATE state SET name = 'frozen'")  # as a kill leaves it
    blind = live_desk.run("submit", path, "--key", officers.key("An"), "--despite-hours", "the tests run at any hour")

    assert blind.code == 2
    assert submit(live_desk, officers, path, CODE, people, by="An").code == 0
    assert approve(live_desk, officers, CODE, CODE, people).code == 0


def test_what_another_process_froze_meanwhile_is_not_signed_unread(live_desk, officers, exercise, monkeypatch):
    from zalo_alert.approval.signer import open_signer
    from zalo_alert.errors import ApprovalMissing, CampaignRefused
    from zalo_alert.operations.orders import Orders
    from zalo_alert.operations.submit import SubmitOrder

    path, people = exercise
    other = live_desk.campaign("other.yaml", areas="[new:46]", text=SOUND.replace("KHÔNG", "không"))
    home = Workspace(live_desk.folder)
    orders = Orders(despite_hours="the tests run at any hour")

    def while_asked(draft):
        assert submit(live_desk, officers, path, CODE, people).code == 0

    for file, error in ((other, CampaignRefused), (path, ApprovalMissing)):
        order = SubmitOrder(live_desk.folder / file, orders=orders)
        with pytest.raises(error):
            home.submit(order, open_signer(officers.folder / "An"), while_asked)
        assert approve(live_desk, officers, CODE, CODE, people).code == 0
        assert live_desk.run("reject", CODE, "--reason", "once more").code == 0
