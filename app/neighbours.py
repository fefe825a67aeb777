"""Neighbours on the local network: serving them, finding them, giving one's log into their custody, asking them for allowance.

Promise: no Qt, threads of its own. Before anything else a neighbour is asked how far it holds *this* laptop's log, and told how far its own is
held here; a proof that this disk can't explain stops it from promising, durably. What a neighbour takes is sealed to headquarters. Every
failure is one neighbour's: the others go on, and nothing here ever keeps a case from being taken in.

Source: docs/adr/0146, 0147.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.neighbour_addresses import DEFAULT_PORT, own_address, parsed_address
from app.neighbour_books import GivenAwayBook, compare_logs, stop_promising
from app.neighbour_list import NeighbourList, Place, disk_problem
from app.neighbour_push import NeighbourPush, Pushed
from app.settings import Settings
from claims import allowance_moves
from claims.bundles import Bundles
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, EnvironmentProblem, OutpostError
from claims.events import AllowanceReceived
from claims.neighbours import (
    AllowanceWish,
    AskedReport,
    CustodyReport,
    Neighbour,
    NeighbourKind,
    PushProgressed,
    Sharing,
)
from claims.own_disk import DiskFault, disk_reason
from local_db.bundle_shelf import LocalBundleShelf
from local_db.store import LocalStore
from sync.carrier import Carrier
from sync.held_bundles import HandedOver, hand_over
from sync.lan_carrier import LanCarrier, LanTimeouts
from sync.lan_channel import OwnIdentity, OwnServerError
from sync.lan_discovery import Discovery, Found, OpenDiscovery, open_multicast
from sync.lan_hub import LanHub, Wish
from sync.lan_marks import FolderMarks
from sync.lan_problems import NeighbourFault, NeighbourProblem
from sync.lan_releases import FolderFiles, LanFiles
from sync.lan_server import LanServer
from sync.lan_spool import PieceSpool
from sync.tuf_sources import CarrierSource, TufSource
from sync.tuf_targets import STICK_FOLDER
from sync.wire.hub_messages import HighestHeld, NeighbourRole
from trust.certificates import TrustStore, read_device_certificate

PUSH_EVERY_S = 120.0
"""With the nudge after each promise this keeps the log in custody well within five minutes."""
_PEERS = 2
"""Where there is no hub, so many colleagues get a copy."""


@dataclass(frozen=True)
class LanOptions:
    """How a program takes part.

    ``role``: what this device is to its neighbours. ``host``: address to listen on; empty: all. ``discover`` finds neighbours.
    ``push_every_s``: how often it pushes by itself while sharing is on. ``releases``: folder that ``outpost-hq write-stick`` made, to be handed
    out; None: ``handed-out`` under the home. ``serve``: sharing that was switched on earlier begins with the program.
    """

    role: NeighbourRole = NeighbourRole.LAPTOP
    host: str = ""
    discover: OpenDiscovery = open_multicast
    push_every_s: float = PUSH_EVERY_S
    releases: Path | None = None
    timeouts: LanTimeouts | None = None
    serve: bool = False


class LanNeighbours:
    """``claims.neighbours.Neighbourhood`` over one open store."""

    def __init__(
        self,
        ports: DeskPorts,
        store: LocalStore,
        settings: Settings,
        shelf: LocalBundleShelf,
        *,
        options: LanOptions,
        bundles: Bundles | None = None,
        open_carrier: Callable[[], Carrier] | None = None,
        take_releases: Callable[[TufSource], bool] | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            shelf: neighbours' bundles.
            options: how it takes part.
            bundles: takes in headquarters' sealed answers that a hub kept; None: they stay with the hub.
            open_carrier: the way to headquarters, for forwarding what is held; None: there is none.
            take_releases: verifies and installs what a source distributes and says whether anything was new; None: nothing is taken.
        """
        self._ports, self._store, self._settings = ports, store, settings
        self._options, self._open_carrier = options, open_carrier
        self._shelf, self._take_releases = shelf, take_releases
        self._roots = TrustStore(store.identity.root_certificate)
        certificate = read_device_certificate(store.identity.device_certificate)
        self._own = OwnIdentity(certificate, store.signer, self._roots, self._is_stopped)
        self._list = NeighbourList(settings, certificate.station)
        self._push = NeighbourPush(ports, store, settings.home, bundles)
        self._lock = threading.RLock()
        self._pushing, self._switching = threading.Lock(), threading.Lock()
        self._wishes: dict[tuple[str, str], Wish] = {}
        self._lines: set[LanCarrier] = set()
        self._marks: FolderMarks | None = None
        self._hub: LanHub | None = None
        self._server: LanServer | None = None
        self._own_tls: frozenset[str] = frozenset()
        self._discovery: Discovery | None = None
        self._loop: threading.Thread | None = None
        self._wake, self._stop = threading.Event(), threading.Event()

    # What the desk asks

    def neighbours(self) -> Sequence[Neighbour]:
        """Return who is known, hubs first; touches no network."""
        return self._list.shown()

    def sharing(self) -> Sharing:
        """Return whether this laptop takes part."""
        with self._lock:
            server, discovery = self._server, self._discovery
        if server is None:
            return Sharing(on=False)
        held = self._shelf.held()
        return Sharing(
            on=True,
            port=server.port,
            found_by_itself=discovery is not None,
            held_bundles=len(held),
            held_bytes=sum(each.size_bytes for each in held),
        )

    def share(self, on: bool) -> Sharing:
        """Take part from now on, or no more; remembered. Raises ``EnvironmentProblem``."""
        with self._switching:
            if on:
                self._switch_on()
            else:
                self._switch_off()
        self._list.remember(share=on)
        return self.sharing()

    def resume(self) -> None:
        """Take part if that was switched on earlier; a machine that lets nobody listen goes without."""
        if self._settings.share and self._options.serve:
            with suppress(EnvironmentProblem), self._switching:
                self._switch_on()

    def add(self, address: str) -> Neighbour:
        """Try a typed address and remember it; ``problem`` says what is wrong with it today. Raises ``InputError``."""
        place = parsed_address(address)
        self._list.typed(place)
        try:
            self._open(place).close()
        except OwnServerError as own:
            self._list.forget(place)
            raise own_address(address) from own
        except NeighbourProblem:
            # ``_open`` noted it beside the address.
            return self._list.at(place)
        self._wake.set()
        return self._list.at(place)

    def forget(self, address: str) -> None:
        """Forget a typed address."""
        self._list.forget(parsed_address(address))

    def wishes(self) -> Sequence[AllowanceWish]:
        """Return what neighbours asked this laptop's user for."""
        with self._lock:
            wishes = tuple(self._wishes.values())
        return tuple(AllowanceWish(each.device, each.station, each.pool, each.amount_fen) for each in wishes)

    def decide(self, wish: AllowanceWish, *, yes: bool) -> None:
        """Say yes or no to a wish."""
        with self._lock:
            asked = self._wishes.pop((wish.device, wish.pool), None)
            hub = self._hub
        if asked is not None and hub is not None:
            hub.decide(Wish(wish.device, wish.station, wish.pool, wish.amount_fen), yes=yes)

    def nudge(self) -> None:
        """Push soon. Returns at once."""
        self._wake.set()

    def close(self) -> None:
        """Stop serving and searching; what was switched on is remembered."""
        with self._switching:
            self._switch_off()

    def push(self, progress: Callable[[PushProgressed], None] = lambda _: None) -> CustodyReport:
        """Give what headquarters does not hold into custody, the money first. Never raises for a neighbour."""
        custodians: list[str] = []
        problems: list[tuple[str, OutpostError]] = []
        total = Pushed()
        with self._pushing:
            for known in self._list.in_turn():
                enough = len(custodians) >= _PEERS and known.kind is not NeighbourKind.HUB
                if self._stop.is_set() or (enough and known.last_contact is not None):
                    continue
                try:
                    # Everybody is asked once how far it holds this log, also who is not needed as a custodian.
                    with self._open(known.address) as line:
                        if not enough and self._disk_reason() is None:
                            total = total.plus(self._push.push(line, progress))
                            custodians.append(line.device.device)
                except OwnServerError:
                    continue
                except OutpostError as problem:
                    problems.append((known.called, problem))
        with self._store.read() as reads:
            through_seq = reads.custody_seq()
        return CustodyReport(
            through_seq=through_seq,
            custodians=tuple(custodians),
            bundles=total.bundles,
            bytes=total.size_bytes,
            files=total.files,
            problems=tuple(problems),
            stopped=self._disk_reason(),
        )

    def ask(self, pool: str, amount_fen: int) -> AskedReport:
        """Ask the hub, then colleagues, for allowance. Never raises for a neighbour."""
        received: list[AllowanceReceived] = []
        waiting: list[str] = []
        refused: list[tuple[str, OutpostError]] = []
        for known in self._list.in_turn():
            short_fen = amount_fen - sum(each.amount_fen for each in received)
            if short_fen <= 0:
                break
            try:
                with self._open(known.address) as line:
                    handed = line.ask_allowance(pool, short_fen, self._received(pool))
                    if handed is None:
                        waiting.append(line.device.device)
                    else:
                        received += [allowance_moves.receive_allowance(self._ports, each) for each in handed]
            except OwnServerError:
                continue
            except OutpostError as problem:
                refused.append((known.called, problem))
        return AskedReport(tuple(received), tuple(waiting), tuple(refused))

    def update(self) -> bool:
        """Take in what a hub distributes, verified; False where none was new. Raises ``OutpostError``."""
        if self._take_releases is None:
            return False
        new = False
        for known in self._list.in_turn():
            if known.kind is NeighbourKind.HUB:
                with suppress(OwnServerError), self._open(known.address) as line:
                    new = self._take_releases(CarrierSource(LanFiles(line))) or new
        return new

    def forward(self) -> HandedOver:
        """Hand what is held for neighbours to headquarters. Raises ``EnvironmentProblem``; the link's problem is in the result."""
        if self._open_carrier is None or not self._shelf.waiting():
            return HandedOver()
        carrier = self._open_carrier()
        try:
            own = self._own.certificate
            return hand_over(
                carrier, self._shelf, self._roots, device=own.device, epoch=own.epoch, probe=self._ports.probe
            )
        finally:
            carrier.close()

    # Serving and finding

    def _switch_on(self) -> None:
        if self._server is not None:
            return
        try:
            spool = PieceSpool(self._settings.home / "arriving")
        except OSError as problem:
            raise disk_problem(problem) from problem
        releases = self._options.releases or self._settings.home / "handed-out"
        hub = LanHub(
            self._own,
            self._options.role,
            shelf=self._shelf,
            spool=spool,
            marks=self._mark_book(),
            given_away=GivenAwayBook(self._ports, self.nudge),
            handed_out=FolderFiles(releases / STICK_FOLDER),
            wish=self._wished,
            told=self._compare,
        )
        port = self._settings.lan_port or DEFAULT_PORT
        server = LanServer(hub, self._own, port=port, host=self._options.host, twin=self._twin)
        server.start()
        with self._lock:
            self._hub, self._server = hub, server
            self._own_tls |= {server.tls_sha256}
        # Finding is slow to start on some networks; serving need not wait for it.
        self._loop = threading.Thread(target=self._run, args=(server.port,), name="lan-neighbours", daemon=True)
        self._loop.start()

    def _switch_off(self) -> None:
        self._stop.set()
        self._wake.set()
        with self._lock:
            lines, self._lines = self._lines, set()
        for line in lines:
            line.break_off()
        if self._loop is not None:
            self._loop.join()
            self._loop = None
        with self._lock:
            server, self._server, self._hub = self._server, None, None
            discovery, self._discovery = self._discovery, None
            self._wishes.clear()
        self._list.only_typed()
        if discovery is not None:
            discovery.close()
        if server is not None:
            server.stop()
        self._stop.clear()

    def _run(self, port: int) -> None:
        own = self._own.certificate
        discovery = self._options.discover(
            own.device, own.station, self._options.role, port, self._found, self._list.gone
        )
        with self._lock:
            self._discovery = discovery
        while not self._stop.is_set():
            self._wake.clear()
            # A full disk or no link: said where a person asks; tried again with the next turn.
            with suppress(OutpostError):
                self.push()
                self.forward()
            if not self._stop.is_set():
                self._wake.wait(self._options.push_every_s)

    def _found(self, found: Found) -> None:
        if self._list.found(found):
            self._wake.set()

    # One conversation

    def _open(self, place: Place) -> LanCarrier:
        """Open a conversation and compare logs before anything else. Raises ``NeighbourProblem``, ``OwnServerError``."""
        try:
            line = LanCarrier(place, self._own, own_tls=self._own_tls, timeouts=self._options.timeouts)
        except NeighbourProblem as problem:
            if problem.fault is NeighbourFault.TWIN:
                self._twin()
            self._list.failed(place, problem)
            raise
        with self._lock:
            self._lines = {each for each in self._lines if not each.closed} | {line}
        try:
            highest = line.highest()
            self._compare(highest)
            book = self._mark_book()
            theirs = line.device
            line.tell_highest(book.marks(theirs.device, theirs.epoch), book.newest(theirs.device))
        except NeighbourProblem as problem:
            self._list.failed(place, problem)
            line.close()
            raise
        except BaseException:
            line.close()
            raise
        through_seq = max((each.through_seq for each in highest.marks), default=0)
        self._list.met(place, line, through_seq, self._ports.time().at)
        return line

    def _mark_book(self) -> FolderMarks:
        with self._lock:
            if self._marks is None:
                try:
                    self._marks = FolderMarks(self._settings.home / "marks")
                except OSError as problem:
                    raise disk_problem(problem) from problem
            return self._marks

    def _compare(self, highest: HighestHeld) -> None:
        if self._disk_reason() is not None:
            # What it recorded since differs from what others hold, of course: the first finding is the cause.
            return
        fault = compare_logs(self._store, self._own.certificate, self._roots, highest)
        if fault is not None:
            stop_promising(self._ports, fault)

    def _twin(self) -> None:
        stop_promising(self._ports, DiskFault.COPIED)

    def _disk_reason(self) -> Bilingual | None:
        with self._store.read() as reads:
            return disk_reason(reads)

    def _received(self, pool: str) -> tuple[str, ...]:
        with self._store.read() as reads:
            return tuple(each.grant_id for each in reads.allowances((pool,)) if each.pool == pool and each.hands)

    def _wished(self, wish: Wish) -> None:
        with self._lock:
            self._wishes[wish.device, wish.pool] = wish

    def _is_stopped(self, device: str, epoch: int) -> bool:
        with self._store.read() as reads:
            return reads.stopped_device(device, epoch) is not None
