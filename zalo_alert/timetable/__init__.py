"""What is done by the clock: when, by which timer of the machine, and what came of each time; starts nothing."""
