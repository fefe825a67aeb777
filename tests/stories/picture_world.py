"""The day of the pictures: one believable morning after the quake, the same to the last byte every time it is made.

A real headquarters on loopback and two real laptops; only clocks and keys are the test's. The laptop ``D3`` spoke
to headquarters at 06:12 and has been cut off since; it is 09:14 on 22 November 2026 in Beijing.
"""

from __future__ import annotations

import contextlib
import shutil
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
import requests
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget
from urllib3.util.ssl_ import create_urllib3_context

import headquarters.grants
import resources
import sync.carrier_http
from app.enrolment import enrol_laptop
from app.entrance import Keyring, LocalEntrance
from app.main import build
from app.settings import Settings, load_settings
from app.station_card import keep_card
from claims.desk import Desk
from claims.errors import Bilingual, EnvironmentProblem, OutpostError
from claims.events import PayeeFact, PersonFact
from claims.form_fields import FactValue
from claims.materials import ClaimType, Material
from claims.ports import StepProbe, no_probe
from claims.reference import ExtractPerson, ExtractPolicy
from claims.reporting import NewCase
from claims.settlement import person_key, policy_year_start, pool_id
from claims.signing import Role
from headquarters.enrolment import FirstGrants, make_enrolment_code
from headquarters.extract_file import write_extract
from headquarters.grants import grant_allowance
from headquarters.installation import Headquarters
from headquarters.releases import ReleaseKind, publish
from headquarters.sample import sample_persons, sample_policies, write_sample
from headquarters.sample_people import invented_people, person
from headquarters.serving import ServiceThread
from local_db.key_slots import PassphraseUnlock
from resources.sample_numbers import CLINIC, COUNTER, QUAKE_DEATH, QUAKE_ID
from rules.engine import load_pack
from rules.engine.model import PoolDraw
from sync.http_connection import PromptAdapter
from tests.desk.station import CLINIC_PAPERS, PACK_BYTES, PASSPHRASE, TurnableClock, clinic_facts
from tests.stories.office import no_wait
from tests.stories.picture_papers import paper_bytes
from trust.keys import SoftwareKey
from views.practice import PracticeState
from views.presentation import Presentation
from views.printing import a4_printer, no_printer

NOBODY = "https://127.0.0.1:9"
ADJUSTER = "0417"
PIN = "802413"
_QUAKE_DAY = date(2026, 11, 20)
_SHIFT = timedelta(hours=8)
_OTHERS = 240
# X509_V_FLAG_NO_CHECK_TIME: the pictured day is not today.
_ANY_DATE = 0x200000


def beijing(day: int, clock: str) -> datetime:
    """Return an instant of November 2026 by its Beijing day and time."""
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=UTC) - _SHIFT


NOW = beijing(22, "09:14")


# Who lives here

_MORE_PEOPLE = (
    ("P91000001", "周立安", date(1982, 3, 14), "male"),
    ("P91000002", "周立安", date(1969, 8, 2), "male"),
    ("P91000003", "周丽安", date(1990, 12, 9), "female"),
    ("P91000004", "石敬之", date(1975, 6, 17), "male"),
    ("P91000005", "黎望山", date(1988, 1, 30), "male"),
    ("P91000006", "莫云霞", date(1972, 9, 5), "female"),
    ("P91000007", "江一帆", date(1958, 4, 21), "male"),
    ("P91000008", "杜长河", date(1981, 7, 7), "male"),
    ("P91000009", "何素琴", date(1993, 2, 18), "female"),
    ("P91000010", "阮文清", date(1986, 10, 26), "female"),
    ("P91000011", "童小满", date(2015, 5, 21), "female"),
)
_INSURED = ("P91000001", "P91000004", "P91000005", "P91000008", "P91000009", "P91000010")


def people() -> tuple[ExtractPerson, ...]:
    """Return everybody in the extract: the story's people, this day's people, and their neighbours."""
    mine = tuple(
        person(number, name, birth, sex, sequence=30 + place, phone=f"1990000{100 + place:04d}")
        for place, (number, name, birth, sex) in enumerate(_MORE_PEOPLE)
    )
    return (*sample_persons(), *mine, *invented_people(_OTHERS))


