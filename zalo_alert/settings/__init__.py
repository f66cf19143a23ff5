"""What the operator configured: accounts, limits, hosts; where secrets come from."""
