"""``outpost-hq`` on a leash: it stops by itself when the program that started it is gone, however that one ended.

Promise: the other end of standard input is held by the starter; when it closes (also by SIGKILL or a crash), headquarters gets
the signal that lets running requests finish.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading

from headquarters.__main__ import main


def _end_with_starter() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    if os.name == "posix":
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        # There SIGTERM would end the process at once; this runs the handler that the service set.
        _thread.interrupt_main(signal.SIGINT)


if __name__ == "__main__":
    threading.Thread(target=_end_with_starter, name="leash", daemon=True).start()
    sys.exit(main())
