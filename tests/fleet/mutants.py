"""Seeded bugs: each a patch of production code (or of a duty of the simulated laptop) that some checker must catch.

Promise: a mutant is applied inside the simulating process only. ``weather`` are the features and faults without which the bug can't show:
they are switched on for its seeds, everything else is drawn as ever. A mutant that survives is a hole in a checker or in the workload.
"""

# ruff: noqa: ARG005 - a stand-in keeps the names of what it stands in for

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from claims import allowances, trusted_time
from claims.events import AllowanceTransferred
from claims.statements import LogReceipted
from claims.trusted_time import TrustedTime
from headquarters import (
    answers,
    attachments,
    devices,
    grant_ledger,
    grants,
    log_intake,
    payment_batches,
    pool_ledger,
    processing,
    restores,
    restoring,
    settlement,
    withdrawals,
)
from headquarters.database import Database
from headquarters.models import Grant, GrantState, Settlement
from headquarters.models_payments import InstructionState, PaymentInstruction
from sync.wire import next_move, step
from tests.fleet import carriers, courier, hub, laptop, people, store_view
from tests.fleet.disk import Disk
from tests.fleet.repeatable import patched
from trust import bundles

Changes = Callable[[], list[tuple[Any, str, Any]]]
_replace = msgspec.structs.replace


