"""Beside a determination: how much authority a case takes, which facts were typed in, and what its slip says in words."""

from __future__ import annotations

from datetime import timedelta

from claims.desk import Desk
from claims.entered_facts import entered_in, facts_changed
from claims.paper_content import slip_content
from claims.plain_words import grouped, in_words
from claims.statements import AuthorityGranted
from resources.sample_numbers import CLINIC
from rules.bilingual import Bilingual
from tests.desk.station import ADJUSTER, NOON, Station, clinic_facts, clinic_policy, new_case, take_papers


def decided(desk: Desk, **changes: int) -> str:
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no)
    desk.adjudicate(case_no, CLINIC, clinic_facts(**changes))
    return case_no


def test_the_room_of_a_case_is_the_highest_ceiling_that_holds_now(station: Station) -> None:
    with station.store() as store, store.write() as uow:
        for place, (ceiling_fen, starts, ends) in enumerate(
            ((40_000_000, -1, 1), (90_000_000, 1, 2), (95_000_000, -3, -1)), start=2
        ):
            uow.receive(
                station.hq.say(
                    AuthorityGranted,
                    authority_id=f"A-{place}",
                    adjuster=ADJUSTER,
                    level="field",
                    claim_type="*",
                    ceiling_fen=ceiling_fen,
                    catastrophe_id=None,
                    valid_from=NOON + timedelta(days=starts),
                    valid_to=NOON + timedelta(days=ends),
                    granted_by="HQ",
                )
            )
    desk = station.open()
    try:
        room = desk.authority_room(decided(desk))
        assert (room.ceiling_fen, room.sum_fen) == (40_000_000, 648_824)
    finally:
        desk.close()


def test_a_clock_that_is_not_believed_gives_no_room(station: Station, desk: Desk) -> None:
    case_no = decided(desk)
    station.clock.wall = NOON - timedelta(days=2)
    assert desk.authority_room(case_no).ceiling_fen is None


def test_typed_facts_are_told_from_those_of_contract_and_catastrophe(desk: Desk) -> None:
    case_no = decided(desk)
    (record,) = desk.determinations(case_no)
    installed = desk.rules()
    assert installed is not None

    assert entered_in(record, clinic_policy(), installed.pack) == clinic_facts()
    assert not facts_changed(record, clinic_policy(), installed.pack, clinic_facts())
    assert facts_changed(record, clinic_policy(), installed.pack, clinic_facts(bill_total=821_031))
    without = clinic_facts()
    del without["emergency"]
    assert facts_changed(record, clinic_policy(), installed.pack, without)
    assert facts_changed(record, clinic_policy(), installed.pack, clinic_facts(nobody_knows=1))


def test_promises_made_since_are_no_change_by_hand(desk: Desk) -> None:
    first = decided(desk)
    (record,) = desk.determinations(first)
    installed = desk.rules()
    assert installed is not None
    facts = record.facts.replace(b'"used_medical_year":0', b'"used_medical_year":648824')
    assert facts != record.facts
    later = type(record)(**{name: getattr(record, name) for name in record.__struct_fields__} | {"facts": facts})
    assert not facts_changed(later, clinic_policy(), installed.pack, clinic_facts())


def test_reasons_call_claim_types_by_name_and_missing_papers_once(desk: Desk) -> None:
    code = Bilingual("没有与所申请类型（hospital_cash）对应的责任", "no benefit for what is claimed (hospital_cash)")
    assert in_words(code) == Bilingual(
        "没有与所申请类型（住院津贴）对应的责任", "no benefit for what is claimed (hospital cash)"
    )
    missing = [Bilingual("缺：病历。", "Missing: medical record."), Bilingual("缺：票据。", "Missing: bill.")]
    other = Bilingual("本机已停用。", "The laptop is stopped.")
    assert grouped([other, *missing]) == (
        other,
        Bilingual("缺 2 项材料：病历、票据", "2 papers are missing: medical record, bill"),
    )
    assert grouped(missing[:1]) == tuple(missing[:1])
    case = desk.case(decided(desk))
    slip = slip_content(None, case, (), (code,), ())  # type: ignore[arg-type] # the head is not looked at
    assert slip.values["slip.reasons"] == Bilingual(f"1. {in_words(code).zh}", f"1. {in_words(code).en}")
