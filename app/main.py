"""Wiring: from settings and an unlock secret to a desk. The one place where adapters meet the ports.

Promise: ``build`` opens what is on this disk and touches no network; ``enrol_laptop`` is the only other way to a store.
"""

from __future__ import annotations

from collections.abc import Callable

from app.settings import Settings, save_settings
from app.synchroniser import HttpSynchroniser
from app.system_clock import SystemClock
from claims.desk import Desk
from claims.desk_ports import DeskPorts
from claims.events import RecoverySlotSealed
from claims.ports import Clock, StepProbe, no_probe
from evidence import FileExaminer
from forms.drawing import PdfDrawing
from local_db.durable_files import make_folder, write_durably
from local_db.extract.search import LocalExtract
from local_db.identity import Identity
from local_db.key_file import recovery_slot_bytes, unlock_keys
from local_db.key_slots import Unlock
from local_db.release_shelf import ReleaseShelf, release_floor
from local_db.store import create_store, open_with_keys
from sync.carrier_http import HttpCarrier, HttpFirstContact, root_pem_of
from sync.enrolment import enrol
from trust.certificates import TrustStore
from trust.keys import SoftwareKey

EXTRACT_PURPOSE = "extract"


def build(
    settings: Settings,
    unlock: Unlock,
    *,
    clock: Clock | None = None,
    probe: StepProbe = no_probe,
    wait: Callable[[float], None] | None = None,
) -> Desk:
    """Open this laptop's store and return the desk over it.

    Args:
        wait: replaces waiting between a sync's tries, for drills and tests.

    Raises:
        InputError: a wrong PIN or passphrase (counted and delayed).
        EnvironmentProblem: key file, keyring or store are in the way.
    """
    clock = clock or SystemClock()
    keys = unlock_keys(settings.home, unlock, clock)
    store = open_with_keys(settings.home, keys, probe)
    roots = TrustStore(store.identity.root_certificate)
    for folder in (settings.releases, settings.extract, settings.downloads):
        make_folder(folder)

    def kept_floor(kind: str) -> int:
        with store.read() as reads:
            return reads.floor(release_floor(kind))

    shelf = ReleaseShelf(settings.releases, roots, kept_floor)
    extract_key = keys.file_key(EXTRACT_PURPOSE)
    extract = LocalExtract(settings.extract, extract_key)
    ports = DeskPorts(
        store=store,
        attachments=store.attachments,
        extract=extract,
        examiner=FileExaminer(),
        drawing=PdfDrawing(),
        rulebook=shelf,
        clock=clock,
        signer=store.signer,
        identity=store.identity,
        probe=probe,
    )

    def open_carrier() -> HttpCarrier:
        identity = store.identity
        return HttpCarrier(
            settings.hq_url, settings.root_pem, device=identity.device, epoch=identity.epoch, signer=store.signer
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
        probe=probe,
        wait=wait,
    )

    def close() -> None:
        extract.close()
        store.close()

    return Desk(ports, synchroniser if settings.hq_url else None, close)


def enrol_laptop(settings: Settings, code: str, unlock: Unlock, *, clock: Clock | None = None) -> Identity:
    """Enrol this laptop with headquarters by a one-time code and make its store.

    Raises:
        InputError: the code is mistyped, used or expired; the PIN is too weak.
        EnvironmentProblem: no link, another headquarters, or a store is here already.
    """
    clock = clock or SystemClock()
    device_key = SoftwareKey.generate()
    answer = enrol(HttpFirstContact(settings.hq_url), code, device_key)
    identity = Identity(
        device=answer.device,
        epoch=answer.epoch,
        station=answer.station,
        station_name=answer.station_name,
        adjuster=answer.adjuster,
        adjuster_name=answer.adjuster_name,
        company=answer.company,
        hotline=answer.hotline,
        root_certificate=answer.root_certificate,
        service_certificate=answer.service_certificate,
        device_certificate=answer.device_certificate,
        recovery_public_key=answer.recovery_public_key,
    )
    with create_store(settings.home, unlock, identity, device_key) as store, store.write() as uow:
        for statement in answer.statements:
            uow.receive(statement)
        uow.append(RecoverySlotSealed(at=clock.utc_now(), sealed=recovery_slot_bytes(settings.home)))
    write_durably(settings.root_pem, root_pem_of(answer.root_certificate))
    save_settings(settings)
    return identity
