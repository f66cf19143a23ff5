"""Links in answers: where they may lead."""

import pytest

from zalo_alert.answers.links import is_allowed, links_in

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
        "https://gоv.vn/",
    ],
)  # fmt: skip
def test_what_looks_like_one_and_leads_elsewhere_may_not(link):
    assert not is_allowed(link, ALLOWED)


def test_links_are_found_in_a_text_without_the_signs_of_its_sentence():
    text = "Xem https://gov.vn/a, (www.x.vn) và HTTP://y.vn/b?c=1. Hết"

    assert list(links_in(text)) == ["https://gov.vn/a", "www.x.vn", "HTTP://y.vn/b?c=1"]
