"""The station's hub and the LAN round it: a laptop of its own that keeps sealed logs, hands allowance on and meets headquarters.

Promise: both ends are production code (``sync.lan_hub`` with the core ``sync.wire.hub``, ``local_db.bundle_shelf``, ``sync.lan_spool``,
``sync.lan_marks``, ``app.neighbour_books`` at the hub; ``sync.lan_carrier`` and ``app.neighbour_push`` at the laptop; ``sync.held_bundles``
on the way to headquarters). Only the socket is simulated: it loses, doubles and repeats late what production would send over TLS. What a
hub keeps lies in files of its own, which a copied or put-back disk takes along.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, cast

from app.neighbour_books import GivenAwayBook, compare_logs
from app.neighbour_push import NeighbourPush
from claims import allowance_moves, allowances
from claims.allowances import PoolId
from claims.errors import EnvironmentProblem, InputError
from claims.neighbours import PushProgressed
from claims.own_disk import mark_disk
from claims.ports import UnitOfWork
from claims.settlement import PayeeAmounts
from local_db.bundle_shelf import LocalBundleShelf
from local_db.store import LocalStore
from sync.held_bundles import hand_over
from sync.http_faults import fault_of_status
from sync.lan_carrier import LanCarrier, LanTimeouts
from sync.lan_channel import Proven
from sync.lan_frames import Frame, FrameStream
from sync.lan_hub import LanHub
from sync.lan_marks import FolderMarks
from sync.lan_problems import NeighbourFault, NeighbourProblem
from sync.lan_spool import PieceSpool
from sync.problems import LinkProblem
from sync.wire.faults import LinkFault
from sync.wire.hub_messages import ListedFile, NeighbourRole
from sync.wire.messages import request_bytes
from tests.fleet.clockwork import HOUR
from tests.fleet.disk import Disk
from tests.fleet.house import Request, pack
from tests.fleet.readings import certificate_of
from tests.fleet.store_view import StickReader, StoreView, own_identity, ports_of
from trust.certificates import DeviceCertificate

if TYPE_CHECKING:
    from tests.fleet.laptop import Laptop
    from tests.fleet.world import World


class _NothingPublic:
    def listed(self, under: str) -> Sequence[ListedFile]:
        del under
        return ()

    def piece(self, sha256: str, offset: int, size: int) -> tuple[int, bytes] | None:
        del sha256, offset, size
        return None


@dataclass
class StationHub:
    """What runs at a hub while it has power."""

    shelf: LocalBundleShelf
    lan: LanHub


def start_hub(laptop: Laptop) -> StationHub:
    """Start the service from what is on the disk."""
    home = home_of(laptop.disk)
    shelf = LocalBundleShelf(
        cast(LocalStore, StoreView(laptop)),
        home / "bundles",
        laptop.disk.roots,
        lambda: laptop.time().at,
        keep_free_bytes=0,
        probe=laptop.step,
    )
    lan = LanHub(
        own_identity(laptop.disk),
        NeighbourRole.HUB,
        shelf=shelf,
        spool=PieceSpool(home / "arriving", reserve_bytes=0),
        marks=FolderMarks(home / "marks"),
        given_away=GivenAwayBook(ports_of(laptop), lambda: None),
        handed_out=_NothingPublic(),
    )
    return StationHub(shelf, lan)


def home_of(disk: Disk) -> Path:
    """Return the folder of a disk's files."""
    assert disk.home is not None
    disk.home.mkdir(parents=True, exist_ok=True)
    return disk.home


