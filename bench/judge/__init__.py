"""A judge of the door, apart from the product: signs events, posts them, kills, and counts. The standard library alone."""
