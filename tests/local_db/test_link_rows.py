"""What is remembered of a line outlives the program, and what a sync left aside is a task."""

from __future__ import annotations

from datetime import UTC, datetime

from claims.errors import Bilingual
from claims.link_records import LinkRecord, SetAsideFile
from tests.local_db.samples import case_opened, document

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def test_a_line_is_remembered_until_it_is_remembered_anew(store):
    with store.read() as reads:
        assert reads.link("headquarters") == LinkRecord()
    first = LinkRecord(failures=2, failed_at=NOON, wait_s=41.5, window=12)
    with store.write() as uow:
        uow.keep_link("headquarters", first)
    with store.read() as reads:
        assert reads.link("headquarters") == first
        assert reads.link("hub") == LinkRecord()
    with store.write() as uow:
        uow.keep_link("headquarters", LinkRecord(window=8))
    with store.read() as reads:
        assert reads.link("headquarters") == LinkRecord(window=8)


def test_a_file_left_aside_is_a_task_of_its_case_until_the_next_sync_took_it(store):
    sha256 = store.attachments.put(b"a photo")
    with store.write() as uow:
        uow.append(case_opened("C-1"), document("C-1", content=b"a photo"))
    words = Bilingual("请重新拍摄。", "Take it again.")
    with store.write() as uow:
        uow.keep_link("headquarters", LinkRecord(set_aside=(SetAsideFile(sha256=sha256, text=words),), ended_at=NOON))
    with store.read() as reads:
        (task,) = [each for each in reads.tasks() if each.kind == "file_set_aside"]
    assert (task.case_no, task.text, task.at) == ("C-1", words, NOON)
    with store.write() as uow:
        uow.keep_link("headquarters", LinkRecord(ended_at=NOON))
    with store.read() as reads:
        assert not reads.tasks()
