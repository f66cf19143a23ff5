"""What reading a CAP file costs: `make bench-cap-files`.

A file of nearly 1 MiB, all areas with a name and a code, is read, checked and written; beside it, `xml.etree.ElementTree` only
parses it. Then ten thousand files spoilt at random are read, and those made to do harm, and the slowest of each is named. CPU
time, so that a busy machine says nearly the same; of the large file the best of several turns.
"""

import argparse
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import partial

from tests.cap_documents import spoilt, storm
from tests.unit.cap.test_spoilt_files import HOSTILE, WARDS
from zalo_alert.cap.read import read
from zalo_alert.cap.tree import MAX_BYTES
from zalo_alert.cap.write import write


def cpu_ms(what: Callable[[], object], turns: int = 1) -> float:
    """Return the CPU time of something in milliseconds, the best of some turns."""
    return min(_once_ms(what) for _turn in range(turns))


def _once_ms(what: Callable[[], object]) -> float:
    before = time.process_time()
    what()
    return (time.process_time() - before) * 1_000


def large():
    """The sound alert with as many areas as fit into the largest file that is read."""
    fitting = MAX_BYTES * len(WARDS) // len(write(storm(info_areas=tuple(WARDS))))
    alert = storm(info_areas=(*WARDS, *WARDS)[: fitting - 9])
    return alert, write(alert)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=10_000)
    number = parser.parse_args().files
    alert, data = large()
    assert read(data, "x").is_sound
    bare, whole = cpu_ms(lambda: ET.fromstring(data), 5), cpu_ms(lambda: read(data, "x"), 5)
    print(f"{len(data):,} bytes, {len(alert.infos[0].areas):,} areas")
    print(f"read and checked  {whole:8.1f} ms, {whole / bare:.1f} times a bare ElementTree parse ({bare:.1f} ms)")
    print(f"written           {cpu_ms(lambda: write(alert), 5):8.1f} ms")
    small = write(storm())
    print(f"a usual alert     {cpu_ms(lambda: read(small, 'x'), 50):8.2f} ms ({len(small):,} bytes)")
    files = {seed: spoilt(small, seed) for seed in range(number)}
    spoilt_ms = {seed: cpu_ms(partial(read, file, "x"), 2) for seed, file in files.items()}
    worst = max(spoilt_ms, key=spoilt_ms.__getitem__)
    print(f"worst of {number:,} spoilt files {spoilt_ms[worst]:.1f} ms (seed {worst}, {len(files[worst]):,} bytes)")
    harm = {name: cpu_ms(partial(read, file, "x"), 3) for name, (file, _code) in HOSTILE.items()}
    for name in sorted(harm, key=harm.__getitem__)[-4:]:
        print(f"made to do harm   {harm[name]:8.1f} ms {name}")


if __name__ == "__main__":
    main()
