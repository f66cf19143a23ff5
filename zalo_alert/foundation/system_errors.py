"""Why the system refused something, in a sentence that can be said in another language; the English is the system's own."""

import errno
from collections.abc import Mapping

from zalo_alert.language import _

_WORDS: Mapping[int, str] = {
    errno.ENOENT: _("No such file or directory"),
    errno.EACCES: _("Permission denied"),
    errno.EPERM: _("Operation not permitted"),
    errno.EISDIR: _("Is a directory"),
    errno.ENOTDIR: _("Not a directory"),
    errno.EEXIST: _("File exists"),
    errno.ENOSPC: _("No space left on device"),
    errno.EDQUOT: _("Disk quota exceeded"),
    errno.EROFS: _("Read-only file system"),
    errno.EIO: _("Input/output error"),
    errno.EBUSY: _("Device or resource busy"),
    errno.EMFILE: _("Too many open files"),
    errno.ENAMETOOLONG: _("File name too long"),
    errno.ELOOP: _("Too many levels of symbolic links"),
    errno.ECONNREFUSED: _("Connection refused"),
    errno.EADDRINUSE: _("Address already in use"),
}


def why(exc: OSError) -> str:
    """Return what an error of the system says: without the number and the name of the file, which the caller's sentence has."""
    return _WORDS.get(exc.errno or 0) or exc.strerror or str(exc)
