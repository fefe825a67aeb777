"""A guard against a fault of PySide6 6.12: its wheels give one reference to ``None`` away with every call that returns nothing.

From Python 3.12 on ``None`` is immortal and nothing happens. On 3.11 the count reaches zero after some ten thousand calls (a few
minutes of work) and the interpreter aborts (``none_dealloc: deallocating None``); so the count is raised once, far beyond what any
session can use up. To be removed when PySide6 is mended or 3.11 is no longer supported.

Source: docs/adr/0102; ``tests/views/test_none_guard.py`` shows the fault and that it does no harm.
"""

from __future__ import annotations

import sys

_SPARE = 1 << 40
"""At a million calls a second this lasts twelve days."""


def keep_none_alive() -> None:
    """Raise the reference counts of ``None``, ``True`` and ``False`` where they are counted at all."""
    if sys.version_info < (3, 12):
        # Loaded here: newer interpreters start without it.
        import ctypes  # noqa: PLC0415

        # An object begins with its reference count. ``Signal.emit`` gives one to ``True`` away in the same manner.
        for lasting in (None, True, False):
            count = ctypes.c_ssize_t.from_address(id(lasting))
            if count.value < _SPARE // 2:
                count.value += _SPARE
