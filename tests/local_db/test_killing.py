"""kill -9 at every step of a unit of work: what was acknowledged is there after a restart, the rest left no trace."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys

import pytest

from local_db.key_file import unlock_keys
from tests.local_db import samples as s
from tests.local_db.office import Laptop


@pytest.mark.parametrize("occurrence", [1, 3])
@pytest.mark.parametrize(
    ("step", "survives"), [("attachment_durable", False), ("before_commit", False), ("after_commit", True)]
)
def test_a_killed_desk_starts_again(laptop: Laptop, step: str, survives: bool, occurrence: int) -> None:
    laptop.create().close()
    keys = unlock_keys(laptop.home, laptop.unlock(), laptop.clock)
    child = subprocess.run(
        [sys.executable, "-m", "tests.local_db.killed_desk", str(laptop.home), step, str(occurrence)],
        input=keys.encode(),
        capture_output=True,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    acknowledged = [line.split() for line in child.stdout.decode().splitlines()]
    assert len(acknowledged) == occurrence - 1
    assert (laptop.home / "store.db-wal").stat().st_size > 0 or occurrence == 1
    with laptop.open() as store:
        there = occurrence if survives else occurrence - 1
        assert store.position().next_seq == 2 * there + 1
        for seq, sha256 in acknowledged:
            assert store.digest_at(int(seq)) is not None
            assert hashlib.sha256(store.attachments.get(sha256)).hexdigest() == sha256
        # Every file that an event names is there; one that no event names yet does no harm.
        for ref in store.attachments_waiting():
            assert ref.sha256 in store.attachments
        assert store.rebuild().identical
        with store.write() as uow:
            uow.append(s.case_opened("after"))
        with store.read() as reads:
            assert [case.case_no for case in reads.cases()] == ["after", *(f"C-{n}" for n in range(there, 0, -1))]
