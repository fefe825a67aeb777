"""What really happened, known to nobody in the simulated world, and the checks against it after every step.

Promise: a check reads what the product wrote (logs, books, headquarters' tables) and compares it with what the world did; it never
asks the product whether it is right. A violation names its rule.

Rules:
    pool_limit            promises from allowances of a pool stay within its limit; beyond it only floats and what a copied disk respent
    grant_limit           no line of a disk promises more from a grant than it was granted for; a grant id never refills
    closing               nothing is promised from a grant after its closing statement
    expiry                nothing is promised from a grant at its end or later, by the laptop's trusted time
    clock                 only signed time raises the floor, and nothing is promised before it
    key_once              one line of a disk promises a settlement key once
    feed                  headquarters' feed is read without a gap
    files                 what a laptop believes held is whole at headquarters
    grant_ledger          headquarters' figures of a grant fit one another; a remainder returns only by a closing statement
    transfer              a right that arrives was debited durably at its donor, is for this device, and is taken once
    exposure              what was promised beyond limits was known beforehand as exposure
    printed_durable       what left the printer is in the durable log of that laptop
    book                  the laptop's book follows from its log and inbox
    receipt               what a laptop believes acknowledged is held by headquarters
    watermark             headquarters' watermark never falls and has no gap below it
    settled_once          a settlement key is settled once, over all lives of headquarters
    settled_limit         what is settled from a pool stays within its limit
    escrow                what is settled and what is kept aside for open allowances stays within the limit
    log_union             headquarters' log is the union of the surviving logs
    fork_found            two lines of one disk that both met headquarters: the device is frozen
    plain_text            nothing personal is readable outside its seal
    instruction_once      a payment instruction leaves in one batch, with one content
    paid_once, paid_loss  the bank pays no voucher, no prepayment and no loss more than was decided, in all its instalments
    withdrawn             nothing is instructed for a case after headquarters withdrew it
    custody               what a hub signed for lies durably on its disk; it lets nothing go that headquarters lacks; in the end headquarters
                          holds what a surviving hub had signed for; a custody receipt counts for nothing else
    disk_suspected        a neighbour's word stops no laptop whose disk is the only one
    liveness              after healing every outbox and every hub's shelf empties within bounded time
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import zstandard

from claims.allowances import FLOAT_POOL
from claims.bundles import HeldBundle
from claims.custody import Custodian, CustodyNote
from claims.events import (
    AllowanceClosed,
    AllowanceReceived,
    AllowanceTransferred,
    AnyEvent,
    VoucherIssued,
)
from claims.own_disk import DiskFault
from claims.records import StoredCommit
from tests.fleet.clockwork import Violation
from tests.fleet.disk import Disk
from tests.fleet.house import Request, at
from tests.fleet.library import CANARY
from tests.fleet.people import loss_and_payee
from tests.fleet.readings import events_of, statement_id

if TYPE_CHECKING:
    from tests.fleet.laptop import Laptop
    from tests.fleet.world import World

_CANARY_BYTES = CANARY.encode()
_CANARIES = (
    _CANARY_BYTES,
    # In base64 the same bytes read otherwise by where they begin; the outer characters depend on the neighbours.
    *(base64.b64encode(bytes(shift) + _CANARY_BYTES + bytes(2))[4:-4] for shift in range(3)),
)
_ZSTD = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True)
class Paper:
    """One promise: on which line of which disk, in which commit."""

    line: int
    device: str
    epoch: int
    voucher: VoucherIssued


class Truth:
    """The ledger of what was done, and the checkers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.limits: dict[str, int] = {}
        self.papers: dict[tuple[int, str], Paper] = {}
        self.on_paper: list[tuple[Laptop, VoucherIssued]] = []
        self.voided: set[str] = set()
        self.second_lines: set[int] = set()
        """Lines that began as a copy of a disk that was worked on before."""
        self.by_pool: dict[str, int] = defaultdict(int)
        self.beyond_by_pool: dict[str, int] = defaultdict(int)
        self.by_grant: dict[tuple[int, str], int] = defaultdict(int)
        self.granted: dict[tuple[str, str, int], tuple[str, int]] = {}
        self.tainted: set[tuple[str, str, int]] = set()
        """Rights that a second line of a disk handed on: what is promised from them is respent as well."""
        self.closed: set[tuple[int, str]] = set()
        self.closed_at_fen: dict[str, int] = {}
        """By grant, what its closing statement says was spent."""
        self.taken_over: set[tuple[int, str]] = set()
        self.keys: set[tuple[int, str]] = set()
        self.float_promised = 0
        self.respent = 0
        self.known_exposure_fen = 0
        self.settled: dict[str, str] = {}
        self._watermarks: dict[tuple[str, int], int] = {}
        self.custodies: list[tuple[Laptop, Laptop, CustodyNote]] = []
        self.met_to: dict[int, int] = {}
        """By line: the last event that headquarters was shown in a way in which it must notice another history."""

    # What happens

    def learn_grants(self, disk: Disk) -> None:
        """Note what each grant id is for; another content under the same id is a violation."""
        for one in disk.book.allowances:
            place = (one.grant_id, disk.identity.device, disk.identity.epoch)
            known = self.granted.setdefault(place, (str(one.pool), one.limit_fen))
            if known != (str(one.pool), one.limit_fen):
                raise Violation("grant_limit", f"{one.grant_id} was {known}, is {(str(one.pool), one.limit_fen)}")

    def committed(self, laptop: Laptop, stored: StoredCommit, events: Sequence[AnyEvent]) -> None:
        """A commit is on the disk of a laptop."""
        del stored
        self._world.count("events", len(events))
        self.learn_grants(laptop.disk)
        for event in events:
            if isinstance(event, VoucherIssued):
                self._promised(laptop, event)
            elif isinstance(event, AllowanceTransferred):
                self._handed_on(laptop, event)
            elif isinstance(event, AllowanceReceived):
                self._taken_over(laptop, event)
            elif isinstance(event, AllowanceClosed):
                self.closed.add((laptop.line, event.grant_id))
                self.closed_at_fen[event.grant_id] = event.spent_fen

    def _handed_on(self, laptop: Laptop, event: AllowanceTransferred) -> None:
        identity = laptop.disk.identity
        place = (event.grant_id, identity.device, identity.epoch)
        if laptop.line in self.second_lines or place in self.tainted:
            self.tainted.add((event.transfer_id, event.to_device, event.to_epoch))
        self._take(laptop, event.grant_id, event.amount_fen)

    def _taken_over(self, laptop: Laptop, event: AllowanceReceived) -> None:
        """A right that arrives was debited durably before, is for this device, and is taken once."""
        identity = laptop.disk.identity
        if (laptop.line, event.transfer_id) in self.taken_over:
            raise Violation("transfer", f"{laptop.name} took {event.transfer_id} twice")
        self.taken_over.add((laptop.line, event.transfer_id))
        for donor in self._world.laptops:
            for commit in donor.disk.commits:
                for told in events_of(commit.raw):
                    if isinstance(told, AllowanceTransferred) and told.transfer == event.transfer:
                        if (told.to_device, told.to_epoch) != (identity.device, identity.epoch):
                            raise Violation(
                                "transfer", f"{laptop.name} took {event.transfer_id}, meant for {told.to_device}"
                            )
                        return
        if not self._world.lines_lost:
            raise Violation("transfer", f"{laptop.name} took {event.transfer_id}; no donor's log has debited it")

    def _take(self, laptop: Laptop, grant_id: str, amount_fen: int) -> None:
        identity = laptop.disk.identity
        gone = self.by_grant[laptop.line, grant_id] = self.by_grant[laptop.line, grant_id] + amount_fen
        known = self.granted.get((grant_id, identity.device, identity.epoch))
        if known is None or gone > known[1]:
            raise Violation("grant_limit", f"{laptop.name} used {gone} fen of {grant_id}, granted {known}")
        if (laptop.line, grant_id) in self.closed:
            raise Violation("closing", f"{laptop.name} used {grant_id} after its closing statement")

    def printed(self, laptop: Laptop, voucher: VoucherIssued) -> None:
        """A voucher left the printer."""
        self._world.count("printed")
        self.on_paper.append((laptop, voucher))
        self._promised(laptop, voucher)
        self.check_printed(laptop)

    def received(self, laptop: Laptop) -> None:
        """A laptop took statements in."""
        self.learn_grants(laptop.disk)
        self.check_feed(laptop)
        self.check_receipt(laptop)

    def _promised(self, laptop: Laptop, voucher: VoucherIssued) -> None:
        key = (laptop.line, voucher.voucher_no)
        if key in self.papers:
            return
        identity = laptop.disk.identity
        self.papers[key] = Paper(laptop.line, identity.device, identity.epoch, voucher)
        second = laptop.line in self.second_lines
        floats = {debit.settlement_key for debit in voucher.debits if debit.pool == FLOAT_POOL}
        ends = {one.grant_id: one.expires_at for one in laptop.disk.book.allowances}
        for debit in voucher.debits:
            if debit.grant_id in ends and voucher.at >= ends[debit.grant_id]:
                raise Violation(
                    "expiry", f"{laptop.name} promised from {debit.grant_id} at {voucher.at}, its end or later"
                )
            self._take(laptop, debit.grant_id, debit.amount_fen)
            second = second or (debit.grant_id, identity.device, identity.epoch) in self.tainted
        floor = laptop.disk.floor
        if floor is not None and voucher.at < floor:
            raise Violation(
                "clock", f"{laptop.name} promised at {voucher.at}, before {floor} that headquarters had signed"
            )
        for keyed in voucher.keys:
            if (laptop.line, keyed.settlement_key) in self.keys:
                raise Violation("key_once", f"{laptop.name} promised {keyed.settlement_key} twice")
            self.keys.add((laptop.line, keyed.settlement_key))
            beyond = second or keyed.settlement_key in floats
            if keyed.settlement_key in floats:
                self.float_promised += keyed.amount_fen
            if second:
                self.respent += keyed.amount_fen
            for pool in keyed.pools:
                self.by_pool[pool] += keyed.amount_fen
                if beyond:
                    self.beyond_by_pool[pool] += keyed.amount_fen
                self.check_pool(pool)
        self.check_exposure()

    def line_began(self, parent: Laptop, copy: Laptop) -> None:
        """A disk image is worked on: what it spent before counts for its own line too."""
        self.second_lines.add(copy.line)
        for one in copy.disk.book.allowances:
            self.by_grant[copy.line, one.grant_id] = one.gone_fen
        self.know_exposure()
        self.learn_grants(parent.disk)

    # The station's hub

    def custody_noted(self, laptop: Laptop, note: CustodyNote) -> None:
        """A laptop believes that somebody keeps its log: a hub that signed for it has it on its disk, and headquarters' word stays its own."""
        if note.custodian is not Custodian.HUB:
            return
        self._world.count("custody")
        for hub in self._world.laptops:
            if hub.disk.identity.device == note.name and self._holds(hub, note.bundle_id):
                self.custodies.append((hub, laptop, note))
                break
        else:
            raise Violation(
                "custody", f"{laptop.name} has a receipt of {note.name} for {note.bundle_id[:8]}; no hub holds it"
            )
        self.check_receipt(laptop)
        self.check_files(laptop)

    def _holds(self, hub: Laptop, bundle_id: str) -> bool:
        row: HeldBundle | None = hub.disk.shelf.get(bundle_id)
        if row is None or hub.disk.home is None:
            return False
        path = hub.disk.home / "bundles" / f"{bundle_id}.fcb"
        return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == row.sha256

    def handed_over(self, hub: Laptop, row: HeldBundle) -> None:
        """A hub lets a bundle go: headquarters has taken it."""
        taken = self._world.house.look("SELECT 1 FROM bundles_taken WHERE sha256 = ?", row.sha256)
        known = self._world.house.look("SELECT 1 FROM devices WHERE device = ? AND epoch = ?", row.device, row.epoch)
        if not taken and not known and self._world.hq_set_back:
            # Headquarters was set back to before it enrolled the writer: it can read nothing of it until the laptop itself calls.
            self._world.count("custody_of_forgotten_laptops")
            return
        if not taken:
            raise Violation(
                "custody", f"{hub.name} lets {row.bundle_id[:8]} of {row.device} go; headquarters has not taken it"
            )
        self.check_headquarters(row.device, row.epoch)

    def disk_suspected(self, laptop: Laptop, fault: DiskFault) -> None:
        """Neighbours say that a disk is not the current one: there is, or was, another one of that device."""
        identity = laptop.disk.identity
        self._world.count("disks_suspected")
        for other in self._world.laptops:
            if other is not laptop and other.disk.identity.device == identity.device:
                return
        raise Violation("disk_suspected", f"{laptop.name} is the only one, and is told: {fault.name}")

    def check_custody(self) -> None:
        """What a hub that is still there had signed for is at headquarters."""
        if self._world.hq_set_back:
            return  # what only a stolen laptop still had is lost with what headquarters forgot
        stopped = self._world.stopped_devices()
        for hub, laptop, note in self.custodies:
            identity, own = laptop.disk.identity, hub.disk.identity
            place = (identity.device, identity.epoch)
            if hub.gone or (own.device, own.epoch) in stopped or place in stopped:
                continue
            if laptop.gone:
                self._world.count("custody_of_lost_laptops")
            held = self._world.house.look("SELECT watermark_seq FROM devices WHERE device = ? AND epoch = ?", *place)
            if not held or held[0][0] < note.through_seq:
                raise Violation(
                    "custody", f"{hub.name} signed for {laptop.name} to {note.through_seq}, headquarters holds {held}"
                )

    # Checks of the field

    def check_pool(self, pool: str) -> None:
        """Promises from allowances stay within the pool."""
        limit = self.limits.get(pool)
        if limit is None:
            return
        firm = self.by_pool[pool] - self.beyond_by_pool[pool]
        if firm > limit:
            raise Violation("pool_limit", f"{pool}: {firm} fen promised from allowances, limit {limit}")

    def check_exposure(self) -> None:
        """What went beyond limits was known beforehand."""
        beyond = self.float_promised + self.respent
        if beyond > self.known_exposure_fen:
            self.know_exposure()
        over = sum(max(0, self.by_pool[pool] - limit) for pool, limit in self.limits.items())
        if over > self.known_exposure_fen:
            raise Violation("exposure", f"{over} fen beyond limits, exposure was {self.known_exposure_fen}")

    def know_exposure(self) -> None:
        """Ask headquarters what could be promised beyond limits: the highest figure it ever told."""
        self.known_exposure_fen = max(self.known_exposure_fen, self._world.told_exposure_fen())

    def check_printed(self, laptop: Laptop) -> None:
        """Everything this line printed is in its durable log."""
        there = None
        for by, voucher in self.on_paper:
            if by.line != laptop.line:
                continue
            if there is None:
                there = _vouchers_in(laptop.disk)
            if voucher.voucher_no not in there:
                raise Violation("printed_durable", f"{laptop.name} printed {voucher.voucher_no}; its log lacks it")

    def check_book(self, laptop: Laptop) -> None:
        """The book follows from log and inbox."""
        self._world.count("boots")
        spent: dict[str, int] = defaultdict(int)
        moved: dict[str, int] = defaultdict(int)
        for voucher in _vouchers_in(laptop.disk).values():
            for debit in voucher.debits:
                spent[debit.grant_id] += debit.amount_fen
        for event in (each for commit in laptop.disk.commits for each in events_of(commit.raw)):
            if isinstance(event, AllowanceTransferred):
                moved[event.grant_id] += event.amount_fen
        for one in laptop.disk.book.allowances:
            if one.transferred_fen != moved[one.grant_id]:
                raise Violation(
                    "book",
                    f"{laptop.name}: {one.grant_id} handed {one.transferred_fen} on, the log says {moved[one.grant_id]}",
                )
            if one.spent_fen < spent[one.grant_id]:
                raise Violation(
                    "book", f"{laptop.name}: {one.grant_id} spent {one.spent_fen}, the log says {spent[one.grant_id]}"
                )

    def check_feed(self, laptop: Laptop) -> None:
        """The feed was read without a gap, and only signed times raised the floor."""
        disk = laptop.disk
        for place in range(max(0, len(disk.feed) - 8), len(disk.feed)):
            said = statement_id(disk.feed[place])
            if int(said.rpartition(".")[2]) > place:
                raise Violation("feed", f"{laptop.name} has {said} at {place} of its feed")
        if disk.feed_count != len(disk.feed):
            raise Violation("feed", f"{laptop.name} counts {disk.feed_count} of its feed and holds {len(disk.feed)}")

    def check_clock(self, laptop: Laptop) -> None:
        """Nothing but headquarters' signed time raises the floor."""
        floor = laptop.disk.floor
        if floor is not None and floor > at(self._world.clockwork.now_s):
            raise Violation("clock", f"{laptop.name} has the floor {floor}, in the future")

    def check_receipt(self, laptop: Laptop) -> None:
        """What a laptop believes acknowledged is at headquarters, unless headquarters was set back since."""
        disk = laptop.disk
        if disk.watermark >= disk.next_seq:
            raise Violation("receipt", f"{laptop.name} has receipts to {disk.watermark}, its log ends before")
        if self._world.hq_set_back:
            return
        held = self._world.house.look(
            "SELECT watermark_seq FROM devices WHERE device = ? AND epoch = ?",
            disk.identity.device,
            disk.identity.epoch,
        )
        if not held or held[0][0] < disk.watermark:
            raise Violation("receipt", f"{laptop.name} has receipts to {disk.watermark}, headquarters holds {held}")

    # Checks of headquarters, after each of its steps

    def check_headquarters(self, device: str | None = None, epoch: int | None = None) -> None:
        """Look at what a step of headquarters may have changed."""
        self._check_settlements()
        self._check_pools()
        if device is not None and epoch is not None:
            self._check_watermark(device, epoch)

    def _check_settlements(self) -> None:
        look = self._world.house.look
        for key, voucher_no in look("SELECT settlement_key, voucher_no FROM settlements"):
            known = self.settled.setdefault(key, voucher_no)
            if known != voucher_no and (self.forgotten_with_its_witness(known) or known in self._world.people.decided):
                self.settled[key] = voucher_no
            elif known != voucher_no:
                raise Violation("settled_once", f"{key} settled by {known} and by {voucher_no}")

    def forgotten_with_its_witness(self, voucher_no: str) -> bool:
        """Headquarters was set back to before it settled this voucher, and the laptop that had been told is written off: nobody alive knows.

        What had been paid by then stands in the batches that left (``headquarters.sent_batches``), which a restore does not forget.
        """
        device = voucher_no.split("-")[1]
        states = self._world.house.look("SELECT state FROM devices WHERE device = ?", device)
        return self._world.hq_set_back and any(state == "written_off" for (state,) in states)

    def _closings_not_heard_again(self) -> Iterator[tuple[str, int]]:
        """Remainders that closing statements gave back to a headquarters which was set back since: what was booked then on the free room is
        learnt again before the log with the closing comes, and until then too much is kept aside, which hurts nobody.
        """
        for grant_id, pool, kept_fen, settled_fen in self._world.house.look(
            "SELECT grant_id, pool, limit_fen - transferred_fen - settled_fen - returned_fen, settled_fen FROM grants WHERE state <> 'closed'"
        ):
            if grant_id in self.closed_at_fen:
                yield pool, max(0, kept_fen - max(0, self.closed_at_fen[grant_id] - settled_fen))

    def _check_pools(self) -> None:
        look = self._world.house.look
        kept = dict(look(ESCROW_SQL))
        if self._world.hq_set_back:
            for pool, given_up_fen in self._closings_not_heard_again():
                kept[pool] -= given_up_fen
        recovering = self._world.hq_set_back and bool(look("SELECT 1 FROM restores WHERE ended_at IS NULL"))
        pools_of = {
            (paper.voucher.voucher_no, loss_and_payee(keyed.settlement_key)): keyed.pools
            for paper in self.papers.values()
            for keyed in paper.voucher.keys
        }
        sums: dict[str, int] = defaultdict(int)
        for key, voucher_no, amount in look("SELECT settlement_key, voucher_no, amount_fen FROM settlements"):
            ahead = self._world.people.prepaid_pools.get(voucher_no)
            for pool in ahead or pools_of.get((voucher_no, loss_and_payee(key)), ()):
                sums[pool] += amount
        for pool, unit, limit, used, settled in look('SELECT pool_id, unit, "limit", used, settled FROM pools'):
            if unit != "fen" or limit is None:
                continue
            true_limit = self.limits.get(pool, limit)
            if settled != sums[pool] and not self._world.hq_set_back:
                raise Violation("settled_limit", f"{pool}: the ledger says {settled}, settlements come to {sums[pool]}")
            if settled > used or max(used, sums[pool]) > true_limit:
                raise Violation(
                    "settled_limit", f"{pool}: settled {settled}/{sums[pool]}, used {used}, limit {true_limit}"
                )
            if used + kept.get(pool, 0) > true_limit and not recovering:
                raise Violation("escrow", f"{pool}: used {used} + kept {kept.get(pool, 0)} > {true_limit}")

        for row in look(GRANT_SQL):
            raise Violation("grant_ledger", f"{row}: limit, spent, handed on, settled, returned do not fit")

    def _check_watermark(self, device: str, epoch: int) -> None:
        rows = self._world.house.look(
            "SELECT d.watermark_seq, count(e.seq), min(e.seq), max(e.seq) FROM devices d LEFT JOIN log_events e"
            " ON e.device = d.device AND e.epoch = d.epoch WHERE d.device = ? AND d.epoch = ?",
            device,
            epoch,
        )
        if not rows or rows[0][0] is None:
            return
        watermark, count, first, last = rows[0]
        before = self._watermarks.get((device, epoch), 0)
        if watermark < before:
            raise Violation("watermark", f"{device}/{epoch} fell from {before} to {watermark}")
        if count != watermark or (count and (first, last) != (1, watermark)):
            raise Violation("watermark", f"{device}/{epoch}: {watermark}, but {count} events {first}..{last}")
        self._watermarks[device, epoch] = watermark

    def set_back(self) -> None:
        """Headquarters was restored from a backup: its watermarks may be lower; what laptops were told as settled stays settled."""
        self._watermarks.clear()
        self.met_to.clear()
        told = {
            voucher_no
            for laptop in self._world.laptops
            if not laptop.gone
            for voucher_no, answer in laptop.disk.answers.items()
            if answer == "settled"
        }
        self.settled = {key: voucher_no for key, voucher_no in self.settled.items() if voucher_no in told}

    # Checks at the end

    def check_union(self, laptops: Iterable[Laptop]) -> None:
        """Headquarters' log is the union of the logs that survived."""
        stopped = self._world.stopped_devices()
        for laptop in laptops:
            identity = laptop.disk.identity
            place = (identity.device, identity.epoch)
            if laptop.gone or place in stopped:
                continue
            held = dict(
                self._world.house.look("SELECT first_seq, raw FROM log_commits WHERE device = ? AND epoch = ?", *place)
            )
            for commit in laptop.disk.commits:
                if bytes(held.get(commit.first_seq, b"")) != commit.raw:
                    raise Violation("log_union", f"{laptop.name}: commit {commit.first_seq} is not at headquarters")

    def met(self, laptop: Laptop, request: Request, status: int) -> None:
        """A request was delivered: a log, or a hello about events that headquarters holds, shows it this line's history."""
        shown = request.told_seq
        if request.path == "/v1/hello":
            held = self._world.house.look(
                "SELECT watermark_seq FROM devices WHERE device = ? AND epoch = ?", request.device, request.epoch
            )
            shown = shown if held and shown <= held[0][0] else 0
        if status in (200, 409):
            self.met_to[laptop.line] = max(shown, self.met_to.get(laptop.line, 0))

    def check_forks(self) -> None:
        """Lines of one disk that both showed headquarters their own history: the device is frozen."""
        stopped = self._world.stopped_devices()
        by_place: dict[tuple[str, int], list[Laptop]] = defaultdict(list)
        for laptop in self._world.laptops:
            by_place[laptop.disk.identity.device, laptop.disk.identity.epoch].append(laptop)
        for place, lines in by_place.items():
            for number, one in enumerate(lines):
                for other in lines[:number]:
                    parted = _parted_at(one.disk, other.disk)
                    if parted is None:
                        continue
                    self._world.count("forks")
                    shown = min(self.met_to.get(one.line, 0), self.met_to.get(other.line, 0))
                    if shown >= parted and place not in stopped:
                        raise Violation("fork_found", f"{one.name} and {other.name} part at {parted}; not frozen")

    def check_files(self, laptop: Laptop) -> None:
        """What a laptop believes held is whole at headquarters."""
        for sha256 in laptop.disk.held:
            if sha256 in laptop.disk.files and sha256 not in self._world.house.hq.blobs:
                raise Violation("files", f"{laptop.name} believes {sha256[:12]} held")

    def check_hidden(self, name: str, content: bytes) -> None:
        """Nothing personal is readable in what others carry."""
        if any(name in part for part in (content, *_unpacked_parts(content)) for name in _CANARIES):
            raise Violation("plain_text", f"{name} shows a person's data")


