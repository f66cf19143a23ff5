"""The approver's page in a real browser, headless: a key kept, a request read and signed, and all that goes wrong."""

import json
import re
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from office import submit

from tests.chromium import chromium, find_chromium
from tests.scenario.test_only_what_was_approved import CODE, actual
from zalo_alert.approval.approver_page import approver_page
from zalo_alert.approval.envelope import Namespace, parse_signature, verify
from zalo_alert.approval.keys import read_public_key
from zalo_alert.approval.request import make_request, read_request
from zalo_alert.approval.words import six_words
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.operations.card import card_of_request

PROBLEM = "" if find_chromium() else "no Chromium that runs is installed"
pytestmark = [pytest.mark.long, *[pytest.mark.skipif(bool(PROBLEM), reason=PROBLEM), pytest.mark.slow]]

PASSPHRASE = "cá rô kho tộ 1987"
NOW = datetime.now(VIETNAM).replace(microsecond=0)
TEXT = "DIỄN TẬP <b>bão</b> số 7.\n\nHãy ở trong nhà <img src=x onerror=alert(1)>."
LIVE = {
    "openapi": "https://openapi.zalo.me",
    "business": "https://business.openapi.zalo.me",
    "oauth": "https://oauth.zaloapp.com",
}
HERE = {"openapi": "https://127.0.0.1", "business": "https://localhost", "oauth": "https://127.0.0.1"}


def at(hours):
    return (NOW + timedelta(hours=hours)).isoformat()


def a_request(signed=None, **changes):
    """Make a request as `submit` does, of a storm warning for two provinces."""
    text = {"route": "cs", "place": "Quảng Trị", "headline": "Bão số 7", "text": TEXT, "variant": None}
    what = {
        "run": "BAO-7", "code": "BAO-7", "status": "Actual", "profile": "live", "rehearsal": False, "hosts": LIVE,
        "msg_type": "Alert", "event": "bao", "risk_level": 4,
        "urgency": "Immediate", "severity": "Extreme", "certainty": "Likely", "effective": at(0),
        "onset": at(6), "expires": at(9), "references": [], "texts": {"count": 1, "digest": "1" * 64, "first": [text]},
        "audience": {"people": 1_413_870, "staff": 120, "provinces": [["Quảng Trị", 801_220], ["Huế", 612_530], ["", 120]]},
        "correction": {"headline": "Đính chính", "text": "Tin gửi nhầm.", "routes": [], "broadcast": None}, "all_clear": None,
        "ready": {"correction": {"place": "Quảng Trị", "headline": "Đính chính", "text": "Tin BAO-7 gửi nhầm.", "texts": [
            {"route": "cs", "place": "Quảng Trị", "headline": "Đính chính", "text": "Tin BAO-7 gửi nhầm."},
            {"route": "template", "place": "Quảng Trị", "template_id": "311206", "data": {"ma_tin": "BAO-7-NHẦM"}},
        ]}},
        "a_new_key": {"nested": ["unheard of"]},
    }  # fmt: skip
    kept = {"by": "Nguyễn Văn An", "key": "SHA256:another", "at": at(-0.05), "approvers": 1, "finishes_at": at(5)}
    return make_request(what | changes, kept | (signed or {}))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture(scope="module")
