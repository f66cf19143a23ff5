"""A morning of scores with an alert in the middle, played in real time and written down: `make evening`."""
