"""Unlocking: wrong PINs, waits that survive a restart, other adjusters, lost key files, and headquarters' way back in."""

# ruff: noqa: PT012 - the error is expected somewhere in a whole unit of work

from __future__ import annotations

import errno
from pathlib import Path

import msgspec
import pytest

from claims.errors import EnvironmentProblem, InputError
from claims.events import RECOVERY_AAD
from local_db import unlock_attempts
from local_db.key_file import add_slot, change_secret, key_file_path, read_key_file, recovery_slot_bytes, unlock_keys
from local_db.key_slots import STANDARD_COST, AdjusterSlot, KdfCost, PassphraseUnlock, PinUnlock
from local_db.passphrase import check_new_pin, generate_passphrase, normalised_secret
from local_db.recovery import recover_key_file
from local_db.store import open_store
from local_db.store_keys import StoreKeys
from local_db.unlock_attempts import WAITS_S, TooSoonError, WrongSecretError
from tests.local_db import samples as s
from tests.local_db.office import ADJUSTER, CHEAP, PIN, Headquarters, Laptop, TurnableClock
from trust.boxes import open_box

WRONG = "135790"


@pytest.fixture
def enrolled(laptop: Laptop) -> Laptop:
    with laptop.create() as store, store.write() as uow:
        uow.append(s.case_opened())
    return laptop


def holds_the_case(laptop: Laptop, unlock: PinUnlock | PassphraseUnlock) -> bool:
    with open_store(laptop.home, unlock, laptop.clock) as store, store.read() as reads:
        return reads.case("C-1").insured.name == s.NAME


def test_each_wrong_pin_is_counted_and_waits_longer(enrolled: Laptop) -> None:
    waits = []
    for number in range(1, len(WAITS_S) + 2):
        with pytest.raises(WrongSecretError) as caught:
            enrolled.open(pin=WRONG)
        assert caught.value.failures == number
        assert str(number) in caught.value.cause.zh
        waits.append(caught.value.wait_s)
        enrolled.clock.pass_s(caught.value.wait_s)
    assert waits == [*WAITS_S[1:], WAITS_S[-1], WAITS_S[-1]]
    assert waits == sorted(waits)
    enrolled.open().close()


def test_even_the_right_pin_has_to_wait(enrolled: Laptop) -> None:
    for _ in range(5):
        with pytest.raises(WrongSecretError) as wrong:
            enrolled.open(pin=WRONG)
        enrolled.clock.pass_s(wrong.value.wait_s)
    enrolled.clock.pass_s(-wrong.value.wait_s + 1)
    with pytest.raises(TooSoonError) as caught:
        enrolled.open()
    assert caught.value.wait_s == wrong.value.wait_s - 1
    assert str(caught.value.wait_s) in caught.value.sentence("en")
    enrolled.clock.pass_s(caught.value.wait_s)
    enrolled.open().close()


def test_being_told_to_wait_costs_nothing(enrolled: Laptop) -> None:
    with pytest.raises(WrongSecretError) as wrong:
        enrolled.open(pin=WRONG)
    for _ in range(20):
        with pytest.raises(TooSoonError) as caught:
            enrolled.open()
        assert caught.value.failures == 1
    enrolled.clock.pass_s(wrong.value.wait_s)
    enrolled.open().close()


def test_the_right_pin_clears_the_count(enrolled: Laptop) -> None:
    for _ in range(3):
        with pytest.raises(WrongSecretError) as wrong:
            enrolled.open(pin=WRONG)
        enrolled.clock.pass_s(wrong.value.wait_s)
    enrolled.open().close()
    with pytest.raises(WrongSecretError) as again:
        enrolled.open(pin=WRONG)
    assert again.value.failures == 1


def fail(laptop: Laptop, times: int) -> WrongSecretError:
    for _ in range(times):
        with pytest.raises(WrongSecretError) as wrong:
            laptop.open(pin=WRONG)
        laptop.clock.pass_s(wrong.value.wait_s)
    laptop.clock.pass_s(-wrong.value.wait_s)
    return wrong.value


def test_setting_the_clock_ahead_does_not_shorten_the_wait(enrolled: Laptop) -> None:
    failed = fail(enrolled, 6)
    enrolled.clock.wall = enrolled.clock.wall.replace(year=2036)
    with pytest.raises(TooSoonError) as caught:
        enrolled.open()
    assert caught.value.wait_s == failed.wait_s


def test_restarting_the_machine_does_not_shorten_the_wait(enrolled: Laptop) -> None:
    failed = fail(enrolled, 6)
    enrolled.clock.monotonic = 20.0
    with pytest.raises(TooSoonError) as caught:
        enrolled.open()
    assert caught.value.wait_s == failed.wait_s - 20
    enrolled.clock.monotonic = float(failed.wait_s)
    enrolled.open().close()


