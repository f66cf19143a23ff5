"""Backups of a workspace: one encrypted file that holds all of it, read back only where every byte is what was written."""
