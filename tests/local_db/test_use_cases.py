"""Whole use cases on a real encrypted store: what is appended is read back, survives reopening, and is acknowledged rightly."""

# ruff: noqa: PT012 - the error is expected somewhere in a whole unit of work

from __future__ import annotations

import pytest

from claims.allowances import Allowance
from claims.errors import BugError, EnvironmentProblem, InputError
from claims.events import (
    AllowanceClosed,
    AnyEvent,
    NumberSpoiled,
    Outcome,
    PaperHandedOver,
    PaperKind,
    PaperSigned,
    VoucherVoided,
)
from claims.ports import Outbox, Reads, Store, UnitOfWork
from claims.records import Acknowledgement, PaperState
from claims.statements import AttachmentsHeld, DeviceRevoked, TaskAssigned
from local_db.store import LocalStore
from rules.engine.model import Bilingual
from tests.local_db import samples as s
from tests.local_db.office import DEVICE, EPOCH, Headquarters, Laptop
from trust.certificates import TrustStore, genesis_hash
from trust.commits import open_commit


def issue(store: LocalStore, hq: Headquarters) -> None:
    with store.write() as uow:
        for statement in (s.grant(), s.block(), s.block("slip", f"{s.PREFIX}-S"), s.authority()):
            assert uow.receive(hq.sign(statement))
    with store.write() as uow:
        uow.append(s.case_opened(), s.state_changed(), s.document(), s.facts(), s.determination())
    with store.write() as uow:
        uow.append(s.voucher(debits=(s.debit(),)))


def test_the_store_is_what_the_ports_ask_for(store: LocalStore) -> None:
    as_store: Store = store
    as_outbox: Outbox = store
    with as_store.write() as uow:
        as_uow: UnitOfWork = uow
        as_reads: Reads = uow
        assert as_uow.position() == as_reads.position() == as_outbox.position()


