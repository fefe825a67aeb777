"""Who is known on the local network: found by announcement or typed by hand, and how the last contact went.

Promise: an announcement is a hint where to knock; name, station and role are believed once the other end proved them. Typed addresses are
kept in the settings, found ones only as long as they are there.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from app.neighbour_addresses import address_text, parsed_address
from app.settings import Settings, load_settings, save_settings
from claims.errors import Bilingual, EnvironmentProblem, InputError, OutpostError
from claims.neighbours import Neighbour, NeighbourKind
from sync.lan_carrier import LanCarrier
from sync.lan_discovery import Found

Place = tuple[str, int]
MOST_KNOWN = 256
"""Anybody may announce anything: the list has an end."""


@dataclass(frozen=True)
class Known:
    """What is known of one address."""

    address: Place
    kind: NeighbourKind = NeighbourKind.LAPTOP
    name: str = ""
    station: str = ""
    typed: bool = False
    instance: str = ""
    others: tuple[Place, ...] = ()
    """Further addresses of the one that was found there."""
    last_contact: datetime | None = None
    through_seq: int = 0
    problem: OutpostError | None = None

    @property
    def called(self) -> str:
        """How a person tells it apart."""
        return self.name or address_text(self.address)

    def shown(self) -> Neighbour:
        """Return it as the desk shows it."""
        return Neighbour(
            name=self.name,
            station=self.station,
            kind=self.kind,
            address=address_text(self.address),
            last_contact=self.last_contact,
            custody_through_seq=self.through_seq,
            problem=self.problem,
            typed=self.typed,
        )


class NeighbourList:
    """The list of one laptop. Any thread may call."""

    def __init__(self, settings: Settings, station: str) -> None:
        """Begin with the typed addresses of the settings; one that can't be read any more is left out."""
        self._home, self._station = settings.home, station
        self._lock = threading.RLock()
        self._known: dict[Place, Known] = {}
        for text in settings.neighbours:
            try:
                place = parsed_address(text)
            except InputError:
                continue
            self._known[place] = Known(place, typed=True)

    def shown(self) -> tuple[Neighbour, ...]:
        """Return who is known, hubs first."""
        return tuple(each.shown() for each in self.in_turn())

    def in_turn(self) -> tuple[Known, ...]:
        """Return whom to turn to: hubs, then own station's colleagues, then others, by name."""
        with self._lock:
            known = tuple(self._known.values())
        return tuple(
            sorted(
                known,
                key=lambda each: (
                    each.kind is not NeighbourKind.HUB,
                    each.station != self._station,
                    each.name,
                    each.address,
                ),
            )
        )

    def at(self, place: Place) -> Neighbour:
        """Return one."""
        with self._lock:
            return self._known.get(place, Known(place)).shown()

    def ways_to(self, place: Place) -> tuple[Place, ...]:
        """Return the addresses at which to knock for one, the best first."""
        with self._lock:
            known = self._known.get(place)
        return (place,) if known is None else (place, *known.others)

    def typed(self, place: Place) -> None:
        """Keep a typed address. Raises ``EnvironmentProblem`` when it can't be remembered."""
        with self._lock:
            self._known[place] = replace(self._known.get(place, Known(place)), typed=True)
        self.remember()

    def forget(self, place: Place) -> None:
        """Let one go. Raises ``EnvironmentProblem``."""
        with self._lock:
            self._known.pop(place, None)
        self.remember()

    def found(self, found: Found) -> bool:
        """Take an announcement; return whether it is news."""
        place = (found.host, found.port)
        with self._lock:
            elsewhere = next(
                (at for at, each in self._known.items() if at != place and each.instance == found.instance), None
            )
            known = self._known.get(place)
            if known is None and elsewhere is not None and not self._known[elsewhere].typed:
                # The same one, better known by now: its addresses come one after the other.
                known = replace(self._known.pop(elsewhere), address=place)
            if known is None and len(self._known) >= MOST_KNOWN:
                return False
            news = replace(
                known or Known(place),
                kind=NeighbourKind(found.role.value),
                name=found.device,
                station=found.station,
                instance=found.instance,
                others=tuple((host, found.port) for host in found.others),
            )
            self._known[place] = news
            return news != known

    def gone(self, instance: str) -> None:
        """Take a goodbye."""
        with self._lock:
            self._known = {
                place: each for place, each in self._known.items() if each.typed or each.instance != instance
            }

    def only_typed(self) -> None:
        """Forget what was found: the search is over."""
        with self._lock:
            self._known = {place: each for place, each in self._known.items() if each.typed}

    def met(self, place: Place, line: LanCarrier, through_seq: int, at: datetime) -> None:
        """Note a good contact."""
        with self._lock:
            known = self._known.get(place)
            if known is not None:
                self._known[place] = replace(
                    known,
                    kind=NeighbourKind(line.role.value),
                    name=line.device.device,
                    station=line.device.station,
                    last_contact=at,
                    through_seq=through_seq,
                    problem=None,
                )

    def failed(self, place: Place, problem: OutpostError) -> None:
        """Note a contact that failed."""
        with self._lock:
            known = self._known.get(place)
            if known is not None:
                self._known[place] = replace(known, problem=problem)

    def remember(self, *, share: bool | None = None) -> None:
        """Write typed addresses, and whether sharing is on, into the settings. Raises ``EnvironmentProblem``."""
        with self._lock:
            typed = tuple(address_text(each.address) for each in self._known.values() if each.typed)
            kept = load_settings(self._home)
            kept = msgspec.structs.replace(kept, neighbours=typed, share=kept.share if share is None else share)
            try:
                save_settings(kept)
            except OSError as problem:
                raise disk_problem(problem) from problem


def disk_problem(problem: OSError) -> EnvironmentProblem:
    """Return an operating system's error on this laptop's own folders as a sentence."""
    return EnvironmentProblem(
        "neighbours_disk",
        Bilingual(
            f"无法写入本机的数据文件夹：{problem.strerror}。",
            f"This laptop's data folder can't be written: {problem.strerror}.",
        ),
        Bilingual("请腾出磁盘空间后再试。", "Make room on the disk, then try again."),
    )
