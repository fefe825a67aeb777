"""The whole story of a restore: headquarters forgets, the laptops tell it, and the ledger is what it would have been."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from claims.errors import InputError
from headquarters.backups import make_backup
from headquarters.grants import escrow_fen, grant_allowance, grant_numbers
from headquarters.installation import Headquarters
from headquarters.models import FeedItem, Pool, Voucher
from headquarters.restores import read_recovery
from sync.wire.messages import RelearnAnswered
from tests.headquarters.laptop import MEDICAL, medical_pool
from tests.headquarters.restoring import cycle, ledger, place_of, reopened, set_back

YEAR_POOL = medical_pool()


def test_a_restored_headquarters_ends_with_the_same_ledger_and_promises_nothing_twice(  # noqa: PLR0917 - fixtures
    hq, stocked, make_laptop, pack, clinic_policy, clock, tmp_path
):
    first, second = make_laptop("D3", float_fen=1_000_000), make_laptop("D4", float_fen=1_000_000)
    grant_allowance(hq, "D3", YEAR_POOL, 300_000, 30, pool_limit_fen=2_000_000)
    first.down()
    before = first.promise(pack, clinic_policy, MEDICAL)
    cycle(first)
    cycle(second)
    make_backup(hq, tmp_path / "backups")
    clock.forward(hours=1)

    # What the backup does not know: an allowance, number blocks, two promises of one loss, and who was told what of them.
    grant_allowance(hq, "D4", YEAR_POOL, 400_000, 30)
    grant_numbers(hq, "D3", 50)
    cycle(first)
    cycle(second)
    other_bill = dict(MEDICAL) | {"bill_number": "0000000002"}
    early = second.promise(pack, clinic_policy, other_bill)
    late = first.promise(pack, clinic_policy, other_bill)
    for laptop in (second, first, second):
        cycle(laptop)
    assert second.answers()[early.voucher_no].settlement == "settled"
    assert first.answers()[late.voucher_no].settlement == "hold"
    wanted, told = ledger(hq), [len(first.feed), len(second.feed)]

    clock.forward(hours=1)
    set_back(hq, place_of(hq))
    with reopened(hq, [first, second]) as restored:
        assert ledger(restored) != wanted
        recovery = read_recovery(restored)
        assert [each.device for each in recovery.unheard] == ["D3", "D4"]
        assert recovery.free_fen >= 400_000
        with pytest.raises(InputError) as refused:
            grant_allowance(restored, "D3", YEAR_POOL, 100, 30)
        assert refused.value.code == "recovering"

        # The one whose promise came late comes first now: what was settled before must not be given away.
        cycle(first)
        with pytest.raises(InputError):
            grant_allowance(restored, "D3", YEAR_POOL, 100, 30)
        with restored.database.read() as session:
            assert late.voucher_no not in {each.voucher_no for each in session.scalars(select(Voucher))}
        # Heard, but its log has not come again: what it was told to be settled is not free for the other one.
        told_again = second.relearn(second.hello().relearn_from)
        assert second.opened(told_again, RelearnAnswered).relearned
        cycle(first)
        with restored.database.read() as session:
            assert late.voucher_no not in {each.voucher_no for each in session.scalars(select(Voucher))}
        assert read_recovery(restored).unheard == ()
        cycle(second)
        assert read_recovery(restored) is None
        cycle(first)
        cycle(second)
        assert ledger(restored) == wanted
        assert first.answers()[late.voucher_no].settlement == "hold"
        assert first.answers()[before.voucher_no].settlement == "settled"
        assert second.answers()[early.voucher_no].settlement == "settled"

        # The feeds go on behind what they held, under new ids, and a new allowance has the room that is really left.
        assert first.feed[: told[0]] == [each.raw for each in _feed(restored, "D3")][: told[0]]
        ids = [each.statement_id for each in (*_feed(restored, "D3"), *_feed(restored, "D4"))]
        assert len(ids) == len(set(ids))
        with restored.database.read() as session:
            left = session.get_one(Pool, YEAR_POOL)
            room = left.limit - left.used - escrow_fen(session, YEAR_POOL)
        with pytest.raises(InputError) as refused:
            grant_allowance(restored, "D3", YEAR_POOL, room + 1, 30)
        assert refused.value.code == "pool_exhausted"
        grant_allowance(restored, "D3", YEAR_POOL, room, 30)


def _feed(hq: Headquarters, device: str) -> list[FeedItem]:
    with hq.database.read() as session:
        return list(session.scalars(select(FeedItem).where(FeedItem.device == device).order_by(FeedItem.position)))
