"""A station in the middle of a bad morning: cases at every step, papers waiting, clocks about to run out."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from PySide6.QtWidgets import QWidget

from claims.desk import Desk
from claims.errors import Bilingual
from claims.events import PersonFact
from claims.materials import ClaimType, Material
from claims.statements import SettlementAnswered
from local_db.store import LocalStore
from resources.sample_numbers import CLINIC
from tests.desk.station import QUAKE_DAY, Station, decide_and_sign, new_case, payee, photo, take_papers
from views.controls.labels import Text


def stranger(name: str, year: int = 1970) -> PersonFact:
    """Return somebody this laptop does not know."""
    return PersonFact(name=name, birth_date=date(year, 3, 4), sex="female", phone="19900000999")


def open_for(desk: Desk, name: str, claim_type: ClaimType, channel: str = "station", **more: object) -> str:
    """Open a case of a stranger; return its number."""
    person = stranger(name)
    report = new_case(insured=person, reporter=person, claim_type=claim_type, channel=channel, policy_nos=(), **more)
    return desk.open_case(report)


def make_busy(station: Station, desk: Desk) -> dict[str, str]:
    """Fill the day; return the case number of each name."""
    found: dict[str, str] = {}
    clock = station.clock
    noon = clock.wall
    # Headquarters' last word is from before noon; a clock behind it would not be believed.
    found["莫云霞"] = open_for(desk, "莫云霞", ClaimType.CRITICAL_ILLNESS)
    desk.add_document(found["莫云霞"], Material.APPLICATION, "a.jpg", photo(90))
    clock.wall = noon + timedelta(hours=21)
    found["江一帆"] = open_for(desk, "江一帆", ClaimType.ILLNESS_DEATH)
    clock.wall = noon + timedelta(hours=21, minutes=20)
    found["阿依古丽·买买提"] = open_for(desk, "阿依古丽·买买提", ClaimType.DIRECT_SETTLEMENT, channel="hospital")
    clock.wall = noon + timedelta(hours=22)
    found["覃建国"] = desk.open_case(new_case())
    take_papers(desk, found["覃建国"])
    decide_and_sign(desk, found["覃建国"])
    clock.wall = noon + timedelta(hours=22, minutes=10)
    desk.conclude(found["覃建国"], CLINIC, (payee(),))
    found["单雨桐"] = open_for(desk, "单雨桐", ClaimType.DISABILITY)
    clock.wall = noon + timedelta(hours=22, minutes=20)
    found["阮文清"] = open_for(desk, "阮文清", ClaimType.ACCIDENT_MEDICAL, channel="phone")
    clock.wall = noon + timedelta(hours=22, minutes=42)
    found["何素琴"] = open_for(desk, "何素琴", ClaimType.ACCIDENT_DEATH, channel="phone", loss_date=QUAKE_DAY)
    clock.wall = noon + timedelta(hours=23, minutes=20)
    found["童小满"] = open_for(desk, "童小满", ClaimType.HOSPITAL_CASH, channel="phone")
    clock.wall = noon + timedelta(hours=23, minutes=30)
    return found


@dataclass
class Busy:
    """A busy station: its desk, and the case number of each name."""

    station: Station
    store: LocalStore
    desk: Desk
    cases: dict[str, str]

    def send_back(self, name: str, voucher_no: str) -> None:
        """Let headquarters hold a case's voucher."""
        with self.store.write() as uow:
            uow.receive(
                self.station.hq.say(
                    SettlementAnswered,
                    case_no=self.cases[name],
                    voucher_no=voucher_no,
                    replay="different",
                    settlement="hold",
                    amount_fen=648_824,
                    reason=Bilingual(
                        "账户户名与领款人不一致，请核对开户资料后重新提交。",
                        "The account name differs from the payee; check it and submit again.",
                    ),
                )
            )


def busy_station(home: Path) -> Busy:
    """Enrol a station and fill its day."""
    station = Station(home)
    station.create()
    store = station.store()
    desk = station.open(store=store)
    return Busy(station, store, desk, make_busy(station, desk))


def cut_labels(widget: QWidget) -> list[str]:
    """Return the labels of a screen that are shown with an ellipsis."""
    labels = widget.findChildren(Text)
    return [
        each.full_text for each in labels if each.isVisible() and not each.wordWrap() and each.text() != each.full_text
    ]


class Watched:
    """A desk that remembers what was called, and on which threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.threads: dict[str, set[int]] = {}
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> object:
        found = getattr(self._desk, name)
        if not callable(found):
            return found

        def call(*args: object, **named: object) -> object:
            self.calls.append(name)
            self.threads.setdefault(name, set()).add(threading.get_ident())
            return found(*args, **named)

        return call
