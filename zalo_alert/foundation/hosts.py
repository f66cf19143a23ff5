"""Which hosts are this machine itself."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether a host, by its address or by the name localhost, is this machine."""
    return host == "localhost" or is_loopback_address(host)


def is_loopback_address(host: str) -> bool:
    """Whether a host is written as an address of this machine; no name is looked up."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
