"""What a button carries and the person "types" by touching it: the name of something that was offered.

Anybody can type one, so it opens nothing that words would not; what it names may be gone, and then it has expired. Those that
mean a reserved word are in `inbound.reserved_words`.
"""

import re

_SIGN = "ZA_"  # no word of any language begins so, and all of ours do
_GO = re.compile(r"ZA_GO:([a-z0-9-]{1,60}/[a-z0-9-]{1,60})")
MOST_CHARACTERS = 140


def to_rule(rule: str) -> str:
    """Return what a button carries that leads to a rule, by the name it is counted by."""
    return f"ZA_GO:{rule}"


def rule_in(text: str) -> str | None:
    """Return the rule that a button of ours leads to, by the name it is counted by, where that is what somebody typed.

    Returns:
        "" where it is a button of ours that leads nowhere any more; None where no button of ours ever carried it.
    """
    bare = text.strip().removeprefix("#")
    if not bare.startswith(_SIGN) or len(bare) > MOST_CHARACTERS or " " in bare:
        return None
    found = _GO.fullmatch(bare)
    return found[1] if found else ""
