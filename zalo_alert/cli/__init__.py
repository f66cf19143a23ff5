"""The shell: parses, asks `wiring` for objects, calls one core function, shows the result."""