def policies() -> tuple[ExtractPolicy, ...]:
    """Return the story's policies, accident cover of this day's people, and a policy of each neighbour but every fifth."""
    like = next(each for each in sample_policies() if each.policy_no == CLINIC)
    insured = [*_INSURED, *(each.person_id for place, each in enumerate(invented_people(_OTHERS)) if place % 5)]
    births = {each.person_id: each.birth_date for each in people()}
    more = tuple(
        msgspec.structs.replace(
            like,
            policy_no=f"AT20260701{10_001 + 9 * place:05d}",
            insured_id=who,
            policyholder_id=who,
            terms=dict(like.terms) | {"birth_date": births[who].isoformat()},
        )
        for place, who in enumerate(insured)
    )
    return (*sample_policies(), *more)


def policy_of(person_id: str) -> ExtractPolicy:
    """Return somebody's first policy."""
    return next(each for each in policies() if each.insured_id == person_id)


def found(person_id: str) -> PersonFact:
    """Return somebody as the extract knows them."""
    one = next(each for each in people() if each.person_id == person_id)
    return PersonFact(
        name=one.name,
        id_number=one.id_number,
        person_id=one.person_id,
        birth_date=one.birth_date,
        sex=one.sex,
        phone=one.phone,
    )


def stranger(name: str) -> PersonFact:
    """Return somebody this laptop does not know."""
    return PersonFact(name=name, birth_date=date(1970, 3, 4), sex="female", phone="19900000999")


# The world


