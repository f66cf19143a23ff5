"""The log of who did what, when and why: append-only, each line bound to the one before by its digest."""
