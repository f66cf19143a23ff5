"""Telling people what happens to runs: messages, the ways they leave by, and how repeats are folded; knows no run and no Zalo."""
