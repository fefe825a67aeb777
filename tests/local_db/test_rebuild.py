"""The present is a function of log and inbox: after any sequence of events and statements a replay gives the same tables."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from claims.allowances import PoolId, SettlementKey, Spend, spend
from claims.errors import BugError, EnvironmentProblem
from claims.events import AllowanceClosed, AnyEvent, NumberSpoiled, Outcome, PaperHandedOver, PaperKind, VoucherVoided
from claims.numbering import next_number
from claims.records import PaperState
from claims.statements import AnyStatement, AttachmentsHeld
from claims.trusted_time import TrustedTime
from local_db import apply_events, apply_statements
from local_db.connection import open_engine
from local_db.key_file import unlock_keys
from local_db.rebuild import projection_dump
from local_db.store import LocalStore
from tests.local_db import samples as s
from tests.local_db.office import DEVICE, EPOCH, Headquarters, Laptop

POOLS = ("policy/P-1/main", "person/x/cap", "*")
HQ = Headquarters()


class DeskWork(RuleBasedStateMachine):
    """Random work of one laptop: units of work that commit, fail or only receive, with reopenings in between."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.laptop = Laptop(Path(self.folder.name) / "home", HQ)
        self.store = self.laptop.create()
        self.cases: list[str] = []
        self.papers: list[tuple[str, PaperKind]] = []
        self.serial = 0

    @initialize()
    def blocks(self) -> None:
        with self.store.write() as uow:
            uow.receive(HQ.sign(s.block(last=500)))
            uow.receive(HQ.sign(s.block("slip", f"{s.PREFIX}-S", last=500)))
            uow.receive(HQ.sign(s.block("document", f"{s.PREFIX}-W", last=500)))

    def _new_id(self) -> int:
        self.serial += 1
        return self.serial

    @rule(name=st.sampled_from(["欧阳㛃安", "Li Wei", "𠅤"]), fails=st.booleans())
    def open_case(self, name: str, fails: bool) -> None:
        case_no = f"C-{self._new_id()}"
        try:
            with self.store.write() as uow:
                uow.append(s.case_opened(case_no, name), s.state_changed(case_no))
                if fails:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            return
        self.cases.append(case_no)

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), outcome=st.sampled_from(Outcome), total_fen=st.integers(0, 10**9))
    def adjudicate(self, data: st.DataObject, outcome: Outcome, total_fen: int) -> None:
        case_no = data.draw(st.sampled_from(self.cases))
        policy_no = data.draw(st.sampled_from(["P-1", "P-2"]))
        kind = data.draw(st.sampled_from(["determination", "referral"]))
        with self.store.write() as uow:
            uow.append(s.facts(case_no, policy_no, total_fen))
            uow.append(s.determination(case_no, policy_no, total_fen, outcome, kind))

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), same=st.booleans())
    def add_document(self, data: st.DataObject, same: bool) -> None:
        case_no = data.draw(st.sampled_from(self.cases))
        content = b"the same photo" if same else str(self._new_id()).encode()
        thumb = self.store.attachments.put(b"thumb " + content)
        with self.store.write() as uow:
            uow.append(s.document(case_no, f"{self._new_id():03d}", content, thumb))

    @rule(
        pool=st.sampled_from(POOLS), limit_fen=st.integers(0, 500), grant=st.integers(1, 6), minute=st.integers(0, 900)
    )
    def receive_grant(self, pool: str, limit_fen: int, grant: int, minute: int) -> None:
        with self.store.write() as uow:
            uow.receive(HQ.sign(s.grant(f"G-{grant}", limit_fen, pool, minute)))

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), amount_fen=st.integers(1, 300))
    def promise(self, data: st.DataObject, amount_fen: int) -> None:
        case_no = data.draw(st.sampled_from(self.cases))
        pools = tuple(data.draw(st.lists(st.sampled_from(POOLS[:2]), max_size=2, unique=True)))
        key = f"key-{self._new_id()}"
        with self.store.write() as uow:
            covered = spend(
                uow.allowance_book(),
                [PoolId(pool) for pool in pools],
                SettlementKey(key),
                amount_fen,
                TrustedTime(at=s.at(), believed=True),
            )
            if not isinstance(covered, Spend):
                number = next_number(uow.number_blocks("slip"), "slip")
                uow.append(s.slip(number.serial, case_no))
                self.papers.append((number.text, PaperKind.SLIP))
                return
            number = next_number(uow.number_blocks("voucher"), "voucher")
            uow.append(s.voucher(number.serial, case_no, key, amount_fen, covered.debits, pools))
            self.papers.append((number.text, PaperKind.VOUCHER))

    @precondition(lambda self: self.papers)
    @rule(
        data=st.data(),
        step=st.sampled_from(["render", "print", "hand_over", "void", "redeem", "sign", "settle", "hold"]),
    )
    def live_on(self, data: st.DataObject, step: str) -> None:
        number, kind = data.draw(st.sampled_from(self.papers))
        copy_no = data.draw(st.integers(1, 3))
        with self.store.write() as uow:
            match step:
                case "render":
                    uow.append(s.rendered(number, copy_no, kind))
                case "print":
                    uow.append(s.printed(number, copy_no, kind))
                case "hand_over":
                    uow.append(PaperHandedOver(at=s.at(9), number=number, kind=kind, receiver="x"))
                case "void" if kind is PaperKind.VOUCHER:
                    uow.append(VoucherVoided(at=s.at(9), voucher_no=number, reason="x"))
                case "void":
                    uow.append(s.spoiled(number, kind))
                case "redeem" if kind is PaperKind.VOUCHER:
                    uow.append(s.redeemed(number))
                case "sign" if kind is PaperKind.DOCUMENT:
                    uow.append(s.signed(number, uow.paper(number).case_no))
                case "settle" | "hold" if uow.paper(number).case_no:
                    settlement = "settled" if step == "settle" else "hold"
                    voucher_no = number if kind is PaperKind.VOUCHER else None
                    case_no = uow.paper(number).case_no
                    uow.receive(HQ.sign(s.answer(voucher_no, settlement, case_no, self._new_id())))

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), of_station=st.booleans())
    def ask_document(self, data: st.DataObject, of_station: bool) -> None:
        case_no = None if of_station else data.draw(st.sampled_from(self.cases))
        with self.store.write() as uow:
            number = next_number(uow.number_blocks("document"), "document")
            uow.append(s.asked(number.serial, case_no))
        self.papers.append((number.text, PaperKind.DOCUMENT))

    @rule(kind=st.sampled_from([PaperKind.SLIP, PaperKind.DOCUMENT]), count=st.integers(1, 3))
    def prepare_blanks(self, kind: PaperKind, count: int) -> None:
        with self.store.write() as uow:
            serial = next_number(uow.number_blocks(kind.value), kind.value).serial
            prepared = s.blanks(*range(serial, serial + count), kind=kind)
            uow.append(prepared)
        self.papers.extend((number, kind) for number in prepared.numbers)

    @precondition(lambda self: self.cases and self.papers)
    @rule(data=st.data())
    def enter_blank(self, data: st.DataObject) -> None:
        case_no = data.draw(st.sampled_from(self.cases))
        number, kind = data.draw(st.sampled_from(self.papers))
        with self.store.write() as uow:
            paper = uow.paper(number)
            if paper.blank and not paper.case_no and paper.state is not PaperState.VOIDED:
                uow.append(s.entered(number, case_no, kind))

    @precondition(lambda self: self.cases)
    @rule(
        data=st.data(),
        value=st.sampled_from(["甲村", "乙村", "丙村"]),
        step=st.sampled_from(["here", "hq", "review", "decide"]),
    )
    def correct(self, data: st.DataObject, value: str, step: str) -> None:
        case_no = data.draw(st.sampled_from(self.cases))
        with self.store.write() as uow:
            match step:
                case "here":
                    uow.append(s.corrected(case_no, value, uow.case(case_no).loss_place))
                case "hq":
                    uow.receive(HQ.sign(s.field_decided(case_no, value, minute=self._new_id())))
                case "review":
                    uow.receive(HQ.sign(s.review(case_no, ("甲村", value), minute=self._new_id())))
                case "decide":
                    uow.receive(HQ.sign(s.field_decided(case_no, value, f"{case_no}-V1", minute=self._new_id())))

    @rule(data=st.data(), status=st.sampled_from(["paid", "returned", "refused"]), known=st.booleans())
    def hear_of_money(self, data: st.DataObject, status: str, known: bool) -> None:
        case_no = data.draw(st.sampled_from(self.cases)) if known and self.cases else "QX08-D4-C-000009-00"
        with self.store.write() as uow:
            uow.receive(HQ.sign(s.paid(f"{case_no}-1", status, case_no, minute=self._new_id())))
            uow.receive(HQ.sign(s.prepaid(case_no, self._new_id())))
            uow.receive(HQ.sign(s.linked(case_no, f"other-{status}", minute=self._new_id())))

    @rule(known=st.booleans())
    def withdraw(self, known: bool) -> None:
        case_no = f"C-{self._new_id()}"
        with self.store.write() as uow:
            if known:
                uow.append(s.case_opened(case_no, "欧阳明"))
            uow.receive(HQ.sign(s.withdrawn(case_no)))

    @rule(count=st.integers(0, 5))
    def count_day_and_recover(self, count: int) -> None:
        with self.store.write() as uow:
            uow.append(s.counted(count=count), s.recovered())

    @rule(known=st.booleans())
    def receive_decision(self, known: bool) -> None:
        case_no = self.cases[0] if known and self.cases else "C-404"
        with self.store.write() as uow:
            uow.receive(HQ.sign(s.decided(case_no, minute=self._new_id())))

    @invariant()
    def every_number_is_accounted_for(self) -> None:
        with self.store.read() as reads:
            for tally in reads.number_tallies():
                block = tally.block
                assert tally.taken == block.used_to - block.first + 1
                assert 0 <= tally.voided + tally.blank <= tally.taken

    @rule()
    def spoil_number(self) -> None:
        with self.store.write() as uow:
            number = next_number(uow.number_blocks("voucher"), "voucher").text
            uow.append(NumberSpoiled(at=s.at(9), kind=PaperKind.VOUCHER, number=number, reason="卡纸"))

    @rule(data=st.data())
    def close_grant(self, data: st.DataObject) -> None:
        with self.store.write() as uow:
            open_grants = [one for one in uow.allowance_book().allowances if not one.closed]
            if open_grants:
                one = data.draw(st.sampled_from(open_grants))
                uow.append(AllowanceClosed(at=s.at(9), grant_id=one.grant_id, spent_fen=one.spent_fen))

    @rule(data=st.data(), rejected=st.booleans())
    def receive_receipt(self, data: st.DataObject, rejected: bool) -> None:
        commits = self.store.commits_after(0, 10**9)
        if not commits:
            return
        upto = data.draw(st.sampled_from(commits))
        receipt = s.receipt(upto.last_seq, upto.hash.hex(), self._new_id(), (1,) if rejected else ())
        with self.store.write() as uow:
            uow.receive(HQ.sign(receipt))

    @rule(grants=st.integers(1, 6), minute=st.integers(0, 900))
    def receive_amid_events(self, grants: int, minute: int) -> None:
        """A statement between two events of one commit is replayed between them."""
        case_no = f"C-{self._new_id()}"
        with self.store.write() as uow:
            uow.append(s.case_opened(case_no))
            uow.receive(HQ.sign(s.grant(f"G-{grants}", 400, "*", minute)))
            uow.append(s.state_changed(case_no))
        self.cases.append(case_no)

    @rule()
    def receive_held(self) -> None:
        waiting = self.store.attachments_waiting()[:2]
        held = AttachmentsHeld(
            statement_id=f"h-{self._new_id()}",
            device=DEVICE,
            epoch=EPOCH,
            issued_at=s.at(),
            sha256=tuple(one.sha256 for one in waiting),
        )
        with self.store.write() as uow:
            uow.receive(HQ.sign(held))

    @rule()
    def contradict(self) -> None:
        try:
            with self.store.write() as uow:
                uow.append(s.case_opened(f"C-{self._new_id()}"), s.state_changed("C-nowhere"))
        except BugError:
            return
        raise AssertionError("an impossible event was taken")

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = self.laptop.open()

    @rule()
    def rebuild(self) -> None:
        before = self.store.projection_dump()
        rebuilt = self.store.rebuild()
        assert rebuilt.identical, rebuilt.differing
        assert self.store.projection_dump() == before
        assert rebuilt.events == self.store.position().next_seq - 1

    @invariant()
    def no_grant_is_overspent(self) -> None:
        with self.store.read() as reads:
            for one in reads.allowance_book().allowances:
                assert 0 <= one.spent_fen <= one.limit_fen

    def teardown(self) -> None:
        self.rebuild()
        self.store.close()
        self.folder.cleanup()


