"""A real headquarters on real files, with a clock that tests set and laptops that speak over the real application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from claims.reference import ExtractPolicy
from headquarters.enrolment import FirstGrants, make_enrolment_code
from headquarters.http_app import create_app
from headquarters.installation import Headquarters
from headquarters.sample import CLINIC, publish_sample, sample_policies
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


@pytest.fixture
def hq(tmp_path: Path, clock: StandingClock) -> Iterator[Headquarters]:
    opened = Headquarters.create(tmp_path / "hq", clock)
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
def stocked(hq: Headquarters, tmp_path: Path, pack: Pack, pack_bytes: bytes) -> Headquarters:
    """The headquarters with the sample pack, people, policies and catastrophe published."""
    file = tmp_path / "sample-pack.json"
    file.write_bytes(pack_bytes)
    publish_sample(hq, file, pack.version, others=5)
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
            station_name="青溪服务站",
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