def empty_page(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "approver.html"
    file.write_bytes(approver_page())
    return file


@pytest.fixture(scope="module")
def own_page(browser, empty_page):
    """Return a page that was saved with a key in it, and the line of its public key."""
    page = browser.open(empty_page)
    page.type("new-passphrase", PASSPHRASE)
    page.type("again", PASSPHRASE)
    page.click("make-key")
    page.until("document.getElementById('save-page').checkVisibility()")
    assert not page.run("document.getElementById('public-key').checkVisibility()"), "nobody is to send a key that is not saved"
    file = page.download(empty_page.parent, "save-page")
    line = page.value("public-key")
    assert page.complaints() == []
    page.close()
    return file, line


@pytest.fixture
def open_page(browser):
    pages = []

    def open_(file, **options):
        pages.append(browser.open(file, **options))
        return pages[-1]

    yield open_
    for page in pages:
        page.close()


def show(page, request, folder):
    file = folder / f"{request.digest}.json"
    file.write_bytes(request.text)
    page.choose("request-file", file)
    page.until(f"document.getElementById('digest')?.innerText === '{request.digest}'")


def fill_in(page, people="1,4 triệu", code="bao-7", passphrase=PASSPHRASE):
    for field, typed in (("people", people), ("code", code), ("passphrase", passphrase)):
        page.type(field, typed)
    page.click("sign")
    page.until("!document.getElementById('answer').hidden || !document.getElementById('agree-trouble').hidden")


# --- the way through ---


def test_a_phone_alone_signs_what_the_office_can_check(own_page, open_page, tmp_path):
    file, line = own_page
    request, page = a_request(), open_page(file)

    show(page, request, tmp_path)
    fill_in(page)
    signature = parse_signature(page.value("signature"))

    verify(signature, request.text, Namespace.APPROVE)
    assert signature.key == read_public_key(line)
    assert len(page.value("signature")) <= 400
    assert "zalo-alert approve BAO-7 --signature -" in page.text("answer")
    assert page.value("passphrase") == ""
    assert page.complaints() == []


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not installed")
def test_anyone_can_check_it_with_ssh_keygen(own_page, open_page, tmp_path):
    (file, line), request = own_page, a_request()
    page = open_page(file)
    page.run("document.getElementById('paste').open = true")
    page.type("request-text", request.text.decode() + "\n")
    page.click("read")
    page.until("!document.getElementById('request').hidden")
    fill_in(page, people="1.413.870")
    (tmp_path / "signers").write_text(f"an {line}\n")
    (tmp_path / "signature").write_text(page.value("signature"))
    command = ["ssh-keygen", "-Y", "verify", "-f", "signers", "-I", "an", "-n", "approve@zalo-alert", "-s", "signature"]

    assert subprocess.run(command, cwd=tmp_path, input=request.text, capture_output=True).returncode == 0


def contents_of(page):
    """Return a page without what a browser writes in its own way: blanks between elements, and attributes without a value."""
    return re.sub(r'\s|=""', "", page)


def test_the_saved_page_is_the_same_page_with_a_key_in_it(own_page, empty_page):
    file, line = own_page
    saved = file.read_text(encoding="utf-8")
    sealed = re.search(r'id="sealed-key">(\{[^<]*\})</script>', saved)

    assert sealed
    assert json.loads(sealed[1])["rounds"] >= 600_000
    assert contents_of(saved.replace(sealed[1], "null")) == contents_of(empty_page.read_text(encoding="utf-8"))
    assert line.split()[1] not in saved
    assert PASSPHRASE not in saved


def test_the_key_of_an_earlier_page_signs_in_a_new_one(own_page, empty_page, open_page, tmp_path):
    file, line = own_page
    page = open_page(empty_page)
    page.run("document.querySelector('#make details').open = true")
    page.choose("key-file", file)
    page.type("new-passphrase", "không phải mật khẩu")
    page.click("make-key")
    page.until("!document.getElementById('make-trouble').hidden")
    assert "Mật khẩu không mở được khóa" in page.text("make-trouble")
    page.type("new-passphrase", PASSPHRASE)
    page.click("make-key")
    page.until("document.getElementById('save-page').checkVisibility()")

    assert page.value("public-key") == line
    show(page, a_request(), tmp_path)
    fill_in(page)
    assert parse_signature(page.value("signature")).key == read_public_key(line)
    assert 'id="sealed-key">{"format":1' in page.download(tmp_path, "save-page").read_text(encoding="utf-8")


# --- what is shown ---


def test_everything_that_is_signed_can_be_read(own_page, open_page, tmp_path):
    request = a_request(overrides={"hours": "chờ đến sáng thì muộn"})
    page = open_page(own_page[0])

    show(page, request, tmp_path)
    page.run("document.querySelectorAll('details').forEach((part) => (part.open = true))")
    shown, card = page.text("request"), card_of_request(request)

    assert "1.413.870 người" in shown
    assert f"{card.expires:%H:%M}" in shown
    assert f"{card.finishes_at:%H:%M}" in shown
    for text in ("TIN THẬT", "BAO-7", card.by, "bão, cấp độ rủi ro 4", "801.220", "chưa rõ nơi ở", TEXT.splitlines()[0],
                 *LIVE.values(), "chờ đến sáng thì muộn", "Tin BAO-7 gửi nhầm.", "BAO-7-NHẦM", "a_new_key", "unheard of",
                 request.digest):  # fmt: skip
        assert text in shown
    assert re.findall(r"\b[a-z]+\b", page.text("six-words")) == six_words(request.digest).split()
    assert page.run("document.querySelectorAll('#request b, #request img').length") == 0


@pytest.mark.parametrize(
    ("kind", "words"), [("correction", "tin đính chính cho BAO-7"), ("all-clear", "tin hết cảnh báo sau BAO-7")]
)
def test_a_follow_up_says_what_it_follows(own_page, open_page, tmp_path, kind, words):
    page = open_page(own_page[0])
    show(page, a_request(kind=kind, follows=["BAO-7"], correction=None, ready={}), tmp_path)

    assert words in page.text("request")
    assert "Chưa chuẩn bị tin đính chính" not in page.text("request")


def test_an_alert_without_a_correction_says_so_in_red(own_page, open_page, tmp_path):
    page = open_page(own_page[0])
    show(page, a_request(correction=None, ready={}), tmp_path)

    assert "Chưa chuẩn bị tin đính chính" in page.text("request")


def test_what_nobody_sees_is_named(own_page, open_page, tmp_path):
    page, family = open_page(own_page[0]), "\U0001f468\u200d\U0001f469"
    text = {"route": "cs", "place": f"Hu\u200bế {family}", "headline": "Bão", "text": "\u202ethật", "variant": None}
    show(page, a_request(texts={"count": 1, "digest": "", "first": [text]}, code="BAO-7\u2066"), tmp_path)
    shown = page.text("request")

    assert "BAO-7<U+2066>" in shown
    assert f"Hu<U+200B>ế {family}" in shown
    assert "<U+202E>thật" in shown


ODD: list[dict] = [
    {"texts": {"count": 1, "first": 5}}, {"texts": [1]}, {"texts": {"first": [None]}}, {"hosts": 3}, {"references": 3},
    {"audience": {"people": 5, "provinces": [7]}}, {"correction": "x"}, {"overrides": [[1]]}, {"onset": {}},
]  # fmt: skip


def test_a_request_of_odd_parts_is_shown_whole_or_not_signed(own_page, open_page):
    page = open_page(own_page[0])
    page.run("document.getElementById('paste').open = true")
    for changes in ODD:
        request = a_request(**changes)
        page.type("request-text", request.text.decode())
        page.click("read")
        page.until("!document.getElementById('read').disabled")
        refused = page.text("ask-trouble")

        assert page.text("agree") == "" if refused else page.text("digest") == request.digest, changes


KINDS: dict[str, tuple[dict, str]] = {
    "actual": ({}, "TIN THẬT"),
    "exercise": ({"status": "Exercise"}, "DIỄN TẬP"),
    "test": ({"status": "Test"}, "TIN THỬ"),
    "rehearsal": ({"rehearsal": True, "hosts": HERE}, "REHEARSAL"),
    "drill": ({"profile": "drill", "hosts": HERE, "status": "Exercise"}, "không ai nhận được"),
}


def test_what_is_real_looks_like_nothing_else(own_page, open_page, tmp_path):
    page, looks = open_page(own_page[0]), set()
    for kind, (changes, words) in KINDS.items():
        show(page, a_request(**changes), tmp_path)
        assert page.run("document.getElementById('request').className") == kind
        looks.add(page.run("(s => s.borderTopStyle + s.borderTopWidth + s.borderTopColor)(getComputedStyle(request))"))
        assert words in page.text("kind")
        assert page.text("sign") != ""

    assert len(looks) == 4  # an exercise and a drill look alike, and say what they are


LIES: dict[str, dict] = {
    "a rehearsal at Zalo": {"rehearsal": True},
    "a drill at Zalo": {"profile": "drill"},
    "a host like ours": {"rehearsal": True, "hosts": HERE | {"openapi": "https://127.0.0.1.example.com"}},
    "a user like our host": {"rehearsal": True, "hosts": HERE | {"openapi": "https://127.0.0.1@openapi.zalo.me"}},
    "no hosts": {"rehearsal": True, "hosts": {}},
    "an unknown status": {"status": "Drill"},
}


def test_what_only_calls_itself_harmless_is_shown_as_real(own_page, open_page, tmp_path):
    page = open_page(own_page[0])
    for changes in LIES.values():
        show(page, a_request(**changes), tmp_path)
        assert page.run("document.getElementById('request').className") == "actual", changes


def test_every_text_is_in_the_other_language_at_a_touch(own_page, open_page, tmp_path):
    page = open_page(own_page[0])
    show(page, a_request(), tmp_path)
    fill_in(page, code="BAO-8")
    page.click("language")

    assert page.run("document.documentElement.lang") == "en"
    assert "ACTUAL ALERT" in page.text("request")
    assert "1\u202f413\u202f870 people" in page.text("request")
    assert page.text("agree-trouble") == "That is not the code of this alert: read it again above."
    assert page.value("code") == "BAO-8"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_runs_off_a_narrow_screen_and_every_field_has_a_name(own_page, empty_page, open_page, tmp_path, width, dark):
    for file in (empty_page, own_page[0]):
        page = open_page(file, width=width, dark=dark)
        show(page, a_request(), tmp_path)
        page.run("document.querySelectorAll('details').forEach((part) => (part.open = true))")
        tree = page.ask("Accessibility.getFullAXTree")["nodes"]
        fields = [node for node in tree if node.get("role", {}).get("value") in ("textbox", "button", "checkbox")]

        assert page.run("document.documentElement.scrollWidth") <= width
        assert [node for node in fields if not node.get("name", {}).get("value")] == []
        assert len(fields) > 5
        background, ink = page.run("(s => [s.backgroundColor, s.color])(getComputedStyle(document.body))")
        assert (background < ink) is dark


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("typed", "words", "focus"),
    [
        ({"people": "nhiều"}, "Đây không phải số", "people"),
        ({"people": "141.387"}, "141.387 không khớp số người", "people"),
        ({"code": "BAO-8"}, "Đây không phải mã của bản tin này", "code"),
        ({"passphrase": "ca ro kho to 1987"}, "Mật khẩu không mở được khóa", "passphrase"),
    ],
)
def test_what_is_typed_wrong_signs_nothing_and_says_where(own_page, open_page, tmp_path, typed, words, focus):
    page = open_page(own_page[0])
    show(page, a_request(), tmp_path)
    fill_in(page, **typed)

    assert words in page.text("agree-trouble")
    assert page.run("document.activeElement.id") == focus
    assert page.text("answer") == ""
    fill_in(page)
    page.until("!document.getElementById('answer').hidden")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xd8\xff\xe0", "Đây không phải văn bản"),
        (b"hello", "Đây không phải phiếu trình"),
        (b'{"type":"run"}', "Đây là loại tệp khác"),
        (b"", "Không có nội dung"),
        (a_request().text.replace(b'"code":', b'"code": '), "Phiếu trình đã bị thay đổi"),
        (a_request().text[:-9], "Phiếu trình bị cắt"),
        (b"x" * 300_000, "Tệp dài hơn"),
    ],
    ids=["a picture", "no JSON", "another type", "empty", "changed", "cut off", "too long"],
)
def test_what_is_no_request_is_said_and_not_shown(own_page, open_page, tmp_path, content, words):
    page = open_page(own_page[0])
    show(page, a_request(), tmp_path)
    (tmp_path / "other").write_bytes(content)
    page.choose("request-file", tmp_path / "other")
    page.until("!document.getElementById('ask-trouble').hidden")

    assert words in page.text("ask-trouble")
    assert page.text("request") == page.text("agree") == ""


