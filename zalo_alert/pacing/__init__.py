"""How fast, and for whom: windows, shares between processes, quotas, concurrency, what slows a run."""
