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

from app.neighbour_addresses import own_address, parsed_address
from app.neighbour_books import GivenAwayBook
from app.neighbour_lines import NeighbourLines
from app.neighbour_list import NeighbourList, disk_problem
from app.neighbour_push import NeighbourPush, Pushed
from app.neighbour_service import PUSH_EVERY_S, UPDATE_EVERY_S, NeighbourService, Rounds
from app.settings import Settings
from claims import allowance_moves
from claims.bundles import Bundles
from claims.desk_ports import DeskPorts
from claims.errors import EnvironmentProblem, OutpostError
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
from local_db.bundle_shelf import LocalBundleShelf
from local_db.store import LocalStore
from sync.carrier import Carrier
from sync.held_bundles import HandedOver, hand_over
from sync.lan_carrier import LanTimeouts
from sync.lan_channel import OwnIdentity, OwnServerError
from sync.lan_discovery import OpenDiscovery, open_multicast
from sync.lan_hub import LanHub, Wish
from sync.lan_problems import NeighbourProblem
from sync.lan_releases import LanFiles, NewestFiles
from sync.lan_spool import PieceSpool
from sync.tuf_sources import CarrierSource, TufSource
from sync.tuf_targets import STICK_FOLDER
from sync.wire.hub_messages import NeighbourRole
from trust.certificates import TrustStore, read_device_certificate

_PEERS = 2
"""Where there is no hub, so many colleagues get a copy."""


