"""Wiring: from settings and an unlock secret to a desk. The one place where adapters meet the ports.

Promise: ``build`` opens what is on this disk and touches no network; ``app.enrolment`` is the only other way to a store.
"""

from __future__ import annotations

from collections.abc import Callable

from app.bundles import SHELF_FOLDER, StickBundles
from app.drawing import chosen_drawing
from app.enrolment import complete_log
from app.neighbours import LanNeighbours, LanOptions
from app.release_updater import ReleaseUpdater, StickFolder
from app.settings import Settings
from app.synchroniser import HttpSynchroniser
from app.system_clock import SystemClock
from claims.desk import Desk
from claims.desk_ports import DeskPorts
from claims.ports import Clock, StepProbe, no_probe
from evidence import FileExaminer
from forms.read_back import PageCodeReader
from forms.register_files import RegisterWriter
from local_db.bundle_shelf import LocalBundleShelf
from local_db.durable_files import make_folder
from local_db.extract.search import LocalExtract
from local_db.key_file import unlock_keys
from local_db.key_slots import Unlock
from local_db.release_shelf import ReleaseShelf, release_floor
from local_db.store import open_with_keys
from sync.carrier_http import HttpCarrier
from sync.tuf_targets import STICK_FOLDER
from trust.certificates import TrustStore

EXTRACT_PURPOSE = "extract"
RELEASES_PURPOSE = "releases"


def build(
    settings: Settings,
    unlock: Unlock,
    *,
    clock: Clock | None = None,
    probe: StepProbe = no_probe,
    wait: Callable[[float], None] | None = None,
    address: Callable[[], str] | None = None,
    lan: LanOptions | None = None,
) -> Desk:
    """Open this laptop's store and return the desk over it.

    Args:
        address: asked at every sync where headquarters is; None: ``settings.hq_url`` as long as the desk is open.
        wait: replaces waiting between a sync's tries, for drills and tests.
        lan: how this program takes part in the local network; None: it serves nobody, and asks when it is told to.

    Raises:
        InputError: a wrong PIN or passphrase (counted and delayed).
        EnvironmentProblem: key file, keyring or store are in the way.
    """
    clock = clock or SystemClock()
    keys = unlock_keys(settings.home, unlock, clock)
    store = open_with_keys(settings.home, keys, probe)
    try:
        complete_log(store, settings.home, clock)
    except BaseException:
        store.close()
        raise
    roots = TrustStore(store.identity.root_certificate)
    for folder in (settings.releases, settings.extract, settings.downloads):
        make_folder(folder)

    def kept_floor(kind: str) -> int:
        with store.read() as reads:
            return reads.floor(release_floor(kind))

    shelf = ReleaseShelf(settings.releases, roots, kept_floor, keys.file_key(RELEASES_PURPOSE).key)
    extract_key = keys.file_key(EXTRACT_PURPOSE)
    extract = LocalExtract(settings.extract, extract_key)
    updater = ReleaseUpdater(
        store=store,
        roots=roots,
        clock=clock,
        shelf=shelf,
        extract=extract,
        extract_folder=settings.extract,
        extract_key=extract_key,
        metadata_folder=settings.tuf,
        mirror=settings.releases / STICK_FOLDER,
        downloads=settings.downloads,
        probe=probe,
    )
    # Asked for only after the ports are there.
    carried = LocalBundleShelf(store, settings.home / SHELF_FOLDER, roots, lambda: ports.time().at, probe=probe)
    ports = DeskPorts(
        store=store,
        attachments=store.attachments,
        extract=extract,
        examiner=FileExaminer(),
        drawing=chosen_drawing(settings, store.signer, store.identity),
        codes=PageCodeReader(),
        registers=RegisterWriter(),
        rulebook=shelf,
        clock=clock,
        signer=store.signer,
        identity=store.identity,
        probe=probe,
        release_folder=StickFolder(updater),
        bundles=StickBundles(store, roots, carried, now=lambda: ports.time().at, probe=probe),
    )

    def open_carrier() -> HttpCarrier:
        identity = store.identity
        return HttpCarrier(
            address() if address else settings.hq_url,
            settings.root_pem,
            device=identity.device,
            epoch=identity.epoch,
            signer=store.signer,
        )

    synchroniser = HttpSynchroniser(
        open_carrier=open_carrier,
        store=store,
        roots=roots,
        clock=clock,
        shelf=shelf,
        extract=extract,
        extract_folder=settings.extract,
        extract_key=extract_key,
        downloads=settings.downloads,
        updater=updater,
        probe=probe,
        wait=wait,
        carried=carried,
    )

    neighbours = LanNeighbours(
        ports,
        store,
        settings,
        carried,
        options=lan or LanOptions(),
        bundles=ports.bundles,
        open_carrier=open_carrier if settings.hq_url else None,
        take_releases=updater.take,
    )
    neighbours.resume()

    def close() -> None:
        extract.close()
        store.close()

    return Desk(ports, synchroniser if settings.hq_url else None, close, neighbours)
