"""Sticks between a real store and a real headquarters: everything lands, nothing lands twice, whatever happens to the stick."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from claims.bundles import AnswerOutcome
from claims.custody import Custodian
from claims.errors import EnvironmentProblem, InputError
from claims.statements import TaskAssigned
from tests.sync.stick_world import Station, World
from tests.sync.test_cycle import photo


@pytest.fixture(scope="session")
def bare_headquarters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A headquarters that knows nobody yet, made once and copied for every test."""
    made = World(tmp_path_factory.mktemp("bare"))
    made.close()
    return made.hq.home


@pytest.fixture
def world(tmp_path: Path, bare_headquarters: Path) -> Iterator[World]:
    made = World(tmp_path, bare_headquarters)
    yield made
    made.close()


@pytest.fixture
def station(world: World) -> Iterator[Station]:
    made = world.station()
    yield made
    made.close()


def test_a_stick_there_and_back_hands_everything_over(world: World, station: Station) -> None:
    contents = [photo(number, 150_000 + number) for number in range(3)]
    for number, content in enumerate(contents):
        station.take_in(f"C-{number}", content)
    written = station.write()
    assert (written.events, written.files, written.files_left_out) == (station.last_seq, 3, 0)
    assert station.watermark == 0
    taken = world.take(written.path)
    assert taken.whole
    assert taken.refused == 0
    assert world.watermark("D3") == station.last_seq
    assert all(hashlib.sha256(content).hexdigest() in world.hq.blobs for content in contents)

    read = station.read()
    assert [each.outcome for each in read.read] == [AnswerOutcome.TAKEN]
    assert station.watermark == station.last_seq
    assert not station.store.attachments_waiting()
    assert station.safety().disk == 0
    assert station.store.rebuild().identical


def test_nothing_on_the_stick_is_readable(world: World, station: Station) -> None:
    station.take_in("C-1", "覃建国的病历".encode() * 500)
    written = station.write()
    world.take(written.path)
    for file in world.stick.iterdir():
        raw = file.read_bytes()
        for secret in ("覃建国".encode(), "欧阳".encode(), b"99010119800101001X", b"C-1", b"case_opened", b"/v1/"):
            assert secret not in raw, (file.name, secret)


def test_the_log_comes_first_then_files_by_urgency_as_far_as_they_fit(world: World, station: Station) -> None:
    small = [station.take_in(f"C-{number}", photo(number, 40_000)) for number in range(3)]
    station.take_in("C-9", photo(9, 400_000))
    written = station.write(budget_bytes=150_000)
    assert (written.files, written.files_left_out) == (3, 1)
    assert world.take(written.path).whole
    assert all(sha256 in world.hq.blobs for sha256 in small)
    money = station.write(money_only=True)
    assert (money.files, money.files_left_out) == (0, 0)
    assert money.events == written.events


def test_a_lost_stick_costs_nothing(world: World, station: Station) -> None:
    station.take_in("C-1", photo(1))
    lost = station.write()
    lost.path.unlink()
    station.take_in("C-2", photo(2))
    second = station.write()
    assert second.events == station.last_seq
    assert world.take(second.path).whole
    assert world.watermark("D3") == station.last_seq
    station.read()
    assert not station.store.attachments_waiting()


def test_sticks_replayed_reordered_and_late_change_nothing(world: World, station: Station) -> None:
    station.take_in("C-1", photo(1))
    first = station.write()
    station.take_in("C-2", photo(2))
    second = station.write()
    for path in (second.path, first.path, first.path, second.path, first.path):
        assert world.take(path).whole
    assert world.watermark("D3") == station.last_seq
    with world.hq.database.read() as session:
        from headquarters.models import Device

        assert session.get_one(Device, ("D3", 1)).state == "active"
    outcomes = station.outcomes()
    assert set(outcomes) <= {AnswerOutcome.TAKEN, AnswerOutcome.NOTHING_NEW}
    before = station.store.projection_dump()
    assert set(station.outcomes()) == {AnswerOutcome.NOTHING_NEW}
    assert station.store.projection_dump() == before
    assert station.store.rebuild().identical
    assert station.watermark == station.last_seq


