"""How commands end, as a script that was written from the docs alone sees it."""

PEOPLE = 1000


def test_hosts_out_of_reach_are_refused_before_anything_is_frozen(desk, sandbox):
    desk.at(sandbox)
    hosts = {
        name: desk.environ.pop(name) for name in list(desk.environ) if name.startswith("ZALO_ALERT_") and name.endswith("_URL")
    }
    path = desk.campaign()
    refused = desk.run("send", path, "--yes", "--json")
    assert refused.code == 11
    assert "is not on this machine" in refused.err
    assert not [fact for fact in refused.facts if fact["type"] == "frozen"]

    desk.environ |= hosts
    assert desk.run("send", path, "--yes").code == 0
    assert sandbox.stats()["accepted"] == PEOPLE
