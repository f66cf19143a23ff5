"""What two officers sign beforehand: they must have been able to read all of it."""

from typing import cast

from zalo_alert.approval.permission import Limits, Permission
from zalo_alert.cli import standing_view
from zalo_alert.cli.display import display

LONG = " ".join(f"từ{number}" for number in range(120))


def test_no_word_of_a_standing_approval_s_text_is_cut_off(capsys, monkeypatch):
    monkeypatch.setattr(standing_view, "_lines", lambda _permission: [])
    texts = {"first": [{"areas": [], "headline": "Tin", "text": LONG, "languages": [["en", "News {{ luc }}", "Lê Hà"]]}]}
    what = {"texts": texts, "alert": {"fields": {"luc": "2026-09-18T20:00:00+07:00"}}}
    permission = Permission(b"{}", what, cast("Limits", None), {})
    display.err.width = 60

    standing_view.show_permission(permission)

    said = capsys.readouterr().err.replace("│", " ").split()
    assert [word for word in LONG.split() if word not in said] == []
    whole = " ".join(said)
    assert "News {{ luc }}" in whole
    assert "English, checked by Lê Hà" in whole
    assert "luc: 2026-09-18T20:00:00+07:00" in whole
