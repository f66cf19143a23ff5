"""What is installed is what was locked, and the lock holds what is asked for."""

import pytest

from tools.check_lock import LOCKS, ROOT, problems

PROJECT = """[project]
dependencies = ["httpx>=0.28"]
[dependency-groups]
test = ["pytest>=8.4"]
dev = [{ include-group = "test" }, "ruff>=0.9"]
"""
SOUND = "httpx==0.28.1 \\\n    --hash=sha256:0\npytest==9.2.0 \\\n    --hash=sha256:0\nruff==0.17.6 \\\n    --hash=sha256:0\n"


@pytest.mark.parametrize(("lock", "group"), LOCKS.items())
def test_the_lock_holds_what_is_asked_for(lock, group):
    project, locked = ((ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", lock))

    assert problems(project, locked, group) == []


def test_a_lock_of_its_own_holds_its_group_alone():
    project = PROJECT + 'docs = ["mkdocs>=1.6"]\n'

    assert problems(project, "mkdocs==1.6.1 \\\n    --hash=sha256:0\n", "docs") == []
    assert problems(project, "", "docs") == ["mkdocs is not in the lock"]


def test_what_is_missing_too_old_or_without_a_hash_is_said():
    assert problems(PROJECT, SOUND) == []
    assert "pytest is not in the lock" in problems(PROJECT, SOUND.replace("pytest", "other"))
    assert "ruff is locked at 0.1.0, and pyproject.toml wants >=0.9" in problems(PROJECT, SOUND.replace("0.17.6", "0.1.0"))
    assert problems(PROJECT, SOUND.replace(" \\\n    --hash=sha256:0\nruff", "\nruff")) == ["pytest has no hash"]
    assert problems(PROJECT, "--index-url https://x\n" + SOUND) == ["the lock names an index"]