class Lan:
    """The local networks of all stations."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._folder = folder
        self._links = self._homes = 0
        shutil.rmtree(folder, ignore_errors=True)

    def new_home(self, like: Path | None = None) -> Path:
        """Return a folder for another disk, with what is on the one it is an image of."""
        self._homes += 1
        home = self._folder / f"disk{self._homes}"
        if like is not None and like.exists():
            shutil.copytree(like, home)
        return home

    # The laptop's side

    def visit(self, laptop: Laptop) -> None:
        """Give what headquarters does not hold into the hub's custody, and take in what headquarters answered by it."""
        if laptop.idle:
            return
        with self._conversation(laptop) as line:
            if line is None:
                return
            fault = compare_logs(laptop.disk, certificate_of(laptop.disk), laptop.disk.roots, line.highest())
            if fault is not None:
                self._world.truth.disk_suspected(laptop, fault)
                with StoreView(laptop).write() as uow:
                    mark_disk(cast(UnitOfWork, uow), fault)
                self._world.laptop_stopped(laptop, None)
                laptop.idle = True
                return
            if laptop.push is None:
                laptop.push = NeighbourPush(
                    ports_of(laptop),
                    cast(LocalStore, StoreView(laptop)),
                    home_of(laptop.disk),
                    StickReader(laptop),  # type: ignore[arg-type]  # it reads answers and writes nothing
                )
            pushed = laptop.push.push(line, _unseen)
            self._world.count("custody_bundles", pushed.bundles)
            self._world.note(f"{laptop.name} gave {pushed.bundles} bundles, {pushed.files} files to the hub")

    def ask(self, laptop: Laptop, amounts: PayeeAmounts) -> bool:
        """Ask the hub for what a promise lacks; True where something came."""
        came = False
        with self._conversation(laptop) as line:
            if line is None:
                return False
            view, time = StoreView(laptop), laptop.time()
            wanted: dict[str, int] = {}
            for key in amounts.keys:
                for pool in key.pools:
                    wanted[pool] = wanted.get(pool, 0) + key.amount_fen
            for pool, amount_fen in wanted.items():
                short_fen = amount_fen - allowances.available_fen(laptop.disk.book, PoolId(pool), time)
                if short_fen <= 0:
                    continue
                known = tuple(each.transfer_id for each in view.transfers_in() if each.pool == pool)
                self._world.count("asked_hub")
                for raw in line.ask_allowance(pool, short_fen, known) or ():
                    allowance_moves.receive_allowance(ports_of(laptop), raw)
                    self._world.count("sub_grants")
                    came = True
        return came

    @contextmanager
    def _conversation(self, laptop: Laptop) -> Iterator[Line | None]:
        """Open a line to the station's hub; what goes wrong on it is this neighbour's only."""
        hub = self._hub_of(laptop)
        if hub is None:
            yield None
            return
        self._links += 1
        line = Line(self, laptop, hub, self._links)
        try:
            yield line
        except NeighbourProblem as problem:
            self._world.note(f"{laptop.name} at the hub: {problem.fault} {problem.refusal or ''}")
        except (EnvironmentProblem, InputError) as refused:
            self._world.note(f"{laptop.name} at the hub: {refused.code}")
        finally:
            line.close()

    def _hub_of(self, laptop: Laptop) -> Laptop | None:
        world = self._world
        there = [each for each in world.laptops if each.is_hub and each.station == laptop.station]
        there = [each for each in there if each.up and not each.gone and not each.idle and each is not laptop]
        there = [each for each in there if each.disk.identity.device != laptop.disk.identity.device]
        return world.clockwork.dice.choice(there) if there else None

    # The hub's side

    def carry(self, link: int, asker: DeviceCertificate, hub: Laptop, message: bytes, payload: bytes) -> Frame:
        """Bring a question to a hub and its answer back; on the way both may be lost, doubled or repeated late."""
        world = self._world
        weather, clockwork = world.weather, world.clockwork
        world.count("lan_questions")
        if world.healed:
            return self._deliver(link, asker, hub, message, payload)
        if clockwork.chance(weather.lan_loss):
            raise NeighbourProblem(NeighbourFault.TIMEOUT, hub.name)
        if clockwork.chance(weather.lan_doubled):
            self._links += 1
            self._deliver(self._links, asker, hub, message, payload)
        if clockwork.chance(weather.lan_late):
            clockwork.after(
                clockwork.wait_s(6 * HOUR),
                f"an old question at {hub.name}",
                lambda: self._again(asker, hub, message, payload),
            )
        answer = self._deliver(link, asker, hub, message, payload)
        if clockwork.chance(weather.lan_loss):
            raise NeighbourProblem(NeighbourFault.TIMEOUT, hub.name)
        return answer

    def _again(self, asker: DeviceCertificate, hub: Laptop, message: bytes, payload: bytes) -> None:
        """A question that stood in some queue arrives once more, after others that were asked later."""
        self._links += 1
        if hub.up and not hub.gone and not hub.idle:
            try:
                self._deliver(self._links, asker, hub, message, payload)
            except NeighbourProblem as problem:
                self._world.note(f"{hub.name} heard an old question: {problem.fault}")

    def _deliver(self, link: int, asker: DeviceCertificate, hub: Laptop, message: bytes, payload: bytes) -> Frame:
        from tests.fleet.laptop import PowerCut

        world = self._world
        world.truth.check_hidden(f"what goes to {hub.name}", message + payload)
        if not hub.up or hub.gone:
            raise NeighbourProblem(NeighbourFault.CUT, hub.name)
        try:
            if hub.hub is None:
                hub.hub = start_hub(hub)
            answer, content = hub.hub.lan.answer(link, asker, message, payload)
            hub.hub.lan.close_link(link)
        except PowerCut:
            hub.die()
            raise NeighbourProblem(NeighbourFault.CUT, hub.name) from None
        except EnvironmentProblem as problem:
            # The program's server ends this conversation only (``sync.lan_server``).
            world.note(f"{hub.name} breaks off: {problem.code}")
            if hub.hub is not None:
                hub.hub.lan.close_link(link)
            raise NeighbourProblem(NeighbourFault.CUT, hub.name) from None
        return Frame(answer, content)

    def forward(self, hub: Laptop) -> None:
        """Hand what is held to headquarters; what the disk refuses waits for the next turn, as in the program (``app.neighbour_service``)."""
        if not self._world.healed and (hub.idle or not hub.online):
            return
        try:
            self._hand_over(hub)
        except EnvironmentProblem as problem:
            self._world.count("handed_over_later")
            self._world.note(f"{hub.name} hands over later: {problem.code}")

    def _hand_over(self, hub: Laptop) -> None:
        if hub.hub is None:
            hub.hub = start_hub(hub)
        for held in hub.hub.shelf.waiting():
            with hub.hub.shelf.open(held.bundle_id) as file:
                self._world.truth.check_hidden(f"what {hub.name} keeps", file.read())
        identity = hub.disk.identity
        done = hand_over(
            _Relay(self._world, hub),
            hub.hub.shelf,
            hub.disk.roots,
            device=identity.device,
            epoch=identity.epoch,
            probe=hub.step,
        )
        self._world.count("handed_over", done.bundles)
        self._world.note(f"{hub.name} handed {done.bundles} bundles over: {done.problem and done.problem.code}")


