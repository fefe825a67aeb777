"""Benchmarks: each prints a table with ratios against a named baseline measured in the same run."""
