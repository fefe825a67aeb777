"""What travels without headquarters' line: sealed bundles on sticks and with colleagues, answers back, allowances hand to hand.

Promise: bundles are the production ones (``sync.bundle_out``, ``headquarters.bundle_intake``, ``sync.bundle_back``), written and read as
files; what happens to them on the way is the weather's: lost, late, twice, out of order, a bit flipped, cut short, given to somebody else.
Every carrier's copy is searched for what must not be readable.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from claims import allowance_proof, allowances
from claims.allowance_transfers import TRANSFER_KIND, AllowanceTransfer
from claims.allowances import PoolId, Refusal
from claims.errors import EnvironmentProblem, InputError
from claims.events import AllowanceReceived, AllowanceTransferred
from claims.link_records import LinkRecord
from headquarters import bundle_intake
from headquarters.refusals import RequestRefused
from sync import bundle_back, bundle_out
from sync.relearning import INCARNATION
from tests.fleet.clockwork import HOUR
from tests.fleet.disk import Disk, StoreRefused
from trust.device_statements import sign_device_statement

if TYPE_CHECKING:
    from tests.fleet.laptop import Laptop
    from tests.fleet.world import World


@dataclass(frozen=True)
class Bundle:
    """A sealed file somebody carries."""

    bundle_id: str
    device: str
    content: bytes


class Carriers:
    """Everything that is under way beside the line."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._folder = folder
        folder.mkdir(exist_ok=True)

    # Sticks

    def write_stick(self, laptop: Laptop) -> None:
        """Write a bundle; somebody takes it to headquarters, or does not."""
        bundle = self._written(laptop)
        if bundle is not None:
            self._world.count("sticks")
            self._send(bundle, 8 * HOUR)

    def _written(self, laptop: Laptop) -> Bundle | None:
        world, disk = self._world, laptop.disk
        dice = world.clockwork.dice
        bundle_id = f"{dice.getrandbits(128):032x}"
        whole = dice.random() < 0.3
        try:
            written = bundle_out.write_bundle(
                self._empty_folder(),
                outbox=disk,
                attachments=_Files(disk),
                identity=disk.identity,
                signer=disk.key,
                hq_key=disk.identity.recovery_public_key,
                bundle_id=bundle_id,
                now=laptop.time().at,
                after_seq=0 if whole else None,
                money_only=dice.random() < 0.3,
                probe=laptop.step,
            )
        except EnvironmentProblem as problem:
            world.note(f"{laptop.name} stick: {problem.code}")
            return None
        content = written.path.read_bytes()
        world.truth.check_hidden(f"a bundle of {laptop.name}", content + written.label)
        laptop.step("before_custody_note")
        disk.keep_note(written.note)
        laptop.step("after_custody_note")
        world.note(f"{laptop.name} bundle {bundle_id[:8]} to {written.through_seq}, {len(content)} bytes")
        return Bundle(bundle_id, disk.identity.device, content)

    def _send(self, bundle: Bundle, mean_s: float) -> None:
        world = self._world
        for content in self._fate(bundle.content):
            copy = Bundle(bundle.bundle_id, bundle.device, content)
            world.clockwork.after(
                world.clockwork.wait_s(mean_s),
                f"bundle {bundle.bundle_id[:8]} at headquarters",
                lambda copy=copy: self.arrive(copy),
            )

    def _fate(self, content: bytes) -> list[bytes]:
        """Return what arrives of something carried: nothing, itself, itself twice, something spoiled."""
        world = self._world
        if world.healed:
            return [content]
        dice = world.clockwork.dice
        luck = dice.random()
        if luck < 0.2:
            world.count("sticks_lost")
            return []
        if luck < 0.35:
            world.count("sticks_spoiled")
            return [spoiled(content, dice.random(), dice.random() < 0.5)]
        return [content, content] if luck < 0.5 else [content]

    def arrive(self, bundle: Bundle) -> None:
        """Headquarters takes a bundle in and gives its answer to whoever came."""
        world = self._world
        try:
            taken = bundle_intake.take_bundle(world.house.hq, io.BytesIO(bundle.content), carrier="stick")
        except RequestRefused as refused:
            world.note(f"bundle {bundle.bundle_id[:8]} refused: {refused.code}")
            return
        world.note(
            f"bundle {bundle.bundle_id[:8]}: {taken.requests} requests, {taken.refused} refused, {taken.problem}"
        )
        world.count("bundles_taken")
        world.house.process()
        world.truth.check_headquarters(taken.device, taken.epoch)
        if taken.answer is None:
            return
        world.truth.check_hidden("an answer bundle", taken.answer)
        for content in self._fate(taken.answer):
            world.clockwork.after(
                world.clockwork.wait_s(8 * HOUR),
                f"answers to {bundle.device}",
                lambda content=content: self._answers(taken.device, taken.epoch, content),
            )

    def _answers(self, device: str, epoch: int, content: bytes) -> None:
        there = [
            each
            for each in self._world.laptops
            if (each.disk.identity.device, each.disk.identity.epoch) == (device, epoch) and each.up and not each.gone
        ]
        if there:
            laptop = self._world.clockwork.dice.choice(there)
            laptop.guarded(lambda: self.read_answers(laptop, content))

    def read_answers(self, laptop: Laptop, content: bytes) -> None:
        """A laptop takes an answer bundle in."""
        path = self._empty_folder() / "answers.fca"
        path.write_bytes(content)
        try:
            found = bundle_back.read_answers(
                path,
                store=LaptopStore(laptop),
                outbox=laptop.disk,
                roots=laptop.disk.roots,
                box_private=laptop.disk.box_private,
                probe=laptop.step,
            )
        except (EnvironmentProblem, StoreRefused) as problem:
            self._world.note(f"{laptop.name} answers: {problem}")
            return
        self._world.note(f"{laptop.name} answers: {found.read.outcome}")
        self._world.count("answers_read")

    def _empty_folder(self) -> Path:
        for path in sorted(self._folder.iterdir()):
            path.unlink()
        return self._folder

    # Colleagues

    def give_to_peer(self, laptop: Laptop) -> None:
        """A colleague's laptop at the station keeps a sealed copy and forwards it when it has a line."""
        world = self._world
        peers = [
            each
            for each in world.laptops
            if each.station == laptop.station and each is not laptop and each.up and not each.gone and not each.idle
        ]
        if not peers:
            return
        peer = world.clockwork.dice.choice(peers)
        bundle = self._written(laptop)
        if bundle is None:
            return
        peer.disk.held_bundles[bundle.bundle_id] = bundle
        world.count("peer_copies")

    def forward(self, laptop: Laptop) -> None:
        """Hand the copies kept for colleagues to headquarters."""
        if not laptop.online:
            return
        for bundle in list(laptop.disk.held_bundles.values()):
            self._world.truth.check_hidden(f"what {laptop.name} keeps for others", bundle.content)
            del laptop.disk.held_bundles[bundle.bundle_id]
            self._send(bundle, HOUR)

    # Allowances hand to hand

    def hand_over(self, donor: Laptop) -> None:
        """Hand part of an allowance to a colleague: debit first, then give."""
        world, disk = self._world, donor.disk
        dice = world.clockwork.dice
        others = [each for each in world.laptops if each is not donor and not each.gone and not each.idle]
        moving = [one for one in disk.book.allowances if one.pool != allowances.FLOAT_POOL and one.left_fen > 0]
        if not others or not moving:
            return
        other = dice.choice(others)
        one = dice.choice(moving)
        amount_fen = min(one.left_fen, dice.choice((20_000, 60_000, 150_000, one.left_fen)))
        to = (other.disk.identity.device, other.disk.identity.epoch)
        debit = allowances.transfer(disk.book, PoolId(one.pool), amount_fen, to, donor.time())
        if isinstance(debit, Refusal) or debit.grant_id not in disk.proofs:
            return
        record = AllowanceTransfer(
            transfer_id=debit.transfer_id,
            grant_id=debit.grant_id,
            pool=debit.pool,
            amount_fen=debit.amount_fen,
            expires_at=debit.expires_at,
            counter=debit.counter,
            from_device=disk.identity.device,
            from_epoch=disk.identity.epoch,
            to_device=debit.to_device,
            to_epoch=debit.to_epoch,
            proof=disk.proofs[debit.grant_id],
        )
        body = msgspec.json.encode(record)
        raw = sign_device_statement(disk.key, disk.identity.device_certificate, TRANSFER_KIND, body)
        event = AllowanceTransferred(
            at=donor.time().at,
            transfer_id=debit.transfer_id,
            grant_id=debit.grant_id,
            pool=debit.pool,
            amount_fen=debit.amount_fen,
            counter=debit.counter,
            to_device=debit.to_device,
            to_epoch=debit.to_epoch,
            transfer=raw,
        )
        try:
            self.debit_and_give(donor, other, event)
        except StoreRefused as refused:
            world.note(f"{donor.name} {refused}")

    def debit_and_give(self, donor: Laptop, other: Laptop, event: AllowanceTransferred) -> None:
        """The order that money depends on."""
        donor.commit([event])
        donor.step("after_transfer")
        self.give(donor, other, event.transfer)

    def give(self, donor: Laptop, other: Laptop, raw: bytes) -> None:
        """The record travels: to the colleague, sometimes twice, sometimes to another one, sometimes not at all."""
        world = self._world
        dice = world.clockwork.dice
        world.count("transfers")
        if dice.random() < 0.2:
            return
        receivers = [other]
        if dice.random() < 0.3:
            receivers.append(other)
        if dice.random() < 0.25:
            receivers.append(dice.choice(world.laptops))
        for each in receivers:
            each.after(
                world.clockwork.wait_s(HOUR), f"transfer from {donor.name}", lambda each=each: self.take_over(each, raw)
            )

    def take_over(self, receiver: Laptop, raw: bytes) -> None:
        """Take a transfer in, once."""
        world, disk = self._world, receiver.disk
        try:
            proven = allowance_proof.open_transfer(raw, disk.roots)
        except InputError as problem:
            world.note(f"{receiver.name} transfer refused: {problem.code}")
            return
        moved = proven.transfer
        after = allowances.receive(disk.book, proven, receiver.time())
        if isinstance(after, Refusal):
            world.note(f"{receiver.name} transfer refused: {after.code}")
            return
        if after == disk.book:
            return
        event = AllowanceReceived(
            at=receiver.time().at,
            transfer_id=moved.transfer_id,
            pool=moved.pool,
            amount_fen=moved.amount_fen,
            expires_at=moved.expires_at,
            transfer=raw,
            hands=proven.hands,
            catastrophe_id=proven.catastrophe_id,
        )
        try:
            receiver.commit([event], book=after)
        except StoreRefused as refused:
            world.note(f"{receiver.name} {refused}")
            return
        world.count("transfers_received")


