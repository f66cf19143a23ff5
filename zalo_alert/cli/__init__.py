"""The shell: parses the words of a command line, asks `operations`, draws what comes back."""
