"""What headquarters makes of transfers that two logs tell of, in whichever order, or one log alone, or not as they should."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import msgspec
import pytest
from sqlalchemy import select

from claims.allowance_proof import open_transfer
from claims.allowances import AllowanceBook
from claims.events import AllowanceTransferred
from headquarters.devices import revoke
from headquarters.exposure import ExposureGroup, exposure_by, exposure_by_device
from headquarters.grant_list import list_grants
from headquarters.grants import escrow_fen, grant_allowance
from headquarters.log_intake import receive_log
from headquarters.models import Debit, Device, Grant, GrantState
from headquarters.models_allowances import Transfer
from headquarters.prepositioning import grant_ahead
from headquarters.processing import process_pending
from headquarters.statements_out import feed_after
from headquarters.write_offs import write_off
from local_db.identity import Identity
from local_db.key_slots import PassphraseUnlock
from local_db.store import create_store
from resources.sample_numbers import QUAKE_ID
from tests.desk.station import ADJUSTER, CHEAP, PASSPHRASE, Station, TurnableClock
from tests.headquarters.laptop import MEDICAL, MEDICAL_FEN, Laptop, medical_pool

POOL = medical_pool()
LIMIT_FEN = 2_000_000
GRANTED_FEN = 500_000
MOVED_FEN = 200_000


def kept(hq, pool=POOL):
    with hq.database.read() as session:
        return escrow_fen(session, pool)


def grant_row(hq, grant_id):
    with hq.database.read() as session:
        return session.get(Grant, grant_id)


def settlement_of(laptop, voucher):
    return laptop.answers()[voucher.voucher_no].settlement


@pytest.fixture
def two(stocked, make_laptop, clock) -> tuple[Laptop, Laptop, str]:
    """A donor with an allowance, a receiver without, and the grant's id; headquarters' clock has fractions of a second, as in life."""
    clock.forward(microseconds=123_457)
    donor, receiver = make_laptop("D3"), make_laptop("D4")
    grant_id = grant_allowance(stocked, "D3", POOL, GRANTED_FEN, 30, pool_limit_fen=LIMIT_FEN)
    donor.down()
    return donor, receiver, grant_id


def moved(donor: Laptop, receiver: Laptop, amount_fen: int = MOVED_FEN) -> AllowanceTransferred:
    """Hand on and take in, each in its own log."""
    handed = donor.hand_on(POOL, amount_fen, receiver)
    donor.commit(handed)
    receiver.commit(receiver.take_transfer(handed.transfer))
    return handed


@pytest.mark.parametrize("order", ["donor first", "receiver first"])
def test_whichever_log_comes_first_it_is_booked_once(stocked, two, pack, clinic_policy, order):
    donor, receiver, grant_id = two
    handed = moved(donor, receiver)
    voucher = receiver.promise(pack, clinic_policy, MEDICAL)
    sending = [donor, receiver] if order == "donor first" else [receiver, donor]
    for laptop in (*sending, *sending):
        laptop.send_log()
        laptop.down()
    assert settlement_of(receiver, voucher) == "settled"
    parent, child = grant_row(stocked, grant_id), grant_row(stocked, handed.transfer_id)
    assert (parent.transferred_fen, parent.debits, parent.spent_fen) == (MOVED_FEN, 1, 0)
    assert (child.device, child.limit_fen, child.spent_fen, child.settled_fen) == (
        "D4",
        MOVED_FEN,
        MEDICAL_FEN,
        MEDICAL_FEN,
    )
    assert (child.parent_id, child.expires_at, child.concern_zh) == (grant_id, parent.expires_at, None)
    assert kept(stocked) == GRANTED_FEN - MEDICAL_FEN
    assert not donor.tasks()
    assert not receiver.tasks()
    with stocked.database.read() as session:
        row = session.get_one(Transfer, handed.transfer_id)
        assert (row.donor_seq, row.receiver_seq) == (1, 1)


def test_the_receivers_log_alone_is_enough_for_weeks(stocked, two, pack, clinic_policy, clock):
    donor, receiver, grant_id = two
    before = donor.promise(pack, clinic_policy, MEDICAL)
    moved(donor, receiver)
    after = donor.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_number": "0000000002"})
    voucher = receiver.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_number": "0000000003"})
    receiver.send_log()
    assert settlement_of(receiver, voucher) == "settled"
    assert kept(stocked) == GRANTED_FEN - MEDICAL_FEN
    clock.forward(days=21)
    donor.send_log()
    assert [settlement_of(donor, each) for each in (before, after)] == ["settled", "settled"]
    assert (grant_row(stocked, grant_id).debits, kept(stocked)) == (3, GRANTED_FEN - 3 * MEDICAL_FEN)
    assert not donor.tasks()


def test_a_chain_is_known_from_its_last_hand(stocked, two, make_laptop, pack, clinic_policy):
    donor, middle, grant_id = two
    last = make_laptop("D5")
    first = moved(donor, middle)
    second = moved(middle, last, 150_000)
    voucher = last.promise(pack, clinic_policy, MEDICAL)
    last.send_log()
    assert settlement_of(last, voucher) == "settled"
    assert grant_row(stocked, grant_id).transferred_fen == MOVED_FEN
    assert grant_row(stocked, first.transfer_id).transferred_fen == 150_000
    assert kept(stocked) == GRANTED_FEN - MEDICAL_FEN
    for laptop in (middle, donor):
        laptop.send_log()
        assert not laptop.tasks()
    assert (grant_row(stocked, first.transfer_id).debits, grant_row(stocked, grant_id).debits) == (1, 1)
    assert [row.hands for row in list_grants(stocked)] == [0, 1, 2]
    assert second.transfer_id == f"{grant_id}/1/1"


def test_closing_statements_of_parent_and_child_return_each_its_own(stocked, two, pack, clinic_policy):
    donor, receiver, grant_id = two
    handed = moved(donor, receiver)
    donor.promise(pack, clinic_policy, MEDICAL)
    donor.commit(donor.close(grant_id))
    donor.send_log()
    donor.down()
    assert grant_row(stocked, grant_id).returned_fen == GRANTED_FEN - MOVED_FEN - MEDICAL_FEN
    assert kept(stocked) == MOVED_FEN
    receiver.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_number": "0000000002"})
    receiver.commit(receiver.close(handed.transfer_id))
    receiver.send_log()
    receiver.down()
    assert grant_row(stocked, handed.transfer_id).state == GrantState.CLOSED
    assert kept(stocked) == 0
    assert not donor.tasks() + receiver.tasks()
    # All that came back can be granted again, and not one fen more.
    left_fen = LIMIT_FEN - 2 * MEDICAL_FEN
    grant_allowance(stocked, "D3", POOL, left_fen, 30)
    assert kept(stocked) == left_fen


def test_a_lost_donor_leaves_the_receiver_its_part(stocked, two, pack, clinic_policy):
    donor, receiver, grant_id = two
    handed = moved(donor, receiver)
    gone = write_off(stocked, "D3")
    assert (gone.own_fen, gone.received_fen, gone.handed_on_fen) == (GRANTED_FEN, 0, 0)
    voucher = receiver.promise(pack, clinic_policy, MEDICAL)
    receiver.send_log()
    # Lost is lost, no more: what it had handed on stays good though its own log never comes.
    assert settlement_of(receiver, voucher) == "settled"
    parent = grant_row(stocked, grant_id)
    assert (parent.state, parent.transferred_fen) == (GrantState.WRITTEN_OFF, MOVED_FEN)
    assert grant_row(stocked, handed.transfer_id).state == GrantState.OPEN
    assert kept(stocked) == GRANTED_FEN - MEDICAL_FEN
    receiver.commit(receiver.close(handed.transfer_id))
    receiver.send_log()
    receiver.down()
    assert kept(stocked) == GRANTED_FEN - MOVED_FEN


@pytest.mark.parametrize("known", ["before", "after"])
def test_what_a_lost_receiver_had_received_counts_as_spent(stocked, two, known):
    donor, receiver, grant_id = two
    handed = donor.hand_on(POOL, MOVED_FEN, receiver)
    donor.commit(handed)
    if known == "before":
        donor.send_log()
        donor.down()
    gone = write_off(stocked, "D4")
    donor.send_log()
    donor.down()
    assert gone.received_fen == (MOVED_FEN if known == "before" else 0)
    assert grant_row(stocked, handed.transfer_id).state == GrantState.WRITTEN_OFF
    donor.commit(donor.close(grant_id))
    donor.send_log()
    donor.down()
    assert kept(stocked) == MOVED_FEN
    # Its papers may still come in.
    assert {each.device: each.exposure.respendable_fen for each in exposure_by_device(stocked)}["D4"] == MOVED_FEN


def test_a_donor_stopped_for_a_reason_is_looked_at(stocked, two, pack, clinic_policy):
    donor, receiver, _ = two
    moved(donor, receiver)
    revoke(stocked, "D3")
    voucher = receiver.promise(pack, clinic_policy, MEDICAL)
    receiver.send_log()
    answer = receiver.answers()[voucher.voucher_no]
    assert (answer.settlement, "停用" in answer.reason.zh) == ("hold", True)
    assert kept(stocked) == GRANTED_FEN


def fresh(laptop: Laptop) -> AllowanceBook:
    """The book of an image of the disk from before anything was taken from its grants."""
    grants = laptop.book.allowances
    return msgspec.structs.replace(
        laptop.book,
        allowances=tuple(msgspec.structs.replace(each, transferred_fen=0, counter=0, spent_fen=0) for each in grants),
    )


def restored(donor: Laptop, receiver: Laptop, amount_fen: int) -> AllowanceTransferred:
    """The donor's disk is put back to before its last transfer, and it hands on again under the same id."""
    donor.book = fresh(donor)
    return donor.hand_on(POOL, amount_fen, receiver)


