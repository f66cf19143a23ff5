"""The wire: what Zalo's codes mean, tokens, control calls, and the message post."""
