"""A campaign file: its form, its rules, its values, its text, what it encloses, when it may be sent."""
