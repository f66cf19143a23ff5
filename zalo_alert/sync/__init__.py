"""The OA's own list of followers, got out piece by piece, because Zalo shows ten thousand of a filter and no more."""
