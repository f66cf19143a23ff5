"""A transport of memory, for what speaks HTTP without a socket."""


class Wire:
    """A transport that keeps what is written."""

    def __init__(self, peer: str = "127.0.0.1") -> None:
        self.peer = peer
        self.written, self.end, self.is_reading, self.has_eof = b"", "", True, False

    def write(self, data: bytes) -> None:
        assert not self.end, "written after its end"
        self.written += data

    def write_eof(self) -> None:
        self.has_eof = True

    def can_write_eof(self) -> bool:
        return True

    def close(self) -> None:
        self.end = self.end or "closed"

    def abort(self) -> None:
        self.end = "aborted"

    def is_closing(self) -> bool:
        return bool(self.end)

    def pause_reading(self) -> None:
        self.is_reading = False

    def resume_reading(self) -> None:
        self.is_reading = True

    def get_extra_info(self, name: str) -> object:
        return (self.peer, 1) if name == "peername" else None
