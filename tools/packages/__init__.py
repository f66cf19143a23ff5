"""What `make dist` builds into build/dist: a wheel, a single file, a Debian package, and their sums."""
