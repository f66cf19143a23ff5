"""Backups of a desk in a folder of their own, and the desks that they are restored to."""

from conftest import Desk


def slow(desk, sandbox):
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 6000")  # ten seconds for all
    return desk.campaign()


class Shelf:
    def __init__(self, desk, folder, key):
        self.desk, self.folder, self.key = desk, folder, key
        self.public = desk.run("backup", "key", str(key), "--json").fact("backup-key")["public"]

    def make(self, *words):
        return self.desk.run("backup", str(self.folder), "--to", self.public, "--json", *words)

    def file(self, *words):
        made = self.make(*words)
        assert made.code == 0, made.err
        return made.fact("backup")["file"]

    def restore(self, file, *words):
        """Restore into a new folder, and return the desk there; hosts and tokens stay those of the sandbox."""
        folder = self.folder.with_name(f"desk-{len(list(self.folder.parent.iterdir()))}")
        done = self.desk.run("restore", file, str(folder), "--identity", str(self.key), "--json", *words)
        assert done.code == 0, done.err
        other = Desk(folder)
        other.environ |= self.desk.environ
        return other


def half_way(desk, sandbox, wait_until, shelf=None):
    """Send for a moment, then stop by Ctrl-C's kinder sister; returns the campaign."""
    path = slow(desk, sandbox)
    child = desk.start("send", path, "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 20)
    file = shelf.file() if shelf else ""
    assert desk.run("stop").code == 0
    assert desk.ended(child).code == 130
    desk.configure("app_per_minute: 6000", "app_per_minute: 6000000")
    return path, file
