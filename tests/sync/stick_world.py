"""A real headquarters and real stores with no line between them: only sticks."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from app.bundles import StickBundles
from app.enrolment import complete_log
from claims.bundles import AnswerOutcome, BundlesRead, BundleWritten
from claims.ports import StepProbe, no_probe
from headquarters.answer_bundles import keep_answer
from headquarters.bundle_intake import Taken, take_bundle
from headquarters.enrolment import FirstGrants, enrol, make_enrolment_code
from headquarters.installation import Headquarters
from headquarters.models import Device
from local_db.bundle_shelf import LocalBundleShelf
from local_db.identity import Identity
from local_db.key_slots import PinUnlock
from local_db.store import LocalStore, create_store, open_store
from sync.wire.messages import PROTOCOL, EnrolRequest
from tests.local_db.office import CHEAP, MemoryVault, TurnableClock
from tests.local_db.samples import case_opened, document
from trust.certificates import TrustStore
from trust.keys import SoftwareKey

_PIN = "802417"


@dataclass
class World:
    """One headquarters and one stick."""

    folder: Path
    template: Path | None = None
    """A headquarters to copy: making one takes longer."""
    clock: TurnableClock = field(default_factory=TurnableClock)
    hq: Headquarters = field(init=False)

    def __post_init__(self) -> None:
        if self.template is None:
            self.hq = Headquarters.create(self.folder / "hq", self.clock.utc_now)
        else:
            shutil.copytree(self.template, self.folder / "hq")
            self.hq = Headquarters.open(self.folder / "hq", self.clock.utc_now)
        self.stick.mkdir()

    @property
    def stick(self) -> Path:
        return self.folder / "STICK"

    def station(self, device: str = "D3", **options: object) -> Station:
        """Enrol one laptop."""
        return Station(self, device, **options)  # type: ignore[arg-type]

    def take(self, file: Path) -> Taken:
        """Headquarters takes a bundle; its answer comes to lie on the stick."""
        with file.open("rb") as stream:
            taken = take_bundle(self.hq, stream)
        if taken.answer is not None:
            keep_answer(self.stick, taken.device, taken.answer)
        return taken

    def watermark(self, device: str, epoch: int = 1) -> int:
        with self.hq.database.read() as session:
            return session.get_one(Device, (device, epoch)).watermark_seq

    def pass_minutes(self, minutes: int) -> None:
        self.clock.wall += timedelta(minutes=minutes)

    def close(self) -> None:
        self.hq.close()


class Station:
    """An enrolled laptop with its real store, as ``app.main`` wires it."""

    def __init__(self, world: World, device: str, probe: StepProbe = no_probe) -> None:
        self.world, self.device = world, device
        self.home = world.folder / f"{device}-{len(list(world.folder.glob(f'{device}-*')))}"
        self.unlock = PinUnlock("A1007", _PIN, MemoryVault())
        self.probe = probe
        self.ids: Callable[[], str] = map(
            "{:032x}".format, (number << 96 for number in itertools.count(int(device[1:]) << 16))
        ).__next__
        code = make_enrolment_code(
            world.hq,
            station="QX07",
            station_name="清溪七站",
            adjuster="A1007",
            adjuster_name="陆怀远",
            device=device,
            first_grants=FirstGrants(),
        )
        signer = SoftwareKey.generate()
        answered = enrol(world.hq, EnrolRequest(protocol=PROTOCOL, code=code, public_key=signer.public_key))
        identity = Identity(**{name: getattr(answered, name) for name in Identity.__struct_fields__})
        store = create_store(self.home, self.unlock, identity, signer, cost=CHEAP)
        complete_log(store, self.home, world.clock, answered.statements)
        store.close()
        self.reopen()

    def reopen(self, home: Path | None = None) -> None:
        """Start the program again, on this disk or on a copy of it."""
        self.home = home or self.home
        self.store: LocalStore = open_store(self.home, self.unlock, self.world.clock, self.probe)
        roots = TrustStore(self.store.identity.root_certificate)
        self.shelf = LocalBundleShelf(
            self.store, self.home / "bundles", roots, self.world.clock.utc_now, probe=self.probe, keep_free_bytes=0
        )
        self.bundles = StickBundles(
            self.store,
            roots,
            self.shelf,
            self.world.clock.utc_now,
            self.probe,
            new_id=lambda: self.ids(),  # noqa: PLW0108 - tests replace it
        )

    def take_in(self, case_no: str, content: bytes) -> str:
        sha256 = self.store.attachments.put(content)
        with self.store.write() as uow:
            uow.append(case_opened(case_no), document(case_no, content=content))
        return sha256

    def write(self, **options: object) -> BundleWritten:
        settings: dict = {"money_only": False, "budget_bytes": None, "progress": lambda _: None} | options
        return self.bundles.write(self.world.stick, **settings)

    def read(self, place: Path | None = None) -> BundlesRead:
        return self.bundles.read(place or self.world.stick)

    def outcomes(self, place: Path | None = None) -> list[AnswerOutcome]:
        return [each.outcome for each in self.read(place).read]

    @property
    def last_seq(self) -> int:
        return self.store.position().next_seq - 1

    @property
    def watermark(self) -> int:
        return self.store.position().hq_watermark_seq

    def safety(self):
        with self.store.read() as reads:
            return reads.safety()

    def close(self) -> None:
        self.store.close()
