"""Benchmarks: ratios beside a baseline in the same run, never seconds alone."""
