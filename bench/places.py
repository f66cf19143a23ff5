"""How fast and how right the address resolver is: `python -m bench.places`, or `make bench-places`.

Speed is counted on one core over distinct texts: the labelled addresses of tests/data, each with many house numbers; and every
ward of before July 2025 with its district and province, most of whose segments nobody has read before. Beside it the bare work
that no resolver can avoid: folding the text and cutting it at its commas.

    python -X importtime -c "from zalo_alert.places.units import old_wards; old_wards()"     # the tables
    py-spy record -o profile.svg -- python -m bench.places --turns 20
"""

import argparse
import csv
import io
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from zalo_alert import places
from zalo_alert.places.gazetteer import gazetteer
from zalo_alert.places.units import districts, former_names, old_wards, wards

DATA = Path(__file__).parent.parent / "tests" / "data"
NAMES = {former.code: former.name for former in places.FORMER_PROVINCES}


def labelled(names: str = "addresses*.csv") -> list[dict[str, str]]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(DATA.glob(names))]
    return [row for text in texts for row in csv.DictReader(io.StringIO(text, newline=""))]


def numbered(rows: Sequence[dict[str, str]], times: int) -> list[str]:
    return [f"Số {i * times + j}, {row['text']}" for j in range(times) for i, row in enumerate(rows)]


def every_ward() -> list[str]:
    found = []
    for old in old_wards().values():
        district = districts()[old.district]
        found.append(f"{old.type} {old.name}, {district.type} {district.name}, {NAMES[district.old_code]}")
        found.append(f"12 Lê Lợi {old.name} {district.name} {NAMES[district.old_code]}")
    return found


def per_s(work: Callable[[str], object], texts: Sequence[str]) -> float:
    begun_s = time.perf_counter()
    for text in texts:
        work(text)
    return len(texts) / (time.perf_counter() - begun_s)


def timed(work: Callable[[], object]) -> float:
    begun_s = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun_s)


def accuracy(names: str) -> None:
    from zalo_alert.places.batch import codes

    rows, resolver = labelled(names), places.Resolver()
    for at, (column, title) in enumerate((("old_code", "former map"), ("new_code", "today's map"))):
        answers = [(codes(resolver.text(row["text"]))[at], row[column]) for row in rows]
        right = sum(got == want for got, want in answers) / len(answers)
        wrong = sum(bool(got) and got != want for got, want in answers) / len(answers)
        print(f"{names:<20} {title:<12} {100 * right:6.2f} % right {100 * wrong:6.2f} % wrong, of {len(rows)}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--turns", type=int, default=3)
    given = options.parse_args()
    print(f"tables  {timed(lambda: (wards(), districts(), old_wards(), former_names())):6.0f} ms, once a process")
    print(f"names   {timed(gazetteer):6.0f} ms, once a process")
    for names in ("addresses.csv", "addresses-fresh.csv", "places-traps.csv", "places-third.csv"):
        accuracy(names)
    rows = labelled()
    for title, texts in (("labelled addresses", numbered(rows, 20)), ("every former ward", every_ward())):
        bare = statistics.median(per_s(lambda text: text.lower().split(","), texts) for _ in range(given.turns))
        ours = statistics.median(per_s(places.Resolver().text, texts) for _ in range(given.turns))
        print(f"{title:<20} {len(texts):>8,} texts: {ours:>8,.0f} a second; bare folding and cutting {bare:>10,.0f}")


if __name__ == "__main__":
    main()
