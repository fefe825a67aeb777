"""One file a schema revision, applied in order."""
