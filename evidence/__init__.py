"""Capture: what a file really is, how large, what it looks like, and what is wrong with it."""

from evidence.examination import ExaminedFile, FileExaminer, examine

__all__ = ["ExaminedFile", "FileExaminer", "examine"]
