"""What comes back from Zalo: events through the webhook, kept before anything else is done with them."""
