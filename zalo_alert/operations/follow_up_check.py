"""What there is to know before a correction or an all-clear is agreed to: quotas, and whom its article reaches."""

from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.layout import RATES
from zalo_alert.foundation.notices import Notice
from zalo_alert.operations.follow_up import FollowUpDraft
from zalo_alert.operations.quotas import remembered_quotas
from zalo_alert.operations.state import book_of, state_folder
from zalo_alert.pacing.quotas import KINDS
from zalo_alert.planning.broadcast_reach import BroadcastReach, compare
from zalo_alert.settings.model import Settings

PATIENCE_S = 3.0  # a correction waits no longer for a figure


def quotas_for(draft: FollowUpDraft, settings: Settings, *, asks: bool) -> list[Notice]:
    """Say what is left of the quotas: asked of Zalo where it answers at once, else as it was last heard.

    Args:
        draft: What would be sent.
        settings: The workspace's.
        asks: False asks nobody.
    """
    accounts = [settings.account(name) for name in draft.request.accounts]
    kinds = {KINDS[route.type] for route in draft.campaign.routes if route.type in KINDS}
    if asks and kinds:
        from zalo_alert.operations.preflight import ask_zalo
        from zalo_alert.operations.quota_need import QuotaNeed

        try:
            answers = ask_zalo(draft.campaign, accounts, settings, patience_s=PATIENCE_S)
        except (ZaloAlertError, TimeoutError):
            answers = []
        left = {kind: [answer.quotas[kind].left for answer in answers if kind in answer.quotas] for kind in kinds}
        told = [QuotaNeed(kind, sum(left[kind]), draft.people).notice() for kind in sorted(kinds) if left[kind]]
        if told:
            return told
    return remembered_quotas([(account.id, account.oa_id) for account in accounts], state_folder(settings) / RATES)


def article_reach(draft: FollowUpDraft, settings: Settings) -> BroadcastReach:
    """Say whom the article of a follow-up reaches beyond those who were written to."""
    from zalo_alert.book import Selection

    selection = Selection(wards=draft.campaign.audience.wards)
    books = [(name, book_of(settings.account(name), settings), selection) for name in draft.request.accounts]
    return compare(draft.campaign, books, draft.made_at)
