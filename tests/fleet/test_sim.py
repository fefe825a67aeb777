"""The simulation's short tier: some seeds, the same trace again, and every checker shown to see its violation."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from claims.bundles import HeldBundle
from claims.custody import Custodian, CustodyNote
from claims.events import BoxKeyAnnounced
from claims.own_disk import DiskFault
from headquarters.models_payments import InstructionKind
from headquarters.payment_batches import Batch, Instruction
from tests.fleet.clockwork import Clockwork, Violation
from tests.fleet.house import House, at, house_in
from tests.fleet.library import CANARY, make_library
from tests.fleet.mutants import MUTANTS
from tests.fleet.people import Payment
from tests.fleet.repeatable import certificates_read_once, repeatable
from tests.fleet.store_disk import StoreDisk
from tests.fleet.weather import Weather, draw_weather
from tests.fleet.world import World, play

REGRESSIONS = json.loads((Path(__file__).parent / "regressions.json").read_text())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with certificates_read_once(), house_in(tmp_path_factory.mktemp("fleet"), make_library(6, 4, families=1)) as built:
        yield built


def fair(seed: int = 1, **changes: object) -> Weather:
    """A small, quiet world."""
    calm = dict.fromkeys(("theft", "clone", "restore", "clock_jumps", "hq_restore", "reinstall", "disk_full"), False)
    calm |= dict.fromkeys(("loss", "doubled", "truncated", "answer_lost", "stale_answers", "portal", "busy"), 0.0)
    calm |= {"days": 1.5, "laptops": 2, "stations": 1, "policies": 4, "claim_every_s": 25_000.0, "power": 0.0}
    calm |= {
        "sync_every_s": 60_000.0,
        "skew_s": 0.0,
        "lan": False,
        "sticks": False,
        "files": False,
        "online_share": 1.0,
    }
    calm |= {"compact": False, "families": False, "hubs": False, "people": False}
    return replace(draw_weather(random.Random(seed)), **{**calm, **changes})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that came to rest without a finding, for checkers to look at once something in it was spoiled."""
    folder = tmp_path_factory.mktemp("at-rest")
    with certificates_read_once(), house_in(folder, make_library(4, 2, families=1)) as own:
        with repeatable(random.Random("bytes")):
            settled = World(7, own, fair(7, floats=True, transfers=True, closing=True))
            settled.run()
        assert settled.truth.papers
        yield settled


def test_a_stormy_seed_finds_nothing(house: House) -> None:
    stormy = fair(2, loss=0.1, answer_lost=0.1, doubled=0.2, truncated=0.05, stale_answers=0.1, power=0.05, sticks=True)
    outcome = play(2, house, stormy)
    assert outcome.violation is None, outcome.recent
    assert outcome.counts["printed"] > 0
    assert outcome.counts["cuts"] > 0


@pytest.mark.parametrize("case", REGRESSIONS, ids=lambda case: str(case["seed"]))
def test_what_was_found_once_stays_mended(house: House, case: dict[str, object]) -> None:
    changes = dict(case["weather"])  # type: ignore[call-overload]
    outcome = play(int(str(case["seed"])), house, fair(int(str(case["seed"])), **changes))
    assert outcome.violation is None, outcome.recent


def test_a_fork_far_behind_the_last_receipt_is_shown_to_headquarters(house: House) -> None:
    """The histories part only after more log than one batch takes: found by the simulation, mended in ``sync.wire.step``."""
    with repeatable(random.Random("fork")):
        world = World(1, house, fair(1, laptops=1, clone=True))
        world.house.reset(lambda: at(world.clockwork.now_s))
        original = world._enrol("QX01", "D1")
        world.link.healed = True
        losses = [loss for each in world.losses for loss in each]
        for loss in losses[:6]:
            original.take_in(loss)
        copy = world._second_line(original, original.disk.copy())
        copy.take_in(losses[6])
        for loss in losses[7:10]:
            # Longer than the copy's log: headquarters can't tell from the greeting alone.
            original.take_in(loss)
        for laptop in (copy, original):
            laptop.sync()
            world.clockwork.run_until(world.clockwork.now_s + 600)
        assert world.stopped_devices() == {("D1", 1)}
        world.truth.check_forks()


def test_the_same_seed_gives_the_same_trace(house: House) -> None:
    assert play(5, house, fair(5, power=0.02)).digest == play(5, house, fair(5, power=0.02)).digest


def test_a_place_without_what_left_pays_only_once_people_said_it(house: House) -> None:
    """Whether headquarters' folder was made anew for the seed or only emptied makes no difference."""
    weather = fair(4, people=True, hq_restore=True, sent_lost=True, days=2.5)
    house.reset(lambda: at(0.0))
    first, again = play(4, house, weather), play(4, house, weather)
    assert first.violation is None, first.recent
    assert first.counts["sent_decided"] == 1
    assert first.counts["batches"] == 2
    assert again.digest == first.digest


