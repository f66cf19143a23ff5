"""How long the wording of the largest campaign takes: 34 places, each with a text of its own, by three routes.

    python -m bench.wording

Prints milliseconds of CPU beside those of rendering the same texts, which the lint needs anyway, and their ratio: the ratio is
what stays the same from one machine to another. The first time in a process reads the names of all places, so it stands apart.
"""

import time
from collections.abc import Callable

from zalo_alert import places
from zalo_alert.campaign import parse
from zalo_alert.foundation import yaml_document
from zalo_alert.planning.run_places import sample_places
from zalo_alert.wording.as_read import AsRead, as_read
from zalo_alert.wording.lint import lint

ROUNDS = 15
TEMPLATE = "<tinh>: <noi_dung>. Mã tin <ma_tin>. Phát lúc <luc>, Ban Chỉ huy Phòng thủ dân sự. Hãy theo dõi thông báo."
_TEXT = """\
      [CẢNH BÁO BÃO – RỦI RO CẤP {{{{ risk_level }}}}/5] {name}
      Phát lúc {{{{ effective }}}} – Ban Chỉ huy Phòng thủ dân sự {name}, theo bản tin bão khẩn cấp 13 giờ.

      BÃO SỐ 7 ảnh hưởng đến {name} từ {first} giờ đến {last} giờ sáng thứ Bảy 19/9. Gió cấp 11–12, giật cấp 14 có thể tốc mái.

      1. SƠ TÁN trước {evening} giờ tối nay (18/9) theo hướng dẫn của xã, phường, đặc khu.
      2. KHÔNG ở lại trên tàu, lồng bè, chòi canh; chằng chống nhà cửa trước 18 giờ (18/9).
      3. Từ {evening} giờ: Ở TRONG NHÀ KIÊN CỐ, tránh xa cửa kính. Sạc điện thoại, đèn pin; trữ nước uống, thức ăn đủ {days} ngày.
      4. Gió bỗng lặng có thể là mắt bão: KHÔNG ra ngoài, gió sẽ đổi hướng và mạnh trở lại.

      Cần cứu giúp: gọi 112, hoặc nhắn CUU HO kèm địa chỉ. Đã an toàn: nhắn AN TOAN.
      Hiệu lực đến {{{{ expires }}}}. Tin tiếp theo: 17 giờ hôm nay (18/9). Mã tin: {{{{ code }}}}
"""
_HEAD = """\
code: TW-260918-03
status: Actual
msgType: Alert
event: bao
risk_level: 4
urgency: Expected
severity: Extreme
certainty: Likely
effective: 2026-09-18T14:00:00+07:00
expires: 2026-09-19T12:00:00+07:00
audience: {areas: [all]}
routes:
  - {type: template, template_id: "311203", data: {ma_tin: "{{ code }}", tinh: "{{ place }}", noi_dung: "{{ headline }}"}}
  - {type: phone, template_id: "311204", data: {ma_tin: "{{ code }}", tinh: "{{ place }}", luc: "{{ effective }}"}}
  - {type: cs}
message:
  headline: "Bão số 7, rủi ro cấp {{ risk_level }}/5, {{ place }}: sơ tán trước 20 giờ (18/9)"
  text: |
"""
_CORRECTION = """\
correction:
  text: |
    [ĐÍNH CHÍNH – HÃY BỎ QUA TIN TRƯỚC] {{ place }}
    Tin mã {{ code }}, phát lúc {{ effective }}, đã GỬI NHẦM tới bạn. Bạn KHÔNG cần làm gì. Chúng tôi xin lỗi.
  routes:
    - {type: template, template_id: "311206", data: {ma_tin: "{{ code }}"}}
    - {type: phone, template_id: "311206", data: {ma_tin: "{{ code }}"}}
    - {type: cs}
variants:
"""


def campaign() -> bytes:
    """Write the campaign: a variant for each province of today."""
    texts = [_text(number, province.name) for number, province in enumerate(places.PROVINCES)]
    variants = (
        f"  - areas: [{province.key}]\n    text: |\n{text}" for province, text in zip(places.PROVINCES, texts, strict=True)
    )
    return (_HEAD + texts[0] + _CORRECTION + "".join(variants)).encode()


def _text(number: int, name: str) -> str:
    return _TEXT.format(name=name, first=number % 3 + 1, last=number % 5 + 5, evening=18 + number % 4, days=number % 4 + 3)


def _best_s(work: Callable[[], object]) -> float:
    times = []
    for _round in range(ROUNDS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def main() -> None:
    """Measure and print."""
    source = campaign()
    value, document = parse.parse(source, "c.yaml"), yaml_document.load(source, "c.yaml")
    # One key a province, as in a run where each former province is known by the one of today.
    run_places = [place for place in sample_places(value) if place.key.startswith("new:")]
    templates = {"311203": TEMPLATE, "311204": TEMPLATE}

    def render() -> list[AsRead]:
        return as_read(value, run_places, templates)

    texts = render()
    started = time.process_time()
    findings = lint(value, document, texts)
    first_s = time.process_time() - started
    render_s, lint_s = _best_s(render), _best_s(lambda: lint(value, document, texts))
    signs = sum(len(each.text) for each in texts)
    print(f"{len(texts)} texts of {len(run_places)} places, {signs:,} characters, {len(findings)} findings")
    print(f"render {render_s * 1e3:.1f} ms, lint {lint_s * 1e3:.1f} ms: {lint_s / render_s:.1f} times as long")
    print(f"first in a process, names of places read: {first_s * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
