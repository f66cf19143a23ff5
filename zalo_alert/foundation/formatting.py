"""Numbers in a sentence, as Vietnamese and English readers both take them. Knows nothing of alerts."""

from datetime import timedelta


def count(number: int) -> str:
    """Write a number with a thin gap every three digits, from five digits on."""
    return f"{number:,}".replace(",", "\u202f") if abs(number) >= 10_000 else str(number)


def persons(number: int) -> str:
    """Count people: `1 person`, `19 796 people`."""
    return "1 person" if number == 1 else f"{count(number)} people"


def rate(per_s: float) -> str:
    """Write a rate: `66.1/s`, `22 800/s`."""
    return f"{per_s:.1f}/s" if per_s < 100 else f"{count(round(per_s))}/s"


def span(time: timedelta) -> str:
    """Write a stretch of time: `20 s`, `7 min`, `3 h 05 min`, `2 d 4 h`."""
    seconds = max(0, round(time.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes:02} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
