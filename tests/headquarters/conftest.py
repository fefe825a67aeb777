"""A real headquarters on real files, with a clock that tests set and laptops that speak over the real application."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from claims.reference import ExtractPolicy
from headquarters.enrolment import FirstGrants, make_enrolment_code
from headquarters.http_app import create_app
from headquarters.installation import Headquarters
from headquarters.sample import publish_sample, sample_policies
from resources.sample_numbers import CLINIC
from rules.engine import Pack, load_pack
from rules.tools.sample import sample_pack_bytes
from tests.headquarters.laptop import Laptop, enrol_laptop
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


@pytest.fixture
def hq(tmp_path: Path, clock: StandingClock, request: pytest.FixtureRequest) -> Iterator[Headquarters]:
    """A headquarters of this test's own; with the sample world where the test asks for ``stocked``."""
    source = "stocked_home" if "stocked" in request.fixturenames else "bare_home"
    shutil.copytree(request.getfixturevalue(source), tmp_path / "hq")
    opened = Headquarters.open(tmp_path / "hq", clock)
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
    def make(device: str = "D3", *, float_fen: int = 0, authority_fen: int = 30_000_000) -> Laptop:
        code = make_enrolment_code(
            hq,
            station="QX07",
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
