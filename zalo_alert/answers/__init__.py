"""Automatic answers: rule files, what is checked before they speak, and what a text is answered with."""
