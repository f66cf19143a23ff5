"""Where the wall screen listens: an address of this machine that nobody outside can reach, a free port, a certificate if any."""

import errno
import socket
import ssl
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import NamedTuple

from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

LOOPBACK = "127.0.0.1"


class Certificate(NamedTuple):
    """Files of a certificate's chain and of its key, both PEM."""

    chain: Path
    key: Path


def inside_address(text: str) -> IPv4Address | IPv6Address:
    """Read an address to listen on.

    Raises:
        UsageError: It is none, stands for all of them, or can be reached from the internet.
    """
    try:
        address = ip_address(LOOPBACK if text == "localhost" else text)
    except ValueError as exc:
        raise UsageError(
            _("{address} is no address of a network card", address=text),
            hint=_("give one as digits, such as 192.168.1.20; without {option} it is this machine alone", option=_HOST),
        ) from exc
    if address.is_unspecified or address.is_multicast:
        raise UsageError(
            _("{address} stands for every network that this machine is in", address=text),
            hint=_("name the one address of the inside network that screens may reach it by: {option}", option=_HOST),
        )
    if not (address.is_private or address.is_link_local):
        raise UsageError(
            _("{address} can be reached from the internet, and the wall screen is for inside networks", address=text),
            hint=_("name an inside address, or leave {option} out and let a web server of yours pass it on", option=_HOST),
        )
    return address


_HOST = Cure.OPTION(host="192.168.1.20")


def open_socket(address: IPv4Address | IPv6Address, port: int) -> socket.socket:
    """Listen on an address; port 0 takes a free one.

    Raises:
        UsageError: The port is taken or needs more rights, or the address is not this machine's.
    """
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR would share a port with whoever has it
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((str(address), port))
        opened.listen(128)
        opened.setblocking(False)
    except OSError as exc:
        opened.close()
        raise _explain(exc, str(address), port) from exc
    return opened


def _explain(exc: OSError, address: str, port: int) -> UsageError:
    if exc.errno == errno.EADDRINUSE:
        return UsageError(
            _("port {port} on {address} is taken: perhaps a wall screen is running already", port=port, address=address),
            hint=_("look at http://{address}:{port}/, or choose another: {option}", address=address, port=port, option=_PORT),
        )
    if exc.errno == errno.EADDRNOTAVAIL:
        return UsageError(
            _("{address} is no address of this machine", address=address),
            hint=_("the system's network settings show which it has (`ip address`, `ipconfig`)"),
        )
    if exc.errno in (errno.EACCES, errno.EPERM):
        return UsageError(
            _("port {port} on {address} needs rights that this process has not", port=port, address=address),
            hint=_("choose one above 1023: {option}", option=_PORT),
        )
    return UsageError(_("can't listen on {address}, port {port}: {why}", address=address, port=port, why=reason(exc)))


_PORT = Cure.OPTION(port="0")


def load_certificate(certificate: Certificate) -> ssl.SSLContext:
    """Return what TLS is spoken with.

    Raises:
        UsageError: A file can't be read, is no PEM, or the key is not the certificate's.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate.chain, certificate.key, password="")
    except (OSError, ValueError) as exc:  # `ssl.SSLError` is one of the first; a key under a passphrase is refused, not asked for
        why = reason(exc) if isinstance(exc, OSError) else str(exc)
        raise UsageError(
            _(
                "can't use the certificate {chain} with the key {key}: {why}",
                chain=certificate.chain,
                key=certificate.key,
                why=why,
            ),
            hint=_("both must be PEM files that belong together, the key without a passphrase"),
        ) from exc
    return context
