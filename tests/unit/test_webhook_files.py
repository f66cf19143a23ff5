"""A file that changes while it is being read is read again."""

from zalo_alert.operations.webhook_files import WatchedFiles
from zalo_alert.settings.load import load


def test_what_changes_between_being_read_and_being_watched_is_a_change(tmp_path):
    config = tmp_path / "zalo-alert.yaml"
    head = 'profile: live\naccounts:\n  - {id: xa, oa_id: "388613280878808645", app_id: "360846524940903967"}\n'
    config.write_text(head, encoding="utf-8")
    files = WatchedFiles(load(tmp_path, {}))
    config.write_text(head + "# once\n", encoding="utf-8")
    assert files.changed()

    settings = load(tmp_path, {})
    config.write_text(head + "# while the others were read\n", encoding="utf-8")
    files.watch(settings)

    assert files.changed()
    assert not files.changed()
