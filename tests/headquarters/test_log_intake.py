"""Receiving a log: durable, contiguous, repeatable, and unforgiving about forks and forgeries."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from claims.statements import LogReceipted
from headquarters.database import SQLITE
from headquarters.devices import revoke
from headquarters.installation import Headquarters
from headquarters.log_intake import receive_log
from headquarters.models import Device, LogCommit, LogEvent, LogFork
from headquarters.refusals import DeviceStopped
from sync.wire.messages import PROTOCOL, Hello
from trust.commits import seal


def watermark(hq: Headquarters) -> int:
    with hq.database.read() as session:
        return session.scalars(select(Device.watermark_seq)).one()


def test_a_receipt_names_the_watermark_and_the_chain_hash(hq, make_laptop):
    laptop = make_laptop()
    laptop.commit(laptop.open_case())
    last = laptop.commit(laptop.open_case(), laptop.open_case())
    receipt = laptop.send_log()
    assert (receipt.watermark_seq, receipt.digest, receipt.rejected_seqs) == (3, last.hash.hex(), ())


def test_commits_are_stored_exactly_as_sent(hq, make_laptop):
    laptop = make_laptop()
    sent = [laptop.commit(laptop.open_case(description=text)).raw for text in ("甲", "乙")]
    laptop.send_log()
    with hq.database.read() as session:
        assert list(session.scalars(select(LogCommit.raw).order_by(LogCommit.first_seq))) == sent


def test_the_same_batch_twice_changes_nothing(hq, make_laptop):
    laptop = make_laptop()
    laptop.commit(laptop.open_case())
    first = laptop.send_log()
    second = laptop.send_log()
    assert second == first
    with hq.database.read() as session:
        assert session.scalar(select(func.count()).select_from(LogEvent)) == 1


def test_a_commit_twice_in_one_batch_is_stored_once(hq, make_laptop):
    laptop = make_laptop()
    laptop.commit(laptop.open_case())
    raw = laptop.commits[-1].raw
    assert laptop.post_log(raw, raw).status_code == 200
    with hq.database.read() as session:
        assert session.scalar(select(func.count()).select_from(LogEvent)) == 1


def test_a_fork_within_a_batch_keeps_what_came_before_it(hq, make_laptop):
    laptop = make_laptop()
    laptop.commit(laptop.open_case())
    before = laptop.head
    laptop.commit(laptop.open_case())
    clone = seal(laptop.key, before, [b'{"type":"case_state_changed@1"}'])
    response = laptop.post_log(*(each.raw for each in laptop.commits), clone.raw)
    assert (response.status_code, response.json()["code"]) == (409, "device_frozen")
    with hq.database.read() as session:
        assert session.scalars(select(LogFork.raw)).one() == clone.raw
        assert session.scalar(select(func.count()).select_from(LogEvent)) == 2
    assert watermark(hq) == 2


def test_an_empty_batch_asks_for_the_receipt_again(make_laptop):
    laptop = make_laptop()
    laptop.commit(laptop.open_case())
    sent = laptop.send_log()
    assert laptop.opened(laptop.post_log(), LogReceipted) == sent


def test_a_gap_leaves_the_watermark_where_it_is(hq, make_laptop):
    laptop = make_laptop()
    first, _, third = (laptop.commit(laptop.open_case()) for _ in range(3))
    assert laptop.send_log(first.raw, third.raw).watermark_seq == 1
    assert laptop.send_log(third.raw).watermark_seq == 1
    assert laptop.send_log().watermark_seq == 3


def test_a_reordered_batch_is_taken_as_far_as_it_follows(make_laptop):
    laptop = make_laptop()
    first, second = laptop.commit(laptop.open_case()), laptop.commit(laptop.open_case())
    assert laptop.send_log(second.raw, first.raw).watermark_seq == 1
    assert laptop.send_log(second.raw).watermark_seq == 2


def test_a_forged_commit_is_refused_and_nothing_of_its_batch_is_stored(hq, make_laptop):
    laptop = make_laptop()
    good, bad = laptop.commit(laptop.open_case()), laptop.commit(laptop.open_case())
    forged = bytearray(bad.raw)
    forged[-1] ^= 1
    response = laptop.post_log(good.raw, bytes(forged))
    assert response.status_code == 422
    assert response.json()["code"] == "commit_forged"
    assert watermark(hq) == 0
    assert laptop.send_log().watermark_seq == 2


def test_a_forged_commit_under_a_taken_number_does_not_freeze_the_device(hq, make_laptop):
    laptop = make_laptop()
    held = laptop.commit(laptop.open_case())
    laptop.send_log()
    forged = bytearray(held.raw)
    forged[-1] ^= 1
    assert laptop.post_log(bytes(forged)).status_code == 422
    assert not laptop.hello().revoked


def test_another_devices_commit_is_refused(make_laptop):
    laptop, other = make_laptop("D3"), make_laptop("D4")
    foreign = other.commit(other.open_case())
    response = laptop.post_log(foreign.raw)
    assert (response.status_code, response.json()["code"]) == (422, "commit_foreign")


def test_a_fork_freezes_the_device_and_keeps_the_evidence(hq, make_laptop):
    laptop = make_laptop()
    laptop.commit(laptop.open_case())
    before = laptop.head
    laptop.commit(laptop.open_case())
    laptop.send_log()
    clone = seal(laptop.key, before, [b'{"type":"case_state_changed@1"}'])
    response = laptop.post_log(clone.raw)
    assert (response.status_code, response.json()["code"]) == (409, "device_frozen")
    with hq.database.read() as session:
        assert session.scalars(select(LogFork.raw)).one() == clone.raw
    assert watermark(hq) == 2
    assert laptop.hello().revoked
    assert laptop.post_log().status_code == 409


def test_a_hello_whose_head_contradicts_the_log_freezes_the_device(hq, make_laptop):
    laptop = make_laptop()
    before = laptop.head
    laptop.commit(laptop.open_case())
    laptop.send_log()
    laptop.head = replace(before, first_seq=2, prev_hash=b"\1" * 32)
    assert laptop.hello().revoked


def test_an_old_hello_sent_again_does_no_harm(make_laptop):
    laptop = make_laptop()
    laptop.commit(laptop.open_case())
    middle = laptop.head
    laptop.commit(laptop.open_case())
    laptop.send_log()
    laptop.head = middle
    answered = laptop.hello()
    assert not answered.revoked
    assert answered.watermark_seq == 2


def test_an_event_that_cannot_be_read_is_kept_rejected_and_blocks_nothing(hq, make_laptop):
    laptop = make_laptop()
    bodies = [b"\xff not json", b'{"type":"from_the_future@9","at":"2026-03-01T00:00:00Z"}']
    laptop.commit(*bodies)
    laptop.commit(laptop.open_case())
    receipt = laptop.send_log()
    assert (receipt.watermark_seq, receipt.rejected_seqs) == (3, (1, 2))
    with hq.database.read() as session:
        rows = session.scalars(select(LogEvent).order_by(LogEvent.seq)).all()
        assert [row.body for row in rows[:2]] == bodies
        assert [row.state for row in rows] == ["rejected", "rejected", "processed"]
    assert [each.owner for each in laptop.tasks()] == ["0417", "0417"]


def test_a_rejection_is_repeated_in_later_receipts(make_laptop):
    laptop = make_laptop()
    laptop.commit(b"{}")
    laptop.send_log()
    laptop.commit(laptop.open_case())
    assert laptop.send_log().rejected_seqs == (1,)


def test_a_case_number_of_another_device_is_rejected_with_a_task(make_laptop):
    laptop = make_laptop()
    laptop.commit(laptop.open_case(case_no="QX07-D30-000001-64"))
    assert laptop.send_log().rejected_seqs == (1,)
    (task,) = laptop.tasks()
    assert "QX07-D30-000001-64" in task.text.zh
    assert task.owner == "0417", "its adjuster's: nobody else can record a correction in this log"


def test_a_receipt_is_signed_by_the_service(make_laptop):
    laptop = make_laptop()
    laptop.commit(laptop.open_case())
    response = laptop.post_log(*(each.raw for each in laptop.commits))
    assert laptop.opened(response, LogReceipted).watermark_seq == 1


def test_no_receipt_without_a_commit_and_the_same_batch_goes_through_later(hq, make_laptop):
    if hq.database.engine_name != SQLITE:
        pytest.skip("only SQLite lets a test fill its disk")
    laptop = make_laptop()
    for _ in range(3):
        laptop.commit(laptop.open_case(description="长" * 200_000))

    def limit_pages(pages: int) -> None:
        hq.database.engine.dispose()
        with hq.database.engine.connect() as connection:
            connection.connection.driver_connection.execute(f"PRAGMA max_page_count={pages}")

    with hq.database.engine.connect() as connection:
        pages = connection.connection.driver_connection.execute("PRAGMA page_count").fetchone()[0]
    limit_pages(pages + 50)
    response = laptop.post_log(*(each.raw for each in laptop.commits))
    assert (response.status_code, response.json()["code"]) == (503, "hq_busy")
    assert response.headers["retry-after"]
    assert watermark(hq) == 0
    limit_pages(1_000_000)
    assert laptop.send_log().watermark_seq == 3


@pytest.mark.parametrize("position", [0, -1, -(2**40)])
def test_a_hello_from_nowhere_is_refused_and_freezes_nothing(make_laptop, position):
    laptop = make_laptop()
    head = laptop.head
    laptop.head = replace(head, first_seq=position)
    question = Hello(
        protocol=PROTOCOL,
        device="D3",
        epoch=1,
        next_seq=position,
        head="",
        watermark_seq=0,
        feed_position=0,
        nonce="n",
    )
    assert laptop.ask("/v1/hello", question).status_code == 400
    laptop.head = head
    assert not laptop.hello().revoked


def test_a_device_stopped_between_the_door_and_the_transaction_stores_nothing(hq, make_laptop):
    laptop = make_laptop()
    commit = laptop.commit(laptop.open_case())
    revoke(hq, "D3")
    with pytest.raises(DeviceStopped):
        receive_log(hq, "D3", 1, [commit.raw])
    assert watermark(hq) == 0
