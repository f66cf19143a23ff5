"""The first lines of the single file: unpack it once, then become the Python of what was unpacked.

What is unpacked is a virtual environment, so a process started by a process finds the same modules, also with `-I`. It gets its
name when all of it is on the disk: a power cut, a full disk or two first starts at once leave nothing half-done.

Runs under whatever the machine calls python3, also one too old for the rest: no newer syntax than 3.6, and the standard library.
"""

import fcntl
import json
import os
import platform
import shutil
import sys
import zipfile

FACTS = "built.json"
PACKAGES = "site-packages/"
IMPOSSIBLE, STORAGE = 2, 13  # the program's own exit codes; docs/json.md
UNPACKED_BYTES = 450_000_000

WRONG_PYTHON = (
    "this file is for Python {wanted} on {platform}, and here is Python {found} on {here}: start it with python{wanted}, or take "
    "the wheel, which goes with every Python from 3.11 on",
    "tệp này dành cho Python {wanted} trên {platform}, còn ở đây là Python {found} trên {here}: hãy chạy bằng python{wanted}, "
    "hoặc dùng tệp wheel, chạy được với mọi Python từ 3.11",
)
OLD_LIBC = (
    "this file needs glibc {wanted} or newer, and here is {found}: take the wheel",
    "tệp này cần glibc {wanted} trở lên, còn ở đây là {found}: hãy dùng tệp wheel",
)
NO_FOLDER = (
    "the program unpacks itself once, into {folder}, and can't: {why}. Name a folder with 450 MB free that this account may "
    "write: SHIV_ROOT=/srv/zalo-alert zalo-alert …",
    "chương trình tự giải nén một lần vào {folder}, nhưng không được: {why}. Hãy chỉ một thư mục còn 450 MB mà tài khoản này "
    "ghi được: SHIV_ROOT=/srv/zalo-alert zalo-alert …",
)
OTHERS_CAN_WRITE = (
    "{folder} belongs to somebody else, or others may write it: what they put there would run in your name. Name another: "
    "SHIV_ROOT=/srv/zalo-alert zalo-alert …",
    "{folder} là của người khác, hoặc người khác ghi được: thứ họ đặt vào đó sẽ chạy dưới tên bạn. Hãy chỉ thư mục khác: "
    "SHIV_ROOT=/srv/zalo-alert zalo-alert …",
)
NO_PROGRAMS = (
    "{folder} lies where no program may run (noexec). Name another: SHIV_ROOT=/srv/zalo-alert zalo-alert …",
    "{folder} nằm ở nơi không được chạy chương trình (noexec). Hãy chỉ thư mục khác: SHIV_ROOT=/srv/zalo-alert zalo-alert …",
)
BROKEN = (
    "{file} is damaged ({why}): compare it with SHA256SUMS, and fetch it again",
    "{file} bị hỏng ({why}): hãy đối chiếu với SHA256SUMS rồi tải lại",
)


def main() -> None:
    """Become the program."""
    file = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - a path within the archive
    with zipfile.ZipFile(file) as archive:
        facts = json.loads(archive.read(FACTS).decode())
        check_python(facts, file)
        folder = choose_folder(facts)
        if not os.path.isdir(folder):  # noqa: PTH112
            unpack(archive, folder, file)
    check_folder(folder)
    python = link_python(folder)
    os.execv(python, [python, "-I", "-m", "zalo_alert", *sys.argv[1:]])


def check_python(facts: dict, file: str) -> None:  # type: ignore[type-arg]
    """End where the compiled modules can't be loaded; go on with the right Python where there is one."""
    here = f"{sys.platform}-{platform.machine()}"
    if sys.version_info[:2] != tuple(facts["python"]) or here != facts["platform"]:
        wanted, found = (".".join(map(str, version)) for version in (facts["python"], sys.version_info[:2]))
        other = shutil.which(f"python{wanted}") if here == facts["platform"] else None
        if other and sys.version_info[:2] != tuple(facts["python"]):
            os.execv(other, [other, "-I", file, *sys.argv[1:]])
        refuse(IMPOSSIBLE, WRONG_PYTHON, wanted=wanted, platform=facts["platform"], found=found, here=here)
    name, version = platform.libc_ver()
    if facts["libc"] and (name != "glibc" or as_numbers(version) < as_numbers(facts["libc"])):
        refuse(IMPOSSIBLE, OLD_LIBC, wanted=facts["libc"], found=f"{name} {version}".strip() or "musl")


