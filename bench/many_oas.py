"""Every OA of the country in one process: how long until the first event can be checked, and the memory it takes.

    python -m bench.many_oas [accounts]

Makes a workspace with an accounts file and a secrets file, a secret for each OA and its follower for every tenth; starts the door
on it until it listens; and in another process reads it, finds each OA and checks an event of each. To reach: 3 s of CPU and
200 MB with 15,000.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.foundation.secret import Secret
from zalo_alert.inbound.event import read_event
from zalo_alert.inbound.signature import is_right, mac_of
from zalo_alert.inbound.switchboard import Switchboard
from zalo_alert.settings.load import load

ACCOUNTS = 15_000
APPS = 4
MOST_S, MOST_MB = 3.0, 200
_BODY = (
    '{{"app_id":"{app}","sender":{{"id":"246845883529197922"}},"recipient":{{"id":"{oa}"}},"event_name":"user_send_text",'
    '"message":{{"text":"nước lên","msg_id":"96d3cdf3af150460909"}},"timestamp":"1787209817225"}}'
)


def make_workspace(folder: Path, count: int) -> None:
    """Write a workspace with so many accounts."""
    lines = ["id,oa_id,app_id,level,areas"]
    secrets = []
    for number in range(count):
        lines.append(f"xa-{number:05d},{_oa(number)},{_app(number)},commune,all")
        secrets.append(f"ZALO_ALERT_XA_{number:05d}_OA_SECRET={_secret(number)}")
        if number % 10 == 0:
            secrets.append(f"ZALO_ALERT_XA_{number:05d}_OA_SECRET_NEXT=next{_secret(number)}")
    (folder / "accounts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / CONFIG_NAME).write_text("profile: live\naccounts_file: accounts.csv\nsecrets_file: secrets\n", encoding="utf-8")
    path = folder / "secrets"
    path.touch(mode=0o600)
    path.write_text("\n".join(secrets) + "\n", encoding="utf-8")


def _oa(number: int) -> int:
    return 388_613_280_878_000_000 + number


def _app(number: int) -> int:
    return 360_846_524_940_903_960 + number % APPS


def _secret(number: int) -> str:
    return f"{number:032d}"


def measure(folder: Path, count: int) -> None:
    """Load a workspace, check an event of each of its OAs, and print what it took."""
    begun_s = time.perf_counter()
    switchboard = Switchboard(load(folder, {}))
    ready_s = time.perf_counter() - begun_s
    begun_s = time.process_time()
    for number in range(count):
        _check(switchboard, number)
    each_us = (time.process_time() - begun_s) / count * 1e6
    print(f"{ready_s:.2f} {_peak_mb('self'):.0f} {each_us:.1f}")


def _check(switchboard: Switchboard, number: int) -> None:
    body = _BODY.format(app=_app(number), oa=_oa(number)).encode()
    mac = mac_of(str(_app(number)), body, b"1787209817225", Secret(_secret(number)))
    event = read_event(body, mac)
    line = switchboard.find(event.oa, event.app_id)
    assert line is not None
    assert is_right(f"mac={mac}", event.app_id, body, event.stamp, line.secrets) == 0


def _peak_mb(process: int | str) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start_door(folder: Path) -> tuple[float, float, float]:
    """Start the door until it listens, and stop it; return seconds that took, those of CPU, and its memory in MB."""
    words = ("webhook", "--no-worker", "--json", "--listen", "127.0.0.1:0", "--workspace", str(folder))
    begun_s = time.perf_counter()
    command = [sys.executable, "-m", "zalo_alert", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as door:
        assert door.stdout is not None
        for line in door.stdout:
            if json.loads(line)["type"] == "webhook":
                break
        found = time.perf_counter() - begun_s, _cpu_s(door.pid), _peak_mb(door.pid)
        door.send_signal(signal.SIGINT)
    return found


def main() -> None:
    if len(sys.argv) == 3:
        measure(Path(sys.argv[1]), int(sys.argv[2]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ACCOUNTS
    with tempfile.TemporaryDirectory() as folder:
        make_workspace(Path(folder), count)
        door_s, cpu_s, door_mb = start_door(Path(folder))
        command = [sys.executable, "-m", "bench.many_oas", folder, str(count)]
        words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    ready_s, _mb, each_us = map(float, words)
    print(f"{count:,} OAs: the door listens {door_s:.2f} s after its process began ({cpu_s:.2f} s of CPU): {door_mb:.0f} MB")
    print(f"of that, settings and secrets {ready_s:.2f} s; signed, read, found and checked: {each_us:.1f} µs of CPU an event")
    print(f"load {os.getloadavg()[0]:.1f}")
    if cpu_s > MOST_S or door_mb > MOST_MB:
        sys.exit(f"to reach: {MOST_S} s and {MOST_MB} MB")


if __name__ == "__main__":
    main()
