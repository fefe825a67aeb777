"""Tests of ``sync``: the pure cycle, what an answer is worth, the HTTP carrier and the driver against a headquarters that behaves."""
