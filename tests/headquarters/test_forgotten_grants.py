"""A lost laptop that a restored headquarters never heard: what it may hold is a number before anybody decides, and stays one afterwards."""

from __future__ import annotations

import pytest

from claims.errors import InputError
from headquarters.__main__ import main
from headquarters.backups import make_backup
from headquarters.devices import revoke
from headquarters.exposure import ExposureGroup, exposure_by, total_exposure
from headquarters.forgotten_grants import GRACE, ForgottenDecision, release
from headquarters.grants import escrow_fen, grant_allowance
from headquarters.hold_decisions import decide_hold
from headquarters.holds import open_holds
from headquarters.models_money_risks import ForgottenGrants
from headquarters.restores import read_recovery
from headquarters.write_offs import write_off
from tests.headquarters.laptop import MEDICAL, MEDICAL_FEN, medical_pool
from tests.headquarters.restoring import cycle, place_of, reopened, set_back
from tests.headquarters.test_holds import decision

LIMIT_FEN = 2_000_000
KEEP = ForgottenDecision(ForgottenGrants.KEEP_ASIDE, "韦青", "在洪水中遗失")
ACCEPT = ForgottenDecision(ForgottenGrants.ACCEPT_RISK, "韦青", "在洪水中遗失")


@pytest.fixture
def forgotten(stocked, make_laptop, tmp_path):
    """D3 was granted nearly the whole pool after the backup, promises from it, and is lost; D4 is there."""
    lost, other = make_laptop("D3"), make_laptop("D4", float_fen=1_000_000)
    grant_allowance(stocked, "D4", medical_pool(), 100_000, 30, pool_limit_fen=LIMIT_FEN)
    other.down()
    make_backup(stocked, tmp_path / "backups")
    grant_allowance(stocked, "D3", medical_pool(), LIMIT_FEN - 100_000, 30)
    lost.down()
    set_back(stocked, place_of(stocked))
    return lost, other


def test_nobody_writes_it_off_without_a_decision_whichever_way_they_come(stocked, forgotten, capsys):
    _, other = forgotten
    with reopened(stocked, [other]) as restored:
        cycle(other)
        for way in (
            lambda: write_off(restored, "D3"),
            lambda: write_off(restored, "D3", epoch=1),
            lambda: revoke(restored, "D3", write_off=True),
        ):
            with pytest.raises(InputError, match="not_heard_since_restore") as refused:
                way()
            assert "19,000.00" in refused.value.cause.en
        with pytest.raises(InputError, match="words_missing"):
            write_off(restored, "D3", forgotten=ForgottenDecision(ForgottenGrants.ACCEPT_RISK, " ", "x"))
        assert [each.device for each in read_recovery(restored).unheard] == ["D3"]
        assert main(["write-off", str(restored.home), "--device", "D3"]) == 1
        assert main(["write-off", str(restored.home), "--device", "D3", "--accept-risk", "--by", "韦青"]) == 0
        assert "19,000.00" in capsys.readouterr().out


def test_what_it_may_hold_is_kept_aside_and_shown_until_somebody_releases_it(stocked, forgotten, clock):
    _, other = forgotten
    with reopened(stocked, [other]) as restored:
        cycle(other)
        gone = write_off(restored, "D3", forgotten=KEEP)
        cycle(other)
        assert (gone.unknown.fen, gone.unknown.pools, read_recovery(restored)) == (LIMIT_FEN - 100_000, 1, None)
        with restored.database.read() as session:
            assert escrow_fen(session, medical_pool()) == LIMIT_FEN
        with pytest.raises(InputError, match="pool_exhausted"):
            grant_allowance(restored, "D4", medical_pool(), 1, 30)
        for group in ExposureGroup:
            assert sum(each.exposure.forgotten_fen for each in exposure_by(restored, group)) == LIMIT_FEN - 100_000
        with pytest.raises(InputError, match="nothing_kept_aside"):
            release(restored, "D4", by="韦青", reason="找到了")
        assert release(restored, "D3", by="韦青", reason="找到了") == LIMIT_FEN - 100_000
        grant_allowance(restored, "D4", medical_pool(), LIMIT_FEN - 100_000, 30)
        assert total_exposure(restored).forgotten_fen == 0


def test_a_promise_from_another_float_waits_for_a_person_while_room_is_kept_aside(
    stocked, forgotten, pack, clinic_policy
):
    _, other = forgotten
    with reopened(stocked, [other]) as restored:
        cycle(other)
        write_off(restored, "D3", forgotten=KEEP)
        cycle(other)
        voucher = other.promise(pack, clinic_policy, MEDICAL)  # above its own allowance: by float
        cycle(other)
        (hold,) = open_holds(restored)
        assert hold.voucher_no == voucher.voucher_no
        with pytest.raises(InputError, match="beyond_limit"):
            decide_hold(restored, decision(voucher.voucher_no))
        release(restored, "D3", by="韦青", reason="纸件已查清")
        assert decide_hold(restored, decision(voucher.voucher_no)).settled_fen == MEDICAL_FEN


def test_a_risk_that_was_taken_on_is_exposure_until_the_last_grant_and_its_grace_are_over(stocked, forgotten, clock):
    _, other = forgotten
    with reopened(stocked, [other]) as restored:
        cycle(other)
        gone = write_off(restored, "D3", forgotten=ACCEPT)
        cycle(other)
        assert total_exposure(restored).forgotten_fen == gone.unknown.fen == LIMIT_FEN - 100_000
        grant_allowance(restored, "D4", medical_pool(), LIMIT_FEN - 100_000, 30)  # that is what was taken on
        clock.at = gone.unknown.until + GRACE
        assert total_exposure(restored).forgotten_fen == 0


def test_a_laptop_that_was_heard_is_written_off_as_ever(stocked, forgotten):
    lost, other = forgotten
    with reopened(stocked, [lost, other]) as restored:
        cycle(lost)
        gone = write_off(restored, "D3", forgotten=ACCEPT)
        assert (gone.unknown, gone.own_fen, total_exposure(restored).forgotten_fen) == (None, LIMIT_FEN - 100_000, 0)
