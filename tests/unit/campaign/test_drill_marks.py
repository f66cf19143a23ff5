"""What a drill sends says so at its start and its end, whoever wrote it; and says nothing to the contrary."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from zalo_alert.campaign.drill_marks import denial_in, marks_of
from zalo_alert.campaign.parse import parse
from zalo_alert.campaign.render import MAX_DESCRIPTION, Renderer
from zalo_alert.errors import CampaignInvalid
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import Status
from zalo_alert.operations.scaffold import examples
from zalo_alert.testing import drill

DAY = datetime(2026, 9, 18, 14, tzinfo=VIETNAM)
CAMPAIGN = parse(drill(DAY).encode(), "c.yaml")


def read_by(status, text, name=""):
    return Renderer(replace(CAMPAIGN, status=Status(status), text=text)).text("Huế", None, name)


@pytest.mark.parametrize(
    ("status", "text", "read"),
    [
        ("Exercise", "HÃY SƠ TÁN NGAY", "[DIỄN TẬP] HÃY SƠ TÁN NGAY [HẾT TIN DIỄN TẬP]"),
        ("Exercise", "HÃY SƠ TÁN (tin phục vụ diễn tập)", "[DIỄN TẬP] HÃY SƠ TÁN (tin phục vụ diễn tập) [HẾT TIN DIỄN TẬP]"),
        ("Exercise", "  Một\nHai\n\n", "[DIỄN TẬP] Một\nHai\n[HẾT TIN DIỄN TẬP]"),
        ("Exercise", "[DIỄN TẬP CẢNH BÁO BÃO] Huế. HẾT TIN DIỄN TẬP.\n", "[DIỄN TẬP CẢNH BÁO BÃO] Huế. HẾT TIN DIỄN TẬP."),
        ("Exercise", "DIỄN TẬP. HẾT TIN DIỄN TẬP. Mã tin: {{ code }}", "DIỄN TẬP. HẾT TIN DIỄN TẬP. Mã tin: DT-1"),
        ("Exercise", "[DIỄN TẬP] x", "[DIỄN TẬP] x [HẾT TIN DIỄN TẬP]"),
        ("Exercise", "x [HẾT TIN DIỄN TẬP]", "[DIỄN TẬP] x [HẾT TIN DIỄN TẬP]"),
        ("Exercise", "Diễn tập đã xong: chạy ngay", "[DIỄN TẬP] Diễn tập đã xong: chạy ngay [HẾT TIN DIỄN TẬP]"),
        ("Test", "x", "[THỬ NGHIỆM] x [HẾT TIN THỬ NGHIỆM]"),
        ("Test", "{{ name }}, x", "[THỬ NGHIỆM] An, x [HẾT TIN THỬ NGHIỆM]"),
        ("Test", '{{ name|default("Anh")|upper }}', "[THỬ NGHIỆM] AN [HẾT TIN THỬ NGHIỆM]"),
        ("Actual", "HÃY SƠ TÁN NGAY", "HÃY SƠ TÁN NGAY"),
    ],
)
def test_a_text_is_read_between_marks(status, text, read):
    assert read_by(status, text, "An").rstrip() == read


def test_a_run_of_before_goes_on_as_it_began():
    assert marks_of(replace(CAMPAIGN, is_marked=False)) is None
    assert Renderer(replace(CAMPAIGN, is_marked=False, text="x")).text("Huế", None) == "x"
    assert not parse(drill(DAY).encode(), "c.yaml", is_frozen=True).is_marked


def test_title_and_description_of_an_article_are_marked_on_both_sides_and_fit():
    routes = "[{type: broadcast, cover: 'https://x.example/a.jpg', author: PTDS}]"
    given = replace(parse(drill(DAY, routes=routes).encode(), "c.yaml"), headline="Bão số 7", text="Chạy ngay. " * 60)
    article = Renderer(given).article("Huế")
    assert article.title == "[DIỄN TẬP] Bão số 7 [DIỄN TẬP]"
    assert article.description.startswith("[DIỄN TẬP] Chạy ngay.")
    assert article.description.endswith(" … [DIỄN TẬP]")
    assert len(article.description) <= MAX_DESCRIPTION
    assert article.paragraphs[0].startswith("[DIỄN TẬP] Chạy")
    assert article.paragraphs[-1].endswith("[HẾT TIN DIỄN TẬP]")


def test_the_marks_count_where_texts_are_measured():
    bare = drill(DAY).replace('text: "', f'text: "{"x" * 1945} ')
    with pytest.raises(CampaignInvalid) as caught:
        parse(bare.encode(), "c.yaml")
    assert "a consultation message (cs) takes 2000" in str(caught.value.problems[0])
    assert parse(bare.encode(), "c.yaml", is_frozen=True).text.startswith("xxx")  # it was frozen without


@pytest.mark.parametrize(
    "text",
    [
        "KHÔNG PHẢI DIỄN TẬP",
        "Đây không phải là cuộc diễn tập",
        "không phải\n  thử nghiệm",
        "khong phai la tin thu nghiem",
        "Đây KHÔNG\u200b PHẢI bản tin thử nghiệm",
        "THIS IS NOT A DRILL",
        "this isn’t a test",
        "no drill",
        "Đây là tình huống thật",
        "Đây là một cảnh báo có thật!",
    ],
)
def test_words_that_deny_the_drill_are_found(text):
    assert denial_in(text)
    with pytest.raises(CampaignInvalid) as caught:
        parse(drill(DAY).replace("headline: DIỄN TẬP", f"headline: {json.dumps(' '.join(text.split()))}").encode(), "c.yaml")
    assert any("must not say" in problem.message for problem in caught.value.problems)


@pytest.mark.parametrize(
    "text",
    [
        "[DIỄN TẬP – KHÔNG PHẢI TÌNH HUỐNG THẬT] Không có bão. Bạn KHÔNG cần làm gì. Diễn tập kết thúc lúc 9 giờ.",
        "Bạn không phải sơ tán. Diễn tập kết thúc.",
        "Xả lũ điều tiết, KHÔNG PHẢI vỡ đập. HẾT TIN DIỄN TẬP.",
        "This is a drill, not an alert.",
        "Đây không phải là tình huống thật.",
        "Khi có tình huống thật, đây là số cần gọi.",
    ],
)
def test_words_that_deny_something_else_are_not(text):
    assert not denial_in(text)


@pytest.mark.parametrize(
    ("status", "said"), [("Exercise", "không phải thử nghiệm"), ("Test", "không phải diễn tập"), ("Actual", "tin diễn tập")]
)
def test_what_a_template_is_given_is_looked_at_too(status, said):
    routes = f'[{{type: template, template_id: "311203", data: {{a: "KHẨN CẤP, {said}"}}}}]'
    with pytest.raises(CampaignInvalid) as caught:
        parse(drill(DAY, routes=routes).replace("status: Exercise", f"status: {status}").encode(), "c.yaml")
    [fault] = [problem for problem in caught.value.problems if problem.field == "routes[0].data.a"]
    assert fault.line
    assert "must not say" in fault.message


@pytest.mark.parametrize("name", examples())
def test_the_shipped_examples_bring_their_own_marks(name):
    campaign = parse(examples()[name], name)
    bare = Renderer(replace(campaign, is_marked=False))
    for variant in (None, *range(len(campaign.variants))):
        assert Renderer(campaign).text("Huế", variant) == bare.text("Huế", variant)