TestDeskWork = DeskWork.TestCase
TestDeskWork.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


def spoiled(laptop: Laptop, *statements: str) -> None:
    """Change the store behind the program's back."""
    keys = unlock_keys(laptop.home, laptop.unlock(), laptop.clock)
    engine = open_engine(laptop.home / "store.db", keys.database)
    for statement in statements:
        engine.execute(statement)
    engine.close()


@pytest.fixture
def worked(laptop: Laptop) -> Laptop:
    with laptop.create() as store:
        with store.write() as uow:
            uow.receive(laptop.hq.sign(s.grant()))
            uow.append(s.case_opened())
        with store.write() as uow:
            uow.append(s.voucher(debits=(s.debit(),)))
            uow.save_draft("d", b"kept")
    return laptop


def test_a_present_that_went_wrong_is_told_and_mended(worked: Laptop) -> None:
    spoiled(worked, "UPDATE allowance SET spent_fen = 0", "UPDATE case_file SET state = 'paid'")
    with worked.open() as store:
        rebuilt = store.rebuild()
        assert (rebuilt.identical, rebuilt.differing) == (False, ("allowance", "case_file"))
        assert (rebuilt.events, rebuilt.statements) == (2, 1)
        with store.read() as reads:
            assert reads.allowance_book().allowances[0].spent_fen == s.AMOUNT_FEN
            assert reads.drafts() == [("d", b"kept")]
        assert store.rebuild().identical


