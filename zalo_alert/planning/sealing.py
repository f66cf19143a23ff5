"""The digest of a run that is being frozen, over all that it is made of, with those of its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from zalo_alert.foundation.digests import digest_of_json
from zalo_alert.models import Digest
from zalo_alert.runs import seal
from zalo_alert.runs.facts import RunFacts, RunPlace, facts_part, written_facts

if TYPE_CHECKING:
    from zalo_alert.runs.shards import Shard


def seal_facts(
    facts: RunFacts, places: Sequence[RunPlace], frozen_shards: "Sequence[Shard]", around: Mapping[str, Digest]
) -> RunFacts:
    """Add one digest over all that a run is made of, and those of its parts.

    Args:
        facts: Without a digest.
        places: By their numbers.
        frozen_shards: The people.
        around: The parts that are of the workspace; see `Settings.around`.
    """
    parts = {
        "campaign": facts.campaign_digest,
        "audience": digest_of_json([(shard.file, shard.first, shard.people, shard.digest) for shard in frozen_shards]),
        "places": digest_of_json([list(place) for place in places]),
        "files": digest_of_json(facts.files),
        "facts": facts_part(written_facts(facts)),
        **around,
    }
    return replace(facts, digest=seal.combine(parts), parts=tuple(parts.items()))
