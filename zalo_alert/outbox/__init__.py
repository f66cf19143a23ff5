"""Answers on their way to people: each is asked for once, posted once, and counted whatever becomes of it."""
