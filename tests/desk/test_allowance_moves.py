"""Allowances that move between laptops, on real stores: what a cut, a mix-up, a forger or a clock can do to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from claims.allowance_proof import open_transfer, transfer_text
from claims.allowance_transfers import TRANSFER_KIND, AllowanceTransfer
from claims.desk import Desk
from claims.errors import InputError
from claims.events import PaperKind
from claims.own_disk import DiskFault, mark_disk
from claims.statements import AllowanceGranted, TaskAssigned
from resources.sample_numbers import CLINIC
from rules.bilingual import Bilingual
from tests.desk.colleagues import POOL, BareStation, colleague, tell_stopped
from tests.desk.station import NOON, Station, clinic_facts, clinic_pool, decide_and_sign, payee, ready_case
from trust.certificates import TrustStore
from trust.device_statements import sign_device_statement
from trust.vouchers import open_voucher

GRANTED_FEN = 1_500_000
PROMISED_FEN = 648_824
OTHER_POOL = clinic_pool("basic_sum")


class _Cut(BaseException):
    """The process ends here."""


def cut_at(step: str) -> Callable[[str], None]:
    def probe(reached: str, /) -> None:
        if reached == step:
            raise _Cut(step)

    return probe


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A laptop that has no rules and no policies: what moves is only money."""
    made = BareStation(tmp_path / "home")
    made.create()
    return made


@pytest.fixture
def counter(tmp_path: Path) -> Station:
    """A laptop that can also decide claims."""
    made = Station(tmp_path / "counter")
    made.create()
    return made


@pytest.fixture
def other(station: Station, tmp_path: Path) -> Station:
    return colleague(station, "D4", tmp_path / "other")


def fen_of(desk: Desk, pool: str = POOL) -> tuple[int, int, int, int, int, int]:
    one = next(each for each in desk.allowances().pools if each.pool == pool)
    assert one.granted_fen + one.moved_in_fen == one.promised_fen + one.moved_out_fen + one.left_fen + one.over_fen
    return (one.granted_fen, one.moved_in_fen, one.promised_fen, one.moved_out_fen, one.left_fen, one.over_fen)


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(InputError) as found:
        action()
    assert found.value.cause.zh
    assert found.value.next_step.en
    return found.value.code


def test_what_is_handed_on_is_gone_here_and_there_once(station: Station, other: Station) -> None:
    donor, receiver = station.open(), other.open()
    signed = donor.transfer_allowance(POOL, 400_000, "D4", 1)
    assert fen_of(donor) == (GRANTED_FEN, 0, 0, 400_000, 1_100_000, 0)
    assert fen_of(receiver) == (GRANTED_FEN, 0, 0, 0, GRANTED_FEN, 0)
    first = receiver.receive_allowance(signed)
    assert receiver.receive_allowance(transfer_text(signed).encode() + b"\r\n") == first
    assert fen_of(receiver) == (GRANTED_FEN, 400_000, 0, 0, 1_900_000, 0)
    assert [each.transfer for each in donor.transfers_out()] == [signed]
    donor.close(), receiver.close()


def test_both_presents_follow_from_their_logs(station: Station, other: Station) -> None:
    donor, receiver = station.open(), other.open()
    receiver.receive_allowance(donor.transfer_allowance(POOL, 400_000, "D4", 1))
    donor.close_allowances(expired_only=False)
    standings = donor.allowances(), receiver.allowances()
    donor.close(), receiver.close()
    for each, standing in zip((station, other), standings, strict=True):
        with each.store() as store:
            assert store.rebuild().identical
        desk = each.open()
        assert desk.allowances() == standing
        desk.close()


