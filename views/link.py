"""The line to headquarters as this window knows it: what the last try showed, since when, and the last contact.

Promise: it claims nothing that no try has shown; before the first try the state is unknown, not offline.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QObject, Signal


class LinkState(StrEnum):
    """``unaddressed``: nobody told this laptop where headquarters is."""

    UNKNOWN = "unknown"
    UNADDRESSED = "unaddressed"
    ONLINE = "online"
    OFFLINE = "offline"


class Link(QObject):
    """One a window. ``since`` is when the state began, ``last_contact_at`` when headquarters last answered (both UTC, None: not known)."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = LinkState.UNKNOWN
        self.since: datetime | None = None
        self.last_contact_at: datetime | None = None

    def answered(self, at: datetime | None) -> None:
        """Headquarters answered; ``at`` None: the moment will be known later."""
        self._turn(LinkState.ONLINE, at)
        self.heard(at)

    def failed(self, at: datetime | None) -> None:
        """A try brought no answer that counts."""
        self._turn(LinkState.OFFLINE, at)

    def no_address(self) -> None:
        """There is nobody to try."""
        self._turn(LinkState.UNADDRESSED, None)

    def heard(self, at: datetime | None) -> None:
        """Take note of the last contact that the disk knows of; an earlier one than known is none."""
        if at is not None and (self.last_contact_at is None or at > self.last_contact_at):
            self.last_contact_at = at
            self.changed.emit()

    def _turn(self, state: LinkState, at: datetime | None) -> None:
        if state is not self.state:
            self.state, self.since = state, at
            self.changed.emit()
        elif self.since is None and at is not None:
            self.since = at
            self.changed.emit()