def test_a_gap_between_two_sticks_is_filled_by_the_missing_one(world: World, station: Station) -> None:
    station.take_in("C-1", photo(1))
    missing = station.write()
    after = station.last_seq
    station.take_in("C-2", photo(2))
    late = later_part(station, after)
    taken = world.take(late)
    assert taken.whole
    assert world.watermark("D3") == 0
    # Nobody knows its box key before the first part of the log is here.
    assert taken.answer is None
    world.take(missing.path)
    assert world.watermark("D3") == after
    world.take(late)
    assert world.watermark("D3") == station.last_seq
    station.read()
    assert station.watermark == station.last_seq


def later_part(station: Station, after_seq: int) -> Path:
    from sync.bundle_out import write_bundle

    return write_bundle(
        station.world.stick,
        outbox=station.store,
        attachments=station.store.attachments,
        identity=station.store.identity,
        signer=station.store.signer,
        hq_key=station.store.identity.recovery_public_key,
        bundle_id=station.ids(),
        now=station.world.clock.utc_now(),
        after_seq=after_seq,
    ).path


def test_a_headquarters_that_was_set_back_gets_the_log_from_where_it_is(world: World, station: Station) -> None:
    from headquarters.installation import Headquarters

    station.take_in("C-1", photo(1))
    world.take(station.write().path)
    station.read()
    backup = station.watermark
    world.hq.close()
    shutil.copytree(world.hq.home, world.folder / "backup")
    world.hq = Headquarters.open(world.hq.home, world.clock.utc_now)
    station.take_in("C-2", photo(2))
    world.pass_minutes(10)
    world.take(station.write().path)
    station.read()
    assert station.watermark == station.last_seq > backup

    world.hq.close()
    world.hq = Headquarters.open(world.folder / "backup", world.clock.utc_now)
    for left in world.stick.iterdir():
        left.unlink()
    station.take_in("C-3", photo(3))
    world.pass_minutes(10)
    # The first stick can't know; its answer says how far headquarters is, and the second one begins there.
    world.take(station.write().path)
    assert world.watermark("D3") == backup
    station.read()
    world.pass_minutes(10)
    second = station.write()
    assert second.events == station.last_seq - backup
    world.take(second.path)
    assert world.watermark("D3") == station.last_seq
    station.read()
    assert station.watermark == station.last_seq
    world.pass_minutes(10)
    assert station.write().events == 0
    assert station.store.rebuild().identical


def test_answers_that_come_out_of_order_wait_for_what_is_before_them(world: World, station: Station) -> None:
    station.take_in("C-1", photo(1))
    world.take(station.write().path)
    early = next(world.stick.glob("*.answer.fcb"))
    early.rename(world.folder / "early.answer.fcb")
    from headquarters.answer_bundles import answer_bundle, keep_answer
    from headquarters.callers import Caller

    late = answer_bundle(world.hq, Caller("D3", 1), feed_position=station.store.inbox_count() + 1, to_bundle="")
    assert late is not None
    path = keep_answer(world.stick, "late", late)
    assert station.outcomes(path) == [AnswerOutcome.TAKEN]  # the receipt counts by itself, the feed waits
    assert station.store.attachments_waiting()
    assert station.outcomes(path) == [AnswerOutcome.GAP]
    assert station.outcomes(world.folder / "early.answer.fcb") == [AnswerOutcome.TAKEN]
    assert not station.store.attachments_waiting()
    assert station.outcomes(path) == [AnswerOutcome.NOTHING_NEW]


def test_answers_are_written_again_for_everybody_who_asked(world: World, station: Station) -> None:
    from headquarters.answer_bundles import write_answers

    other = world.station("D5")
    for each in (station, other):
        each.take_in(f"{each.device}-1", photo(1))
        world.take(each.write(money_only=True).path)
    for answer in world.stick.glob("*.answer.fcb"):
        answer.unlink()
    paths = write_answers(world.hq, world.stick)
    assert len(paths) == 2
    for each in (station, other):
        assert sorted(each.outcomes()) == sorted([AnswerOutcome.TAKEN, AnswerOutcome.FOREIGN])
        assert each.watermark == each.last_seq
        assert each.store.projection_dump() != {}
    other.close()


