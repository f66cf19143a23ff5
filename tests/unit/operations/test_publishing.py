"""What is asked of Zalo before anything is frozen."""

from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from zalo_alert.errors import RunSuspended
from zalo_alert.foundation.notices import Notice
from zalo_alert.operations import publishing


def test_what_one_oa_says_of_articles_is_told_also_where_the_next_does_not_answer(monkeypatch):
    @asynccontextmanager
    async def connected(settings, *, reads):
        yield None

    async def publishing_of(account, zalo):
        if account.id == "second":
            raise RunSuspended("no answer")
        return [Notice("first: may have articles", "publishing")]

    for name in ("require_safe_hosts", "require_tokens"):
        monkeypatch.setattr(publishing, name, lambda *given: None)
    monkeypatch.setattr(publishing, "connected", connected)
    monkeypatch.setattr(publishing, "_publishing_of", publishing_of)
    accounts: list[Any] = [SimpleNamespace(id=name) for name in ("first", "second")]
    campaign: Any = SimpleNamespace(broadcast=object(), correction=None, all_clear=None)
    settings: Any = None
    notices = publishing.check_publishing(campaign, accounts, settings)
    assert [notice.kind for notice in notices] == ["publishing", "unchecked"]
