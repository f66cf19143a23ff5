"""When Zalo is down: an alert as a script for the loudspeaker, as short messages, for the press, and as a list on paper."""
