"""Opening the wall screen: where it listens, who may look, what it is called; everything that can be wrong is said before."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from time import time
from typing import TYPE_CHECKING

from zalo_alert.errors import Cure, SettingsInvalid, UsageError
from zalo_alert.foundation.secret import Secret
from zalo_alert.language import Language, _
from zalo_alert.operations.loop import run_loop
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Settings
from zalo_alert.wall.listening import LOOPBACK, Certificate, inside_address, load_certificate, open_socket
from zalo_alert.wall.password import SHORTEST, Gate

if TYPE_CHECKING:
    import ssl

    from starlette.applications import Starlette

PASSWORD = "ZALO_ALERT_WALL_PASSWORD"
PORT = 8630


@dataclass(frozen=True, slots=True)
class Order:
    """Where the wall screen is to be.

    Args:
        host: An address of this machine; loopback needs no password.
        port: 0 takes a free one.
        certificate: None speaks plain HTTP.
    """

    host: str = LOOPBACK
    port: int = PORT
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class OpenWall:
    """A wall screen that listens, and answers as soon as it is served.

    Args:
        url: What a browser opens.
        is_bare: Whether a password goes over a network unencrypted.
    """

    url: str
    is_bare: bool
    _app: "Starlette"
    _listening: socket
    _tls: "ssl.SSLContext | None"

    def serve(self) -> None:
        """Serve until Ctrl-C or SIGTERM."""
        from zalo_alert.wall.server import serve

        run_loop(serve(self._app, self._listening, self._tls))


def open_wall(folder: Path, order: Order, environ: Mapping[str, str] = os.environ) -> OpenWall:
    """Open the wall screen of a workspace.

    Raises:
        SettingsInvalid: It is no workspace; or a password is missing, too short, or can't be read.
        UsageError: The address, the port or the certificate is of no use, or the packages for it are not installed.
    """
    settings, address = load(folder, environ), inside_address(order.host)
    gate = _gate(settings, is_needed=not address.is_loopback)
    tls = load_certificate(order.certificate) if order.certificate else None
    try:
        from zalo_alert.wall.app import Access, make_app
        from zalo_alert.wall.guard import names_of
    except ImportError as exc:
        raise UsageError(
            _("the packages of the wall screen are not installed ({module})", module=exc.name),
            hint=_("pip install 'zalo-alert[web]'"),
        ) from exc
    listening = open_socket(address, order.port)
    port = listening.getsockname()[1]
    access = Access(names_of(address, port), gate, is_tls=tls is not None)
    app = make_app(folder, access, language=settings.language or Language.VI, environ=environ)
    host = f"[{address}]" if address.version == 6 else str(address)
    return OpenWall(
        f"{'https' if tls else 'http'}://{host}:{port}/",
        gate is not None and not (tls or address.is_loopback),
        app,
        listening,
        tls,
    )


def _gate(settings: Settings, *, is_needed: bool) -> Gate | None:
    """Return who lets in; wherever a password is set it is asked for, also on this machine.

    A password of the environment may be any text; Zalo's secrets, for which the keyring's are taken, may not.
    """
    text = settings.environ.get(PASSWORD, "").strip() or settings.secret(PASSWORD).reveal()
    if not text and not is_needed:
        return None
    if not text:
        raise SettingsInvalid(
            _("other machines could look at the wall screen, and it has no password"),
            hint=_(
                "set {name} in the environment or in the secrets file, at least {signs} signs long; or give {host}",
                name=PASSWORD, signs=SHORTEST, host=Cure.OPTION(host=str(LOOPBACK)),
            ),
        )  # fmt: skip
    if len(text) < SHORTEST:
        raise SettingsInvalid(
            _("the password of the wall screen is shorter than {signs} signs", signs=SHORTEST),
            hint=_("set {name} to a longer one: four words are easy to type", name=PASSWORD),
        )

    return Gate(Secret(text), str(settings.workspace.resolve()), time)
