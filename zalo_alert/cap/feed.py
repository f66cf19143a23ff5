"""The alerts that hold as an Atom feed: what others poll to learn that there is a new one.

Source: RFC 4287; WMO's guidelines for CAP feeds (the type of a link is `application/cap+xml`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from zalo_alert.cap.document import Alert
from zalo_alert.foundation.clock import in_vietnam

FEED = "alerts.atom"  # the file's name
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="vi">\n'


class Entry(NamedTuple):
    """An alert, and the name of its file beside the feed."""

    alert: Alert
    file: str


def atom_of(entries: Sequence[Entry], sender: str, title: str, now: datetime) -> bytes:
    """Write a feed, the newest alert first.

    Args:
        entries: What holds.
        sender: Who sends it: what the feed is known by.
        title: What it is called.
        now: When it was last looked at, where nothing holds.
    """
    newest_first = sorted(entries, key=lambda entry: entry.alert.sent, reverse=True)
    updated = newest_first[0].alert.sent if newest_first else now
    parts = [
        f"  <id>{escape(f'tag:{sender},2026:cap')}</id>",
        f"  <title>{escape(title)}</title>",
        f"  <updated>{_instant(updated)}</updated>",
        f"  <author><name>{escape(title)}</name></author>",
        f'  <link rel="self" href={quoteattr(FEED)}/>',
        *map(_entry, newest_first),
    ]
    return (_HEAD + "\n".join(parts) + "\n</feed>\n").encode()


def _entry(entry: Entry) -> str:
    alert = entry.alert
    info = alert.infos[0]
    return "\n".join((
        "  <entry>",
        f"    <id>urn:uuid:{escape(alert.identifier)}</id>",
        f"    <title>{escape(info.headline or info.event)}</title>",
        f"    <updated>{_instant(alert.sent)}</updated>",
        f"    <summary>{escape(info.description)}</summary>",
        f"    <category term={quoteattr(alert.msg_type)}/>",
        f"    <link rel=\"enclosure\" type=\"application/cap+xml\" href={quoteattr(entry.file)}/>",
        "  </entry>",
    ))  # fmt: skip


def _instant(at: datetime) -> str:
    return in_vietnam(at).isoformat(timespec="seconds")
