"""Documents, blank forms, redemptions, counts and decisions as the store tells them; and what it refuses whatever the code above it does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import msgspec
import pytest

from claims.errors import BugError, InputError
from claims.events import AnyEvent, PaperHandedOver, PaperKind, SlipIssued
from claims.records import PaperState
from local_db.store import LocalStore
from tests.local_db import samples as s
from tests.local_db.office import Headquarters

DOCUMENT, BLANK = s.number(1, "QX07-D3-W"), s.number(2, "QX07-D3-W")


@pytest.fixture
def worked(store: LocalStore, hq: Headquarters) -> LocalStore:
    """A case with a voucher, a slip, a document and two blank forms."""
    with store.write() as uow:
        for kind, letter in (("voucher", ""), ("slip", "-S"), ("document", "-W")):
            uow.receive(hq.sign(s.block(kind, s.PREFIX + letter, last=20)))
        uow.receive(hq.sign(s.grant()))
        uow.append(s.case_opened(), s.determination(), s.voucher(debits=(s.debit(),)), s.slip())
        uow.append(s.asked(), s.blanks(2, 3))
    return store


def append(store: LocalStore, *events: AnyEvent) -> None:
    with store.write() as uow:
        uow.append(*events)


def test_a_document_keeps_its_paper_its_content_and_its_signatures(worked: LocalStore) -> None:
    append(worked, s.signed(DOCUMENT), s.signed(DOCUMENT, role="agent"))
    with worked.read() as reads:
        paper = reads.paper(DOCUMENT)
        assert (paper.kind, paper.paper, paper.case_no) == (PaperKind.DOCUMENT, "application", "C-1")
        assert (paper.state, paper.blank) == (PaperState.ASKED, False)
        assert paper.content == b'{"paper": "application" , "spaced":true}'
        assert [each.role for each in reads.paper_signatures(DOCUMENT)] == ["claimant", "agent"]
        assert reads.paper_signatures(BLANK) == []
        assert len(reads.signatures("C-1")) == 2
        # A signature under a document is none under a decision.
        assert reads.progress("C-1").signatures == ()
        assert [reads.paper(s.number(1, f"QX07-D3{letter}")).paper for letter in ("", "-S")] == ["voucher", "slip"]


def test_a_paper_of_the_station_belongs_to_no_case_and_can_be_signed(worked: LocalStore) -> None:
    append(worked, s.asked(4, None, "day_end_count"))
    number = s.number(4, "QX07-D3-W")
    append(worked, s.signed(number, case_no="", role="reviewer"))
    with worked.read() as reads:
        assert reads.paper(number).case_no == ""
        assert [each.number for each in reads.papers("") if not each.blank] == [number]
        assert [each.role for each in reads.paper_signatures(number)] == ["reviewer"]
        assert number not in {each.number for each in reads.papers("C-1")}
    assert worked.rebuild().identical


def test_a_blank_form_belongs_to_nobody_until_it_is_entered_once(worked: LocalStore) -> None:
    with worked.read() as reads:
        assert (reads.paper(BLANK).blank, reads.paper(BLANK).case_no) == (True, "")
        assert reads.cases_only_here()[0].case_no == "C-1"
    append(worked, s.entered(BLANK))
    with worked.read() as reads:
        paper = reads.paper(BLANK)
        assert (paper.case_no, paper.state, paper.filled_on) == ("C-1", PaperState.HANDED_OVER, date(2026, 11, 21))
        assert reads.paper_moments(BLANK)[-1].detail.zh == "欧阳明"
        assert BLANK in {each.number for each in reads.papers("C-1")}
    with pytest.raises(BugError, match="log_contradiction"):
        append(worked, s.entered(BLANK))


def test_an_entered_blank_slip_stands_for_a_slip_given(worked: LocalStore) -> None:
    append(worked, s.case_opened("C-2"), s.document("C-2"), s.blanks(2, kind=PaperKind.SLIP, paper="slip"))
    number = s.number(2, "QX07-D3-S")
    append(worked, s.entered(number, "C-2", PaperKind.SLIP))
    with worked.read() as reads:
        (paper,) = reads.progress("C-2").papers
        assert (paper.number, paper.kind, paper.state) == (number, PaperKind.SLIP, PaperState.HANDED_OVER)
    append(worked, s.spoiled(number, PaperKind.SLIP))
    with worked.read() as reads:
        assert reads.progress("C-2").live_papers == ()


def test_a_spoiled_number_is_voided_with_its_reason_and_never_comes_back(worked: LocalStore) -> None:
    append(worked, s.rendered(DOCUMENT, kind=PaperKind.DOCUMENT), s.spoiled(DOCUMENT), s.spoiled(BLANK))
    with worked.read() as reads:
        for number in (DOCUMENT, BLANK):
            assert (reads.paper(number).state, reads.paper(number).void_reason) == (PaperState.VOIDED, "淋湿")
            assert reads.paper_moments(number)[-1].what == PaperState.VOIDED
        assert {each.number for each in reads.open_papers()}.isdisjoint({DOCUMENT, BLANK})
    for again in (s.asked(1), s.blanks(2), s.entered(BLANK)):
        with pytest.raises(BugError, match="log_contradiction"):
            append(worked, again)


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: s.entered(DOCUMENT),
        lambda: s.entered(s.number(1)),
        lambda: s.entered(BLANK, "C-404"),
        lambda: s.entered(BLANK, kind=PaperKind.SLIP),
        lambda: s.entered(s.number(9, "QX07-D3-W")),
        lambda: s.spoiled(DOCUMENT, PaperKind.SLIP),
        lambda: s.asked(9, "C-404"),
        lambda: s.blanks(9, 9),
        lambda: s.blanks(8, 1),
    ],
)
def test_what_contradicts_the_records_is_refused_whole(worked: LocalStore, impossible: Callable[[], AnyEvent]) -> None:
    before = worked.projection_dump()
    with pytest.raises(BugError, match="log_contradiction"):
        append(worked, impossible())
    assert worked.projection_dump() == before


def test_tallies_count_every_number_by_itself(worked: LocalStore) -> None:
    append(worked, s.spoiled(s.number(2), PaperKind.VOUCHER), s.entered(BLANK), s.spoiled(DOCUMENT))
    with worked.read() as reads:
        tallies = {each.block.kind: each for each in reads.number_tallies()}
        found = {kind: (each.taken, each.voided, each.blank) for kind, each in tallies.items()}
        assert found == {"voucher": (2, 1, 0), "slip": (1, 0, 0), "document": (3, 1, 1)}
        assert tallies["voucher"].last_at == s.at(9)
        assert reads.numbers_taken("document", s.at(6), s.at(7)) == 3
        assert reads.numbers_taken("document", s.at(7), s.at(99)) == 0
        assert reads.number_spoiled(s.number(2)) == "淋湿"
        assert reads.number_spoiled(s.number(1)) is None


def test_a_slip_under_a_documents_number_counts_in_the_documents_block(worked: LocalStore) -> None:
    lent = s.number(4, "QX07-D3-W")
    slip = s.slip()
    append(worked, SlipIssued(at=s.at(6), case_no="C-1", slip_no=lent, outcome=slip.outcome, reasons=()))
    with worked.read() as reads:
        assert reads.paper(lent).kind is PaperKind.SLIP
        assert reads.number_blocks("document")[0].used_to == 4
        assert reads.number_blocks("slip")[0].used_to == 1
    assert worked.rebuild().identical


def test_a_presented_voucher_is_redeemed_and_remembered(worked: LocalStore) -> None:
    own, foreign = s.number(1), s.number(7, "QX07-D9")
    append(worked, s.redeemed(own), s.redeemed(own, "另一人"), s.redeemed(foreign))
    with worked.read() as reads:
        assert reads.paper(own).state is PaperState.REDEEMED
        assert [each.presented_by for each in reads.redemptions(own)] == ["欧阳明", "另一人"]
        assert [each.voucher_no for each in reads.redemptions()] == [own, own, foreign]


def test_a_voided_voucher_stays_voided_when_it_is_presented(worked: LocalStore) -> None:
    append(worked, s.spoiled(s.number(1), PaperKind.VOUCHER), s.redeemed(s.number(1)))
    with worked.read() as reads:
        assert reads.paper(s.number(1)).state is PaperState.VOIDED


def test_recovered_vouchers_take_no_number_and_no_allowance(worked: LocalStore) -> None:
    with worked.read() as reads:
        before = (reads.number_tallies(), reads.allowance_book())
    append(worked, s.recovered("a.pdf"), s.recovered("b.jpg"))
    with worked.read() as reads:
        assert [each.source for each in reads.recovered()] == ["a.pdf", "b.jpg"]
        assert (reads.number_tallies(), reads.allowance_book()) == before


def test_the_counts_of_a_day_are_kept_in_order(worked: LocalStore) -> None:
    append(worked, s.counted(count=2), s.counted(count=3), s.counted(date(2026, 11, 21), 9))
    with worked.read() as reads:
        assert [each.counted for each in reads.day_counts(date(2026, 11, 22))] == [2, 3]
        assert reads.day_counts(date(2026, 11, 22))[-1].by_kind == {PaperKind.VOUCHER: 3}
        assert reads.day_counts(date(2026, 11, 20)) == []


def test_a_decision_is_kept_and_is_a_task_until_something_is_recorded_in_the_case(
    worked: LocalStore, hq: Headquarters
) -> None:
    with worked.write() as uow:
        for statement in (s.decided(), s.decided(grounds="复核"), s.decided("C-404")):
            assert uow.receive(hq.sign(statement))
        assert not uow.receive(hq.sign(s.decided()))
    with worked.read() as reads:
        assert [each.grounds for each in reads.decisions("C-1")] == ["第七条", "复核"]
        assert len(reads.decisions("C-404")) == 1
        assert reads.decisions("C-2") == []
        assert [each.case_no for each in reads.tasks()] == ["C-1", "C-1", "C-404"]
        assert "打印通知书" in reads.tasks()[0].text.zh
    assert worked.rebuild().identical


def test_what_happened_between_two_instants_is_told_in_order(worked: LocalStore) -> None:
    append(worked, s.rendered(DOCUMENT, kind=PaperKind.DOCUMENT), s.printed(DOCUMENT, kind=PaperKind.DOCUMENT))
    with worked.read() as reads:
        found = [(each.number, each.what) for each in reads.happenings(s.at(6), s.at(8))]
        assert found[-1] == (DOCUMENT, PaperState.RENDERED)
        assert [number for number, what in found if what is PaperState.ASKED][-2:] == [
            BLANK,
            s.number(3, "QX07-D3-W"),
        ]
        assert [each.detail for each in reads.happenings(s.at(8), s.at(8) + timedelta(seconds=1))] == ["printer"]


def test_a_voucher_keeps_the_determination_it_rests_on(worked: LocalStore) -> None:
    first = s.determination()
    voucher = s.voucher(2, key="key-2")
    append(worked, s.determination("C-1", "P-9", 111))
    promised = msgspec.structs.replace(voucher, policy_no="P-C-1", decision_sha256=first.decision_sha256)
    append(worked, promised, s.determination(total_fen=5), s.determination(total_fen=6))
    with worked.read() as reads:
        assert reads.promised_determination(promised.voucher_no).decision == bytes(first.decision)
        assert reads.determinations("C-1")[0].decision != bytes(first.decision)
        with pytest.raises(InputError, match="number_unknown"):
            reads.promised_determination("QX07-D3-000099-98")
    assert worked.rebuild().identical


def test_open_papers_are_those_that_nobody_holds_and_nobody_gave_up(worked: LocalStore) -> None:
    with worked.read() as reads:
        assert len(reads.open_papers()) == 5
    append(worked, PaperHandedOver(at=s.at(9), number=DOCUMENT, kind=PaperKind.DOCUMENT, receiver="欧阳明"))
    append(worked, s.spoiled(BLANK))
    with worked.read() as reads:
        assert {each.number for each in reads.open_papers()} == {
            s.number(1),
            s.number(1, "QX07-D3-S"),
            s.number(3, "QX07-D3-W"),
        }