def test_tables_of_another_version_are_replayed_at_opening(worked: Laptop) -> None:
    with worked.open() as store:
        right = store.projection_dump()
    spoiled(worked, "UPDATE projection_state SET fingerprint = 'older'", "DROP TABLE task", "DELETE FROM signature")
    with worked.open() as store:
        assert store.projection_dump() == right


def test_a_forged_log_entry_is_found(worked: Laptop) -> None:
    spoiled(
        worked,
        "DROP TRIGGER log_commit_no_update",
        "UPDATE log_commit SET raw = (SELECT raw FROM log_commit WHERE first_seq = 2) WHERE first_seq = 1",
    )
    with worked.open() as store:
        before = store.projection_dump()
        with pytest.raises(EnvironmentProblem) as caught:
            store.rebuild()
        assert caught.value.code == "log_not_genuine"
        assert store.projection_dump() == before


@pytest.mark.parametrize("change", ["DELETE FROM log_commit", "UPDATE inbox SET kind = 'x'", "DELETE FROM inbox"])
def test_log_and_inbox_refuse_to_be_edited(worked: Laptop, change: str) -> None:
    from local_db.connection import EngineError

    with pytest.raises(EngineError, match="append-only"):
        spoiled(worked, change)


def fill_up(store: LocalStore) -> None:
    """Bound the file to its present pages and use up the free ones."""
    store.limit_pages(1)
    with contextlib.suppress(EnvironmentProblem):
        for n in range(9999):
            with store.write() as uow:
                uow.save_draft(f"filler-{n}", bytes(3000))