def test_flipped_bytes_never_bring_anything_false(world: World, station: Station) -> None:
    from headquarters.refusals import BodyRefused

    station.take_in("C-1", photo(1, 3000))
    written = station.write()
    raw = written.path.read_bytes()
    spoiled = world.folder / "spoiled.fcb"
    for place in range(0, len(raw), 397):
        changed = bytearray(raw)
        changed[place] ^= 0x10
        spoiled.write_bytes(changed)
        try:
            taken = world.take(spoiled)
        except BodyRefused:
            continue
        assert not taken.whole
        assert taken.problem
    assert world.watermark("D3") == 0
    assert world.take(written.path).whole
    assert world.watermark("D3") == station.last_seq


def test_a_cut_at_every_border_brings_what_came_before_it(
    world: World, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headquarters.refusals import BodyRefused
    from trust import bundles

    monkeypatch.setattr(bundles, "SEGMENT_BYTES", 700)
    for number in range(3):
        station.take_in(f"C-{number}", photo(number, 2000))
    written = station.write()
    raw = written.path.read_bytes()
    cut = world.folder / "cut.fcb"
    reached = []
    for length in range(130, len(raw), 716):
        cut.write_bytes(raw[:length])
        with contextlib.suppress(BodyRefused):
            assert not world.take(cut).whole
        reached.append(world.watermark("D3"))
    assert reached == sorted(reached)
    assert world.take(written.path).whole
    assert world.watermark("D3") == station.last_seq
    station.read()
    assert station.watermark == station.last_seq
    assert not station.store.attachments_waiting()


def test_a_spoiled_answer_is_said_to_be_and_the_good_one_still_counts(world: World, station: Station) -> None:
    station.take_in("C-1", photo(1, 3000))
    world.take(station.write().path)
    good = next(world.stick.glob("*.answer.fcb"))
    raw = good.read_bytes()
    spoiled = world.folder / "spoiled.answer.fcb"
    for place in range(200, len(raw), 173):
        changed = bytearray(raw)
        changed[place] ^= 1
        spoiled.write_bytes(changed)
        read = station.read(spoiled).read[0]
        assert read.outcome is AnswerOutcome.DAMAGED, place
        assert read.sentence.zh
    spoiled.write_bytes(b"not a bundle")
    assert station.outcomes(spoiled) == [AnswerOutcome.DAMAGED]
    assert station.outcomes(good) == [AnswerOutcome.TAKEN]


def test_bundles_and_answers_of_another_headquarters_are_foreign(world: World, station: Station) -> None:
    from headquarters.refusals import BodyRefused

    (world.folder / "elsewhere").mkdir()
    elsewhere = World(world.folder / "elsewhere")
    stranger = elsewhere.station("D3")
    stranger.take_in("C-1", photo(1))
    written = stranger.write()
    with pytest.raises(BodyRefused, match="bundle_not_for_us"):
        world.take(written.path)
    elsewhere.take(written.path)
    answer = next(elsewhere.stick.glob("*.answer.fcb"))
    assert station.outcomes(answer) == [AnswerOutcome.FOREIGN]
    assert station.watermark == 0
    # Even with this laptop's key and name: another root's word is nothing here.
    from headquarters.answer_bundles import answer_bundle
    from headquarters.callers import Caller

    sealed_to_us = _with_box_key(elsewhere, station)
    assert sealed_to_us is not None
    forged = world.folder / "forged.answer.fcb"
    forged.write_bytes(sealed_to_us)
    before = station.store.projection_dump()
    assert station.outcomes(forged) == [AnswerOutcome.DAMAGED]
    assert station.store.projection_dump() == before
    assert answer_bundle(world.hq, Caller("D3", 1), feed_position=0, to_bundle="") is None
    stranger.close()
    elsewhere.close()


def _with_box_key(elsewhere: World, victim: Station) -> bytes | None:
    """What another headquarters can make when it knows the laptop's box key."""
    from headquarters import answer_bundles
    from headquarters.callers import Caller
    from trust.bundles import public_of

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(answer_bundles, "box_key_of", lambda *_: public_of(victim.store.box_private))
        return answer_bundles.answer_bundle(elsewhere.hq, Caller("D3", 1), feed_position=0, to_bundle="")


def test_a_superseded_life_may_still_hand_in_its_log_and_a_revoked_one_learns_that_it_is_stopped(
    world: World, station: Station
) -> None:
    from headquarters.devices import revoke

    station.take_in("C-1", photo(1))
    old = station.write()
    again = world.station("D3")
    assert again.store.identity.epoch == 2
    assert world.take(old.path).whole
    assert world.watermark("D3", 1) == station.last_seq
    station.read()
    assert station.watermark == station.last_seq
    assert again.outcomes(next(world.stick.glob("*.answer.fcb"))) == [AnswerOutcome.FOREIGN]

    again.take_in("C-2", photo(2))
    world.take(again.write().path)
    again.read()
    again.take_in("C-3", photo(3))
    late = again.write()
    revoke(world.hq, "D3")
    taken = world.take(late.path)
    assert taken.refused > 0
    assert taken.answer is not None
    again.read()
    with again.store.read() as reads:
        assert reads.revoked()
    assert again.watermark < again.last_seq
    again.close()


def test_one_bad_request_blocks_no_other_and_its_reason_comes_back(world: World, station: Station) -> None:
    import msgspec

    from sync.wire import bundles as wire
    from trust.bundles import Purpose, by_device, of_device, open_segments, seal_segments

    sha256 = station.take_in("C-1", photo(1, 3000))
    written = station.write()
    with written.path.open("rb") as file:
        roots = world.hq.trust_store()
        opened = open_segments(file, world.hq.secrets.recovery_private, of_device(roots), purpose=Purpose.UP)
        records = list(opened)
    bad = wire.read_up_record(records[1])
    assert isinstance(bad, wire.Request)
    forged = wire.encode_record(msgspec.structs.replace(bad, signature=bytes(64)))
    nonsense = wire.encode_record(msgspec.structs.replace(bad, path="/v1/enrol"))
    mixed = [records[0], forged, b"\xc1", nonsense, records[1], forged, *records[2:], records[0]]
    target = world.stick / "mixed.fcb"
    with target.open("wb") as out:
        sealer = seal_segments(
            out,
            [station.store.identity.recovery_public_key],
            by_device(station.store.signer, station.store.identity.device_certificate),
            purpose=Purpose.UP,
            bundle_id="ab" * 16,
        )
        for record in mixed:
            sealer.add(record)
        sealer.finish()
    taken = world.take(target)
    assert taken.whole
    assert taken.refused == 5
    assert world.watermark("D3") == station.last_seq
    assert sha256 in world.hq.blobs
    read = station.read().read[0]
    assert read.outcome is AnswerOutcome.TAKEN
    assert "5" in read.sentence.zh


def test_a_bundle_in_somebodys_name_without_their_signature_is_not_even_answered(
    world: World, station: Station
) -> None:
    from sync.wire import bundles as wire
    from trust.bundles import Purpose, by_device, seal_segments

    station.take_in("C-1", photo(1))
    world.take(station.write().path)
    thief = world.station("D5")
    begun = wire.UpBegun(
        device="D3", epoch=1, made_at=world.clock.utc_now(), after_seq=0, through_seq=99, digest="00" * 32
    )
    target = world.stick / "thief.fcb"
    with target.open("wb") as out:
        sealer = seal_segments(
            out,
            [thief.store.identity.recovery_public_key],
            by_device(thief.store.signer, thief.store.identity.device_certificate),
            purpose=Purpose.UP,
            bundle_id="cd" * 16,
        )
        sealer.add(wire.encode_record(begun))
        sealer.finish()
    taken = world.take(target)
    assert not taken.whole
    assert taken.answer is None
    assert world.watermark("D3") == station.last_seq
    thief.close()


def test_a_copied_disk_is_found_out_by_stick_too(world: World, station: Station) -> None:
    station.take_in("C-1", photo(1))
    station.close()
    shutil.copytree(station.home, world.folder / "copy")
    station.reopen()
    station.take_in("C-2", photo(2))
    world.take(station.write().path)
    station.close()
    station.reopen(world.folder / "copy")
    station.take_in("C-3", photo(3))
    honest_answer = station.outcomes()
    assert honest_answer == [AnswerOutcome.CONTRADICTS]
    taken = world.take(station.write().path)
    assert taken.refused > 0
    with station.store.read() as reads:
        assert not reads.revoked()
    station.read()
    with station.store.read() as reads:
        assert reads.revoked()


# The stick itself


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "stick_full"),
        (errno.EROFS, "stick_read_only"),
        (errno.EACCES, "stick_read_only"),
        (errno.ENODEV, "stick_gone"),
        (errno.EIO, "stick_gone"),
    ],
)
@pytest.mark.parametrize("where", ["_sync", "_sync_folder"])
def test_whatever_a_stick_does_is_said_and_nothing_counts(  # noqa: PLR0917 - two parametrisations
    world: World, station: Station, monkeypatch: pytest.MonkeyPatch, number: int, code: str, where: str
) -> None:
    from sync import stick

    station.take_in("C-1", photo(1))

    def fail(_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(stick, where, fail)
        with pytest.raises(EnvironmentProblem) as caught:
            station.write()
    assert caught.value.code == code
    if where == "_sync":
        assert list(world.stick.iterdir()) == []
    with station.store.read() as reads:
        assert reads.custody_notes() == []
    assert station.safety().custody == 0
    assert world.take(station.write().path).whole


def test_a_stick_without_room_for_the_log_is_refused_before_anything_is_written(
    world: World, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    station.take_in("C-1", photo(1, 50_000))
    usage = shutil.disk_usage(world.stick)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(EnvironmentProblem, match="stick_full"):
        station.write()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=300_000))
    written = station.write()
    assert written.files_left_out == 1
    assert list(world.stick.glob(".*")) == []


