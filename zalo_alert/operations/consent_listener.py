"""Where a consent comes back to: one request on a loopback port, answered with a line for the person at the browser."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from zalo_alert.errors import Cure, RunSuspended, UsageError
from zalo_alert.foundation.hosts import is_loopback
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

PATIENCE_S = 600.0  # a code lives ten minutes
_MOST_BYTES = 16_384
_PAGE = "<!doctype html><meta charset=utf-8><title>zalo-alert</title><p>Đã nhận, có thể đóng cửa sổ này. (Received; close it.)"


def listens_here(redirect_uri: str) -> bool:
    """Whether a redirect comes to this machine, over plain HTTP."""
    parts = urlsplit(redirect_uri)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


@asynccontextmanager
async def listening(redirect_uri: str) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Listen for the browser to come back; what is yielded waits for it, and returns the address it came to.

    Raises:
        UsageError: The port is taken.
        RunSuspended: Nobody came.
    """
    parts = urlsplit(redirect_uri)
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            target = request.split(b" ", 2)[1].decode("ascii")
        except (OSError, ValueError, IndexError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.close()
            return
        ours = urlsplit(target).path == (parts.path or "/") and "code=" in target
        page = _PAGE.encode() if ours else b""
        head = (
            f"HTTP/1.1 {'200 OK' if ours else '404 Not Found'}",
            "content-type: text/html; charset=utf-8",
            f"content-length: {len(page)}",
            "connection: close",
        )
        writer.write("\r\n".join((*head, "", "")).encode() + page)
        writer.close()
        if ours and not address.done():
            address.set_result(target)

    try:
        server = await asyncio.start_server(answer, parts.hostname, parts.port or 80, limit=_MOST_BYTES)
    except OSError as exc:
        raise UsageError(
            _("can't listen on {address}: {why}", address=redirect_uri, why=reason(exc)),
            hint=_("end what uses the port, or use {option}", option=Cure.OPTION(paste=True)),
        ) from exc

    async def came() -> str:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await address
        except TimeoutError as exc:
            raise RunSuspended(_("nobody has consented for ten minutes"), hint=_("start `accounts login` again")) from exc

    async with server:
        yield came
