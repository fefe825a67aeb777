"""A station with a real encrypted store, real pack, real extract and real paper; only headquarters, clock and signer are the test's."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
from PIL import Image

import resources
from claims.desk import Desk
from claims.desk_ports import DeskPorts
from claims.events import PayeeFact, PersonFact
from claims.form_fields import FactValue
from claims.materials import ClaimType, Material
from claims.ports import StepProbe, no_probe
from claims.reference import ExtractPolicy
from claims.reporting import NewCase
from claims.settlement import person_key, policy_year_start, pool_id
from claims.signing import Role
from claims.statements import AllowanceGranted, AnyStatement, AuthorityGranted, NumberBlockGranted, encode_statement
from evidence import FileExaminer
from forms.drawing import PdfDrawing
from forms.read_back import PageCodeReader
from forms.register_files import RegisterWriter
from headquarters.sample import sample_catastrophes, sample_persons, sample_policies, write_sample
from local_db.extract.apply import apply_extract
from local_db.extract.search import LocalExtract
from local_db.identity import Identity
from local_db.key_file import unlock_keys
from local_db.key_slots import KdfCost, PassphraseUnlock
from local_db.release_shelf import CATASTROPHE, PACK, ReleaseShelf
from local_db.store import LocalStore, create_store, open_with_keys
from resources.sample_numbers import CLINIC, QUAKE_ID
from rules.engine import load_pack
from rules.engine.model import PoolDraw
from trust.boxes import generate_box_key
from trust.certificates import TrustStore, issue_device, issue_root, issue_service
from trust.keys import SoftwareKey
from trust.releases import ReleaseRecord, sign_release
from trust.statements import sign_statement

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
QUAKE_DAY = date(2026, 11, 20)
ADJUSTER = "0417"
PASSPHRASE = "bako-tulu-mezi-rona-siku-tefa"
CHEAP = KdfCost(memory_kib=64, passes=1, lanes=1)
ACCOUNT = "6217001234567890122"
PACK_BYTES = resources.path("packs", "sample.json").read_bytes()
CLINIC_PAPERS = (
    Material.APPLICATION,
    Material.INSURED_ID,
    Material.MEDICAL_RECORD,
    Material.OUTPATIENT_BILL,
    Material.ACCIDENT_PROOF,
    Material.BANK_ACCOUNT,
)


@dataclass
class TurnableClock:
    """A clock that stands still until it is turned."""

    wall: datetime = NOON
    monotonic: float = 10_000.0

    def utc_now(self) -> datetime:
        return self.wall

    def monotonic_s(self) -> float:
        return self.monotonic


class Authority:
    """Headquarters' keys: signs statements, releases and certificates for one device."""

    def __init__(self) -> None:
        self.root_key, self.service_key, self.device_key = (SoftwareKey.generate() for _ in range(3))
        span = (NOON - timedelta(days=30), NOON + timedelta(days=3650))
        self.root = issue_root("Outpost HQ root", self.root_key, *span)
        self.service = issue_service(self.root, self.root_key, "HQ", self.service_key.public_key, *span)
        device = issue_device(self.root, self.root_key, "D3", 1, "QX07", self.device_key.public_key, *span)
        self.identity = Identity(
            device="D3",
            epoch=1,
            station="QX07",
            station_name="清溪一中安置点服务站",
            adjuster=ADJUSTER,
            adjuster_name="林晓禾",
            company="示例人寿保险股份有限公司",
            hotline="95000",
            root_certificate=self.root,
            service_certificate=self.service,
            device_certificate=device,
            recovery_public_key=generate_box_key()[1],
        )
        self._said = 0

    def say(self, statement: type[AnyStatement], /, **fields: object) -> bytes:
        """Return a signed statement to the device."""
        self._said += 1
        head = {"statement_id": f"S{self._said}", "device": "D3", "epoch": 1, "issued_at": NOON - timedelta(hours=2)}
        tag = str(statement.__struct_config__.tag)
        return sign_statement(self.service_key, self.service, tag, encode_statement(statement(**(head | fields))))  # type: ignore[arg-type]  # named fields of a statement

    def release(self, kind: str, version: int, blob: bytes, **dates: datetime) -> bytes:
        """Return a signed release record for a blob."""
        record = ReleaseRecord(
            kind=kind,
            name="sample",
            version=version,
            sha256=hashlib.sha256(blob).hexdigest(),
            size_bytes=len(blob),
            issued_at=dates.get("issued_at", NOON - timedelta(days=6)),
            warn_after=dates.get("warn_after", NOON + timedelta(days=20)),
            expires_at=dates.get("expires_at", NOON + timedelta(days=60)),
        )
        return sign_release(self.service_key, self.service, record)


