"""CAP 1.2, in which warning systems exchange alerts: documents as values, read from any bytes, checked, written.

Owns what the standard says. Knows no campaign, no run and no clock.
"""
