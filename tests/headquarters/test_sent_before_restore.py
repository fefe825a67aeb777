"""A restore in a place that does not know what left for the bank: nothing leaves before a person says what did."""

from __future__ import annotations

import shutil
from contextlib import contextmanager

import pytest

from claims.errors import InputError
from headquarters.__main__ import main
from headquarters.backups import make_backup
from headquarters.http_app import create_app
from headquarters.installation import Headquarters
from headquarters.payment_batches import make_batch, read_batch
from headquarters.restoring import restore_backup
from headquarters.sent_batches import FOLDER
from headquarters.sent_before_restore import decide_sent_batches, sent_batches_unknown
from headquarters.standing import read_standing
from tests.headquarters.laptop import MEDICAL, MEDICAL_FEN
from tests.headquarters.restoring import cycle, place_of, reopened, set_back
from tests.headquarters.test_payments import row, take
from tests.headquarters.web import TestClient

WHO = {"by": "韦青", "reason": "与银行逐笔核对"}


@pytest.fixture
def left_after(stocked, make_laptop, pack, clinic_policy, tmp_path):
    """Two vouchers settled: one left before the backup, one after it, in batch 2."""
    laptop = make_laptop(float_fen=1_000_000)
    laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    laptop.down()
    make_batch(stocked)
    laptop.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_number": "0000000002"})
    laptop.send_log()
    laptop.down()
    make_backup(stocked, tmp_path / "backups", with_secrets=True)
    (sent,) = make_batch(stocked).batch.instructions
    return laptop, sent


@contextmanager
def elsewhere(hq, laptop, place, home):
    """The backup restored into a new folder: the former machine is gone."""
    hq.close()
    assert restore_backup(home, place, hq.now).sent_unknown
    opened = Headquarters.open(home, hq.now)
    with TestClient(create_app(opened), base_url="https://testserver") as client:
        laptop.client = client
        yield opened
    opened.close()


def test_no_batch_leaves_a_new_place_before_somebody_decided(stocked, left_after, tmp_path):
    laptop, sent = left_after
    with elsewhere(stocked, laptop, place_of(stocked), tmp_path / "new") as restored:
        cycle(laptop)
        with pytest.raises(InputError, match="sent_batches_unknown") as refused:
            make_batch(restored)
        said = refused.value.cause.en
        assert "batches 1 to 1" in said
        assert "batch 2 and later" in said
        assert f"{sent.amount_fen / 100:,.2f}" in said
        assert read_batch(restored, 1).count == 1  # what is known may be written again
        with pytest.raises(InputError, match="sent_batches_unknown"):
            make_batch(restored)
        # A second restore does not make it forget that it does not know.
        make_backup(restored, tmp_path / "later")
        later = place_of(restored)
        set_back(restored, later)
        with reopened(restored, [laptop]) as again:
            cycle(laptop)
            with pytest.raises(InputError, match="sent_batches_unknown"):
                make_batch(again)


def test_the_former_folder_brings_back_what_left(stocked, left_after, tmp_path):
    laptop, sent = left_after
    saved = tmp_path / "rescued"
    shutil.copytree(stocked.home / FOLDER, saved / FOLDER)
    with elsewhere(stocked, laptop, place_of(stocked), tmp_path / "new") as restored:
        cycle(laptop)
        with pytest.raises(InputError, match="words_missing"):
            decide_sent_batches(restored, by=" ", reason="x", folder=saved)
        (saved / FOLDER / "000001.json").rename(tmp_path / "first")
        with pytest.raises(InputError, match="sent_batches_incomplete"):
            decide_sent_batches(restored, **WHO, folder=saved)
        shutil.copy(saved / FOLDER / "000002.json", saved / FOLDER / "000001.json")
        with pytest.raises(InputError, match="sent_batches_incomplete"):
            decide_sent_batches(restored, **WHO, folder=saved)
        shutil.copy(tmp_path / "first", saved / FOLDER / "000001.json")
        assert decide_sent_batches(restored, **WHO, folder=saved).learnt == 1
        assert sent_batches_unknown(restored) is None
        assert make_batch(restored).batch is None
        assert take(restored, row(sent.instruction_id, amount=f"{sent.amount_fen / 100:.2f}")).new == 1
        with pytest.raises(InputError, match="sent_batches_decided"):
            decide_sent_batches(restored, **WHO)
        # From now on the new place knows what left, and its own restore asks nothing.
        make_backup(restored, tmp_path / "later")
        later = place_of(restored)
        restored.close()
        assert not restore_backup(restored.home, later, restored.now).sent_unknown


def test_a_folder_of_another_headquarters_is_refused(stocked, left_after, tmp_path):
    laptop, _ = left_after
    foreign = tmp_path / "foreign"
    shutil.copytree(stocked.home / FOLDER, foreign)
    changed = (foreign / "000001.json").read_text().replace('-P1"', '-P7"')
    (foreign / "000001.json").write_text(changed)
    with elsewhere(stocked, laptop, place_of(stocked), tmp_path / "new") as restored:
        cycle(laptop)
        with pytest.raises(InputError, match="sent_batches_foreign"):
            decide_sent_batches(restored, **WHO, folder=foreign)


def test_the_command_asks_for_the_decision_and_keeps_who_took_it(stocked, left_after, tmp_path, capsys):
    laptop, _ = left_after
    home, out = tmp_path / "new", tmp_path / "pay.json"
    with elsewhere(stocked, laptop, place_of(stocked), home) as restored:
        cycle(laptop)
        assert main(["payments-out", str(home), str(out)]) == 1
        assert main(["payments-out", str(home), str(out), "--nothing-left-since-backup"]) == 1
        assert not out.exists()
        decided = ["--nothing-left-since-backup", "--by", "韦青", "--reason", "银行确认"]
        assert main(["payments-out", str(home), str(out), *decided]) == 0
        assert "nothing_left" in capsys.readouterr().out
        assert read_standing(restored).settled_fen == 2 * MEDICAL_FEN
        assert make_batch(restored).batch is None


def test_the_folder_of_the_same_place_is_asked_nothing(stocked, left_after):
    laptop, _ = left_after
    place = place_of(stocked)
    set_back(stocked, place)
    with reopened(stocked, [laptop]) as restored:
        assert sent_batches_unknown(restored) is None
        cycle(laptop)
        assert make_batch(restored).batch is None
    (stocked.home / FOLDER / "000001.json").unlink()  # not whole any more
    set_back(restored, place)
    with reopened(stocked, [laptop]) as again:
        assert sent_batches_unknown(again) is not None
