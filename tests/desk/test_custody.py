"""Custody on the desk, and originals that leave this disk: nothing goes before headquarters' every backup holds it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from claims.custody import Custodian, CustodyNote
from claims.desk import Desk
from claims.errors import EnvironmentProblem, InputError
from claims.materials import Material
from claims.records import Acknowledgement
from claims.statements import AttachmentsHeld, AttachmentsSafe, LogReceipted, ResendAsked
from local_db.store import LocalStore
from resources.sample_numbers import CLINIC
from rules.engine.model import Bilingual
from tests.desk.station import NOON, Station, new_case, photo, ready_case
from tests.desk.station import payee as the_payee


def store_of(desk: Desk) -> LocalStore:
    store = desk._ports.store
    assert isinstance(store, LocalStore)
    return store


def note(desk: Desk, bundle_id: str, *files: str, minutes: int = 0) -> None:
    store = store_of(desk)
    position = store.position()
    with store.write() as uow:
        uow.note_custody(
            CustodyNote(
                bundle_id=bundle_id,
                custodian=Custodian.STICK,
                name="KINGSTON",
                through_seq=position.next_seq - 1,
                digest=position.head.hex(),
                at=NOON + timedelta(minutes=minutes),
                files=files,
            )
        )


def at_headquarters(station: Station, desk: Desk, *held: str) -> None:
    """Headquarters receipts the whole log and holds these files."""
    store = store_of(desk)
    position = store.position()
    with store.write() as uow:
        uow.receive(
            station.hq.say(
                LogReceipted, watermark_seq=position.next_seq - 1, digest=position.head.hex(), rejected_seqs=()
            )
        )
        if held:
            uow.receive(station.hq.say(AttachmentsHeld, sha256=held))


def finished_case(desk: Desk) -> str:
    case_no = ready_case(desk)
    for paper in desk.conclude(case_no, CLINIC, (the_payee(),)):
        desk.draw(paper.number)
        desk.mark_printed(paper.number, "pdf")
        desk.hand_over(paper.number, "覃建国")
    return case_no


def originals(desk: Desk, case_no: str) -> list[str]:
    return list(dict.fromkeys(each.sha256 for each in desk.documents(case_no)))


def test_custody_shows_in_counts_receipts_and_what_is_at_risk(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    document = desk.add_document(case_no, Material.APPLICATION, "a.jpg", photo(1))
    before = desk.at_risk()
    assert [each.case_no for each in before.cases] == [case_no]
    assert before.attachments > 0
    assert desk.receipts()[0].custody_at is None
    files = [document.sha256, *([document.thumbnail_sha256] if document.thumbnail_sha256 else [])]
    note(desk, "ab" * 16, *files, minutes=5)
    note(desk, "cd" * 16, *files, minutes=9)
    safety, risk, receipt = desk.safety(), desk.at_risk(), desk.receipts()[0]
    assert (safety.disk, safety.custody) == (0, before.events)
    assert (risk.cases, risk.events, risk.attachments, risk.attachment_bytes) == ((), 0, 0, 0)
    assert risk.custody_events == before.events
    assert risk.custody_attachments == before.attachments
    assert [each.only_here for each in risk.by_case] == [False]
    assert receipt.ack is Acknowledgement.CUSTODY
    assert receipt.custody_at == NOON + timedelta(minutes=5)
    assert desk.case(case_no).ack is Acknowledgement.CUSTODY
    assert [each.bundle_id for each in desk.custody()] == ["cd" * 16, "ab" * 16]

    desk.add_document(case_no, Material.INSURED_ID, "b.jpg", photo(2))
    risk = desk.at_risk()
    assert [each.case_no for each in risk.cases] == [case_no]
    assert desk.case(case_no).ack is Acknowledgement.DISK
    assert risk.by_case[0].only_here
    assert risk.by_case[0].custody_attachments == before.attachments


def test_promised_money_is_told_apart_by_who_holds_it(station: Station, desk: Desk) -> None:
    case_no = finished_case(desk)
    promised = desk.at_risk().promised_fen
    assert promised > 0
    note(desk, "ab" * 16)
    risk = desk.at_risk()
    assert (risk.promised_fen, risk.custody_promised_fen) == (0, promised)
    assert risk.by_case[0].case_no == case_no
    at_headquarters(station, desk)
    risk = desk.at_risk()
    assert (risk.custody_promised_fen, risk.custody_events) == (0, 0)


def test_a_note_about_another_log_is_refused(desk: Desk) -> None:
    desk.open_case(new_case())
    store = store_of(desk)
    with pytest.raises(EnvironmentProblem, match="custody_not_genuine"), store.write() as uow:
        uow.note_custody(
            CustodyNote(
                bundle_id="ab" * 16,
                custodian=Custodian.STICK,
                name="KINGSTON",
                through_seq=store.position().next_seq - 1,
                digest="00" * 32,
                at=NOON,
            )
        )
    assert desk.custody() == []


def test_originals_go_only_when_every_backup_holds_them_and_the_case_is_finished(station: Station, desk: Desk) -> None:
    case_no = finished_case(desk)
    files = originals(desk, case_no)
    assert desk.originals_deletable().files == 0
    at_headquarters(station, desk, *files)
    assert desk.originals_deletable().files == 0  # held, but not yet in every backup
    with store_of(desk).write() as uow:
        uow.receive(station.hq.say(AttachmentsSafe, sha256=tuple(files)))
    deletable = desk.originals_deletable()
    assert deletable.files == len(files)

    one = desk.delete_originals(1)
    assert (one.files, one.files_left) == (1, len(files) - 1)
    assert one.bytes > 0
    rest = desk.delete_originals()
    assert (rest.files, rest.files_left) == (len(files) - 1, 0)
    assert desk.originals_deletable().files == 0
    assert desk.delete_originals().files == 0

    for document in desk.documents(case_no):
        with pytest.raises(EnvironmentProblem) as caught:
            desk.attachment(document.sha256)
        assert caught.value.code == "original_at_hq"
        assert "总部" in caught.value.sentence()
        if document.thumbnail_sha256 is not None:
            assert desk.attachment(document.thumbnail_sha256)
    for paper in desk.papers(case_no):
        assert paper.pdf_sha256 is None or desk.attachment(paper.pdf_sha256)
    assert store_of(desk).rebuild().identical


def test_an_open_case_keeps_a_file_that_a_finished_one_shares(station: Station, desk: Desk) -> None:
    finished = finished_case(desk)
    shared = desk.documents(finished)[0]
    other = desk.open_case(new_case())
    desk.add_document(other, Material.APPLICATION, "again.jpg", desk.attachment(shared.sha256))
    files = originals(desk, finished)
    at_headquarters(station, desk, *files)
    with store_of(desk).write() as uow:
        uow.receive(station.hq.say(AttachmentsSafe, sha256=tuple(files)))
    desk.delete_originals()
    assert desk.attachment(shared.sha256)
    assert desk.originals_deletable().files == 0


def test_an_unfinished_case_keeps_its_originals(station: Station, desk: Desk) -> None:
    case_no = ready_case(desk)
    files = originals(desk, case_no)
    at_headquarters(station, desk, *files)
    with store_of(desk).write() as uow:
        uow.receive(station.hq.say(AttachmentsSafe, sha256=tuple(files)))
    assert desk.delete_originals().files == 0
    assert all(desk.attachment(sha256) for sha256 in files)


def test_what_headquarters_lost_is_offered_again_and_not_deletable(station: Station, desk: Desk) -> None:
    case_no = finished_case(desk)
    files = originals(desk, case_no)
    at_headquarters(station, desk, *files)
    store = store_of(desk)
    with store.write() as uow:
        uow.receive(station.hq.say(AttachmentsSafe, sha256=tuple(files)))
    waiting = {each.sha256 for each in store.attachments_waiting()}
    assert not waiting & set(files)
    desk.delete_originals(1)
    gone = files[0]
    with store.write() as uow:
        uow.receive(
            station.hq.say(
                ResendAsked, sha256=tuple(files), reason=Bilingual("总部从备份恢复", "restored from a backup")
            )
        )
    waiting = {each.sha256 for each in store.attachments_waiting()}
    assert set(files) - {gone} <= waiting
    # What was deleted on headquarters' word can't be sent, and must not hinder the others.
    assert gone not in waiting
    assert desk.originals_deletable().files == 0
    assert any("备份" in each.text.zh for each in _tasks(desk))
    with pytest.raises(EnvironmentProblem, match="original_at_hq"):
        desk.attachment(gone)
    at_headquarters(station, desk, *files)
    assert desk.originals_deletable().files == 0
    with store.write() as uow:
        uow.receive(station.hq.say(AttachmentsSafe, sha256=tuple(files)))
    assert desk.originals_deletable().files == len(files) - 1
    assert store.rebuild().identical


def test_leave_to_delete_means_that_it_is_held(station: Station, desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    document = desk.add_document(case_no, Material.APPLICATION, "a.jpg", photo(1))
    with store_of(desk).write() as uow:
        uow.receive(station.hq.say(AttachmentsSafe, sha256=(document.sha256,)))
    assert document.sha256 not in {each.sha256 for each in store_of(desk).attachments_waiting()}


def test_a_negative_limit_is_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="limit_negative"):
        desk.delete_originals(-1)


def test_a_file_that_is_simply_missing_is_not_called_safe(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    document = desk.add_document(case_no, Material.APPLICATION, "a.jpg", photo(1))
    assert store_of(desk).attachments.remove(document.sha256) > 0
    with pytest.raises(EnvironmentProblem, match="attachment_missing"):
        desk.attachment(document.sha256)


def _tasks(desk: Desk):
    with store_of(desk).read() as reads:
        return reads.tasks()
