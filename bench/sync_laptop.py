"""An enrolled laptop for the sync benchmarks: a real encrypted store that is made once and opened again in another process."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from app.synchroniser import HEADQUARTERS
from app.system_clock import SystemClock
from bench.sync_cases import Scribe, case_commits, unseen_half
from headquarters.enrolment import make_enrolment_code
from headquarters.installation import Headquarters
from local_db.identity import Identity
from local_db.key_slots import PassphraseUnlock
from local_db.passphrase import generate_passphrase
from local_db.store import LocalStore, create_store, open_store
from sync.carrier_http import HttpCarrier, HttpFirstContact, root_pem_of
from sync.cycle import sync_once
from sync.enrolment import enrol
from sync.link_memory import after_cycle, start_window
from sync.summary import SyncSummary
from trust.certificates import TrustStore
from trust.keys import SoftwareKey

ADJUSTER = "A1007"
PHOTO_BYTES = 150_000


class BenchLaptop:
    """A store under ``folder/home`` with the passphrase and headquarters' root beside it."""

    def __init__(self, folder: Path, store: LocalStore) -> None:
        self.folder, self.store = folder, store
        self.roots = TrustStore(store.identity.root_certificate)

    @classmethod
    def enrolled(cls, hq: Headquarters, url: str, folder: Path) -> BenchLaptop:
        """Enrol a new laptop at a running headquarters."""
        code = make_enrolment_code(
            hq, station="QX07", station_name="清溪七站", adjuster=ADJUSTER, adjuster_name="陆怀远", device="D3"
        )
        key = SoftwareKey.generate()
        answer = enrol(HttpFirstContact(url), code, key)
        identity = Identity(**{name: getattr(answer, name) for name in Identity.__struct_fields__})
        passphrase = generate_passphrase()
        folder.mkdir(parents=True, exist_ok=True)
        store = create_store(folder / "home", PassphraseUnlock(ADJUSTER, passphrase), identity, key)
        with store.write() as uow:
            for statement in answer.statements:
                uow.receive(statement)
        (folder / "passphrase").write_text(passphrase)
        (folder / "root.pem").write_bytes(root_pem_of(answer.root_certificate))
        return cls(folder, store)

    @classmethod
    def opened(cls, folder: Path) -> BenchLaptop:
        """Open one that was enrolled before."""
        unlock = PassphraseUnlock(ADJUSTER, (folder / "passphrase").read_text())
        return cls(folder, open_store(folder / "home", unlock, SystemClock()))

    def carrier(self, url: str) -> HttpCarrier:
        """Return a way to headquarters with connections of its own."""
        identity = self.store.identity
        return HttpCarrier(
            url, self.folder / "root.pem", device=identity.device, epoch=identity.epoch, signer=self.store.signer
        )

    def sync(self, carrier: HttpCarrier, **options: Any) -> SyncSummary:
        """Run one cycle with what is remembered of headquarters, and remember what it taught, as the program does."""
        with self.store.read() as reads:
            remembered = reads.link(HEADQUARTERS)
        clock = SystemClock()
        summary = sync_once(
            carrier=carrier,
            store=self.store,
            outbox=self.store,
            attachments=self.store.attachments,
            roots=self.roots,
            clock=clock,
            start_window=start_window(remembered),
            accepts=remembered.accepts,
            **options,
        )
        with self.store.write() as uow:
            uow.keep_link(HEADQUARTERS, after_cycle(remembered, summary, clock.utc_now(), "bench"))
        return summary

    def record(self, seed: int, count: int, *, first: int = 1) -> tuple[int, int, list[bytes]]:
        """Commit so many cases with a photo each, as the desk does.

        Returns:
            Bytes of the events, number of the first voucher's event in the log, and the photos.
        """
        chance = random.Random(seed)
        identity = self.store.identity
        scribe = Scribe(
            identity.device,
            identity.epoch,
            identity.station,
            identity.adjuster,
            identity.adjuster_name,
            self.store.signer,
            identity.device_certificate,
            debits=False,
        )
        photos = [chance.randbytes(PHOTO_BYTES) for _ in range(count)]
        for photo in photos:
            self.store.attachments.put(photo)
        start = self.store.position().next_seq
        for events in case_commits(scribe, chance, unseen_half(), photos, first=first):
            with self.store.write() as uow:
                uow.append(*events)
        size = sum(len(commit.raw) for commit in self.store.commits_after(start - 1, 1 << 40))
        # The voucher is the eleventh of a case's thirteen events.
        return size, start + 10, photos
