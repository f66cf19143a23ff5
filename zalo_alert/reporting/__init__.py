"""What became of a run: totals, reasons, every person."""