def test_a_request_changed_by_a_byte_has_other_words(own_page, open_page, tmp_path):
    page, request = open_page(own_page[0]), a_request()
    show(page, make_request({**request.what, "code": "BAO-9"}, request.signed), tmp_path)

    assert re.findall(r"\b[a-z]+\b", page.text("six-words")) != six_words(request.digest).split()


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (a_request(expires=at(-1)), "Bản tin này hết hiệu lực lúc"),
        (a_request(signed={"at": at(-1)}, expires="hôm nay"), "Không đọc được hạn hiệu lực"),
    ],
    ids=["expired", "no end"],
)
def test_what_is_over_can_be_read_and_not_signed(own_page, open_page, tmp_path, request_, words):
    page = open_page(own_page[0])
    show(page, request_, tmp_path)

    assert words in page.text("request")
    assert page.text("agree") == ""


def test_nobody_signs_what_they_submitted(own_page, open_page, tmp_path):
    page = open_page(own_page[0])
    own = read_public_key(own_page[1]).fingerprint
    show(page, a_request(signed={"key": own}), tmp_path)

    assert "của chính anh/chị" in page.text("request")
    assert page.text("agree") == ""


@pytest.mark.parametrize(
    ("signed", "words"),
    [({"at": at(1)}, "một trong hai đồng hồ sai"), ({"at": at(-7)}, "Phiếu đã trình từ"),
     ({"finishes_at": at(10)}, "Chưa gửi xong thì bản tin đã hết hiệu lực"), ({"finishes_at": at(7)}, "thiên tai đã bắt đầu")],
    ids=["clock", "old", "past its end", "past the onset"],
)  # fmt: skip
def test_what_an_approver_must_know_stands_in_red(own_page, open_page, tmp_path, signed, words):
    page = open_page(own_page[0])
    show(page, a_request(signed=signed), tmp_path)

    assert words in page.run("document.querySelector('#request .red').innerText")
    assert page.text("agree") != ""


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("crypto.subtle.generateKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))", "Chrome hoặc Edge 137"),
        ("Object.defineProperty(crypto, 'subtle', {value: undefined});"
         "Object.defineProperty(window, 'isSecureContext', {value: false})",
         "Trình duyệt không cho trang mở bằng cách này ký"),
    ],
    ids=["old", "insecure"],
)  # fmt: skip
def test_a_browser_that_cannot_sign_says_which_ones_can(empty_page, open_page, before, words):
    page = open_page(empty_page, before=before)

    assert words in page.text("unfit")
    assert page.text("make") == ""


