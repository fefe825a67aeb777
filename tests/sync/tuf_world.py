"""A real headquarters that distributes, and real laptops that take it in; only clocks and links are the test's."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.release_updater import ReleaseUpdater, Updated
from claims.events import BoxKeyAnnounced
from claims.ports import StepProbe, no_probe
from headquarters.enrolment import FirstGrants, enrol, make_enrolment_code
from headquarters.installation import Headquarters
from headquarters.log_intake import receive_log
from headquarters.tuf_routes import read_distributed
from local_db.durable_files import make_folder
from local_db.extract.search import LocalExtract
from local_db.identity import Identity
from local_db.key_file import unlock_keys
from local_db.key_slots import PinUnlock
from local_db.release_shelf import ReleaseShelf, release_floor
from local_db.store import create_store
from sync.problems import LinkProblem
from sync.wire.faults import LinkFault
from sync.wire.messages import PROTOCOL, EnrolRequest
from tests.local_db.office import CHEAP, MemoryVault, TurnableClock
from trust.bundles import public_of
from trust.certificates import TrustStore
from trust.keys import SoftwareKey

START = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)


class StandingClock:
    """Headquarters' clock."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


def unchanged(path: str, content: bytes | None) -> bytes | None:
    """Carry a file as it is."""
    return content


@dataclass
class HqSource:
    """Headquarters as a source, in process. ``alter`` may cut, change or hide a file; ``asked`` remembers what was asked."""

    hq: Headquarters
    alter: Callable[[str, bytes | None], bytes | None] = unchanged
    asked: list[str] = field(default_factory=list)
    bytes_read: int = 0

    def read(self, path: str, cap_bytes: int) -> bytes | None:
        self.asked.append(path)
        content = self.alter(path, read_distributed(self.hq, path))
        if content is not None and len(content) > cap_bytes:
            raise LinkProblem(LinkFault.NOT_HEADQUARTERS)
        self.bytes_read += len(content or b"")
        return content

    def stream(self, path: str, write: Callable[[bytes], object], have: int) -> None:
        content = self.read(path, 1 << 30)
        if content is None:
            raise LinkProblem(LinkFault.RELEASE_REFUSED)
        for start in range(have, len(content), 65536):
            write(content[start : start + 65536])


class Laptop:
    """An enrolled laptop's store and everything it installs."""

    def __init__(self, hq: Headquarters, folder: Path, device: str = "D3", station: str = "QX07") -> None:
        code = make_enrolment_code(
            hq,
            station=station,
            station_name="清溪服务站",
            adjuster="0417",
            adjuster_name="林晓禾",
            device=device,
            first_grants=FirstGrants(),
        )
        key = SoftwareKey.generate()
        answer = enrol(hq, EnrolRequest(protocol=PROTOCOL, code=code, public_key=key.public_key))
        self.identity = Identity(**{name: getattr(answer, name) for name in Identity.__struct_fields__})
        self.home, self.hq = folder, hq
        self.clock = TurnableClock(wall=hq.now())
        self._unlock = PinUnlock(self.identity.adjuster, "802417", MemoryVault())
        self.store = create_store(folder, self._unlock, self.identity, key, cost=CHEAP)
        with self.store.write() as uow:
            uow.append(BoxKeyAnnounced(at=hq.now(), public_key=public_of(self.store.box_private)))
        keys = unlock_keys(folder, self._unlock, self.clock)
        self.extract_key = keys.file_key("extract")
        self._record_key = keys.file_key("releases").key
        self.roots = TrustStore(self.identity.root_certificate)
        for each in (self.releases, self.extract_folder, self.downloads):
            make_folder(each)
        self.start()

    releases = property(lambda self: self.home / "releases")
    extract_folder = property(lambda self: self.home / "extract")
    downloads = property(lambda self: self.home / "downloads")
    metadata = property(lambda self: self.home / "tuf")

    def start(self, probe: StepProbe = no_probe) -> None:
        """Begin again with what is on the disk, as a program does after a cut."""
        if hasattr(self, "extract"):
            self.extract.close()

        def kept_floor(kind: str) -> int:
            with self.store.read() as reads:
                return reads.floor(release_floor(kind))

        self.shelf = ReleaseShelf(self.releases, self.roots, kept_floor, self._record_key)
        self.extract = LocalExtract(self.extract_folder, self.extract_key)
        self.updater = ReleaseUpdater(
            store=self.store,
            roots=self.roots,
            clock=self.clock,
            shelf=self.shelf,
            extract=self.extract,
            extract_folder=self.extract_folder,
            extract_key=self.extract_key,
            metadata_folder=self.metadata,
            downloads=self.downloads,
            mirror=self.home / "releases" / "outpost-releases",
            probe=probe,
        )

    def send_log(self) -> None:
        """Hand the log to headquarters, which learns the box key from it."""
        commits = self.store.commits_after(0, 1 << 20)
        receive_log(self.hq, self.identity.device, self.identity.epoch, [each.raw for each in commits])

    def update(self, source: object) -> Updated | None:
        return self.updater.update(source)  # type: ignore[arg-type]  # any source will do

    def forget_files(self) -> None:
        """Lose everything that is not in the encrypted store, as a reinstalled program might."""
        for folder in (self.releases, self.extract_folder, self.metadata, self.downloads):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in (self.releases, self.extract_folder, self.downloads):
            make_folder(folder)
        self.start()

    def close(self) -> None:
        self.extract.close()
        self.store.close()
