"""How fast the whole send path is, beside three other clients in the same run: `make bench`.

Client and server each get a core of their own; every client sends the same message over TLS to the same server, in turns, and the
median turn counts; `wrk`, where it is installed, shows what the server could do. `--million` sends to a million people once more,
for the memory; `--latency-ms 100` asks a server that far away, with as many calls in flight as the sender chooses for itself.

Where the time of our own path goes:

    python -m bench.send --keep /tmp/bench          # leaves the workspace, and says which commands were run
    py-spy record --native -o profile.svg -- python -m bench.clients ours URL MESSAGES /tmp/bench/ours-1
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trustme

from bench import clients
from zalo_alert import Workspace
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.scaffold import create
from zalo_alert.sandbox import synthetic

CLIENTS = ("pyreqwest", "ours", "aiohttp", "script")
MESSAGES = {"pyreqwest": 200_000, "ours": 200_000, "aiohttp": 100_000, "script": 3_000}
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
CAMPAIGN = "campaigns/dien-tap-bao.yaml"


def pinned(core: int) -> Any:
    """Return what puts a child process on one core."""
    return (lambda: os.sched_setaffinity(0, {CORES[core % len(CORES)]})) if hasattr(os, "sched_setaffinity") else None


@contextmanager
def server(latency_ms: float = 0):
    """Serve over TLS, with a certificate that this process and its children trust."""
    with tempfile.TemporaryDirectory() as folder:
        authority, certificate = trustme.CA(), Path(folder) / "server.pem"
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
        authority.cert_pem.write_to_path(Path(folder) / "authority.pem")
        os.environ["SSL_CERT_FILE"] = str(Path(folder) / "authority.pem")
        words = [sys.executable, "-m", "bench.server", "--certificate", str(certificate), "--latency-ms", str(latency_ms)]
        child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=pinned(0))
        try:
            assert child.stdout  # piped, as asked for
            yield f"https://127.0.0.1:{int(child.stdout.readline())}"
        finally:
            child.communicate()  # its stdin ends


def book(folder: Path, people: int, *, app_per_minute: int = 100_000_000) -> None:
    """Make a workspace whose book holds so many people, none of them excluded by the campaign."""
    create(folder, SystemClock().now(), app_per_minute=app_per_minute)
    synthetic.write_followers(folder / "followers.csv", people)
    Workspace(folder).import_followers(folder / "followers.csv", rejects=folder / "rejects.csv")


def frozen(folder: Path, environ: Mapping[str, str]) -> int:
    """Freeze a run over the whole book; return how many people it has."""
    run = Workspace(folder, environ).freeze(folder / CAMPAIGN, agree=lambda draft: None)
    run.close()
    return run.facts.audience


def environ_at(url: str) -> dict[str, str]:
    """Return the environment of a client that sends to this server."""
    hosts = {f"ZALO_ALERT_{host}_URL": url for host in ("OPENAPI", "BUSINESS", "OAUTH")}
    return os.environ | hosts | {"ZALO_ALERT_PCTT_ACCESS_TOKEN": "t" * 512}


def measure(name: str, url: str, messages: int, folder: Path) -> dict[str, float]:
    """Run one client on a core of its own."""
    words = [sys.executable, "-m", "bench.clients", name, f"{url}/v3.0/oa/message/cs", str(messages), str(folder)]
    done = subprocess.run(words, env=environ_at(url), stdout=subprocess.PIPE, preexec_fn=pinned(1), check=True)
    return json.loads(done.stdout)


def turn(name: str, url: str, workspace: Path) -> dict[str, float]:
    if name != "ours":
        return measure(name, url, MESSAGES[name], workspace)
    shutil.rmtree(workspace / ".zalo-alert" / "runs", ignore_errors=True)
    return measure(name, url, frozen(workspace, environ_at(url)), workspace)


def wrk(url: str, connections: int) -> float | None:
    """What the C program gets out of the server: requests a second; None where it is not installed."""
    if not shutil.which("wrk"):
        return None
    body = json.dumps({"recipient": {"user_id": "1" * 19}, "message": {"text": clients.TEXT}}, ensure_ascii=False)
    headers = {"access_token": clients.TOKEN, "content-type": "application/json"}
    lines = ['wrk.method = "POST"', f"wrk.body = [==[{body}]==]", *(f"wrk.headers['{k}'] = '{v}'" for k, v in headers.items())]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("\n".join(lines))
        script.flush()
        words = ["wrk", "-t1", f"-c{connections}", "-d8", "-s", script.name, f"{url}/v3.0/oa/message/cs"]
        done = subprocess.run(words, stdout=subprocess.PIPE, preexec_fn=pinned(1), check=True, text=True)
    return float(re.findall(r"Requests/sec: +([0-9.]+)", done.stdout)[0])


def compare(url: str, workspace: Path, turns: int) -> None:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in CLIENTS}
    for _ in range(turns):
        for name in CLIENTS:
            found[name].append(turn(name, url, workspace))
    median = {
        name: {key: statistics.median(run[key] for run in runs) for key in ("per_s", "cpu_us", "rss_mb")}
        for name, runs in found.items()
    }
    ours = median["ours"]
    print(f"{'client':<12}{'messages/s':>12}{'CPU µs each':>13}{'RSS MB':>9}{'ours, by rate':>16}{'ours, by CPU':>15}")
    for name, row in median.items():
        by_rate, by_cpu = ours["per_s"] / row["per_s"], row["cpu_us"] / ours["cpu_us"]
        print(f"{name:<12}{row['per_s']:>12,.0f}{row['cpu_us']:>13.1f}{row['rss_mb']:>9.0f}{by_rate:>14.2f} x{by_cpu:>13.2f} x")
    share(ours["per_s"], wrk(url, clients.SENDERS))


def share(per_s: float, most: float | None) -> None:
    if most:
        print(f"{'wrk':<12}{most:>12,.0f}{'':>22}{per_s / most:>14.2f} x")


def afar(url: str, workspace: Path, turns: int) -> None:
    """Send to a server that is far away, beside what `wrk` gets from it with 2,000 connections."""
    rates = [turn("ours", url, workspace)["per_s"] for _ in range(turns)]
    print(f"{'ours':<12}{statistics.median(rates):>12,.0f}")
    share(statistics.median(rates), wrk(url, 2000))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--million", action="store_true", help="only the memory of a run of a million people")
    options.add_argument("--keep", type=Path, help="keep the workspace here")
    options.add_argument("--latency-ms", type=float, default=0.0, help="send to a server this far away, beside wrk alone")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary, server(given.latency_ms) as url:
        workspace = given.keep or Path(temporary)
        if given.million:
            book(workspace, 1_000_000)
            row = turn("ours", url, workspace)
            rate, cpu, rss = (row[key] for key in ("per_s", "cpu_us", "rss_mb"))
            print(f"1,000,000 people: {rate:,.0f} messages/s, {cpu:.1f} µs CPU each, {rss:.0f} MB RSS at most")
            return
        book(workspace, MESSAGES["ours"] * (3 if given.latency_ms else 1))
        (afar if given.latency_ms else compare)(url, workspace, given.turns)


if __name__ == "__main__":
    main()
