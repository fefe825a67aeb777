"""The station's card: what the unlock screen may show before anybody has unlocked.

Promise: no secret and no claimant's data, only whose laptop this is and how old what it holds is. It decides nothing: a card that is
missing, old or altered makes the screen say less or say it wrongly until the next unlocking, and harms nobody.

Source: docs/adr/0095.
"""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.settings import Settings
from local_db.durable_files import write_durably

if TYPE_CHECKING:
    from claims.desk import Desk

FILE_NAME = "station.json"


class StationCard(msgspec.Struct, frozen=True, kw_only=True):
    """The card. ``names``: adjuster number to name, where known. ``signed_at``: the highest signed time, UTC. None: not known."""

    station: str = ""
    station_name: str = ""
    names: dict[str, str] = {}
    last_contact_at: datetime | None = None
    signed_at: datetime | None = None
    rules_made_at: datetime | None = None
    rules_version: str = ""
    policies_made_at: datetime | None = None
    persons: int = 0
    disk_only: int = 0


def read_card(home: Path) -> StationCard:
    """Return the card; an empty one where there is none that can be read."""
    try:
        card = msgspec.json.decode((home / FILE_NAME).read_bytes(), type=StationCard)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return StationCard()
    instants = (card.last_contact_at, card.signed_at, card.rules_made_at, card.policies_made_at)
    return card if all(each is None or each.tzinfo is not None for each in instants) else StationCard()


def write_card(home: Path, card: StationCard) -> None:
    """Replace the card. A disk that refuses is no reason to stop anybody: the screen then shows the older one."""
    with contextlib.suppress(OSError):
        write_durably(home / FILE_NAME, msgspec.json.encode(card))


def keep_card(settings: Settings, desk: Desk) -> None:
    """Write the card from what the open desk knows: after enrolment, after each sync, and before closing."""
    identity, standing = desk.identity, desk.standing()
    releases = [each for each in (standing.rules, standing.policies) if each is not None]
    signed = [*(each.made_at for each in releases), *filter(None, (standing.last_contact_at,))]
    if not standing.at.believed:
        signed.append(standing.at.at)  # then it is the floor
    write_card(
        settings.home,
        StationCard(
            station=identity.station,
            station_name=identity.station_name,
            names={identity.adjuster: identity.adjuster_name},
            last_contact_at=standing.last_contact_at,
            signed_at=max(signed, default=None),
            rules_made_at=None if standing.rules is None else standing.rules.made_at,
            rules_version="" if standing.rules is None else standing.rules.label,
            policies_made_at=None if standing.policies is None else standing.policies.made_at,
            persons=standing.persons,
            disk_only=standing.safety.disk,
        ),
    )
