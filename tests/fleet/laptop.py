"""A simulated laptop and the people round it: takes claims in, promises, prints, syncs, loses power, is stolen, is cloned.

Promise: what it promises is covered by ``claims.allowances`` on its own disk and clock; paper leaves the printer only after the commit. Each
durable step is a place where the power may go (``Laptop.step``). ``line`` names one continuation of one disk: a clone or a restored image
that is worked on is another line of the same (device, epoch).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from claims import allowances, trusted_time
from claims.allowances import AllowanceBook, Refusal
from claims.errors import Bilingual
from claims.events import (
    AllowanceClosed,
    AnyEvent,
    CaseOpened,
    DeterminationMade,
    DocumentAdded,
    Outcome,
    PaperKind,
    PaperPrinted,
    SlipIssued,
    VoucherIssued,
    VoucherVoided,
)
from claims.records import StoredCommit
from claims.settlement import PayeeAmounts
from claims.trusted_time import TrustedTime
from sync.wire.effects import Finish
from sync.wire.faults import LinkFault
from tests.fleet.clockwork import HOUR
from tests.fleet.courier import Courier
from tests.fleet.disk import Disk, StoreRefused
from tests.fleet.house import at
from tests.fleet.library import CANARY, Loss
from trust.vouchers import VoucherClaims, seal_voucher

if TYPE_CHECKING:
    from app.neighbour_push import NeighbourPush
    from tests.fleet.hub import StationHub
    from tests.fleet.world import World


class PowerCut(Exception):  # noqa: N818 - what happens to the machine
    """The power went."""


class Laptop:
    """One machine with one disk in it."""

    def __init__(self, world: World, station: str, disk: Disk, line: int) -> None:
        self.world = world
        self.station = station
        self.disk = disk
        self.line = line
        self.up = True
        self.gone = False
        self.idle = False
        """Nobody works on it any more: frozen, revoked or set aside; it may still be asked for its log."""
        self.online = True
        self.skew_s = 0.0
        self.old_client = False
        self.boots = 0
        self.courier: Courier | None = None
        self.last_loss: Loss | None = None
        self.cycles_since_stop = 0
        self.finished_since_heal = 0
        self.is_hub = False
        self.hub: StationHub | None = None
        self.push: NeighbourPush | None = None

    @property
    def name(self) -> str:
        """Device, epoch and line, for the trace."""
        identity = self.disk.identity
        return f"{identity.device}/{identity.epoch}#{self.line}"

    # Time and power

    def wall(self) -> datetime:
        """What this machine's clock says."""
        return at(self.world.clockwork.now_s) + timedelta(seconds=self.skew_s)

    def time(self) -> TrustedTime:
        """What may be relied on."""
        return trusted_time.trusted_time(self.wall(), self.disk.floor)

    def after(self, delay_s: float, what: str, run: Callable[[], None]) -> None:
        """Do something later, unless the power went in between."""
        boots = self.boots

        def due() -> None:
            if self.up and not self.gone and self.boots == boots:
                self.guarded(run)

        self.world.clockwork.after(delay_s, f"{self.name} {what}", due)

    def guarded(self, run: Callable[[], None]) -> None:
        """Run, and die where the power goes."""
        try:
            run()
        except PowerCut:
            self.die()

    def step(self, name: str) -> None:
        """A place where the power may go."""
        if getattr(self.disk, "dead", False):
            self.disk.dead = False  # type: ignore[attr-defined]
            self.world.note(f"{self.name} POWER CUT with the commit")
            raise PowerCut
        if self.world.power_goes(self, name):
            self.world.note(f"{self.name} POWER CUT {name}")
            raise PowerCut

    def die(self) -> None:
        """Lose everything that is not on the disk."""
        self.up = False
        self.boots += 1
        self.courier = self.hub = self.push = None
        self.disk.lose_power()
        self.disk.check()
        self.world.truth.check_printed(self)
        self.world.clockwork.after(self.world.clockwork.wait_s(HOUR), f"{self.name} boots", self.boot)

    def boot(self) -> None:
        """Start again from the disk."""
        if self.gone or self.up:
            return
        self.up = True
        self.world.truth.check_book(self)
        self.world.start_habits(self)

    # Durable steps

    def commit(
        self,
        events: Sequence[AnyEvent],
        numbers: Sequence[str] = (),
        files: Sequence[bytes] = (),
        book: AllowanceBook | None = None,
    ) -> StoredCommit:
        """One transaction, with the power going before or after it."""
        self.step("before_commit")
        stored = self.disk.commit(events, numbers, files, book)
        self.world.truth.committed(self, stored, events)
        self.step("after_commit")
        if self.courier is not None:
            self.courier.look_for_new_work()
        return stored

    def receive(self, raws: Sequence[bytes]) -> None:
        """Take headquarters' statements in, in one transaction."""
        self.step("before_receive")
        if self.disk.receive(raws):
            self.world.truth.received(self)
        self.step("after_receive")

    # The work at the desk

    def work(self) -> None:
        """Take one claim in."""
        self.world.truth.check_clock(self)
        if self.idle:
            return
        loss = self.world.pick_loss(self)
        try:
            self.take_in(loss)
        except StoreRefused as refused:
            self.world.note(f"{self.name} {refused}")

    def take_in(self, loss: Loss) -> None:
        """Open the case, promise what is covered, give a slip for the rest."""
        time = self.time()
        case_no = self.disk.number("case")
        if case_no is None or self.disk.authority is None or self.disk.revoked:
            return
        case = CaseOpened(
            at=time.at,
            case_no=case_no,
            channel="station",
            claim_type=loss.claim_type,
            insured=loss.insured,
            reporter=loss.insured,
            policy_nos=(loss.policy.policy_no,),
            loss_date=loss.loss_date,
            loss_place="清溪镇",
            loss_region="990101",
            catastrophe_id=None,
            description=CANARY,
        )
        made = DeterminationMade(
            at=time.at,
            case_no=case_no,
            policy_no=loss.policy.policy_no,
            pack_hash=loss.pack_hash,
            facts=msgspec.Raw(loss.facts),
            decision=msgspec.Raw(loss.decision),
            decision_sha256=loss.decision_sha256,
            outcome=Outcome.PRE_APPROVED,
            outcome_reasons=(),
        )
        events: list[AnyEvent] = [case, made]
        contents = []
        if self.world.weather.files:
            content = self.world.photo()
            contents.append(content)
            events.insert(1, _document(case_no, time.at, content))
        self.commit(events, numbers=["case"], files=contents)
        self.world.people.cases[case_no] = (loss, self)
        for amounts in loss.amounts:
            self.promise(case_no, loss, amounts)

    def promise(self, case_no: str, loss: Loss, amounts: PayeeAmounts) -> None:
        """T1 for one payee, then the printer; or a slip that promises nothing."""
        time = self.time()
        covered = allowances.spend_all(self.disk.book, amounts.keys, time)
        if isinstance(covered, Refusal) and self.world.weather.hubs and self.world.lan.ask(self, amounts):
            time = self.time()
            covered = allowances.spend_all(self.disk.book, amounts.keys, time)
        number = self.disk.number("voucher")
        if isinstance(covered, Refusal) or number is None:
            self.world.count("refused")
            self._slip(case_no, time)
            return
        authority = self.disk.authority
        assert authority is not None
        claims = VoucherClaims(
            voucher_no=number,
            case_no=case_no,
            policy_no=loss.policy.policy_no,
            payee=amounts.payee.name,
            amount_fen=amounts.amount_fen,
            issued_at=int(time.at.timestamp()),
            station=self.station,
            adjuster=self.disk.identity.adjuster,
            pack_hash=loss.pack_hash,
            decision_sha256=loss.decision_sha256,
            grants=tuple(dict.fromkeys(debit.grant_id for debit in covered.debits)),
            counter=self.disk.used_numbers.get("voucher", 0) + 1,
        )
        voucher = VoucherIssued(
            at=time.at,
            case_no=case_no,
            policy_no=loss.policy.policy_no,
            voucher_no=number,
            payee=amounts.payee,
            amount_fen=amounts.amount_fen,
            keys=amounts.keys,
            debits=covered.debits,
            pack_hash=loss.pack_hash,
            decision_sha256=loss.decision_sha256,
            authority_id=authority.authority_id,
            cose=seal_voucher(self.disk.key, self.disk.identity.device_certificate, claims),
        )
        self.issue(voucher)

    def issue(self, voucher: VoucherIssued) -> None:
        """Commit, then print: never the other way round."""
        self.commit([voucher], numbers=["voucher"])
        self.print(voucher)

    def print(self, voucher: VoucherIssued) -> None:
        """Paper leaves the printer."""
        self.world.truth.printed(self, voucher)
        self.step("after_print")
        self.commit([_printed(voucher)])
        if self.world.weather.voids and self.world.clockwork.chance(0.08):
            self.commit([VoucherVoided(at=self.time().at, voucher_no=voucher.voucher_no, reason="写错姓名")])
            self.world.truth.voided.add(voucher.voucher_no)

    def close_allowance(self) -> None:
        """Give a closing statement on one grant, expired ones first; the float is kept."""
        if self.idle:
            return
        now = self.time()
        own = [one for one in self.disk.book.allowances if not one.closed and one.pool != "*"]
        lapsed = [one for one in own if now.at >= one.expires_at]
        chosen = (lapsed or own)[:1]
        for one in chosen:
            try:
                self.commit([AllowanceClosed(at=now.at, grant_id=one.grant_id, spent_fen=one.spent_fen)])
                self.world.count("closed")
            except StoreRefused as refused:
                self.world.note(f"{self.name} {refused}")

    def _slip(self, case_no: str, time: TrustedTime) -> None:
        number = self.disk.number("slip")
        if number is None:
            return
        reason = Bilingual("离线额度不足。", "Not enough allowance.")
        slip = SlipIssued(at=time.at, case_no=case_no, slip_no=number, outcome=Outcome.RECEIPT_ONLY, reasons=(reason,))
        self.commit([slip], numbers=["slip"])

    # Sync

    def sync(self) -> None:
        """Start a cycle unless one runs."""
        if self.courier is not None:
            return
        self.courier = Courier(self, money_only=self.world.clockwork.chance(0.2))
        self.courier.start()

    def cycle_ended(self, courier: Courier, end: Finish) -> None:
        """A cycle is over."""
        if self.courier is courier:
            self.courier = None
        self.world.note(f"{self.name} cycle {end.fault or 'finished'}")
        self.world.count("cycles")
        if end.fault is None:
            self.world.count("finished")
            self.finished_since_heal += 1
        if self.idle:
            self.cycles_since_stop += 1
        if end.fault in STOPPED or self.disk.revoked:
            if not self.idle:
                self.world.laptop_stopped(self, end.fault)
            self.idle = True

    def drained(self) -> bool:
        """Tell whether headquarters has acknowledged everything on this disk."""
        return self.disk.watermark == self.disk.next_seq - 1 and not self.disk.attachments_waiting()


STOPPED = frozenset({LinkFault.FORKED, LinkFault.RESTORED, LinkFault.FROZEN, LinkFault.REVOKED})


def _document(case_no: str, when: datetime, content: bytes) -> DocumentAdded:
    return DocumentAdded(
        at=when,
        case_no=case_no,
        document_id=f"{case_no}-1",
        material="photo",
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        media_type="image/jpeg",
        filename="1.jpg",
        thumbnail_sha256=None,
        pages=1,
    )


def _printed(voucher: VoucherIssued) -> PaperPrinted:
    return PaperPrinted(
        at=voucher.at, number=voucher.voucher_no, kind=PaperKind.VOUCHER, copy_no=1, destination="printer"
    )