class World:
    """Headquarters and two laptops on the pictured morning. Made once; ``laptop`` gives copies of ``D3`` to spoil."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = TurnableClock(beijing(16, "09:00"))
        self.url = NOBODY
        self._serving: ServiceThread | None = None
        self.hq = Headquarters.create(folder / "hq", self.clock.utc_now)
        publish(self.hq, ReleaseKind.PACK, resources.path("packs", "sample.json"), 1, warn_days=45, expire_days=90)
        self.clock.wall = beijing(21, "06:00")
        self._publish_people()
        self.plug()
        self.clock.wall = beijing(21, "07:30")
        self._enrol("D3")
        self._enrol("D4")
        self._live_yesterday()
        self._live_today()
        self.unplug()

    def close(self) -> None:
        """Let go of everything."""
        self.unplug()
        self.hq.close()

    def plug(self) -> None:
        """The line is there."""
        if self._serving is None:
            self._serving = ServiceThread(self.hq)
            self._serving.__enter__()
            self.url = self._serving.address

    def unplug(self) -> None:
        """The line is gone."""
        if self._serving is not None:
            self._serving.__exit__(None, None, None)
            self._serving = None
            self.url = NOBODY

    def home(self, device: str) -> Path:
        """Return a laptop's own folder."""
        return self.folder / device

    def laptop(self, name: str) -> Path:
        """Return a copy of the laptop's folder as it stands at ``NOW``. Only one of all copies may ever speak to headquarters."""
        self.clock.wall = NOW
        copy = self.folder / f"copy-{name}"
        shutil.copytree(self.home("D3"), copy)
        return copy

    def desk(self, home: Path, probe: StepProbe = no_probe) -> Desk:
        """Open a laptop's desk without its window."""
        return build(
            load_settings(home),
            PassphraseUnlock(ADJUSTER, PASSPHRASE),
            clock=self.clock,
            probe=probe,
            wait=no_wait,
            address=lambda: self.url,
        )

    @contextlib.contextmanager
    def at(self, device: str, day: int, clock: str) -> Iterator[Desk]:
        """Open a laptop's desk at a time."""
        self.clock.wall = beijing(day, clock)
        desk = self.desk(self.home(device))
        try:
            yield desk
        finally:
            desk.close()

    def code(self, device: str) -> str:
        """Return a new enrolment code."""
        return make_enrolment_code(
            self.hq,
            station="QX07",
            station_name="清溪一中安置点服务站",
            adjuster=ADJUSTER,
            adjuster_name="林晓禾",
            device=device,
            first_grants=FirstGrants(authority_fen=30_000_000),
        )

    def _publish_people(self) -> None:
        files = write_sample(self.hq.home / "sample", 1, self.clock.wall, others=1)
        extract = self.hq.home / "sample" / "people.zst"
        write_extract(extract, people(), policies(), 1, self.clock.wall)
        publish(self.hq, ReleaseKind.CATASTROPHE, files.catastrophes, 1, warn_days=30, expire_days=90)
        publish(self.hq, ReleaseKind.EXTRACT, extract, 1, warn_days=30, expire_days=90)

    def _enrol(self, device: str) -> None:
        settings = Settings(home=self.home(device), hq_url=self.url, adjuster=ADJUSTER)
        enrol_laptop(settings, self.code(device), PassphraseUnlock(ADJUSTER, PASSPHRASE), clock=self.clock)

    def _allow(self, device: str, policy: ExtractPolicy, pool: str, limit_fen: int, whole_fen: int) -> None:
        spec = load_pack(PACK_BYTES).pools[pool].spec
        draw = PoolDraw(pool=pool, scope=spec.scope, unit=spec.unit, limit=None, used_before=0, amount=0)
        grant_allowance(
            self.hq,
            device,
            pool_id(
                draw,
                policy_no=policy.policy_no,
                person_key=person_key(found(policy.insured_id)),
                policy_year_start=policy_year_start(policy.effective, _QUAKE_DAY),
                loss_key="",
            ),
            limit_fen,
            30,
            pool_limit_fen=whole_fen,
        )

    def _live_yesterday(self) -> None:
        for who in _INSURED:
            self._allow("D3", policy_of(who), "medical_year", 1_000_000, 2_000_000)
        for policy_no, pool, limit_fen, whole_fen in (
            (CLINIC, "medical_year", 1_500_000, 2_000_000),
            (COUNTER, "counter", 2_000_000, 10_000_000),
        ):
            policy = next(each for each in policies() if each.policy_no == policy_no)
            self._allow("D3", policy, pool, limit_fen, whole_fen)
        self._allow("D4", policy_of("P91000005"), "medical_year", 1_000_000, 2_000_000)
        twice = clinic_facts("0000731290", bill_total=196_540, self_expense=13_200)
        with self.at("D3", 21, "08:10") as desk:
            desk.sync()
        with self.at("D4", 21, "08:12") as desk:
            desk.sync()
        with self.at("D4", 21, "14:50") as desk:
            self._finish(desk, self._clinic(desk, "P91000005"), "P91000005", twice)
            desk.sync()
        with self.at("D3", 21, "10:05") as desk:
            self._finish(
                desk, self._clinic(desk, "P91000004"), "P91000004", clinic_facts("0000730118", bill_total=645_200)
            )
            self.clock.wall = beijing(21, "15:10")
            self._finish(desk, self._clinic(desk, "P91000005"), "P91000005", twice)
            self.clock.wall = beijing(21, "16:20")
            case_no = desk.open_case(_report(found("P91000006"), ClaimType.CRITICAL_ILLNESS))
            _hand_in(
                desk,
                case_no,
                (Material.APPLICATION, Material.INSURED_ID, Material.MEDICAL_RECORD, Material.BANK_ACCOUNT),
            )
            self.clock.wall = beijing(21, "17:30")
            desk.sync()
            desk.sync()

    def _live_today(self) -> None:
        with self.at("D3", 22, "06:12") as desk:
            desk.sync()
        self.unplug()
        with self.at("D3", 22, "06:40") as desk:
            at = self._at
            case_no = desk.open_case(_report(found("P91000007"), ClaimType.ILLNESS_DEATH, reporter=stranger("江若愚")))
            _hand_in(
                desk, case_no, (Material.APPLICATION, Material.POLICY, Material.INSURED_ID, Material.MEDICAL_RECORD)
            )
            at("07:05")
            self._finish(
                desk,
                self._clinic(desk, "P91000001"),
                "P91000001",
                clinic_facts("0000731512", bill_total=318_800, self_expense=0),
            )
            at("07:20")
            self._quake_death(desk)
            at("07:52")
            case_no = desk.open_case(_report(found("P91000008"), ClaimType.DISABILITY, catastrophe_id=QUAKE_ID))
            _hand_in(
                desk,
                case_no,
                (Material.APPLICATION, Material.INSURED_ID, Material.MEDICAL_RECORD, Material.ACCIDENT_PROOF),
            )
            at("08:05")
            self._counter(desk)
            at("08:21")
            desk.open_case(_report(stranger("阿依古丽·买买提"), ClaimType.DIRECT_SETTLEMENT, channel="hospital"))
            at("08:32")
            self._phone(desk, "P91000009", ClaimType.ACCIDENT_DEATH, stranger("何家明"))
            at("08:34")
            case_no = desk.open_case(_report(found("P91000011"), ClaimType.HOSPITAL_CASH))
            _hand_in(desk, case_no, (Material.APPLICATION, Material.MEDICAL_RECORD))
            at("09:06")
            self._phone(desk, "P91000010", ClaimType.ACCIDENT_MEDICAL, found("P91000010"))
            self.clock.wall = NOW
            keep_card(load_settings(self.home("D3")), desk)

    def _at(self, clock: str) -> None:
        self.clock.wall = beijing(22, clock)

    def _clinic(self, desk: Desk, who: str) -> str:
        case_no = desk.open_case(
            _report(
                found(who), ClaimType.ACCIDENT_MEDICAL, catastrophe_id=QUAKE_ID, policy_nos=(policy_of(who).policy_no,)
            )
        )
        _hand_in(desk, case_no, CLINIC_PAPERS)
        return case_no

    def _finish(self, desk: Desk, case_no: str, who: str, facts: dict[str, FactValue]) -> None:
        """Decide, sign, promise, print and hand over."""
        policy_no = policy_of(who).policy_no
        name = found(who).name
        desk.adjudicate(case_no, policy_no, facts)
        _sign(desk, case_no, policy_no, name)
        for paper in desk.conclude(case_no, policy_no, (_payee(who),)):
            desk.draw(paper.number)
            desk.mark_printed(paper.number, "HP LaserJet M110")
            desk.hand_over(paper.number, name)

    def _counter(self, desk: Desk) -> None:
        """The hospital counter: signed, the voucher is still to be printed."""
        policy = next(each for each in policies() if each.policy_no == COUNTER)
        case_no = desk.open_case(
            _report(
                found(policy.insured_id),
                ClaimType.DIRECT_SETTLEMENT,
                channel="hospital",
                policy_nos=(COUNTER,),
                loss_date=date(2026, 11, 12),
            )
        )
        _hand_in(
            desk, case_no, (Material.APPLICATION, Material.INSURED_ID, Material.MEDICAL_RECORD, Material.INPATIENT_BILL)
        )
        day = "2026-11-12"
        facts: dict[str, FactValue] = {
            "admission_date": day,
            "bill_code": "99060126",
            "bill_number": "0012345678",
            "bill_total": 774_362,
            "self_expense": 0,
            "fund_paid": 250_172,
            "account_paid": 0,
            "other_payers_paid": 0,
            "commercial_paid": 0,
            "hospital_designated": True,
            "possible_exclusion": False,
            "emergency": False,
        }
        desk.adjudicate(case_no, COUNTER, facts)
        _sign(desk, case_no, COUNTER, found(policy.insured_id).name)
        desk.conclude(case_no, COUNTER, (_payee(policy.insured_id),))

    def _quake_death(self, desk: Desk) -> None:
        """A death above the adjuster's authority: referred, with an acceptance slip."""
        policy = next(each for each in policies() if each.policy_no == QUAKE_DEATH)
        case_no = desk.open_case(
            _report(
                found(policy.insured_id),
                ClaimType.ACCIDENT_DEATH,
                catastrophe_id=QUAKE_ID,
                policy_nos=(QUAKE_DEATH,),
                reporter=found("P90000006"),
            )
        )
        _hand_in(
            desk,
            case_no,
            (
                Material.APPLICATION,
                Material.POLICY,
                Material.INSURED_ID,
                Material.MEDICAL_RECORD,
                Material.ACCIDENT_PROOF,
                Material.DEATH_CERTIFICATE,
                Material.BENEFICIARY_PROOF,
                Material.BANK_ACCOUNT,
            ),
        )
        day = _QUAKE_DAY.isoformat()
        desk.adjudicate(
            case_no,
            QUAKE_DEATH,
            {"accident": True, "accident_date": day, "death_date": day, "possible_exclusion": False},
        )
        paper = desk.give_slip(case_no)
        desk.draw(paper.number)

    def _phone(self, desk: Desk, who: str, claim_type: ClaimType, reporter: PersonFact) -> None:
        desk.open_case(_report(found(who), claim_type, channel="phone", catastrophe_id=QUAKE_ID, reporter=reporter))


