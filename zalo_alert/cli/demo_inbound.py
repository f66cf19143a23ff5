"""`demo --inbound`: what comes back, taken through a door that is killed on the way, and added up person by person."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.cli.demo_story import Process, Story, require_agreement
from zalo_alert.cli.display import display
from zalo_alert.errors import ExitCode, RunSuspended
from zalo_alert.language import _, count

if TYPE_CHECKING:
    from zalo_alert.operations.inbound_demo import EventAgreement, Happened, InboundSight
    from zalo_alert.operations.serve import Counter
    from zalo_alert.sandbox.receipt_agreement import ReceiptAgreement

CAMPAIGN = "campaigns/dien-tap-bao.yaml"
PER_MINUTE = 120_000  # so that the door is killed while people are still being written to
PEOPLE = 3_000
LEFT, REFUSED, WORDS = 20, 10, 5
PATIENCE_S = 120.0
# Zalo's ladder in seconds instead of minutes; some events come twice, some late, and people see messages half a second later.
EVENTS = {"ladder": 0.03, "duplicates": 0.02, "reordered": 0.02, "seen_ms": 500}


def tell(folder: Path, people: int) -> None:
    """Tell the story in a folder, which is there and empty."""
    from zalo_alert.operations.inbound_demo import InboundSight, free_port

    story, sight, port = Story(), InboundSight(folder), free_port()
    address = f"127.0.0.1:{port}"
    story.begin(folder, PER_MINUTE)
    options = ("--app-per-minute", str(PER_MINUTE), "--dead", "0.01", "--webhook-url", f"http://{address}/zalo")
    with story.sandbox(*options) as sandbox, story.beside("webhook", "--listen", address) as door:
        sandbox.change(**EVENTS)
        _wait(lambda: sight.is_open(door.pid))
        story.run("followers", "example", "followers.csv", "--people", str(people))
        story.run("followers", "import", "followers.csv")
        with story.begun("send", CAMPAIGN, "--yes"):
            _kill_and_restart(door, sight, sandbox, people)
        happened = _make_happen(story, sandbox)
        _wait(lambda: not sandbox.webhooks()["waiting"])
        _wait(sight.is_worked_off)
        story.run("webhook", "status", may_end=(0, ExitCode.NOT_EVERYONE))
        story.run("followers", "import", "--from-events")
        story.run("export", "receipts.csv")
        _judge(folder, sight, sandbox, happened)


def _kill_and_restart(door: Process, sight: "InboundSight", sandbox: "Counter", people: int) -> None:
    """Kill the door when a quarter of the receipts have come, and open it again."""
    _wait(lambda: sandbox.webhooks()["heard"] >= people // 4)
    door.kill(_("with receipts on their way, the door is killed"))
    door.start()
    _wait(lambda: sight.is_open(door.pid))


def _make_happen(story: Story, sandbox: "Counter") -> "Happened":
    """Have people leave, refuse and write, and whoever else may be heard."""
    from zalo_alert.operations.inbound_demo import Happened

    story.note(
        _("{left} people leave the OA, {refused} write STOP, {words} ask for help", left=LEFT, refused=REFUSED, words=WORDS)
    )
    everyone = list(dict.fromkeys(line["user_id"] for line in sandbox.receipts()))
    left, refused = everyone[:LEFT], everyone[LEFT : LEFT + REFUSED]
    speakers = everyone[LEFT + REFUSED : LEFT + REFUSED + WORDS]
    sandbox.wave("unfollow", user_ids=left)
    sandbox.wave("user_send_text", user_ids=refused, text="STOP")
    sandbox.wave("user_send_text", user_ids=speakers, text="Nước lên tới mái nhà")
    sandbox.change(duplicates=0)  # each of the console's tests counts, for all of them look alike
    sandbox.happen("console_test")
    return Happened(frozenset(left), frozenset(refused), WORDS, 1)


def _wait(is_so: Callable[[], bool]) -> None:
    limit_s = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > limit_s:
            raise RunSuspended(
                _("the story does not go on: something takes longer than {seconds} s", seconds=round(PATIENCE_S)),
                hint=_("try it again on a machine that has less to do"),
            )
        time.sleep(0.05)


def _judge(folder: Path, sight: "InboundSight", sandbox: "Counter", happened: "Happened") -> None:
    """Show both accounts side by side, and end the story where they differ."""
    from zalo_alert.operations.serve import compare_receipts, read_arrived

    events = sandbox.webhooks()
    receipts = compare_receipts(read_arrived(folder / "receipts.csv"), sandbox.receipts(), events)
    agreement = sight.agreement(happened, events)
    _show(agreement, receipts)
    require_agreement([*agreement.problems, *receipts.problems], folder)


def _show(agreement: "EventAgreement", receipts: "ReceiptAgreement") -> None:
    from zalo_alert.cli.webhook_words import CLASS_WORDS

    sums = agreement.sums
    display.fact(
        "inbound-agreement", delivered=list(receipts.delivered), seen=list(receipts.seen),
        events={str(kind): ours for kind, ours, _theirs in agreement.rows()},
        happened={str(kind): theirs for kind, _ours, theirs in agreement.rows()}, heard=agreement.heard,
        stored=sums.stored, repeated=sums.repeated, receipts=sum(sums.receipts.values()), waiting=sums.waiting,
        adds_up=sums.adds_up, problems=[*agreement.problems, *receipts.problems],
    )  # fmt: skip
    rows = [
        (_("delivered"), *receipts.delivered, _("person by person")),
        (_("seen"), *receipts.seen, _("person by person")),
        *((CLASS_WORDS[kind], ours, theirs, "") for kind, ours, theirs in agreement.rows()),
    ]
    columns = ("", _("kept here"), _("sandbox has"), "")
    display.table(_("what came back beside what the sandbox told"), columns, rows)
    display.say(
        _(
            "{heard} events were answered 200; {stored} and {receipts} receipts are stored, {repeated} came again",
            heard=count(agreement.heard),
            stored=count(sums.stored),
            receipts=count(sum(sums.receipts.values())),
            repeated=count(sums.repeated),
        )
    )
