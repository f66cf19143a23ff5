"""What an echo is compared with: the very text that delivery sends."""

from contextlib import closing

import orjson

from tests.wall_runs import make_workspace
from zalo_alert.book import Book, Selection
from zalo_alert.campaign import parse as campaign_file
from zalo_alert.campaign.render import Renderer
from zalo_alert.delivery.channels.content import RouteContent
from zalo_alert.delivery.channels.zalo import Composer
from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.models import RouteType
from zalo_alert.operations.receipts import SentTexts
from zalo_alert.operations.scaffold import examples
from zalo_alert.planning import plan
from zalo_alert.planning.freeze import FreezeRequest, freeze
from zalo_alert.planning.planner import make_plan
from zalo_alert.runs.store import Runs
from zalo_alert.settings import load
from zalo_alert.testing import FakeClock

NOW = FakeClock().now()


def test_a_plain_text_is_what_delivery_sends_and_a_template_is_none(tmp_path):
    make_workspace(tmp_path, NOW, people=20)
    settings = load.load(tmp_path, {})
    text = campaign_file.redate(examples()["dien-tap-bao.yaml"], NOW)
    sources = (plan.Source(settings.accounts[0], Book(tmp_path / ".zalo-alert" / "book" / "388613280878808645"), Selection()),)
    made = make_plan(campaign_file.parse(text, "c.yaml"), sources, settings, NOW)

    with closing(freeze(FreezeRequest(made, text, sources, settings), Runs(tmp_path / "runs"), NOW)) as run:
        campaign, texts, renderer = frozen_campaign(run), SentTexts(run), Renderer(frozen_campaign(run))
        with closing(run.audience()) as audience:
            person = audience.people([0])[0]
        for number, route in enumerate(campaign.routes):
            body = Composer(route, RouteContent(renderer, campaign, number, run.places()), "mark").compile()(person)
            sent = orjson.loads(body).get("message", {}).get("text", "") if isinstance(body, bytes) else ""
            assert texts.text(person, number) == sent
            assert bool(sent) == (route.type is RouteType.CS)
            assert texts.is_by_phone(number) == (route.type is RouteType.PHONE)
    assert {route.type for route in campaign.routes} > {RouteType.CS}
