"""What a correction or an all-clear would be, before it is agreed to: whom, what, until when, from which quota."""

from datetime import datetime
from typing import TYPE_CHECKING

from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.display import display
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, joined, persons, rate, span

if TYPE_CHECKING:
    from zalo_alert.operations.follow_up import FollowUpDraft
    from zalo_alert.operations.workspace import Workspace

LINES_SHOWN = 2  # of the text: by them whoever agrees knows it again


def show_follow_up(draft: "FollowUpDraft", workspace: "Workspace", *, asks: bool) -> None:
    """Show what would be sent, to whom, and when the last of them has it.

    Args:
        draft: Before it is frozen.
        workspace: Whose quotas and books.
        asks: Whether anybody waits for a question: where nobody does, Zalo is not asked either.
    """
    from zalo_alert.operations.follow_up_check import article_reach, quotas_for

    request, finishes_at = draft.request, draft.made_at + draft.lasts
    display.fact(
        "follow-up", run=request.id, kind=request.kind.value, follows=[followed.run.id for followed in request.followed],
        people=draft.people, rate_per_s=round(draft.rate_per_s, 1), finishes_at=finishes_at, expires=draft.campaign.expires,
        article=draft.campaign.broadcast is not None, article_was_sent=draft.article_was_sent, text_given=request.text_given,
    )  # fmt: skip
    display.say(_describe_whom(draft), style="bold")
    if draft.people:
        display.say(_describe_time(draft, finishes_at))
    for line in _first_lines(draft):
        display.say(line)
    display.notices(quotas_for(draft, workspace.settings, asks=asks))
    if draft.campaign.broadcast:
        from zalo_alert.cli.broadcast_view import say_before_broadcast, show_broadcast_reach

        reach = article_reach(draft, workspace.settings)
        show_broadcast_reach(reach, brief=True)
        say_before_broadcast(draft.campaign, reach)
    for sentence in _describe_article(draft):
        display.say(sentence, style="bold red")


def _describe_whom(draft: "FollowUpDraft") -> str:
    followed = draft.request.followed
    fields = {
        "status": kind_of(draft.campaign.status),
        "id": draft.request.id,
        "people": persons(draft.people),
        "runs": joined(run.run.id for run in followed),
    }
    if draft.request.kind == "correction":
        return _("{status} {id} goes to {people} whom {runs} has reached, the first of them first.", **fields)
    return _("{status} {id} goes to {people} whom {runs} reached, everybody once.", **fields)


def _describe_time(draft: "FollowUpDraft", finishes_at: datetime) -> str:
    return _(
        "at {rate} the last one has it at {finishes_at}, {time} after the first",
        rate=rate(draft.rate_per_s),
        finishes_at=words(finishes_at),
        time=span(draft.lasts),
    )


def _first_lines(draft: "FollowUpDraft") -> list[str]:
    first = next(iter(draft.as_read()), {})
    read = first.get("text", "").splitlines() or sorted(first.get("data", {}).values(), key=len, reverse=True)
    lines = [*filter(None, (first.get("headline", ""), *(line.strip() for line in read)))]
    return lines[: LINES_SHOWN + 1]


def _describe_article(draft: "FollowUpDraft") -> list[str]:
    if draft.campaign.broadcast and draft.article_was_sent:
        return [_("the article that was broadcast can't be taken back: an article says that it no longer holds")]
    if draft.article_was_sent:
        return [_("an article was broadcast, and no article is ready: those who read it are not told")]
    return []
