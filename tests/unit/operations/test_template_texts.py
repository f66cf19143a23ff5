"""The texts of Zalo's templates that an office keeps: what is read, what can't be, and which parameters don't fit."""

from datetime import datetime
from pathlib import Path

import pytest

from zalo_alert.campaign.parse import parse
from zalo_alert.foundation import yaml_document
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import Campaign
from zalo_alert.operations.template_texts import (
    MOST_BYTES,
    missing_texts,
    odd_parameters,
    path_of,
    read_template_texts,
    template_ids,
)
from zalo_alert.testing import drill

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=VIETNAM)
DATA = '{ma_tin: "{{ code }}", noi_dung: "{{ headline }} {{ place }}"}'
FILE = drill(NOW, routes=f'[{{type: template, template_id: "311203", data: {DATA}}}]').encode()


@pytest.fixture
def campaign() -> Campaign:
    return parse(FILE, "bao.yaml")


def keep(workspace: Path, content: bytes) -> None:
    path_of(workspace, "311203").parent.mkdir(exist_ok=True)
    path_of(workspace, "311203").write_bytes(content)


def test_the_text_of_a_template_is_read_whatever_mark_stands_before_it(campaign, tmp_path):
    keep(tmp_path, "\ufeffTin <ma_tin>: <noi_dung>\n".encode())

    assert template_ids(campaign) == ["311203"]
    assert read_template_texts(campaign, tmp_path) == ({"311203": "Tin <ma_tin>: <noi_dung>"}, ())


@pytest.mark.parametrize("has_workspace", [True, False])
def test_a_text_that_nobody_keeps_is_no_trouble(campaign, tmp_path, has_workspace):
    assert read_template_texts(campaign, tmp_path if has_workspace else None) == ({}, ())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b" \n", "it is empty", id="empty"),
        pytest.param(b"x" * (MOST_BYTES + 1), "it is longer than 32\u202f768 bytes", id="too long"),
        pytest.param("Bão số 7".encode("utf-16"), "it is not UTF-8", id="another encoding"),
    ],
)
def test_a_file_that_cant_be_used_is_told_with_its_name(campaign, tmp_path, content, why):
    keep(tmp_path, content)

    texts, (trouble,) = read_template_texts(campaign, tmp_path)

    assert not texts
    assert str(trouble).startswith(f"{path_of(tmp_path, '311203')}  {why}")


def test_a_folder_in_a_files_place_is_told(campaign, tmp_path):
    path_of(tmp_path, "311203").mkdir(parents=True)

    assert "it is a folder, not a plain file" in str(read_template_texts(campaign, tmp_path).troubles[0])


def test_the_campaigns_of_a_workspace_name_their_templates(campaign, tmp_path):
    folder = tmp_path / "campaigns"
    folder.mkdir()
    (folder / "a.yaml").write_bytes(FILE)
    (folder / "b.yaml").write_text('routes:\n  - type: phone\n    template_id: "311204"  # unsound\n', encoding="utf-8")
    before = missing_texts(tmp_path)
    keep(tmp_path, b"Tin <ma_tin>")

    assert before == (["311203", "311204"], 0)
    assert missing_texts(tmp_path) == (["311204"], 1)


def test_parameters_of_one_side_alone_are_told_at_their_place(campaign):
    odd = odd_parameters(campaign, yaml_document.load(FILE, "bao.yaml"), {"311203": "Tin <ma_tin>, hiệu lực đến <noi_dun>"})

    (part, route, first), (_part, _route, second) = odd
    assert (part, route) == ("alert", 0)
    assert (first.line, first.field) == (11, "routes[0].data.noi_dung")
    assert first.message == 'templates/311203.txt has no parameter <noi_dung>; did you mean "noi_dun"?'
    assert second.message == "templates/311203.txt has <noi_dun>, which nothing fills in"