def test_a_promise_takes_what_came_from_a_colleague(station: Station, tmp_path: Path) -> None:
    donor, receiver = station.open(), colleague(station, "D4", tmp_path / "other", bare=False).open()
    receiver.close_allowances(expired_only=False)
    case_no = ready_case(receiver)
    assert receiver.conclude(case_no, CLINIC, [payee()])[0].kind is PaperKind.SLIP
    moved = receiver.receive_allowance(donor.transfer_allowance(POOL, 700_000, "D4", 1))
    decide_and_sign(receiver, case_no)
    (voucher,) = receiver.conclude(case_no, CLINIC, [payee()])
    assert (voucher.kind, voucher.amount_fen) == (PaperKind.VOUCHER, PROMISED_FEN)
    assert open_voucher(voucher.cose or b"", TrustStore(station.hq.root)).claims.grants == (moved.transfer_id,)
    assert fen_of(receiver) == (GRANTED_FEN, 700_000, PROMISED_FEN, 0, 700_000 - PROMISED_FEN, GRANTED_FEN)
    donor.close(), receiver.close()


def test_promises_and_transfers_count_in_one_row_and_share_one_limit(counter: Station) -> None:
    donor = counter.open()
    donor.transfer_allowance(POOL, 100, "D4", 1)
    donor.conclude(ready_case(donor), CLINIC, [payee()])
    donor.transfer_allowance(POOL, 200, "D4", 1)
    assert [each.transfer_id for each in donor.transfers_out()] == ["G-1/1", "G-1/3"]
    left_fen = GRANTED_FEN - PROMISED_FEN - 300
    assert refused(lambda: donor.transfer_allowance(POOL, left_fen + 1, "D4", 1)) == "not_covered"
    donor.transfer_allowance(POOL, left_fen, "D4", 1)
    (paper,) = donor.conclude(ready_case(donor, clinic_facts("0000731847")), CLINIC, [payee()])
    assert paper.kind is PaperKind.SLIP
    donor.close()


def test_a_cut_before_the_handing_over_loses_nothing(station: Station, other: Station) -> None:
    desk = station.open(cut_at("after_transfer"))
    with pytest.raises(_Cut):
        desk.transfer_allowance(POOL, 400_000, "D4", 1)
    desk.close()
    donor, receiver = station.open(), other.open()
    (kept,) = donor.transfers_out()
    assert fen_of(donor)[3] == 400_000
    receiver.receive_allowance(kept.transfer)
    assert fen_of(receiver)[1] == 400_000
    donor.close(), receiver.close()


def test_a_cut_before_the_commit_moved_nothing(station: Station) -> None:
    desk = station.open(cut_at("before_commit"))
    with pytest.raises(_Cut):
        desk.transfer_allowance(POOL, 400_000, "D4", 1)
    desk.close()
    donor = station.open()
    assert donor.transfers_out() == []
    assert fen_of(donor) == (GRANTED_FEN, 0, 0, 0, GRANTED_FEN, 0)
    donor.close()


@pytest.mark.parametrize("step", ["before_commit", "after_receipt_of_transfer"])
def test_a_cut_while_taking_in_leaves_it_to_be_taken_in_again_once(station: Station, other: Station, step: str) -> None:
    donor = station.open()
    signed = donor.transfer_allowance(POOL, 400_000, "D4", 1)
    donor.close()
    desk = other.open(cut_at(step))
    with pytest.raises(_Cut):
        desk.receive_allowance(signed)
    desk.close()
    receiver = other.open()
    receiver.receive_allowance(signed)
    assert fen_of(receiver)[1] == 400_000
    receiver.close()


def test_a_third_laptop_and_another_life_of_the_same_one_get_nothing_from_it(
    station: Station, other: Station, tmp_path: Path
) -> None:
    donor = station.open()
    signed = donor.transfer_allowance(POOL, 400_000, "D4", 1)
    assert refused(lambda: donor.receive_allowance(signed)) == "other_receiver"
    donor.close()
    for name, device, epoch in (("third", "D5", 1), ("again", "D4", 2)):
        desk = colleague(station, device, tmp_path / name, epoch).open()
        assert refused(lambda desk=desk: desk.receive_allowance(signed)) == "other_receiver"
        assert fen_of(desk)[1] == 0
        desk.close()


