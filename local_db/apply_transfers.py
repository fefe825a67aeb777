"""What promises, transfers and closing statements change in the allowances of the present.

Promise: every change goes through the domain's own functions (``claims.allowances``), so that the store and the simulator can't
disagree. An event that does not fit what came before raises ``BugError``.
"""

from __future__ import annotations

from typing import Any

from claims.allowances import Allowance, AllowanceBook, PoolId, TransferDebit, apply_debits, apply_transfer
from claims.events import AllowanceClosed, AllowanceReceived, AllowanceTransferred, VoucherIssued
from local_db import problems
from local_db.connection import Engine
from local_db.row_text import instant_of, instant_text, json_text

GRANTS = (
    "SELECT grant_id, pool, limit_fen, spent_fen, expires_at, counter, closed, transferred_fen, hands, catastrophe_id"
    " FROM allowance"
)
GRANTS_ORDER = "ORDER BY position IS NULL, position, allowance.seq"
"""Those of headquarters in order of arrival, then what colleagues handed on."""


def grant_of(row: Any) -> Allowance:
    """Build a grant from a row of ``GRANTS``."""
    grant_id, pool, limit_fen, spent_fen, expires_at, counter, closed, transferred_fen, hands, catastrophe_id = row
    return Allowance(
        grant_id=grant_id,
        pool=PoolId(pool),
        limit_fen=limit_fen,
        spent_fen=spent_fen,
        expires_at=instant_of(expires_at),
        counter=counter,
        closed=bool(closed),
        transferred_fen=transferred_fen,
        hands=hands,
        catastrophe_id=catastrophe_id,
    )


def debit_grants(engine: Engine, event: VoucherIssued) -> None:
    """Book what a voucher promised."""
    before = _book(engine, [debit.grant_id for debit in event.debits])
    _write(engine, apply_debits(before, event.debits))


def hand_on(engine: Engine, event: AllowanceTransferred, seq: int) -> None:
    """Book the donor's debit and keep the signed record for whoever asks again."""
    before = _book(engine, [event.grant_id])
    for grant in before.allowances:
        debit = TransferDebit(
            transfer_id=event.transfer_id,
            grant_id=event.grant_id,
            pool=PoolId(event.pool),
            amount_fen=event.amount_fen,
            counter=event.counter,
            expires_at=grant.expires_at,
            to_device=event.to_device,
            to_epoch=event.to_epoch,
        )
        _write(engine, apply_transfer(before, debit))
        _keep(engine, event, seq, outward=True)
        return
    raise problems.contradiction(f"{seq}: transfer of {event.grant_id}")


def take_transfer(engine: Engine, event: AllowanceReceived, seq: int) -> None:
    """From now on there is an allowance of this id; one that is there already is a contradiction (the id is the row's key)."""
    engine.execute(
        "INSERT INTO allowance (grant_id, seq, pool, limit_fen, expires_at, hands, catastrophe_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            event.transfer_id,
            seq,
            event.pool,
            event.amount_fen,
            instant_text(event.expires_at),
            event.hands,
            event.catastrophe_id,
        ),
    )
    _keep(engine, event, seq, outward=False)


def close_grant(engine: Engine, event: AllowanceClosed, seq: int) -> None:
    """Nothing is taken from it any more."""
    row = engine.execute("SELECT spent_fen FROM allowance WHERE grant_id = ?", (event.grant_id,)).fetchone()
    if row is None or row[0] != event.spent_fen:
        raise problems.contradiction(f"{seq}: close {event.grant_id} at {event.spent_fen}")
    engine.execute("UPDATE allowance SET closed = 1 WHERE grant_id = ?", (event.grant_id,))


def _book(engine: Engine, grant_ids: list[str]) -> AllowanceBook:
    rows = (
        engine.execute(f"{GRANTS} WHERE grant_id = ?", (grant_id,)).fetchone() for grant_id in dict.fromkeys(grant_ids)
    )
    return AllowanceBook(device="", epoch=0, allowances=tuple(grant_of(row) for row in rows if row is not None))


def _write(engine: Engine, book: AllowanceBook) -> None:
    for grant in book.allowances:
        engine.execute(
            "UPDATE allowance SET spent_fen = ?, transferred_fen = ?, counter = ? WHERE grant_id = ?",
            (grant.spent_fen, grant.transferred_fen, grant.counter, grant.grant_id),
        )


def _keep(engine: Engine, event: AllowanceTransferred | AllowanceReceived, seq: int, *, outward: bool) -> None:
    engine.execute(
        "INSERT INTO allowance_transfer (transfer_id, seq, outward, body) VALUES (?, ?, ?, ?)",
        (event.transfer_id, seq, int(outward), json_text(event)),
    )