def _parted_at(one: Disk, other: Disk) -> int | None:
    for mine, theirs in zip(one.commits, other.commits, strict=False):
        if mine.raw != theirs.raw:
            return mine.first_seq
    return None


def _vouchers_in(disk: Disk) -> dict[str, VoucherIssued]:
    found: dict[str, VoucherIssued] = {}
    for commit in disk.commits:
        for event in events_of(commit.raw):
            if isinstance(event, VoucherIssued):
                found[event.voucher_no] = event
    return found


def _unpacked_parts(content: bytes) -> Iterator[bytes]:
    """Yield what anybody could unpack of some bytes: packing hides nothing."""
    start = content.find(_ZSTD)
    while start >= 0:
        with contextlib.suppress(zstandard.ZstdError):
            yield zstandard.ZstdDecompressor().decompressobj().decompress(content[start:])
        start = content.find(_ZSTD, start + 1)


GRANT_SQL = (
    "SELECT grant_id, state, limit_fen, spent_fen, transferred_fen, settled_fen, returned_fen FROM grants"
    " WHERE spent_fen + transferred_fen > limit_fen OR settled_fen > spent_fen"
    " OR returned_fen > limit_fen - spent_fen - transferred_fen OR (returned_fen > 0 AND state <> 'closed') LIMIT 1"
)
"""Grants whose figures contradict one another."""

ESCROW_SQL = "SELECT pool, sum(limit_fen - transferred_fen - settled_fen - returned_fen) FROM grants WHERE pool <> '*' GROUP BY pool"
"""What headquarters keeps aside, worked out from its table and not by its code."""
