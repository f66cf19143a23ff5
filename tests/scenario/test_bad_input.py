"""What a person can get wrong: a clear sentence, the right exit code, no traceback, and nothing lost."""

import random
import signal
import stat
import subprocess

import pytest


@pytest.fixture
def told(desk, sandbox):
    return desk.at(sandbox)


def frozen(desk):
    runs = desk.folder / ".zalo-alert" / "runs"
    return sorted(path.name for path in runs.iterdir()) if runs.exists() else []


def test_a_campaign_with_faults_lists_them_all_and_writes_nothing(told):
    path = told.campaign(areas="[Thanh Hoas, old:99]", routes="[{type: sms}]")
    for command in ("validate", "plan", "send", "preview"):
        result = told.run(command, path)
        assert result.code == 10
        assert result.err.count("c.yaml:") == 3
        assert "Thanh Hóa" in result.said
    assert frozen(told) == []
    assert [fact["type"] for fact in told.run("validate", path, "--json").facts] == ["problem"] * 3


def test_an_actual_campaign_never_leaves_a_drill(told):
    path = told.campaign()
    text = (told.folder / path).read_text(encoding="utf-8").replace("status: Exercise", "status: Actual")
    correction = "correction: {text: Tin trước đã gửi nhầm.}\n"
    (told.folder / path).write_text(text.replace("DIỄN TẬP", "BÃO") + correction, encoding="utf-8")
    result = told.run("send", path, "--yes")
    assert result.code == 10
    assert "this is a drill workspace" in result.said
    assert frozen(told) == []


@pytest.mark.parametrize("areas", ["[]", "[old:99]", "[[]]", "[null]"])
def test_an_empty_area_is_never_everyone(told, areas):
    assert told.run("send", told.campaign(areas=areas), "--yes").code == 10
    assert frozen(told) == []


def test_an_area_where_nobody_lives_is_named(empty_desk):
    assert empty_desk.run("init", ".").code == 0
    assert empty_desk.run("followers", "import", "-", stdin="user_id,city\n1002893352839501541,Huế\n").code == 0
    assert empty_desk.run("plan", empty_desk.campaign(areas="[old:46]")).code == 0
    result = empty_desk.run("plan", empty_desk.campaign(areas="[old:46, old:06]"))
    assert result.code == 10
    assert "nobody in the follower book lives in old:06" in result.said


def test_the_count_must_be_typed(told, sandbox):
    path = told.campaign()
    assert told.run("send", path).code == 2
    wrong = told.run("send", path, stdin="999\n")
    assert wrong.code == 2
    assert frozen(told) == []
    right = told.run("send", path, stdin="1 000\n")
    assert right.code == 0, right.err
    assert sandbox.stats()["people"] == 1000


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"user_id\n", "nobody under it"),
        (b"abc\n", "no column of ids"),
        (b"1002893352839501541\nabc\n", 'line 2 the id is not 5 to 25 digits: "abc"'),
        (b"84912345678\n0912345678\n", "phone number, not a Zalo id: put it into a column phone"),
        (b"1002893352839500000\n1002893352840500000\n", "a spreadsheet rounded the ids"),
        (b"1002893352839501541\n" + b"9" * 5_000_000 + b"\n", "no usable id"),
        (random.Random(1).randbytes(2000).replace(b"\0", b"") + b"\0", "not text"),
        (b'{"user_id": 1.86729651760683e+17}\n', "no"),
        (b'{"name": "An"}\n', "no"),
    ],
    ids=["empty", "header", "word", "one bad id", "phones", "rounded", "5 MB line", "binary", "float", "no id"],
)
def test_a_bad_list_is_refused_whole(told, sandbox, data, said):
    result = told.run("send", told.campaign(), "--recipients", "-", "--yes", stdin=data)
    assert result.code == 10
    assert said in result.said
    if "rejects" in result.said:  # it is where the sentence says
        assert (told.folder / ".zalo-alert" / "rejects" / "stdin.csv").read_text(encoding="utf-8").startswith("line,reason,text")
        assert "rejects/stdin.csv" in result.said
    assert frozen(told) == []
    assert sandbox.stats()["requests"] == 0


