"""Several laptops of one headquarters, each with a store of its own: what one hands on, another takes in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec

from claims.statements import AnyStatement, OtherDeviceRevoked, encode_statement
from local_db.key_slots import PassphraseUnlock
from local_db.store import create_store
from rules.bilingual import Bilingual
from tests.desk.station import ADJUSTER, CHEAP, NOON, PASSPHRASE, Authority, Station, clinic_pool
from trust.certificates import issue_device
from trust.keys import SoftwareKey
from trust.statements import sign_statement

POOL = clinic_pool()


class Colleague(Authority):
    """The same headquarters as it speaks to another laptop."""

    def __init__(self, of: Authority, device: str, epoch: int = 1) -> None:
        self.root_key, self.service_key, self.device_key = of.root_key, of.service_key, SoftwareKey.generate()
        self.root, self.service = of.root, of.service
        span = (NOON - timedelta(days=30), NOON + timedelta(days=3650))
        certificate = issue_device(self.root, self.root_key, device, epoch, "QX07", self.device_key.public_key, *span)
        self.identity = msgspec.structs.replace(of.identity, device=device, epoch=epoch, device_certificate=certificate)
        self._said = 0

    def say(self, statement: type[AnyStatement], /, **fields: object) -> bytes:
        """Return a signed statement to this device."""
        self._said += 1
        identity = self.identity
        head = {
            "statement_id": f"{identity.device}.{identity.epoch}.{self._said}",
            "device": identity.device,
            "epoch": identity.epoch,
            "issued_at": NOON - timedelta(hours=2),
        }
        tag = str(statement.__struct_config__.tag)
        return sign_statement(self.service_key, self.service, tag, encode_statement(statement(**(head | fields))))  # type: ignore[arg-type]  # named fields of a statement


class BareStation(Station):
    """A laptop with nothing but its store and one allowance: no rules, no policies."""

    def create(self, *, numbers: int = 0) -> None:  # noqa: ARG002 - the shape of a station; it issues no papers
        """Enrol, with the same first grant as any station."""
        unlock = PassphraseUnlock(ADJUSTER, PASSPHRASE)
        with (
            create_store(self.home, unlock, self.hq.identity, self.hq.device_key, cost=CHEAP) as store,
            store.write() as uow,
        ):
            uow.receive(self.allowance(POOL, 1_500_000))


def colleague(of: Station, device: str, home: Path, epoch: int = 1, *, bare: bool = True) -> Station:
    """Make another laptop of the same headquarters; its own first allowance has the same grant id."""
    kind = BareStation if bare else Station
    made = kind(home, Colleague(of.hq, device, epoch), of.clock)
    made.create()
    return made


def tell_stopped(station: Station, device: str, epoch: int = 1) -> None:
    """Let a laptop hear that another one was stopped."""
    reason = Bilingual("电脑被盗。", "The laptop was stolen.")
    with station.store() as store, store.write() as uow:
        uow.receive(station.hq.say(OtherDeviceRevoked, revoked_device=device, revoked_epoch=epoch, reason=reason))
