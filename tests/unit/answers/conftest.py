"""A workspace with a rule set of a police office, and what tests change in it."""

import pytest

from zalo_alert.settings import load as settings_load

CONFIG = """\
profile: {profile}
accounts:
  - id: ca-hoan-kiem
    oa_id: "388613280878808645"
    app_id: "360846524940903967"
    level: commune
    areas: [new:01]
    tags: [cong-an]
    about: {{address: 2 Tràng Thi, map_url: "https://congan.gov.vn/hoan-kiem"}}
  - id: ca-hue
    oa_id: "388613280878808646"
    app_id: "360846524940903967"
    level: commune
    areas: [new:46]
    tags: [cong-an]
    about: {{address: 1 Lê Lợi, map_url: "https://congan.gov.vn/hue"}}
  - {{id: pctt, oa_id: "388613280878808647", app_id: "360846524940903967"}}
"""
RULES = """\
kind: answers
accounts: {tags: [cong-an]}
hours: {mon-fri: "07:30-11:30 13:30-17:00", sat: "07:30-11:30", holidays: ngay-le.csv}
fields:
  le_phi_can_cuoc: {about: Lệ phí cấp lại căn cước, value: 50.000 đồng, source: Thông tư 59/2019/TT-BTC, review_by: 2027-05-01}
rules:
  - id: can-cuoc
    phrases: [cấp căn cước, làm căn cước, cccd]
    not: [định danh mức 2]
    text: |
      Cấp căn cước tại {{ oa.address }},
      {{ oa.hours_text }}.
    buttons:
      - {title: Lệ phí, go: le-phi}
      - {title: Gặp cán bộ, go: person}
      - {title: Chỉ đường, url: "{{ oa.map_url }}"}
  - {id: le-phi, phrases: [lệ phí thẻ], text: "Lệ phí: {{ value.le_phi_can_cuoc }}.", rank: 7}
fallback:
  in_hours: {open: talk, text: "Cán bộ trả lời trong {{ wait }}."}
  out_of_hours: {text: "Cơ quan mở lại lúc {{ opens }}."}
limits: {rank: 6, expires: 10m, on_unknown: hold}
"""
HOLIDAYS = "date,name\n2027-02-05,Tết Nguyên đán\n"


class Office:
    """A workspace on the disk."""

    def __init__(self, folder, profile):
        self.folder = folder
        (folder / "inbound").mkdir()
        (folder / "zalo-alert.yaml").write_text(CONFIG.format(profile=profile), encoding="utf-8")
        self.write(RULES)
        self.write(HOLIDAYS, "ngay-le.csv")

    @property
    def settings(self):
        return settings_load.load(self.folder, {})

    def write(self, text, name="police-qa.yaml"):
        (self.folder / "inbound" / name).write_text(text, encoding="utf-8")

    def change(self, old, new, name="police-qa.yaml"):
        text = (self.folder / "inbound" / name).read_text(encoding="utf-8")
        assert old in text
        self.write(text.replace(old, new), name)


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path, "drill")


@pytest.fixture
def live_office(tmp_path):
    return Office(tmp_path, "live")


@pytest.fixture
def live_office_in(tmp_path):
    """Make a live workspace beside the other."""

    def make():
        (tmp_path / "live").mkdir()
        return Office(tmp_path / "live", "live")

    return make
