"""Tests of the encrypted local store, on real encrypted files."""
