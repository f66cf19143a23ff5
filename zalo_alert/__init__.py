"""Nobody missed, nobody flooded: disaster alerts over Zalo Official Accounts."""