def test_a_donor_put_back_can_not_make_more_of_it(stocked, two, make_laptop, pack, clinic_policy):
    donor, receiver, grant_id = two
    third = make_laptop("D5")
    handed = moved(donor, receiver, GRANTED_FEN)
    again = restored(donor, third, GRANTED_FEN)
    third.commit(third.take_transfer(again.transfer))
    vouchers = [
        (laptop, laptop.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_number": f"000000000{number}"}))
        for number, laptop in enumerate((receiver, third), 1)
    ]
    for laptop, _ in vouchers:
        laptop.send_log()
    assert [settlement_of(laptop, voucher) for laptop, voucher in vouchers] == ["settled", "hold"]
    assert handed.transfer_id == again.transfer_id == f"{grant_id}/1"
    assert any("两个不同版本" in task.text.zh for task in third.tasks())
    assert any("两个不同版本" in task.text.zh for task in donor.tasks())
    assert kept(stocked) == GRANTED_FEN - MEDICAL_FEN
    assert grant_row(stocked, grant_id).transferred_fen == GRANTED_FEN


def test_a_transfer_beyond_what_its_donor_has_left_is_held_not_rejected(stocked, two, pack, clinic_policy):
    donor, receiver, grant_id = two
    kept_voucher = donor.promise(pack, clinic_policy, MEDICAL)
    donor.send_log()
    assert settlement_of(donor, kept_voucher) == "settled"
    # Put back to before the promise, it hands everything on: counter 1 is taken, and the sum is not there.
    again = restored(donor, receiver, GRANTED_FEN)
    receiver.commit(receiver.take_transfer(again.transfer))
    voucher = receiver.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_number": "0000000002"})
    receiver.send_log()
    answer = receiver.answers()[voucher.voucher_no]
    assert answer.settlement == "hold"
    assert kept_voucher.voucher_no in answer.reason.zh
    assert len(receiver.tasks()) == len(donor.tasks()) == 1
    child = grant_row(stocked, again.transfer_id)
    assert (child.limit_fen, bool(child.concern_zh)) == (0, True)
    assert kept(stocked) == GRANTED_FEN - MEDICAL_FEN
    assert grant_row(stocked, grant_id).transferred_fen == 0


def test_a_sum_that_is_no_longer_there_is_held_under_a_free_counter_too(stocked, two, pack, clinic_policy):
    donor, receiver, grant_id = two
    donor.promise(pack, clinic_policy, MEDICAL)
    donor.send_log()
    donor.down()
    restored(donor, receiver, 1)
    again = donor.hand_on(POOL, GRANTED_FEN - 1, receiver)
    receiver.commit(receiver.take_transfer(again.transfer))
    voucher = receiver.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_number": "0000000002"})
    receiver.send_log()
    answer = receiver.answers()[voucher.voucher_no]
    assert (answer.settlement, "只剩" in answer.reason.zh) == ("hold", True)
    assert (again.counter, grant_row(stocked, grant_id).transferred_fen) == (2, 0)
    assert kept(stocked) == GRANTED_FEN - MEDICAL_FEN


def test_a_donor_put_back_can_not_promise_what_it_handed_on(stocked, make_laptop, pack, clinic_policy):
    donor, receiver = make_laptop("D3"), make_laptop("D4")
    grant_allowance(stocked, "D3", POOL, MOVED_FEN, 30, pool_limit_fen=LIMIT_FEN)
    donor.down()
    case = donor.open_case()
    donor.issue(clinic_policy, case, *donor.decide(pack, clinic_policy, case, MEDICAL))
    handed = donor.hand_on(POOL, MOVED_FEN - MEDICAL_FEN, receiver)
    receiver.commit(receiver.take_transfer(handed.transfer))
    receiver.send_log()
    receiver.down()
    donor.book = fresh(donor)
    # Under the same first counter it now promises more than what is left beside the transfer.
    larger = donor.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_total": 380_000, "bill_number": "0000000002"})
    assert MOVED_FEN - handed.amount_fen < larger.amount_fen <= MOVED_FEN
    donor.send_log()
    answer = donor.answers()[larger.voucher_no]
    assert (answer.settlement, "不够再用" in answer.reason.zh) == ("hold", True)
    assert kept(stocked) == MOVED_FEN


def test_a_transfer_that_the_complete_log_does_not_tell_of_is_doubted(stocked, two, pack, clinic_policy):
    donor, receiver, grant_id = two
    handed = donor.hand_on(POOL, MOVED_FEN, receiver)
    receiver.commit(receiver.take_transfer(handed.transfer))
    receiver.send_log()
    receiver.down()
    donor.book = msgspec.structs.replace(
        donor.book,
        allowances=tuple(msgspec.structs.replace(each, transferred_fen=0, counter=0) for each in donor.book.allowances),
    )
    donor.commit(donor.close(grant_id))
    donor.send_log()
    assert len(donor.tasks()) == 1
    voucher = receiver.promise(pack, clinic_policy, MEDICAL)
    receiver.send_log()
    answer = receiver.answers()[voucher.voucher_no]
    assert (answer.settlement, "不在调出电脑的日志里" in answer.reason.zh) == ("hold", True)
    # What the signed record took stays kept aside, whoever is right.
    assert kept(stocked) == MOVED_FEN


def test_a_transfer_after_closing_is_held(stocked, two, pack, clinic_policy):
    donor, receiver, grant_id = two
    donor.commit(donor.close(grant_id))
    donor.send_log()
    donor.down()
    handed = moved(donor, receiver)
    voucher = receiver.promise(pack, clinic_policy, MEDICAL)
    receiver.send_log()
    donor.send_log()
    answer = receiver.answers()[voucher.voucher_no]
    assert (answer.settlement, "已结清" in answer.reason.zh) == ("hold", True)
    assert grant_row(stocked, handed.transfer_id).limit_fen == 0
    assert kept(stocked) == 0


def test_a_forged_proof_books_nothing_and_holds_what_rests_on_it(stocked, two, pack, clinic_policy):
    donor, receiver, grant_id = two
    handed = donor.hand_on(POOL, MOVED_FEN, receiver)
    received = receiver.take_transfer(handed.transfer)
    record = open_transfer(handed.transfer, donor.roots).transfer
    forged = receiver.sign_transfer(record)
    receiver.commit(msgspec.structs.replace(received, transfer=forged))
    voucher = receiver.promise(pack, clinic_policy, MEDICAL)
    receiver.send_log()
    assert settlement_of(receiver, voucher) == "hold"
    assert len(receiver.tasks()) == 1
    assert grant_row(stocked, handed.transfer_id) is None
    # The genuine one is still good when its log comes.
    donor.commit(handed)
    donor.send_log()
    donor.down()
    assert grant_row(stocked, handed.transfer_id).concern_zh is None
    assert grant_row(stocked, grant_id).transferred_fen == MOVED_FEN
    assert kept(stocked) == GRANTED_FEN


@pytest.mark.parametrize("change", [{"amount_fen": MOVED_FEN - 1}, {"to_device": "D9"}, {"transfer": b"nothing"}])
def test_a_log_that_tells_otherwise_than_it_signed_takes_the_sum_and_gives_it_to_nobody(stocked, two, change):
    donor, receiver, grant_id = two
    handed = donor.hand_on(POOL, MOVED_FEN, receiver)
    donor.commit(msgspec.structs.replace(handed, **change))
    donor.send_log()
    assert len(donor.tasks()) == 1
    assert grant_row(stocked, grant_id).transferred_fen == change.get("amount_fen", MOVED_FEN)
    assert grant_row(stocked, handed.transfer_id) is None
    assert kept(stocked) == GRANTED_FEN


def test_nobody_takes_the_id_of_anothers_transfer(stocked, two, make_laptop):
    donor, receiver, grant_id = two
    thief = make_laptop("D5")
    own_id = grant_allowance(stocked, "D5", POOL, 1000, 30)
    thief.down()
    handed = thief.hand_on(POOL, 1000, receiver)
    thief.commit(msgspec.structs.replace(handed, transfer_id=f"{grant_id}/1", transfer=b"nothing"))
    thief.send_log()
    assert len(thief.tasks()) == 1
    genuine = moved(donor, receiver)
    for laptop in (donor, receiver):
        laptop.send_log()
        laptop.down()
    assert grant_row(stocked, genuine.transfer_id).concern_zh is None
    assert grant_row(stocked, own_id).transferred_fen == 1000
    assert kept(stocked) == GRANTED_FEN + 1000


def test_a_transfer_is_not_received_by_whom_it_does_not_name(stocked, two, make_laptop):
    donor, receiver, grant_id = two
    other = make_laptop("D5")
    handed = donor.hand_on(POOL, MOVED_FEN, receiver)
    received = receiver.take_transfer(handed.transfer)
    other.commit(received)
    receiver.commit(msgspec.structs.replace(received, amount_fen=MOVED_FEN + 1))
    for laptop in (other, receiver):
        laptop.send_log()
        assert len(laptop.tasks()) == 1
    assert grant_row(stocked, handed.transfer_id) is None
    assert grant_row(stocked, grant_id).transferred_fen == 0


def test_a_receiver_that_is_not_enrolled_yet_finds_its_sum_kept(stocked, two, make_laptop, pack, clinic_policy):
    donor, _, _ = two
    handed = donor.hand_on(POOL, MOVED_FEN, ("D6", 1))
    donor.commit(handed)
    donor.send_log()
    assert not donor.tasks()
    assert kept(stocked) == GRANTED_FEN
    late = make_laptop("D6")
    late.commit(late.take_transfer(handed.transfer))
    voucher = late.promise(pack, clinic_policy, MEDICAL)
    late.send_log()
    assert settlement_of(late, voucher) == "settled"
    assert kept(stocked) == GRANTED_FEN - MEDICAL_FEN


def test_a_headquarters_that_forgot_the_grant_learns_it_from_its_own_signature(stocked, two, pack, clinic_policy):
    donor, receiver, grant_id = two
    moved(donor, receiver)
    voucher = receiver.promise(pack, clinic_policy, MEDICAL)
    with stocked.database.write() as session:
        session.delete(session.get_one(Grant, grant_id))  # as in a backup from before it was granted
    receiver.send_log()
    assert settlement_of(receiver, voucher) == "settled"
    donor.send_log()
    assert not donor.tasks()
    again = grant_row(stocked, grant_id)
    assert (again.device, again.limit_fen, again.transferred_fen, again.debits) == ("D3", GRANTED_FEN, MOVED_FEN, 1)
    assert kept(stocked) == GRANTED_FEN - MEDICAL_FEN


def test_an_older_life_keeps_what_it_had_and_gets_nothing_new(stocked, two, make_laptop, pack, clinic_policy):
    donor, receiver, grant_id = two
    handed = moved(donor, receiver)
    voucher = receiver.promise(pack, clinic_policy, MEDICAL)
    again = make_laptop("D4")
    assert again.identity.epoch == 2
    receiver.send_log()
    assert settlement_of(receiver, voucher) == "settled"
    with pytest.raises(AssertionError, match="other_receiver"):
        again.take_transfer(handed.transfer)
    gone = write_off(stocked, "D4", epoch=1)
    assert (gone.epoch, gone.received_fen) == (1, MOVED_FEN - MEDICAL_FEN)
    donor.send_log()
    donor.commit(donor.close(grant_id))
    donor.send_log()
    donor.down()
    assert kept(stocked) == MOVED_FEN - MEDICAL_FEN


def test_exposure_counts_both_disks_and_can_be_summed_by_anything(stocked, two):
    donor, receiver, _ = two
    before = exposure_by(stocked, ExposureGroup.STATION)
    moved(donor, receiver)
    donor.send_log()
    donor.down()
    (station,) = exposure_by(stocked, ExposureGroup.STATION)
    assert before[0].exposure.respendable_fen == GRANTED_FEN
    assert (station.key, station.devices, station.exposure.respendable_fen) == ("QX07", 2, GRANTED_FEN + MOVED_FEN)
    by_device = {each.key: each.exposure.total_fen for each in exposure_by(stocked, ExposureGroup.DEVICE)}
    assert by_device == {"D3/1": GRANTED_FEN, "D4/1": MOVED_FEN}
    assert [each.key for each in exposure_by(stocked, ExposureGroup.CATASTROPHE)] == [""]


def test_two_logs_at_once_book_a_transfer_once(stocked, make_laptop):
    donors, pairs = [make_laptop(f"D{number}") for number in (1, 2)], []
    receiver = make_laptop("D4")
    for donor in donors:
        grant_allowance(stocked, donor.identity.device, POOL, GRANTED_FEN, 30, pool_limit_fen=LIMIT_FEN)
        donor.down()
    for _ in range(20):
        for donor in donors:
            pairs.append(moved(donor, receiver, 1000))
    laptops = [*donors, receiver]
    together = Barrier(len(laptops))

    def hand_in(laptop: Laptop) -> int:
        device = laptop.identity.device
        together.wait()
        receive_log(stocked, device, 1, [each.raw for each in laptop.commits])
        return process_pending(stocked, device, 1)

    with ThreadPoolExecutor(len(laptops)) as threads:
        assert list(threads.map(hand_in, laptops)) == [20, 20, 40]
    with stocked.database.read() as session:
        assert len(session.scalars(select(Debit)).all()) == len(pairs)
        assert [each.booked for each in session.scalars(select(Transfer))] == [True] * len(pairs)
        roots = session.scalars(select(Grant).where(Grant.parent_id.is_(None))).all()
        assert [each.transferred_fen for each in roots] == [20_000, 20_000]
        assert [each.debits for each in roots] == [20, 20]
    assert kept(stocked) == 2 * GRANTED_FEN
    assert not [task for laptop in laptops for task in laptop.tasks()]


class RealLaptop:
    """A laptop with the real store and desk, enrolled here; log and feed are handed over without a carrier."""

    def __init__(self, hq, laptop: Laptop, home) -> None:
        self._hq, self._answered, self._told = hq, laptop.identity, 0
        identity = Identity(**{name: getattr(laptop.identity, name) for name in Identity.__struct_fields__})
        create_store(home, PassphraseUnlock(ADJUSTER, PASSPHRASE), identity, laptop.key, cost=CHEAP).close()
        self._station = Station(home, clock=TurnableClock(wall=hq.now()))
        self._station.hq.root = identity.root_certificate

    def desk(self):
        return self._station.open()

    def sync(self) -> None:
        """Send the log, have it worked off, take the feed in."""
        device, epoch = self._answered.device, self._answered.epoch
        with self._station.store() as store:
            receive_log(self._hq, device, epoch, [each.raw for each in store.commits_after(0, 10**9)])
            process_pending(self._hq)
            with self._hq.database.read() as session:
                feed = feed_after(session, session.get_one(Device, (device, epoch)), self._told, 10**9)
            with store.write() as uow:
                for raw in feed:
                    uow.receive(raw)
            self._told += len(feed)


def test_from_one_desk_to_another_and_back_to_headquarters(stocked, make_laptop, tmp_path):
    first, second = (RealLaptop(stocked, make_laptop(device), tmp_path / device) for device in ("D3", "D4"))
    ahead = grant_ahead(stocked, QUAKE_ID, "D3", 50, 30)
    first.sync()
    with closing(first.desk()) as donor, closing(second.desk()) as receiver:
        assert len(donor.allowances().pools) == ahead.granted
        moved = receiver.receive_allowance(donor.transfer_allowance(POOL, MOVED_FEN, "D4", 1))
        assert moved.catastrophe_id == QUAKE_ID
        back = donor.receive_allowance(receiver.transfer_allowance(POOL, 50_000, "D3", 1))
        receiver.close_allowances(expired_only=False)
        donor.close_allowances(expired_only=False)
    for each in (second, first):
        each.sync()
    rows = {row.grant_id: row for row in list_grants(stocked, pool=POOL)}
    assert {row.state for row in rows.values()} == {GrantState.CLOSED}
    assert (rows[moved.transfer_id].returned_fen, rows[back.transfer_id].returned_fen) == (MOVED_FEN - 50_000, 50_000)
    assert kept(stocked) == 0
    with closing(first.desk()) as donor:
        assert {each.left_fen for each in donor.allowances().pools} == {0}
        assert donor.sent_back() == ()
