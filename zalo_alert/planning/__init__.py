"""Whom a campaign is for, by which route, until when; and freezing that into a run."""