def test_only_people_on_the_list_and_in_the_audience_are_written_to(told, sandbox):
    ids = list(told.run("followers", "export", "all.csv") and (told.folder / "all.csv").read_text(encoding="utf-8").splitlines())
    some = [line.split(",")[0] for line in ids[1:6]]
    (told.folder / "ids.txt").write_text("\n".join([*some, *some, "99999999"]), encoding="utf-8")
    result = told.run("send", told.campaign(), "--recipients", "ids.txt", "--yes")
    assert result.code == 0
    assert set(sandbox.reached()) == set(some)
    assert sandbox.stats()["twice"] == 0
    assert "not in the campaign's audience" in result.said


def test_the_same_campaign_with_another_list_or_text_is_refused(told):
    (told.folder / "a.txt").write_text("99999\n", encoding="utf-8")
    text = told.campaign()
    assert told.run("send", text, "--yes").code == 0
    assert told.run("send", text, "--yes", "--recipients", "a.txt").code == 10
    result = told.run("send", told.campaign("d.yaml", areas="[coastal]"), "--yes")
    assert result.code == 10
    assert "another text" in result.said


@pytest.mark.parametrize(
    "data", [b"\x7fELF\0\0\0", b"PAR1junk", b"", b"a,b\n1,2\n"], ids=["binary", "parquet", "empty", "columns"]
)
def test_an_import_of_something_else_leaves_the_book_alone(told, data):
    before = told.run("followers", "stats").out
    (told.folder / "bad.csv").write_bytes(data)
    result = told.run("followers", "import", "bad.csv")
    assert result.code == 10
    assert "bad.csv" in result.said
    assert told.run("followers", "stats").out == before


def test_bad_rows_never_stop_an_import(told):
    rows = "user_id,city\n1002893352839501541,Huế\nx,Huế\n1.0E+18,Huế\n" + "9" * 2_000_000 + ",Huế\n2002893352839501541,Huế\n"
    (told.folder / "mixed.csv").write_text(rows, encoding="utf-8")
    result = told.run("followers", "import", "mixed.csv", "--json")
    assert result.code == 0
    fact = result.fact("import")
    assert (fact["read"], fact["imported"], fact["rejected"]) == (5, 2, 3)
    rejects = told.folder / "mixed.csv.rejects.csv"
    assert [line.split(",")[0] for line in rejects.read_text(encoding="utf-8").splitlines()] == ["line", "3", "4", "5"]
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600


def test_typing_mistakes_get_suggestions(told):
    assert "did you mean" in told.run("paln", "c.yaml").said.lower()
    assert told.run("send", "nothing.yaml", "--yes").code == 2
    assert told.run("report", "no-such-run").code == 2
    assert told.run("places", "show", "Thanh Hoas").code == 10
    assert "old:64" in told.run("places", "search", "gia lai").out


def test_a_folder_that_is_no_workspace_is_said(empty_desk):
    result = empty_desk.run("runs")
    assert result.code == 11
    assert "zalo-alert init" in result.said


FAULTS = [("profile: drill", "profile: dril"), ("accounts:", "acounts:"), ("6000000", "lots"), ("drill", "drill\nx: [")]


@pytest.mark.parametrize(("old", "new"), FAULTS)
def test_a_faulty_config_is_said_with_its_place(told, old, new):
    told.configure(old, new)
    result = told.run("plan", told.campaign())
    assert result.code == 11
    assert "zalo-alert.yaml:" in result.said


def test_a_drill_never_leaves_this_machine(told):
    told.environ["ZALO_ALERT_OPENAPI_URL"] = "https://openapi.zalo.me"
    result = told.run("send", told.campaign(), "--yes")
    assert result.code == 11
    assert "drill" in result.said


