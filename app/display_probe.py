"""Asks a display server whether it answers, as the toolkit will; the toolkit itself would end the program.

Promise: an answer within five seconds; nothing is shown.
"""

from __future__ import annotations

import ctypes
import queue
import socket
import threading
from collections.abc import Mapping
from pathlib import Path

_X_LIBRARY = "libxcb.so.1"
_TIMEOUT_S = 5.0


def x_answers(display: str) -> bool:
    """Connect as the toolkit will, cookies and all. A server that takes longer than five seconds counts as silent."""
    answers: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def connect() -> None:
        try:
            xcb = ctypes.CDLL(_X_LIBRARY)
        except OSError:
            answers.put(True)  # another build of the toolkit than ours; let it try
            return
        xcb.xcb_connect.restype = ctypes.c_void_p
        xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
        xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
        xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
        connection = xcb.xcb_connect(display.encode(), None)
        answers.put(xcb.xcb_connection_has_error(connection) == 0)
        xcb.xcb_disconnect(connection)

    threading.Thread(target=connect, name="display", daemon=True).start()
    try:
        return answers.get(timeout=_TIMEOUT_S)
    except queue.Empty:
        return False


def wayland_answers(name: str, environment: Mapping[str, str]) -> bool:
    """Connect to the socket of a Wayland server; ``environment`` says where it lies."""
    path = Path(environment.get("XDG_RUNTIME_DIR", "")) / name  # an absolute name stays as it is
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_TIMEOUT_S)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
