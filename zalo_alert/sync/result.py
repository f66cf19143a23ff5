"""What a walk has found: as a list for the follower book, and as a judgement of how whole it is."""

from datetime import datetime
from typing import Any, NamedTuple

import orjson

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.files import appearing, create_file
from zalo_alert.sync.pieces import Piece
from zalo_alert.sync.store import DONE, FAILED, FULL, CrawlStore


class Cut(NamedTuple):
    """A piece that Zalo does not show whole: who of it is known, and how many it should hold (None: nobody knows)."""

    piece: str
    known: int
    total: int | None


class Judgement(NamedTuple):
    """How whole a list is.

    Args:
        people: Found.
        total: How many the whole list holds, by its own word.
        cut: What stayed above Zalo's limit.
        failed: What could not be asked for, and why.
        short: How many fewer people some pieces gave than they said; some of them have moved on and stand elsewhere.
        are_days_heeded: Whether Zalo lists by days at all.
    """

    people: int
    total: int | None
    cut: tuple[Cut, ...]
    failed: tuple[tuple[str, str], ...]
    short: int
    are_days_heeded: bool

    @property
    def missing(self) -> int:
        """How many people Zalo counts and does not show."""
        return max(0, (self.total or 0) - self.people)

    @property
    def is_whole(self) -> bool:
        """Whether nobody can be missing, as far as Zalo's word goes."""
        return not (self.cut or self.failed or self.missing) and self.total is not None


def judge_list(store: CrawlStore) -> Judgement:
    """Say how whole the list is."""
    cut, people = [], store.count()
    for status in store.pieces(FULL):
        piece = status.piece
        shown = status.got if piece.tag else people if piece.first is None else store.count(piece.first)
        if status.total is None or shown < status.total:
            cut.append(Cut(str(piece), shown, status.total))
    short = sum(status.total - status.got for status in store.pieces(DONE) if status.total and status.got < status.total)
    failed = tuple((str(status.piece), status.why) for status in store.pieces(FAILED))
    total = next((status.total for status in store.pieces() if status.piece == Piece()), None)
    return Judgement(people, total, tuple(cut), failed, short, store.about()["are_days_heeded"])


def write_list(store: CrawlStore) -> int:
    """Write everyone found as NDJSON, mode 0600, for an import; return how many.

    Tags are written only when every tag was listed whole: of a person's tags in the book, a part would take the others' place.
    """
    begun_at = datetime.fromtimestamp(store.about()["begun_at_s"], VIETNAM).isoformat(timespec="seconds")
    are_tags_whole = not any(status.piece.tag for state in (FULL, FAILED) for status in store.pieces(state))
    written = 0
    with appearing(store.list) as draft, create_file(draft) as file:
        for user_id, since, fields, tags in store.rows():
            row: dict[str, Any] = {"user_id": user_id, "is_follower": True, "updated_at": begun_at}
            if since:
                row["last_interaction_at"] = since
            if are_tags_whole and tags:
                row["tags"] = tags
            file.write(orjson.dumps(row | fields, option=orjson.OPT_APPEND_NEWLINE))
            written += 1
    return written