def test_killing_the_program_during_a_try_does_not_undo_the_count(
    enrolled: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr("local_db.key_file.open_slot", killed)
        enrolled.open()
    enrolled.clock.pass_s(1)
    with pytest.raises(WrongSecretError) as caught:
        enrolled.open(pin=WRONG)
    assert caught.value.failures == 2


def test_a_count_that_cannot_be_read_waits_and_then_lets_in(enrolled: Laptop) -> None:
    (enrolled.home / "unlock-attempts.json").write_bytes(b"{half")
    with pytest.raises(TooSoonError) as caught:
        enrolled.open()
    enrolled.clock.pass_s(caught.value.wait_s)
    enrolled.open().close()
    with pytest.raises(WrongSecretError) as wrong:
        enrolled.open(pin=WRONG)
    assert wrong.value.failures == 1


def test_a_full_disk_does_not_lock_the_adjuster_out(enrolled: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(unlock_attempts, "write_durably", full)
    enrolled.open().close()


def test_a_keyring_that_lost_the_secret_is_no_wrong_pin(enrolled: Laptop) -> None:
    enrolled.vault.secrets.clear()
    with pytest.raises(EnvironmentProblem) as caught:
        enrolled.open()
    assert caught.value.code == "keyring_lost_secret"
    assert "总部" in caught.value.sentence()
    assert not (enrolled.home / "unlock-attempts.json").exists()


def test_the_pin_alone_opens_nothing(enrolled: Laptop) -> None:
    enrolled.vault.secrets = {name: bytes(32) for name in enrolled.vault.secrets}
    with pytest.raises(WrongSecretError):
        enrolled.open()


def test_full_width_digits_are_the_same_pin(enrolled: Laptop) -> None:
    enrolled.open(pin=" ８０２４ １７").close()


def test_a_stranger_is_told_who_is_known(enrolled: Laptop) -> None:
    with pytest.raises(InputError) as caught:
        open_store(enrolled.home, PinUnlock("A9999", PIN, enrolled.vault), enrolled.clock)
    assert caught.value.code == "slot_unknown"
    assert ADJUSTER in caught.value.sentence()


@pytest.mark.parametrize("pin", ["", "12345", "111111", "123456", "987654", "１２３４５６"])
def test_weak_pins_are_refused(laptop: Laptop, pin: str) -> None:
    with pytest.raises(InputError) as caught:
        check_new_pin(pin)
    assert caught.value.code == "pin_weak"


def test_changing_the_pin(enrolled: Laptop) -> None:
    change_secret(enrolled.home, enrolled.unlock(), enrolled.unlock("590213"), enrolled.clock, cost=CHEAP)
    assert holds_the_case(enrolled, enrolled.unlock("590213"))
    with pytest.raises(WrongSecretError):
        enrolled.open()
    assert len(enrolled.vault.secrets) == 1


def test_a_wrong_old_pin_changes_nothing(enrolled: Laptop) -> None:
    before = key_file_path(enrolled.home).read_bytes()
    with pytest.raises(WrongSecretError):
        change_secret(enrolled.home, enrolled.unlock(WRONG), enrolled.unlock("590213"), enrolled.clock, cost=CHEAP)
    assert key_file_path(enrolled.home).read_bytes() == before


def test_a_second_adjuster_gets_a_slot_of_their_own(enrolled: Laptop) -> None:
    other = PinUnlock("A2002", "774411", enrolled.vault)
    add_slot(enrolled.home, enrolled.unlock(), other, enrolled.clock, cost=CHEAP)
    assert read_key_file(enrolled.home).adjusters() == (ADJUSTER, "A2002")
    assert holds_the_case(enrolled, other)
    assert holds_the_case(enrolled, enrolled.unlock())
    with pytest.raises(WrongSecretError):
        open_store(enrolled.home, PinUnlock("A2002", PIN, enrolled.vault), enrolled.clock)
    # One adjuster's mistakes don't keep the other out.
    assert holds_the_case(enrolled, enrolled.unlock())


def test_a_passphrase_takes_the_pins_place(laptop: Laptop, hq: Headquarters) -> None:
    from local_db.store import create_store

    phrase = generate_passphrase()
    unlock = PassphraseUnlock(ADJUSTER, phrase)
    with create_store(laptop.home, unlock, hq.identity, hq.device_key, cost=CHEAP) as store, store.write() as uow:
        uow.append(s.case_opened())
    assert laptop.vault.secrets == {}
    assert holds_the_case(laptop, PassphraseUnlock(ADJUSTER, phrase.upper().replace("-", "  ")))
    with pytest.raises(WrongSecretError):
        open_store(laptop.home, PassphraseUnlock(ADJUSTER, generate_passphrase()), laptop.clock)


def test_generated_passphrases_are_long_and_new_each_time() -> None:
    phrases = {generate_passphrase() for _ in range(50)}
    assert len(phrases) == 50
    assert all(len(phrase.split("-")) >= 6 and len(normalised_secret(phrase)) == 24 for phrase in phrases)


def test_a_passphrase_of_ones_own_is_refused(enrolled: Laptop) -> None:
    for own in ("password", "correct horse battery staple", ""):
        with pytest.raises(InputError) as caught:
            add_slot(enrolled.home, enrolled.unlock(), PassphraseUnlock(ADJUSTER, own), enrolled.clock, cost=CHEAP)
        assert caught.value.code == "passphrase_weak"


def recovered_payload(laptop: Laptop, sealed: bytes) -> bytes:
    """What headquarters does with the slot it keeps."""
    return open_box(laptop.hq.recovery_private, sealed, RECOVERY_AAD)


@pytest.mark.parametrize("loss", ["file_gone", "file_damaged", "pin_forgotten", "keyring_gone"])
def test_headquarters_brings_everything_back(enrolled: Laptop, loss: str) -> None:
    held_by_hq = recovery_slot_bytes(enrolled.home)
    path = key_file_path(enrolled.home)
    match loss:
        case "file_gone":
            path.unlink()
        case "file_damaged":
            path.write_bytes(path.read_bytes()[:100])
        case "keyring_gone":
            enrolled.vault.secrets.clear()
    if loss != "pin_forgotten":
        with pytest.raises(EnvironmentProblem) as caught:
            enrolled.open()
        assert caught.value.code in ("key_file_missing", "key_file_damaged", "keyring_lost_secret")
        assert "总部" in caught.value.sentence()
    recover_key_file(enrolled.home, recovered_payload(enrolled, held_by_hq), enrolled.unlock("640913"), cost=CHEAP)
    assert holds_the_case(enrolled, enrolled.unlock("640913"))
    with pytest.raises(WrongSecretError):
        enrolled.open(pin=PIN)
    # The new file can be recovered as well.
    again = recovered_payload(enrolled, recovery_slot_bytes(enrolled.home))
    assert StoreKeys.decode(again).encode() == again


def test_recovery_with_another_stores_keys_changes_nothing(enrolled: Laptop, tmp_path: Path) -> None:
    before = key_file_path(enrolled.home).read_bytes()
    for payload in (StoreKeys.generate().encode(), b"{}", b"nonsense", StoreKeys.generate().encode()[:-9]):
        with pytest.raises(EnvironmentProblem):
            recover_key_file(enrolled.home, payload, enrolled.unlock("640913"), cost=CHEAP)
    assert key_file_path(enrolled.home).read_bytes() == before
    assert holds_the_case(enrolled, enrolled.unlock())


def test_an_altered_slot_does_not_open(enrolled: Laptop) -> None:
    key_file = read_key_file(enrolled.home)
    slot = key_file.slots[0]
    assert isinstance(slot, AdjusterSlot)
    for change in (
        {"adjuster": "A2002"},
        {"cost": KdfCost(128, 1, 1)},
        {"cost": KdfCost(2**31, 1, 1)},
        {"salt": bytes(16)},
        {"wrapped": slot.wrapped[:-1] + bytes([slot.wrapped[-1] ^ 1])},
    ):
        altered = msgspec.structs.replace(slot, **change)
        content = msgspec.json.encode(msgspec.structs.replace(key_file, slots=(altered, key_file.slots[1])))
        key_file_path(enrolled.home).write_bytes(content)
        enrolled.clock.pass_s(WAITS_S[-1])
        with pytest.raises(WrongSecretError):
            unlock_keys(enrolled.home, PinUnlock(altered.adjuster, PIN, enrolled.vault), enrolled.clock)


def test_the_key_file_shows_no_secret(enrolled: Laptop) -> None:
    keys = unlock_keys(enrolled.home, enrolled.unlock(), enrolled.clock)
    content = key_file_path(enrolled.home).read_bytes()
    for secret in (keys.database_key, keys.database_salt, keys.attachment_key):
        assert secret not in content
        assert secret.hex().encode() not in content
        assert secret.hex() not in repr(keys)
    assert PIN.encode() not in content
    assert PIN not in repr(enrolled.unlock())
    assert key_file_path(enrolled.home).stat().st_mode & 0o077 == 0


def test_the_extract_has_a_key_of_its_own() -> None:
    keys = StoreKeys.generate()
    extract = keys.file_key("extract")
    assert extract.key != keys.database_key
    assert extract.salt != keys.database_salt
    assert keys.file_key("extract").literal() == extract.literal() != keys.file_key("other").literal()


def test_the_standard_cost_is_what_the_rfc_recommends(tmp_path: Path, hq: Headquarters) -> None:
    """RFC 9106 §4, second option: t=3, p=4, m=64 MiB. Run once for real."""
    assert (STANDARD_COST.passes, STANDARD_COST.lanes, STANDARD_COST.memory_kib) == (3, 4, 65_536)
    from local_db.store import create_store

    laptop = Laptop(tmp_path / "real", hq, TurnableClock())
    create_store(laptop.home, laptop.unlock(), hq.identity, hq.device_key).close()
    laptop.open().close()
