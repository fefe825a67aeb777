"""What a restored headquarters may and may not do, and what a backup promises."""

from __future__ import annotations

import hashlib
import shutil
from functools import partial
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from claims.errors import EnvironmentProblem, InputError
from claims.statements import AttachmentsHeld, AttachmentsSafe, NumberBlockGranted, ResendAsked, TaskAssigned
from headquarters.backups import FILES, ROWS, forget, kept_backups, make_backup, read_backup, safe_files
from headquarters.devices import revoke
from headquarters.enrolment import FirstGrants, make_enrolment_code
from headquarters.exposure import device_exposure
from headquarters.forgotten_grants import ForgottenDecision
from headquarters.grants import grant_allowance, grant_numbers
from headquarters.installation import Headquarters, Settings
from headquarters.models import Device, FeedItem, NumberGrant
from headquarters.models_money_risks import ForgottenGrants
from headquarters.models_restores import StatementFork
from headquarters.restores import end_recovery, read_recovery
from headquarters.restoring import restore_backup
from headquarters.statements_out import say
from headquarters.turn import Turn
from headquarters.write_offs import write_off
from rules.bilingual import Bilingual
from sync.wire.messages import RelearnAnswered
from tests.headquarters.laptop import Laptop, enrol_laptop
from tests.headquarters.restoring import cycle, ledger, place_of, reopened, set_back
from tests.headquarters.web import TestClient
from trust.keys import SoftwareKey

PHOTO = b"photo" * 40_000


@pytest.fixture
def backed_up(hq, make_laptop, tmp_path) -> Laptop:
    """A laptop that has synced, and a backup made after that."""
    laptop = make_laptop()
    laptop.commit(laptop.open_case())
    cycle(laptop)
    make_backup(hq, tmp_path / "backups")
    return laptop


