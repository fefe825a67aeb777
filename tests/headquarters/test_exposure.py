"""Granting ahead of a catastrophe, and what that exposes the insurer to: known beforehand, within every limit, never twice."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from sqlalchemy import select

from claims.errors import InputError
from claims.events import AllowanceClosed
from claims.settlement import policy_year_start
from claims.statements import AllowanceGranted
from headquarters.__main__ import main
from headquarters.devices import revoke
from headquarters.exposure import (
    ExposureGroup,
    device_exposure,
    exposure_by,
    exposure_by_device,
    total_exposure,
)
from headquarters.forgotten_grants import GRACE
from headquarters.grant_list import list_grants
from headquarters.grants import escrow_fen, grant_allowance
from headquarters.models import Pool
from headquarters.prepositioning import grant_ahead, policy_pools
from headquarters.sample import sample_catastrophes, sample_persons, sample_policies
from resources.sample_numbers import CLINIC, QUAKE_DEATH, QUAKE_ID
from tests.headquarters.laptop import AT, LOSS, MEDICAL, medical_pool

QUAKE = sample_catastrophes()[0]


def granted_to(laptop):
    laptop.down()
    return {each.pool: each for each in laptop.inbox if isinstance(each, AllowanceGranted)}


def code_of(action):
    with pytest.raises(InputError) as refused:
        action()
    return refused.value.code


def kept(hq, pool):
    with hq.database.read() as session:
        return escrow_fen(session, pool)


def test_a_station_gets_its_share_of_every_limit_and_headquarters_keeps_the_rest(stocked, make_laptop):
    laptop = make_laptop("D3")
    done = grant_ahead(stocked, QUAKE_ID, "QX07", 60, 30)
    granted = granted_to(laptop)
    assert (done.device, done.station, done.granted, done.full) == ("D3", "QX07", len(granted), 0)
    assert granted[medical_pool()].limit_fen == 2_000_000 * 60 // 100
    assert {each.catastrophe_id for each in granted.values()} == {QUAKE_ID}
    assert done.granted_fen == sum(each.limit_fen for each in granted.values())
    # What the run adds to the exposure is what it said.
    assert done.after.total_fen - done.before.total_fen == done.granted_fen == total_exposure(stocked).total_fen
    (by_catastrophe,) = exposure_by(stocked, ExposureGroup.CATASTROPHE)
    assert (by_catastrophe.key, by_catastrophe.exposure) == (QUAKE_ID, done.after)
    with stocked.database.read() as session:
        limits = dict(session.execute(select(Pool.pool_id, Pool.limit)).all())
    assert all(each.limit_fen == limits[each.pool] * 60 // 100 for each in granted.values())


def test_a_second_run_grants_nothing_and_a_larger_share_only_what_is_missing(stocked, make_laptop):
    make_laptop("D3")
    first = grant_ahead(stocked, QUAKE_ID, "QX07", 60, 30)
    again = grant_ahead(stocked, QUAKE_ID, "D3", 60, 30)
    assert (again.granted, again.granted_fen) == (0, 0)
    more = grant_ahead(stocked, QUAKE_ID, "QX07", 100, 30)
    assert (more.granted, more.granted_fen) == (first.granted, first.granted_fen * 40 // 60)
    assert kept(stocked, medical_pool()) == 2_000_000
    assert grant_ahead(stocked, QUAKE_ID, "QX07", 100, 30).granted == 0


def test_stations_together_never_get_more_than_a_limit(stocked, make_laptop):
    make_laptop("D3"), make_laptop("D4", station="QX08")
    grant_ahead(stocked, QUAKE_ID, "QX07", 70, 30)
    other = grant_ahead(stocked, QUAKE_ID, "QX08", 70, 30)
    assert other.full == other.granted > 0
    assert kept(stocked, medical_pool()) == 2_000_000
    stations = {each.key: each.exposure.total_fen for each in exposure_by(stocked, ExposureGroup.STATION)}
    assert stations["QX08"] * 7 == stations["QX07"] * 3
    assert code_of(lambda: grant_allowance(stocked, "D3", medical_pool(), 1, 30)) == "pool_exhausted"


def test_what_was_paid_or_granted_before_is_left_out(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop("D3", float_fen=1_000_000)
    laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    laptop.answers()
    make_laptop("D5")
    grant_allowance(stocked, "D5", medical_pool(), 1_000_000, 30)
    done = grant_ahead(stocked, QUAKE_ID, "D3", 100, 30)
    with stocked.database.read() as session:
        used = session.get_one(Pool, medical_pool()).used
    assert granted_to(laptop)[medical_pool()].limit_fen == 2_000_000 - used - 1_000_000
    assert done.full == 1


def test_what_came_back_can_be_granted_anew_and_what_was_spent_cannot(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop("D3")
    grant_ahead(stocked, QUAKE_ID, "D3", 50, 30)
    first = granted_to(laptop)[medical_pool()]
    laptop.promise(pack, clinic_policy, MEDICAL)
    spent_fen = next(each.spent_fen for each in laptop.book.allowances if each.grant_id == first.grant_id)
    laptop.commit(AllowanceClosed(at=AT, grant_id=first.grant_id, spent_fen=spent_fen))
    laptop.send_log()
    laptop.down()
    renewed = grant_ahead(stocked, QUAKE_ID, "D3", 50, 30)
    assert (renewed.granted, renewed.granted_fen) == (1, 1_000_000 - spent_fen)
    assert granted_to(laptop)[medical_pool()].grant_id != first.grant_id


def test_only_policies_of_the_regions_that_were_in_force_are_meant(stocked, make_laptop, monkeypatch):
    make_laptop("D3")
    whole = grant_ahead(stocked, QUAKE_ID, "D3", 1, 30)
    assert whole.policies > 0
    elsewhere = msgspec.structs.replace(QUAKE, regions=("510000",))
    monkeypatch.setattr("headquarters.prepositioning.read_catastrophes", lambda _raw: (elsewhere,))
    assert grant_ahead(stocked, QUAKE_ID, "D3", 100, 30).policies == 0
    before = msgspec.structs.replace(QUAKE, loss_from=date(1990, 1, 1), loss_to=date(1990, 1, 2))
    monkeypatch.setattr("headquarters.prepositioning.read_catastrophes", lambda _raw: (before,))
    assert grant_ahead(stocked, QUAKE_ID, "D3", 100, 30).policies == 0


def test_pools_are_named_as_the_laptop_will_name_them(pack):
    policy = next(each for each in sample_policies() if each.policy_no == QUAKE_DEATH)
    person = next(each for each in sample_persons() if each.person_id == policy.insured_id)
    pools, without = policy_pools(pack, policy, person, QUAKE)
    year = policy_year_start(policy.effective, LOSS).isoformat()
    assert {each.pool_id: each.limit_fen for each in pools} == {
        f"year/{QUAKE_DEATH}/basic_sum/{year}": 50_000_000,
        f"year/{QUAKE_DEATH}/disaster_sum/{year}": 50_000_000,
        f"year/{QUAKE_DEATH}/medical_year/{year}": 2_000_000,
    }
    assert without == 3


def test_a_childs_cap_is_learnt_as_it_stands_on_the_last_day(pack):
    policy = next(each for each in sample_policies() if each.policy_no == CLINIC)
    person = next(each for each in sample_persons() if each.person_id == policy.insured_id)
    # Ten years old in the middle of the catastrophe: 200,000 before the birthday, 500,000 from it on.
    child = msgspec.structs.replace(policy, terms=policy.terms | {"birth_date": "2016-12-01"})
    cap = next(each for each in policy_pools(pack, child, person, QUAKE)[0] if "minor_death" in each.pool_id)
    assert (cap.limit_fen, cap.most_fen) == (20_000_000, 50_000_000)


def test_what_can_not_be_granted_is_said_in_words(stocked, make_laptop):
    make_laptop("D3")
    assert code_of(lambda: grant_ahead(stocked, "CAT-0", "QX07", 50, 30)) == "catastrophe_unknown"
    assert code_of(lambda: grant_ahead(stocked, QUAKE_ID, "QX99", 50, 30)) == "device_unknown"
    for share, days in ((0, 30), (101, 30), (-1, 30), (50, 0)):
        assert code_of(lambda share=share, days=days: grant_ahead(stocked, QUAKE_ID, "D3", share, days)) == (
            "share_unusable"
        )
    revoke(stocked, "D3")
    assert code_of(lambda: grant_ahead(stocked, QUAKE_ID, "D3", 50, 30)) == "device_not_active"
    assert list_grants(stocked) == ()


def test_a_bare_headquarters_has_nothing_to_go_by(hq, make_laptop):
    make_laptop("D3")
    assert code_of(lambda: grant_ahead(hq, QUAKE_ID, "D3", 50, 30)) == "nothing_published"


def test_the_commands_do_and_print_the_same(stocked, make_laptop, capsys):
    make_laptop("D3")
    home = str(stocked.home)
    assert main(["grant-ahead", home, "--catastrophe", QUAKE_ID, "--to", "QX07", "--share", "10"]) == 0
    assert "敞口 exposure: 0.00 → " in capsys.readouterr().out
    assert main(["grants", home, "--pool", medical_pool()]) == 0
    listed = capsys.readouterr().out
    assert "limit 2,000.00" in listed
    assert QUAKE_ID in listed
    for group in ExposureGroup:
        assert main(["exposure", home, "--by", group]) == 0
        out = capsys.readouterr().out
        assert out.splitlines()[-1].split()[-1] == out.splitlines()[1].split()[-1]
    assert main(["write-off", home, "--device", "D3", "--epoch", "2"]) == 1
    assert main(["write-off", home, "--device", "D3", "--reason", "遗失"]) == 0
    assert "视为已用" in capsys.readouterr().out
    assert main(["exposure", home]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[-1] != "0.00"  # its papers may still come in


def test_a_lost_laptop_counts_until_its_grants_have_ended_and_papers_had_time_to_come(stocked, make_laptop, clock):
    make_laptop("D3", float_fen=70_000)
    grant_ahead(stocked, QUAKE_ID, "QX07", 10, 30)
    before = total_exposure(stocked)
    revoke(stocked, "D3", write_off=True)
    assert total_exposure(stocked) == before
    for group in ExposureGroup:
        assert sum(each.exposure.total_fen for each in exposure_by(stocked, group)) == before.total_fen
    assert device_exposure(stocked, "D3", 1) == before
    assert [each.state for each in exposure_by_device(stocked)] == ["written_off"]
    clock.forward(days=30 + GRACE.days - 1)
    assert total_exposure(stocked).total_fen == before.total_fen
    clock.forward(days=90)  # the float was granted for longer
    assert total_exposure(stocked).total_fen == 0
    assert exposure_by(stocked, ExposureGroup.CATASTROPHE) == ()


def test_what_a_lost_laptop_closed_itself_counts_no_more(stocked, make_laptop):
    laptop = make_laptop("D3")
    grant_id = grant_allowance(stocked, "D3", medical_pool(), 100_000, 30)
    laptop.down()
    laptop.commit(laptop.close(grant_id))
    laptop.send_log()
    revoke(stocked, "D3", write_off=True)
    assert total_exposure(stocked).total_fen == 0
