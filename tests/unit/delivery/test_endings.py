"""How a run ended, in the words of an officer: what is wrong, and what to do first, in either language."""

from datetime import datetime
from types import SimpleNamespace
from typing import cast

import pytest

from zalo_alert.campaign.parse import parse
from zalo_alert.delivery.breaker import Halt
from zalo_alert.delivery.canary import objection, stages
from zalo_alert.delivery.dispatcher import DispatchResult, StopReason
from zalo_alert.delivery.endings import joined_verdict, verdict
from zalo_alert.errors import Cure, Interrupted, RunSuspended
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import Language, _, catalogue_of, said_in
from zalo_alert.ledger.broadcasts import BroadcastStatus, Step
from zalo_alert.models import Reason, State
from zalo_alert.runs.run import Run
from zalo_alert.testing import drill

NOW = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)
RUN = cast(Run, SimpleNamespace(id="DT-1", facts=SimpleNamespace(accounts=("pctt",))))
CAMPAIGN = parse(drill(NOW).encode(), "c.yaml")
VI = catalogue_of(Language.VI)
RESUME = str(Cure.RESUME("DT-1"))


def ended(reason, *, proxy="", totals=None, **how):
    counts = dict.fromkeys(State, 0) | (totals or {State.PENDING: 7, State.UNKNOWN: 2})
    return verdict(RUN, CAMPAIGN, DispatchResult(reason, counts, **how), proxy)


def halted(reason, code=0, **how):
    return ended(StopReason.HALTED, halt=Halt(reason, code, 0), **how)


def in_vietnamese(error):
    return said_in(error.message, VI), said_in(error.hint, VI)


@pytest.mark.parametrize(
    ("reason", "code", "why", "cure"),
    [
        (Reason.STOPPED, -321, "Zalo trả lời mã -321 với cách gửi cs: Zalo Cloud Account", "nạp tiền"),
        (Reason.TOKEN, -216, "Zalo trả lời mã -216 với cách gửi cs: mã truy cập", "tài khoản"),
        (Reason.QUOTA, -211, "Zalo trả lời mã -211 với cách gửi cs:", "hạn mức"),
        (Reason.BAD_MESSAGE, -201, "Zalo trả lời mã -201 với cách gửi cs:", "mã tin mới"),
        (Reason.SERVER_ERROR, 0, "máy chủ chỉ trả lời lỗi", f"chờ Zalo hoạt động lại; gửi tiếp bằng {RESUME}"),
        (Reason.NOT_SENT, 0, "không kết nối được với máy chủ", "kiểm tra mạng"),
        (Reason.CRASH, 0, "tiến trình gửi bị hỏng", f"gửi tiếp bằng {RESUME}"),
    ],
)
def test_a_halt_says_why_and_what_to_do_in_vietnamese(reason, code, why, cure):
    error = halted(reason, code)
    assert isinstance(error, RunSuspended)
    said, hint = in_vietnamese(error)
    assert said.startswith(f"đợt gửi tạm ngừng: {why}")
    assert cure in hint
    assert Cure.RESUME in hint
    assert not hint.startswith(";")


def test_a_halt_behind_a_proxy_names_it():
    error = halted(Reason.NOT_SENT, proxy="http://p:3128")
    assert error
    assert error.message == "the run halted: the server cannot be reached, through the proxy http://p:3128"
    assert in_vietnamese(error)[0] == "đợt gửi tạm ngừng: không kết nối được với máy chủ, qua proxy http://p:3128"


def test_of_many_lost_tokens_a_few_are_told():
    error = halted(Reason.TOKEN, -216, unrenewed=tuple((_("gone"), f"cure {n}") for n in range(5)))
    assert error
    assert error.message.count("; gone") == 3
    assert [f"cure {n}" in error.hint for n in range(5)] == [True, True, True, False, False]
    assert f"xem các tài khoản còn lại: {Cure.ACCOUNTS(problems=True)}" in in_vietnamese(error)[1]


