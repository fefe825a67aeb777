"""The newest calculation of a case on a policy, as its laptop's log brought it, and what speaks against resting money on it.

Promise: read-only. Nothing speaks against it only where headquarters' own replay came out identical, its own policy data agree, the waivers are
founded, and the laptop that holds the case made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from claims.events import CaseOpened, DeterminationMade, decode_event
from claims.reference import ExtractPolicy
from headquarters.catastrophes import unfounded_waivers
from headquarters.installation import Headquarters
from headquarters.models import Device, DeviceState, EventState, LogEvent, Replay
from headquarters.policy_book import disagreements
from headquarters.replay import ReplayVerdict
from rules.engine import decode_facts
from rules.engine.model import LiabilityResult, read_decision

_ANY = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Calculation:
    """A determination of the log with headquarters' verdict on it; ``verdict`` None: not replayed yet."""

    row: LogEvent
    made: DeterminationMade
    verdict: ReplayVerdict | None
    difference: str | None

    def liability(self, name: str) -> LiabilityResult | None:
        """Return what it makes of a liability."""
        found = read_decision(bytes(self.made.decision)).liabilities
        return next((each for each in found if each.liability == name), None)

    def doubts(
        self, hq: Headquarters, session: Session, *, opened_by: str, case: CaseOpened, policy: ExtractPolicy
    ) -> list[Bilingual]:
        """Return what speaks against it; empty where nothing does."""
        found = _replay_doubts(self)
        device = session.get_one(Device, (self.row.device, self.row.epoch))
        if self.row.device != opened_by:
            found.append(
                Bilingual(
                    f"理算由 {self.row.device} 作出，案件在 {opened_by} 上。",
                    f"It was made on {self.row.device}; the case is on {opened_by}.",
                )
            )
        if device.state in {DeviceState.REVOKED, DeviceState.FROZEN}:
            found.append(
                Bilingual(
                    f"作出理算的设备 {device.device} 已停用。", f"The device that made it, {device.device}, is stopped."
                )
            )
        pack = hq.packs.find(self.made.pack_hash)
        if pack is None:
            return found
        facts = decode_facts(pack, bytes(self.made.facts))
        return [*found, *disagreements(pack, facts, policy), *unfounded_waivers(hq, session, facts, case)]


def newest_calculation(session: Session, case_no: str, policy_no: str) -> Calculation | None:
    """Return the newest determination of a case on a policy; one that waits for its replay is newer than all that were replayed."""
    rows = session.scalars(
        select(LogEvent).where(
            LogEvent.type == "determination_made@1",
            LogEvent.subject == case_no,
            LogEvent.state != EventState.REJECTED,
        )
    ).all()
    # What waits comes last in time; within one moment the log's own order counts.
    for row in sorted(
        rows,
        key=lambda each: (each.processed_at is None, each.processed_at or _ANY, each.epoch, each.seq),
        reverse=True,
    ):
        made = decode_event(row.body)
        if isinstance(made, DeterminationMade) and made.policy_no == policy_no:
            replay = session.get(Replay, (row.device, row.epoch, row.seq))
            if replay is None:
                return Calculation(row, made, None, None)
            return Calculation(row, made, ReplayVerdict(replay.verdict), replay.difference)
    return None


def _replay_doubts(found: Calculation) -> list[Bilingual]:
    match found.verdict:
        case ReplayVerdict.IDENTICAL:
            return []
        case ReplayVerdict.DIFFERENT:
            return [
                Bilingual(
                    f"总部重算结果不同（{found.difference}）。",
                    f"The replay came out differently ({found.difference}).",
                )
            ]
        case ReplayVerdict.IMPOSSIBLE:
            return [
                Bilingual(f"总部无法重算（{found.difference}）。", f"It could not be replayed ({found.difference}).")
            ]
        case None:
            return [Bilingual("总部还没有重算。", "It was not replayed yet.")]
