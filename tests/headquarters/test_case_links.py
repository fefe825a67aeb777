"""Two cases for one loss at two stations are linked, both ways, once, and stay two cases."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from claims.statements import CasesLinked
from headquarters.__main__ import main
from headquarters.case_links import MOST, group_of, groups, links
from headquarters.models import LogEvent
from headquarters.models_payments import CaseLink
from headquarters.processing import process_event
from tests.headquarters.laptop import LOSS, MEDICAL


def linked(laptop) -> list[tuple[str, str]]:
    laptop.down()
    return [(each.case_no, each.other_case_no) for each in laptop.inbox if isinstance(each, CasesLinked)]


def report(laptop, **changes) -> str:
    case = laptop.open_case(**changes)
    laptop.commit(case)
    laptop.send_log()
    laptop.down()
    return case.case_no


def test_the_same_person_and_day_at_two_stations(hq, make_laptop, tmp_path, capsys):
    first, second = make_laptop("D3"), make_laptop("D4")
    one, two = report(first), report(second)
    assert linked(first) == [(one, two)]
    assert linked(second) == [(two, one)]
    said = next(each for each in first.inbox if isinstance(each, CasesLinked))
    assert (said.other_station, str(LOSS) in said.reason.zh) == ("QX07", True)
    assert main(["links", str(tmp_path / "hq")]) == 0
    assert f"{one} ↔ {two}" in capsys.readouterr().out


def test_the_same_bill_links_whatever_day_was_reported(stocked, make_laptop, pack, clinic_policy):
    first, second = make_laptop("D3", float_fen=1_000_000), make_laptop("D4", float_fen=1_000_000)
    one = first.promise(pack, clinic_policy, MEDICAL)
    two = second.promise(pack, clinic_policy, MEDICAL, case_changes={"loss_date": LOSS.replace(day=LOSS.day + 1)})
    for laptop in (first, second):
        laptop.send_log()
        laptop.down()
    assert linked(first) == [(one.case_no, two.case_no)]
    assert "99060123" in links(stocked, two.case_no)[0].reason.zh


def test_one_laptops_own_cases_another_person_and_another_catastrophe_are_not_linked(hq, make_laptop):
    first, second = make_laptop("D3"), make_laptop("D4")
    case = first.open_case(catastrophe_id="Q1")
    first.commit(case, first.open_case(catastrophe_id="Q1"))
    first.send_log()
    stranger = msgspec.structs.replace(case.insured, id_number="990101198101010017", name="万俟宏")
    report(second, insured=stranger)
    report(second, catastrophe_id="Q2")
    assert (linked(first), linked(second)) == ([], [])
    report(second, catastrophe_id=None)
    assert len(linked(first)) == 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_links_are_symmetric_and_made_once_in_any_order(hq, make_laptop, data):
    if not hasattr(hq, "_laptops"):
        object.__setattr__(hq, "_laptops", [make_laptop(device) for device in ("D3", "D4", "D5")])
    laptops = hq._laptops
    for _ in range(data.draw(st.integers(1, 3))):
        laptop = data.draw(st.sampled_from(laptops))
        report(
            laptop,
            loss_date=LOSS.replace(day=LOSS.day - data.draw(st.integers(0, 2))),
            catastrophe_id=data.draw(st.sampled_from([None, "Q1", "Q2"])),
        )
        # A crash between the work and its marker: the event is taken again.
        key = data.draw(st.sampled_from([(each.identity.device, 1, 1) for each in laptops]))
        with hq.database.write() as session:
            event = session.get(LogEvent, key)
            if event is not None:
                event.state = "pending"
        if event is not None:
            assert process_event(hq, key)
    found = {(each.case_no, each.other_case_no) for each in links(hq)}
    assert found == {(two, one) for one, two in found}
    assert all(one.split("-")[1] != two.split("-")[1] for one, two in found)
    with hq.database.read() as session:
        assert session.scalar(select(func.count()).select_from(CaseLink)) == len(found)
    told = [pair for laptop in laptops for pair in linked(laptop)]
    assert sorted(told) == sorted(found)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.sampled_from(["D3", "D4", "D5"]), min_size=1, max_size=7))
def test_all_reports_of_one_loss_hang_together_and_each_names_a_few(hq, make_laptop, clock, order):
    if not hasattr(hq, "_laptops"):
        object.__setattr__(hq, "_laptops", {device: make_laptop(device) for device in ("D3", "D4", "D5")})
        object.__setattr__(hq, "_days", iter(range(1, 300)))
    day = date(2026, 1, 1) + timedelta(days=next(hq._days))
    cases = [report(hq._laptops[device], loss_date=day) for device in order]
    with hq.database.read() as session:
        found = set(
            session.execute(select(CaseLink.case_no, CaseLink.other_case_no).where(CaseLink.case_no.in_(cases))).all()
        )
        # One laptop's cases hang together by those of the others, as long as these can be named.
        if len(set(order)) > 1 and len(cases) <= MOST:
            assert all({*group_of(session, each), each} == set(cases) for each in cases)
    # Each case brought links to MOST others at the most: the work is linear in the reports.
    assert len(found) <= 2 * MOST * len(cases)
    assert len(found) >= 2 * (len(cases) - max(order.count(each) for each in set(order)))


def test_a_loss_that_is_reported_by_twenty_laptops_is_one_group_with_linear_work(hq, make_laptop):
    laptops = [make_laptop(f"D{number}") for number in range(10, 30)]
    cases = [report(laptop) for laptop in laptops]
    with hq.database.read() as session:
        assert session.scalar(select(func.count()).select_from(CaseLink)) <= 2 * MOST * len(cases)
        for case_no in (cases[0], cases[-1]):
            assert {*group_of(session, case_no), case_no} == set(cases)
    (group,) = groups(hq)
    assert group.case_nos == tuple(sorted(cases))
    assert len(links(hq, cases[-1])) == MOST
    assert len(linked(laptops[-1])) == MOST
