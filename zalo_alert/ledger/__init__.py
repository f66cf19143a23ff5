"""The ledger: what happened to every person of a run. Claim before the send, settle after it; both durable."""
