"""What rules hold on this laptop: the installed pack and catastrophes, each with its signed release record.

Promise: nothing is in the rulebook that was not verified against HQ's root and re-hashed since. Whether it is still
good to decide by depends on the trusted time alone (design.md "Distribution"): past the warning date warn and print the
age, past expiry collect only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from claims.distributed import DuplicateIndex, StoppedDevice
from claims.reference import Catastrophe
from claims.trusted_time import TrustedTime
from rules.engine import Decision, Facts, Pack, decide
from rules.engine.generated import GeneratedPack
from trust.releases import Freshness, ReleaseRecord, freshness


@dataclass(frozen=True)
class InstalledPack:
    """A verified pack, with the code generated from it that decides on a laptop, and the release record it came with.

    Headquarters decides again by the reference (``rules.engine.decide``), so that no laptop is checked by its own arithmetic.
    """

    generated: GeneratedPack
    record: ReleaseRecord

    @property
    def pack(self) -> Pack:
        """The pack itself."""
        return self.generated.pack

    def decide(self, pack: Pack, facts: Facts) -> Decision:
        """Decide by the code generated from this pack; by the reference, to the same bytes, where another pack is asked for."""
        return self.generated.decide(facts) if pack is self.pack else decide(pack, facts)

    def standing(self, at: TrustedTime) -> Freshness:
        """Return fresh, stale or expired at this time."""
        return freshness(self.record, at.at)

    def age_days(self, at: TrustedTime) -> int:
        """Return whole days since HQ released it, never negative."""
        return max(0, (at.at - self.record.issued_at).days)


class Rulebook(Protocol):
    """The installed rules."""

    def installed_pack(self) -> InstalledPack | None:
        """Return the newest verified pack, or None. Raises ``EnvironmentProblem`` when its file was changed since."""

    def catastrophes(self) -> Sequence[Catastrophe]:
        """Return the verified catastrophes that are on this laptop."""

    def release_of(self, pack_hash: str) -> ReleaseRecord | None:
        """Return the release record of a pack that was ever installed here, by the pack's hash."""

    def extract_record(self) -> ReleaseRecord | None:
        """Return the release record of the newest policy extract, None where it is not known. Raises ``EnvironmentProblem``."""

    def newest_signed_at(self) -> datetime | None:
        """Return the newest signing time of an installed release: it raises the time floor."""

    def duplicate_index(self) -> DuplicateIndex | None:
        """Return what headquarters knows of bills and documents from other cases. Raises ``EnvironmentProblem``."""

    def stopped_devices(self) -> Sequence[StoppedDevice]:
        """Return the devices that headquarters stopped, as far as this laptop has heard. Raises ``EnvironmentProblem``."""
