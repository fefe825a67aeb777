"""The policy extract: reference data in an encrypted file of its own, swapped atomically and searched read-only."""
