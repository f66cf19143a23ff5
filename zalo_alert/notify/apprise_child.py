"""A process of its own that hands a letter to apprise: `python -I apprise_child.py`, the letter and the addresses on its stdin.

What hangs here is ended with the process. Nothing that apprise or a library of its says is let out: it may hold a password. One
line of JSON comes back for each address, as soon as it is known. Imports nothing of ours: it starts as quickly as it can.
"""

import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

AT_ONCE = 8
_STATUS = re.compile(r"error\s*=\s*(\d{3})\b")  # all that is read of apprise's log: an HTTP status
_said = threading.local()


class _Statuses(logging.Handler):
    """Remembers the last HTTP status that was said in a thread."""

    def emit(self, record: logging.LogRecord) -> None:
        if found := _STATUS.search(record.getMessage()):
            _said.status = int(found[1])


def tell(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Hand a letter to every address; yield what became of each: a word, "" where it went out, and an HTTP status or 0."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in as_completed(pool.submit(_tell_one, name, url, order) for name, url in order["urls"]):
            yield done.result()


def _tell_one(name: str, url: str, order: dict[str, Any]) -> dict[str, Any]:
    import apprise

    _said.status = 0
    asset = apprise.AppriseAsset(app_id="zalo-alert", app_desc="zalo-alert", app_url="", http_redirects=False)
    try:
        sender = apprise.Apprise.instantiate(url, asset=asset)
        if sender is None:
            return {"name": name, "word": "address", "status": 0}
        went = sender.notify(body=order["text"] or order["title"], title=order["title"], notify_type=order["kind"])
    except Exception:  # a library of a service's own raises anything; its words may hold the address
        return {"name": name, "word": "failed", "status": _said.status}
    return {"name": name, "word": "" if went else "refused", "status": _said.status}


def main() -> None:
    """Read what is to be told, and tell it."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is nobody's business
    os.dup2(1, 2)
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.handlers, root.level = [_Statuses()], logging.WARNING
    for told in tell(json.load(sys.stdin.buffer)):
        out.write(json.dumps(told) + "\n")
        out.flush()
    os._exit(0)  # no thread of a library keeps this process


if __name__ == "__main__":
    main()