@dataclass
class Station:
    """One laptop at a station. ``open`` gives a desk; opening again is a restart."""

    home: Path
    hq: Authority = field(default_factory=Authority)
    clock: TurnableClock = field(default_factory=TurnableClock)

    def create(self, *, numbers: int = 50) -> None:
        """Enrol: store, number blocks, authority, an allowance on the clinic policy's yearly pool, pack, catastrophe, extract."""
        unlock = PassphraseUnlock(ADJUSTER, PASSPHRASE)
        with (
            create_store(self.home, unlock, self.hq.identity, self.hq.device_key, cost=CHEAP) as store,
            store.write() as uow,
        ):
            for kind, prefix in (
                ("voucher", "QX07-D3"),
                ("slip", "QX07-D3-S"),
                ("case", "QX07-D3-C"),
                ("document", "QX07-D3-W"),
            ):
                uow.receive(self.hq.say(NumberBlockGranted, kind=kind, prefix=prefix, first=1, last=numbers))
            uow.receive(
                self.hq.say(
                    AuthorityGranted,
                    authority_id="A-1",
                    adjuster=ADJUSTER,
                    level="field",
                    claim_type="*",
                    ceiling_fen=30_000_000,
                    catastrophe_id=None,
                    valid_from=NOON - timedelta(days=1),
                    valid_to=NOON + timedelta(days=30),
                    granted_by="HQ",
                )
            )
            uow.receive(self.allowance(clinic_pool(), 1_500_000))
        self.install_pack()
        self.install_catastrophes()
        key = unlock_keys(self.home, unlock, self.clock).file_key("extract")
        (self.home / "extract").mkdir()
        files = write_sample(self.home.parent / "sample", 1, NOON, others=3)
        with files.extract.open("rb") as stream:
            apply_extract(stream, self.home / "extract", key)

    def allowance(self, pool: str, limit_fen: int, grant_id: str = "G-1", days: int = 30) -> bytes:
        """Return a signed allowance."""
        return self.hq.say(
            AllowanceGranted, grant_id=grant_id, pool=pool, limit_fen=limit_fen, expires_at=NOON + timedelta(days=days)
        )

    def install_pack(self, version: int = 1, **dates: datetime) -> None:
        """Put the sample pack on the shelf."""
        self.shelf().take(self.hq.release(PACK, version, PACK_BYTES, **dates), PACK_BYTES)

    def install_catastrophes(self) -> None:
        """Put the quake on the shelf."""
        blob = msgspec.json.encode(sample_catastrophes())
        self.shelf().take(self.hq.release(CATASTROPHE, 1, blob), blob)

    def shelf(self) -> ReleaseShelf:
        """Return the shelf of releases."""
        (self.home / "releases").mkdir(exist_ok=True)
        return ReleaseShelf(self.home / "releases", TrustStore(self.hq.root))

    def store(self, probe: StepProbe = no_probe, max_pages: int | None = None) -> LocalStore:
        """Open the store alone."""
        keys = unlock_keys(self.home, PassphraseUnlock(ADJUSTER, PASSPHRASE), self.clock)
        return open_with_keys(self.home, keys, probe, max_pages=max_pages)

    def open(self, probe: StepProbe = no_probe, store: LocalStore | None = None) -> Desk:
        """Open the desk."""
        keys = unlock_keys(self.home, PassphraseUnlock(ADJUSTER, PASSPHRASE), self.clock)
        store = store or open_with_keys(self.home, keys, probe)
        extract = LocalExtract(self.home / "extract", keys.file_key("extract"))
        ports = DeskPorts(
            store=store,
            attachments=store.attachments,
            extract=extract,
            examiner=FileExaminer(),
            drawing=PdfDrawing(),
            codes=PageCodeReader(),
            registers=RegisterWriter(),
            rulebook=self.shelf(),
            clock=self.clock,
            signer=store.signer,
            identity=store.identity,
            probe=probe,
        )

        def close() -> None:
            extract.close()
            store.close()

        return Desk(ports, close=close)


