"""What runs are called as CAP alerts, what they refer to, and which of them stand in the public feed."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.cap_campaigns import KNOWN, completed
from tests.wall_runs import begin, finish, make_workspace
from zalo_alert.book import Book, Selection
from zalo_alert.campaign import parse
from zalo_alert.cap.document import Alert, Info
from zalo_alert.cap.feed import Entry, atom_of
from zalo_alert.cap.importing import draft_of
from zalo_alert.errors import CampaignRefused, UsageError
from zalo_alert.operations.cap_export import export_run
from zalo_alert.operations.cap_feed import write_feed
from zalo_alert.operations.cap_names import Chain, name_run
from zalo_alert.planning import plan
from zalo_alert.planning.freeze import FreezeRequest, freeze
from zalo_alert.planning.planner import make_plan
from zalo_alert.runs.store import Runs
from zalo_alert.settings import load
from zalo_alert.testing import drill

NOW = datetime(2026, 9, 18, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def _made(tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("cap"), NOW, people=20)


@pytest.fixture
def office(_made, tmp_path):
    """A workspace of its own for a test."""
    import shutil

    shutil.copytree(_made, tmp_path / "w")
    return tmp_path / "w"


def runs_of(folder):
    return Runs(folder / ".zalo-alert" / "runs")


def frozen(folder, code, at=NOW, occurrence="", references="", **changes):
    """Freeze a run and begin to send it."""
    text = drill(at, code=code, **changes)
    if references:
        text = text.replace("msgType: Alert", f"msgType: Update\nreferences: [{references}]")
    settings = load.load(folder, {})
    if settings.profile == "live":
        text = text.replace("Exercise", "Actual").replace("headline: DIỄN TẬP", "headline: Bão").replace("DIỄN TẬP", "Bão")
        text += "correction: {text: Hãy bỏ qua tin trước.}\n"
    sources = (plan.Source(settings.accounts[0], Book(folder / ".zalo-alert/book/388613280878808645"), Selection()),)
    made = make_plan(parse.parse(text.encode(), "c.yaml"), sources, settings, at)
    run = freeze(FreezeRequest(made, text.encode(), sources, settings, occurrence=occurrence), runs_of(folder), at)
    return run


def sent(folder, code, at=NOW, **changes):
    run = frozen(folder, code, at, **changes)
    begin(run, at + timedelta(seconds=5))
    return run


def exported(run, folder, *chosen):
    return export_run(run, runs_of(folder), load.load(folder, {}), chosen)


def test_a_name_is_fixed_when_it_is_first_told(office):
    run = frozen(office, "DT-1")
    before = exported(run, office).alert
    begin(run, NOW + HOUR)
    settings = office / "zalo-alert.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "cap: {sender: pctt.example.vn}\n", encoding="utf-8")

    after = exported(run, office).alert
    assert after.reference == before.reference
    assert (before.sent, before.sender) == (NOW, "zalo-oa-388613280878808645")
    other = sent(office, "DT-2", NOW + HOUR)
    assert exported(other, office).alert.sender == "pctt.example.vn"
    assert exported(other, office).alert.sent == NOW + HOUR + timedelta(seconds=5)


def test_an_update_names_all_of_its_chain_that_still_holds(office):
    over = sent(office, "DT-0", NOW - 8 * HOUR)
    first = sent(office, "DT-1", NOW, references="DT-0")
    second = sent(office, "DT-2", NOW + HOUR, references="DT-1")
    third = sent(office, "DT-3", NOW + 2 * HOUR, references="DT-2")
    settings = load.load(office, {})

    names = [name_run(run, settings) for run in (over, first, second)]
    assert exported(third, office).alert.references == (names[1], names[2])
    assert exported(first, office).alert.references == (names[0],)  # nothing else is left, and an Update must name one
    assert exported(third, office).findings == ()


def test_what_several_runs_may_be_is_asked_and_what_none_is_refused(office):
    frozen(office, "DT-0")
    for key in ("one", "two"):
        sent(office, "DT-1", occurrence=key)
    after = sent(office, "DT-2", NOW + HOUR, references="DT-1")

    with pytest.raises(CampaignRefused, match="several messages of DT-1 hold: DT-1@one, DT-1@two"):
        exported(after, office)
    assert len(exported(after, office, "DT-1@two").alert.references) == 1
    with pytest.raises(UsageError, match="no run"):
        exported(after, office, "DT-1@three")
    chain = Chain(runs_of(office), load.load(office, {}))
    with pytest.raises(CampaignRefused, match="nobody has been written to by DT-0 yet"):
        chain.before(["DT-0"], NOW + HOUR, None)
    with pytest.raises(CampaignRefused, match='no run of this workspace is of "DT-7"'):
        chain.before(["DT-7"], NOW + HOUR, None)


def test_a_message_is_found_by_what_others_call_it(office):
    name = exported(sent(office, "DT-1"), office).alert.reference
    chain = Chain(runs_of(office), load.load(office, {}))

    assert chain.code_of(name) == "DT-1"
    assert chain.code_of(name._replace(sender="other.example.vn")) == ""


def test_a_run_that_came_in_as_an_alert_goes_out_as_the_same(office, tmp_path):
    alert = exported(sent(office, "DT-1", areas="[new:44, new:46]"), office).alert
    text = completed(draft_of(alert, KNOWN).text).encode()
    at = NOW + timedelta(minutes=9)
    settings, made = load.load(office, {}), parse.parse(text, "d.yaml")
    sources = (plan.Source(settings.accounts[0], Book(office / ".zalo-alert/book/388613280878808645"), Selection()),)
    request = FreezeRequest(make_plan(made, sources, settings, at), text, sources, settings, occurrence="again")
    again = freeze(request, runs_of(office), at)
    begin(again, at)

    back = exported(again, office).alert
    assert back.sent == at
    assert replace(back, identifier=alert.identifier, sent=alert.sent) == alert


def go_live(folder):
    config = folder / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("profile: drill", "profile: live"), encoding="utf-8")
    (folder / ".zalo-alert" / "profile").write_text("live\n", encoding="utf-8")


def test_the_feed_holds_the_public_alerts_that_hold_and_no_others(office):
    sent(office, "DT-1")
    go_live(office)
    finish(sent(office, "TW-1"), NOW)
    sent(office, "TW-0", NOW - 7 * HOUR)
    waiting = frozen(office, "TW-2")

    assert exported(waiting, office).alert.status == "Draft"
    assert exported(waiting, office).alert.scope == "Restricted"
    fed = write_feed(office / "web", runs_of(office), load.load(office, {}), NOW + HOUR)
    assert [one.name for one in fed.alerts] == ["TW-1"]
    assert fed.alerts[0].alert.status == "Actual"
    assert sorted(path.name for path in (office / "web").iterdir()) == ["TW-1.cap.xml", "alerts.atom"]
    atom = "{http://www.w3.org/2005/Atom}"
    (entry,) = ET.fromstring(fed.path.read_bytes()).iter(f"{atom}entry")
    assert entry.findtext(f"{atom}id") == f"urn:uuid:{fed.alerts[0].alert.identifier}"
    assert [link.attrib["href"] for link in entry.iter(f"{atom}link")] == ["TW-1.cap.xml"]


def test_a_feed_is_well_formed_whatever_its_alerts_say():
    info = Info(categories=("Met",), event="<b>&", urgency="Past", severity="Minor", certainty="Observed", description='"]]>')
    alert = Alert(identifier="x", sender="s", sent=NOW, status="Actual", msg_type="Alert", scope="Public", infos=(info,))
    feed = ET.fromstring(atom_of([Entry(alert, 'a"b.xml')], "s&t", "<title>", NOW))
    assert [text for text in feed.itertext() if text.strip()][1] == "<title>"
