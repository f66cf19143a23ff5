"""Rule files over the command line: made with the workspace, checked, and with a schema for editors."""

import json

TAGGED = '    tags: [cong-an]\n    about: {address: 2 Tràng Thi, phone: "0243825", map_url: "https://congan.gov.vn/x"}\n'


def tag(desk):
    """Have the workspace's account answer by the police's rules."""
    config = desk.folder / "zalo-alert.yaml"
    text = config.read_text(encoding="utf-8")
    begin, end = text.index("  - {id: pctt"), text.index("limits:")
    account = '  - id: pctt\n    oa_id: "388613280878808645"\n    app_id: "360846524940903967"\n'
    config.write_text(text[:begin] + account + TAGGED + text[end:], encoding="utf-8")


def test_an_office_begins_with_an_example_and_is_told_what_is_missing(empty_desk):
    made = empty_desk.run("init", ".", "--with", "police-qa,scores")
    assert made.code == 0, made.err
    assert "made inbound/hoi-dap-cong-an.yaml" in made.out + made.err
    again = empty_desk.run("init", ".", "--with", "police-qa")
    assert again.code == 0, again.err
    tag(empty_desk)

    checked = empty_desk.run("answers", "validate", "--json")

    lines = [json.loads(line) for line in checked.out.splitlines()]
    assert checked.code == 0, checked.out + checked.err
    files = {line["file"]: line for line in lines if line["type"] == "rule-file"}
    police = files["inbound/hoi-dap-cong-an.yaml"]
    assert (police["kind"], police["rules"], police["accounts"]) == ("answers", 60, 1)
    assert files["inbound/diem-thi.yaml"]["accounts"] == 0
    unfilled = [line for line in lines if line["type"] == "remark" and line["field"] == "fields.le_phi_can_cuoc"]
    assert [line["message_key"] for line in unfilled] == ["is-not-filled-in-people-read-and-a-live-workspace-refuses-it"]


def test_faults_are_listed_with_their_places_and_end_with_ten(empty_desk):
    empty_desk.run("init", ".", "--with", "ward-qa")
    rules = empty_desk.folder / "inbound" / "hoi-dap-xa.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("fallback:", "falback:"), encoding="utf-8")

    checked = empty_desk.run("answers", "validate")

    assert checked.code == 10
    assert 'falback  is not a key of this file; did you mean "fallback"?' in checked.err
    assert "error: 1 problem in inbound/hoi-dap-xa.yaml" in checked.err
    last = json.loads(empty_desk.run("answers", "validate", "--json").err.splitlines()[-1])
    assert (last["code"], last["cause"]) == (10, "rules-invalid")


def test_an_unknown_example_makes_nothing(empty_desk):
    made = empty_desk.run("init", "new", "--with", "police")

    assert made.code == 2
    assert 'did you mean "police-qa"?' in made.err
    assert not (empty_desk.folder / "new").exists()


def test_editors_get_a_schema_of_rule_files(empty_desk):
    assert empty_desk.run("schema", "inbound", "rules.json").code == 0
    schema = json.loads((empty_desk.folder / "rules.json").read_bytes())
    assert schema["properties"]["kind"]["enum"][:2] == ["answers", "lookup"]

    assert empty_desk.run("schema", "campaign.json", "rules.json").code == 2