def clinic_policy() -> ExtractPolicy:
    """Return the policy of the clinic case."""
    return next(each for each in sample_policies() if each.policy_no == CLINIC)


def claimant() -> PersonFact:
    """Return its insured, as found in the extract."""
    found = next(each for each in sample_persons() if each.person_id == clinic_policy().insured_id)
    return PersonFact(
        name=found.name,
        id_number=found.id_number,
        person_id=found.person_id,
        birth_date=found.birth_date,
        sex=found.sex,
        phone=found.phone,
    )


def clinic_pool(pool: str = "medical_year") -> str:
    """Return the id of a pool of the clinic policy's year."""
    spec = load_pack(PACK_BYTES).pools[pool].spec
    policy = clinic_policy()
    return pool_id(
        PoolDraw(pool=pool, scope=spec.scope, unit=spec.unit, limit=None, used_before=0, amount=0),
        policy_no=CLINIC,
        person_key=person_key(claimant()),
        policy_year_start=policy_year_start(policy.effective, QUAKE_DAY),
        loss_key="",
    )


def new_case(**changes: object) -> NewCase:
    """Return the report of the clinic case."""
    fields: dict[str, object] = {
        "channel": "station",
        "claim_type": ClaimType.ACCIDENT_MEDICAL,
        "insured": claimant(),
        "reporter": claimant(),
        "policy_nos": (CLINIC,),
        "loss_date": QUAKE_DAY,
        "loss_place": "清溪县",
        "loss_region": "990101",
        "catastrophe_id": QUAKE_ID,
        "description": "",
    }
    return NewCase(**(fields | changes))  # type: ignore[arg-type]  # named fields of a report


def clinic_facts(bill_number: str = "0000731846", **changes: FactValue) -> dict[str, FactValue]:
    """Return what is entered for the clinic bill of worked case A-6."""
    facts: dict[str, FactValue] = {
        "accident": True,
        "accident_date": QUAKE_DAY.isoformat(),
        "admission_date": QUAKE_DAY.isoformat(),
        "bill_code": "99060126",
        "bill_number": bill_number,
        "bill_total": 821_030,
        "self_expense": 191_580,
        "fund_paid": 0,
        "account_paid": 0,
        "other_payers_paid": 0,
        "commercial_paid": 0,
        "si_settled": False,
        "hospital_level": "1",
        "hospital_public": False,
        "emergency": False,
        "possible_exclusion": False,
    }
    return facts | changes


def payee() -> PayeeFact:
    """Return the insured as payee."""
    person = claimant()
    return PayeeFact(name=person.name, id_number=person.id_number, relation="self", bank="示例银行", account=ACCOUNT)


def photo(shade: int) -> bytes:
    """Return a small JPEG; each shade is another file."""
    out = io.BytesIO()
    Image.new("RGB", (400, 300), (shade, 200, 180)).save(out, "JPEG")
    return out.getvalue()


def take_papers(desk: Desk, case_no: str, materials: tuple[Material, ...] = CLINIC_PAPERS) -> None:
    """Hand in one picture a material."""
    for shade, material in enumerate(materials):
        desk.add_document(case_no, material, f"{material.value}.jpg", photo(shade))


def decide_and_sign(desk: Desk, case_no: str, facts: dict[str, FactValue] | None = None) -> None:
    """Adjudicate the clinic policy and sign as claimant and adjuster."""
    desk.adjudicate(case_no, CLINIC, facts or clinic_facts())
    for role, name in ((Role.CLAIMANT, claimant().name), (Role.ADJUSTER, "林晓禾")):
        desk.sign(case_no, CLINIC, role=role, name=name, ink=(((0, 0), (9, 9)),))


def ready_case(desk: Desk, facts: dict[str, FactValue] | None = None) -> str:
    """Open the clinic case, hand in its papers, decide and sign; return its number."""
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no)
    decide_and_sign(desk, case_no, facts)
    return case_no
