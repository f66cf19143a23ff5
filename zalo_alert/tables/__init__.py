"""Tables that people look things up in by two facts: built from lists, kept as read-only generations.

Knows no message and no rule: what a person types, and how often they may ask, is `answers.lookup`'s.
"""
