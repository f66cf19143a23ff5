"""Which way imports point, where each library lives, and what is public; read off the syntax trees."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import zalo_alert
from zalo_alert.book import Book, Selection
from zalo_alert.campaign import parse as campaign_file
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.scaffold import create
from zalo_alert.planning import plan
from zalo_alert.planning.freeze import FreezeRequest, freeze
from zalo_alert.planning.planner import make_plan
from zalo_alert.runs.store import Runs
from zalo_alert.settings import load
from zalo_alert.testing import drill

ROOT = Path(zalo_alert.__file__).parent

# A folder for each noun an officer knows, a level for each folder; it imports from lower levels alone, and inside it anything
# goes but a circle. `operations` is the one composition root; the shell knows it, values and formatting.
LEVELS = [
    ("language",),
    ("errors", "models"),
    ("foundation",),
    ("places", "readers", "pacing", "ledger", "audit", "backup", "timetable"),
    ("campaign", "runs", "settings", "pictures"),
    ("book", "zalo", "sandbox", "approval", "notify", "inbound", "wording", "cap", "library", "articles"),
    ("outbox",),
    ("preflight", "sync", "receipts", "tables", "cases", "calendar"),
    ("planning", "delivery", "answers"),
    ("reporting",),
    ("fallback",),
    ("operations", "testing"),
    ("wall",),
    ("cli",),
    ("__main__", "__init__"),
]
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}

HOMES = {
    "apprise": {"notify/apprise_child.py"},
    "cryptography": {"approval/envelope.py", "approval/key_files.py", "approval/signer.py", "inbound/certificate.py"},
    "duckdb": {"book/engine.py"},
    "httptools": {"foundation/http_connection.py", "zalo/post_sockets.py"},
    # operations/connect.py makes the client of calls that ask; zalo/post_sockets.py trusts the same certificates.
    "httpx": {
        "zalo/calling.py", "zalo/client.py", "zalo/oauth.py", "zalo/probe.py", "zalo/post_sockets.py",
        "operations/connect.py", "operations/doctor.py",
    },
    "jinja2": {
        "answers/template.py", "answers/template_check.py", "campaign/template.py", "campaign/template_check.py", "wall/pages.py",
        "pictures/drawing.py", "reporting/page.py",
    },
    "markdown_it": {"articles/markdown.py"},
    "pyarrow": {
        "book/base.py", "book/earlier.py", "book/forget.py", "book/importing.py", "book/locate.py", "book/reading.py",
        "reporting/export.py",
        "readers/__init__.py",
        "readers/columnar.py", "readers/quick.py", "receipts/index.py", "receipts/tail.py",
        "runs/reached.py", "runs/recent.py", "runs/shards.py",
    },
    "pydantic": {
        "answers/lookup_form.py", "answers/rule_form.py", "answers/schema.py", "articles/article_form.py",
        "campaign/form.py", "foundation/shape_errors.py",
        "inbound/retention.py", "library/form.py", "settings/form.py", "calendar/form.py",
    },
    "pyreqwest": {"zalo/post_pyreqwest.py"},
    "sqlite3": {"foundation/database.py", "foundation/fixed_database.py"},
    "rapidfuzz": {
        "library/distance.py", "places/resolver.py", "answers/neighbours.py", "answers/slips.py", "answers/spelling.py",
    },
    "tenacity": {"zalo/client.py"},
    "uvloop": {"operations/loop.py", "sandbox/server.py"},
    "yaml": {"foundation/yaml_document.py"},
    "filelock": {
        "inbound/only_one.py",
        "approval/roster.py", "articles/store.py", "audit/log.py", "book/generations.py", "foundation/log_file.py",
        "runs/lock.py", "sync/store.py", "receipts/fold.py", "tables/generations.py", "timetable/occurrences.py",
        "zalo/token_store.py", "zalo/tokens.py",
    },
    "keyring": {"settings/secrets.py"},
    "markupsafe": {"reporting/page.py", "wall/pages.py", "wall/saying.py"},
    "pyrage": {"backup/age_keys.py", "backup/sealing.py"},
    "python_calamine": {"readers/workbook.py"},
    "starlette": {"wall/app.py", "wall/guard.py", "wall/opening.py", "wall/server.py"},
    "uvicorn": {"wall/server.py"},
}  # fmt: skip
SHELL = {"typer", "rich"}  # in cli/ alone

# The shell parses and draws: it does nothing that a Python caller could not do through `operations`. What it draws are values.
SHELL_KNOWS = {"cli", "errors", "foundation", "language", "models", "operations", "places", "wall"}
VALUES = {
    "approval.changes",
    "approval.keys",
    "approval.officers",
    "approval.roster",
    "approval.words",
    "audit.events",
    "audit.line",
    "campaign.follow_up",
    "campaign.form",
    "campaign.lifecycle",
    "campaign.parse",
    "articles.article",
    "articles.store",
    "cases.case",
    "delivery.progress",
    "inbound.consent_answer",
    "inbound.event",
    "ledger.broadcasts",
    "library.template",
    "pacing.slowness",
    "outbox.sight",
    "planning.plan",
    "planning.preview",
    "planning.run_places",
    "planning.template_fit",
    "preflight.consent_health",
    "preflight.doctor",
    "preflight.token_health",
    "readers",
    "readers.instants",
    "readers.tally",
    "reporting.arrived",
    "reporting.completion", "reporting.full_report", "reporting.page", "reporting.percent",
    "reporting.release", "reporting.report",
    "reporting.sight",
    "reporting.slow_words",
    "reporting.after_action", "reporting.after_action_text", "reporting.monthly", "reporting.monthly_text",
    "reporting.sitrep", "reporting.sitrep_text",
    "reporting.remarks", "reporting.state_words",
    "reporting.status",
    "reporting.verdict",
    "runs.lifecycle",
    "runs.run",
    "runs.schedule",
    "runs.spells",
    "tables.facts",
}  # fmt: skip

FILES = sorted(ROOT.rglob("*.py"))


@cache
def imported(path, *, types=True):
    """Return the modules that a file imports; without `types`, not those that it needs for annotations alone."""
    return list(_imported(path, types=types))


def _imported(path, *, types):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unseen = set() if types else {inner for node in ast.walk(tree) if _is_for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if node in unseen:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            is_package = node.module.startswith("zalo_alert") and (ROOT.parent / node.module.replace(".", "/")).is_dir()
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from [name if _is_file(name) else node.module for name in names] if is_package else [node.module]
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _is_file(module):
    path = ROOT.parent / module.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file() or module.count(".") == 1


def _is_for_types(node):
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


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


@pytest.mark.parametrize("path", sorted((ROOT / "cli").glob("*.py")), ids=name_of)
def test_the_shell_knows_operations_and_values_alone(path):
    for module in imported(path, types=False):
        if module.startswith("zalo_alert."):
            own = module.removeprefix("zalo_alert.")
            assert own.split(".")[0] in SHELL_KNOWS or own in VALUES, module


CHAINS = {
    "foundation": [
        "http_connection",
        "clock", "machine", "os_errors", "suggestions", "invisible", "digests", "cells", "files", "secret", "layout", "database",
        "fixed_database",
        "pseudonyms", "notices", "log_file", "log_line", "log_reading", "yaml_document", "shape_errors",
    ],
    "pacing": [
        "braking", "concurrency", "meter", "slowness", "quotas", "refusals", "shares", "limits", "rates_file",
        "pace", "shared_pace", "answer_pace",
    ],
    "settings": ["notify_rule", "secrets", "text_files", "model", "profile_mark", "rest_mark", "form", "accounts", "load"],
    "runs": [
        "lock", "lifecycle", "history", "home", "heartbeat", "schedule", "facts", "shards", "recent", "seal", "new_run", "log",
        "manifest", "pack", "run", "doubt", "contents", "archived", "archive", "store",
    ],
    "campaign": [
        "instants", "occurrence", "hazards", "person_names", "lifecycle", "follow_up", "attachments", "template",
        "template_syntax", "template_check", "amounts", "values", "languages", "drill_marks", "render", "measure",
        "form", "build", "findings", "field_values", "language_rules", "audience_rules", "text_rules", "route_rules",
        "follow_up_rules", "rules", "parse",
    ],
    "pictures": [
        "marks", "drawing", "outlines", "stylesheet", "time_axis", "bars", "rate_curve", "time_line", "vietnam",
    ],
    "articles": ["article", "article_form", "markdown", "article_file", "pictures", "store"],
    "cap": [
        "document", "shape", "finding", "kinds_of_file", "values", "tree", "geometry", "area_checks", "info_checks",
        "language_checks", "message_checks", "place_checks", "text_checks", "checks", "read", "write",
    ],
    "planning": [
        "segment", "drill_templates", "template_fit", "broadcast_reach", "run_places", "said_to_us", "refusals",
        "preview", "plan", "sources",
        "cap",
        "checks", "planner", "sealing", "freeze", "follow_up",
    ],
    "places": [
        "tables", "units", "names", "spelling", "areas", "broadcast_target",
        "labels", "meaning", "gazetteer", "asides", "segments",
        "combine", "resolver", "aliases", "batch",
    ],
    "readers": [
        "phones", "instants", "words", "base", "tally", "stream", "workbook", "opening", "headers", "careful", "quick",
        "columnar",
    ],
    "sandbox": [
        "base", "changes", "wire", "synthetic", "world", "connection", "oauth", "templates", "uploads", "events",
        "receipts", "webhooks", "line", "courier", "grammar", "echoes", "phones",
        "talks", "messages", "tags", "people", "life", "waves", "crowds", "population", "articles", "page", "state", "server",
    ],
    "zalo": [
        "base", "codes", "endpoints", "requests", "post_pyreqwest", "post_sockets", "calling", "oauth", "client", "oa", "users",
        "probe", "templates", "quota", "token_store", "invitations", "uploads", "tokens", "articles", "oa_page",
    ],
    "sync": ["pieces", "store", "crawler", "result"],
    "ledger": ["progress", "base", "accepted", "witness", "kept_count", "counting"],
    "audit": ["events", "line", "log", "telling", "reading", "verify"],
    "approval": [
        "wire", "keys", "envelope", "key_files", "signer", "officers", "changes", "change_rules", "allowed_signers",
        "roster", "pending",
        "request", "words",
        "contents", "agreement",
    ],
    "book": [
        "engine", "base", "generations", "locate", "merging", "importing", "selecting", "reading", "earlier", "stats", "forget",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("package", "chain"), CHAINS.items())
def test_inside_some_packages_files_build_on_each_other_in_one_direction(package, chain):
    for number, name in enumerate(chain):
        own = f"zalo_alert.{package}."
        inner = {module.split(".")[2] for module in imported(ROOT / package / f"{name}.py") if module.startswith(own)}
        assert inner <= set(chain[:number])


def test_inside_the_other_packages_siblings_know_their_base_alone():
    for package, allowed in {"ledger": {"accepted", "base", "followed", "progress"}, "delivery.channels": {"base"}}.items():
        for path in (ROOT / package.replace(".", "/")).glob("*.py"):
            if path.stem in CHAINS.get(package, ()):
                continue
            own = f"zalo_alert.{package}."
            inner = {module.removeprefix(own) for module in imported(path) if module.startswith(own)}
            assert inner <= allowed, path


def test_the_public_names_are_these():
    assert zalo_alert.__all__ == [
        "Campaign", "Cure", "Draft", "ExitCode", "Notice", "Observer", "Orders", "Plan", "Report", "Run", "RunResult",
        "RunStatus", "State", "Step", "Workspace", "ZaloAlertError", "parse", "serve_sandbox",
    ]  # fmt: skip
    assert all(getattr(zalo_alert, name) is not None for name in zalo_alert.__all__)
    with pytest.raises(AttributeError):
        zalo_alert.nothing  # noqa: B018


# What a command may load: typer itself brings pydantic, and what reads books or asks Zalo takes longer to load than to tell.
NEVER = {"duckdb", "httptools", "httpx", "jinja2", "pyreqwest", "rapidfuzz", "tenacity", "uvloop"}
LOADED = {
    ("--version",): NEVER | {"pyarrow", "pydantic", "rich", "typer", "yaml"},
    ("--help",): NEVER | {"pyarrow", "pydantic", "yaml", "asyncio"},
    ("stop", "DT-1"): NEVER | {"pyarrow", "yaml"},
    ("status", "DT-1"): NEVER - {"jinja2"} | {"pyarrow"},  # onset and reasons stand in the campaign, whose parser knows both
    ("validate", "c.yaml"): NEVER - {"jinja2"} | {"pyarrow"},
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A workspace with a run of one person."""
    folder = tmp_path_factory.mktemp("workspace")
    now = SystemClock().now()
    create(folder, now)
    (folder / "ids").write_text("1002893352839501541\n", encoding="utf-8")
    text = drill(now).encode()
    chosen, listed = load.load(folder, {}), Book(folder / "book")
    listed.import_rows(folder / "ids", "ids", rejects=folder / "r.csv", clock=SystemClock())
    sources = (plan.Source(chosen.accounts[0], listed, Selection()),)
    campaign = campaign_file.parse(text, "c.yaml")
    freeze(FreezeRequest(make_plan(campaign, sources, chosen, now), text, sources, chosen), Runs(chosen.state_dir / "runs"), now)
    (folder / "c.yaml").write_bytes(text)
    return folder


@pytest.mark.parametrize("words", LOADED, ids=" ".join)
def test_a_command_loads_what_it_needs_and_no_more(words, workspace):
    code = """import sys
from zalo_alert.cli.main import main
try: main()
finally: print('\\nloaded', *sys.modules, file=sys.stderr)"""
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=workspace, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.rpartition("loaded ")[2].split())
    assert LOADED[words] & loaded == set()


def test_each_command_is_found_in_the_module_that_is_said_to_hold_it():
    code = """import zalo_alert.cli.app as app
app.load_commands()
for one in app.app.registered_commands: print(one.name or one.callback.__name__, one.callback.__module__)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = {tuple(line.split()) for line in done.stdout.splitlines()}
    from zalo_alert.cli.app import MODULES

    said = {(command, f"zalo_alert.cli.{module}") for module, commands in MODULES.items() for command in commands}
    assert found <= said
    assert {command for command, _ in said - found} == {
        "accounts", "archive", "audit", "followers", "notify", "officers", "people", "places", "report", "standing",
        "answers", "articles", "backup", "cap", "export", "inbox", "receipts", "schedule", "tables", "templates", "webhook",
    }  # fmt: skip
