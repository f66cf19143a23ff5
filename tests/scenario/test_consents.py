"""A tree of OAs that consents: links for all, answers on one address, who is missing, and whatever else comes to that address."""

import json
import socket
from contextlib import closing

import pytest
from administrators import allowed, consent, links_in, opened, title_of

APP = "360846524940903967"
THANKS = "Đã nhận, xin cảm ơn"


def unused():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Tree:
    """A workspace with an OA for the country, some for provinces and communes, of which none has consented."""

    def __init__(self, desk, sandbox):
        self.desk, self.sandbox, self.door = desk, sandbox, None
        self.callback = f"http://127.0.0.1:{unused()}/consent"
        rows = "".join(f'{a.id},{a.oa_id},{a.app_id},{a.level},{a.areas[0]},"{a.name}",0912345678\n' for a in sandbox.accounts[1:])
        text = f"id,oa_id,app_id,level,areas,oa.name,phone\n{rows}"
        (desk.folder / "accounts.csv").write_text(text, encoding="utf-8")
        desk.configure("limits:", "accounts_file: accounts.csv\nlimits:")
        hosts = {name: value for name, value in sandbox.environ("pctt").items() if name.endswith("_URL")}
        desk.environ |= hosts | {f"ZALO_ALERT_APP_{APP}_SECRET": sandbox.credentials.app_secret}

    def invite(self, *words, file="links.csv"):
        result = self.desk.run("accounts", "invite", *words, "--output", file, "--callback", self.callback, "--json")
        assert result.code == 0, result.err
        return links_in(self.desk.folder / file)

    def open(self, *words):
        """Start taking answers; returns once the door is open."""
        self.door = self.desk.start("accounts", "consents", "--json", *words)
        while (line := json.loads(self.door.stdout.readline()))["type"] != "consents":
            pass
        return line

    def stop(self):
        self.door.send_signal(2)
        return self.desk.ended(self.door)

    def missing(self):
        return [fact["account"] for fact in self.desk.run("accounts", "missing", "--json").facts if fact["type"] == "consent-missing"]


@pytest.fixture
def tree_of(desk, sandbox_with):
    def tree(oas=40, **options):
        return Tree(desk, sandbox_with(oas=oas, **options))

    return tree


def test_a_tree_consents_and_the_rest_is_missing_by_province(tree_of):
    tree = tree_of(40)
    links = tree.invite("--all")
    begun = tree.open()
    pages = consent(links[:-3])
    stopped = tree.stop()

    assert begun["missing"] == len(links) == 40
    assert set(pages) == {THANKS}
    assert stopped.code == 130
    assert "37 consents were taken" in stopped.said
    assert sorted(tree.missing()) == sorted(row["account"] for row in links[-3:])
    again = tree.invite("--missing", file="again.csv")
    assert [row["account"] for row in again] == [row["account"] for row in links[-3:]]
    assert tree.desk.run("accounts", "check", links[5]["account"], links[20]["account"]).code == 0
