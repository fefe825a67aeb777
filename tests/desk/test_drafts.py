"""A report that is being typed: a draft until it is a case, never both, never neither."""

from __future__ import annotations

from datetime import date

import pytest

from claims.desk import Desk
from claims.errors import EnvironmentProblem, InputError
from tests.desk.station import Station, new_case

DRAFT = ("report:1", '{"insured.name":"覃建国"}'.encode())


def test_the_draft_goes_with_the_case_it_became(desk: Desk) -> None:
    desk.save_draft(*DRAFT)
    case_no = desk.open_case(new_case(), draft_id=DRAFT[0])
    assert list(desk.drafts()) == []
    assert desk.case(case_no).case_no == case_no


def test_a_report_that_is_refused_leaves_its_draft(desk: Desk) -> None:
    desk.save_draft(*DRAFT)
    with pytest.raises(InputError, match="loss_in_future"):
        desk.open_case(new_case(loss_date=date(2026, 11, 23)), draft_id=DRAFT[0])
    assert list(desk.drafts()) == [DRAFT]


def test_a_disk_that_fills_up_leaves_the_draft_or_the_case_never_both(station: Station) -> None:
    store = station.store()
    desk = station.open(store=store)
    store.limit_pages(store.pages() + 12)
    opened: list[str] = []

    def type_and_open_until_it_is_full() -> None:
        for number in range(500):
            draft_id = f"report:{number}"
            desk.save_draft(draft_id, DRAFT[1])
            opened.append(desk.open_case(new_case(description="x" * 1500), draft_id=draft_id))

    with pytest.raises(EnvironmentProblem, match="store_full"):
        type_and_open_until_it_is_full()
    assert len(desk.cases(limit=500)) == len(opened)
    assert len(desk.drafts()) <= 1
    store.limit_pages(None)
    for draft_id, _ in desk.drafts():
        desk.open_case(new_case(), draft_id=draft_id)
    assert list(desk.drafts()) == []
    desk.close()
