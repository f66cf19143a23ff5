"""Clock, database, files, YAML with positions, digests, formatting: knows no alert, no campaign, no command."""