def _report(insured: PersonFact, claim_type: ClaimType, **more: object) -> NewCase:
    fields: dict[str, object] = {
        "channel": "station",
        "claim_type": claim_type,
        "insured": insured,
        "reporter": insured,
        "loss_date": _QUAKE_DAY,
        "loss_place": "清溪县石桥镇",
        "loss_region": "990101",
    }
    return NewCase(**(fields | more))  # type: ignore[arg-type]  # named fields of a report


def _hand_in(desk: Desk, case_no: str, materials: tuple[Material, ...]) -> None:
    for material in materials:
        # A number in the file makes it another one in each case: the same picture twice would be told.
        desk.add_document(case_no, material, f"{material.value}.jpg", paper_bytes(material) + case_no.encode())


def _sign(desk: Desk, case_no: str, policy_no: str, name: str) -> None:
    for role, who in ((Role.CLAIMANT, name), (Role.ADJUSTER, "林晓禾")):
        desk.sign(case_no, policy_no, role=role, name=who, ink=(((0, 0), (30, 18), (52, 4)),))


def _payee(who: str) -> PayeeFact:
    one = found(who)
    return PayeeFact(
        name=one.name, id_number=one.id_number, relation="self", bank="示例银行", account="6217001234567890122"
    )


# The doors of the pictures


