"""Loads duckdb, which takes no Ctrl-C while it is being loaded: it turns it into an error of its own, or aborts the process."""

from zalo_alert.foundation.interrupts import held

with held():
    import duckdb as duckdb
