"""The pools' running sums, on a real database, over any sequence of settlements and grants."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from headquarters.database import migrate, open_engine, sqlite_url
from headquarters.models import Device, Grant, GrantState, Pool
from headquarters.pool_ledger import no_room, pool_take, take_from_pool
from rules.engine.model import Bilingual, LiabilityResult, PoolDraw, PoolScope, Unit

LIMIT = 1_000
NAME = Bilingual("责任", "benefit")


def draw_of(amount: int, used_before: int, unit: Unit = Unit.FEN, limit: int | None = LIMIT) -> PoolDraw:
    return PoolDraw(pool="p", scope=PoolScope.POLICY, unit=unit, limit=limit, used_before=used_before, amount=amount)


def liability_of(draw: PoolDraw, amount_fen: int, shares: tuple[int, ...]) -> LiabilityResult:
    return LiabilityResult(
        liability="l", name=NAME, amount_fen=amount_fen, loss_key="k", pools=(draw,), shares_fen=shares, steps=()
    )


def settle(
    session: Session, loss: str, draw: PoolDraw, liability: LiabilityResult, share: int, *, by_float: bool
) -> bool:
    take = pool_take(session, ("pool", draw), loss, liability, share)
    if no_room(session, take, float_used=by_float) is not None:
        return False
    take_from_pool(session, take)
    return True


promise = st.tuples(st.integers(1, 600), st.integers(0, 1200), st.booleans(), st.integers(1, 4))


@pytest.fixture(scope="module")
def empty_file(tmp_path_factory) -> Path:
    """A migrated database, made once and copied for every example."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = open_engine(sqlite_url(path))
    migrate(engine)
    with engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


def database_in(folder: Path, empty_file: Path):
    shutil.copy(empty_file, folder / "pools.db")
    return open_engine(sqlite_url(folder / "pools.db"))


@settings(max_examples=50, deadline=None)
@given(promises=st.lists(promise, max_size=12), granted=st.integers(0, 400))
def test_what_is_settled_never_passes_the_limit(tmp_path_factory, empty_file, promises, granted):
    engine = database_in(tmp_path_factory.mktemp("pools"), empty_file)
    with Session(engine) as session, session.begin():
        if granted:
            grant_to(session, "D3", granted)
        settled = 0
        for number, (amount, used_before, by_float, payees) in enumerate(promises):
            shares = tuple(amount // payees + (place < amount % payees) for place in range(payees))
            draw = draw_of(amount, used_before)
            liability = liability_of(draw, amount, shares)
            for share in shares:
                if share and settle(session, f"loss-{number}", draw, liability, share, by_float=by_float):
                    settled += share
            pool = session.get(Pool, "pool")
            assert pool is not None
            assert pool.settled == settled <= pool.used <= LIMIT
    engine.dispose()


def test_days_are_taken_once_however_many_share_the_money(tmp_path, empty_file):
    engine = database_in(tmp_path, empty_file)
    with Session(engine) as session, session.begin():
        draw = draw_of(4, 0, Unit.DAY, 180)
        liability = liability_of(draw, 20_000, (10_000, 10_000))
        assert settle(session, "loss", draw, liability, 10_000, by_float=False)
        assert settle(session, "loss", draw, liability, 10_000, by_float=False)
        assert session.get_one(Pool, "pool").settled == 4
    engine.dispose()


def test_payments_older_than_the_database_count_as_used(tmp_path, empty_file):
    engine = database_in(tmp_path, empty_file)
    with Session(engine) as session, session.begin():
        draw = draw_of(80, 920)
        liability = liability_of(draw, 80, (80,))
        assert settle(session, "one", draw, liability, 80, by_float=False)
        assert not settle(session, "two", draw, liability, 80, by_float=False)
        pool = session.get_one(Pool, "pool")
        assert (pool.settled, pool.used) == (80, LIMIT)
    engine.dispose()


def test_a_float_leaves_alone_what_is_granted_to_others(tmp_path, empty_file):
    engine = database_in(tmp_path, empty_file)
    with Session(engine) as session, session.begin():
        grant_to(session, "D3", 900)
        draw = draw_of(101, 0)
        liability = liability_of(draw, 101, (101,))
        assert not settle(session, "loss", draw, liability, 101, by_float=True)
        assert settle(session, "loss", draw, liability, 101, by_float=False)
    engine.dispose()


def test_a_limit_only_ever_shrinks(tmp_path, empty_file):
    engine = database_in(tmp_path, empty_file)
    with Session(engine) as session, session.begin():
        for limit in (500, 1_000, 300):
            draw = draw_of(1, 0, limit=limit)
            settle(session, f"loss-{limit}", draw, liability_of(draw, 1, (1,)), 1, by_float=False)
        assert session.get_one(Pool, "pool").limit == 300
    engine.dispose()


def grant_to(session: Session, device: str, limit_fen: int) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    session.add(
        Device(
            device=device,
            epoch=1,
            station="QX07",
            station_name="",
            adjuster="",
            adjuster_name="",
            certificate=b"",
            enrolled_at=at,
            state="active",
            watermark_seq=0,
            digest=b"",
            feed_length=0,
        )
    )
    session.flush()
    session.add(
        Grant(
            grant_id="G",
            device=device,
            epoch=1,
            pool="pool",
            limit_fen=limit_fen,
            spent_fen=0,
            settled_fen=0,
            returned_fen=0,
            debits=0,
            granted_at=at,
            expires_at=at,
            state=GrantState.OPEN,
        )
    )
    session.flush()
