"""Which payments left, kept beside the database: a restore sets the database back, but not the bank.

Promise: a batch lies here, durably, before it is handed out. Whatever an older backup does not know is taken back from here, so that nothing
the bank was asked for before is asked for again. Whether the folder is whole can be told: it is made with headquarters, its batches
have no gap, and a restore into a place without it leaves a mark until a person decided (``headquarters.sent_before_restore``).

    HOME/payments-sent/000001.json   one batch with its instructions, as they are in the database
    HOME/payments-sent/unknown       a restore found this folder missing or not whole

Source: docs/adr/0154, docs/adr/0157, docs/adr/0165.
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
UNKNOWN = "unknown"


class SentBatch(msgspec.Struct, frozen=True, kw_only=True):
    """One file: the rows of a batch and of its instructions."""

    batch: dict[str, object]
    instructions: tuple[dict[str, object], ...]

    @property
    def number(self) -> int:
        """The batch's number."""
        return int(str(self.batch["batch_no"]))

    def same_as(self, session: Session) -> bool:
        """Tell whether the database has this batch with these instructions."""
        rows = session.scalars(select(PaymentInstruction).where(PaymentInstruction.batch_no == self.number))
        return {(each.instruction_id, each.amount_fen) for each in rows} == {
            (each["instruction_id"], each["amount_fen"]) for each in self.instructions
        }


def begin_folder(home: Path) -> None:
    """Make the folder of a new headquarters: from now on it is whole."""
    (home / FOLDER).mkdir(mode=0o700, exist_ok=True)
    sync_folder(home)


def mark_unknown(home: Path) -> None:
    """Note durably that what left may not be known here."""
    begin_folder(home)
    (home / FOLDER / UNKNOWN).touch(mode=0o600)
    sync_folder(home / FOLDER)


def clear_mark(home: Path) -> None:
    """A person decided."""
    (home / FOLDER / UNKNOWN).unlink(missing_ok=True)
    sync_folder(home / FOLDER)


def is_whole(home: Path, known: int) -> bool:
    """Tell whether the folder has every batch: at least those that a backup knows (``known``: its highest number), without a gap."""
    folder = home / FOLDER
    if not folder.is_dir() or (folder / UNKNOWN).exists():
        return False
    numbers = sorted(int(each.stem) for each in folder.glob("*.json") if each.stem.isdigit())
    return numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= known


def read_sent(folder: Path) -> dict[str, SentBatch]:
    """Return the batches in a folder by file name. Raises ``OSError``, ``msgspec.DecodeError``."""
    return {
        each.name: msgspec.json.decode(each.read_bytes(), type=SentBatch)
        for each in sorted(folder.glob("*.json"))
        if each.stem.isdigit()
    }


def remember_sent(home: Path, session: Session, batch_no: int) -> None:
    """Write a batch down durably before it is handed out; one that lies there already is left alone. Raises ``OSError``."""
    made = session.get(PaymentBatch, batch_no)
    if made is None or (home / FOLDER / f"{batch_no:06d}.json").exists():
        return
    rows = session.scalars(
        select(PaymentInstruction).where(PaymentInstruction.batch_no == batch_no).order_by(PaymentInstruction.place)
    )
    sent = SentBatch(batch=_columns(made), instructions=tuple(_columns(each) for each in rows))
    keep_sent(home, sent)


def keep_sent(home: Path, sent: SentBatch) -> None:
    """Put a batch into the folder durably, unless it lies there already."""
    folder = home / FOLDER
    kept = folder / f"{sent.number:06d}.json"
    if kept.exists():
        return
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
    for sent in read_sent(home / FOLDER).values():
        if session.get(PaymentBatch, sent.number) is not None:
            continue
        session.add(PaymentBatch(**_fields(sent.batch)))
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
