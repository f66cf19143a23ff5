"""Keys of sentences that were worded anew: scripts go by the key, so it stays when the English changes.

A message that is not here has the key that `sentences.key_of` makes of it.
"""

from collections.abc import Mapping

KEPT: Mapping[str, str] = {
    "no font on this machine has Vietnamese letters: boxes would stand in their place": (
        "no-font-on-this-machine-has-vietnamese-letters-a-pdf-would"
    ),
    ".{part} is not allowed: only {parts}, of {instants}": "is-not-allowed-only-gio-and-ngay-of",
    "the sender of {run} has not ended yet; it has been asked to stop": "the-sender-of-has-not-ended-yet-it-is-stopped-and-not",
    "not to be written to, or had messages enough": "not-to-be-written-to-any-more",
    "columns are {columns}, and oa.NAME for what else answers say of an office": "columns-are",
    "separate areas and tags by semicolons, and put a text with a comma in quotes": "separate-areas-by-semicolons",
    (
        "this machine's zone is {zone} ({offset}): zalo-alert reckons and speaks in Vietnam's time (+07:00) all the same, "
        "but cron, timers and other programs' logs do not"
    ): "this-machine-s-zone-is-which-cron-goes-by-zalo-alert-itself",
    "nobody uses them any more; {retention} removes them when they are a day old": "remove-them-nobody-uses-them-any-more",
    "no way is configured to tell those who may approve (`notify`)": "no-program-is-configured-that-tells-those-who-may-approve",
}
