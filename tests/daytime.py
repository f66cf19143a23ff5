"""A desk and a sandbox whose clocks agree, at any hour that a test names."""

from datetime import datetime, timedelta

from zalo_alert.foundation.clock import VIETNAM

DAY = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)
NIGHT = DAY.replace(hour=23)
MORNING = DAY.replace(hour=6) + timedelta(days=1)
BROADCAST = '{type: broadcast, cover: "https://x.vn/a.jpg", author: PCTT}'
# The command line on another clock; a wait of a second or more lets the time pass at the sandbox instead.
CLOCK = """
import os
from datetime import datetime, timedelta
from urllib.request import urlopen
from zalo_alert.foundation.clock import VIETNAM, SystemClock
ahead = timedelta(seconds=float(os.environ["AHEAD_S"]))
usual = SystemClock.wait
async def wait(self, event, timeout_s):
    if timeout_s < 1:
        return await usual(self, event, timeout_s)
    if "HOLD" in os.environ:
        open("held", "w").close()
        while not (os.path.exists("go") or event.is_set()):
            await usual(self, event, 0.01)
    urlopen(f"{os.environ['ZALO_ALERT_OPENAPI_URL']}/_sandbox/tick?seconds={timeout_s}", data=b"").read()
SystemClock.now = lambda self: datetime.now(VIETNAM) + ahead
SystemClock.wait = wait
"""


class Office:
    """A desk and a sandbox whose clocks agree."""

    def __init__(self, desk, sandbox):
        self.desk, self.sandbox = desk.at(sandbox), sandbox
        (desk.folder / "clock").mkdir()
        (desk.folder / "clock" / "sitecustomize.py").write_text(CLOCK, encoding="utf-8")
        desk.environ["SITE"] = str(desk.folder / "clock" / "sitecustomize.py")
        self.move(DAY)

    def move(self, at):
        self.sandbox.change(at=at.isoformat())
        self.desk.environ["AHEAD_S"] = str((at - datetime.now(VIETNAM)).total_seconds())

    def campaign(self, routes=f"[{BROADCAST}]", **changes):
        given = {"effective": DAY - timedelta(minutes=1), "expires": DAY + timedelta(hours=20)}
        moments = {name: at.isoformat() for name, at in given.items()}
        return self.desk.campaign(**{"routes": routes, "areas": "[new:01]"} | moments | changes)

    def held(self, *words, until):
        """Start a command, and wait until it waits for its article; a file `go` lets it go on."""
        self.desk.environ["HOLD"] = "1"
        child = self.desk.start(*words)
        del self.desk.environ["HOLD"]
        until(lambda: (self.desk.folder / "held").exists() or child.poll() is not None)
        return child

    def run(self, *words, **more):
        return self.desk.run(*words, "--json", **more)
