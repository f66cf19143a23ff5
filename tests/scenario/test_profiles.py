"""Live and drill are different folders, which one word in a file does not change."""


def test_a_flipped_folder_sends_nothing_and_can_still_be_stopped_and_looked_at(desk, sandbox):
    assert desk.at(sandbox).run("send", desk.campaign(), "--yes").code == 0
    sent = sandbox.stats()["requests"]
    desk.configure("profile: drill", "profile: live")
    for words in (("send", desk.campaign("d.yaml", code="DT-2"), "--yes"), ("plan", "d.yaml"), ("resume",), ("doctor",)):
        result = desk.run(*words)
        assert result.code == 11, (words, result.err)
        assert "was made for drill" in result.said
        assert "init … --profile live" in result.said
    assert sandbox.stats()["requests"] == sent
    for words in (("stop",), ("status",), ("runs",), ("report",)):
        assert desk.run(*words).code == 0, words


def test_init_live_says_what_comes_next(empty_desk):
    made = empty_desk.run("init", "that", "--profile", "live")
    assert made.code == 0, made.err
    assert "officers add" in made.said
    assert (empty_desk.folder / "that/.zalo-alert/profile").read_text() == "live\n"
    assert "sandbox" not in (empty_desk.folder / "that/zalo-alert.yaml").read_text()
    refused = empty_desk.run("doctor", "--workspace", "that")
    assert refused.code == 11
    assert "zalo-alert.yaml:4" in refused.said
