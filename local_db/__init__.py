"""The encrypted local store: log, inbox, projections, key file and attachment files."""
