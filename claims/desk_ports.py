"""Everything a use case may need, handed over once by the composition root. No globals, no registries."""

from __future__ import annotations

from dataclasses import dataclass

from claims.bundles import Bundles
from claims.distribution import ReleaseFolder
from claims.ports import (
    Attachments,
    Clock,
    CodeReader,
    Drawing,
    Examiner,
    PolicyExtract,
    RegisterFiles,
    StepProbe,
    Store,
    no_probe,
)
from claims.rulebook import Rulebook
from claims.station import StationIdentity
from claims.trusted_time import TrustedTime, trusted_time
from trust.keys import Signer


@dataclass(frozen=True)
class DeskPorts:
    """The world as the use cases see it."""

    store: Store
    attachments: Attachments
    extract: PolicyExtract
    examiner: Examiner
    drawing: Drawing
    codes: CodeReader
    registers: RegisterFiles
    rulebook: Rulebook
    clock: Clock
    signer: Signer
    identity: StationIdentity
    probe: StepProbe = no_probe
    release_folder: ReleaseFolder | None = None
    bundles: Bundles | None = None

    def time(self) -> TrustedTime:
        """Return the trusted time: the wall clock, unless it is below the highest signed time seen."""
        with self.store.read() as reads:
            floors = [each for each in (reads.time_floor(), self.rulebook.newest_signed_at()) if each is not None]
        return trusted_time(self.clock.utc_now(), max(floors, default=None))
