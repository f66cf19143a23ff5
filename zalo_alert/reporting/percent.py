"""Shares in per cent, as every report and every screen writes them."""

from zalo_alert.language import decimal


def percent_of(part: int, whole: int) -> str:
    """Write a share in per cent with one place; never 100.0 while anybody is missing, nor 0.0 where anybody is there."""
    if not 0 < part < whole:
        return decimal(100.0 if part else 0.0)
    return decimal(min(99.9, max(0.1, 100 * part / whole)))
