"""What holds for every test: Hypothesis draws anew on a developer's machine and repeats itself in CI, and never races a clock."""

from __future__ import annotations

import os

from hypothesis import settings

# Where no screen was asked for, none is needed. `make test-screen` asks for one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# A loaded machine is slow, not wrong.
settings.register_profile("developer", deadline=None)
# A submission must not fail by the luck of the draw; new draws are made where somebody can look at what they find.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")