class LaptopStore:
    """``claims.ports.Store`` as the reader of answer bundles uses it, over the disk of the fast tier."""

    def __init__(self, laptop: Laptop) -> None:
        self._laptop = laptop

    @contextmanager
    def write(self) -> Iterator[_Unit]:
        unit = _Unit(self._laptop.disk.copy())
        yield unit
        if unit.taken:
            self._laptop.receive(unit.taken)
        if unit.links or unit.incarnation:
            if self._laptop.disk.full:
                raise StoreRefused("disk_full")
            self._laptop.step("before_link")
            disk = self._laptop.disk
            disk.links.update(unit.links)
            disk.incarnation = max(disk.incarnation, unit.incarnation)
            self._laptop.step("after_link")

    @contextmanager
    def read(self) -> Iterator[_Seen]:
        yield _Seen(self._laptop.disk)


class _Seen:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def floor(self, name: str) -> int:
        assert name == INCARNATION
        return self._disk.incarnation

    def link(self, destination: str) -> LinkRecord:
        return self._disk.link(destination)


class _Unit:
    def __init__(self, image: Disk) -> None:
        self._image = image
        self.taken: list[bytes] = []
        self.links: dict[str, LinkRecord] = {}
        self.incarnation = 0

    def raise_floor(self, name: str, value: int) -> None:
        assert name == INCARNATION
        self.incarnation = value

    def keep_link(self, destination: str, record: LinkRecord) -> None:
        self.links[destination] = record

    def receive(self, raw: bytes) -> bool:
        self.taken.append(raw)
        # The image is a thought: on the real store's disk, too, nothing is written before the unit ends.
        return Disk.receive(self._image, [raw]) > 0


class _Files:
    """``claims.ports.Attachments`` over the disk's files."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def get(self, sha256: str) -> bytes:
        return self._disk.files[sha256][0]

    def put(self, content: bytes) -> str:
        raise NotImplementedError(content)

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self._disk.files


def spoiled(content: bytes, where: float, cut: bool) -> bytes:
    """Return content with one bit flipped, or cut short."""
    place = min(len(content) - 1, int(where * len(content)))
    if cut:
        return content[:place]
    return content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]
