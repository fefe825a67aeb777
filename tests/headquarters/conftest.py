"""A real headquarters on real files, with a clock that tests set and laptops that speak over the real application."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from claims.reference import ExtractPolicy
from headquarters.console import staff as console_staff
from headquarters.console.staff import StaffRole
from headquarters.database import POSTGRESQL, SQLITE, migrate, open_engine, sqlite_url
from headquarters.enrolment import FirstGrants, make_enrolment_code
from headquarters.http_app import create_app
from headquarters.installation import Headquarters, Settings
from headquarters.models import Base
from headquarters.sample import publish_sample, sample_policies
from resources.sample_numbers import CLINIC
from rules.engine import Pack, load_pack
from rules.tools.sample import sample_pack_bytes
from tests.headquarters.console_office import EXAMINER, PASSWORD, QUICK, SUPERVISOR, VIEWER
from tests.headquarters.laptop import MEDICAL, Laptop, enrol_laptop
from tests.headquarters.postgres import URL_VARIABLE, PostgresServer, postgres_server
from tests.headquarters.web import TestClient

START = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)


class StandingClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(scope="session")
def bare_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh headquarters, made once and copied for every test."""
    home = tmp_path_factory.mktemp("bare") / "hq"
    Headquarters.create(home, StandingClock()).close()
    return home


@pytest.fixture(scope="session")
def stocked_home(tmp_path_factory: pytest.TempPathFactory, bare_home: Path, pack: Pack, pack_bytes: bytes) -> Path:
    """The same with the sample pack, people, policies and catastrophe published."""
    folder = tmp_path_factory.mktemp("stocked")
    shutil.copytree(bare_home, folder / "hq")
    pack_file = folder / "pack.json"
    pack_file.write_bytes(pack_bytes)
    hq = Headquarters.open(folder / "hq", StandingClock())
    publish_sample(hq, pack_file, pack.version, others=5)
    hq.close()
    return folder / "hq"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server; skips the test where there is none."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_templates(
    postgres: PostgresServer, bare_home: Path, stocked_home: Path, pack: Pack, pack_bytes: bytes
) -> Iterator[Mapping[str, str]]:
    """The same two headquarters with their rows on PostgreSQL: the URLs of the databases to copy, by name of the fixture."""
    homes = {"bare_home": bare_home, "stocked_home": stocked_home}
    urls = {name: copy_to_postgres(home, postgres) for name, home in homes.items()}
    yield urls
    for url in urls.values():
        postgres.drop(url)


def copy_to_postgres(home: Path, postgres: PostgresServer) -> str:
    """Copy every row of a headquarters on SQLite into a new PostgreSQL database with our own migrations; return its URL."""
    url = postgres.make()
    source, target = open_engine(sqlite_url(home / "headquarters.db")), open_engine(url)
    migrate(target)
    with source.connect() as reading, target.begin() as writing:
        for table in Base.metadata.sorted_tables:
            if rows := [dict(row) for row in reading.execute(table.select()).mappings()]:
                writing.execute(table.delete())
                writing.execute(table.insert(), rows)
    source.dispose()
    target.dispose()
    return url


BOTH_ENGINES = frozenset(
    {"test_settlement", "test_grants", "test_log_intake", "test_concurrency", "test_pool_ledger", "test_backup"}
)
"""Where money moves, or the log comes in: these run on SQLite and on PostgreSQL."""

BOTH_WHERE_ASKED = frozenset(
    {
        "test_case_links",
        "test_decisions",
        "test_duplicates",
        "test_exposure",
        "test_holds",
        "test_ledger",
        "test_money_after_trouble",
        "test_payments",
        "test_processing",
        "test_recovered_vouchers",
        "test_restores",
        "test_reviews",
        "test_stopped_devices",
        "test_transfers",
        "test_webhooks",
    }
)
"""What follows from it. On PostgreSQL only where a server is named (``make test-postgres``): every change waits for the usual run."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses a headquarters in these modules on both engines."""
    named = metafunc.module.__name__.rpartition(".")[2]
    both = named in BOTH_ENGINES or (named in BOTH_WHERE_ASKED and URL_VARIABLE in os.environ)
    if both and "hq" in metafunc.fixturenames:
        metafunc.parametrize("hq", [SQLITE, POSTGRESQL], indirect=True)


