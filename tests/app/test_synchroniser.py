"""A sync on a disk that takes nothing more, on real parts: the real store, a real headquarters."""

from __future__ import annotations

from pathlib import Path

from tests.desk.station import ready_case
from tests.views.line import line_to


def test_a_disk_that_takes_nothing_more_ends_a_sync_in_its_report(tmp_path: Path) -> None:
    """Raised, it would end the hub's program: only what it is to say belongs to the caller."""
    with line_to(tmp_path / "office") as line:
        desk = line.desk()
        try:
            desk.sync()
            ready_case(desk)
            desk._ports.store._engine.execute("PRAGMA query_only=ON")  # type: ignore[attr-defined]  # the real store's own connection
            report = desk.sync()
            assert report.problem is not None
            assert report.problem.code.startswith("store_")
            desk._ports.store._engine.execute("PRAGMA query_only=OFF")  # type: ignore[attr-defined]  # as above
            assert desk.sync().problem is None
        finally:
            desk.close()
