"""The rule files that ship with the tool, written into a workspace's `inbound/`, beside what is there."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from zalo_alert.answers.inbound_file import FOLDER
from zalo_alert.errors import SettingsInvalid, UsageError
from zalo_alert.foundation.files import create_open_file, open_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, joined

RULES = ".yaml"
_SHOWN = (RULES, ".csv")


def example_names() -> list[str]:
    """Return what the examples are called."""
    return sorted(item.name for item in (files("zalo_alert.answers") / "examples").iterdir() if item.is_dir())


def read_examples(names: Sequence[str]) -> dict[str, Mapping[str, bytes]]:
    """Return the files of some examples: of each, by name, its files by theirs.

    Raises:
        UsageError: There is no such example.
    """
    for name in names:
        _require(name)
    return {name: _files_of(name) for name in names}


def _require(name: str) -> None:
    known = example_names()
    if name not in known:
        wrong = _('there is no example "{name}": there are {names}', name=name, names=", ".join(known))
        raise UsageError(joined((wrong, suggestion(name, known)), ""))


def _files_of(example: str) -> Mapping[str, bytes]:
    folder = files("zalo_alert.answers") / "examples" / example
    items = sorted(folder.iterdir(), key=lambda item: item.name)
    return {item.name: item.read_bytes() for item in items if item.name.endswith(_SHOWN)}


def write_examples(workspace: Path, names: Sequence[str]) -> list[Path]:
    """Write the files of some examples into a workspace; return those written. Nothing that is there is overwritten.

    What an example's rules name beside themselves, such as its holidays, is left as the office has it.

    Raises:
        UsageError: There is no such example.
        SettingsInvalid: Another file of that name is there, so that none was written; or they can't be.
    """
    folder = workspace / FOLDER
    try:
        missing = {folder / name: text for name, text in _missing(folder, read_examples(names)).items()}
        open_folder(folder)
        for path, text in missing.items():
            with create_open_file(path) as file:
                file.write(text)
    except OSError as exc:
        raise SettingsInvalid(_("can't write into {folder}: {why}", folder=folder, why=reason(exc))) from exc
    return list(missing)


def _missing(folder: Path, examples: Mapping[str, Mapping[str, bytes]]) -> dict[str, bytes]:
    """Return what is to be written, by its name; of two that differ the later one is named after its example."""
    texts: dict[str, bytes] = {}
    for example, own in examples.items():
        rules = b"".join(text for name, text in own.items() if name.endswith(RULES))
        for name, text in own.items():
            if name.encode() in rules and (folder / name).exists():
                continue
            target = next((one for one in (name, f"{example}-{name}") if _is_free(folder / one, texts.get(one), text)), None)
            if target is None or (name.endswith(RULES) and target != name):
                raise SettingsInvalid(
                    _("{path} exists already, and is another file", path=folder / name), hint=_("nothing was written")
                )
            if not (folder / target).exists():
                texts[target] = text
    return texts


def _is_free(path: Path, planned: bytes | None, text: bytes) -> bool:
    """Whether a file may have this name: nothing else has it, or is to have it."""
    return planned in (None, text) and (not path.exists() or path.read_bytes() == text)