def send_file(laptop: Laptop, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    for each in laptop.have(content).missing:
        for index in each.indices:
            laptop.put_chunk(sha256, index, content[index * 65536 : (index + 1) * 65536])
    laptop.down()
    return sha256


def test_nothing_changes_for_a_headquarters_that_was_never_restored(hq, backed_up):
    answer = backed_up.hello()
    assert (answer.incarnation, answer.incarnation_id, answer.relearn_from) == (0, "", None)
    assert read_recovery(hq) is None
    with pytest.raises(InputError) as refused:
        end_recovery(hq, "me")
    assert refused.value.code == "not_recovering"


def test_a_laptop_without_anything_newer_is_heard_by_its_hello(hq, backed_up):
    set_back(hq, place_of(hq))
    with reopened(hq, [backed_up]) as restored:
        answer = backed_up.hello()
        assert (answer.incarnation, answer.relearn_from) == (1, None)
        assert answer.incarnation_id
        assert read_recovery(restored) is None


def test_what_is_said_to_a_laptop_before_it_was_heard_comes_behind_what_it_holds(hq, backed_up):
    grant_numbers(hq, "D3", 50)
    backed_up.down()
    told = list(backed_up.feed)
    set_back(hq, place_of(hq))
    with reopened(hq, [backed_up]) as restored:
        text = Bilingual("请联系总部。", "Call headquarters.")
        with restored.database.write() as session:
            device = session.get_one(Device, ("D3", 1))
            say(Turn(restored, session, device, restored.now()), partial(TaskAssigned, case_no=None, text=text))
        with pytest.raises(InputError) as refused:
            grant_numbers(restored, "D3", 50)
        assert refused.value.code == "device_not_heard"
        cycle(backed_up)
        assert backed_up.feed[: len(told)] == told
        assert isinstance(backed_up.inbox[-1], TaskAssigned)
        grant_numbers(restored, "D3", 50)
        backed_up.down()
        blocks = [each for each in backed_up.inbox if isinstance(each, NumberBlockGranted) and each.kind == "case"]
        numbers = [number for each in blocks for number in range(each.first, each.last + 1)]
        assert len(numbers) == len(set(numbers))


def test_a_laptop_of_an_older_version_gets_no_number_twice_and_waits_for_its_update(hq, client, tmp_path):
    backed_up = enrolled(hq, client, FirstGrants(numbers=10))
    make_backup(hq, tmp_path / "backups")
    grant_numbers(hq, "D3", 10)
    backed_up.down()
    set_back(hq, place_of(hq))
    with reopened(hq, [backed_up]) as restored:
        backed_up.hello()  # does not know what `relearn_from` means
        for _ in range(8):  # uses up more than half of the block that headquarters remembers
            backed_up.commit(backed_up.open_case())
        backed_up.send_log()
        backed_up.down(0)
        with restored.database.read() as session:
            feed = session.scalars(select(FeedItem).order_by(FeedItem.position)).all()
            blocks = session.scalars(select(NumberGrant).where(NumberGrant.kind == "case")).all()
        assert [each.raw for each in feed] == backed_up.feed[: len(feed)]
        assert len(blocks) == 1
        assert [each.device for each in read_recovery(restored).unheard] == ["D3"]


def test_a_device_enrolled_after_the_backup_is_taken_back_by_its_certificate(hq, backed_up, make_laptop):
    late = make_laptop("D7", float_fen=50_000)
    late.commit(late.open_case())
    cycle(late)
    wanted = ledger(hq)
    set_back(hq, place_of(hq))
    with reopened(hq, [backed_up, late]) as restored:
        assert late.ask("/v1/hello", late.question()).status_code == 401
        forged = SoftwareKey.generate()
        genuine, late.key = late.key, forged
        assert late.relearn(0).status_code == 401
        late.key = genuine
        told = late.opened(late.relearn(0), RelearnAnswered)
        assert (told.relearned, told.feed_length) == (True, len(late.feed))
        cycle(late)
        cycle(backed_up)
        assert ledger(restored) == wanted
        assert read_recovery(restored) is None


def test_a_device_stopped_after_the_backup_stays_stopped_even_when_only_others_know(hq, backed_up, make_laptop):
    late = make_laptop("D7")
    revoke(hq, "D7")
    backed_up.down()
    set_back(hq, place_of(hq))
    with reopened(hq, [backed_up, late]) as restored:
        cycle(backed_up)
        late.relearn(0)
        with restored.database.read() as session:
            assert session.get_one(Device, ("D7", 1)).state == "revoked"
        assert late.hello().revoked


def test_new_lives_and_numbers_begin_where_no_forgotten_one_can_lie(hq, backed_up, make_laptop):
    make_laptop("D3")  # a second life that the backup does not know
    set_back(hq, place_of(hq))
    with reopened(hq, [backed_up]) as restored:
        again = enrolled(restored, backed_up.client)
        assert again.identity.epoch == 1001
        assert min(each.first for each in again.inbox if isinstance(each, NumberBlockGranted)) == 1_000_001
        assert again.number("case").startswith("QX07-D3-C-1000001-")


def test_a_written_off_device_is_not_waited_for_and_a_person_may_end_the_waiting(hq, backed_up, make_laptop, tmp_path):
    make_laptop("D4", float_fen=70_000)
    grant_allowance(hq, "D4", "pool", 100_00, 30, pool_limit_fen=1_000_00)
    place = tmp_path / "backups" / make_backup(hq, tmp_path / "backups").backup_id
    set_back(hq, place)
    with reopened(hq, [backed_up]) as restored:
        cycle(backed_up)
        waiting = read_recovery(restored)
        assert [each.device for each in waiting.unheard] == ["D4"]
        assert (waiting.free_fen, waiting.float_fen) == (900_00, 70_000)
        with pytest.raises(InputError, match="not_heard_since_restore"):
            revoke(restored, "D4", write_off=True)
        write_off(restored, "D4", forgotten=ForgottenDecision(ForgottenGrants.ACCEPT_RISK, "0001", "遗失"))
        assert device_exposure(restored, "D4", 1).forgotten_fen == 900_00
        cycle(backed_up)
        assert read_recovery(restored) is None
        grant_allowance(restored, "D3", "pool", 900_00, 30)

    set_back(restored, place)
    with reopened(hq, [backed_up]) as again:
        assert again.incarnation.number == 2
        assert end_recovery(again, "0001").free_fen == 900_00
        grant_allowance(again, "D3", "pool", 900_00, 30)


def test_only_headquarters_own_words_for_this_very_feed_are_taken(hq, backed_up, make_laptop):
    other = make_laptop("D4")
    grant_allowance(hq, "D3", "pool", 100_00, 30, pool_limit_fen=1_000_00)
    backed_up.down()
    set_back(hq, place_of(hq))
    with reopened(hq, [backed_up, other]) as restored:
        start = backed_up.hello().relearn_from
        damaged = bytearray(backed_up.feed[start])
        damaged[-1] ^= 1
        for statement in (bytes(damaged), other.feed[0], b"", b"\xd2\x84"):
            refused = backed_up.relearn(start, statement)
            assert (refused.status_code, refused.json()["code"]) == (400, "relearn_forged")
        assert backed_up.opened(backed_up.relearn(start + 5), RelearnAnswered).feed_length == start
        assert backed_up.hello().relearn_from == start
        for _ in range(2):  # the second time changes nothing
            assert backed_up.opened(backed_up.relearn(start), RelearnAnswered).relearned
        assert _forks(restored) == []


def test_another_statement_under_the_same_id_is_kept_as_evidence_and_told(hq, backed_up, tmp_path):
    shutil.copytree(hq.home, tmp_path / "old")  # the old headquarters goes on somewhere
    set_back(hq, place_of(hq))
    with reopened(hq, [backed_up]) as restored:
        cycle(backed_up)
        grant_numbers(restored, "D3", 20)
        backed_up.down()
    ours = list(backed_up.feed)
    old = Headquarters.open(tmp_path / "old", hq.now)
    grant_allowance(old, "D3", "pool", 500_00, 30)
    with old.database.read() as session:
        theirs = session.scalars(select(FeedItem.raw).order_by(FeedItem.position)).all()[-1]
    old.close()
    with reopened(hq, [backed_up]) as restored:
        place = len(ours) - 4
        told = backed_up.opened(backed_up.relearn(place, theirs), RelearnAnswered)
        assert told.feed_length >= len(ours)
        assert len(_forks(restored)) == 1
        assert backed_up.tasks()[-1].owner == "hq"


def test_files_that_the_backup_lacks_are_asked_for_again(hq, backed_up, make_laptop, tmp_path):
    kept, lost = send_file(backed_up, PHOTO), send_file(backed_up, PHOTO[:-1])
    place = tmp_path / "backups" / make_backup(hq, tmp_path / "backups").backup_id
    after = send_file(backed_up, PHOTO[:-2])
    (tmp_path / "backups" / "files" / "whole" / lost[:2] / lost).unlink()
    shutil.rmtree(hq.home / "files")
    (hq.home / "files").mkdir()
    set_back(hq, place)
    with reopened(hq, [backed_up]) as restored:
        assert kept in restored.blobs
        cycle(backed_up)
        asked = {sha for each in backed_up.inbox if isinstance(each, ResendAsked) for sha in each.sha256}
        assert asked == {lost, after}
        for content in (PHOTO[:-1], PHOTO[:-2]):
            send_file(backed_up, content)
        held = [sha for each in backed_up.inbox if isinstance(each, AttachmentsHeld) for sha in each.sha256]
        assert held.count(lost) == held.count(after) == 2


def test_originals_may_go_only_when_every_kept_backup_has_them(hq, backed_up, tmp_path, clock):
    oldest = kept_backups(hq.home)[0].backup.backup_id
    sha256 = send_file(backed_up, PHOTO)
    clock.forward(hours=1)
    make_backup(hq, tmp_path / "elsewhere")
    assert sha256 not in safe_files(hq.home)
    backed_up.down()
    assert not any(isinstance(each, AttachmentsSafe) for each in backed_up.inbox)
    forget(hq, oldest, remove=True)
    backed_up.down()
    assert backed_up.inbox[-1].sha256 == (sha256,)
    clock.forward(hours=1)
    make_backup(hq, tmp_path / "elsewhere", keep=1)
    backed_up.down()
    assert sum(isinstance(each, AttachmentsSafe) for each in backed_up.inbox) == 1
    assert [Path(each.folder).parent.name for each in kept_backups(hq.home)] == ["elsewhere"]


def test_a_backup_made_on_one_engine_is_restored_on_the_other(hq, backed_up, postgres, tmp_path):
    place = tmp_path / "backups" / make_backup(hq, tmp_path / "backups", with_secrets=True).backup_id
    wanted = ledger(hq)
    with postgres.database() as url:
        for number in (1, 2):  # the second time aside of what is there already
            settings = Settings(database_url=url) if number == 1 else None
            done = restore_backup(tmp_path / "new", place, hq.now, settings=settings)
            assert (done.incarnation, done.before) == (number, None if number == 1 else "before_restore_2")
            opened = Headquarters.open(tmp_path / "new", hq.now)
            assert opened.database.engine_name == "postgresql"
            assert ledger(opened) == wanted
            opened.close()


def test_a_backup_that_is_not_whole_or_not_ours_changes_nothing(hq, backed_up, tmp_path, clock):
    place = tmp_path / "backups" / make_backup(hq, tmp_path / "backups", with_secrets=True).backup_id
    wanted = ledger(hq)
    with pytest.raises(EnvironmentProblem) as used:
        restore_backup(hq.home, place, clock)
    assert used.value.code == "hq_in_use"
    hq.close()
    stranger = tmp_path / "stranger"
    Headquarters.create(stranger, clock).close()
    shutil.rmtree(place / "secrets", ignore_errors=True)
    for home, code in ((stranger, "backup_foreign"), (tmp_path / "fresh", "backup_without_keys")):
        with pytest.raises(InputError) as refused:
            restore_backup(home, place, clock)
        assert refused.value.code == code
    for name in (ROWS, FILES, "backup.json"):
        broken = tmp_path / f"broken-{name}"
        shutil.copytree(place, broken)
        content = bytearray((broken / name).read_bytes() or b"{")
        content[len(content) // 2] ^= 1
        (broken / name).write_bytes(content[:-1])
        with pytest.raises(InputError) as refused:
            restore_backup(hq.home, broken, clock)
        assert refused.value.code == "backup_damaged"
    reopened_hq = Headquarters.open(hq.home, clock)
    assert ledger(reopened_hq) == wanted
    assert reopened_hq.incarnation.number == 0
    reopened_hq.close()


def test_a_backup_names_what_it_holds_and_lets_out_no_password(hq, backed_up, tmp_path):
    place = place_of(hq)
    found = read_backup(place)
    engine = "sqlite" if hq.settings.database_url is None else "postgresql"
    assert (found.with_secrets, found.missing, found.engine) == (False, (), engine)
    assert not (place / "secrets").exists()
    settings = msgspec.json.decode((place / "headquarters.json").read_bytes(), type=Settings)
    assert (settings.database_url, settings.files_url) == (None, None)
    assert place.stat().st_mode & 0o777 == 0o700


def enrolled(hq: Headquarters, client: TestClient, first_grants: FirstGrants | None = None) -> Laptop:
    code = make_enrolment_code(
        hq,
        station="QX07",
        station_name="清溪服务站",
        adjuster="0417",
        adjuster_name="林晓禾",
        device="D3",
        first_grants=first_grants,
    )
    return enrol_laptop(client, code)


def _forks(hq: Headquarters) -> list[StatementFork]:
    with hq.database.read() as session:
        return list(session.scalars(select(StatementFork)))


def test_a_code_that_may_have_been_used_since_the_backup_enrols_nobody(hq, client, tmp_path):
    code = make_enrolment_code(
        hq, station="QX07", station_name="清溪", device="D9", adjuster="A9", adjuster_name="韦青"
    )
    make_backup(hq, tmp_path / "backups")
    laptop = enrol_laptop(client, code)
    set_back(hq, place_of(hq))
    with reopened(hq, [laptop]):
        with pytest.raises(AssertionError, match="code_expired"):
            enrol_laptop(laptop.client, code)
        assert laptop.opened(laptop.relearn(0), RelearnAnswered).relearned