def test_what_was_changed_on_the_way_is_not_taken(station: Station, other: Station) -> None:
    donor, receiver = station.open(), other.open()
    signed = donor.transfer_allowance(POOL, 400_000, "D4", 1)
    for spoiled in (
        signed.replace(b"400000", b"900000"),
        signed[:-1] + bytes([signed[-1] ^ 1]),
        signed[:-9],
        b"",
        b"OPT1:not base64!",
        "一份文件".encode(),
        station.allowance(POOL, 1, "G-9"),
    ):
        assert refused(lambda spoiled=spoiled: receiver.receive_allowance(spoiled)) == "transfer_unreadable"
    assert fen_of(receiver)[1] == 0
    donor.close(), receiver.close()


FORGERIES: dict[str, Callable[[AllowanceTransfer], AllowanceTransfer]] = {
    "more than was granted": lambda one: msgspec.structs.replace(one, amount_fen=GRANTED_FEN + 1),
    "for longer": lambda one: msgspec.structs.replace(one, expires_at=one.expires_at + timedelta(seconds=1)),
    "of another pool": lambda one: msgspec.structs.replace(one, pool=OTHER_POOL),
    "of another grant": lambda one: msgspec.structs.replace(one, grant_id="G-2", transfer_id="G-2/1"),
    "a proof of nobody": lambda one: msgspec.structs.replace(one, proof=b"\xd2\x84"),
}


def test_a_chain_that_does_not_hold_is_not_taken_though_a_device_signed_it(station: Station, other: Station) -> None:
    donor, receiver = station.open(), other.open()
    genuine = open_transfer(donor.transfer_allowance(POOL, 400_000, "D4", 1), TrustStore(station.hq.root)).transfer
    for what, forge in FORGERIES.items():
        forged = sign_by(station, forge(genuine))
        assert refused(lambda forged=forged: receiver.receive_allowance(forged)) == "chain_broken", what
    assert fen_of(receiver)[1] == 0
    donor.close(), receiver.close()


def test_a_colleague_cannot_hand_on_what_was_given_to_another(station: Station, other: Station, tmp_path: Path) -> None:
    donor = station.open()
    genuine = donor.transfer_allowance(POOL, 400_000, "D4", 1)
    donor.close()
    third = colleague(station, "D5", tmp_path / "third")
    moved = open_transfer(genuine, TrustStore(station.hq.root)).transfer
    receiver = other.open()
    # D5 signs with its own key: once as D3, once in its own name with D3's proof.
    assert refused(lambda: receiver.receive_allowance(sign_by(third, moved))) == "transfer_unreadable"
    stolen = msgspec.structs.replace(moved, from_device="D5")
    assert refused(lambda: receiver.receive_allowance(sign_by(third, stolen))) == "chain_broken"
    receiver.close()


def test_the_same_id_with_other_content_is_refused(station: Station, other: Station) -> None:
    donor, receiver = station.open(), other.open()
    genuine = donor.transfer_allowance(POOL, 400_000, "D4", 1)
    receiver.receive_allowance(genuine)
    moved = open_transfer(genuine, TrustStore(station.hq.root)).transfer
    again = sign_by(station, msgspec.structs.replace(moved, amount_fen=500_000))
    assert refused(lambda: receiver.receive_allowance(again)) == "transfer_changed"
    assert fen_of(receiver)[1] == 400_000
    donor.close(), receiver.close()


