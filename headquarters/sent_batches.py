"""Which payment instructions left, remembered beside the database: a backup that is put back has forgotten the newest of them.

Promise: a batch is handed out only after it lies here whole, and a restore takes every batch back that its backup does not know, so that what the
bank was asked for before is not asked for again. Lost with its folder it protects nobody: then people compare with the bank before paying.

    HOME/payments-sent/000001.json   one batch with its instructions, as they are in the database

Source: docs/adr/0154, docs/adr/0157.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from headquarters.models import Base
from headquarters.models_payments import InstructionState, PaymentBatch, PaymentInstruction
from headquarters.secrets_folder import sync_folder, write_new

FOLDER = "payments-sent"


class _Sent(msgspec.Struct, frozen=True, kw_only=True):
    batch: dict[str, object]
    instructions: tuple[dict[str, object], ...]


def remember_sent(home: Path, session: Session, batch_no: int) -> None:
    """Write a batch down durably before it is handed out; one that lies there already is left alone. Raises ``OSError``."""
    folder = home / FOLDER
    kept = folder / f"{batch_no:06d}.json"
    if kept.exists():
        return
    rows = session.scalars(
        select(PaymentInstruction).where(PaymentInstruction.batch_no == batch_no).order_by(PaymentInstruction.place)
    )
    sent = _Sent(
        batch=_columns(session.get_one(PaymentBatch, batch_no)), instructions=tuple(_columns(each) for each in rows)
    )
    folder.mkdir(mode=0o700, exist_ok=True)
    draft = folder / f"{kept.name}.new"
    draft.unlink(missing_ok=True)
    write_new(draft, msgspec.json.encode(sent), 0o600)
    draft.replace(kept)
    sync_folder(folder)
    sync_folder(home)


def learn_sent(home: Path, session: Session) -> int:
    """Take back into a restored database what its backup does not know of; return how many batches that were."""
    learnt = 0
    for path in sorted((home / FOLDER).glob("*.json")):
        sent = msgspec.json.decode(path.read_bytes(), type=_Sent)
        batch = PaymentBatch(**_fields(sent.batch))
        if session.get(PaymentBatch, batch.batch_no) is not None:
            continue
        session.add(batch)
        for columns in sent.instructions:
            found = PaymentInstruction(**_fields(columns))
            # What became of it the bank says once more: results may be taken again.
            found.state = InstructionState.EXPORTED
            session.merge(found)
        session.flush()
        learnt += 1
    return learnt


def _columns(row: Base) -> dict[str, object]:
    return {each.key: getattr(row, each.key) for each in inspect(type(row)).column_attrs}


def _fields(columns: dict[str, object]) -> dict[str, object]:
    return columns | {"made_at": datetime.fromisoformat(str(columns["made_at"]))}
