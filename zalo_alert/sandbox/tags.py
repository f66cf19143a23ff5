"""The tags that an OA gives its people. Source: Zalo OA API, "quan-ly" pages (read 2026-11)."""

from zalo_alert.sandbox.wire import ApiRequest, Handler, invalid
from zalo_alert.sandbox.world import Oa, Person, World

BORN_TAGS = ("doanh-nghiep", "thu-nghiem", "thôn", "xã")  # of invented people


class Tags:
    """The tags of all OAs.

    Args:
        world: Whose people.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._tagged: dict[str, dict[str, set[str]]] = {}  # by OA and tag, people; only what was changed
        self._untagged: dict[str, set[tuple[str, str]]] = {}

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Name what is answered here."""
        return {
            ("POST", "/v2.0/oa/tag/tagfollower"): self._tag,
            ("POST", "/v2.0/oa/tag/rmfollowerfromtag"): self._untag,
            ("POST", "/v2.0/oa/tag/rmtag"): self._remove_tag,
            ("GET", "/v2.0/oa/tag/gettagsofoa"): self._all_tags,
        }

    def of(self, oa: Oa, person: Person) -> set[str]:
        """Return a person's tags at an OA."""
        own = {tag for tag in self._world.row(person)["tags"].split(";") if tag}
        gone = self._untagged.get(oa.oa_id, set())
        left = {tag for tag in own if (tag, person.user_id) not in gone and (tag, "") not in gone}
        return left | {tag for tag, users in self._tagged.get(oa.oa_id, {}).items() if person.user_id in users}

    def _tag(self, oa: Oa, asked: ApiRequest) -> None:
        person, tag = self._world.find(oa, asked.get("user_id")), _tag_name(asked)
        self._tagged.setdefault(oa.oa_id, {}).setdefault(tag, set()).add(person.user_id)

    def _untag(self, oa: Oa, asked: ApiRequest) -> None:
        person, tag = self._world.find(oa, asked.get("user_id")), _tag_name(asked)
        if tag not in self.of(oa, person):
            raise invalid("tag_name")
        self._tagged.get(oa.oa_id, {}).get(tag, set()).discard(person.user_id)
        self._untagged.setdefault(oa.oa_id, set()).add((tag, person.user_id))

    def _remove_tag(self, oa: Oa, asked: ApiRequest) -> None:
        tag = _tag_name(asked)
        if tag not in self._all_tags(oa, asked):
            raise invalid("tag_name")
        self._tagged.get(oa.oa_id, {}).pop(tag, None)
        self._untagged.setdefault(oa.oa_id, set()).add((tag, ""))

    def _all_tags(self, oa: Oa, asked: ApiRequest) -> list[str]:
        gone = self._untagged.get(oa.oa_id, set())
        born = [tag for tag in BORN_TAGS if self._world.options.followers and (tag, "") not in gone]
        return [*born, *(tag for tag in self._tagged.get(oa.oa_id, {}) if tag not in born)]


def _tag_name(asked: ApiRequest) -> str:
    tag = asked.get("tag_name")
    if not isinstance(tag, str) or not tag.strip():
        raise invalid("tag_name")
    return tag
