"""What holds for every test: Hypothesis draws anew on a developer's machine and repeats itself in CI, and never races a clock.

Garbage is collected between two tests, on the main thread, and what a file of tests leaves alive is then left out of it: walking through
everything at each file's end took a second in ten. Left alone, Python's collector runs in whichever thread allocates: a
server's thread of a later test would destroy the timers of an earlier test's widgets, which Qt cannot take from its list there, and
the next turn of the event loop ends in a segmentation fault. The program itself has ``views.collector`` for this.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Where no screen was asked for, none is needed. `make test-screen` asks for one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# A loaded machine is slow, not wrong.
settings.register_profile("developer", deadline=None)
# A submission must not fail by the luck of the draw; new draws are made where somebody can look at what they find.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


def pytest_collection_finish() -> None:
    """Turn the automatic collector off for the whole run, and let it never walk through what was loaded for it."""
    gc.disable()
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Collect what a test left behind once its fixtures are gone; after a module's last test also what lived as long as the module."""
    outcome = yield
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()
    else:
        gc.collect(1)
    return outcome
