"""Whether this can go out at all: clock, disk, tokens, accounts."""
