"""A frozen run on its way: dispatcher, channels, breaker, canary, broadcast, how it ended."""
