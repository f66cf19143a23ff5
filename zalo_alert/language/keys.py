"""Keys of sentences that were worded anew: scripts go by the key, so it stays when the English changes.

A message that is not here has the key that `sentences.key_of` makes of it.
"""

from collections.abc import Mapping

KEPT: Mapping[str, str] = {}