def test_it_goes_through_four_hands_and_no_further(station: Station, tmp_path: Path) -> None:
    desks = [station.open()]
    amount_fen = 900_000
    for number in range(4, 8):
        last = colleague(station, f"D{number}", tmp_path / f"D{number}")
        following = last.open()
        following.close_allowances(expired_only=False)
        moved = following.receive_allowance(desks[-1].transfer_allowance(POOL, amount_fen, f"D{number}", 1))
        assert moved.hands == len(desks)
        desks.append(following)
        amount_fen -= 100_000
    assert moved.transfer_id == "G-1/1/1/1/1"
    assert len(moved.transfer) < 16 * 1024
    assert refused(lambda: desks[-1].transfer_allowance(POOL, 1, "D3", 1)) == "too_many_hands"
    # A program that does not keep to it finds nobody who takes it.
    fifth = AllowanceTransfer(
        transfer_id=f"{moved.transfer_id}/1",
        grant_id=moved.transfer_id,
        pool=POOL,
        amount_fen=1,
        expires_at=moved.expires_at,
        counter=1,
        from_device="D7",
        from_epoch=1,
        to_device="D3",
        to_epoch=1,
        proof=moved.transfer,
    )
    assert refused(lambda: desks[0].receive_allowance(sign_by(last, fifth))) == "chain_broken"
    assert sum(fen_of(each)[4] for each in desks) == GRANTED_FEN
    for each in desks:
        each.close()


def test_a_clock_set_back_moves_nothing_and_an_end_stays_an_end(station: Station, other: Station) -> None:
    donor = station.open()
    signed = donor.transfer_allowance(POOL, 400_000, "D4", 1)
    station.clock.wall = NOON - timedelta(days=400)
    assert refused(lambda: donor.transfer_allowance(POOL, 1, "D4", 1)) == "clock_not_believed"
    station.clock.wall = NOON + timedelta(days=30)
    assert refused(lambda: donor.transfer_allowance(POOL, 1, "D4", 1)) == "not_covered"
    receiver = other.open()
    assert refused(lambda: receiver.receive_allowance(signed)) == "expired"
    donor.close(), receiver.close()


def test_a_stopped_laptop_neither_gives_nor_takes(station: Station, other: Station) -> None:
    donor = station.open()
    signed = donor.transfer_allowance(POOL, 400_000, "D4", 1)
    donor.close()
    tell_stopped(station, "D4"), tell_stopped(other, "D3")
    donor, receiver = station.open(), other.open()
    assert refused(lambda: donor.transfer_allowance(POOL, 1, "D4", 1)) == "device_stopped"
    assert refused(lambda: receiver.receive_allowance(signed)) == "device_stopped"
    donor.close(), receiver.close()


NONSENSE = (
    (POOL, 0, "D4", 1, "amount_not_positive"),
    (POOL, -1, "D4", 1, "amount_not_positive"),
    (POOL, 10**15, "D4", 1, "not_covered"),
    ("*", 1, "D4", 1, "float_stays"),
    (POOL, 1, "D3", 1, "own_device"),
    (OTHER_POOL, 1, "D4", 1, "not_covered"),
    (POOL, 1, "", 1, "device_name"),
    (POOL, 1, "D4/1", 1, "device_name"),
    (POOL, 1, "D4", 0, "device_name"),
    (POOL, 1, "D4", -1, "device_name"),
)


def test_nonsense_is_refused_in_words(station: Station) -> None:
    with station.store() as store, store.write() as uow:
        uow.receive(station.allowance("*", 500_000, "G-float"))
    donor = station.open()
    for *asked, code in NONSENSE:
        assert refused(lambda asked=asked: donor.transfer_allowance(*asked)) == code, asked
    assert donor.transfers_out() == []
    donor.close()


def test_a_disk_that_was_put_back_moves_and_closes_nothing(station: Station, other: Station) -> None:
    donor = other.open()
    signed = donor.transfer_allowance(POOL, 100, "D3", 1)
    donor.close()
    with station.store() as store, store.write() as uow:
        mark_disk(uow, DiskFault.RESTORED)
    desk = station.open()
    for action in (
        lambda: desk.transfer_allowance(POOL, 1, "D4", 1),
        lambda: desk.receive_allowance(signed),
        lambda: desk.close_allowances(expired_only=False),
    ):
        assert refused(action) == "disk_not_current"
    desk.close()


def test_what_lies_in_several_grants_moves_in_parts(station: Station) -> None:
    with station.store() as store, store.write() as uow:
        uow.receive(station.allowance(POOL, 500_000, "G-2", days=3))
    donor = station.open()
    assert refused(lambda: donor.transfer_allowance(POOL, 1_800_000, "D4", 1)) == "in_parts"
    donor.transfer_allowance(POOL, 500_000, "D4", 1)
    donor.transfer_allowance(POOL, 1_300_000, "D4", 1)
    assert [each.grant_id for each in donor.transfers_out()] == ["G-2", "G-1"]
    donor.close()


