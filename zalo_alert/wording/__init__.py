"""Wording: what is read, looked at by rules that know how warnings go wrong: no place, no time, a wrong day, a strange letter."""