def test_a_page_whose_key_was_damaged_says_so(own_page, open_page, tmp_path):
    damaged = tmp_path / "damaged.html"
    damaged.write_text(own_page[0].read_text(encoding="utf-8").replace('"rounds":1000000', '"rounds":1'), encoding="utf-8")
    page = open_page(damaged)

    assert "Khóa bị hỏng hoặc đã bị sửa" in page.text("unfit")


def test_a_script_that_was_changed_does_not_run(empty_page, browser, tmp_path):
    changed = tmp_path / "changed.html"
    changed.write_text(empty_page.read_text(encoding="utf-8").replace("'use strict'", "'use loose'"), encoding="utf-8")
    page = browser.open(empty_page)
    browser.events.clear()
    page.ask("Page.navigate", url=changed.as_uri())
    browser.wait_for("Page.loadEventFired")

    assert any("Content Security Policy" in text for text in page.complaints())
    assert page.run("document.title") == "Phê duyệt · zalo-alert"
    page.close()


# --- with an office ---


def test_an_alert_goes_out_that_was_approved_on_a_phone(live_desk, officers, tls_sandbox, empty_page, open_page, tmp_path):
    """Submitted at the office, approved on a phone with a key of OpenSSH that moved into the page, sent from the office."""
    file = actual(live_desk)
    people = live_desk.run("plan", file, "--json").fact("plan")["people"]
    assert submit(live_desk, officers, file, CODE, people).code == 0
    page = open_page(empty_page)
    page.run("document.querySelector('#make details').open = true")
    page.choose("key-file", Path(officers.key("Cuc")))
    page.type("new-passphrase", PASSPHRASE)
    page.type("again", PASSPHRASE)
    page.click("make-key")
    page.until("document.getElementById('save-page').checkVisibility()")
    own = open_page(page.download(tmp_path, "save-page"))
    request = read_request((live_desk.folder / ".zalo-alert" / "runs" / CODE / "request.json").read_bytes())

    show(own, request, tmp_path)
    fill_in(own, people=f"{people}", code=CODE)
    approved = live_desk.run("approve", CODE, "--signature", "-", stdin=own.value("signature"))
    sent = live_desk.run("send", CODE, stdin=f"{CODE}\n{people}\n")

    assert "REHEARSAL" in own.text("kind")
    assert (approved.code, sent.code) == (0, 0), (approved.said, sent.said)
    assert tls_sandbox.stats()["people"] == people


def test_what_was_found_in_the_words_stands_in_red_with_its_reason(own_page, open_page, tmp_path):
    found = [
        ["no-guidance", "error", "14:9 message.text", "nobody is told what to do"],
        *(["source", "warning", "14:9 message.text", "nobody is named who says so"] for _number in range(14)),
    ]
    overrides = {"wording:no-guidance": "it only tells that it is over", "hours": "the water comes tonight"}
    page = open_page(own_page[0])
    show(page, a_request({"wording": found}, overrides=overrides), tmp_path)
    red = page.run("[...document.querySelectorAll('#request .red')].map((box) => box.innerText).join(' ')")
    doubts = page.run("document.querySelector('.doubts').innerText")

    assert "no-guidance (14:9 message.text): nobody is told what to do" in red
    assert "it only tells that it is over" in red
    assert "the water comes tonight" in red
    assert "wording:no-guidance" not in red
    assert doubts.count("nobody is named who says so") == 12
    assert "2" in doubts.rstrip().splitlines()[-1]
