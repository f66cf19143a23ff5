"""The numbers of the situation reports that were made, so that the next one can say what has changed. Owns `sitreps.json`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.files import appearing, contents, create_file
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.reporting.reach import Reach
from zalo_alert.reporting.sitrep import KeptSitrep, SitrepNumbers

NAME = "sitreps.json"  # in the workspace's state
MADE_AGAIN = timedelta(minutes=10)  # so soon after another it is the same report once more: as a page, or with a word changed
ONE_EVENT = timedelta(days=3)  # longer after the last report it is another event, although nobody has called it otherwise
FIRST = timedelta(days=1)  # how far back the first report looks
_MOST = 200
_MOST_BYTES = 4 << 20


def read_kept(folder: Path) -> list[KeptSitrep]:
    """Read what is kept, the earliest first; nothing where no report was made yet.

    Raises:
        StorageUnusable: It can't be read.
    """
    path = folder / NAME
    try:
        return [_kept(one) for one in orjson.loads(contents(path, _MOST_BYTES))]
    except FileNotFoundError:
        return []
    except OSError as exc:
        raise StorageUnusable(_("can't read {path}: {why}", path=path, why=reason(exc)), hint=_CURE) from exc
    except (ValueError, KeyError, TypeError) as exc:
        raise StorageUnusable(_("{path} holds no numbers of reports", path=path), hint=_CURE) from exc


_CURE = _("put the file away: the next report is the first then")


def keep(folder: Path, kept: Sequence[KeptSitrep], made: KeptSitrep) -> None:
    """Add a report to those that are kept; it takes the place of one with its name that was made a few minutes ago.

    Raises:
        StorageUnusable: It can't be written.
    """
    others = [one for one in kept if not _is_same(one, made.title, made.at)]
    try:
        with appearing(folder / NAME) as draft, create_file(draft) as file:
            file.write(orjson.dumps([_as_json(one) for one in (*others, made)][-_MOST:]))
    except OSError as exc:
        raise StorageUnusable(
            _("can't write {path}: {why}", path=folder / NAME, why=reason(exc)),
            hint=_("the report is made; the next one can't say what has changed since"),
        ) from exc


def before(kept: Sequence[KeptSitrep], title: str, at: datetime) -> KeptSitrep | None:
    """Return the report of the same event before one that is made at an instant; None where that is the first."""
    own = [one for one in kept if one.title == title and one.at < at and not _is_same(one, title, at)]
    last = max(own, key=lambda one: one.at, default=None)
    return last if last and at - last.at <= ONE_EVENT else None


def _is_same(one: KeptSitrep, title: str, at: datetime) -> bool:
    return one.title == title and abs(at - one.at) < MADE_AGAIN


def _as_json(one: KeptSitrep) -> dict[str, Any]:
    return {
        "number": one.number, "title": one.title, "since": one.since.isoformat(), "at": one.at.isoformat(),
        "numbers": one.numbers.as_json(),
    }  # fmt: skip


def _kept(one: Mapping[str, Any]) -> KeptSitrep:
    numbers = one["numbers"]
    accepted = {str(key): int(people) for key, people in numbers["accepted"].items()}
    since, at = (datetime.fromisoformat(one[name]) for name in ("since", "at"))
    if since.tzinfo is None or at.tzinfo is None:
        raise ValueError("an instant without a zone")
    reach = Reach(**{name: int(people) for name, people in numbers["reach"].items()})
    found = SitrepNumbers(int(numbers["alerts"]), int(numbers["sending"]), reach, accepted)
    return KeptSitrep(int(one["number"]), str(one["title"]), since, at, found)
