"""Cases: what a person wants of an officer, from the first word to the last, with the days by which it is due."""