def test_a_stick_that_lies_is_found_out(world: World, station: Station) -> None:
    station.take_in("C-1", photo(1))

    def lie(step: str, /) -> None:
        if step == "bundle.renamed":
            for file in world.stick.glob("*.fcb"):
                raw = bytearray(file.read_bytes())
                raw[len(raw) // 2] ^= 1
                file.write_bytes(raw)

    station.close()
    station.probe = lie
    station.reopen()
    with pytest.raises(EnvironmentProblem, match="stick_lies"):
        station.write()
    assert list(world.stick.iterdir()) == []
    assert station.safety().custody == 0


def test_a_name_that_is_taken_is_left_alone(world: World, station: Station) -> None:
    station.ids = lambda: "ab" * 16
    written = station.write()
    before = written.path.read_bytes()
    with pytest.raises(EnvironmentProblem, match="stick_name_taken"):
        station.write()
    assert written.path.read_bytes() == before


def test_a_missing_stick_and_a_missing_answer_are_said_in_words(world: World, station: Station) -> None:
    with pytest.raises(InputError, match="bundle_missing"):
        station.read(world.stick / "gone.answer.fcb")
    assert station.read().read == ()
    world.stick.rmdir()
    with pytest.raises(InputError, match="bundle_folder"):
        station.write()
    world.stick.mkdir()


def test_a_damaged_photo_is_left_out_and_the_others_go(world: World, station: Station) -> None:
    gone = station.take_in("C-1", photo(1))
    kept = station.take_in("C-2", photo(2))
    station.store.attachments._path(gone).write_bytes(b"spoiled")
    written = station.write()
    assert (written.files, written.files_unreadable) == (1, 1)
    assert world.take(written.path).whole
    assert kept in world.hq.blobs
    with station.store.read() as reads:
        assert reads.custody_notes()[0].files == (kept,)


# Custody


def test_a_stick_is_custody_until_headquarters_receipts(world: World, station: Station) -> None:
    sha256 = station.take_in("C-1", photo(1))
    station.write()
    through = station.last_seq
    station.take_in("C-2", photo(2))
    safety = station.safety()
    assert (safety.hq, safety.custody, safety.disk) == (0, through, 2)
    assert (safety.attachments_waiting, safety.attachments_in_custody) == (2, 1)
    with station.store.read() as reads:
        note = reads.custody_notes()[0]
        assert (note.custodian, note.through_seq, note.files) == (Custodian.STICK, through, (sha256,))
        first, second = reads.case("C-1"), reads.case("C-2")
        assert (first.ack, second.ack) == ("custody", "disk")
        assert reads.custody_at(first.last_seq) == world.clock.utc_now()
        assert reads.custody_at(second.last_seq) is None
        assert [each.case_no for each in reads.cases_only_here()] == ["C-2"]
        by_case = {each.case_no: each for each in reads.cases_at_risk()}
        assert (by_case["C-1"].only_here, by_case["C-1"].custody_attachments) == (False, 1)
        assert (by_case["C-2"].only_here, by_case["C-2"].attachments) == (True, 1)
    world.take(station.write().path)
    station.read()
    safety = station.safety()
    assert (safety.custody, safety.disk) == (0, 0)
    with station.store.read() as reads:
        assert reads.cases_at_risk() == []
        assert reads.case("C-1").ack == "hq"


STEPS = [
    "bundle.begun",
    "bundle.log_written",
    "bundle.synced",
    "bundle.renamed",
    "bundle.checked",
    "bundle.labelled",
    "before_commit",
    "after_commit",
    "bundle.noted",
]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a child process")
def test_a_kill_at_every_step_of_writing_loses_nothing(world: World, station: Station) -> None:
    station.take_in("C-1", photo(1))
    for step in STEPS:
        station.close()
        killed(station, step, station.write)
        station.probe = lambda _: None
        station.reopen()
        finished = [each for each in world.stick.iterdir() if not each.name.startswith(".") and each.suffix == ".fcb"]
        for each in finished:
            assert world.take(each).whole, step
        for left in world.stick.glob("*.fcb*"):
            left.unlink()
        custody = station.safety().custody
        assert custody == 0 or step in ("after_commit", "bundle.noted"), step
    written = station.write()
    assert list(world.stick.glob(".*")) == []
    assert world.take(written.path).whole
    station.read()
    assert station.watermark == station.last_seq
    assert station.store.rebuild().identical


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a child process")
def test_a_kill_at_every_step_of_reading_is_mended_by_reading_again(world: World, station: Station) -> None:
    station.take_in("C-1", photo(1))
    world.take(station.write().path)
    for step in ("bundle.answer_before", "before_commit", "after_commit", "bundle.answer_taken"):
        station.close()
        killed(station, step, station.read)
        station.probe = lambda _: None
        station.reopen()
        assert station.store.rebuild().identical
    station.read()
    assert station.watermark == station.last_seq
    assert not station.store.attachments_waiting()


def killed(station: Station, step: str, work) -> None:
    """Do something in a child process that is killed when it reaches a step."""
    import signal

    with warnings.catch_warnings():
        # Newer Pythons warn of threads; the child touches nothing of theirs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:

        def kill(reached: str, /) -> None:
            if reached == step:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            station.probe = kill
            station.reopen()
            work()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"{step} was never reached"


# Carrying for a colleague


def test_a_colleague_brings_a_bundle_and_its_answer_home(world: World, station: Station) -> None:
    from sync.held_bundles import hand_over
    from tests.sync.bundle_carrier import BundleCarrier

    station.take_in("C-1", photo(1, 700_000))
    written = station.write()
    colleague = world.station("D5")
    carried = colleague.bundles.carry(written.path)
    assert carried.new
    assert (carried.held.device, carried.held.through_seq) == ("D3", station.last_seq)
    assert not colleague.bundles.carry(written.path).new

    carrier = BundleCarrier(world.hq, colleague, cut_after=5)
    roots = colleague.bundles.roots
    first = hand_over(carrier, colleague.shelf, roots, device="D5", epoch=1)
    assert first.problem is not None
    assert first.bundles == 0
    carrier.cut_after = None
    second = hand_over(carrier, colleague.shelf, roots, device="D5", epoch=1)
    assert (second.bundles, second.answers, second.problem) == (1, 1, None)
    assert first.sent_bytes + second.sent_bytes < written.size_bytes + 9 * 65_536
    assert world.watermark("D3") == station.last_seq
    third = hand_over(carrier, colleague.shelf, roots, device="D5", epoch=1)
    assert (third.bundles, third.sent_bytes) == (0, 0)

    for old in world.stick.iterdir():
        old.unlink()
    assert colleague.write().answers == 1
    assert station.outcomes() == [AnswerOutcome.TAKEN]
    assert station.watermark == station.last_seq
    assert not station.store.attachments_waiting()
    colleague.close()


def test_a_receipt_of_a_colleague_is_custody_and_a_forged_one_is_not(world: World, station: Station) -> None:
    import msgspec

    from claims.custody import CustodyNote

    station.take_in("C-1", photo(1))
    written = station.write()
    colleague = world.station("D5")
    receipt = colleague.bundles.carry(written.path).receipt
    with station.store.read() as reads:
        noted = reads.custody_notes()[0]
    note = CustodyNote(
        bundle_id=noted.bundle_id,
        custodian=Custodian.PEER,
        name="D5",
        through_seq=noted.through_seq,
        digest=noted.digest,
        at=world.clock.utc_now(),
        receipt=receipt,
        files=noted.files,
    )
    wrong = [
        msgspec.structs.replace(note, receipt=receipt[:-1] + bytes([receipt[-1] ^ 1])),
        msgspec.structs.replace(note, receipt=b""),
        msgspec.structs.replace(note, name="D9"),
        msgspec.structs.replace(note, bundle_id="ff" * 16),
        msgspec.structs.replace(note, through_seq=noted.through_seq - 1),
        msgspec.structs.replace(note, digest="00" * 32),
        msgspec.structs.replace(note, receipt=written_label(written.path)),
    ]
    for each in wrong:
        with pytest.raises(EnvironmentProblem, match="custody_not_genuine"), station.store.write() as uow:
            uow.note_custody(each)
    with station.store.write() as uow:
        uow.note_custody(note)
    with station.store.read() as reads:
        assert [(each.custodian, each.name) for each in reads.custody_notes()] == [(Custodian.PEER, "D5")]
    # A receipt for a colleague's log is not one for this laptop's.
    with pytest.raises(EnvironmentProblem, match="custody_not_genuine"), colleague.store.write() as uow:
        uow.note_custody(note)
    colleague.close()


def written_label(path: Path) -> bytes:
    return path.with_name(path.name + ".label").read_bytes()


def test_what_can_not_be_kept_for_a_colleague_is_refused_in_words(
    world: World, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    station.take_in("C-1", photo(1, 300_000))
    written = station.write()
    label = written.path.with_name(written.path.name + ".label")
    colleague = world.station("D5")
    with pytest.raises(InputError, match="bundle_own"):
        station.bundles.carry(written.path)
    whole, signed = written.path.read_bytes(), label.read_bytes()
    for changed in (whole[:-1], whole + b"\0", whole[:-9] + bytes(9)):
        written.path.write_bytes(changed)
        with pytest.raises(InputError, match="bundle_differs"):
            colleague.bundles.carry(written.path)
    written.path.write_bytes(whole)
    label.write_bytes(signed[:-3] + bytes(3))
    with pytest.raises(InputError, match="bundle_label"):
        colleague.bundles.carry(written.path)
    label.unlink()
    with pytest.raises(InputError, match="bundle_label"):
        colleague.bundles.carry(written.path)
    label.write_bytes(signed)
    monkeypatch.setattr(colleague.shelf, "_quota_bytes", 100_000)
    with pytest.raises(EnvironmentProblem, match="shelf_full"):
        colleague.bundles.carry(written.path)
    assert list(colleague.shelf.held()) == []
    assert not [each for each in (colleague.home / "bundles").iterdir() if each.is_file()]
    colleague.close()


def test_what_headquarters_has_makes_room_for_the_next(world: World, station: Station) -> None:
    from sync.held_bundles import hand_over
    from tests.sync.bundle_carrier import BundleCarrier

    colleague = world.station("D5")
    station.take_in("C-1", photo(1, 200_000))
    first = colleague.bundles.carry(station.write().path).held
    colleague.shelf._quota_bytes = 500_000
    roots = colleague.bundles.roots
    assert hand_over(BundleCarrier(world.hq, colleague), colleague.shelf, roots, device="D5", epoch=1).bundles == 1
    station.take_in("C-2", photo(2, 200_000))
    second = colleague.bundles.carry(station.write().path).held
    assert [each.bundle_id for each in colleague.shelf.held()] == [second.bundle_id]
    assert first.bundle_id != second.bundle_id
    colleague.close()


def test_a_laptop_that_a_restored_headquarters_forgot_keeps_its_bundle_with_the_carrier(world: World) -> None:
    from headquarters.backups import kept_backups, make_backup
    from headquarters.callers import SignedRequest
    from headquarters.installation import Headquarters
    from headquarters.relearning import readmit
    from headquarters.restoring import restore_backup
    from sync.held_bundles import hand_over
    from sync.wire.messages import Relearn, request_bytes
    from tests.sync.bundle_carrier import BundleCarrier

    colleague, known = world.station("D5"), world.station("D6")
    make_backup(world.hq, world.folder / "backups")
    place = Path(kept_backups(world.hq.home)[-1].folder)
    forgotten = world.station("D9")
    for station in (forgotten, known):
        station.take_in("C-1", photo(1))
        colleague.bundles.carry(station.write().path)
    world.hq.close()
    restore_backup(world.hq.home, place, world.clock.utc_now)
    world.hq = Headquarters.open(world.hq.home, world.clock.utc_now)

    def hand_over_now() -> tuple[int, object]:
        carrier = BundleCarrier(world.hq, colleague)
        over = hand_over(carrier, colleague.shelf, colleague.bundles.roots, device="D5", epoch=1)
        return over.bundles, over.problem

    assert hand_over_now() == (1, None), "the next one goes on"
    assert world.watermark("D6") == known.last_seq
    assert [each.device for each in colleague.shelf.waiting()] == ["D9"]

    identity = forgotten.store.identity
    back = Relearn(
        device="D9",
        epoch=1,
        first_position=0,
        feed_position=0,
        statements=(),
        certificate=identity.device_certificate,
        station_name="清溪七站",
        adjuster="A1007",
        adjuster_name="陆怀远",
        nonce="0" * 32,
    )
    signature = forgotten.store.signer.sign(request_bytes("POST", "/v1/relearn", "D9", 1, b"-"))
    readmit(world.hq, back, SignedRequest("POST", "/v1/relearn", b"-", signature))
    assert hand_over_now() == (1, None)
    assert world.watermark("D9") == forgotten.last_seq
    assert list(colleague.shelf.waiting()) == []
    colleague.close(), known.close(), forgotten.close()


def test_headquarters_word_that_a_bundle_is_damaged_ends_the_carrying(world: World, station: Station) -> None:
    from dataclasses import replace

    from sync.held_bundles import hand_over
    from tests.sync.bundle_carrier import BundleCarrier

    station.take_in("C-1", photo(1))
    colleague = world.station("D5")
    held = colleague.bundles.carry(station.write().path).held
    raw = bytearray((colleague.home / "bundles" / f"{held.bundle_id}.fcb").read_bytes())
    raw[200] ^= 1
    (colleague.home / "bundles" / f"{held.bundle_id}.fcb").write_bytes(raw)
    spoiled = replace(held, sha256=hashlib.sha256(raw).hexdigest())
    with colleague.store.write() as uow:
        uow.hold_bundle(spoiled)
    over = hand_over(BundleCarrier(world.hq, colleague), colleague.shelf, colleague.bundles.roots, device="D5", epoch=1)
    assert (over.bundles, over.answers) == (1, 0)
    assert list(colleague.shelf.waiting()) == []
    assert world.watermark("D3") == 0
    colleague.close()


def test_a_task_from_headquarters_comes_by_stick(world: World, station: Station) -> None:
    from functools import partial

    from headquarters.devices import current_device
    from headquarters.statements_out import say
    from headquarters.turn import Turn
    from rules.engine.model import Bilingual

    station.take_in("C-1", photo(1))
    world.take(station.write().path)
    with world.hq.database.write() as session:
        turn = Turn(world.hq, session, current_device(session, "D3"), world.hq.now())
        say(turn, partial(TaskAssigned, case_no="C-1", text=Bilingual("补交出院小结", "add the discharge summary")))
    from headquarters.answer_bundles import write_answers

    write_answers(world.hq, world.stick)
    station.read()
    with station.store.read() as reads:
        assert any(each.text.zh == "补交出院小结" for each in reads.tasks())


@pytest.mark.slow
def test_half_a_gigabyte_goes_through_in_bounded_memory(world: World, station: Station) -> None:
    import resource

    size, count = 5_000_000, 100
    for number in range(count):
        station.take_in(f"C-{number}", hashlib.sha256(str(number).encode()).digest() * (size // 32))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    written = station.write()
    assert written.size_bytes > size * count
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 120_000, f"writing took {grown_kib} KiB more"
    taken = world.take(written.path)
    assert taken.whole
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 160_000, f"taking in took {grown_kib} KiB more"
    station.read()
    assert not station.store.attachments_waiting()