@pytest.mark.parametrize("url", ["ftp://x", "nonsense", "http://127.0.0.1:99999", "http://"])
def test_a_bad_address_is_said(told, url):
    told.environ["ZALO_ALERT_OPENAPI_URL"] = url
    assert told.run("send", told.campaign(), "--yes").code == 11


def test_a_run_frozen_in_a_drill_is_refused_live(told, sandbox):
    child = told.run("send", told.campaign(), "--yes")
    assert child.code == 0
    told.go_live()
    result = told.run("resume")
    assert result.code == 10
    assert "never mix" in result.said


@pytest.mark.english
def test_whoever_reads_stdout_may_go_away(desk_of, sandbox):
    desk = desk_of(20_000).at(sandbox)  # more than any pipe holds
    assert desk.run("send", desk.campaign(), "--yes").code == 0
    child = desk.start("export", "-")
    child.stdout.read(100)
    child.stdout.close()
    err = child.stderr.read().decode()
    assert child.wait(30) == 141
    assert "went away" in err


@pytest.mark.long
@pytest.mark.mount
def test_a_full_disk_stops_the_run_and_resume_goes_on(desk_of, sandbox, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        desk = desk_of(20_000).at(sandbox)
        state = desk.folder / ".zalo-alert"
        subprocess.run(["cp", "-r", f"{state}/.", str(folder)], check=True)
        subprocess.run(["rm", "-r", str(state)], check=True)
        state.symlink_to(folder)
        filler = folder / "filler"
        path = desk.campaign()
        desk.configure("app_per_minute: 6000000", "app_per_minute: 400000")
        child = desk.start("send", path, "--yes")
        while sandbox.stats()["accepted"] < 2000:
            assert child.poll() is None
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        result = desk.ended(child)
        assert result.code == 13, result.err
        assert "resume" in result.said
        filler.unlink()
        assert desk.run("resume").code in (0, 3)
        states = desk.states()
        assert len(states) == 20_000
        assert set(states.values()) <= {"accepted", "unknown"}
        assert sandbox.stats()["twice"] == 0
        assert sandbox.stats()["people"] == 20_000 - sum(
            1 for person, state in states.items() if state == "unknown" and person not in sandbox.reached()
        )
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_ledger_that_is_no_ledger_is_said(told):
    told.run("send", told.campaign(), "--yes")
    (told.folder / ".zalo-alert" / "runs" / "DT-1" / "run.db").write_bytes(b"not a database" * 1000)
    for command in ("status", "resume", "report"):
        result = told.run(command)
        assert result.code == 13
        assert "run.db" in result.said


@pytest.mark.kill
@pytest.mark.parametrize("harm", ["missing", "altered"])
def test_a_shard_that_is_missing_or_altered_is_said_and_nobody_is_sent_to(told, sandbox, wait_until, harm):
    told.configure("app_per_minute: 6000000", "app_per_minute: 6000")
    child = told.start("send", told.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 30)
    child.send_signal(signal.SIGINT)
    told.ended(child)
    before = sandbox.stats()["requests"]
    shard = told.folder / ".zalo-alert" / "runs" / "DT-1" / "shards" / "00000.parquet"
    if harm == "missing":
        shard.unlink()
    else:
        data = bytearray(shard.read_bytes())
        data[len(data) // 2] ^= 1
        shard.write_bytes(bytes(data))
    result = told.run("resume")
    assert result.code == 13
    assert "00000.parquet" in result.said
    assert sandbox.stats()["requests"] == before


def test_a_locked_token_file_or_read_only_folder_is_a_sentence(told):
    state = told.folder / ".zalo-alert" / "runs"
    state.write_text("in the way", encoding="utf-8")
    result = told.run("send", told.campaign(), "--yes")
    assert result.code in (11, 13)
    assert "runs" in result.said
