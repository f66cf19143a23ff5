"""The wall screen in a real browser, headless: that it fits a wall and a phone, keeps itself true, and says when it is not."""

import json
import os
import signal
from urllib.parse import urlsplit

import pytest

from tests.chromium import chromium, find_chromium
from tests.wall_runs import begin, freeze_run, make_workspace, settle
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.models import State

PROBLEM = "" if find_chromium() else "no Chromium that runs is installed"
pytestmark = [pytest.mark.long, pytest.mark.skipif(bool(PROBLEM), reason=PROBLEM), pytest.mark.slow]

NOW = SystemClock().now()
HOSTILE = "DIỄN TẬP <img src=x onerror=alert(1)><script>alert(2)</script>"
WALL, PHONE = {"width": 1920, "height": 1080}, {"width": 400, "height": 860}
AT_LEAST_PX = 24  # on a wall of 1920 pixels: half an inch of a letter's height on a 43-inch screen, read from four metres


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
def folder(empty_desk):
    return make_workspace(empty_desk.folder / "workspace", NOW)


@pytest.fixture
def run(folder):
    """A run that is being sent, as far as its lock says, with people in every state that a person must see."""
    frozen = freeze_run(folder, NOW, "DT-1", headline=HOSTILE, areas='["new:46", "new:44"]', text="Sơ tán ngay.")
    begin(frozen, NOW)
    settle(frozen, NOW, {State.ACCEPTED: 90, State.REJECTED: 10, State.UNKNOWN: 3})
    with frozen.locked():
        yield frozen


@pytest.fixture
def serve(empty_desk, folder):
    children = []

    def start(port="0"):
        child = empty_desk.start("watch", "--web", "--port", port, "--json", "--workspace", str(folder))
        children.append(child)
        return child, json.loads(child.stdout.readline())["url"]

    yield start
    for child in children:
        if child.poll() is None:
            end(child)


def end(child):
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=30)


@pytest.fixture
def open_page(browser):
    pages = []

    def open_(url, **options):
        pages.append(browser.open(url, **options))
        pages[-1].until("document.querySelector('.card progress, .empty')")
        return pages[-1]

    yield open_
    for page in pages:
        page.close()


# Text that is shown: its letters' height, leaving out pictures, which scale as a whole.
SMALLEST = """Math.min(...[...document.querySelectorAll('main *, header *')].filter(one => !one.closest('svg, .unseen')
  && [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()) && one.checkVisibility())
  .map(one => parseFloat(getComputedStyle(one).fontSize)))"""


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
def test_one_screen_of_a_wall_holds_it_in_letters_that_can_be_read_from_four_metres(run, serve, open_page, dark):
    page = open_page(serve()[1], dark=dark, **WALL)

    assert page.run("document.documentElement.scrollHeight") <= WALL["height"]
    assert page.run("document.documentElement.scrollWidth") <= WALL["width"]
    assert page.run(SMALLEST) >= AT_LEAST_PX
    assert page.run("parseFloat(getComputedStyle(document.querySelector('.verdict')).fontSize)") >= 40
    assert page.complaints() == []


def test_a_phone_shows_all_of_it_without_scrolling_sideways(run, serve, open_page):
    page = open_page(serve()[1], **PHONE)

    assert page.run("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.run(SMALLEST) >= 14
    assert "DT-1" in page.text("cards")
    assert page.complaints() == []


def test_it_follows_the_run_and_runs_no_strangers_script(run, serve, open_page):
    page = open_page(serve()[1], **WALL)
    page.until("document.getElementById('cards').innerText.includes('<script>alert(2)')")

    settle(run, NOW, {State.ACCEPTED: 41})
    page.until("document.getElementById('cards').innerText.includes('131')")

    assert page.run("document.querySelectorAll('img, main script').length") == 0
    assert page.complaints() == []


def test_a_screen_that_lost_its_server_says_so_in_red_and_comes_back_by_itself(run, serve, open_page):
    child, url = serve()
    page = open_page(url, **WALL)
    assert page.text("alarm") == ""

    end(child)
    page.until("document.getElementById('alarm').innerText.includes('MẤT KẾT NỐI')")
    assert page.run("document.body.classList.contains('stale')")

    serve(str(urlsplit(url).port))
    page.until("document.getElementById('alarm').hidden")
    assert not page.run("document.body.classList.contains('stale')")


@pytest.mark.skipif(os.name != "posix", reason="a process is stopped as no other system stops it")
def test_a_screen_whose_server_hangs_says_so(run, serve, open_page):
    child, url = serve()
    page = open_page(url, **WALL)
    child.send_signal(signal.SIGSTOP)
    try:
        page.until("document.getElementById('alarm').innerText.includes('MẤT KẾT NỐI')")
    finally:
        child.send_signal(signal.SIGCONT)
    page.until("document.getElementById('alarm').hidden")


def test_the_drill_is_unmistakable_and_no_meaning_is_in_colour_alone(run, serve, open_page):
    page = open_page(serve()[1], **WALL)
    page.until("document.body.classList.contains('drill')")

    assert "DIỄN TẬP" in page.run("document.querySelector('.card .mark').innerText")
    assert page.run("getComputedStyle(document.querySelector('.is-bad .sign'), '::before').content") == '"⚠ "'


def test_a_keyboard_reaches_everything_and_a_screen_reader_is_told_the_verdict_alone(run, serve, open_page):
    page = open_page(serve()[1], **WALL)

    assert page.run("[...document.querySelectorAll('[aria-live]')].map(one => one.id).join()") == "live"
    assert page.run("document.getElementById('live').getAttribute('aria-live')") == "polite"
    assert page.run("['header', 'main', 'footer', 'h1', 'caption', 'th[scope=col]'].every(one => document.querySelector(one))")
    assert page.run("[...document.querySelectorAll('svg')].every(one => one.getAttribute('role') === 'img')")
    for _ in range(2):
        for kind in ("keyDown", "keyUp"):
            page.ask("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert page.run("document.activeElement.innerText") == "DT-1"
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    before = page.run("document.getElementById('clock').innerText")
    settle(run, NOW, {State.ACCEPTED: 7})
    page.until(f"document.getElementById('clock').innerText !== {json.dumps(before)}")
    assert page.run("document.activeElement.innerText") == "DT-1", "the focus outlives what is told anew"


def test_two_alerts_that_contradict_each_other_stand_in_red_above_all(folder, run, serve, open_page):
    freeze_run(folder, NOW, "DT-2", areas='["new:46"]', text="Ở yên trong nhà.")
    page = open_page(serve()[1], **WALL)
    page.until("document.querySelector('#conflicts li')")

    said = page.text("conflicts")
    assert "DT-1" in said
    assert "DT-2" in said
    assert page.run("document.getElementById('conflicts').getBoundingClientRect().top") < page.run(
        "document.getElementById('cards').getBoundingClientRect().top"
    )
