"""The tests mirror the source; tests/stories holds one file a user story."""
