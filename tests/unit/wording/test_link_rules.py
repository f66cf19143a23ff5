"""Links: one text that each rule finds, and texts as offices write them that none does."""

import pytest

from tests.unit.wording.asking import codes, found, text_of
from zalo_alert.wording.link_rules import RULES
from zalo_alert.wording.links import find_links, is_allowed, links_in

ALLOWED = ("gov.vn", "google.com/maps", "zalo.me")


@pytest.mark.parametrize(
    "link",
    [
        "https://gov.vn", "https://dichvucong.gov.vn/p/home?x=1", "https://DICHVUCONG.gov.vn/", "https://google.com/maps/place/x",
        "https://www.google.com/maps", "https://zalo.me/388613280878808645",
    ],
)  # fmt: skip
def test_a_listed_host_and_all_below_it_may_be_linked(link):
    assert is_allowed(link, ALLOWED)


@pytest.mark.parametrize(
    "link",
    [
        "http://gov.vn", "https://gov.vn.evil.com", "https://evilgov.vn", "https://gov.vn@evil.com/", "https://evil.com/gov.vn",
        "https://gov.vn:8443/", "https://google.com/url?q=https://evil.com", "https://google.com/mapsx", "https://google.com",
        "javascript:alert(1)", "https://", "//gov.vn", "gov.vn", "https://gov.vn\\@evil.com", "https://gov.vn /", "https://[::1",
        "https://gоv.vn/", "https://xn--gv-jlc.gov.vn/",
    ],
)  # fmt: skip
def test_what_looks_like_one_and_leads_elsewhere_may_not(link):
    assert not is_allowed(link, ALLOWED)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Xem https://gov.vn/a, (www.x.vn) và HTTP://y.vn/b?c=1. Hết", ["https://gov.vn/a", "www.x.vn", "HTTP://y.vn/b?c=1"]),
        ("bit.ly/3x; x.gov.vn/abc; zalo.me/123.", ["bit.ly/3x", "x.gov.vn/abc", "zalo.me/123"]),
        ("Trang nchmf.gov.vn, a.com:8080/x", ["nchmf.gov.vn", "a.com:8080/x"]),
        ("TP.HCM, v.v., TT.Huế, an toàn.Me con, 1.200 m, 18.9.2026, tep.pdf, Q.1, ban@gov.vn, P.Thuận An", []),
    ],
)
def test_links_are_found_as_phones_find_them(text, links):
    assert list(links_in(text)) == links


@pytest.mark.parametrize(
    ("text", "code", "link"),
    [
        ("Xem bản đồ tại http://quangtri.gov.vn/bando", "link-http", "http://quangtri.gov.vn/bando"),
        ("Tải ftp://quangtri.gov.vn/a", "link-http", "ftp://quangtri.gov.vn/a"),
        ("Đăng ký tại bit.ly/sotan", "link-shortener", "bit.ly/sotan"),
        ("Đăng ký tại https://tinyurl.com/sotan.", "link-shortener", "https://tinyurl.com/sotan"),
        ("Xem https://phongchongbao.com", "link-domain", "https://phongchongbao.com"),
        ("Xem https://gov.vn.example.com/a", "link-domain", "https://gov.vn.example.com/a"),
        ("Xem https://xn--vn-gia.vn", "link-domain", "https://xn--vn-gia.vn"),
        ("Xem www.kttv.vn", "link-domain", "www.kttv.vn"),
        ("Xem https://gov.vn@evil.com/", "link-domain", "https://gov.vn@evil.com/"),
        ("Xem quangtri.gov.vn/bao", "link-bare", "quangtri.gov.vn/bao"),
    ],
)
def test_a_link_that_is_wrong_is_found(text, code, link):
    assert (code, link) in found(RULES, text)


@pytest.mark.parametrize(
    "text",
    ["Xem https://quangtri.gov.vn/bao-so-7, hoặc https://zalo.me/388613280878808645.", "Gọi 112. TP.Đông Hà, TX.Quảng Trị"],
)
def test_a_listed_address_by_https_is_right(text):
    assert codes(RULES, text) == set()


def test_a_shortener_on_the_list_is_right():
    assert codes(RULES, "https://maps.app.goo.gl/x", links=("maps.app.goo.gl",)) == set()


def test_a_link_is_found_behind_what_nobody_sees():
    assert found(RULES, "Xem https://bit\u200b.ly/x") == {("link-shortener", "https://bit\u200b.ly/x")}


def test_one_mistake_is_told_once():
    assert codes(RULES, "http://bit.ly/a") == {"link-http", "link-shortener"}


@pytest.mark.parametrize("word", ["a.", "a-", "www.", "http://", "a.vn", "://", "xn--", "a.vn/", "à."])
def test_a_hostile_text_ends_soon(word):
    text = word * (100_000 // len(word))

    assert sum(link.end - link.start for link in find_links(text)) <= len(text)
    assert all(len(list(rule.check(text_of(text)))) < len(text) for rule in RULES)
