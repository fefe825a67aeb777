"""One seed: who is there, what they do, what goes wrong, and the healing at the end.

Promise: everything follows from the seed. Until ``end_s`` anything drawn by the weather may happen; then the world heals (good lines, no
power cut, everybody present) and must come to rest within ``HEALING_S``.
"""

from __future__ import annotations

import random
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from claims.errors import Bilingual, InputError
from claims.events import BoxKeyAnnounced
from headquarters.devices import STOPPED as STOPPED_STATES
from headquarters.devices import revoke
from headquarters.enrolment import FirstGrants, enrol, make_enrolment_code
from headquarters.exposure import total_exposure
from headquarters.forgotten_grants import ForgottenDecision
from headquarters.grants import grant_allowance
from headquarters.models_money_risks import ForgottenGrants
from headquarters.restores import read_recovery
from headquarters.write_offs import write_off
from headquarters.write_offs import write_off as write_off_lost
from sync.wire.faults import LinkFault
from sync.wire.messages import PROTOCOL, EnrolRequest
from tests.fleet.carriers import Carriers
from tests.fleet.clockwork import DAY, HOUR, Clockwork, Violation
from tests.fleet.disk import Disk
from tests.fleet.house import House, Reply, Request, at
from tests.fleet.hub import Lan
from tests.fleet.laptop import Laptop
from tests.fleet.library import Loss
from tests.fleet.link import Link
from tests.fleet.people import People
from tests.fleet.repeatable import repeatable
from tests.fleet.store_disk import StoreDisk
from tests.fleet.truth import Truth
from tests.fleet.weather import Weather, draw_weather
from trust.certificates import TrustStore
from trust.keys import SoftwareKey

HEALING_S = 2 * DAY
_FLOAT_FEN = 150_000
_IDLE_CYCLES = 2
_AUTHORITY_FEN = 10_000_000_000
_TAKEN_ON = ForgottenDecision(ForgottenGrants.ACCEPT_RISK, "0001", "遗失")


@dataclass(frozen=True)
class Outcome:
    """What became of one seed."""

    seed: int
    violation: str | None
    digest: str
    days: float
    steps: int
    counts: dict[str, int]
    recent: tuple[str, ...]
    weather: str


