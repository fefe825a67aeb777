"""Composition root: settings, wiring, workers and the command line. The only package that may import all others."""
