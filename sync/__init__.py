"""Sync: ``wire`` decides what to send and what an answer means; the carriers move bytes."""
