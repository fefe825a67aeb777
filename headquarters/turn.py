"""One writing transaction in which headquarters deals with one device: what every step of it needs at hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from headquarters.installation import Headquarters
from headquarters.models import Device


@dataclass(frozen=True)
class Turn:
    """Headquarters, the open transaction, the device it is about, and the instant that everything in it bears."""

    hq: Headquarters
    session: Session
    device: Device
    at: datetime
