"""The door of a laptop: what is known before unlocking, what keeps it shut, and getting in, on real files and a real headquarters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.enrolment import enrol_laptop
from app.entrance import LocalEntrance
from app.pending_files import discard_pending
from app.settings import Settings, load_settings, save_settings
from app.station_card import StationCard, keep_card, read_card, write_card
from app.system_clock import SystemClock
from app.version import VERSION
from claims.errors import EnvironmentProblem, InputError, OutpostError
from claims.events import PersonFact
from claims.materials import ClaimType
from claims.reporting import NewCase
from local_db.key_slots import PinUnlock
from local_db.unlock_attempts import UnlockAttempts
from tests.stories.office import Office, StoppedClock
from views.entrance import Entrance, Holder, LockKind

PIN = "802413"


class MemoryKeyring:
    """A keyring in memory; it can go silent like the real one."""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.kept: dict[str, bytes] = {}

    def available(self) -> bool:
        return self.there

    def _require(self) -> None:
        if not self.there:
            from claims.errors import Bilingual

            raise EnvironmentProblem("keyring_missing", Bilingual("没有", "none"), Bilingual("换", "other"))

    def store(self, name: str, secret: bytes) -> None:
        self._require()
        self.kept[name] = secret

    def fetch(self, name: str) -> bytes | None:
        self._require()
        return self.kept.get(name)

    def forget(self, name: str) -> None:
        self._require()
        self.kept.pop(name, None)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("office"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def url(office: Office) -> Iterator[str]:
    with office.serving() as address:
        yield address


def entrance(home: Path, keyring: MemoryKeyring | None = None, clock=None) -> LocalEntrance:
    ring = keyring or MemoryKeyring(there=False)
    return LocalEntrance(home, clock or SystemClock(), keyring=lambda: ring)


def test_a_new_laptop_says_so_and_knows_nothing(tmp_path: Path) -> None:
    door: Entrance = entrance(tmp_path / "new")
    facts = door.facts()
    assert not facts.enrolled
    assert facts.damaged is None
    assert (facts.holders, facts.station, facts.hq_url, facts.last_contact_at) == ((), "", "", None)
    assert facts.version == VERSION
    assert facts.clock_believed
    assert door.attempts_wait_s() == 0
    assert not (tmp_path / "new").exists(), "asking must not leave traces"
    assert door.lock_kind() is LockKind.PASSPHRASE
    assert entrance(tmp_path, MemoryKeyring()).lock_kind() is LockKind.PIN


def test_with_a_passphrase_from_code_to_desk_and_again(office: Office, url: str, tmp_path: Path) -> None:
    told: list[str] = []
    door = LocalEntrance(
        tmp_path, SystemClock(), lambda: told.append("enrolled"), keyring=lambda: MemoryKeyring(there=False)
    )
    done = door.enrol(f" {url} ", office.code("E1"), None)
    assert told == ["enrolled"]
    assert done.passphrase is not None
    facts = door.facts()
    assert facts.enrolled
    assert facts.holders == (Holder("0417", "林晓禾"),)
    assert (facts.station, facts.station_name) == ("QX07", done.station_name)
    assert (done.adjuster_name, facts.hq_url) == ("林晓禾", url)
    assert door.lock_kind() is LockKind.PASSPHRASE

    with pytest.raises(InputError) as wrong:
        door.unlock("0417", "bako-tulu-mezi-rona-siku-tefa")
    assert wrong.value.code == "unlock_wrong"
    assert 0 < door.attempts_wait_s() <= 1

    while door.attempts_wait_s() > 0:
        pass
    desk = door.unlock("0417", done.passphrase.upper())
    try:
        assert door.attempts_wait_s() == 0
        assert desk.sync().problem is None
        keep_card(load_settings(tmp_path), desk)
        with pytest.raises(EnvironmentProblem) as second:
            entrance(tmp_path).unlock("0417", done.passphrase)
        assert second.value.code == "store_in_use"
    finally:
        desk.close()
    after = door.facts()
    assert after.rules_made_at is not None
    assert after.policies_made_at is not None
    assert after.persons > 3
    assert after.last_contact_at is not None
    assert after.clock_believed
    assert not entrance(tmp_path, clock=StoppedClock(datetime(2020, 1, 1, tzinfo=UTC))).facts().clock_believed
    assert after.disk_only == 0


def test_with_a_pin_from_code_to_desk(office: Office, url: str, tmp_path: Path) -> None:
    ring = MemoryKeyring()
    door = entrance(tmp_path, ring)
    code = office.code("E2")
    with pytest.raises(InputError, match="pin_weak"):
        door.enrol(url, code, "123456")
    assert door.enrol(url, code, PIN).passphrase is None
    assert door.lock_kind() is LockKind.PIN
    door.unlock("0417", PIN).close()
    ring.there = False
    assert door.lock_kind() is LockKind.PIN, "a keyring that is away does not change what opens this store"
    with pytest.raises(EnvironmentProblem, match="keyring_missing"):
        door.unlock("0417", PIN)
    assert door.attempts_wait_s() == 0, "a silent keyring is no wrong PIN"


def test_without_a_keyring_a_pin_is_refused_before_the_code_is_sent(office: Office, url: str, tmp_path: Path) -> None:
    code = office.code("E3")
    with pytest.raises(EnvironmentProblem, match="keyring_missing"):
        entrance(tmp_path).enrol(url, code, PIN)
    assert entrance(tmp_path).enrol(url, code, None).passphrase


def test_a_pin_laptop_cut_short_after_its_store_is_finished_by_unlocking(
    office: Office, url: str, tmp_path: Path
) -> None:
    ring = MemoryKeyring()

    class CutError(Exception):
        pass

    def probe(step: str, /) -> None:
        if step == "enrolment_store_made":
            raise CutError

    with pytest.raises(CutError):
        enrol_laptop(
            Settings(home=tmp_path, hq_url=url),
            office.code("E4"),
            lambda adjuster: PinUnlock(adjuster, PIN, ring),
            probe=probe,
        )
    door = entrance(tmp_path, ring)
    assert door.facts().enrolled
    desk = door.unlock("0417", PIN)
    try:
        assert desk.safety().disk >= 1, "the recovery slot was written now"
        assert desk.sync().problem is None
        person = PersonFact(name="周䶮")
        assert desk.open_case(
            NewCase(
                channel="station",
                claim_type=ClaimType.ACCIDENT_MEDICAL,
                insured=person,
                reporter=person,
                loss_date=datetime(2026, 11, 20, tzinfo=UTC).date(),
                loss_place="清溪县",
            )
        ), "number blocks came with the feed"
    finally:
        desk.close()


def test_the_address_of_headquarters_may_change_while_the_desk_is_open(
    office: Office, url: str, tmp_path: Path
) -> None:
    door = entrance(tmp_path)
    passphrase = door.enrol(url, office.code("E5"), None).passphrase or ""
    desk = door.unlock("0417", passphrase)
    try:
        save_settings(Settings(home=tmp_path, hq_url="https://127.0.0.1:9", adjuster="0417"))
        with office.serving() as moved:
            save_settings(Settings(home=tmp_path, hq_url=moved, adjuster="0417"))
            assert desk.sync().problem is None
    finally:
        desk.close()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda home: (home / "keys.json").unlink(), "key_file_missing"),
        (lambda home: (home / "keys.json").write_bytes(b"\xff\x00garbage"), "key_file_damaged"),
        (lambda home: (home / "keys.json").write_text("{}"), "key_file_damaged"),
        (lambda home: (home / "store.db").unlink(), "store_missing"),
    ],
)
def test_what_keeps_the_laptop_shut_is_shown_in_place_of_the_pin(
    office: Office, url: str, tmp_path: Path, spoil, code: str
) -> None:
    door = entrance(tmp_path)
    door.enrol(url, office.code("E6"), None)
    discard_pending(tmp_path)
    spoil(tmp_path)
    facts = door.facts()
    assert facts.enrolled
    assert facts.damaged is not None
    assert facts.damaged.code == code
    assert facts.holders == ()
    for language in ("zh", "en"):
        assert facts.damaged.sentence(language)


@pytest.mark.parametrize("name", ["settings.json", "station.json", "unlock-attempts.json"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[]", b'{"last_contact_at":"2026-11-22T00:00:00"}', b"0"])
def test_garbled_small_files_keep_nobody_out(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "store.db").write_bytes(b"")
    slot = {"type": "adjuster", "slot_id": "ab", "adjuster": "0417", "keyring": False}
    (tmp_path / "keys.json").write_text(json.dumps({"type": "outpost_key_file@1", "slots": [slot]}))
    (tmp_path / name).write_bytes(content)
    facts = entrance(tmp_path).facts()
    assert facts.enrolled
    assert facts.damaged is None
    assert facts.holders == (Holder("0417", ""),)
    assert entrance(tmp_path).attempts_wait_s() >= 0


def test_the_wait_is_the_one_of_the_last_holder(tmp_path: Path) -> None:
    slots = [
        {"type": "adjuster", "slot_id": name, "adjuster": number, "keyring": False}
        for name, number in (("aa", "0417"), ("bb", "0523"))
    ]
    (tmp_path / "store.db").write_bytes(b"")
    (tmp_path / "keys.json").write_text(json.dumps({"type": "outpost_key_file@1", "slots": slots}))
    clock = SystemClock()
    for _ in range(2):
        attempts = UnlockAttempts(tmp_path, clock)
        while attempts.left_s("bb") > 0:
            pass
        attempts.begin("bb")
    save_settings(Settings(home=tmp_path, adjuster="0523"))
    door = entrance(tmp_path, clock=clock)
    assert [each.adjuster for each in door.facts().holders] == ["0523", "0417"]
    assert 1 < door.attempts_wait_s() <= 2
    save_settings(Settings(home=tmp_path, adjuster="0417"))
    assert door.attempts_wait_s() == 0


def test_a_card_comes_back_as_kept_and_holds_no_claimant(tmp_path: Path) -> None:
    at = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    card = StationCard(
        station="QX07",
        station_name="清溪一中安置点服务站",
        names={"0417": "林晓禾"},
        last_contact_at=at,
        signed_at=at,
        rules_made_at=at - timedelta(days=6),
        rules_version="1",
        policies_made_at=at,
        persons=1_000_000,
        disk_only=12,
    )
    write_card(tmp_path, card)
    assert read_card(tmp_path) == card
    assert read_card(tmp_path / "elsewhere") == StationCard()
    write_card(tmp_path / "no" / "such" / "folder", card)


def test_a_home_that_is_no_folder_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    facts = entrance(tmp_path / "file" / "home").facts()
    assert facts.damaged is None or isinstance(facts.damaged, OutpostError)
