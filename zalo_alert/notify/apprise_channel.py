"""The channel of apprise: e-mail, webhooks and a hundred services by addresses that are secrets; see `apprise_child`."""

import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

from zalo_alert.foundation.secret import Secret
from zalo_alert.language import _
from zalo_alert.notify.base import Letter, Told
from zalo_alert.notify.child import Child
from zalo_alert.settings.notify_rule import url_variable

PATIENCE_S = 20.0  # with all addresses together: a mail takes a few connections
_SCRIPT = Path(__file__).with_name("apprise_child.py")


class AppriseChannel:
    """See `Channel`.

    Args:
        urls: Addresses by their names in the settings; an empty one is missing.
        folder: Where the process runs.
        patience_s: For all of them.
    """

    def __init__(self, urls: Sequence[tuple[str, Secret]], folder: Path, patience_s: float = PATIENCE_S) -> None:
        self._urls, self._child, self._patience_s = urls, Child(folder, patience_s), patience_s

    def send(self, letter: Letter) -> list[Told]:
        """See `Channel`."""
        missing = [Told(name, _("{variable} is not set", variable=url_variable(name))) for name, url in self._urls if not url]
        urls = {name: url.reveal() for name, url in self._urls if url}
        if not urls:
            return missing
        if find_spec("apprise") is None:
            why = _("the apprise package is not installed: pip install 'zalo-alert[notify]'")
            return [*missing, *(Told(name, why) for name in urls)]
        kind = "warning" if letter.message.is_urgent else "info"
        order = {"urls": list(urls.items()), "title": letter.title, "text": letter.text, "kind": kind}
        ended = self._child.run((sys.executable, "-I", str(_SCRIPT)), orjson.dumps(order), reads=True)
        return [*missing, *self._read(ended.output, urls)]

    def _read(self, output: bytes, names: Mapping[str, Any]) -> list[Told]:
        """Return what became of each address; one of which nothing came back did not answer."""
        silent = _("no answer within {seconds} s", seconds=f"{self._patience_s:g}")
        words = {line["name"]: _why(line["word"], line["status"]) for line in map(orjson.loads, output.splitlines())}
        return [Told(name, words.get(name, silent)) for name in names]

    def abandon(self) -> None:
        """See `Channel`."""
        self._child.abandon()


def _why(word: str, status: int) -> str:
    if not word:
        return ""
    if word == "address":
        return _("the address is none that apprise knows")
    if status:
        return _("it was refused with HTTP {status}", status=status)
    return _("it was refused, or nobody could be reached there")
