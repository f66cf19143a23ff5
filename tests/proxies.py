"""Real reverse proxies on free ports of this machine: the configurations in deploy/ with ports and certificates put in."""

import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

DEPLOY = Path(__file__).parent.parent / "deploy"
PATIENCE_S = 30.0
DOMAIN, UPSTREAM = "webhook.example.vn", "127.0.0.1:8080"
_NGINX = """daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{ {places}
include {config}; }}
"""
_NGINX_PLACES = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def find(name: str) -> str | None:
    """Return the path of a proxy's program, which an office's user may not have on the path; None where there is none."""
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def free_port() -> int:
    """Return a port of this machine that nobody listens on, and that the system gives to nobody who asks for any."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            port = random.SystemRandom().randrange(15_000, 32_000)
            probe.bind(("127.0.0.1", port))
            return port


def put_in(name: str, changes: Mapping[str, str]) -> str:
    """Return a shipped configuration with some of its texts replaced, each of which must stand in it."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    for before, after in changes.items():
        assert before in text, f"{before} in deploy/{name}"
        text = text.replace(before, after)
    return text


@contextmanager
def nginx(folder: Path, door: int, port: int, certificate: Path) -> Iterator[None]:
    """Run nginx before a door's port."""
    shipped = put_in(
        "nginx-zalo-alert.conf",
        {
            "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
            "listen [::]:443 ssl;": "",
            f"/etc/letsencrypt/live/{DOMAIN}/fullchain.pem": str(certificate),
            f"/etc/letsencrypt/live/{DOMAIN}/privkey.pem": str(certificate),
            UPSTREAM: f"127.0.0.1:{door}",
        },
    )
    own, whole = folder / "zalo-alert.conf", folder / "nginx.conf"
    own.write_text(shipped, encoding="utf-8")
    places = "\n".join(f"{name}_temp_path {folder}/{name};" for name in _NGINX_PLACES)
    whole.write_text(_NGINX.format(folder=folder, places=places, config=own), encoding="utf-8")
    program = find("nginx")
    assert program
    with _running([program, "-p", str(folder), "-c", str(whole)], folder, port):
        yield


@contextmanager
def caddy(folder: Path, door: int, port: int, certificate: Path) -> Iterator[None]:
    """Run Caddy before a door's port."""
    shipped = put_in(
        "Caddyfile",
        {
            "{\n\tservers {": "{\n\tadmin off\n\tauto_https off\n\tservers {",
            f"{DOMAIN} {{": f"https://{DOMAIN}:{port} {{\n\tbind 127.0.0.1\n\ttls {certificate} {certificate}",
            UPSTREAM: f"127.0.0.1:{door}",
        },
    )
    path = folder / "Caddyfile"
    path.write_text(shipped, encoding="utf-8")
    program = find("caddy")
    assert program
    with _running([program, "run", "--config", str(path), "--adapter", "caddyfile"], folder, port):
        yield


PROXIES: Mapping[str, Callable[..., object]] = {"nginx": nginx, "caddy": caddy}


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[None]:
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "said.txt").open("wb") as said:
        child = subprocess.Popen(command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        _await(child, port, folder)
        yield
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _await(child: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
    limit_s = time.monotonic() + PATIENCE_S
    while True:
        assert child.poll() is None, (folder / "said.txt").read_text(encoding="utf-8")
        assert time.monotonic() < limit_s, "it does not listen"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