class Line(LanCarrier):
    """The asking end of production on the simulated network. Proving both ends is the channel's, which has tests of its own."""

    def __init__(self, lan: Lan, asker: Laptop, hub: Laptop, link: int) -> None:
        self._own = own_identity(asker.disk)
        self._timeouts = LanTimeouts()
        self._who = hub.name
        self._stream = cast(FrameStream, _Wire(lan, link, self._own.certificate, hub))
        self._proven = Proven(certificate_of(hub.disk), NeighbourRole.HUB)


class _Wire:
    """``sync.lan_frames.FrameStream`` without a socket."""

    wire_bytes = 0

    def __init__(self, lan: Lan, link: int, asker: DeviceCertificate, hub: Laptop) -> None:
        self._lan, self._link, self._asker, self._hub = lan, link, asker, hub
        self._closed = False
        self._answer: Frame | None = None

    def send(self, message: bytes, payload: bytes = b"", *, within_s: float) -> None:
        del within_s
        if self._closed:
            raise NeighbourProblem(NeighbourFault.CUT, self._hub.name)
        self._answer = self._lan.carry(self._link, self._asker, self._hub, message, payload)

    def receive(self, *, within_s: float) -> Frame | None:
        del within_s
        return self._answer

    def close(self) -> None:
        self._closed = True


class _Relay:
    """``sync.carrier.Carrier`` from a hub to headquarters over a line that fails; asked and answered in one step of the clock."""

    def __init__(self, world: World, hub: Laptop) -> None:
        self._world, self._hub = world, hub

    def ask(self, path: str, body: bytes) -> bytes:
        world, disk = self._world, self._hub.disk
        weather, clockwork = world.weather, world.clockwork
        if not world.healed and (clockwork.now_s < world.link.black_hole_until_s or clockwork.chance(weather.loss)):
            raise LinkProblem(LinkFault.TIMEOUT)
        whole, content = f"/v1{path}", pack(body)
        device, epoch = disk.identity.device, disk.identity.epoch
        signature = disk.key.sign(request_bytes("POST", whole, device, epoch, content))
        reply = world.ask_headquarters(Request("POST", whole, device, epoch, content, signature), self._hub)
        if reply.status != HTTPStatus.OK:
            raise LinkProblem(fault_of_status(reply.status))
        if not world.healed and clockwork.chance(weather.answer_lost):
            raise LinkProblem(LinkFault.TIMEOUT)
        return reply.body

    def send_chunk(self, sha256: str, index: int, content: bytes) -> None:
        raise NotImplementedError(sha256, index, content)

    def wire_bytes(self) -> int:
        return 0

    def close(self) -> None:
        pass


def _unseen(_: PushProgressed) -> None:
    pass
