"""Capture: what a file really is, how large, what it looks like, and what is wrong with it."""
