"""Which way imports point, where each library lives, and what is public; read off the syntax trees."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import zalo_alert

ROOT = Path(zalo_alert.__file__).parent

# A module imports from lower levels alone; inside a package, anything goes but a circle.
LEVELS = [
    {"errors", "clock", "wording", "files", "models", "hazards", "limiter"},
    {"database", "documents", "shards", "readers", "places", "privacy", "progress", "render", "retry", "breaker"},
    {"campaign", "settings", "segment", "book", "ledger", "resolving", "synthetic", "testing"},
    {"runs", "zalo", "sandbox", "workspace"},
    {"channels", "plan", "export"},
    {"dispatch", "report"},
    {"sending"},
    {"cli"},
    {"__main__", "__init__"},
]
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}

HOMES = {
    "duckdb": {"book.py"},
    "granian": {"sandbox/server.py"},
    "httpx": {"zalo/control.py", "zalo/post.py"},
    "jinja2": {"render.py"},
    "pyarrow": {"book.py", "export.py", "readers.py", "shards.py"},
    "pydantic": {"campaign.py", "documents.py", "settings.py"},
    "pyreqwest": {"zalo/post.py"},
    "sqlite3": {"database.py", "places/making.py"},  # making.py reads another package's data, and does not ship
    "rapidfuzz": {"places/resolver.py"},
    "tenacity": {"retry.py"},
    "uvloop": {"cli/wiring.py", "sandbox/server.py"},
    "yaml": {"documents.py"},
    "filelock": {"book.py", "runs.py", "zalo/tokens.py"},
}
SHELL = {"typer", "rich"}  # in cli/ alone

FILES = sorted(ROOT.rglob("*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from [f"zalo_alert.{a.name}" for a in node.names] if node.module == "zalo_alert" else [node.module]
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_down(path):
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for module in imported(path):
        if module.startswith("zalo_alert."):
            other = module.split(".")[1]
            assert other == own or LEVEL[other] < LEVEL[own], f"{own} imports {other}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_library_stays_at_home(path):
    for module in imported(path):
        library = module.split(".")[0]
        if library in HOMES:
            assert name_of(path) in HOMES[library], f"{library} in {name_of(path)}"
        if library in SHELL:
            assert name_of(path).startswith("cli/")


def test_places_build_on_each_other_in_one_direction():
    chain = ["tables", "units", "names", "spelling", "areas", "gazetteer", "segments", "combining", "resolver"]
    for number, name in enumerate(chain):
        inner = {
            module.split(".")[2] for module in imported(ROOT / "places" / f"{name}.py") if module.startswith("zalo_alert.places.")
        }
        assert inner <= set(chain[:number])


def test_inside_the_other_packages_siblings_know_their_base_alone():
    for package, allowed in {"ledger": {"base"}, "channels": {"base"}, "zalo": {"base"}}.items():
        for path in (ROOT / package).glob("*.py"):
            inner = {module.split(".")[2] for module in imported(path) if module.startswith(f"zalo_alert.{package}.")}
            assert inner <= allowed, path


def test_the_public_names_are_these():
    assert zalo_alert.__all__ == [
        "Book", "Campaign", "ExitCode", "Line", "Plan", "Report", "Run", "Runs", "Selection", "Settings", "Source", "State",
        "ZaloAlertError", "freeze", "load", "parse", "send",
    ]  # fmt: skip
    assert all(getattr(zalo_alert, name) is not None for name in zalo_alert.__all__)
    with pytest.raises(AttributeError):
        zalo_alert.nothing  # noqa: B018


def test_help_loads_nothing_heavy():
    code = "import sys, zalo_alert.cli.app as app; app.load_commands(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"duckdb", "pyarrow", "granian", "pydantic", "httpx"} & set(done.stdout.split())
