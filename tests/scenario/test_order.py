"""Who is written to first, and how far a run is from its plan, as the command line tells it."""

from datetime import datetime

VARIANTS = """
variants:
  - {areas: [new:46], risk_level: 5}
  - {areas: [new:01], onset: 2030-01-01T00:00:00+07:00}
"""


def test_the_greatest_danger_goes_first_and_status_tells_the_drift(desk, sandbox):
    desk.at(sandbox)
    path = desk.campaign(areas="[new:46, new:01, new:48]")
    text = (desk.folder / path).read_text(encoding="utf-8")
    expires = next(line for line in text.splitlines() if line.startswith("expires")).partition(" ")[2]
    onset = datetime.fromisoformat(expires).replace(microsecond=0).timestamp() - 3600
    sooner = datetime.fromtimestamp(onset).astimezone().isoformat()
    (desk.folder / path).write_text(
        f"{text}risk_level: 4{VARIANTS.replace('2030-01-01T00:00:00+07:00', sooner)}", encoding="utf-8"
    )

    places = [fact for fact in desk.run("plan", path, "--json").facts if fact["type"] == "plan-place"]
    turns = {fact["place"]: fact["turn"] for fact in places}
    assert turns["old:46"] < turns["old:01"] < turns["old:48"]
    assert places[0]["starts_at"] < places[-1]["finishes_at"]

    assert desk.run("send", path, "--yes").code == 0
    status = desk.run("status", "--json").fact("status")
    assert status["done"] is True
    assert {place["place"] for place in status["places"]} == set(turns)
    assert all(place["late_s"] < 60 for place in (status, *status["places"]))
    assert "last person: planned" in desk.run("status").said