class PictureEntrance(LocalEntrance):
    """The laptop's own door; only the waits between a sync's tries, the keyring and the address are the test's."""

    def __init__(
        self, world: World, home: Path, *, keyring: Callable[[], Keyring] | None = None, probe: StepProbe = no_probe
    ) -> None:
        super().__init__(home, world.clock, keyring=keyring or (lambda: PictureKeyring(there=False)))
        self._world, self._laptop, self._probe = world, home, probe

    def unlock(self, adjuster: str, secret: str) -> Desk:
        """Open the store with what was typed."""
        return build(
            load_settings(self._laptop),
            self._unlock(adjuster, secret),
            clock=self._world.clock,
            probe=self._probe,
            wait=no_wait,
            address=lambda: self._world.url,
        )


class PictureKeyring:
    """A keyring in memory, or none."""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.kept: dict[str, bytes] = {}

    def available(self) -> bool:
        return self.there

    def store(self, name: str, secret: bytes) -> None:
        self._require()
        self.kept[name] = secret

    def fetch(self, name: str) -> bytes | None:
        self._require()
        return self.kept.get(name)

    def forget(self, name: str) -> None:
        self._require()
        self.kept.pop(name, None)

    def _require(self) -> None:
        if not self.there:
            raise EnvironmentProblem("keyring_missing", Bilingual("没有", "none"), Bilingual("换", "other"))


@dataclass
class PicturePractice:
    """The practice headquarters of the pictures: plugging is the world's line."""

    world: World
    problem: OutpostError | None = None
    code: str | None = None
    starts: bool = True

    def state(self) -> PracticeState:
        running = self.world.url != NOBODY
        return PracticeState(True, running, "https://127.0.0.1:8443", self.code, self.problem)

    def prepare(self) -> None:
        """It is there."""

    def start(self) -> None:
        if self.starts:
            self.world.plug()

    def stop(self) -> None:
        self.world.unplug()


@dataclass
class PicturePrinter:
    """Answers the print dialog: no printer at first, afterwards one that writes a file."""

    out: Path
    there: bool = False

    def choose(
        self,
        _parent: QWidget,
        _ui: Presentation,
        _title: str,
        _offered: str,
        chosen: Callable[[QPrinter | None], None],
    ) -> None:
        if not self.there:
            raise no_printer()
        printer = a4_printer()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(self.out))
        chosen(printer)


class StandingWatch:
    """A stop-watch that always says the same: what a picture shows of it must not depend on the machine."""

    def __init__(self, ms: int = 18) -> None:
        self._ms = ms

    def start(self) -> None:
        """It stands."""

    def elapsed(self) -> int:
        return self._ms


@contextlib.contextmanager
def fixed_day() -> Iterator[None]:
    """Make keys and answers the same at every run, for as long as this lasts: keys count up, and TLS asks for no date."""
    made = iter(range(1, 1_000_000))

    def next_key() -> SoftwareKey:
        return SoftwareKey.from_bytes(sha256(f"picture key {next(made)}".encode()).digest())

    def pinned_on_any_date(root_pem: Path) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.headers.clear()
        session.verify = str(root_pem)
        session.mount("https://", _OnAnyDate(pool_connections=1, pool_maxsize=1, max_retries=0))
        return session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SoftwareKey, "generate", staticmethod(next_key))
        # An authority's id stands on the voucher.
        patch.setattr(
            headquarters.grants, "secrets", SimpleNamespace(token_hex=lambda size: f"{next(made):0{2 * size}x}")
        )
        patch.setattr(sync.carrier_http, "_pinned_session", pinned_on_any_date)
        yield


class _OnAnyDate(PromptAdapter):
    """Pinned as ever; only the dates of the certificates are not looked at."""

    def init_poolmanager(self, *arguments: object, **more: object) -> None:
        context = create_urllib3_context()
        context.verify_flags |= ssl.VerifyFlags(_ANY_DATE)
        super().init_poolmanager(*arguments, ssl_context=context, **more)  # type: ignore[arg-type]  # requests' own signature
