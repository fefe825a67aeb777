"""A restore in a place that does not know which payments left since the backup: a person decides before the next batch leaves.

Promise: while the question is open no batch is made, whoever asks for one; the refusal names what is known, from which number on nothing is, and
what the next batch would pay. The answer is kept with name, reason and instant: the folder ``payments-sent`` of the former place, or that nothing
left since the backup.

Source: docs/adr/0154 "Money that left", docs/adr/0165.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual
from claims.trusted_time import beijing_text
from headquarters.installation import Headquarters
from headquarters.models_money_risks import SentBatchesDecision, SentBatchesQuestion
from headquarters.models_payments import InstructionKind, PaymentBatch, PaymentInstruction
from headquarters.sent_batches import (
    FOLDER,
    SentBatch,
    clear_mark,
    is_whole,
    keep_sent,
    learn_sent,
    mark_unknown,
    read_sent,
    remember_sent,
)
from headquarters.wrong_input import wrong_input

MAX_REASON = 1000
_NEXT = Bilingual(
    "找到原来的 payments-sent 文件夹：--sent-batches 文件夹；确知备份以后没有发出过任何一批：--nothing-left-since-backup；均须 --by 和 --reason。",
    "With the former folder payments-sent: --sent-batches FOLDER. Where nothing left since the backup, for certain: --nothing-left-since-backup. Both with --by and --reason.",
)


@dataclass(frozen=True)
class SentBatchesUnknown:
    """The open question. ``known_batches``: the backup knows batches 1 to this one; later ones may have left."""

    incarnation: int
    backup_at: datetime
    known_batches: int
    known_made_at: datetime | None


@dataclass(frozen=True)
class SentBatchesDecided:
    """What a person said, and how many batches came back by it."""

    decision: SentBatchesDecision
    learnt: int


def ask_if_unknown(session: Session, home: Path, incarnation: int, *, backup_at: datetime, at: datetime) -> bool:
    """Within a restore, after its rows are in: open the question unless the folder is whole; say whether it is open."""
    known, made_at = session.execute(select(func.max(PaymentBatch.batch_no), func.max(PaymentBatch.made_at))).one()
    if is_whole(home, known or 0):
        for each in _all_open(session):  # asked of a former place, before the backup was made
            each.decision, each.learnt, each.decided_at = SentBatchesDecision.FOLDER, 0, at
        return False
    mark_unknown(home)
    session.add(
        SentBatchesQuestion(
            incarnation=incarnation,
            backup_at=backup_at,
            known_batches=known or 0,
            known_made_at=made_at,
            asked_at=at,
        )
    )
    return True


def sent_batches_unknown(hq: Headquarters) -> SentBatchesUnknown | None:
    """Return the open question, None where there is none."""
    with hq.database.read() as session:
        row = _open(session)
        if row is None:
            return None
        return SentBatchesUnknown(row.incarnation, row.backup_at, row.known_batches, row.known_made_at)


def require_sent_known(session: Session, waiting: Sequence[PaymentInstruction]) -> None:
    """Raise ``InputError`` (``sent_batches_unknown``) while the question is open and something would leave."""
    row = _open(session)
    if row is None or not waiting:
        return
    pays = [each for each in waiting if each.kind == InstructionKind.PAY]
    fen = sum(each.amount_fen for each in pays)
    known_zh, known_en = "没有任何一批", "no batch"
    if row.known_batches and row.known_made_at is not None:
        when = beijing_text(row.known_made_at)
        known_zh, known_en = (
            f"第 1 至 {row.known_batches} 批（最后一批 {when}）",
            f"batches 1 to {row.known_batches} (the last of {when})",
        )
    raise wrong_input(
        "sent_batches_unknown",
        f"总部从 {beijing_text(row.backup_at)} 的备份恢复，此处没有完整的 payments-sent：备份里有{known_zh}，第 {row.known_batches + 1} 批起是否已发往银行不得而知。"
        f"现在出批将付 {len(pays)} 笔、共 {yuan(fen)} 元，其中已经付过的会再付一次。",
        f"Headquarters was restored from a backup of {beijing_text(row.backup_at)} and has no whole payments-sent here: the backup knows {known_en}; whether batch {row.known_batches + 1} "
        f"and later ones left for the bank is unknown. A batch now would pay {len(pays)} instructions, {yuan(fen)} yuan; what was paid already would be paid again.",
        _NEXT,
    )


def decide_sent_batches(hq: Headquarters, *, by: str, reason: str, folder: Path | None = None) -> SentBatchesDecided:
    """Answer the question: with the former folder, or (``folder`` None) that nothing left since the backup.

    Raises:
        InputError: ``sent_batches_decided`` (nothing is asked), ``words_missing``, ``sent_batches_incomplete``, ``sent_batches_foreign``.
    """
    if not by.strip() or not reason.strip() or len(reason) > MAX_REASON:
        raise wrong_input("words_missing", "须写明谁决定、为什么。", "Who decides, and why, must be said.", _NEXT)
    sent = None if folder is None else _read(folder)
    decided = hq.database.run(partial(_decide, hq, by.strip(), reason.strip(), sent))
    clear_mark(hq.home)
    return decided


def _decide(
    hq: Headquarters, by: str, reason: str, sent: Sequence[SentBatch] | None, session: Session
) -> SentBatchesDecided:
    row = _open(session)
    if row is None:
        raise wrong_input(
            "sent_batches_decided",
            "没有待答的问题：发出过的付款批次是完整的，或已有人决定。",
            "Nothing is asked: the batches that left are known, or somebody decided already.",
        )
    decision, learnt = SentBatchesDecision.NOTHING_LEFT, 0
    if sent is not None:
        _require_whole(session, row, sent)
        for each in sent:
            keep_sent(hq.home, each)
        decision, learnt = SentBatchesDecision.FOLDER, learn_sent(hq.home, session)
    for number in session.scalars(select(PaymentBatch.batch_no)):
        remember_sent(hq.home, session, number)  # from now on the folder is whole
    for asked in _all_open(session):
        asked.decision, asked.learnt = decision, learnt
        asked.decided_by, asked.reason, asked.decided_at = by, reason, hq.now()
    return SentBatchesDecided(decision, learnt)


def _read(folder: Path) -> tuple[SentBatch, ...]:
    inside = folder / FOLDER
    try:
        return tuple(read_sent(inside if inside.is_dir() else folder).values())
    except (OSError, msgspec.DecodeError) as problem:
        raise wrong_input(
            "sent_batches_incomplete",
            f"{folder} 里的批次读不出来（{problem}）。",
            f"The batches in {folder} can't be read ({problem}).",
            _NEXT,
        ) from problem


def _require_whole(session: Session, row: SentBatchesQuestion, sent: Sequence[SentBatch]) -> None:
    numbers = sorted(each.number for each in sent)
    missing = sorted(set(range(1, max([row.known_batches, *numbers], default=0) + 1)) - set(numbers))
    if missing or not numbers:
        named = "、".join(str(each) for each in missing[:10]) or "—"
        raise wrong_input(
            "sent_batches_incomplete",
            f"文件夹里有 {len(numbers)} 批，缺第 {named} 批。",
            f"The folder has {len(numbers)} batches and lacks {named}.",
            _NEXT,
        )
    for each in sent:
        if each.number <= row.known_batches and not each.same_as(session):
            raise wrong_input(
                "sent_batches_foreign",
                f"文件夹里的第 {each.number} 批与备份中的不是同一批。",
                f"Batch {each.number} in the folder is not the one that the backup knows.",
                _NEXT,
            )


def _open(session: Session) -> SentBatchesQuestion | None:
    return next(iter(_all_open(session)), None)


def _all_open(session: Session) -> Sequence[SentBatchesQuestion]:
    return session.scalars(
        select(SentBatchesQuestion)
        .where(SentBatchesQuestion.decision.is_(None))
        .order_by(SentBatchesQuestion.incarnation.desc())
    ).all()
