"""People who ask: each once or several times, all at the same moment or by chance over some time."""

import csv
import math
import random
import secrets
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from zalo_alert.errors import UsageError
from zalo_alert.sandbox import events, synthetic
from zalo_alert.sandbox.life import Life
from zalo_alert.sandbox.messages import Messages
from zalo_alert.sandbox.talks import Talks
from zalo_alert.sandbox.webhooks import Delivery, Webhooks
from zalo_alert.sandbox.wire import ApiRequest
from zalo_alert.sandbox.world import BLOCK, Oa, World

MOST_PEOPLE = 1_000_000
MOST_QUESTIONS = 1_000_000  # of one crowd: each waits in memory
MOST_PER_S = 100_000
MOST_TEXT = 2000
NAME = "user_send_text"
_FIELDS = {"account", "people", "first", "times", "per_s", "texts", "file", "form", "same"}


class Crowds:
    """Makes many people ask.

    Args:
        world: Whose people.
        life: Knows the accounts.
        messages: Takes answers to what they write.
        webhooks: Told of it all.
        talks: Keeps who asked what.
    """

    def __init__(self, world: World, life: Life, messages: Messages, webhooks: Webhooks, talks: Talks) -> None:
        self._world, self._life, self._messages = world, life, messages
        self._webhooks, self._talks = webhooks, talks
        self._made = 0

    def happen(self, asked: ApiRequest) -> dict[str, Any]:
        """Make many people ask, and return how many they are, how many questions, and in how many seconds the last one comes.

        Args:
            asked: `account`, the first by default; `people`, how many, from number `first` on: the OA's followers, or
                invented ones where the sandbox has none; `times`, how often each asks; `per_s`, how many questions come a
                second, by chance (Poisson), 0 for all at once; `texts`, what they ask, in turn, or a CSV `file` with a
                row for each text, written by `form`; `same`: a person asks the same every time.

        Raises:
            UsageError: They can't.
        """
        if strange := asked.keys() - _FIELDS:
            raise UsageError(f"a crowd has no {min(strange)}; it has {', '.join(sorted(_FIELDS))}")
        oa = self._life.office(asked.get("account", self._world.oas[0].account.id))
        times = _whole(asked, "times", 1, 1, MOST_QUESTIONS)
        count, first = _whole(asked, "people", None, 1, MOST_PEOPLE), _whole(asked, "first", 0, 0, BLOCK - MOST_PEOPLE)
        if count * times > MOST_QUESTIONS:
            raise UsageError(f"people and times make more than {MOST_QUESTIONS} questions")
        texts, users = _texts(asked, count * times), self._users(oa, first, count)
        turns = range(len(users) * times)
        said = (number % len(users) for number in turns) if asked.get("same") is True else turns
        return self._ask(oa, users, [texts[number % len(texts)] for number in said], _per_s(asked.get("per_s", 0)))

    def _ask(self, oa: Oa, users: Sequence[str], texts: Sequence[str], per_s: float) -> dict[str, Any]:
        self._made += 1
        dice, prefix = random.Random(f"{self._world.options.seed}:{self._made}"), secrets.token_hex(4)
        now_s, in_s = int(self._world.now_s() * 1000) / 1000, 0.0
        for number, text in enumerate(texts):
            in_s += dice.expovariate(per_s) if per_s else 0.0
            write = partial(self._write, oa, users[number % len(users)], f"{prefix}{number:012x}", text)
            self._webhooks.send(Delivery(oa, NAME, now_s + in_s, write))
        return {"people": len(users), "questions": len(texts), "last_in_s": round(in_s, 3)}

    def _write(self, oa: Oa, user: str, message_id: str, text: str, stamp: str) -> events.Event:
        """Make the event when it is told, which is when the person has written."""
        self._talks.ask(oa, user, message_id, text, int(stamp) / 1000)
        self._world.interacted[user] = self._world.now_s()
        self._messages.inbound.setdefault(message_id, (user, 0))
        message = {"text": text, "msg_id": message_id}
        return events.sent(oa, user, self._world.by_app(oa, user), NAME, message, stamp)

    def _users(self, oa: Oa, first: int, count: int) -> Sequence[str]:
        if not self._world.options.followers:
            return [synthetic.user_id(oa.number * BLOCK + number) for number in range(first, first + count)]
        users = [self._world.member(oa, index).user_id for index in range(first, min(self._world.audience(oa), first + count))]
        if not users:
            raise UsageError(f"{oa.account.id} has nobody from number {first} on")
        return users


def _whole(asked: ApiRequest, name: str, default: int | None, least: int, most: int) -> int:
    value = asked.get(name, default)
    if type(value) is not int or not least <= value <= most:
        raise UsageError(f"{name} is a whole number from {least} to {most}")
    return value


def _per_s(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= MOST_PER_S:
        raise UsageError(f"per_s is a number from 0 to {MOST_PER_S}")
    return float(value)


# --- what they ask -----------------------------------------------------------------------------------------------------


def _texts(asked: ApiRequest, count: int) -> Sequence[str]:
    """Return what is asked, in turn: not more than are needed."""
    texts, file = asked.get("texts"), asked.get("file")
    if (texts is None) == (file is None):
        raise UsageError("a crowd asks texts, or what stands in a file: one of the two")
    if file is not None:
        texts = list(islice(_rows(str(file), str(asked.get("form", "{text}"))), count))
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
        raise UsageError("texts is a list of texts, at least one, and none of them empty")
    if any(len(text) > MOST_TEXT for text in texts):
        raise UsageError(f"a text has at most {MOST_TEXT} characters")
    return texts


def _rows(path: str, form: str) -> Iterator[str]:
    """Yield a text for each row of a CSV file with a header.

    Raises:
        UsageError: It can't be read, or the form names a column that is not there.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines, restval=""):
                yield form.format_map(row)
    except OSError as exc:
        raise UsageError(f"{path} can't be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise UsageError(f"{path} is not UTF-8") from exc
    except (KeyError, ValueError, IndexError, AttributeError, csv.Error) as exc:
        raise UsageError(f'"{form}" does not fit {path}: write columns of its header in braces') from exc
