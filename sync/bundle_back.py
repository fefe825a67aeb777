"""Reading headquarters' answers from a stick: what is genuine and new goes into the store, everything else is harmless.

Promise: there is no live question, so nothing rests on a nonce. Each statement counts by itself: a receipt when its digest is this log's own
hash at that place, a statement of the feed when its id says that it is the next one; older ones are known already, later ones wait for what
comes before. The bundle's own seal only says whether it is whole. Reading the same bundle again, an older one, somebody else's or a spoiled
one changes nothing that headquarters did not sign for this device.

Source: docs/adr/0144.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from claims.bundles import AnswerOutcome, AnswerRead
from claims.errors import Bilingual
from claims.ports import Outbox, StepProbe, Store, no_probe
from claims.statements import LogReceipted
from sync.own_chain import own_digest
from sync.relearning import BY_STICK, INCARNATION
from sync.stick import stick_problem
from sync.wire.bundles import Answer, AnswersBegun, Refused, read_answer_record
from sync.wire.messages import DownAnswered, HaveAnswered
from sync.wire.verify import UnknownAnswerError, good_statements, newest_hq_time, open_receipt
from trust.bundles import Purpose, key_id, of_service, open_segments, public_of, read_header
from trust.certificates import TrustStore
from trust.errors import TrustError
from trust.statements import open_statement

_RECEIPT, _DOWN, _HAVE = (str(kind.__struct_config__.tag) for kind in (LogReceipted, DownAnswered, HaveAnswered))


@dataclass(frozen=True)
class AnswersRead:
    """What one answer bundle brought, and the newest signed time in it."""

    read: AnswerRead
    hq_time: datetime | None = None


class _Position(msgspec.Struct, frozen=True):
    statement_id: str


def read_answers(
    path: Path,
    *,
    store: Store,
    outbox: Outbox,
    roots: TrustStore,
    box_private: bytes,
    probe: StepProbe = no_probe,
) -> AnswersRead:
    """Take in one answer bundle.

    Args:
        path: the file.
        store: takes the statements, one short transaction a slice.
        outbox: this laptop's log.
        roots: headquarters' root.
        box_private: this (device, epoch)'s private box key.
        probe: called at each durable step (``bundle.answer_*``).

    Raises:
        EnvironmentProblem: the file or the store can't be read or written; what was taken so far stays.
    """
    position = outbox.position()
    reader = _Reader(store, outbox, roots, position.device, position.epoch, probe)
    try:
        with path.open("rb") as file:
            try:
                if key_id(public_of(box_private)) not in read_header(file).key_ids:
                    return reader.result(path, AnswerOutcome.FOREIGN)
                file.seek(0)
                bundle = open_segments(file, box_private, of_service(roots), purpose=Purpose.ANSWERS)
                for raw in bundle:
                    if not reader.take(raw):
                        return reader.result(path, AnswerOutcome.FOREIGN)
            except TrustError:
                reader.spoiled = True
    except OSError as error:
        raise stick_problem(error, path.parent) from error
    return reader.result(path)


@dataclass
class _Reader:
    """One bundle under way."""

    store: Store
    outbox: Outbox
    roots: TrustStore
    device: str
    epoch: int
    probe: StepProbe
    spoiled: bool = False
    contradicts: bool = False
    gap: bool = False
    overtaken: bool = False
    asked_again: bool = False
    taken: int = 0
    refused: Refused | None = None
    hq_time: datetime | None = None

    def take(self, raw: bytes) -> bool:
        """Take one record; False when the bundle turns out to be for another device."""
        try:
            record = read_answer_record(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return True  # a kind of record that this version does not know
        match record:
            case AnswersBegun():
                return (record.device, record.epoch) == (self.device, self.epoch)
            case Refused():
                self.refused = record
            case Answer():
                self._answer(record.raw)
        return True

    def _answer(self, raw: bytes) -> None:
        try:
            kind, body = open_statement(raw, self.roots)
            if kind == _RECEIPT:
                self._receipt(raw)
            elif kind == _DOWN:
                self._down(msgspec.json.decode(body, type=DownAnswered))
            elif kind == _HAVE:
                self._see(msgspec.json.decode(body, type=HaveAnswered))
        except (TrustError, msgspec.DecodeError, UnicodeDecodeError, UnknownAnswerError):
            self.spoiled = True

    def _receipt(self, raw: bytes) -> None:
        receipt = open_receipt(raw, self.roots, device=self.device, epoch=self.epoch)
        self.hq_time = newest_hq_time(self.hq_time, receipt.issued_at)
        if receipt.watermark_seq < 1:
            return
        if own_digest(self.outbox, receipt.watermark_seq) != receipt.digest:
            self.contradicts = True
        else:
            # Also a lower one: headquarters may have been restored from a backup, and then the next bundle must begin there.
            higher = receipt.watermark_seq > self.outbox.position().hq_watermark_seq
            self._receive([raw], news=higher)

    def _down(self, answer: DownAnswered) -> None:
        if not self._see(answer) or not self._of_newest_life(answer):
            return
        good = good_statements(answer.statements, self.roots, device=self.device, epoch=self.epoch)
        self.spoiled = self.spoiled or good < len(answer.statements)
        expected = self.outbox.inbox_count()
        new: list[bytes] = []
        for raw in answer.statements[:good]:
            place = _place_of(raw, self.roots)
            if place < expected:
                continue
            if place > expected:
                self.gap = True
                break
            new.append(raw)
            expected += 1
        if new:
            self._receive(new)

    def _of_newest_life(self, answer: DownAnswered) -> bool:
        """Tell whether the newest life of headquarters speaks; what it asks for is noted before anything of it is taken.

        From then on no earlier life's word comes into the feed: the next bundle tells all that the feed holds from before.
        """
        with self.store.read() as reads:
            seen, noted = reads.floor(INCARNATION), reads.link(BY_STICK)
        if answer.incarnation < seen:
            self.overtaken = True
            return False
        self.asked_again = self.asked_again or answer.relearn_from is not None
        asked = msgspec.structs.replace(
            noted,
            relearn_from=answer.relearn_from,
            incarnation_id="" if answer.relearn_from is None else answer.incarnation_id,
        )
        if answer.incarnation > seen or asked != noted:
            with self.store.write() as uow:
                uow.raise_floor(INCARNATION, answer.incarnation)
                uow.keep_link(BY_STICK, asked)
            self.probe("bundle.asked_again")
        return True

    def _see(self, answer: DownAnswered | HaveAnswered) -> bool:
        if (answer.device, answer.epoch) != (self.device, self.epoch) or answer.hq_time.tzinfo is None:
            self.spoiled = True
            return False
        self.hq_time = newest_hq_time(self.hq_time, answer.hq_time)
        return True

    def _receive(self, raws: Sequence[bytes], *, news: bool = True) -> None:
        self.probe("bundle.answer_before")
        with self.store.write() as uow:
            new = sum(uow.receive(raw) for raw in raws)
        self.taken += new if news else 0
        self.probe("bundle.answer_taken")

    def result(self, path: Path, outcome: AnswerOutcome | None = None) -> AnswersRead:
        """Say what it was worth."""
        if outcome is None:
            if self.contradicts:
                outcome = AnswerOutcome.CONTRADICTS
            elif self.spoiled:
                outcome = AnswerOutcome.DAMAGED
            elif self.taken or self.asked_again:
                outcome = AnswerOutcome.TAKEN
            elif self.overtaken:
                outcome = AnswerOutcome.OVERTAKEN
            else:
                outcome = AnswerOutcome.GAP if self.gap else AnswerOutcome.NOTHING_NEW
        watermark = self.outbox.position().hq_watermark_seq
        receipted = watermark if outcome is not AnswerOutcome.FOREIGN else None
        nothing = outcome is AnswerOutcome.TAKEN and not self.taken
        sentence = _sentence(AnswerOutcome.NOTHING_NEW if nothing else outcome, self.taken, watermark, self.refused)
        if self.asked_again:
            sentence = Bilingual(sentence.zh + _ASKED_AGAIN.zh, f"{sentence.en} {_ASKED_AGAIN.en}")
        return AnswersRead(AnswerRead(path, outcome, sentence, self.taken, receipted, self.asked_again), self.hq_time)


def _place_of(raw: bytes, roots: TrustStore) -> int:
    """Return a verified statement's place in the feed, from its id (``D3.1.17``)."""
    body = open_statement(raw, roots)[1]
    digits = msgspec.json.decode(body, type=_Position).statement_id.rpartition(".")[2]
    if not (digits.isascii() and digits.isdigit()):
        raise msgspec.DecodeError("a statement of the feed without a place")
    return int(digits)