class World:
    """One run."""

    def __init__(self, seed: int, house: House, weather: Weather | None = None, *, store: bool = False) -> None:
        self.store = store
        self.clockwork = Clockwork(seed)
        self.house = house
        self.weather = weather or draw_weather(self.clockwork.dice)
        self.end_s = self.weather.days * DAY
        self.counts: Counter[str] = Counter()
        self.healed = False
        self.hq_set_back = False
        self.lines_lost = False
        """A disk was overwritten by an image of itself: what it had debited since is in no log any more."""
        self.truth = Truth(self)
        self.link = Link(self)
        self.carriers = Carriers(self, house.folder / "stick")
        self.lan = Lan(self, house.folder / "lan")
        self.people = People(self)
        self.backup_s = 0.0
        self.laptops: list[Laptop] = []
        self._lines = 0
        self._codes = 0
        self._stations = [f"QX{number:02d}" for number in range(1, self.weather.stations + 1)]
        library = house.library
        self.losses: list[tuple[Loss, ...]] = list(library.losses[: self.weather.policies])
        if self.weather.families:
            self.losses += [(family,) for family in library.families]

    # Notes

    def note(self, text: str) -> None:
        """Write into the trace."""
        self.clockwork.note(text)

    def count(self, what: str, by: int = 1) -> None:
        """Count for the summary."""
        self.counts[what] += by

    # The run

    def run(self) -> None:
        """Play the seed to its end. Raises ``Violation``."""
        self.note(self.weather.told())
        self.house.reset(lambda: at(self.clockwork.now_s))
        for number in range(self.weather.laptops):
            self._enrol(self._stations[number % len(self._stations)], f"D{number + 1}")
        if self.weather.hubs:
            for number, station in enumerate(self._stations):
                self._enrol(station, f"H{number + 1}", hub=True)
        self._first_grants()
        for laptop in self.laptops:
            self._first_contact(laptop)
            self.start_habits(laptop)
        self._misfortunes()
        self.clockwork.run_until(self.end_s)
        self._heal()
        self.clockwork.run_until(self.end_s + HEALING_S)
        self._final()

    def start_habits(self, laptop: Laptop) -> None:
        """Begin (again, after a boot) what people do with a laptop."""
        weather = self.weather
        if laptop.is_hub:
            self._habit(laptop, "hand over", 0.6 * DAY, lambda: self.lan.forward(laptop))
        else:
            self._habit(laptop, "claim", weather.claim_every_s, laptop.work)
        if weather.hubs and not laptop.is_hub:
            self._habit(laptop, "to the hub", DAY, lambda: self.lan.visit(laptop))
        self._habit(laptop, "sync", weather.sync_every_s, laptop.sync)
        if weather.closing:
            self._habit(laptop, "close", 1.5 * DAY, laptop.close_allowance)
        if weather.transfers:
            self._habit(laptop, "transfer", DAY, lambda: self.carriers.hand_over(laptop))
        if weather.sticks:
            self._habit(laptop, "stick", 4 * DAY, lambda: self.carriers.write_stick(laptop))
        if weather.lan:
            self._habit(laptop, "copy to a colleague", 4 * DAY, lambda: self.carriers.give_to_peer(laptop))
            self._habit(laptop, "forward", DAY, lambda: self.carriers.forward(laptop))

    def _habit(self, laptop: Laptop, what: str, mean_s: float, act: Callable[[], None]) -> None:
        def due() -> None:
            if self.healed or (laptop.idle and laptop.cycles_since_stop > _IDLE_CYCLES):
                return
            laptop.after(self.clockwork.wait_s(mean_s), what, due)
            act()

        laptop.after(self.clockwork.wait_s(mean_s), what, due)

    def _drain(self, laptop: Laptop) -> None:
        """After healing: sync every hour until nothing is held back."""
        if self.clockwork.now_s > self.end_s + HEALING_S - 2 * HOUR:
            return
        if laptop.is_hub:
            self.lan.forward(laptop)
        if laptop.drained() and laptop.finished_since_heal > 0 and not self._keeps_back(laptop):
            return
        if laptop.idle and laptop.cycles_since_stop > _IDLE_CYCLES:
            return
        laptop.after(HOUR, "sync", lambda: self._drain(laptop))
        laptop.sync()

    # Headquarters

    def ask_headquarters(self, request: Request, laptop: Laptop) -> Reply:
        """Deliver a request; what follows from it is checked."""
        reply = self.house.answer(request)
        self.truth.met(laptop, request, reply.status)
        self.count("requests")
        if reply.after is not None:
            self.clockwork.after(self.clockwork.wait_s(30.0), "headquarters works the log off", self._process)
        self.truth.check_headquarters(request.device, request.epoch)
        return reply

    def _process(self) -> None:
        self.house.process()
        self.truth.check_headquarters()

    def told_exposure_fen(self) -> int:
        """What headquarters says could be promised beyond limits, over all devices."""
        told = total_exposure(self.house.hq)
        # Without what people took on when they wrote off a laptop that a restored headquarters had not heard: that would hide everything else.
        return told.float_fen + told.respendable_fen

    def stopped_devices(self) -> set[tuple[str, int]]:
        """Devices that headquarters stopped."""
        states = {str(state) for state in STOPPED_STATES}
        return {
            (row[0], row[1]) for row in self.house.look("SELECT device, epoch, state FROM devices") if row[2] in states
        }

    # People at headquarters

    def _enrol(self, station: str, device: str, *, hub: bool = False) -> Laptop:
        self._codes += 1
        dice = self.clockwork.dice
        code = make_enrolment_code(
            self.house.hq,
            station=station,
            station_name="清溪服务站",
            adjuster=f"{400 + self._codes:04d}",
            adjuster_name="林晓禾",
            device=device,
            first_grants=FirstGrants(
                numbers=40,
                float_fen=_FLOAT_FEN if self.weather.floats else 0,
                authority_fen=_AUTHORITY_FEN,
                days=30,
            ),
        )
        key = SoftwareKey.from_bytes(dice.randbytes(32))
        identity = enrol(self.house.hq, EnrolRequest(protocol=PROTOCOL, code=code, public_key=key.public_key))
        box = X25519PrivateKey.from_private_bytes(dice.randbytes(32))
        disk = (StoreDisk if self.store else Disk)(
            identity=identity,
            key=key,
            roots=TrustStore(identity.root_certificate),
            box_private=box.private_bytes_raw(),
        )
        if isinstance(disk, StoreDisk):
            disk.begin(self)
        if self.weather.hubs:
            disk.home = self.lan.new_home()
        disk.receive(identity.statements)
        announced = BoxKeyAnnounced(at=identity.hq_time, public_key=box.public_key().public_bytes_raw())
        disk.commit([announced])
        laptop = Laptop(self, station, disk, self._next_line())
        laptop.is_hub = hub
        laptop.old_client = self.weather.old_clients and self.clockwork.chance(0.5)
        laptop.skew_s = dice.uniform(-1, 1) * self.weather.skew_s if self.clockwork.chance(0.5) else 0.0
        laptop.online = self.clockwork.chance(self.weather.online_share)
        self.laptops.append(laptop)
        self.truth.learn_grants(disk)
        self.note(f"enrolled {laptop.name}")
        return laptop

    def _next_line(self) -> int:
        self._lines += 1
        return self._lines

    def _first_grants(self) -> None:
        dice = self.clockwork.dice
        hubs = [each for each in self.laptops if each.is_hub]
        desks = [each for each in self.laptops if not each.is_hub]
        for losses in self.losses:
            for pool in losses[0].pools:
                family = losses[0].amount_fen > 1_000_000
                limit = losses[0].amount_fen if family else dice.randrange(150_000, 450_000, 10_000)
                self.truth.limits[pool] = limit
                if hubs and not family and dice.random() < 0.8:
                    self._grant(dice.choice(hubs), pool, dice.randrange(limit // 2, limit, 5_000), limit)
                likely = dice.sample(desks, min(len(desks), dice.randint(1, 3)))
                for laptop in likely:
                    share = limit if family else dice.randrange(60_000, limit // 2 + 60_001, 5_000)
                    self._grant(laptop, pool, share, limit)

    def _grant(self, laptop: Laptop, pool: str, amount_fen: int, limit_fen: int | None) -> None:
        days = self.clockwork.dice.choice((1, 2, 5)) if self.weather.short_grants else 30
        device = laptop.disk.identity.device
        try:
            grant_allowance(self.house.hq, device, pool, amount_fen, days, pool_limit_fen=limit_fen)
            self.count("grants")
        except InputError as refused:
            self.note(f"no grant for {device}: {refused.code}")
        self.truth.check_headquarters()

    def top_up(self) -> None:
        """Headquarters grants more where there is room."""
        if self.healed:
            return
        self.clockwork.after(self.clockwork.wait_s(0.7 * DAY), "headquarters grants", self.top_up)
        self._grant_any()

    def _grant_any(self) -> None:
        working = [each for each in self.laptops if not each.idle and not each.gone]
        if working:
            laptop = self.clockwork.dice.choice(working)
            pool = self.clockwork.dice.choice(sorted(self.truth.limits))
            self._grant(laptop, pool, self.clockwork.dice.randrange(40_000, 200_000, 5_000), None)

    def _first_contact(self, laptop: Laptop) -> None:
        """The laptop leaves headquarters with its allowances on board."""
        identity = laptop.disk.identity
        rows = self.house.look(
            "SELECT raw FROM feed_items WHERE device = ? AND epoch = ? ORDER BY position",
            identity.device,
            identity.epoch,
        )
        laptop.disk.receive([bytes(row[0]) for row in rows])
        laptop.disk.in_use = True
        self.truth.learn_grants(laptop.disk)

    # Misfortunes

    def power_goes(self, laptop: Laptop, step: str) -> bool:
        """Draw whether the power goes at this durable step."""
        del laptop, step
        self.count("durable_steps")
        if self.healed or not self.clockwork.chance(self.weather.power):
            return False
        self.count("cuts")
        return True

    def _misfortunes(self) -> None:
        clockwork, weather = self.clockwork, self.weather
        dice = clockwork.dice
        clockwork.after(clockwork.wait_s(0.5 * DAY), "headquarters grants", self.top_up)
        for laptop in self.laptops:
            clockwork.after(clockwork.wait_s(DAY), "line changes", lambda laptop=laptop: self._flip(laptop))
        if weather.theft:
            clockwork.after(dice.uniform(0.1, 0.9) * self.end_s, "theft", self._theft)
        if weather.clone:
            clockwork.after(dice.uniform(0.1, 0.8) * self.end_s, "clone", self._clone)
        if weather.restore:
            clockwork.after(dice.uniform(0.05, 0.5) * self.end_s, "image taken", self._image)
        if weather.disk_full:
            clockwork.after(dice.uniform(0.1, 0.8) * self.end_s, "disk full", self._fill_disk)
        if weather.clock_jumps:
            clockwork.after(dice.uniform(0.1, 0.8) * self.end_s, "clock jumps", self._jump)
        if weather.hq_restore:
            clockwork.after(dice.uniform(0.05, 0.6) * self.end_s, "backup", self._back_up)
            clockwork.after(dice.uniform(0.6, 0.95) * self.end_s, "headquarters set back", self._set_back)
        if weather.reinstall:
            clockwork.after(dice.uniform(0.2, 0.8) * self.end_s, "reinstall", self._reinstall)
        for _ in range(dice.randrange(3)):
            clockwork.after(dice.uniform(0, 1) * self.end_s, "black hole", self._black_hole)
        if weather.hubs:
            self._misfortunes_of_hubs()
        if weather.people:
            self.people.start()

    def _misfortunes_of_hubs(self) -> None:
        clockwork, dice, weather = self.clockwork, self.clockwork.dice, self.weather
        if weather.hub_power:
            for hub in self._hubs():
                clockwork.after(clockwork.wait_s(DAY), "a hub's power", lambda hub=hub: self._hub_cut(hub))
        if weather.hub_theft:
            clockwork.after(dice.uniform(0.2, 0.9) * self.end_s, "a hub's theft", self._hub_stolen)
        if weather.hub_restore:
            clockwork.after(dice.uniform(0.1, 0.5) * self.end_s, "image of a hub", self._hub_imaged)

    def _hubs(self) -> list[Laptop]:
        return [each for each in self.laptops if each.is_hub and not each.gone and not each.idle]

    def _hub_cut(self, hub: Laptop) -> None:
        """The fuse goes: the hub is off for a while, whatever it was doing."""
        if self.healed or hub.gone:
            return
        self.clockwork.after(self.clockwork.wait_s(DAY), "a hub's power", lambda: self._hub_cut(hub))
        if hub.up:
            self.count("hub_cuts")
            hub.die()

    def _hub_stolen(self) -> None:
        if self._hubs():
            self.count("hub_thefts")
            self._stolen(self.clockwork.dice.choice(self._hubs()))

    def _hub_imaged(self) -> None:
        if self._hubs():
            self._image_of(self.clockwork.dice.choice(self._hubs()))

    def _imaged(self, disk: Disk) -> Disk:
        """Return an image of a disk with its files."""
        image = disk.image() if isinstance(disk, StoreDisk) else disk.copy()
        if disk.home is not None:
            image.home = self.lan.new_home(disk.home)
        return image

    def _keeps_back(self, hub: Laptop) -> bool:
        """Tell whether a hub that may speak to headquarters still keeps what that lacks."""
        return hub.is_hub and any(row.forwarded_at is None for row in hub.disk.shelf.values())

    def _working(self) -> list[Laptop]:
        return [each for each in self.laptops if not each.gone and not each.idle]

    def _flip(self, laptop: Laptop) -> None:
        if self.healed:
            return
        laptop.online = not laptop.online
        share = self.weather.online_share
        stay = DAY * (share if laptop.online else 1.0 - share)
        self.clockwork.after(self.clockwork.wait_s(max(HOUR, stay)), "line changes", lambda: self._flip(laptop))

    def _black_hole(self) -> None:
        self.link.black_hole_until_s = self.clockwork.now_s + self.clockwork.wait_s(6 * HOUR)

    def _fill_disk(self) -> None:
        laptop = self.clockwork.dice.choice(self.laptops)
        laptop.disk.full = True
        self.count("disks_full")

        def freed() -> None:
            laptop.disk.full = False

        self.clockwork.after(self.clockwork.wait_s(8 * HOUR), "disk freed", freed)

    def _jump(self) -> None:
        laptop = self.clockwork.dice.choice(self.laptops)
        laptop.skew_s = self.clockwork.dice.uniform(-7 * DAY, 7 * DAY)
        self.note(f"{laptop.name} clock {laptop.skew_s:+.0f}")

    def _theft(self) -> None:
        there = self._working()
        if there:
            self._stolen(self.clockwork.dice.choice(there))

    def _stolen(self, laptop: Laptop) -> None:
        self.note(f"{laptop.name} STOLEN")
        self.count("thefts")
        laptop.gone = True
        laptop.courier = None
        write_off = self.weather.write_off

        def reported() -> None:
            device, epoch = laptop.disk.identity.device, laptop.disk.identity.epoch
            if epoch == self._newest_epoch(device):
                self.truth.know_exposure()
                recovery, reason = read_recovery(self.house.hq), Bilingual("被盗。", "Stolen.")
                if (
                    write_off
                    and recovery
                    and (device, epoch) in {(each.device, each.epoch) for each in recovery.unheard}
                ):
                    write_off_lost(self.house.hq, device, reason, epoch, forgotten=_TAKEN_ON)
                else:
                    revoke(self.house.hq, device, reason, write_off=write_off)
                self.truth.check_headquarters(device, epoch)
                self.count("written_off" if write_off else "revoked")

        self.clockwork.after(self.clockwork.wait_s(6 * HOUR), "theft reported", reported)

    def _newest_epoch(self, device: str) -> int:
        return max(each.disk.identity.epoch for each in self.laptops if each.disk.identity.device == device)

    def _clone(self) -> None:
        """A disk is copied into another machine, and both go on."""
        there = self._working()
        if not there:
            return
        original = self.clockwork.dice.choice(there)
        copy = self._second_line(original, self._imaged(original.disk))
        self.count("clones")
        self.note(f"{original.name} CLONED as {copy.name}")

    def _image(self) -> None:
        """An image of a disk is taken; later it is put back, over what was written since."""
        there = self._working()
        if there:
            self._image_of(self.clockwork.dice.choice(there))

    def _image_of(self, laptop: Laptop) -> None:
        image = self._imaged(laptop.disk)

        def put_back() -> None:
            if laptop.gone or laptop.idle:
                return
            laptop.gone = self.lines_lost = True  # what was on the disk is no more
            laptop.courier = None
            copy = self._second_line(laptop, self._imaged(image))
            self.count("restores")
            self.note(f"{laptop.name} SET BACK as {copy.name} to {copy.disk.next_seq}")

        left = self.end_s - self.clockwork.now_s
        self.clockwork.after(self.clockwork.dice.uniform(0.1, 0.9) * left, "image put back", put_back)

    def _second_line(self, parent: Laptop, disk: Disk) -> Laptop:
        copy = Laptop(self, parent.station, disk, self._next_line())
        copy.is_hub = parent.is_hub
        copy.online, copy.skew_s, copy.old_client = parent.online, parent.skew_s, parent.old_client
        self.laptops.append(copy)
        self.truth.line_began(parent, copy)
        self.start_habits(copy)
        self.clockwork.after(self.clockwork.wait_s(DAY), "line changes", lambda: self._flip(copy))
        return copy

    def _back_up(self) -> None:
        self.house.back_up()
        self.backup_s = self.clockwork.now_s

    def _set_back(self) -> None:
        """Headquarters' disk is lost; its newest backup is restored."""
        if self.house.set_back(sent_lost=self.weather.people and self.weather.sent_lost):
            self.hq_set_back = True
            self.truth.set_back()
            self.people.headquarters_set_back(self.backup_s)
            self.count("hq_restores")
            self.note("HEADQUARTERS SET BACK")
            for _ in range(6):
                # People go on granting as if nothing were forgotten; headquarters must refuse until it has heard everybody.
                self.clockwork.after(self.clockwork.wait_s(4 * HOUR), "grant after the restore", self._grant_any)

    def _reinstall(self) -> None:
        """A laptop is set up anew: a new epoch; the old disk lies in a drawer and syncs when the world heals."""
        there = self._working()
        if not there:
            return
        old = self.clockwork.dice.choice(there)
        old.idle = True
        self._new_life(old)

    def _new_life(self, old: Laptop) -> None:
        identity = old.disk.identity
        if self.healed:
            return
        if identity.epoch != self._newest_epoch(identity.device):
            return
        laptop = self._enrol(old.station, identity.device, hub=old.is_hub)
        self.count("new_epochs")
        self._first_contact(laptop)
        self.start_habits(laptop)
        self.clockwork.after(self.clockwork.wait_s(DAY), "line changes", lambda: self._flip(laptop))

    def laptop_stopped(self, laptop: Laptop, fault: LinkFault | None) -> None:
        """Headquarters stopped a laptop, or it found itself a copy: people call, and get a new code."""
        self.note(f"{laptop.name} is stopped: {fault}")
        self.count("stopped")
        if self.healed or not self.clockwork.chance(0.7):
            return
        self.clockwork.after(self.clockwork.wait_s(12 * HOUR), "new life", lambda: self._new_life(laptop))

    # Choices of people

    def pick_loss(self, laptop: Laptop) -> Loss:
        """Whose claim comes to this laptop: mostly those it has allowances for, sometimes one that was at another station."""
        dice = self.clockwork.dice
        if laptop.last_loss is not None and dice.random() < 0.15:
            # The claimant's daughter comes to the next desk with the same bill.
            return laptop.last_loss
        laptop.last_loss = self._fresh_loss(laptop)
        return laptop.last_loss

    def _fresh_loss(self, laptop: Laptop) -> Loss:
        dice = self.clockwork.dice
        pools = {str(one.pool) for one in laptop.disk.book.allowances if one.left_fen > 60_000}
        if self.weather.hubs:
            # What the station's hub was given is for the people who come to this station.
            there = [each for each in self.laptops if each.is_hub and each.station == laptop.station]
            pools |= {str(one.pool) for hub in there for one in hub.disk.book.allowances if one.left_fen > 150_000}
        near = [losses for losses in self.losses if pools.intersection(losses[0].pools)]
        losses = dice.choice(near if near and dice.random() < 0.85 else self.losses)
        promised = laptop.disk.book.promised_keys
        fresh = [loss for loss in losses if loss.amounts[0].keys[0].settlement_key not in promised]
        # The same loss at two stations is what settlement keys are for: everybody starts with the first bills.
        return dice.choice(fresh[:3] if fresh and dice.random() < 0.8 else losses)

    def photo(self) -> bytes:
        """A file of up to two chunks."""
        dice = self.clockwork.dice
        return dice.randbytes(dice.choice((900, 30_000, 90_000)))

    # The end

    def _heal(self) -> None:
        self.note("HEALED")
        self.clockwork.after(DAY, "headquarters gives up what is lost", self._give_up_lost)
        self.healed = self.link.healed = True
        for laptop in self.laptops:
            laptop.online = True
            laptop.disk.full = False
            if not laptop.gone:
                laptop.up = True
                laptop.courier = laptop.hub = laptop.push = None
                laptop.boots += 1
                laptop.cycles_since_stop = laptop.finished_since_heal = 0
                laptop.after(self.clockwork.wait_s(HOUR / 4), "sync", lambda laptop=laptop: self._drain(laptop))

    def _give_up_lost(self) -> None:
        """People write off what is gone for good, so that a restored headquarters waits for nobody."""
        recovery = read_recovery(self.house.hq)
        if recovery is None:
            return
        there = {(each.disk.identity.device, each.disk.identity.epoch) for each in self.laptops if not each.gone}
        for unheard in recovery.unheard:
            if (unheard.device, unheard.epoch) not in there:
                write_off(self.house.hq, unheard.device, epoch=unheard.epoch, forgotten=_TAKEN_ON)
                self.count("written_off")

    def _final(self) -> None:
        self.house.process()
        self.truth.check_headquarters()
        stopped = self.stopped_devices()
        pending = self.house.look("SELECT device, epoch, seq FROM log_events WHERE state IN ('pending', 'stuck')")
        if pending:
            raise Violation("liveness", f"headquarters left {len(pending)} events undone: {pending[0]}")
        for laptop in self.laptops:
            if laptop.gone:
                continue
            laptop.disk.check()
            self.truth.check_printed(laptop)
            self.truth.check_receipt(laptop)
            self.truth.check_files(laptop)
            place = (laptop.disk.identity.device, laptop.disk.identity.epoch)
            if place not in stopped and self._keeps_back(laptop):
                raise Violation("liveness", f"{laptop.name} still keeps bundles that headquarters lacks")
            if place not in stopped and not laptop.drained() and not self._outlived(laptop):
                raise Violation(
                    "liveness",
                    f"{laptop.name} holds {laptop.disk.next_seq - 1 - laptop.disk.watermark} events and"
                    f" {len(laptop.disk.attachments_waiting())} files back",
                )
        self.truth.check_union(self.laptops)
        self.truth.check_custody()
        self.people.bank.check()
        self.truth.check_forks()

    def _outlived(self, laptop: Laptop) -> bool:
        """Tell whether another line has all that this one has, and more: a copy that stopped where the other went on."""
        mine = laptop.disk.commits
        return any(
            other.disk.identity.device_certificate == laptop.disk.identity.device_certificate
            and len(other.disk.commits) > len(mine)
            and [each.raw for each in other.disk.commits[: len(mine)]] == [each.raw for each in mine]
            for other in self.laptops
        )


def play(seed: int, house: House, weather: Weather | None = None, *, store: bool = False) -> Outcome:
    """Play one seed; what it found is in the outcome."""
    violation: str | None = None
    with repeatable(random.Random(f"bytes of {seed}")):
        world = World(seed, house, weather, store=store)
        try:
            world.run()
        except Violation as found:
            violation = str(found)
            world.note(f"VIOLATION {found}")
        except Exception as crash:  # production code that raises what nobody caught is a finding like any other
            where = traceback.extract_tb(crash.__traceback__)[-1]
            violation = f"raised: {type(crash).__name__}: {crash} at {Path(where.filename).name}:{where.lineno}"[:400]
            world.note(f"VIOLATION {violation}")
    return Outcome(
        seed=seed,
        violation=violation,
        digest=world.clockwork.digest,
        days=world.weather.days,
        steps=world.clockwork.steps,
        counts=dict(world.counts),
        recent=tuple(world.clockwork.recent),
        weather=world.weather.told(),
    )
