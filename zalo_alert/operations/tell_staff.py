"""The channel of Zalo itself: a consultation message to those on `lists/staff.txt`, at the pace that the workspace shares.

Never to anybody else, never to who stands on `lists/never.txt`, and never when Zalo is what has failed.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Sequence

from zalo_alert.errors import ErrorCause, InputInvalid, ZaloAlertError
from zalo_alert.language import _, count, joined, persons
from zalo_alert.models import Rank, RouteType
from zalo_alert.notify.base import Event, Letter, Told
from zalo_alert.operations.connect import connected, require_tokens
from zalo_alert.operations.draft import STAFF
from zalo_alert.planning.refusals import NeverList, find, identity_of, ids_of
from zalo_alert.settings.model import Account, Settings, require_safe_hosts
from zalo_alert.settings.rest_mark import check_awake
from zalo_alert.zalo.base import NoAnswer
from zalo_alert.zalo.client import ApiClient
from zalo_alert.zalo.endpoints import ENDPOINTS

NAME = "staff"
PATIENCE_S = 20.0
MOST_PEOPLE = 200  # of an office; a longer list is a mistake, and the public is told by runs alone
MOST_TEXT = 2000  # characters of a consultation message
AT_ONCE = 8
_FAILED = frozenset(
    {ErrorCause.NETWORK, ErrorCause.PROXY, ErrorCause.SERVER, ErrorCause.TOKEN, ErrorCause.MONEY, ErrorCause.ACCOUNT}
)  # causes for which a message by Zalo would fail, too


class StaffChannel:
    """See `Channel`.

    Args:
        settings: Whose list, whose first account.
        patience_s: For all of them.
    """

    def __init__(self, settings: Settings, patience_s: float = PATIENCE_S) -> None:
        self._settings, self._patience_s = settings, patience_s
        self._abandoned = threading.Event()
        self._going: tuple[asyncio.AbstractEventLoop, asyncio.Task[str]] | None = None

    def send(self, letter: Letter) -> list[Told]:
        """See `Channel`."""
        message = letter.message
        if message.event is Event.TOKEN or message.facts.get("cause") in {cause.value for cause in _FAILED}:
            return [Told(NAME, _("Zalo itself is what has failed"))]
        try:
            return [Told(NAME, asyncio.run(self._send(letter)))]
        except ZaloAlertError as exc:
            return [Told(NAME, exc.message)]

    async def _send(self, letter: Letter) -> str:
        task = asyncio.current_task()
        assert task is not None
        self._going = asyncio.get_running_loop(), task
        if self._abandoned.is_set():
            return _("there was no time left for it")
        try:
            async with asyncio.timeout(self._patience_s):
                return await _tell(staff_of(self._settings), _text(letter), self._settings)
        except TimeoutError:
            return _("no answer within {seconds} s", seconds=f"{self._patience_s:g}")
        except asyncio.CancelledError:
            return _("there was no time left for it")
        finally:
            self._going = None

    def abandon(self) -> None:
        """See `Channel`."""
        self._abandoned.set()
        if going := self._going:
            loop, task = going
            loop.call_soon_threadsafe(task.cancel)


def _text(letter: Letter) -> str:
    text = "\n".join(filter(None, (letter.title, letter.text)))
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"


def staff_of(settings: Settings) -> list[str]:
    """Return the ids of those who are told.

    Raises:
        InputInvalid: There is no such list, or it is no list of an office's staff.
    """
    path = find(settings.workspace, STAFF)
    if path is None:
        raise InputInvalid(_("there is no lists/staff.txt"))
    refusing = {identity_of(person) for person in NeverList(settings.workspace).ids}
    people = sorted(ids_of(path) - refusing)
    if not people:
        raise InputInvalid(_("nobody on lists/staff.txt may be written to"))
    if len(people) > MOST_PEOPLE:
        named, most = persons(len(people)), count(MOST_PEOPLE)
        raise InputInvalid(_("lists/staff.txt holds {people}, and no more than {most} are told", people=named, most=most))
    return people


async def _tell(people: Sequence[str], text: str, settings: Settings) -> str:
    """Write to everybody by the first account; return why some were not reached, "" where all were."""
    account: Account = settings.accounts[0]
    require_safe_hosts(settings)
    check_awake(settings.state_dir)
    require_tokens(settings, [account])
    troubles: Counter[str] = Counter()
    waiting = iter(people)
    async with connected(settings) as zalo:
        with zalo.api(account, Rank.IMMEDIATE) as api:

            async def worker() -> None:
                for person in waiting:
                    if trouble := await _tell_one(api, person, text):
                        troubles[trouble] += 1

            await asyncio.gather(*(worker() for _number in range(min(AT_ONCE, len(people)))))
    if not troubles:
        return ""
    (first, _times), *_others = troubles.most_common()
    missed = _("{missed} of {people} not reached", missed=count(troubles.total()), people=count(len(people)))
    return joined((missed, first), ": ")


async def _tell_one(api: ApiClient, person: str, text: str) -> str:
    host, path = ENDPOINTS[RouteType.CS]
    try:
        await api.post(path, {"recipient": {"user_id": person}, "message": {"text": text}}, host=host)
    except (ZaloAlertError, NoAnswer) as exc:
        return exc.message if isinstance(exc, ZaloAlertError) else str(exc)
    return ""
