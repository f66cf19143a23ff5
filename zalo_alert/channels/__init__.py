"""Ways to hand one message over: one recipient in, one outcome out."""
