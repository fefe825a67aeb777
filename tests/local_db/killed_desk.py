"""A child process that works on a store and dies at a named step, without a chance to tidy up. Run by ``test_killing``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from local_db.store import open_with_keys
from local_db.store_keys import StoreKeys
from tests.local_db import samples as s


def main(home: str, step: str, occurrence: str) -> None:
    """Work until the given occurrence of ``step``, printing the seq of every acknowledged unit of work."""
    left = int(occurrence)

    def probe(reached: str) -> None:
        nonlocal left
        if reached == step:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    store = open_with_keys(Path(home), StoreKeys.decode(sys.stdin.buffer.read()), probe)
    for number in range(1, 20):
        photo = store.attachments.put(f"photo {number}".encode())
        with store.write() as uow:
            uow.append(s.case_opened(f"C-{number}"), s.document(f"C-{number}", content=f"photo {number}".encode()))
        print(store.position().next_seq - 1, photo, flush=True)  # noqa: T201 - how the parent learns it


if __name__ == "__main__":
    main(*sys.argv[1:])