@pytest.mark.slow
def test_the_trace_does_not_depend_on_the_process() -> None:
    traces = set()
    for hash_seed in ("1", "77"):
        told = subprocess.run(
            [sys.executable, "-m", "tests.fleet", "--seed", "11"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        traces.add(next(line for line in told.stdout.splitlines() if line.startswith("trace")))
    assert len(traces) == 1


@pytest.mark.parametrize("name", ["debit_forgotten", "acknowledge_on_send"])
def test_a_seeded_bug_is_caught(house: House, name: str) -> None:
    with MUTANTS[name].applied():
        assert any(play(seed, house, fair(seed)).violation for seed in range(4))


def test_there_are_thirty_mutants_and_ten_quick_ones() -> None:
    assert len(MUTANTS) >= 30
    assert sum(each.quick for each in MUTANTS.values()) >= 10


# Each checker sees what it is there for. The world is at rest; one thing is spoiled and put back.


def violated(rule: str) -> object:
    return pytest.raises(Violation, match=f"^{rule}: ")


def looking(world: World, monkeypatch: pytest.MonkeyPatch, table: str, change: object) -> None:
    """Let headquarters' table read differently."""
    real = world.house.look

    def look(sql: str, *parameters: object) -> list[tuple[object, ...]]:
        rows = real(sql, *parameters)
        return change(rows) if table in sql else rows  # type: ignore[operator]

    monkeypatch.setattr(world.house, "look", look)


def printer(world: World) -> object:
    return next(laptop for laptop, _ in world.truth.on_paper)


def test_sees_a_promise_that_is_in_no_log(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = printer(world)
    monkeypatch.setattr(laptop.disk, "commits", laptop.disk.commits[:1])
    with violated("printed_durable"):
        world.truth.check_printed(laptop)


def test_sees_a_debit_that_the_book_forgot(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = printer(world)
    empty = tuple(msgspec.structs.replace(one, spent_fen=0) for one in laptop.disk.book.allowances)
    monkeypatch.setattr(laptop.disk, "book", msgspec.structs.replace(laptop.disk.book, allowances=empty))
    with violated("book"):
        world.truth.check_book(laptop)


def test_sees_a_receipt_for_what_is_not_held(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = world.laptops[0]
    looking(world, monkeypatch, "watermark_seq FROM devices", lambda rows: [(rows[0][0] - 1,)])
    with violated("receipt"):
        world.truth.check_receipt(laptop)


def test_sees_a_pool_beyond_its_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pool, promised = next((pool, sum_fen) for pool, sum_fen in world.truth.by_pool.items() if sum_fen)
    firm = promised - world.truth.beyond_by_pool[pool]
    monkeypatch.setitem(world.truth.limits, pool, firm - 1)
    with violated("pool_limit"):
        world.truth.check_pool(pool)


def test_sees_what_nobody_knew_beforehand(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = next(pool for pool, sum_fen in world.truth.by_pool.items() if sum_fen)
    monkeypatch.setitem(world.truth.limits, pool, 0)
    monkeypatch.setattr(world.truth, "known_exposure_fen", 0)
    monkeypatch.setattr(world, "told_exposure_fen", lambda: 0)
    with violated("exposure"):
        world.truth.check_exposure()


def test_sees_more_promised_than_granted_an_end_and_a_closing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop, voucher = next((one, paper) for one, paper in world.truth.on_paper if paper.debits)
    debit = voucher.debits[0]
    with violated("grant_limit"):
        world.truth._take(laptop, debit.grant_id, 10**9)
    again = msgspec.structs.replace(voucher, voucher_no="again", at=voucher.at + timedelta(days=400))
    with violated("expiry"):
        world.truth._promised(laptop, again)
    monkeypatch.setattr(world.truth, "closed", {(laptop.line, debit.grant_id)})
    monkeypatch.setitem(world.truth.by_grant, (laptop.line, debit.grant_id), 0)
    with violated("closing"):
        world.truth._take(laptop, debit.grant_id, 1)


def test_sees_a_key_settled_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looking(world, monkeypatch, "FROM settlements", lambda rows: [(row[0], "another") for row in rows])
    with violated("settled_once"):
        world.truth._check_settlements()


def test_sees_more_settled_or_kept_than_the_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        looking(world, patch, "FROM pools", lambda rows: [(*row[:3], 10**9, row[4]) for row in rows])
        with violated("settled_limit"):
            world.truth._check_pools()
    looking(world, monkeypatch, "FROM grants", lambda rows: [(row[0], 10**9) for row in rows])
    with violated("escrow"):
        world.truth._check_pools()


def test_sees_a_watermark_that_falls_or_jumps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = world.laptops[0].disk.identity
    place = (identity.device, identity.epoch)
    with monkeypatch.context() as patch:
        patch.setitem(world.truth._watermarks, place, 10**6)
        with violated("watermark"):
            world.truth._check_watermark(*place)
    looking(world, monkeypatch, "LEFT JOIN log_events", lambda rows: [(rows[0][0] + 1, *rows[0][1:])])
    with violated("watermark"):
        world.truth._check_watermark(*place)


def test_sees_a_commit_that_headquarters_lacks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looking(world, monkeypatch, "FROM log_commits", lambda rows: rows[:-1])
    with violated("log_union"):
        world.truth.check_union(world.laptops)


def test_sees_a_fork_that_nobody_froze(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.fleet.laptop import Laptop

    original = world.laptops[0]
    copy = Laptop(world, original.station, original.disk.copy(), 99)
    last = copy.disk.commits[-1]
    copy.disk.commits[-1] = msgspec.structs.replace(last, raw=last.raw + b"x")
    monkeypatch.setattr(world, "laptops", [original, copy])
    monkeypatch.setattr(world.truth, "met_to", {original.line: 10**6, 99: 10**6})
    with violated("fork_found"):
        world.truth.check_forks()


def test_sees_a_name_outside_its_seal_packed_or_not(world: World) -> None:
    from tests.fleet.house import pack

    world.truth.check_hidden("sealed", b"\x00" * 100)
    for content in (CANARY.encode(), b"head" + pack(CANARY.encode() * 3)):
        with violated("plain_text"):
            world.truth.check_hidden("a stick", content)


def test_sees_a_transfer_taken_twice_or_without_a_debit(world: World) -> None:
    from claims.events import AllowanceReceived

    laptop = world.laptops[0]
    event = AllowanceReceived(
        at=laptop.wall(),
        transfer_id="G-nobody/1",
        pool="p",
        amount_fen=1,
        expires_at=laptop.wall(),
        transfer=b"nobody's",
    )
    for _ in range(2):
        with violated("transfer"):
            world.truth._taken_over(laptop, event)


def test_sees_a_custody_receipt_for_what_no_hub_holds(world: World) -> None:
    laptop = world.laptops[0]
    head = laptop.disk.position()
    note = CustodyNote(
        bundle_id="0" * 32,
        custodian=Custodian.HUB,
        name="H1",
        through_seq=head.next_seq - 1,
        digest=head.head.hex(),
        at=laptop.wall(),
    )
    with violated("custody"):
        world.truth.custody_noted(laptop, note)
    with violated("disk_suspected"):
        world.truth.disk_suspected(laptop, DiskFault.RESTORED)


def test_sees_a_hub_that_lets_go_what_headquarters_lacks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = world.laptops[0]
    identity = laptop.disk.identity
    row = HeldBundle("0" * 32, identity.device, identity.epoch, 1, "", "ab" * 32, 1, laptop.wall(), laptop.wall())
    with violated("custody"):
        world.truth.handed_over(laptop, row)
    beyond = CustodyNote(
        bundle_id="0" * 32, custodian=Custodian.HUB, name="H1", through_seq=10**6, digest="", at=laptop.wall()
    )
    monkeypatch.setattr(world.truth, "custodies", [(laptop, laptop, beyond)])
    with violated("custody"):
        world.truth.check_custody()


def test_sees_a_voucher_paid_twice_and_an_instruction_in_two_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, voucher = next((one, paper) for one, paper in world.truth.on_paper if paper.debits)
    bank = world.people.bank
    monkeypatch.setattr(bank, "book", {})
    paid = Instruction(
        instruction_id="one",
        kind=InstructionKind.PAY,
        subject=voucher.voucher_no,
        case_no=voucher.case_no,
        policy_no=voucher.policy_no,
        payee_name="",
        payee_id_number=None,
        bank="",
        account="0",
        amount_fen=voucher.amount_fen,
        recalls=None,
        reason="",
    )
    bank.take(Batch(1, world.laptops[0].wall(), 1, voucher.amount_fen, 0, (paid,)))
    with violated("instruction_once"):
        bank.take(Batch(2, world.laptops[0].wall(), 1, voucher.amount_fen, 0, (paid,)))
    bank.book["one"].paid = True
    bank.check()
    bank.book["two"] = Payment(replace(paid, instruction_id="two"), 2, paid=True)
    with violated("paid_once"):
        bank.check()


def test_sees_a_store_that_keeps_something_else(world: World) -> None:
    laptop = world.laptops[0]
    old = laptop.disk
    disk = StoreDisk(identity=old.identity, key=old.key, roots=old.roots, box_private=old.box_private).begin(world)
    disk.receive(old.identity.statements)
    disk.commit([BoxKeyAnnounced(at=old.identity.hq_time, public_key=bytes(32))])
    disk.lose_power()
    disk.check()
    spent = msgspec.structs.replace(disk.book, promised_keys=frozenset({"nobody's"}))
    kept, disk.book = disk.book, spent
    with violated("store"):
        disk.check()
    disk.book = kept
    disk.commits.clear()
    with violated("store"):
        disk.check()


def test_sees_an_outbox_that_does_not_empty(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = world.laptops[0]
    monkeypatch.setattr(laptop.disk, "watermark", laptop.disk.watermark - 1)
    with violated("liveness"):
        world._final()


def test_steps_come_in_the_order_of_time_and_of_asking() -> None:
    clockwork = Clockwork(1)
    seen: list[str] = []
    for name, delay in (("b", 2.0), ("a", 1.0), ("c", 2.0)):
        clockwork.after(delay, name, lambda name=name: seen.append(name))
    clockwork.drop(clockwork.after(1.5, "dropped", lambda: seen.append("dropped")))
    clockwork.run_until(10)
    assert (seen, clockwork.now_s) == (["a", "b", "c"], 10)
