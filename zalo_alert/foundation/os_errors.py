"""Why the operating system refuses, in words that the catalogue has. Knows no file."""

import errno
import os

from zalo_alert.language import Phrase, _

# What people meet, as POSIX systems word it: named here so that the catalogue translates it.
KNOWN = (
    _("No such file or directory"),
    _("Permission denied"),
    _("Operation not permitted"),
    _("Is a directory"),
    _("Not a directory"),
    _("File exists"),
    _("File name too long"),
    _("No space left on device"),
    _("Disk quota exceeded"),
    _("Read-only file system"),
    _("Input/output error"),
    _("Too many open files"),
    _("Device or resource busy"),
    _("Too many levels of symbolic links"),
    _("Connection refused"),
    _("Network is unreachable"),
    _("Invalid argument"),
)

# What Windows says in the language of its own display, by its number. Source: Win32, System Error Codes.
_OF_WINDOWS = {
    32: _("another program has it open"),
    33: _("another program has locked a part of it"),
    123: _("Windows takes no such name"),
    206: _("File name too long"),
}


def reason(exc: OSError) -> str:
    """Return why, without the file: the system's own words, or ours where they were raised with ours."""
    if number := getattr(exc, "winerror", None):
        return _OF_WINDOWS[number] if number in _OF_WINDOWS else _(os.strerror(exc.errno or 0))
    why = exc.strerror or str(exc)
    return why if isinstance(why, Phrase) else _(why)


# Of a file: whoever looks after the machine can cure it. Of a socket, the first two mean something else.
_OF_A_FILE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG)
_OF_A_DISK = (errno.ENOSPC, errno.EDQUOT)


def is_storage(exc: OSError) -> bool:
    """Tell whether a place can't be written or read, which is a matter of rights and disks and no fault of the program."""
    return exc.errno in _OF_A_DISK or (exc.errno in _OF_A_FILE and exc.filename is not None)
