"""The wire form of SSH, as far as keys and signatures need it: texts of known length one after another, all of it bounded.

Source: RFC 4251 §5 (`string`, `uint32`).
"""

import struct

_LENGTH = struct.Struct(">I")


class Malformed(ValueError):
    """Bytes that are not what they claim to be: too short, too long, or something is left over."""


class WireReader:
    """Reads values off some bytes, from the front; never beyond their end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size_bytes: int) -> bytes:
        """Return the next bytes.

        Raises:
            Malformed: There are not so many.
        """
        taken = self._data[self._at : self._at + size_bytes]
        if len(taken) < size_bytes:
            raise Malformed("ends too early")
        self._at += size_bytes
        return taken

    def uint32(self) -> int:
        """Return the next number; see `take`."""
        (number,) = _LENGTH.unpack(self.take(_LENGTH.size))
        return int(number)

    def string(self) -> bytes:
        """Return the next text, which says its own length; see `take`."""
        return self.take(self.uint32())

    def word(self) -> str:
        """Return the next text where it is a name of the protocol: printable ASCII.

        Raises:
            Malformed: It is not, or the bytes end.
        """
        text = self.string()
        if not (text.isascii() and text.decode("ascii").isprintable()):
            raise Malformed("a name is not ASCII")
        return text.decode("ascii")

    def end(self) -> None:
        """Make sure that nothing is left.

        Raises:
            Malformed: Something is.
        """
        if self._at != len(self._data):
            raise Malformed("something is left over")


def string(text: bytes | str) -> bytes:
    """Return a text as `WireReader.string` reads it."""
    data = text.encode() if isinstance(text, str) else text
    return _LENGTH.pack(len(data)) + data


def uint32(number: int) -> bytes:
    """Return a number as `WireReader.uint32` reads it."""
    return _LENGTH.pack(number)
