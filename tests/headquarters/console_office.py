"""The people of the console's tests, all invented."""

from __future__ import annotations

from argon2 import PasswordHasher

PASSWORD = "清溪河边的第七棵老树下"
VIEWER, EXAMINER, SUPERVISOR = "0101", "0202", "0303"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The same function at a cost that tests can pay."""
