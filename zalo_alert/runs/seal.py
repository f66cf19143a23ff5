"""What a run's digest covers: everything that decides what is sent, to whom, from where and through whom.

The digest is one over the digests of its parts, so that a difference can be named. Knows no folder and no database.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from zalo_alert.foundation.digests import digest_of, digest_of_json
from zalo_alert.language import _
from zalo_alert.models import Digest

# What each part is to a person, and whether it is of the run's folder (damaged or changed there) or of the workspace around it.
PARTS: Mapping[str, str] = {
    "campaign": _("the campaign's text"),
    "audience": _("the people"),
    "places": _("the names of places in the messages"),
    "files": _("the files that messages carry"),
    "facts": _("the facts of the run"),
    "profile": _("the profile, live or drill"),
    "accounts": _("the OAs and apps behind the accounts"),
    "hosts": _("the hosts that messages go to"),
}
AROUND = frozenset({"profile", "accounts", "hosts"})


def combine(parts: Mapping[str, Digest]) -> Digest:
    """Return the digest of all parts together."""
    return digest_of_json({name: parts[name] for name in PARTS})


def differing_parts(frozen: Mapping[str, str], now: Mapping[str, Digest]) -> list[str]:
    """Name the parts that are not as they were frozen."""
    return [name for name in PARTS if frozen.get(name) != now[name]]


def combine_as_before(
    campaign: Digest, shards: Sequence[str], places: Sequence[Sequence[Any]], profile: str, files: Any
) -> Digest:
    """Return the digest by the rule of before: without accounts, hosts and facts. Runs frozen then are checked by it."""
    parts = [campaign, list(shards), [list(row) for row in places], profile, *files]
    return digest_of(orjson.dumps(parts))
