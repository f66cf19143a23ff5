"""Plays a storm evening in two terminals and a browser, and writes what was on the screens into docs/evening.md: `make screens`.

200,000 people over TLS on this machine: submitted, approved at home, sent, halted for want of money, resumed, late in one place,
corrected, accounted for. Needs tmux and Chromium. Everything is typed as an officer would type it.
"""

import argparse
import csv
import json
import os
import random
import re
import shutil
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from tests.chromium import find_chromium
from zalo_alert.foundation.clock import VIETNAM

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "evening"
PICTURES = ROOT / "docs" / "screens"
WIDTH, HEIGHT = 80, 50
PATIENCE_S = 240.0
WALL, PHONE, SHEET = (1920, 1080), (400, 860), (1080, 2200)  # pixels
PER_MINUTE = 60_000
PEOPLE = {"Huế": 70_000, "Quảng Trị": 60_000, "Đà Nẵng": 50_000, "Quảng Ngãi": 20_000}
CODE = "TW-EVENING"
HEADER = "This page's screens are written by `make screens`"


class Terminal:
    """A terminal that somebody types in, in a tmux of its own.

    Args:
        name: Of the session; stands in its prompt.
        folder: Where it starts.
        environ: What its shell is told.
    """

    def __init__(self, name: str, folder: Path, environ: Mapping[str, str]) -> None:
        self.name = name
        words = [f"{key}={value}" for key, value in environ.items()]
        self._tmux("kill-session", "-t", name, check=False)
        self._tmux(
            "new-session", "-d", "-s", name, "-x", str(WIDTH), "-y", str(HEIGHT), "-c", str(folder),
            "env", *words, f"PS1={name}$ ", "bash", "--norc", "--noprofile",
        )  # fmt: skip
        self.wait_for(rf"{name}\$")

    @staticmethod
    def _tmux(*words: str, check: bool = True) -> str:
        command = ["tmux", "-L", "zalo-alert-evening", *words]
        return subprocess.run(command, check=check, capture_output=True, text=True).stdout

    def type(self, line: str) -> None:
        """Type a line and Enter."""
        self._tmux("send-keys", "-t", self.name, "-l", line)
        self._tmux("send-keys", "-t", self.name, "Enter")

    def press(self, key: str) -> None:
        """Press one key, in tmux's words."""
        self._tmux("send-keys", "-t", self.name, key)

    def clear(self) -> None:
        """Begin a screen of its own."""
        self.type("clear")
        self._tmux("clear-history", "-t", self.name)
        time.sleep(0.3)

    def screen(self) -> str:
        """Return what stands on it, scrolled-off lines included."""
        text = self._tmux("capture-pane", "-t", self.name, "-p", "-S", "-200")
        return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())

    def wait_for(self, pattern: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until something stands on the screen."""
        self.until(lambda: re.search(pattern, self.screen()) is not None, pattern, patience_s)

    def until(self, holds: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
        """Wait for a condition, however long a loaded machine takes."""
        limit_s = time.monotonic() + patience_s
        while not holds():
            if time.monotonic() > limit_s:
                sys.exit(f"{self.name} waited for {what!r} and saw\n{self.screen()}")
            time.sleep(0.2)

    def run(self, line: str) -> str:
        """Type a command on an empty screen, wait until it has ended, and return the screen."""
        self.clear()
        self.type(line)
        self.wait_for(rf"(?s)\$ .*\n{self.name}\$\s*$")
        return self.screen()

    def close(self) -> None:
        """End the session."""
        self._tmux("kill-session", "-t", self.name, check=False)


class Evening:
    """The story, screen by screen.

    Args:
        language: `vi` or `en`.
    """

    def __init__(self, language: str) -> None:
        self.language, self.folder, self.wall_page = language, FOLDER / language, ""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.office_folder, self.home_folder = self.folder / "van-phong", self.folder / "nha"
        self.home_folder.mkdir()
        self.environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "ZALO_ALERT_LANG": language, "HOME": str(self.folder),
            "LANG": "C.UTF-8", "TERM": "xterm-256color",
        }  # fmt: skip
        self.screens: dict[str, str] = {}

    def play(self) -> dict[str, str]:
        """Play it; return what was seen, by the name of each screen."""
        self.sandbox = Terminal("zalo", self.folder, self.environ)
        self.office = Terminal("office", self.folder, self.environ)
        self.home = Terminal("home", self.home_folder, self.environ)
        self.wall = Terminal("wall", self.folder, self.environ)
        try:
            self._prepare()
            self._agree()
            self._send()
            self._halt()
            self._go_on()
            self._correct()
            self._account()
        finally:
            for terminal in (self.wall, self.home, self.office, self.sandbox):
                terminal.close()
        return self.screens

    def _keep(self, name: str, terminal: Terminal) -> None:
        self.screens[name] = terminal.screen()

    def _picture(self, name: str, page: str, size: tuple[int, int]) -> None:
        """Keep what a browser draws of a page; the pictures are one set, in Vietnamese."""
        if self.language != "vi":
            return
        program = find_chromium()
        assert program, "no Chromium that runs is installed"
        PICTURES.mkdir(exist_ok=True)
        command = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--timeout=8000",
            f"--window-size={size[0]},{size[1]}", f"--screenshot={PICTURES / name}.png", page,
        ]  # fmt: skip
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ, timeout=90)

    # --- what happens ----------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """A live workspace that rehearses, two admins and an approver, and 200,000 followers."""
        office = self.office
        self.sandbox.type(f"zalo-alert sandbox --tls --write-to zalo --app-per-minute {PER_MINUTE} --latency-ms 20 --json")
        secrets = self.folder / "zalo" / "sandbox.env"
        self.sandbox.until(secrets.exists, "the sandbox")
        for line in (
            "zalo-alert init --profile live van-phong",
            "cp zalo/sandbox.env van-phong/; cd van-phong",
            *(f'zalo-alert officers key --output ../{key} --name "{name}" --no-passphrase' for key, name in OFFICERS.items()),
            'zalo-alert officers add "Trần An" --role admin --public ../an.pub --key ../an',
            'zalo-alert officers add "Lê Bình" --role admin --public ../binh.pub --key ../binh',
            "zalo-alert officers sign --key ../an --yes",
            'zalo-alert officers add "Ngô Cúc" --role approver --public ../cuc.pub --key ../an',
            'zalo-alert officers add "Vũ Dũng" --role editor --public ../dung.pub --key ../binh',
        ):
            office.run(line)
        (self.office_folder / "zalo-alert.yaml").write_text(CONFIG.format(language=self.language, per_minute=PER_MINUTE))
        shutil.copy(secrets, self.office_folder / "sandbox.env")
        _write_followers(self.office_folder / "followers.csv")
        (self.office_folder / "bao.yaml").write_text(_campaign(datetime.now(VIETNAM)), encoding="utf-8")
        office.run("zalo-alert followers import followers.csv")

    def _agree(self) -> None:
        """The office submits, the other officer signs at home."""
        office, home = self.office, self.home
        office.clear()
        office.type("zalo-alert submit bao.yaml --key ../dung")
        self._answer(office)
        office.wait_for(r"approve --request")
        office.wait_for(r"office\$\s*$")
        self._keep("submit", office)
        shutil.copy(self._run_folder() / "request.json", self.home_folder)
        home.clear()
        home.type("zalo-alert approve --request request.json --key ../cuc > signature.txt")
        self._answer(home)
        home.wait_for(r"--signature -[\s\S]*home\$\s*$")
        self._keep("approve", home)
        shutil.copy(self.home_folder / "signature.txt", self.office_folder)
        office.run(f"zalo-alert approve {CODE} --signature signature.txt")
        self._keep("approved", office)

    def _answer(self, terminal: Terminal) -> None:
        """Type what live asks for: the code, and about how many people."""
        terminal.wait_for(r"(Type the code|Gõ mã).*:\s*$")
        terminal.type(CODE)
        terminal.wait_for(r"(About how many|Khoảng bao nhiêu).*:\s*$")
        terminal.type(f"{sum(PEOPLE.values())}")

    def _send(self) -> None:
        """It goes out, on time; the wall shows it."""
        self.wall.type("cd van-phong; zalo-alert watch --web")
        self.wall.wait_for(r"http://127\.0\.0\.1:\d+")
        found = re.search(r"http://127\.0\.0\.1:\d+\S*", self.wall.screen())
        assert found
        self.wall_page = found[0].rstrip(".,;")
        self.office.clear()
        self.office.type(f"zalo-alert send {CODE}")
        self._answer(self.office)
        self.office.until(lambda: self._accepted() > 30_000, "30,000 people")
        self._keep("on-time", self.office)
        self._picture("wall", self.wall_page, WALL)

    def _halt(self) -> None:
        """The money is used up: it halts, says why, and stands for a minute and a half."""
        self._tell_sandbox(refuse_code=-321)
        self.office.wait_for(r"office\$\s*$")
        self._keep("halted", self.office)
        self.office.run(f"zalo-alert status {CODE}")
        self._keep("status-halted", self.office)
        self._picture("wall-halted", self.wall_page, WALL)
        time.sleep(75)  # people look for whoever may top it up
        self._tell_sandbox(refuse_code=0)

    def _go_on(self) -> None:
        """Resumed, it is late; at the end it is said where."""
        self.office.clear()
        self.office.type(f"zalo-alert resume {CODE}")
        self.office.until(lambda: self._accepted() > 120_000, "120,000 people")
        self._keep("late", self.office)
        self._picture("wall-phone", self.wall_page, PHONE)
        self.office.wait_for(r"office\$\s*$", 600)
        self._keep("finished", self.office)

    def _correct(self) -> None:
        """The text was wrong for everyone: called back, by the words that were ready."""
        self.office.clear()
        self.office.type(f"zalo-alert correct {CODE} --key ../cuc")
        self._answer(self.office)
        self.office.wait_for(r"office\$\s*$", 600)
        self._keep("corrected", self.office)

    def _account(self) -> None:
        """What remains of the evening: report, log, after-action."""
        self.office.run(f"zalo-alert report {CODE}")
        self._keep("report", self.office)
        self.office.run(f"zalo-alert log {CODE}")
        self._keep("log", self.office)
        self.office.run("zalo-alert report sitrep")
        self._keep("sitrep", self.office)
        self.office.run(f"zalo-alert report aar {CODE}")
        self._keep("aar", self.office)
        for name, words in {"report": f"run {CODE}", "after-action": f"aar {CODE}"}.items():
            self.office.run(f"zalo-alert report {words} --html {name}.html")
            self._picture(name, (self.office_folder / f"{name}.html").as_uri(), SHEET)

    # --- how it is found out ---------------------------------------------------------------------------------------------

    def _run_folder(self) -> Path:
        return self.office_folder / ".zalo-alert" / "runs" / CODE

    def _base(self) -> str:
        text = (self.folder / "zalo" / "sandbox.env").read_text(encoding="utf-8")
        found = re.search(r"https://127\.0\.0\.1:\d+", text)
        assert found, text
        return found[0]

    def _call(self, path: str, body: object = None) -> dict[str, object]:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # this machine's own, of a minute ago
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._base()}{path}", data, {"content-type": "application/json"})
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            found: dict[str, object] = json.load(answer)
        return found

    def _accepted(self) -> int:
        return int(str(self._call("/_sandbox/stats")["accepted"]))

    def _tell_sandbox(self, **options: object) -> None:
        self._call("/_sandbox/options", options)


OFFICERS = {"an": "Trần An", "binh": "Lê Bình", "cuc": "Ngô Cúc", "dung": "Vũ Dũng"}
CONFIG = """\
language: {language}
profile: live
secrets_file: sandbox.env
accounts:
  - {{id: pctt, oa_id: "388613280878808645", app_id: "360846524940903967", level: national, areas: [all]}}
limits: {{app_per_minute: {per_minute}}}
"""


def _campaign(now: datetime) -> str:
    def at(hours: float) -> str:
        return (now + timedelta(hours=hours)).isoformat(timespec="minutes")

    return f"""\
code: {CODE}
status: Actual
msgType: Alert
event: bao
risk_level: 4
urgency: Immediate
severity: Extreme
certainty: Likely
effective: {at(0)}
onset: {at(4)}
expires: {at(12)}
audience: {{areas: [new:46, new:44, new:48, new:51]}}
order: [new:46, new:44, new:48, new:51]
limits: {{on_unknown: hold}}
routes:
  - type: template
    template_id: "311203"
    data: {{ma_tin: "{{{{ code }}}}", tinh: "{{{{ place }}}}", noi_dung: "{{{{ headline }}}}"}}
message:
  headline: "Bão số 7, rủi ro cấp 4/5: {{{{ place }}}}"
  text: |
    [CẢNH BÁO BÃO – RỦI RO CẤP 4/5] {{{{ place }}}}
    Phát lúc {{{{ effective }}}} – Ban Chỉ đạo Phòng thủ dân sự quốc gia.

    BÃO SỐ 7 dự kiến vào bờ trong 4 giờ tới, gió giật cấp 15. Ở yên trong nhà kiên cố, tránh xa cửa kính.
    SƠ TÁN theo hướng dẫn của xã, phường. Cần cứu giúp: gọi 112. Mã tin: {{{{ code }}}}
correction:
  text: "[ĐÍNH CHÍNH] Tin {{{{ code }}}} đã gửi nhầm tới bạn. Bạn không cần làm gì. Xin lỗi."
  routes:
    - {{type: template, template_id: "311206", data: {{ma_tin: "{{{{ code }}}}"}}}}
"""


def _write_followers(path: Path) -> None:
    drawn = random.Random(7)
    places = [place for place, people in PEOPLE.items() for _ in range(people)]
    drawn.shuffle(places)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("user_id", "address"))
        rows.writerows((f"7{number:018d}", place) for number, place in enumerate(places))


def _embed(page: Path, screens: Mapping[str, str]) -> None:
    """Put each screen between its marks in a page: `<!-- screen: NAME -->` … `<!-- end -->`."""
    text = page.read_text(encoding="utf-8")
    for name, screen in screens.items():
        block = f"<!-- screen: {name} -->\n```text\n{screen}\n```\n<!-- end -->"
        block = block.replace("\\", "\\\\")  # as re.sub wants it
        text, found = re.subn(rf"<!-- screen: {name} -->.*?<!-- end -->", block, text, flags=re.DOTALL)
        if not found:
            print(f"{page.name} shows no screen {name}")
    page.write_text(text, encoding="utf-8")


def main() -> None:
    """Play it in the languages that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("languages", nargs="*", default=["vi", "en"])
    for language in parser.parse_args().languages:
        screens = Evening(language).play()
        out = FOLDER / f"{language}.json"
        out.write_text(json.dumps(screens, ensure_ascii=False, indent=1), encoding="utf-8")
        page = PAGES[language]
        if page.exists():
            _embed(page, screens)


PAGES = {"vi": ROOT / "docs" / "vi" / "dem-bao.md", "en": ROOT / "docs" / "storm-evening.md"}

if __name__ == "__main__":
    main()
