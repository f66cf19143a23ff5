"""What share of the rate a sync uses: details of people, a call each, counted by the sandbox at the end of each minute.

python -m bench.sync --minutes 2 --latency-ms 150
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import running
from zalo_alert.settings import model

MINUTE_S = 60.0
BEFORE_S = 0.2  # the end of a minute: an answer tells what its own minute has left
MOST_LISTED = 10_000  # people of whom the sandbox makes one short list


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=int, default=2)
    options.add_argument("--per-minute", type=int, default=model.DEFAULT_APP_PER_MINUTE)
    options.add_argument("--latency-ms", type=float, default=150)
    given = options.parse_args()
    people = min(MOST_LISTED, given.per_minute * (given.minutes + 1))
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Options(app_per_minute=given.per_minute, followers=people, latency_ms=given.latency_ms)) as sandbox,
        httpx.Client(trust_env=False) as client,
    ):
        environ = os.environ | sandbox.environ("pctt") | {"PYTHONPATH": str(Path.cwd())}
        command = [sys.executable, "-m", "zalo_alert"]
        subprocess.run([*command, "init", "."], cwd=folder, env=environ, check=True, capture_output=True)
        child = subprocess.Popen([*command, "followers", "sync", "--details"], cwd=folder, env=environ)
        print(f"{'minute':<10}{'requests':>10}{'of limit':>10}{'refused':>10}", flush=True)
        for _ in range(given.minutes + 1):
            time.sleep((MINUTE_S - BEFORE_S - time.time()) % MINUTE_S)
            minute = time.strftime("%H:%M")
            answer = client.get(
                f"{environ['ZALO_ALERT_OPENAPI_URL']}/v2.0/oa/getoa",
                headers={"access_token": environ["ZALO_ALERT_PCTT_ACCESS_TOKEN"]},
            )
            used = given.per_minute - int(answer.headers["x-ratelimit-remain"])
            refused = sum(sandbox.stats()["refused"].values())
            print(f"{minute:<10}{used:>10}{used / given.per_minute:>10.1%}{refused:>10}", flush=True)
            time.sleep(2 * BEFORE_S)
        print("still asking:", child.poll() is None)
        child.terminate()
        child.wait()


if __name__ == "__main__":
    main()