def test_a_case_is_read_back_as_it_was_recorded(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    with store.read() as reads:
        case = reads.case("C-1")
        assert (case.state, case.insured.name, case.policy_nos) == ("accepted", s.NAME, ("P-C-1",))
        assert (case.outcome, case.payable_fen, case.ack) == (Outcome.PRE_APPROVED, s.AMOUNT_FEN, Acknowledgement.DISK)
        assert (case.opened_at, case.last_seq) == (s.at(), 6)
        assert reads.facts("C-1", "P-C-1") == b'{"sum_insured": 1 , "spaced":true}'
        (decided,) = reads.determinations("C-1")
        assert decided.decision == bytes(s.determination().decision)
        (document,) = reads.documents("C-1")
        assert document.filename == "病历.jpg"
        assert not document.held_by_hq
        paper = reads.paper(s.number(1))
        assert (paper.kind, paper.state, paper.cose, paper.seq) == (
            PaperKind.VOUCHER,
            PaperState.ASKED,
            b"\xd2\x84signed",
            6,
        )
        assert (paper.amount_fen, paper.authority_id) == (s.AMOUNT_FEN, "AU-1")
        assert reads.papers("C-1") == reads.papers() == [paper]
        assert reads.number_blocks("voucher")[0].used_to == 1
        assert reads.number_blocks("slip")[0].used_to == 0
        book = reads.allowance_book()
        assert (book.device, book.epoch, book.promised_keys) == (DEVICE, EPOCH, frozenset({"key-1"}))
        assert [(one.spent_fen, one.counter, one.left_fen) for one in book.allowances] == [
            (s.AMOUNT_FEN, 1, s.AMOUNT_FEN)
        ]
        assert isinstance(book.allowances[0], Allowance)
        assert reads.promised_fen("policy/P-1/main") == s.AMOUNT_FEN
        assert reads.promised_fen("policy/P-1/other") == 0
        assert [one.ceiling_fen for one in reads.authorities()] == [30_000_000]


def test_everything_is_there_after_reopening(laptop: Laptop, hq: Headquarters) -> None:
    with laptop.create() as store:
        issue(store, hq)
        before, position, head = store.projection_dump(), store.position(), store.commits_after(0, 10**6)
        digest = store.digest_at(6)
    with laptop.open() as store:
        assert store.projection_dump() == before
        assert store.position() == position
        assert store.commits_after(0, 10**6) == head
        assert (store.digest_at(6), store.digest_at(3)) == (digest, None)
        assert store.identity == hq.identity
        assert store.signer.public_key == hq.device_key.public_key


def test_the_log_is_a_chain_anybody_can_verify(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    roots = TrustStore(hq.root)
    roots.add_device(hq.identity.device_certificate)
    commits = store.commits_after(0, 10**6)
    assert [(one.first_seq, one.last_seq) for one in commits] == [(1, 5), (6, 6)]
    for commit in commits:
        opened = open_commit(commit.raw, roots)
        assert opened.hash == commit.hash
        roots.add_head(DEVICE, EPOCH, commit.last_seq + 1, commit.hash)
    assert store.position().head == commits[-1].hash
    assert store.position().next_seq == 7


def test_commits_are_handed_out_whole_and_bounded(store: LocalStore) -> None:
    for n in range(5):
        with store.write() as uow:
            uow.append(s.case_opened(f"C-{n}"))
    everything = store.commits_after(0, 10**6)
    assert len(everything) == 5
    assert store.commits_after(0, 1) == everything[:1]
    assert store.commits_after(0, len(everything[0].raw) * 2 + 20) == everything[:2]
    assert store.commits_after(2, 10**6) == everything[2:]
    assert store.commits_after(5, 10**6) == []


def test_a_unit_of_work_that_only_receives_writes_no_commit(store: LocalStore, hq: Headquarters) -> None:
    with store.write() as uow:
        assert uow.receive(hq.sign(s.grant()))
        assert uow.allowance_book().allowances
    assert store.commits_after(0, 10**6) == []
    assert store.inbox_count() == 1
    assert store.position().head == genesis_hash(hq.identity.device_certificate)


def test_a_unit_of_work_without_changes_writes_nothing(laptop: Laptop) -> None:
    steps: list[str] = []
    with laptop.create(probe=steps.append) as store:
        wal = laptop.home / "store.db-wal"
        size = wal.stat().st_size if wal.exists() else 0
        with store.write() as uow:
            assert uow.cases() == []
        assert steps == []
        assert (wal.stat().st_size if wal.exists() else 0) == size


def test_steps_are_told_in_order(laptop: Laptop) -> None:
    steps: list[str] = []
    with laptop.create(probe=steps.append) as store:
        with store.write() as uow:
            uow.append(s.case_opened())
            steps.append("appended")
        assert steps == ["appended", "before_commit", "after_commit"]


def test_a_receipt_moves_what_it_covers_to_hq(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    with store.write() as uow:
        uow.append(s.rendered(s.number(1)))
    with store.read() as reads:
        assert reads.safety().disk == 7
    digest = store.digest_at(6)
    assert digest is not None
    with store.write() as uow:
        assert uow.receive(hq.sign(s.receipt(6, digest)))
    with store.read() as reads:
        assert (reads.safety().disk, reads.safety().hq) == (1, 6)
        assert reads.paper(s.number(1)).ack is Acknowledgement.HQ
        assert reads.case("C-1").ack is Acknowledgement.DISK
        assert reads.time_floor() == s.at(30)
    assert store.position().hq_watermark_seq == 6


def test_an_older_receipt_does_not_take_back_a_newer_one(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    for seq, minute in ((6, 31), (5, 30)):
        digest = store.digest_at(seq)
        assert digest is not None
        with store.write() as uow:
            uow.receive(hq.sign(s.receipt(seq, digest, minute)))
    assert store.position().hq_watermark_seq == 6
    with store.read() as reads:
        assert reads.time_floor() == s.at(31)


@pytest.mark.parametrize(("seq", "digest"), [(6, "00" * 32), (4, "00" * 32), (99, "00" * 32)])
def test_a_receipt_for_another_log_is_not_believed(store: LocalStore, hq: Headquarters, seq: int, digest: str) -> None:
    issue(store, hq)
    with pytest.raises(EnvironmentProblem) as caught, store.write() as uow:
        uow.receive(hq.sign(s.receipt(seq, digest)))
    assert caught.value.code == "receipt_digest_differs"
    assert str(seq) in caught.value.cause.zh
    assert store.position().hq_watermark_seq == 0
    with store.read() as reads:
        assert all(item.kind != "log_receipted@1" for item in reads.inbox())


def test_the_same_statement_twice_counts_once(store: LocalStore, hq: Headquarters) -> None:
    raw = hq.sign(s.grant())
    with store.write() as uow:
        assert uow.receive(raw)
        assert not uow.receive(raw)
    with store.write() as uow:
        assert not uow.receive(raw)
    assert store.inbox_count() == 1


def test_a_grant_that_comes_again_never_refills(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    with store.write() as uow:
        again = s.grant(minute=9)
        assert uow.receive(hq.sign(again))
    with store.read() as reads:
        assert [one.spent_fen for one in reads.allowance_book().allowances] == [s.AMOUNT_FEN]
        assert reads.tasks() == []


def test_a_grant_with_other_content_is_refused_and_told(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    with store.write() as uow:
        assert uow.receive(hq.sign(s.grant(limit_fen=9 * s.AMOUNT_FEN)))
    with store.read() as reads:
        assert [one.limit_fen for one in reads.allowance_book().allowances] == [2 * s.AMOUNT_FEN]
        assert [task.kind for task in reads.tasks()] == ["grant_refused"]
        assert "G-1" in reads.tasks()[0].text.zh
    assert store.inbox_count() == 5


def test_a_block_that_overlaps_is_refused_and_told(store: LocalStore, hq: Headquarters) -> None:
    with store.write() as uow:
        uow.receive(hq.sign(s.block(first=1, last=100)))
        uow.receive(hq.sign(s.block(first=50, last=150)))
        uow.receive(hq.sign(s.block(first=101, last=150)))
    with store.read() as reads:
        assert [(one.first, one.last) for one in reads.number_blocks("voucher")] == [(1, 100), (101, 150)]
        assert [task.kind for task in reads.tasks()] == ["block_refused"]


def test_a_statement_of_a_kind_from_the_future_is_kept_and_shown(store: LocalStore, hq: Headquarters) -> None:
    body = b'{"type":"moon_phase@1","statement_id":"m","device":"QX07-D3","epoch":1,"issued_at":"2026-12-01T00:00:00Z","x":1}'
    with store.write() as uow:
        assert uow.receive(hq.sign_raw("moon_phase@1", body))
        assert not uow.receive(hq.sign_raw("moon_phase@1", body))
    with store.read() as reads:
        assert [task.kind for task in reads.tasks()] == ["not_understood"]
        assert reads.time_floor() is not None
        assert reads.inbox_count() == 1


def test_a_statement_by_a_stranger_is_refused(store: LocalStore) -> None:
    with pytest.raises(EnvironmentProblem) as caught, store.write() as uow:
        uow.receive(Headquarters().sign(s.grant()))
    assert caught.value.code == "statement_forged"


def test_a_statement_whose_kind_is_not_its_content_is_refused(store: LocalStore, hq: Headquarters) -> None:
    from claims.statements import encode_statement

    with pytest.raises(EnvironmentProblem) as caught, store.write() as uow:
        uow.receive(hq.sign_raw("task_assigned@1", encode_statement(s.grant())))
    assert caught.value.code == "statement_forged"


@pytest.mark.parametrize(("device", "epoch"), [("QX07-D4", 1), (DEVICE, 2)])
def test_a_statement_for_another_device_or_epoch_is_refused(
    store: LocalStore, hq: Headquarters, device: str, epoch: int
) -> None:
    import msgspec

    with pytest.raises(EnvironmentProblem) as caught, store.write() as uow:
        uow.receive(hq.sign(msgspec.structs.replace(s.grant(), device=device, epoch=epoch)))
    assert caught.value.code == "statement_misaddressed"


def test_the_inbox_lists_feed_positions(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    digest = store.digest_at(6)
    assert digest is not None
    with store.write() as uow:
        uow.receive(hq.sign(s.receipt(6, digest)))
        uow.receive(hq.sign(s.answer(s.number(1))))
    with store.read() as reads:
        assert [item.feed_position for item in reads.inbox()] == [0, 1, 2, 3, None, 4]
        assert [item.position for item in reads.inbox(after=4)] == [5, 6]
        assert reads.inbox()[-1].applied_after_seq == 6
    assert store.inbox_count() == 5


def test_a_voucher_goes_through_its_life(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    number = s.number(1)
    seen = []

    def look() -> None:
        with store.read() as reads:
            paper = reads.paper(number)
            seen.append((paper.state, paper.copies, paper.settlement))

    look()
    for events in (
        (s.rendered(number),),
        (s.printed(number),),
        (s.rendered(number, 2), s.printed(number, 2)),
    ):
        with store.write() as uow:
            uow.append(*events)
        look()
    with store.write() as uow:
        uow.receive(hq.sign(s.answer(number)))
    look()
    with store.write() as uow:
        uow.append(PaperHandedOver(at=s.at(9), number=number, kind=PaperKind.VOUCHER, receiver=s.NAME))
    look()
    assert seen == [
        (PaperState.ASKED, 0, None),
        (PaperState.RENDERED, 1, None),
        (PaperState.PRINTED, 1, None),
        (PaperState.PRINTED, 2, None),
        (PaperState.PRINTED, 2, "settled"),
        (PaperState.REDEEMED, 2, "settled"),
    ]


def test_a_voided_voucher_keeps_number_key_and_debit(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    with store.write() as uow:
        uow.append(VoucherVoided(at=s.at(9), voucher_no=s.number(1), reason="姓名写错"))
        uow.append(s.printed(s.number(1)))
    with store.read() as reads:
        paper = reads.paper(s.number(1))
        assert (paper.state, paper.void_reason) == (PaperState.VOIDED, "姓名写错")
        assert reads.allowance_book().promised_keys == {"key-1"}
        assert reads.allowance_book().allowances[0].spent_fen == s.AMOUNT_FEN
    with pytest.raises(BugError), store.write() as uow:
        uow.append(s.voucher(serial=1, key="key-2"))


def test_spoiled_numbers_count_as_used(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    with store.write() as uow:
        uow.append(NumberSpoiled(at=s.at(9), kind=PaperKind.VOUCHER, number=s.number(2), reason="卡纸"))
    with store.read() as reads:
        assert reads.number_blocks("voucher")[0].used_to == 2
    with pytest.raises(BugError), store.write() as uow:
        uow.append(s.voucher(serial=2, key="key-2"))


@pytest.mark.parametrize(
    "event",
    [
        s.state_changed("C-404"),
        s.document("C-404"),
        s.rendered("nothing"),
        s.case_opened("C-1"),
        s.voucher(2, debits=(s.debit(counter=2, key="key-1"),)),
        s.voucher(2, key="key-9", debits=(s.debit(counter=1, key="key-9"),)),
        s.voucher(2, key="key-9", debits=(s.debit(counter=2, amount_fen=s.AMOUNT_FEN + 1, key="key-9"),)),
        s.voucher(2, key="key-9", debits=(s.debit("G-404", key="key-9"),)),
        AllowanceClosed(at=s.at(9), grant_id="G-1", spent_fen=0),
        AllowanceClosed(at=s.at(9), grant_id="G-404", spent_fen=0),
    ],
    ids=[
        "case",
        "document",
        "paper",
        "case_twice",
        "key_twice",
        "counter_twice",
        "overspent",
        "no_grant",
        "close",
        "close_none",
    ],
)
def test_an_event_that_contradicts_the_log_is_refused(store: LocalStore, hq: Headquarters, event: AnyEvent) -> None:
    issue(store, hq)
    before = store.projection_dump()
    with pytest.raises(BugError), store.write() as uow:
        uow.append(s.case_opened("C-2"))
        uow.append(event)
    assert store.projection_dump() == before
    assert store.position().next_seq == 7


def test_a_closed_grant_is_spent_no_more(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    with store.write() as uow:
        uow.append(AllowanceClosed(at=s.at(9), grant_id="G-1", spent_fen=s.AMOUNT_FEN))
    with store.read() as reads:
        assert reads.allowance_book().allowances[0].closed
    with pytest.raises(BugError), store.write() as uow:
        uow.append(s.voucher(2, key="key-2", debits=(s.debit(counter=2, amount_fen=1, key="key-2"),)))


def test_outcomes_of_a_case_with_two_policies(store: LocalStore, hq: Headquarters) -> None:
    def outcome() -> tuple[Outcome | None, int | None]:
        with store.read() as reads:
            case = reads.case("C-1")
            return case.outcome, case.payable_fen

    with store.write() as uow:
        uow.append(s.case_opened())
    assert outcome() == (None, None)
    with store.write() as uow:
        uow.append(s.determination(total_fen=100))
    assert outcome() == (Outcome.PRE_APPROVED, 100)
    with store.write() as uow:
        uow.append(s.determination(policy_no="P-2", total_fen=30, outcome=Outcome.REFERRED, kind="referral"))
    assert outcome() == (Outcome.REFERRED, 100)
    with store.write() as uow:
        uow.append(s.determination(policy_no="P-2", total_fen=30))
    assert outcome() == (Outcome.PRE_APPROVED, 130)
    with store.write() as uow:
        uow.append(s.slip())
    assert outcome() == (Outcome.RECEIPT_ONLY, 130)
    with store.read() as reads:
        assert [one.policy_no for one in reads.determinations("C-1")] == ["P-C-1", "P-2"]
        assert reads.papers()[0].kind is PaperKind.SLIP
        assert reads.papers()[0].outcome is Outcome.RECEIPT_ONLY


def test_holds_answers_tasks_and_revocation_are_told(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    text = Bilingual("请补交死亡证明", "Please add the death certificate")
    with store.write() as uow:
        uow.receive(hq.sign(s.answer(s.number(1), "hold")))
        uow.receive(
            hq.sign(
                TaskAssigned(statement_id="t", device=DEVICE, epoch=EPOCH, issued_at=s.at(50), case_no="C-1", text=text)
            )
        )
    with store.read() as reads:
        assert [one.voucher_no for one in reads.holds()] == [s.number(1)]
        assert (reads.paper(s.number(1)).settlement, reads.paper(s.number(1)).replay) == ("hold", "identical")
        assert [(task.kind, task.case_no, task.text) for task in reads.tasks()] == [("assigned", "C-1", text)]
        assert not reads.revoked()
    with store.write() as uow:
        uow.receive(hq.sign(s.answer(s.number(1), "settled", minute=60)))
        uow.receive(
            hq.sign(DeviceRevoked(statement_id="d", device=DEVICE, epoch=EPOCH, issued_at=s.at(61), reason=text))
        )
    with store.read() as reads:
        assert reads.holds() == []
        assert [one.settlement for one in reads.answers("C-1")] == ["hold", "settled"]
        assert reads.revoked()
        assert reads.revoked_reason() == text


def test_rejected_events_become_tasks(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    digest = store.digest_at(6)
    assert digest is not None
    with store.write() as uow:
        uow.receive(hq.sign(s.receipt(6, digest, 30, rejected=(3,))))
        uow.receive(hq.sign(s.receipt(6, digest, 31, rejected=(3, 4))))
    with store.read() as reads:
        assert [task.task_id for task in reads.tasks()] == ["rejected-3", "rejected-4"]


def test_signatures_are_read_back_in_order(store: LocalStore) -> None:
    signed = [
        PaperSigned(
            at=s.at(n),
            case_no="C-1",
            subject="P-C-1",
            content_sha256="00",
            role=role,
            name=s.NAME,
            refused=False,
            strokes=(((1, 2), (3, 4)),),
        )
        for n, role in enumerate(("claimant", "adjuster"))
    ]
    with store.write() as uow:
        uow.append(s.case_opened(), *signed)
    with store.read() as reads:
        assert reads.signatures("C-1") == signed
        assert reads.signatures("C-2") == []


def test_cases_are_found_by_number_name_and_policy(store: LocalStore) -> None:
    with store.write() as uow:
        uow.append(s.case_opened("C-1", "欧阳㛃安"), s.case_opened("C-2", "Ｌi Ｗei"), s.case_opened("C-3", "100%_安"))
    with store.read() as reads:
        assert [case.case_no for case in reads.cases()] == ["C-3", "C-2", "C-1"]
        assert [case.case_no for case in reads.cases(offset=1, limit=1)] == ["C-2"]
        for text, found in (
            ("㛃", ["C-1"]),
            ("li wei", ["C-2"]),
            ("p-c-2", ["C-2"]),
            ("%", ["C-3"]),
            ("_", ["C-3"]),
            ("无", []),
        ):
            assert [case.case_no for case in reads.cases(text=text)] == found


def test_waiting_attachments_go_papers_first(store: LocalStore, hq: Headquarters) -> None:
    issue(store, hq)
    thumb = store.attachments.put(b"a thumbnail")
    with store.write() as uow:
        uow.append(s.document(document_id="002", content=b"photo", thumb=thumb), s.rendered(s.number(1)))
        uow.append(s.document(document_id="003", content=b"photo"))
    waiting = store.attachments_waiting()
    assert [(one.priority, one.size_bytes) for one in waiting] == [(2, 9), (3, 11), (4, 4), (4, 5)]
    held = AttachmentsHeld(
        statement_id="h",
        device=DEVICE,
        epoch=EPOCH,
        issued_at=s.at(50),
        sha256=tuple(one.sha256 for one in waiting[:3]),
    )
    with store.write() as uow:
        uow.receive(hq.sign(held))
    assert [one.sha256 for one in store.attachments_waiting()] == [waiting[3].sha256]
    with store.read() as reads:
        assert [one.held_by_hq for one in reads.documents("C-1")] == [True, False, False]
        assert (reads.safety().attachments_waiting, reads.safety().attachment_bytes_waiting) == (1, 5)


def test_a_thumbnail_that_is_gone_does_not_hold_up_the_others(store: LocalStore) -> None:
    thumbs = [store.attachments.put(name) for name in (b"gone", b"short", b"there")]
    for sha256, left in zip(thumbs[:2], (None, b"OUTP"), strict=True):
        path = store.attachments._path(sha256)
        path.unlink()
        if left is not None:
            path.write_bytes(left)
    with store.write() as uow:
        uow.append(s.case_opened(), *(s.document(document_id=f"{n}", thumb=one) for n, one in enumerate(thumbs)))
    assert [one.sha256 for one in store.attachments_waiting() if one.priority == 3] == thumbs[2:]
    with store.read() as reads:
        assert reads.safety().attachments_waiting == 4


def test_drafts_live_outside_the_log(laptop: Laptop) -> None:
    with laptop.create() as store:
        with store.write() as uow:
            uow.save_draft("d1", b"one")
            uow.save_draft("d2", b"two")
            uow.save_draft("d1", b"three")
            uow.drop_draft("d2")
            uow.drop_draft("never")
        assert store.position().next_seq == 1
    with laptop.open() as store, store.read() as reads:
        assert reads.drafts() == [("d1", b"three")]


def test_unknown_numbers_are_told_by_value(store: LocalStore) -> None:
    with store.read() as reads:
        for ask in (reads.case, reads.paper):
            with pytest.raises(InputError) as caught:
                ask("C-404")
            assert "C-404" in caught.value.sentence()