def _sentence(outcome: AnswerOutcome, taken: int, watermark: int, refused: Refused | None) -> Bilingual:
    told = _OUTCOMES[outcome]
    zh, en = told.zh.format(taken=taken, seq=watermark), told.en.format(taken=taken, seq=watermark)
    if refused is not None and outcome is not AnswerOutcome.FOREIGN:
        zh += f"总部未接收其中 {refused.count} 项：{refused.zh}"
        en += f" Headquarters could not take {refused.count} item(s): {refused.en}"
    return Bilingual(zh, en)


_ASKED_AGAIN = Bilingual(
    "总部从备份恢复过，要本机把它忘了的消息带回去：请再写一份封存包交给总部。",
    "Headquarters was restored from a backup and asks for what it forgot: write another bundle for it.",
)
_OUTCOMES = {
    AnswerOutcome.TAKEN: Bilingual(
        "已读入总部回执和消息 {taken} 条，总部已签收到第 {seq} 条记录。",
        "Took {taken} receipts and messages; headquarters has receipted the log up to {seq}.",
    ),
    AnswerOutcome.NOTHING_NEW: Bilingual(
        "里面没有新内容，总部已签收到第 {seq} 条记录。",
        "Nothing new inside; headquarters has receipted the log up to {seq}.",
    ),
    AnswerOutcome.FOREIGN: Bilingual(
        "这是给另一台电脑的回执，没有动它。", "This is for another laptop and was left alone."
    ),
    AnswerOutcome.GAP: Bilingual(
        "前面的消息还没有到，这一份先不采用。请把较早的回执也读入，或再写一份封存包交给总部。",
        "What comes before it has not come yet, so it was not taken. Read the earlier answers too, or write another bundle.",
    ),
    AnswerOutcome.OVERTAKEN: Bilingual(
        "这份回执是总部从备份恢复之前写的，已经作废，没有采用。请读入较新的回执。",
        "It was written before headquarters was restored from a backup, does not count any more and was not taken. Read a newer one.",
    ),
    AnswerOutcome.DAMAGED: Bilingual(
        "这份回执有损坏或不是总部签发的内容；能核实的 {taken} 条已读入，其余未采用。请再写一份封存包交给总部。",
        "It is damaged or holds what headquarters did not sign; {taken} verified items were taken, the rest was not. Write another bundle.",
    ),
    AnswerOutcome.CONTRADICTS: Bilingual(
        "总部的回执与本机的记录不一致，未采用。本机硬盘可能被复制或还原过：请暂停出凭证，并立即联系总部。",
        "Headquarters' receipt is about another log than this one and was not believed. A disk may have been cloned or restored: stop issuing vouchers and call headquarters now.",
    ),
}
