"""A thousand communes consent through the real command, two hundred of them at once, while strangers knock."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from administrators import THANKS, Tree, consent

pytestmark = [pytest.mark.long, pytest.mark.slow]
OAS, BURST, STRANGERS = 1000, 200, 2000


def knock(address, number):
    """Ask so often with a state that is none; how often that was answered with 404."""
    door = http.client.HTTPConnection(urlsplit(address).netloc)
    answers = []
    for _ in range(number):
        door.request("GET", f"/consent?state={'x' * 43}&code=a")
        answer = door.getresponse()
        answer.read()
        answers.append(answer.status)
    door.close()
    return answers.count(404)


def test_a_thousand_consent_and_nobody_is_lost(desk, sandbox_with):
    tree = Tree(desk, sandbox_with(oas=OAS))
    links = tree.invite("--all")
    tree.open()
    with ThreadPoolExecutor(1) as aside:
        strangers = aside.submit(knock, tree.callback, STRANGERS)
        steady = consent(links[BURST:], at_once=8)
        burst = consent(links[:BURST], at_once=BURST)
    stopped = tree.stop()

    assert (len(links), strangers.result()) == (OAS, STRANGERS)
    assert steady.count(THANKS) + burst.count(THANKS) == OAS
    assert stopped.facts[-1]["missing"] == 0
    assert tree.missing() == []
    standings = desk.run("accounts", "list", "--json").facts
    assert [row["grade"] for row in standings] == ["ok"] * OAS
    assert desk.run("accounts", "check", *(row["account"] for row in links[::100])).code == 0