@dataclass(frozen=True)
class Mutant:
    """A bug by name. ``quick``: one of the ten that CI catches."""

    name: str
    what: str
    changes: Changes
    weather: Mapping[str, object] = field(default_factory=dict)
    quick: bool = False

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Run with the bug."""
        with patched(*self.changes()):
            yield


MUTANTS: dict[str, Mutant] = {}


def mutant(what: str, *, quick: bool = False, **weather: object) -> Callable[[Changes], Changes]:
    """Enter a mutant under the name of its function."""

    def enter(changes: Changes) -> Changes:
        name = changes.__name__
        MUTANTS[name] = Mutant(name, what, changes, weather, quick)
        return changes

    return enter


# --- the laptop's book ---


@mutant("a grant that comes again fills up again", quick=True, power=0.0)
def refill_grant() -> list[tuple[Any, str, Any]]:
    def receive(self: Disk, raw: bytes) -> bool:
        self._known.clear()
        return real(self, raw)

    def add_grant(book: Any, grant: Any) -> Any:
        others = tuple(one for one in book.allowances if one.grant_id != grant.grant_id)
        return _replace(book, allowances=(*others, grant))

    real = Disk._receive
    return [(Disk, "_receive", receive), (allowances, "add_grant", add_grant)]


@mutant("a promise is made from an expired grant", quick=True, short_grants=True, closing=True)
def ignore_expiry() -> list[tuple[Any, str, Any]]:
    def live(book: Any, pool: Any, at: TrustedTime) -> list[Any]:
        del at
        return sorted(
            (one for one in book.allowances if one.pool == pool and one.left_fen > 0),
            key=lambda one: (one.expires_at, one.grant_id),
        )

    return [(allowances, "_live", live)]


@mutant("a promise is made from a closed grant", closing=True)
def spend_closed() -> list[tuple[Any, str, Any]]:
    return [(allowances, "close_grant", lambda book, grant_id: book)]


@mutant("a grant covers more than is left of it")
def overspend_grant() -> list[tuple[Any, str, Any]]:
    real = allowances._cover

    def cover(book: Any, pool: Any, key: Any, amount_fen: int, at: Any) -> Any:
        wide = tuple(
            _replace(one, spent_fen=0) if one.pool == pool and not one.closed else one for one in book.allowances
        )
        return real(_replace(book, allowances=wide), pool, key, amount_fen, at)

    def apply_debits(book: Any, debits: Any) -> Any:
        found = {one.grant_id: one for one in book.allowances}
        for debit in debits:
            one = found[debit.grant_id]
            found[debit.grant_id] = _replace(one, spent_fen=one.spent_fen + debit.amount_fen, counter=debit.counter)
        keys = book.promised_keys | {debit.settlement_key for debit in debits}
        return _replace(book, allowances=tuple(found.values()), promised_keys=frozenset(keys))

    return [(allowances, "_cover", cover), (allowances, "apply_debits", apply_debits)]


@mutant("the debit of a promise is forgotten", quick=True)
def debit_forgotten() -> list[tuple[Any, str, Any]]:
    def apply_debits(book: Any, debits: Any) -> Any:
        keys = book.promised_keys | {debit.settlement_key for debit in debits}
        return _replace(book, promised_keys=frozenset(keys))

    return [(allowances, "apply_debits", apply_debits)]


@mutant("the same loss is promised again by the same laptop", floats=True)
def promise_key_again() -> list[tuple[Any, str, Any]]:
    real = allowances.spend

    def spend(book: Any, pools: Any, key: Any, amount_fen: int, at: Any) -> Any:
        return real(_replace(book, promised_keys=frozenset()), pools, key, amount_fen, at)

    return [(allowances, "spend", spend)]


@mutant("only the first pool of a promise is covered; the float is unlimited", floats=True)
def float_unlimited() -> list[tuple[Any, str, Any]]:
    real = allowances._cover

    def cover(book: Any, pool: Any, key: Any, amount_fen: int, at: Any) -> Any:
        if pool == allowances.FLOAT_POOL:
            one = next((each for each in book.allowances if each.pool == pool), None)
            if one is not None:
                debit = allowances.GrantDebit(
                    grant_id=one.grant_id,
                    pool=pool,
                    settlement_key=key,
                    amount_fen=amount_fen,
                    counter=one.counter + 1,
                )
                return [debit]
        return real(book, pool, key, amount_fen, at)

    def apply_debits(book: Any, debits: Any) -> Any:
        found = {one.grant_id: one for one in book.allowances}
        for debit in debits:
            one = found[debit.grant_id]
            found[debit.grant_id] = _replace(one, spent_fen=one.spent_fen + debit.amount_fen, counter=debit.counter)
        keys = book.promised_keys | {debit.settlement_key for debit in debits}
        return _replace(book, allowances=tuple(found.values()), promised_keys=frozenset(keys))

    return [(allowances, "_cover", cover), (allowances, "apply_debits", apply_debits)]


# --- the laptop's disk and printer ---


@mutant("the voucher is printed before it is committed", quick=True, power=0.05)
def print_before_commit() -> list[tuple[Any, str, Any]]:
    def issue(self: laptop.Laptop, voucher: Any) -> None:
        self.world.truth.on_paper.append((self, voucher))
        self.commit([voucher], numbers=["voucher"])
        self.print(voucher)

    return [(laptop.Laptop, "issue", issue)]


@mutant("what left the machine counts as acknowledged", quick=True)
def acknowledge_on_send() -> list[tuple[Any, str, Any]]:
    real = courier.Courier._do

    def do(self: courier.Courier, effect: Any) -> None:
        real(self, effect)
        if isinstance(effect, courier.SendLog):
            self._disk.watermark = self._disk.next_seq - 1

    return [(courier.Courier, "_do", do)]


@mutant("the laptop's own clock raises its floor", clock_jumps=True, skew_s=7 * 86400.0)
def floor_by_own_clock() -> list[tuple[Any, str, Any]]:
    real = laptop.Laptop.commit

    def commit(self: laptop.Laptop, *arguments: Any, **named: Any) -> Any:
        if self.disk.floor is None or self.wall() > self.disk.floor:
            self.disk.floor = self.wall()
        return real(self, *arguments, **named)

    return [(laptop.Laptop, "commit", commit)]


@mutant("a clock that was set back is believed", clock_jumps=True, skew_s=7 * 86400.0, short_grants=True, closing=True)
def clock_set_back_believed() -> list[tuple[Any, str, Any]]:
    return [(trusted_time, "trusted_time", lambda wall, floor: TrustedTime(at=wall, believed=True))]


@mutant("the feed is read from the wrong place", power=0.0)
def feed_position_wrong() -> list[tuple[Any, str, Any]]:
    return [(Disk, "inbox_count", lambda self: len(self.inbox))]


@mutant("a half-received feed counts as received", power=0.05)
def feed_counted_before_kept() -> list[tuple[Any, str, Any]]:
    def receive(self: laptop.Laptop, raws: Any) -> None:
        self.disk.feed_count += len(raws)
        self.step("before_receive")
        before = self.disk.feed_count
        if self.disk.receive(raws):
            self.disk.feed_count = before
            self.world.truth.received(self)
        self.step("after_receive")

    return [(laptop.Laptop, "receive", receive)]


# --- the wire ---


@mutant("whatever comes back with a 200 counts as a receipt", quick=True, portal=0.15)
def any_answer_is_a_receipt() -> list[tuple[Any, str, Any]]:
    def opener(self: courier.Courier, sent_to: int) -> Any:
        def opened(raw: bytes) -> Any:
            disk = self._disk
            receipt = LogReceipted(
                statement_id="",
                device=disk.identity.device,
                epoch=disk.identity.epoch,
                issued_at=disk.identity.hq_time,
                watermark_seq=sent_to,
                digest=disk.digest_at(sent_to) or "",
            )
            return step.LogReceiptArrived(receipt=receipt, raw=raw, own_digest=receipt.digest, sent_to=sent_to)

        return opened

    return [(courier.Courier, "_receipt_opener", opener), (Disk, "receive", _believing_receive)]


def _believing_receive(self: Disk, raws: Any) -> int:
    new = 0
    for raw in raws:
        try:
            new += self._receive(raw)
        except Exception:
            self.watermark = self.next_seq - 1
            new += 1
    return new


@mutant("the digest in hello and receipt is not compared", clone=True, restore=True)
def digest_not_compared() -> list[tuple[Any, str, Any]]:
    real = step.step

    def blind(state: Any, message: Any) -> Any:
        if isinstance(message, step.HelloArrived):
            message = _replace(message, own_digest=message.answer.digest)
        if isinstance(message, step.LogReceiptArrived):
            message = _replace(message, own_digest=message.receipt.digest)
        return real(state, message)

    return [(step, "step", blind), (answers, "_held_head", lambda hq, hello: None)]


@mutant("the evidence of a fork is never sent on", clone=True)
def evidence_kept_back() -> list[tuple[Any, str, Any]]:
    def advance_without(state: Any) -> Any:
        return real(state) if state.fork is None else next_move.finish(state, state.fork)

    real = next_move._next
    return [(next_move, "_next", advance_without)]


# --- headquarters: the log ---


@mutant("headquarters' watermark jumps a gap", quick=True, loss=0.1)
def watermark_jumps_gap() -> list[tuple[Any, str, Any]]:
    real = log_intake._take

    def take(turn: Any, *others: Any) -> None:
        real(turn, *others)
        if turn.device.watermark_seq > 4:
            turn.device.watermark_seq += 1

    return [(log_intake, "_take", take)]


@mutant("the same batch twice is stored twice as work", doubled=0.3)
def events_processed_twice() -> list[tuple[Any, str, Any]]:
    real = processing._process

    def twice(turn: Any, row: Any) -> None:
        real(turn, row)
        if row.type == "voucher_issued@1":
            settlement.settle_debits(turn.session, row.subject)

    return [(processing, "_process", twice)]


@mutant("another commit under a number that is taken is ignored", quick=True, clone=True)
def skip_fork_check() -> list[tuple[Any, str, Any]]:
    real = log_intake._take

    def take(*what: Any) -> None:
        with contextlib.suppress(log_intake._Fork):
            real(*what)

    return [(log_intake, "_take", take), (answers, "_held_head", lambda hq, hello: None)]


@mutant("a frozen device may go on", clone=True)
def frozen_goes_on() -> list[tuple[Any, str, Any]]:
    return [
        (log_intake, "freeze_for_fork", lambda turn, seq: None),
        (answers, "freeze_for_fork", lambda turn, seq: None),
    ]


@mutant("the receipt is signed before the log is stored", power=0.0)
def receipt_before_commit() -> list[tuple[Any, str, Any]]:
    real = log_intake.receive_log

    def receive(hq: Any, device: str, epoch: int, commits: Any) -> Any:
        if len(commits) < 3:
            return real(hq, device, epoch, commits)
        with patched((Database, "run", _forgetting)):
            return real(hq, device, epoch, commits)

    return [(module, "receive_log", receive) for module in (log_intake, *_users_of("receive_log", real))]


def _forgetting(self: Database, work: Any, **_: Any) -> Any:
    kept: list[Any] = []
    with contextlib.suppress(_NothingKept), self.write() as session:
        kept.append(work(session))
        raise _NothingKept
    return kept[0]


class _NothingKept(Exception):  # noqa: N818 - makes the transaction roll back
    pass


def _users_of(name: str, function: Any) -> list[Any]:
    import sys

    return [
        module
        for path, module in sorted(sys.modules.items())
        if (path.startswith(("headquarters.", "tests.fleet.")) and path != function.__module__)
        and getattr(module, name, None) is function
    ]


# --- headquarters: money ---


@mutant("a settlement key is settled again", quick=True, floats=True)
def settle_without_key() -> list[tuple[Any, str, Any]]:
    def taken(session: Any, event: Any, key: Any, promise: Any) -> None:
        del promise
        known = session.get(Settlement, key.settlement_key)
        if known is not None and known.voucher_no != event.voucher_no:
            session.delete(known)
            session.flush()

    return [(settlement, "_key_taken", taken)]


@mutant("the pool's room for allowances is not kept from floats", quick=True, floats=True)
def float_takes_kept_room() -> list[tuple[Any, str, Any]]:
    real = pool_ledger.no_room
    return [(settlement, "no_room", lambda session, take, *, float_used: real(session, take, float_used=False))]


@mutant("the pool is not looked at", floats=True)
def pool_not_checked() -> list[tuple[Any, str, Any]]:
    return [(settlement, "no_room", lambda session, take, *, float_used: None)]


@mutant("what is out on allowances may be granted again", quick=True)
def grant_without_escrow() -> list[tuple[Any, str, Any]]:
    return _escrow(lambda session, pool, kept: 0)


def _escrow(change: Callable[[Any, str, int], int]) -> list[tuple[Any, str, Any]]:
    real = grants.escrows_fen

    def escrows(session: Any, pools: Any) -> Any:
        return {pool: change(session, pool, kept) for pool, kept in real(session, pools).items()}

    return [(module, "escrows_fen", escrows) for module in (grants, *_users_of("escrows_fen", real))]


@mutant("a settled promise is not taken from the pool")
def pool_not_debited() -> list[tuple[Any, str, Any]]:
    def take(session: Any, take: Any) -> None:
        del session, take

    return [(settlement, "take_from_pool", take)]


@mutant("what was settled is kept aside still and granted again")
def settled_not_counted() -> list[tuple[Any, str, Any]]:
    def escrow(session: Any, pool: str, kept: int) -> int:
        spent = sum(
            each.spent_fen for each in session.query(Grant).filter(Grant.pool == pool, Grant.state == GrantState.OPEN)
        )
        return max(0, kept - spent)

    return _escrow(escrow)


@mutant("a closing statement returns the remainder without all debits", closing=True)
def close_unseen() -> list[tuple[Any, str, Any]]:
    def close(turn: Any, event: Any) -> None:
        grant = turn.session.get(Grant, event.grant_id)
        if grant is not None and grant.state == GrantState.OPEN:
            grant.returned_fen = grant.limit_fen
            grant.state = GrantState.CLOSED

    return [(processing, "close_grant", close), (grant_ledger, "close_grant", close)]


@mutant("an expired grant's remainder returns without a closing statement", short_grants=True)
def return_at_expiry() -> list[tuple[Any, str, Any]]:
    def escrow(session: Any, pool: str, kept: int) -> int:
        newest = session.query(Grant).order_by(Grant.granted_at.desc()).first()
        if newest is None:
            return kept
        lapsed = session.query(Grant).filter(Grant.pool == pool, Grant.expires_at < newest.granted_at)
        return max(0, kept - sum(each.limit_fen - each.spent_fen for each in lapsed))

    return _escrow(escrow)


@mutant("a written-off device's remainder is given to others", theft=True, write_off=True)
def write_off_returns() -> list[tuple[Any, str, Any]]:
    real = devices.revoke

    def revoke(hq: Any, device: str, *arguments: Any, write_off: bool = False, **named: Any) -> Any:
        found = real(hq, device, *arguments, write_off=write_off, **named)
        with hq.database.write() as session:
            for grant in session.query(Grant).filter(Grant.device == device):
                grant.returned_fen = grant.limit_fen - grant.spent_fen
        return found

    changes: list[tuple[Any, str, Any]] = [(devices, "revoke", revoke)]
    changes += [(module, "revoke", revoke) for module in _users_of("revoke", devices.revoke)]
    return changes


@mutant("a revoked device still gets allowances", theft=True, write_off=False)
def hold_loses_its_answer() -> list[tuple[Any, str, Any]]:
    def bad(turn: Any, seq: int, event: Any) -> None:
        raise RuntimeError("bug")

    return [(processing, "note_void", lambda turn, event: None), (processing, "settle_voucher", bad)]


@mutant("a new epoch takes over the old one's grants", reinstall=True, clone=True)
def forget_epoch() -> list[tuple[Any, str, Any]]:
    def escrow(session: Any, pool: str, kept: int) -> int:
        """What an older life of a device still holds does not count."""
        newest: dict[str, int] = {}
        rows = session.query(Grant).filter(Grant.pool == pool).all()
        for each in session.query(devices.Device).all():
            newest[each.device] = max(newest.get(each.device, 0), each.epoch)
        old = sum(
            each.limit_fen - each.settled_fen - each.returned_fen for each in rows if each.epoch < newest[each.device]
        )
        return kept - old

    return _escrow(escrow)


# --- hand to hand, on sticks, and after a restore ---


@mutant("an allowance is given before its debit is committed", quick=True, transfers=True, power=0.05, restore=False)
def donor_debits_after_giving() -> list[tuple[Any, str, Any]]:
    def debit_and_give(self: Any, donor: Any, other: Any, event: Any) -> None:
        self.give(donor, other, event.transfer)
        donor.step("between")
        donor.commit([event])

    return [(carriers.Carriers, "debit_and_give", debit_and_give)]


@mutant("a transfer that was made is not debited", transfers=True)
def transfer_not_debited() -> list[tuple[Any, str, Any]]:
    def apply_transfer(book: Any, debit: Any) -> Any:
        return _replace(
            book,
            allowances=tuple(
                _replace(one, counter=debit.counter) if one.grant_id == debit.grant_id else one
                for one in book.allowances
            ),
        )

    return [(allowances, "apply_transfer", apply_transfer)]


@mutant("a transfer is taken in twice", transfers=True)
def transfer_taken_twice() -> list[tuple[Any, str, Any]]:
    real = allowances.receive

    def receive(book: Any, proven: Any, at: Any) -> Any:
        others = tuple(one for one in book.allowances if one.grant_id != proven.transfer.transfer_id)
        before = next((one for one in book.allowances if one.grant_id == proven.transfer.transfer_id), None)
        after = real(_replace(book, allowances=others), proven, at)
        if before is None or not isinstance(after, allowances.AllowanceBook):
            return after
        more = _replace(before, limit_fen=before.limit_fen + proven.transfer.amount_fen)
        return _replace(book, allowances=(*others, more))

    return [(allowances, "receive", receive)]


@mutant("a transfer for another device is taken in", transfers=True)
def transfer_of_another() -> list[tuple[Any, str, Any]]:
    real = allowances.receive

    def receive(book: Any, proven: Any, at: Any) -> Any:
        moved = proven.transfer
        own = _replace(book, device=moved.to_device, epoch=moved.to_epoch)
        after = real(own, proven, at)
        if not isinstance(after, allowances.AllowanceBook):
            return after
        return _replace(after, device=book.device, epoch=book.epoch)

    return [(allowances, "receive", receive)]


@mutant("what was handed on is not kept aside at headquarters", transfers=True)
def handed_on_not_kept() -> list[tuple[Any, str, Any]]:
    real = grants.escrows_fen

    def escrows(session: Any, pools: Any) -> Any:
        kept = dict(real(session, pools))
        for pool in kept:
            children = session.query(Grant).filter(Grant.pool == pool, Grant.parent_id.is_not(None)).all()
            kept[pool] -= sum(each.limit_fen - each.transferred_fen - each.settled_fen for each in children)
        return kept

    return [(grants, "escrows_fen", escrows)]


@mutant("a stick counts as headquarters", sticks=True)
def stick_counts_as_headquarters() -> list[tuple[Any, str, Any]]:
    real = carriers.Carriers._written

    def written(self: Any, donor: Any) -> Any:
        bundle = real(self, donor)
        if bundle is not None:
            donor.disk.watermark = donor.disk.next_seq - 1
            self._world.truth.check_receipt(donor)
        return bundle

    return [(carriers.Carriers, "_written", written)]


@mutant("a bundle leaves unsealed", quick=True, sticks=True)
def bundle_unsealed() -> list[tuple[Any, str, Any]]:
    def seal(self: Any, plain: bytes, *, last: bool) -> None:
        del last
        self._put(plain + bytes(16))

    return [(bundles.BundleSealer, "_seal", seal)]


@mutant(
    "a restored headquarters grants before it has heard its laptops",
    hq_restore=True,
    clone=False,
    restore=False,
    old_clients=False,
)
def restored_grants_at_once() -> list[tuple[Any, str, Any]]:
    return [
        (module, "require_allowances_open", lambda hq, session, pool: None)
        for module in (restores, *_users_of("require_allowances_open", restores.require_allowances_open))
    ]


@mutant(
    "a restored headquarters forgets what it had granted",
    hq_restore=True,
    clone=False,
    restore=False,
    old_clients=False,
)
def restored_forgets() -> list[tuple[Any, str, Any]]:
    return [
        (module, "is_recovering", lambda hq, session: False)
        for module in (restores, *_users_of("is_recovering", restores.is_recovering))
    ] + [
        (module, "feed_waits", lambda hq, session, device: False)
        for module in (restores, *_users_of("feed_waits", restores.feed_waits))
    ]


# --- files ---


@mutant("a file counts as held when its first chunk came", files=True)
def file_held_at_first_chunk() -> list[tuple[Any, str, Any]]:
    real = Disk.attachments_waiting

    def waiting(self: Disk) -> Any:
        return [each for each in real(self) if each.sha256 not in _asked]

    def do(self: courier.Courier, effect: Any) -> None:
        real_do(self, effect)
        if isinstance(effect, courier.SendChunk):
            self._disk.held.add(effect.chunk.sha256)

    _asked: set[str] = set()
    real_do = courier.Courier._do
    return [(Disk, "attachments_waiting", waiting), (courier.Courier, "_do", do)]


@mutant("headquarters says it holds a file that it doesn't", files=True)
def file_held_unseen() -> list[tuple[Any, str, Any]]:
    def offer(hq: Any, device: str, epoch: int, items: Any) -> Any:
        held, missing = real(hq, device, epoch, items)
        lacking = [each.sha256 for each in missing]
        with hq.database.write() as session:
            turn = log_intake.Turn(hq, session, session.get_one(log_intake.Device, (device, epoch)), hq.now())
            if lacking:
                from functools import partial

                from claims.statements import AttachmentsHeld
                from headquarters.statements_out import say

                say(turn, partial(AttachmentsHeld, sha256=tuple(lacking)))
        return (*held, *lacking), ()

    real = attachments.offer
    return [(answers, "offer", offer)]


# --- the station's hub ---


@mutant("a hub whose power went has its allowances whole again", quick=True, hubs=True, hub_power=True)
def hub_refills_after_restart() -> list[tuple[Any, str, Any]]:
    def start_hub(laptop: Any) -> Any:
        whole = tuple(_replace(one, transferred_fen=0) for one in laptop.disk.book.allowances)
        laptop.disk.book = _replace(laptop.disk.book, allowances=whole)
        return real(laptop)

    real = hub.start_hub
    return [(hub, "start_hub", start_hub)]


@mutant("a hub signs for a bundle before it keeps it", quick=True, hubs=True)
def hub_signs_before_keeping() -> list[tuple[Any, str, Any]]:
    def hold_bundle(self: Any, held: Any) -> None:
        del self, held

    return [(store_view._Unit, "hold_bundle", hold_bundle)]


@mutant("a hub's receipt counts as headquarters'", quick=True, hubs=True)
def hub_receipt_counts_as_headquarters() -> list[tuple[Any, str, Any]]:
    def keep_note(self: Disk, note: Any) -> None:
        real(self, note)
        self.watermark = max(self.watermark, note.through_seq)

    real = Disk.keep_note
    return [(Disk, "keep_note", keep_note)]


@mutant("a hub hands allowance on without its debit", hubs=True)
def hub_gives_without_debit() -> list[tuple[Any, str, Any]]:
    def append(self: Any, *events: Any) -> None:
        real(self, *(each for each in events if not isinstance(each, AllowanceTransferred)))

    real = store_view._Unit.append
    return [(store_view._Unit, "append", append)]


@mutant("a hub lets a bundle go when it was sent", hubs=True, loss=0.2, answer_lost=0.2)
def hub_lets_go_on_sending() -> list[tuple[Any, str, Any]]:
    def forward(self: Any, at_hub: Any) -> None:
        if at_hub.hub is None:
            at_hub.hub = hub.start_hub(at_hub)
        for held in at_hub.hub.shelf.waiting():
            at_hub.hub.shelf.handed_over(held, None)

    return [(hub.Lan, "forward", forward)]


@mutant("what a hub keeps is not sealed", hubs=True)
def hub_reads_along() -> list[tuple[Any, str, Any]]:
    return bundle_unsealed()


# --- people at headquarters, and the bank ---


@mutant("a batch is made again with what was in the one before", quick=True, people=True)
def instructed_twice() -> list[tuple[Any, str, Any]]:
    def make_batch(hq: Any) -> Any:
        with hq.database.write() as session:
            for each in session.query(PaymentInstruction).filter(PaymentInstruction.batch_no.is_not(None)):
                each.batch_no, each.place, each.state = None, None, InstructionState.WAITING
        return real(hq)

    real = people.make_batch
    return [(people, "make_batch", make_batch)]


@mutant("a withdrawn case is paid like any other", people=True)
def withdrawn_is_paid() -> list[tuple[Any, str, Any]]:
    return [
        (module, "withdrawn_concern", lambda session, case_no: None)
        for module in _users_of("withdrawn_concern", withdrawals.withdrawn_concern)
    ]


@mutant(
    "headquarters set back forgets which batches left",
    people=True,
    hq_restore=True,
    sent_lost=False,
    clone=False,
    restore=False,
)
def batches_forgotten() -> list[tuple[Any, str, Any]]:
    return [(restoring, "learn_sent", lambda home, session: 0)]


@mutant(
    "headquarters pays on though it is not known what left",
    people=True,
    hq_restore=True,
    sent_lost=True,
    clone=False,
    restore=False,
)
def pays_on_unknown() -> list[tuple[Any, str, Any]]:
    return [(payment_batches, "require_sent_known", lambda session, waiting: None)]