@dataclass(frozen=True)
class LanOptions:
    """How a program takes part.

    ``role``: what this device is to its neighbours. ``host``: address to listen on; empty: all. ``discover`` finds neighbours.
    ``push_every_s``, ``update_every_s``: how often it pushes, and asks hubs for releases, by itself while sharing is on. ``releases``: folder that
    ``outpost-hq write-stick`` made, handed out beside what this program took in itself. ``serve``: sharing that was switched on earlier begins
    with the program.
    """

    role: NeighbourRole = NeighbourRole.LAPTOP
    host: str = ""
    discover: OpenDiscovery = open_multicast
    push_every_s: float = PUSH_EVERY_S
    update_every_s: float = UPDATE_EVERY_S
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
        self._pushing, self._switching, self._updating = threading.Lock(), threading.Lock(), threading.Lock()
        self._wishes: dict[tuple[str, str], Wish] = {}
        self._lines = NeighbourLines(
            ports, store, settings.home, self._own, self._list, timeouts=options.timeouts, own_tls=self._own_tls
        )
        self._service = NeighbourService(
            self._own,
            options.role,
            self._make_hub,
            Rounds(self._push_round, self.update, options.push_every_s, options.update_every_s),
            self._lines.twin,
            self._list.found,
            self._list.gone,
            port=settings.lan_port,
            host=options.host,
            discover=options.discover,
        )

    # What the desk asks

    def neighbours(self) -> Sequence[Neighbour]:
        """Return who is known, hubs first; touches no network."""
        return self._list.shown()

    def sharing(self) -> Sharing:
        """Return whether this laptop takes part."""
        serving = self._service.serving
        if serving is None:
            return Sharing(on=False)
        held = self._shelf.held()
        return Sharing(
            on=True,
            port=serving[0],
            found_by_itself=serving[1],
            held_bundles=len(held),
            held_bytes=sum(each.size_bytes for each in held),
        )

    def share(self, on: bool) -> Sharing:
        """Take part from now on, or no more; remembered. Raises ``EnvironmentProblem``."""
        with self._switching:
            if on:
                self._service.start()
            else:
                self._switch_off()
        self._list.remember(share=on)
        return self.sharing()

    def resume(self) -> None:
        """Take part if that was switched on earlier; a machine that lets nobody listen goes without."""
        if self._settings.share and self._options.serve:
            with suppress(EnvironmentProblem), self._switching:
                self._service.start()

    def add(self, address: str) -> Neighbour:
        """Try a typed address and remember it; ``problem`` says what is wrong with it today. Raises ``InputError``."""
        place = parsed_address(address)
        self._list.typed(place)
        try:
            self._lines.open(place).close()
        except OwnServerError as own:
            self._list.forget(place)
            raise own_address(address) from own
        except NeighbourProblem:
            # ``_open`` noted it beside the address.
            return self._list.at(place)
        self._service.nudge()
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
            hub = self._service.hub
        if asked is not None and hub is not None:
            hub.decide(Wish(wish.device, wish.station, wish.pool, wish.amount_fen), yes=yes)

    def nudge(self) -> None:
        """Push soon. Returns at once."""
        self._service.nudge()

    def close(self) -> None:
        """Stop serving and searching; what was switched on is remembered."""
        with self._switching:
            self._switch_off()

    def _switch_off(self) -> None:
        self._service.stop(self._lines.break_off)
        with self._lock:
            self._wishes.clear()
        self._list.only_typed()

    def push(self, progress: Callable[[PushProgressed], None] = lambda _: None) -> CustodyReport:
        """Give what headquarters does not hold into custody, the money first. Never raises for a neighbour."""
        custodians: list[str] = []
        problems: list[tuple[str, OutpostError]] = []
        total = Pushed()
        with self._pushing:
            for known in self._list.in_turn():
                enough = len(custodians) >= _PEERS and known.kind is not NeighbourKind.HUB
                if self._service.stopping or (enough and known.last_contact is not None):
                    continue
                try:
                    # Everybody is asked once how far it holds this log, also who is not needed as a custodian.
                    with self._lines.open(known.address) as line:
                        if not enough and self._lines.disk_reason() is None:
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
            stopped=self._lines.disk_reason(),
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
                with self._lines.open(known.address) as line:
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
        """Take in what hubs distribute, verified; False where none was new. Raises ``OutpostError`` where something was wrong and nothing came."""
        if self._take_releases is None:
            return False
        new, wrong = False, None
        with self._updating:
            for known in self._list.in_turn():
                if known.kind is not NeighbourKind.HUB or self._service.stopping:
                    continue
                try:
                    with self._lines.open(known.address) as line:
                        new = self._take_releases(CarrierSource(LanFiles(line))) or new
                except OwnServerError:
                    continue
                except OutpostError as problem:
                    wrong = wrong or problem
        if wrong is not None and not new:
            raise wrong
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

    # While sharing is on

    def _make_hub(self) -> LanHub:
        """Return the custodian that neighbours ask. Raises ``EnvironmentProblem``."""
        try:
            spool = PieceSpool(self._settings.home / "arriving")
        except OSError as problem:
            raise disk_problem(problem) from problem
        return LanHub(
            self._own,
            self._options.role,
            shelf=self._shelf,
            spool=spool,
            marks=self._lines.marks(),
            given_away=GivenAwayBook(self._ports, self.nudge),
            handed_out=self._handed_out(),
            wish=self._wished,
            told=self._lines.compare,
        )

    def _handed_out(self) -> NewestFiles:
        """What this program took in itself, laid out; beside it the folder that it was given, for whichever is newer."""
        folders = (self._settings.releases, *([] if self._options.releases is None else [self._options.releases]))
        return NewestFiles([folder / STICK_FOLDER for folder in folders])

    def _own_tls(self) -> frozenset[str]:
        return self._service.own_tls

    def _push_round(self) -> None:
        self.push()
        self.forward()

    # Small parts

    def _received(self, pool: str) -> tuple[str, ...]:
        with self._store.read() as reads:
            return tuple(each.grant_id for each in reads.allowances((pool,)) if each.pool == pool and each.hands)

    def _wished(self, wish: Wish) -> None:
        with self._lock:
            self._wishes[wish.device, wish.pool] = wish

    def _is_stopped(self, device: str, epoch: int) -> bool:
        with self._store.read() as reads:
            return reads.stopped_device(device, epoch) is not None
