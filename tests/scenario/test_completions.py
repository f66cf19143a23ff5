"""What Tab offers: runs, accounts, places, campaign files, scenarios; at once, and never an error."""

import subprocess
import sys

import pytest


@pytest.fixture
def offered(desk):
    def of(line):
        desk.environ |= {"_ZALO_ALERT_COMPLETE": "complete_bash", "COMP_LINE": line}
        result = desk.run()
        assert (result.code, result.err) == (0, "")
        return result.out.split("\n")[:-1]

    return of


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("zalo-alert va", ["validate"]),
        ("zalo-alert places s", ["search", "show"]),
        ("zalo-alert plan --js", ["--json"]),
        ("zalo-alert report --js", ["--json"]),
        ("zalo-alert followers stats --account ", ["pctt"]),
        ("zalo-alert accounts check ", ["pctt"]),
        ("zalo-alert accounts login p", ["pctt"]),
        ("zalo-alert places show new:4", ["new:40", "new:42", "new:44", "new:46", "new:48"]),
        ("zalo-alert preview c.yaml --place Than", ["Thanh Hóa"]),
        (r"zalo-alert preview c.yaml --place Thanh\ H", ["Thanh Hóa"]),
        ("zalo-alert sandbox --scenario st", ["storm-night"]),
        ("zalo-alert plan campaigns/dien-tap-b", ["campaigns/dien-tap-bao.yaml"]),
        ("zalo-alert validate cam", ["campaigns/bao-so-7.yaml", "campaigns/dien-tap-bao.yaml"]),
        ("zalo-alert doctor ./campaigns/b", ["./campaigns/bao-so-7.yaml"]),
        ("zalo-alert plan nowhere/", [""]),
        ("zalo-alert status ", [""]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_words_that_may_follow_are_offered(offered, line, words):
    assert [word for word in offered(line) if word in words or len(words) < 2] == words


def test_runs_are_offered_newest_first(desk, sandbox, offered):
    desk.at(sandbox)
    for occurrence in ("a", "b"):
        assert desk.run("send", desk.campaign(), "--yes", "--occurrence", occurrence).code == 0

    assert offered("zalo-alert status ") == ["DT-1@b", "DT-1@a"]
    assert offered("zalo-alert report DT-1@a") == ["DT-1@a"]
    assert offered("zalo-alert export x.csv --run D") == ["DT-1@b", "DT-1@a"]


def test_another_workspace_that_was_named_is_looked_into(desk, offered):
    desk.run("init", "other")
    config = desk.folder / "other" / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("id: pctt", "id: hue"), encoding="utf-8")

    assert offered("zalo-alert accounts check --workspace other ") == ["hue"]


def test_accounts_of_a_file_are_offered_too_and_ids_of_apps_are_not(desk, offered):
    desk.configure("limits:", "accounts_file: oas.csv # all\nlimits:")
    config = desk.folder / "zalo-alert.yaml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("  - {id: pctt", "  # - {id: gone\n  - {id: pctt") + "apps: [{id: 123}]\n",
        encoding="utf-8",
    )
    (desk.folder / "oas.csv").write_text("id,oa_id,app_id\nhue,1,2\n", encoding="utf-8")

    assert offered("zalo-alert accounts check ") == ["pctt", "hue"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"accounts_file: gone.csv", b"accounts: 3", b""])
def test_a_config_that_cannot_be_read_offers_nothing(desk, offered, content):
    (desk.folder / "zalo-alert.yaml").write_bytes(content)

    assert offered("zalo-alert accounts check ") == [""]


@pytest.mark.parametrize("shell", ["complete_zsh", "complete_fish"])
def test_other_shells_are_told_what_each_value_means(desk, shell):
    words = {"_TYPER_COMPLETE_ARGS": "zalo-alert places show new:46", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    desk.environ |= {"_ZALO_ALERT_COMPLETE": shell, **words}
    result = desk.run()

    assert result.code == 0
    assert "Huế" in result.out


@pytest.mark.parametrize("line", ["zalo-alert ", "zalo-alert status ", "zalo-alert plan c"])
def test_an_answer_loads_nothing_that_takes_long(desk, line):
    look = "import atexit, sys; sys.argv = ['zalo-alert']; from zalo_alert.cli.main import main\n"
    look += "heavy = {'duckdb', 'pyarrow', 'httpx', 'jinja2', 'rapidfuzz', 'asyncio', 'sqlite3', 'yaml'}\n"
    look += "atexit.register(lambda: print(*heavy & sys.modules.keys(), file=sys.__stderr__))\nmain()"
    environ = desk.environ | {"_ZALO_ALERT_COMPLETE": "complete_bash", "COMP_LINE": line}
    words = [sys.executable, "-c", look]
    done = subprocess.run(words, cwd=desk.folder, env=environ, capture_output=True, text=True, check=True)

    assert done.stderr == "\n"