def test_a_full_disk_during_a_rebuild_leaves_the_old_tables(worked: Laptop) -> None:
    with worked.open() as store, store.write() as uow:
        uow.append(*(s.case_opened(f"B-{n}") for n in range(99)))
    # Rows are gone, their room is taken: a replay needs more pages than there are.
    spoiled(
        worked,
        "DELETE FROM case_progress WHERE case_no LIKE 'B-%'",
        "DELETE FROM case_file WHERE case_no LIKE 'B-%'",
        "DELETE FROM number_use WHERE number LIKE 'B-%'",
    )
    with worked.open() as store:
        fill_up(store)
        before = store.projection_dump()
        with pytest.raises(EnvironmentProblem) as caught:
            store.rebuild()
        assert caught.value.code == "store_full"
        assert store.projection_dump() == before
        store.limit_pages(None)
        assert store.rebuild().differing == ("number_use", "case_progress", "case_file")
        with store.read() as reads:
            assert len(reads.cases(limit=999)) == 100


def test_the_dump_covers_every_table_of_the_present(worked: Laptop) -> None:
    keys = unlock_keys(worked.home, worked.unlock(), worked.clock)
    engine = open_engine(worked.home / "store.db", keys.database)
    tables = {row[0] for row in engine.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    dumped = set(projection_dump(engine))
    engine.close()
    truth = {"identity", "log_commit", "inbox", "draft", "floor", "projection_state", "_sqlite_migrations"}
    about_others = {"custody", "custody_file", "held_bundle", "link_memory"}
    assert tables == dumped | truth | about_others


def test_every_event_and_every_statement_has_its_place_in_the_present() -> None:
    for kinds, module in ((AnyEvent, apply_events), (AnyStatement, apply_statements)):
        missing = [
            kind.__name__ for kind in get_args(kinds) if module._apply.dispatch(kind) is module._apply.dispatch(object)
        ]
        assert missing == []
