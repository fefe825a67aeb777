"""Tests of the claims domain: pure parts first, use cases on real stores elsewhere."""
