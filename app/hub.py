"""``outpost hub``: this computer as the station's hub, without a window: keeps sealed logs, hands allowance on, meets headquarters when it can.

Promise: it reads nothing of what it keeps for others, and hands out what headquarters distributes by itself: with a line to headquarters no stick is
needed. It runs until it is told to stop (Ctrl-C, or the service manager's signal), says on one
line what changed, and loses nothing when it is cut instead.
"""

from __future__ import annotations

import argparse
import signal
import threading

import msgspec

from app.main import build
from app.neighbours import LanOptions
from app.settings import default_home, load_settings
from app.unlocking import existing_unlock
from claims.amounts import yuan
from claims.desk import Desk
from claims.errors import OutpostError
from claims.neighbours import Sharing
from local_db.key_file import read_key_file
from sync.lan_discovery import open_multicast
from sync.wire.hub_messages import NeighbourRole

LOOK_EVERY_S = 10.0
SYNC_EVERY_S = 300.0
"""A sync brings what headquarters distributes as well; neighbours fetch it from here (``app.release_mirror``)."""


def hub(options: argparse.Namespace) -> int:
    """Be a hub until told to stop."""
    home = options.hub_home or options.home or default_home()
    settings = load_settings(home)
    if options.port is not None:
        settings = msgspec.structs.replace(settings, lan_port=options.port)
    adjuster = settings.adjuster or read_key_file(home).adjusters()[0]
    lan = LanOptions(
        role=NeighbourRole.HUB,
        discover=(lambda *_: None) if options.no_multicast else open_multicast,
        releases=options.releases,
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    desk = build(settings, existing_unlock(adjuster), lan=lan)
    try:
        run_hub(desk, stop, neighbours=options.neighbour, to_headquarters=bool(settings.hq_url))
    finally:
        desk.close()
    return 0


def run_hub(desk: Desk, stop: threading.Event, *, neighbours: list[str], to_headquarters: bool) -> None:
    """Serve until ``stop`` is set; sync now and then where there is an address of headquarters.

    Raises:
        OutpostError: nobody may listen on this machine, or a typed address is none.
    """
    sharing = desk.share(True)
    identity = desk.identity
    print(
        f"{identity.station_name} {identity.station}  {identity.device}/{identity.epoch}  port {sharing.port}",
        flush=True,
    )
    for address in neighbours:
        desk.add_neighbour(address)
    told = ""
    # A hub that is started again and again does not fall upon headquarters each time.
    left_s = desk.sync_due_in_s()
    problem: OutpostError | None = None
    while not stop.is_set():
        if to_headquarters and left_s <= 0:
            problem = desk.sync().problem
            left_s = SYNC_EVERY_S if problem is None else max(LOOK_EVERY_S, desk.sync_due_in_s())
        line = _line(desk, desk.sharing(), problem)
        if line != told:
            print(line, flush=True)
            told = line
        stop.wait(LOOK_EVERY_S)
        left_s -= LOOK_EVERY_S


def _line(desk: Desk, sharing: Sharing, problem: OutpostError | None) -> str:
    met = sum(each.last_contact is not None for each in desk.neighbours())
    left_fen = sum(each.left_fen for each in desk.allowances().pools)
    said = f"同事 {met} 台 laptops  托管 {sharing.held_bundles} 包 bundles {sharing.held_bytes / 1e6:.1f} MB  离线额度 {yuan(left_fen)} 元 allowance"
    fault = desk.disk_fault()
    if fault is not None:
        return f"{said}\n{fault.zh}\n{fault.en}"
    return said if problem is None else f"{said}  {problem.cause.zh} {problem.cause.en}"
