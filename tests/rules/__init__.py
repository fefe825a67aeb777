"""Tests of the rules engine, its tools and the sample pack."""