def as_numbers(version: str) -> tuple:  # type: ignore[type-arg]
    """Return the numbers of a version, to compare: "2.28" is (2, 28)."""
    return tuple(int(part) for part in version.split(".")[:2])


def choose_folder(facts: dict) -> str:  # type: ignore[type-arg]
    """Return where this build is unpacked: below SHIV_ROOT, else below the account's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    root = os.environ.get("SHIV_ROOT") or f"{cache}/zalo-alert"
    return os.path.join(os.path.abspath(os.path.expanduser(root)), facts["build"])  # noqa: PTH100, PTH111, PTH118


def unpack(archive: zipfile.ZipFile, folder: str, file: str) -> None:
    """Unpack into a folder beside, and give it its name when all of it is on the disk."""
    root, draft = os.path.dirname(folder), f"{folder}.draft"  # noqa: PTH120
    try:
        os.makedirs(root, mode=0o700, exist_ok=True)  # noqa: PTH103
        check_folder(root)
        with open(f"{root}/.lock", "w", encoding="utf-8") as lock:  # noqa: PTH123
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.isdir(folder):  # noqa: PTH112 - another first start may have been at it
                fill(archive, draft)
                os.rename(draft, folder)  # noqa: PTH104
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        refuse(STORAGE, BROKEN, file=file, why=error)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        refuse(STORAGE, NO_FOLDER, folder=root, why=error.strerror or error)


def fill(archive: zipfile.ZipFile, draft: str) -> None:
    """Write everything of the archive below a folder, as a virtual environment has it."""
    shutil.rmtree(draft, ignore_errors=True)
    os.makedirs(f"{draft}/bin", mode=0o700)  # noqa: PTH103
    if shutil.disk_usage(draft).free < UNPACKED_BYTES:
        raise OSError(28, os.strerror(28))
    if sys.stderr is not None and sys.stderr.isatty():
        print("zalo-alert: unpacking, once … / đang giải nén, chỉ một lần …", file=sys.stderr)
    for entry in archive.infolist():
        if entry.filename.startswith(PACKAGES):
            path = archive.extract(entry, draft)
            os.chmod(path, (entry.external_attr >> 16) & 0o755 | 0o600)  # noqa: PTH101
    where = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}"
    os.makedirs(f"{draft}/{where}")  # noqa: PTH103
    os.symlink("../../site-packages", f"{draft}/{where}/site-packages")  # noqa: PTH211
    os.symlink("site-packages/share", f"{draft}/share")  # noqa: PTH211
    os.sync()


def check_folder(folder: str) -> None:
    """End where somebody else could have others' modules run, or none can."""
    status = os.stat(folder)  # noqa: PTH116
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
        refuse(STORAGE, OTHERS_CAN_WRITE, folder=folder)
    if os.statvfs(folder).f_flag & os.ST_NOEXEC:
        refuse(STORAGE, NO_PROGRAMS, folder=folder)


def link_python(folder: str) -> str:
    """Return the Python of the folder; another machine's, or one that has moved, is linked anew."""
    python, program = f"{folder}/bin/python", os.path.realpath(sys.executable)
    if not (os.path.islink(python) and os.readlink(python) == program):  # noqa: PTH114, PTH115
        try:
            with open(f"{folder}/pyvenv.cfg.new", "w", encoding="utf-8") as config:  # noqa: PTH123
                config.write(f"home = {os.path.dirname(program)}\ninclude-system-site-packages = false\n")  # noqa: PTH120
            os.replace(f"{folder}/pyvenv.cfg.new", f"{folder}/pyvenv.cfg")  # noqa: PTH105
            new = f"{python}.{os.getpid()}"
            os.symlink(program, new)  # noqa: PTH211
            os.replace(new, python)  # noqa: PTH105
        except OSError as error:
            refuse(STORAGE, NO_FOLDER, folder=folder, why=error.strerror or error)
    return python


def refuse(code: int, sentences: tuple, **fields: object) -> None:  # type: ignore[type-arg]
    """End with a sentence in each language: the catalogues are still packed."""
    for sentence in sentences:
        print(f"zalo-alert: {sentence.format(**fields)}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