def test_a_pause_says_what_speaks_against_going_on_and_how_to_go_on_all_the_same():
    counts = dict.fromkeys(State, 0) | {State.REJECTED: 215, State.ACCEPTED: 785}
    stage = stages(0, 66_221)[0]
    against = _("after {stage}: {against}", stage=stage.name, against=objection(stage, counts, None, None))
    error = ended(StopReason.PAUSED, objection=against)
    assert error
    assert error.message == "the run paused after the first 1000 in the area: 215 of 1000 people rejected"
    said, hint = in_vietnamese(error)
    assert said == "đợt gửi tự dừng lại sau 1.000 người đầu tiên trong khu vực: 215 trên 1.000 người bị từ chối"
    assert hint.endswith(str(Cure.RESUME("DT-1", past_canary=True)))


def test_a_stop_counts_who_is_left_and_who_is_unknown():
    error = ended(StopReason.STOPPED, totals={State.PENDING: 40_000, State.DEFERRED: 121, State.UNKNOWN: 2})
    assert isinstance(error, Interrupted)
    assert in_vietnamese(error) == (
        "đã dừng: còn 40.121 người chưa gửi xong, 2 người chưa rõ kết quả",
        f"gửi tiếp bằng {RESUME}, hủy hẳn bằng {Cure.CANCEL('DT-1')}",
    )


def test_a_wait_says_until_when_where_that_is_known():
    due, unknown = ended(StopReason.WAITING, due_at_s=NOW.timestamp()), ended(StopReason.WAITING)
    assert due
    assert unknown
    assert due.message == "everyone left must wait until 14:00 18/9/2026 (quota or night)"
    assert in_vietnamese(due)[0] == "những người còn lại phải chờ đến 14:00 18/9/2026 (hết hạn mức hoặc ban đêm)"
    assert unknown.message == "everyone left must wait (quota or night)"
    assert in_vietnamese(unknown)[1] == f"đến lúc đó gửi tiếp bằng {RESUME}"


def test_what_became_of_the_broadcast_stands_beside_it_in_the_same_language():
    statuses = [
        BroadcastStatus("pctt", State.UNKNOWN, Step.POST, why=_("asked, and no clear answer came ({why})", why="reset")),
        *(BroadcastStatus(f"oa-{n}", State.PENDING) for n in range(4)),
    ]
    error = joined_verdict(RUN, halted(Reason.SERVER_ERROR), statuses)
    assert isinstance(error, Interrupted)  # what has not been begun calls for a resume, and for nothing else
    said, hint = in_vietnamese(error)
    assert "có thể tin đã được gửi đi" in said
    assert "; và 2 tài khoản khác; đợt gửi tạm ngừng: máy chủ" in said
    assert hint == f"gửi tiếp bằng {RESUME}"


@pytest.mark.parametrize(
    ("reason", "code", "cause"),
    [
        (Reason.STOPPED, -321, "money"),
        (Reason.STOPPED, -204, "account"),
        (Reason.STOPPED, -219, "account"),
        (Reason.STOPPED, -248, "message"),
        (Reason.TOKEN, -216, "token"),
        (Reason.QUOTA, -211, "quota"),
        (Reason.BAD_MESSAGE, -201, "message"),
        (Reason.SERVER_ERROR, 0, "server"),
        (Reason.NO_ANSWER, 0, "server"),
        (Reason.NOT_SENT, 0, "network"),
        (Reason.PROXY, 0, "proxy"),
        (Reason.CRASH, 0, "bug"),
    ],
)
def test_a_halt_has_a_word_that_scripts_decide_by(reason, code, cause):
    assert cause_of(halted(reason, code)) == cause


def test_every_other_ending_has_one_too():
    assert cause_of(ended(StopReason.PAUSED)) == "canary"
    assert cause_of(ended(StopReason.STOPPED)) == "interrupted"
    assert cause_of(ended(StopReason.WAITING)) == "waiting"
    assert waited({Reason.NIGHT, Reason.BUSY}) == "night"
    assert waited({Reason.NIGHT, Reason.QUOTA}) == "quota"
    open_ = [BroadcastStatus("pctt", State.DEFERRED, Step.POST, code=-321)]
    assert cause_of(joined_verdict(RUN, None, open_)) == "money"
    assert cause_of(joined_verdict(RUN, halted(Reason.NOT_SENT), open_)) == "network"


def waited(deferred):
    ending = DispatchResult(StopReason.WAITING, dict.fromkeys(State, 0))
    return cause_of(verdict(RUN, CAMPAIGN, ending, deferred=deferred))


def cause_of(error):
    assert error
    return error.cause