@pytest.fixture
def hq(tmp_path: Path, clock: StandingClock, request: pytest.FixtureRequest) -> Iterator[Headquarters]:
    """A headquarters of this test's own; with the sample world where the test asks for ``stocked``."""
    source = "stocked_home" if "stocked" in request.fixturenames else "bare_home"
    home = tmp_path / "hq"
    shutil.copytree(request.getfixturevalue(source), home)
    if getattr(request, "param", SQLITE) == SQLITE:
        opened = Headquarters.open(home, clock)
        yield opened
        opened.close()
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    with postgres.database(request.getfixturevalue("postgres_templates")[source]) as url:
        (home / "headquarters.db").unlink()
        settings = msgspec.json.decode((home / "headquarters.json").read_bytes(), type=Settings)
        changed = msgspec.structs.replace(settings, database_url=url)
        (home / "headquarters.json").write_bytes(msgspec.json.encode(changed))
        opened = Headquarters.open(home, clock)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def pack_bytes() -> bytes:
    """The sample pack, read once: it may be rebuilt while tests run."""
    return sample_pack_bytes()


@pytest.fixture(scope="session")
def pack(pack_bytes: bytes) -> Pack:
    return load_pack(pack_bytes)


@pytest.fixture
def stocked(hq: Headquarters) -> Headquarters:
    """The headquarters with the sample world published (see ``hq``)."""
    return hq


@pytest.fixture
def client(hq: Headquarters) -> Iterator[TestClient]:
    with TestClient(create_app(hq), base_url="https://testserver") as opened:
        yield opened


MakeLaptop = Callable[..., Laptop]


@pytest.fixture
def make_laptop(hq: Headquarters, client: TestClient) -> MakeLaptop:
    def make(
        device: str = "D3", *, float_fen: int = 0, authority_fen: int = 30_000_000, station: str = "QX07"
    ) -> Laptop:
        code = make_enrolment_code(
            hq,
            station=station,
            station_name="清溪服务站",
            adjuster="0417",
            adjuster_name="林晓禾",
            device=device,
            first_grants=FirstGrants(float_fen=float_fen, authority_fen=authority_fen),
        )
        return enrol_laptop(client, code)

    return make


@pytest.fixture(scope="session")
def clinic_policy() -> ExtractPolicy:
    return next(each for each in sample_policies() if each.policy_no == CLINIC)


@pytest.fixture
def staffed(stocked: Headquarters, monkeypatch: pytest.MonkeyPatch) -> Headquarters:
    """Headquarters with a viewer, an examiner and a supervisor for the console."""
    monkeypatch.setattr(console_staff, "_hasher", QUICK)
    for staff_no, name, role in (
        (VIEWER, "冯望", StaffRole.VIEWER),
        (EXAMINER, "韦青", StaffRole.EXAMINER),
        (SUPERVISOR, "蒙和", StaffRole.SUPERVISOR),
    ):
        console_staff.add_staff(stocked, staff_no, name, role, PASSWORD)
    return stocked


@pytest.fixture
def two_stations(stocked: Headquarters, make_laptop, pack: Pack, clinic_policy: ExtractPolicy) -> None:
    """The same bill promised from the floats of two stations: one is settled, one waits for a person."""
    laptops = [make_laptop(device, float_fen=1_000_000) for device in ("D3", "D4")]
    for laptop in laptops:
        laptop.promise(pack, clinic_policy, MEDICAL)
    for laptop in laptops:
        laptop.send_log()
        laptop.down()
