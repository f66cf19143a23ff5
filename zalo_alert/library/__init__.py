"""The library of templates: what an alert of each hazard says at each stage and level, and an office's own beside it.

Owns the form of its files, their composition and the search by name; knows nothing of areas, runs or answers to its questions.
"""