def test_what_is_over_is_closed_by_signed_time_or_after_a_week(station: Station) -> None:
    with station.store() as store, store.write() as uow:
        uow.receive(station.allowance(POOL, 500_000, "G-2", days=1))
    desk = station.open()
    station.clock.wall = NOON + timedelta(days=2)
    assert desk.close_allowances() == ()
    station.clock.wall = NOON + timedelta(days=2000)
    assert desk.close_allowances() == ()
    station.clock.wall = NOON + timedelta(days=9)
    assert [(each.grant_id, each.spent_fen) for each in desk.close_allowances()] == [("G-2", 0)]
    assert desk.close_allowances() == ()
    desk.close()
    with station.store() as store, store.write() as uow:
        uow.receive(
            station.hq.say(TaskAssigned, case_no=None, text=Bilingual("a", "a"), issued_at=NOON + timedelta(days=31))
        )
    station.clock.wall = NOON + timedelta(days=31)
    desk = station.open()
    assert [each.grant_id for each in desk.close_allowances()] == ["G-1"]
    assert desk.allowances().pools[0].over_fen == GRANTED_FEN + 500_000
    desk.close()


def test_a_closing_statement_tells_what_was_promised_and_not_what_moved(counter: Station) -> None:
    donor = counter.open()
    donor.transfer_allowance(POOL, 400_000, "D4", 1)
    donor.conclude(ready_case(donor), CLINIC, [payee()])
    (closed,) = donor.close_allowances(expired_only=False)
    assert (closed.grant_id, closed.spent_fen) == ("G-1", PROMISED_FEN)
    assert refused(lambda: donor.transfer_allowance(POOL, 1, "D4", 1)) == "not_covered"
    donor.close()


def test_exposure_is_said_beforehand_in_words_and_fen(station: Station, other: Station) -> None:
    with station.store() as store, store.write() as uow:
        uow.receive(station.allowance("*", 500_000, "G-float"))
    donor, receiver = station.open(), other.open()
    assert donor.allowances().exposure.total_fen == 500_000
    receiver.receive_allowance(donor.transfer_allowance(POOL, 400_000, "D4", 1))
    found = donor.allowances()
    assert (found.exposure.float_fen, found.exposure.respendable_fen) == (500_000, 400_000)
    assert "9,000.00" in found.exposure_words.zh
    assert found.emergency_float is not None
    assert found.emergency_float.left_fen == 500_000
    # What came is no exposure before it is spent: putting the disk back only takes it away.
    assert receiver.allowances().exposure.total_fen == 0
    assert donor.exposure_fen() == 900_000
    donor.close(), receiver.close()


def test_a_transfer_carries_the_catastrophe_that_it_was_granted_for(station: Station, other: Station) -> None:
    with station.store() as store, store.write() as uow:
        uow.receive(
            station.hq.say(
                AllowanceGranted,
                grant_id="G-ahead",
                pool=OTHER_POOL,
                limit_fen=900_000,
                expires_at=NOON + timedelta(days=9),
                catastrophe_id="CAT-1",
            )
        )
    donor, receiver = station.open(), other.open()
    assert receiver.receive_allowance(donor.transfer_allowance(OTHER_POOL, 1, "D4", 1)).catastrophe_id == "CAT-1"
    assert [each.catastrophe_id for each in receiver.allowances().pools] == ["CAT-1", None]
    donor.close(), receiver.close()


def sign_by(signer: Station, transfer: AllowanceTransfer) -> bytes:
    """Sign a transfer with a laptop's key, whatever it says."""
    body = msgspec.json.encode(transfer)
    return sign_device_statement(signer.hq.device_key, signer.hq.identity.device_certificate, TRANSFER_KIND, body)
