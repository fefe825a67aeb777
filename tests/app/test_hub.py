"""The local network as the desk sees it: real stores, real TLS on loopback; and the hub's command."""

from __future__ import annotations

import contextlib
import io
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import BinaryIO

import msgspec
import pytest
from PIL import Image

from app.hub import run_hub
from app.main import build
from app.neighbour_addresses import DEFAULT_PORT, parsed_address
from app.neighbour_books import compare_logs
from app.neighbours import LanOptions
from app.settings import Settings, load_settings
from claims.custody import LABEL_KIND, BundleLabel
from claims.desk import Desk
from claims.errors import InputError
from claims.materials import Material
from claims.neighbours import NeighbourKind
from claims.own_disk import DiskFault, disk_fault
from claims.ports import StepProbe, no_probe
from claims.statements import AllowanceGranted, DeviceRevoked, NumberBlockGranted, OtherDeviceRevoked, encode_statement
from local_db.identity import Identity
from local_db.key_slots import PassphraseUnlock
from local_db.store import LocalStore, create_store, open_store
from sync.lan_carrier import LanCarrier, LanTimeouts, SealedBundle
from sync.lan_discovery import Found, found_of, own_addresses, packed_address
from sync.lan_releases import NewestFiles
from sync.tuf_targets import TIMESTAMP
from sync.wire.hub_messages import HighestHeld, Mark, NeighbourRole
from tests.desk.station import ADJUSTER, CHEAP, PASSPHRASE, new_case
from trust.boxes import generate_box_key
from trust.certificates import TrustStore, issue_device, issue_root, issue_service
from trust.device_statements import sign_device_statement
from trust.keys import SoftwareKey
from trust.statements import sign_statement

NOW = datetime.fromisoformat("2026-11-22T04:00:00+00:00").astimezone(UTC)
SPAN = (NOW - timedelta(days=30), NOW + timedelta(days=3650))
POOL = "P1|medical_year|2026"


@dataclass
class StillClock:
    wall: datetime = NOW

    def utc_now(self) -> datetime:
        return self.wall

    def monotonic_s(self) -> float:
        return 1.0


@dataclass
class Network:
    """One headquarters' keys and the laptops on one network; announcements go through a list instead of multicast."""

    folder: Path
    root_key: SoftwareKey = field(default_factory=SoftwareKey.generate)
    service_key: SoftwareKey = field(default_factory=SoftwareKey.generate)
    said: int = 0

    def __post_init__(self) -> None:
        self.root = issue_root("Outpost HQ root", self.root_key, *SPAN)
        self.service = issue_service(self.root, self.root_key, "HQ", self.service_key.public_key, *SPAN)
        self.recovery = generate_box_key()[1]

    def laptop(self, device: str, *, epoch: int = 1, limit_fen: int = 0, home: str = "") -> Path:
        """Make a laptop's store, with an allowance if it has a limit; return its home."""
        place = self.folder / (home or f"{device}-{epoch}")
        key = SoftwareKey.generate()
        identity = Identity(
            device=device,
            epoch=epoch,
            station="QX07",
            station_name="清溪一中安置点服务站",
            adjuster=ADJUSTER,
            adjuster_name="林晓禾",
            company="示例人寿保险股份有限公司",
            hotline="95000",
            root_certificate=self.root,
            service_certificate=self.service,
            device_certificate=issue_device(self.root, self.root_key, device, epoch, "QX07", key.public_key, *SPAN),
            recovery_public_key=self.recovery,
        )
        unlock = PassphraseUnlock(ADJUSTER, PASSPHRASE)
        with create_store(place, unlock, identity, key, cost=CHEAP) as store, store.write() as uow:
            uow.receive(self.say(NumberBlockGranted, device, epoch, kind="case", prefix="QX07-C", first=1, last=9))
            if limit_fen:
                uow.receive(
                    self.say(
                        AllowanceGranted,
                        device,
                        epoch,
                        grant_id=f"G-{device}",
                        pool=POOL,
                        limit_fen=limit_fen,
                        expires_at=NOW + timedelta(days=30),
                    )
                )
        return place

    def say(self, statement: type, device: str, epoch: int = 1, /, **fields: object) -> bytes:
        """Return a signed statement."""
        self.said += 1
        body = statement(
            statement_id=f"S{self.said}", device=device, epoch=epoch, issued_at=NOW - timedelta(hours=1), **fields
        )
        return sign_statement(
            self.service_key, self.service, str(statement.__struct_config__.tag), encode_statement(body)
        )

    @contextlib.contextmanager
    def desk(
        self, home: Path, role: NeighbourRole = NeighbourRole.LAPTOP, probe: StepProbe = no_probe, **options: object
    ) -> Iterator[Desk]:
        """Open the desk of a home."""
        quiet = {"discover": lambda *_: None, "push_every_s": 3600.0, "update_every_s": 3600.0, "host": "127.0.0.1"}
        chosen = quiet | options
        lan = LanOptions(role=role, timeouts=LanTimeouts(5, 20), **chosen)  # type: ignore[arg-type]  # named options
        opened = build(
            load_settings(home), PassphraseUnlock(ADJUSTER, PASSPHRASE), clock=StillClock(), probe=probe, lan=lan
        )
        try:
            yield opened
        finally:
            opened.close()

    def told(self, home: Path, raw: bytes) -> None:
        """Let a laptop's store take a statement."""
        with open_store(home, PassphraseUnlock(ADJUSTER, PASSPHRASE), StillClock()) as store, store.write() as uow:
            uow.receive(raw)

    def fault(self, home: Path) -> DiskFault | None:
        """Return what a store says of its own disk."""
        with open_store(home, PassphraseUnlock(ADJUSTER, PASSPHRASE), StillClock()) as store, store.read() as reads:
            return disk_fault(reads)


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network(tmp_path)


def at(desk: Desk) -> str:
    return f"127.0.0.1:{desk.share(True).port}"


def save(desk: Desk) -> None:
    """Record something."""
    desk.count_day(NOW.date(), {})


def test_the_log_is_in_custody_without_anybody_asking_for_it(network: Network) -> None:
    hub, laptop = network.laptop("H1"), network.laptop("D1")
    noted = threading.Event()
    with network.desk(hub, NeighbourRole.HUB) as hub_desk:
        found = Found("i", "H1", "QX07", NeighbourRole.HUB, "127.0.0.1", hub_desk.share(True).port)

        def probe(step: str, /) -> None:
            if step == "custody_noted":
                noted.set()

        def discover(*given: object) -> None:
            given[4](found)  # type: ignore[operator]  # the call for a neighbour that appeared

        with network.desk(laptop, probe=probe, discover=discover) as desk:
            save(desk)
            desk.share(True)
            assert noted.wait(60)
            (known,) = desk.neighbours()
            assert (known.name, known.kind, known.typed) == ("H1", NeighbourKind.HUB, False)
            assert desk.safety().custody > 0


def test_a_disk_put_back_is_found_out_at_the_first_contact_and_stays_so(network: Network, tmp_path: Path) -> None:
    hub, laptop = network.laptop("H1"), network.laptop("D1", limit_fen=1000)
    with network.desk(laptop) as desk:
        save(desk)
    shutil.copytree(laptop, tmp_path / "image")
    with network.desk(hub, NeighbourRole.HUB) as hub_desk:
        where = at(hub_desk)
        with network.desk(laptop) as desk:
            save(desk)
            desk.add_neighbour(where)
            assert desk.push_to_neighbours().custodians == ("H1",)
    shutil.rmtree(laptop)
    shutil.move(tmp_path / "image", laptop)
    with network.desk(hub, NeighbourRole.HUB) as hub_desk:
        where = at(hub_desk)
        with network.desk(laptop) as desk:
            desk.add_neighbour(where)
            assert desk.disk_fault() is not None
            with pytest.raises(InputError) as refused:
                desk.transfer_allowance(POOL, 10, "D2", 1)
            assert refused.value.code == "disk_not_current"
    assert network.fault(laptop) is DiskFault.RESTORED


def test_a_disk_put_back_that_went_on_by_itself_is_found_out_too(network: Network, tmp_path: Path) -> None:
    """It wrote as much as the hub holds, but other things."""
    hub, laptop = network.laptop("H1"), network.laptop("D1")
    with network.desk(laptop) as desk:
        save(desk)
    shutil.copytree(laptop, tmp_path / "image")
    with network.desk(hub, NeighbourRole.HUB) as hub_desk:
        where = at(hub_desk)
        with network.desk(laptop) as desk:
            save(desk)
            desk.add_neighbour(where)
            desk.push_to_neighbours()
        shutil.rmtree(laptop)
        shutil.move(tmp_path / "image", laptop)
        with network.desk(laptop) as desk:
            for _ in range(3):
                desk.count_day(NOW.date() - timedelta(days=1), {})
            desk.add_neighbour(where)
            assert desk.push_to_neighbours().stopped is not None
    assert network.fault(laptop) is DiskFault.COPIED


def test_two_copies_of_one_disk_meet_and_both_stop(network: Network, tmp_path: Path) -> None:
    laptop = network.laptop("D1")
    copy = tmp_path / "copy"
    shutil.copytree(laptop, copy)
    with network.desk(laptop) as one, network.desk(copy) as other:
        shown = other.add_neighbour(at(one))
        assert shown.problem is not None
        assert shown.problem.code == "neighbour_twin"
        assert other.disk_fault() is not None
        assert one.add_neighbour(at(other)).problem is not None
        assert one.disk_fault() is not None
    assert {network.fault(laptop), network.fault(copy)} == {DiskFault.COPIED}


def test_a_disk_of_a_former_life_learns_that_it_is_over(network: Network) -> None:
    hub, old, new = network.laptop("H1"), network.laptop("D1", epoch=1), network.laptop("D1", epoch=2)
    with network.desk(hub, NeighbourRole.HUB) as hub_desk, network.desk(new) as desk:
        desk.add_neighbour(at(hub_desk))
        assert desk.disk_fault() is None
    with network.desk(hub, NeighbourRole.HUB) as hub_desk, network.desk(old) as desk:
        desk.add_neighbour(at(hub_desk))
    assert network.fault(old) is DiskFault.OLDER_LIFE
    assert network.fault(new) is None


def test_a_hub_put_back_learns_it_from_who_asks_it_for_allowance(network: Network, tmp_path: Path) -> None:
    """The donor's debit is what a restored hub forgot; whoever holds its log says so before asking."""
    hub, laptop, asker = network.laptop("H1", limit_fen=1000), network.laptop("D1"), network.laptop("D2")
    with network.desk(hub, NeighbourRole.HUB) as desk:
        save(desk)
    shutil.copytree(hub, tmp_path / "image")
    with network.desk(laptop) as keeper, network.desk(hub, NeighbourRole.HUB) as theirs, network.desk(asker) as mine:
        theirs.add_neighbour(at(keeper))
        mine.add_neighbour(at(theirs))
        assert mine.ask_neighbours(POOL, 400).amount_fen == 400
        report = theirs.push_to_neighbours()
        assert "D1" in report.custodians, "a laptop keeps the hub's log"
    shutil.rmtree(hub)
    shutil.move(tmp_path / "image", hub)
    with network.desk(hub, NeighbourRole.HUB) as theirs, network.desk(laptop) as mine:
        assert theirs.allowances().pools[0].left_fen == 1000, "it forgot the debit"
        mine.add_neighbour(at(theirs))
        asked = mine.ask_neighbours(POOL, 400)
        assert (asked.received, [each[0] for each in asked.refused]) == ((), ["H1"])
        assert theirs.disk_fault() is not None
    assert network.fault(hub) is DiskFault.RESTORED


def test_nobody_stops_a_laptop_by_his_mere_word(network: Network) -> None:
    laptop, rogue = network.laptop("D1"), network.laptop("D9")
    with network.desk(laptop) as desk:
        save(desk)
    unlock = PassphraseUnlock(ADJUSTER, PASSPHRASE)
    roots = TrustStore(network.root)
    with open_store(laptop, unlock, StillClock()) as store, open_store(rogue, unlock, StillClock()) as thief:
        own = roots.verify_device(store.identity.device_certificate)

        def label(signer: LocalStore, **changes: object) -> bytes:
            fields = {
                "bundle_id": "b",
                "sha256": "s",
                "size_bytes": 1,
                "device": "D1",
                "epoch": 1,
                "through_seq": 99,
                "digest": "d",
            }
            body = msgspec.json.encode(BundleLabel(**(fields | changes)))  # type: ignore[arg-type]  # named fields
            return sign_device_statement(signer.signer, signer.identity.device_certificate, LABEL_KIND, body)

        def word(proof: bytes = b"", certificate: bytes = b"", seq: int = 99) -> DiskFault | None:
            held = HighestHeld(
                nonce="n", device="D1", epoch=1, marks=(Mark(seq, "d", proof),), newest_certificate=certificate
            )
            return compare_logs(store, own, roots, held)

        assert word() is None
        assert word(b"not signed") is None
        assert word(label(thief)) is None, "signed by another device"
        assert word(label(store, through_seq=98)) is None, "a proof of something else"
        assert word(label(store, epoch=2)) is None, "of another life"
        assert word(certificate=thief.identity.device_certificate) is None, "another device's newer life"
        assert word(certificate=own.der) is None
        assert word(certificate=b"no certificate") is None
        foreign = Network(network.folder / "foreign")
        later = foreign.laptop("D1", epoch=2)
        with open_store(later, unlock, StillClock()) as other:
            assert word(certificate=other.identity.device_certificate) is None, "another headquarters' word"
        assert word(label(store)) is DiskFault.RESTORED
        last = store.position().next_seq - 1
        mine = store.position().head.hex()
        assert word(label(store, through_seq=last, digest="d"), seq=last) is DiskFault.COPIED
        agreed = HighestHeld(
            nonce="n",
            device="D1",
            epoch=1,
            marks=(Mark(last, mine, label(store, through_seq=last, digest=mine)),),
            newest_certificate=b"",
        )
        assert compare_logs(store, own, roots, agreed) is None


def test_a_broken_off_bundle_of_photos_goes_on_where_it_stopped(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, laptop = network.laptop("H1"), network.laptop("D1")
    sent: list[tuple[str, int]] = []
    real = LanCarrier._send_piece

    def cut_once(self: LanCarrier, bundle: SealedBundle, stream: BinaryIO, index: int) -> None:
        if len(sent) == 3:
            sent.append(("cut", 0))
            self.break_off()
        real(self, bundle, stream, index)
        sent.append((bundle.bundle_id, index))

    with network.desk(hub, NeighbourRole.HUB) as hub_desk, network.desk(laptop) as desk:
        case_no = desk.open_case(new_case())
        picture = io.BytesIO()
        noise = Image.frombytes("RGB", (400, 300), Random(7).randbytes(400 * 300 * 3))
        noise.save(picture, "PNG")
        desk.add_document(case_no, Material.INSURED_ID, "id.png", picture.getvalue())
        desk.add_neighbour(at(hub_desk))
        # The disk takes no folder: that is said, and what runs in the background tries again.
        (laptop / "outgoing").touch()
        assert [each[1].code for each in desk.push_to_neighbours().problems] == ["neighbours_disk"]
        (laptop / "outgoing").unlink()
        monkeypatch.setattr(LanCarrier, "_send_piece", cut_once)
        first = desk.push_to_neighbours()
        assert [each[1].code for each in first.problems] == ["neighbour_cut"]
        second = desk.push_to_neighbours()
        assert second.problems == ()
        assert second.files > 0
        photos = [each for each in sent if each[0] != "cut"][1:]
        assert len(photos) == len(set(photos)), "no piece went twice"
        assert desk.push_to_neighbours().bundles == 0
    assert not list((laptop / "outgoing").iterdir())


def test_a_colleague_is_asked_and_its_user_decides(network: Network) -> None:
    giver, asker = network.laptop("D2", limit_fen=1000), network.laptop("D1")
    with network.desk(giver) as theirs, network.desk(asker) as mine:
        mine.add_neighbour(at(theirs))
        first = mine.ask_neighbours(POOL, 900)
        assert (first.waiting, first.received) == (("D2",), ())
        (wish,) = theirs.neighbours_wishes()
        assert (wish.device, wish.pool, wish.amount_fen) == ("D1", POOL, 900)
        theirs.decide_wish(wish, yes=True)
        assert theirs.neighbours_wishes() == ()
        assert mine.ask_neighbours(POOL, 900).amount_fen == 900
        assert theirs.allowances().pools[0].left_fen == 100
        assert mine.allowances().pools[0].left_fen == 900

        assert mine.ask_neighbours(POOL, 50).waiting == ("D2",)
        theirs.decide_wish(theirs.neighbours_wishes()[0], yes=False)
        assert [each[0] for each in mine.ask_neighbours(POOL, 50).refused] == ["D2"]
        assert theirs.allowances().pools[0].left_fen == 100


def test_a_transfer_that_never_arrived_is_given_again_and_debited_once(network: Network) -> None:
    hub, asker = network.laptop("H1", limit_fen=1000), network.laptop("D1")
    with network.desk(hub, NeighbourRole.HUB) as theirs:
        lost = theirs.transfer_allowance(POOL, 300, "D1", 1)
    with network.desk(hub, NeighbourRole.HUB) as theirs, network.desk(asker) as mine:
        mine.add_neighbour(at(theirs))
        (received,) = mine.ask_neighbours(POOL, 300).received
        assert received.transfer == lost
        assert theirs.allowances().pools[0].left_fen == 700
        (more,) = mine.ask_neighbours(POOL, 100).received
        assert more.transfer_id != received.transfer_id
        assert theirs.allowances().pools[0].left_fen == 600


def test_a_stopped_colleague_gets_nothing(network: Network) -> None:
    hub, asker = network.laptop("H1", limit_fen=1000), network.laptop("D1")
    network.told(
        hub,
        network.say(
            OtherDeviceRevoked, "H1", revoked_device="D1", revoked_epoch=1, reason={"zh": "丢失", "en": "lost"}
        ),
    )
    with network.desk(hub, NeighbourRole.HUB) as theirs, network.desk(asker) as mine:
        shown = mine.add_neighbour(at(theirs))
        assert shown.problem is not None
        assert shown.problem.code == "neighbour_stopped"
        assert mine.ask_neighbours(POOL, 1).received == ()
        assert theirs.allowances().pools[0].left_fen == 1000


def test_a_stopped_hub_gives_nothing_away(network: Network) -> None:
    hub, asker = network.laptop("H1", limit_fen=1000), network.laptop("D1")
    network.told(hub, network.say(DeviceRevoked, "H1", reason={"zh": "收回", "en": "taken back"}))
    with network.desk(hub, NeighbourRole.HUB) as theirs, network.desk(asker) as mine:
        mine.add_neighbour(at(theirs))
        assert mine.ask_neighbours(POOL, 1).received == ()


def test_a_hub_that_died_with_everything_costs_nothing(network: Network) -> None:
    first, second, laptop = network.laptop("H1"), network.laptop("H2"), network.laptop("D1")
    with network.desk(laptop) as desk:
        save(desk)
        with network.desk(first, NeighbourRole.HUB) as hub_desk:
            desk.add_neighbour(at(hub_desk))
            desk.push_to_neighbours()
        shutil.rmtree(first)
        with network.desk(second, NeighbourRole.HUB) as hub_desk:
            where = at(hub_desk)
            desk.add_neighbour(where)
            report = desk.push_to_neighbours()
            assert report.custodians == ("H2",)
            assert report.bundles == 1, "the whole log again, to the new hub"
            held = hub_desk.sharing()
            assert held.held_bundles == 1


def test_a_foreign_headquarters_hub_is_refused_in_words(network: Network, tmp_path: Path) -> None:
    laptop = network.laptop("D1")
    other = Network(tmp_path / "other")
    with other.desk(other.laptop("H1"), NeighbourRole.HUB) as hub_desk, network.desk(laptop) as desk:
        save(desk)
        shown = desk.add_neighbour(at(hub_desk))
        assert shown.problem is not None
        assert shown.problem.code == "neighbour_stranger"
        assert desk.push_to_neighbours().custodians == ()
        assert hub_desk.sharing().held_bundles == 0
        assert desk.disk_fault() is None


def test_ones_own_address_is_no_neighbour(network: Network) -> None:
    with network.desk(network.laptop("D1")) as desk:
        where = at(desk)
        with pytest.raises(InputError) as own:
            desk.add_neighbour(where)
        assert own.value.code == "neighbour_own_address"
        assert desk.neighbours() == ()
        assert desk.disk_fault() is None


def test_what_was_switched_on_and_typed_is_remembered(network: Network) -> None:
    laptop = network.laptop("D1")
    free = socket.create_server(("127.0.0.1", 0))
    nobody = f"127.0.0.1:{free.getsockname()[1]}"
    free.close()
    with network.desk(laptop) as desk:
        desk.share(True)
        assert desk.add_neighbour(nobody).problem is not None
    kept = load_settings(laptop)
    assert (kept.share, kept.neighbours) == (True, (nobody,))
    with network.desk(laptop, serve=True) as desk:
        assert desk.sharing().on
        assert [each.address for each in desk.neighbours()] == [nobody]
        desk.forget_neighbour(nobody)
        desk.share(False)
        assert not desk.sharing().on
    assert load_settings(laptop) == Settings(home=laptop)


def test_a_taken_port_does_not_keep_a_laptop_from_sharing(network: Network) -> None:
    with network.desk(network.laptop("D1")) as one, network.desk(network.laptop("D2")) as two:
        ports = {one.share(True).port, two.share(True).port}
        assert len(ports) == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("192.168.1.20", ("192.168.1.20", DEFAULT_PORT)),
        (" hub.local:80 ", ("hub.local", 80)),
        ("[fe80::1]:99", ("fe80::1", 99)),
        ("[fe80::1]", ("fe80::1", DEFAULT_PORT)),
        ("[fe80::1%eth0]:99", ("fe80::1%eth0", 99)),
        ("fe80::1%4", ("fe80::1%4", DEFAULT_PORT)),
        ("2001:db8::7", ("2001:db8::7", DEFAULT_PORT)),
    ],
)
def test_addresses_are_read_as_meant(text: str, place: tuple[str, int]) -> None:
    assert parsed_address(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":80",
        "a b",
        "host:0",
        "host:70000",
        "host:x",
        "http://host",
        "a@b:1",
        "host:１２",
        "[host]:1",
        "[::1]99",
        "1:2:3",
        "h%eth0",
        "[fe80::1%]",
        "::1]:9",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parsed_address(text)


def test_an_announcement_may_say_anything_and_only_sense_is_taken() -> None:
    good = {b"device": b"H1", b"station": b"QX07", b"role": b"hub"}
    assert found_of("i", good, ["fe80::1", "10.0.0.7"], 47) == Found(
        "i", "H1", "QX07", NeighbourRole.HUB, "10.0.0.7", 47
    )
    everywhere = [
        "169.254.7.1",
        "fe80::1%4",
        "fd00::2",
        "::",
        "ff02::1",
        "10.0.0.7",
        "10.0.0.7",
        "::ffff:10.0.0.7",
        "x",
    ]
    found = found_of("i", good, everywhere, 47)
    assert found is not None
    assert (found.host, found.others) == ("10.0.0.7", ("fd00::2", "fe80::1%4", "169.254.7.1"))
    for bad in (
        good | {b"role": b"headquarters"},
        good | {b"device": b""},
        good | {b"device": b"\xff"},
        good | {b"station": b"x" * 65},
        good | {b"station": "\u202e".encode()},
        {b"device": None},
    ):
        assert found_of("i", bad, ["10.0.0.7"], 47) is None
    assert found_of("i", good, ["fe80::1"], 47) is None
    assert found_of("i", good, ["10.0.0.7"], 0) is None


def ipv6_addresses() -> list[str]:
    """This machine's own, loopback first, the link-local ones with their interface."""
    own = [each for each in own_addresses() if ":" in each]
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return own
    return ["::1", *own]


def test_a_hub_is_reached_over_ipv6_and_by_its_next_address_where_the_first_leads_nowhere(network: Network) -> None:
    addresses = ipv6_addresses()
    if not addresses:
        pytest.skip("this machine has no IPv6")
    assert [packed_address(each) for each in addresses]
    hub, laptop = network.laptop("H1"), network.laptop("D1")
    with network.desk(hub, NeighbourRole.HUB, host="") as hub_desk, network.desk(laptop) as desk:
        port = hub_desk.share(True).port
        for each in addresses:
            shown = desk.add_neighbour(f"[{each}]:{port}")
            assert (shown.name, shown.problem) == ("H1", None), each
            desk.forget_neighbour(shown.address)
        assert desk.neighbours() == ()
    # It announced two addresses, and listens at the second only.
    with network.desk(hub, NeighbourRole.HUB, host=addresses[0]) as hub_desk:
        found = Found(
            "i", "H1", "QX07", NeighbourRole.HUB, "127.0.0.1", hub_desk.share(True).port, (addresses[0], "fd00::dead")
        )

        def discover(*given: object) -> None:
            given[4](found)  # type: ignore[operator]  # the call for a neighbour that appeared

        noted = threading.Event()
        with network.desk(
            laptop, probe=lambda step: noted.set() if step == "custody_noted" else None, discover=discover
        ) as desk:
            save(desk)
            desk.share(True)
            assert noted.wait(60)


def test_one_who_knows_both_hands_out_the_newer(tmp_path: Path) -> None:
    def folder(name: str, version: int, **more: str) -> Path:
        made = tmp_path / name
        for path, text in {TIMESTAMP: msgspec.json.encode({"signed": {"version": version}}).decode(), **more}.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text)
        return made

    old, new = folder("old", 3, anchor="old", only="here"), folder("new", 4, anchor="new")
    files = NewestFiles([old, new, tmp_path / "none"])
    by_name = {each.name: each for each in files.listed("tuf/")}
    assert set(by_name) == {"tuf/anchor", "tuf/only", f"tuf/{TIMESTAMP}"}
    assert files.piece(by_name["tuf/anchor"].sha256, 0, 9) == (3, b"new")
    assert files.piece(by_name["tuf/only"].sha256, 0, 9) == (4, b"here")
    folder("old", 5)
    assert files.piece(files.listed("tuf/anchor")[0].sha256, 0, 9) == (3, b"old")
    (new / TIMESTAMP).write_text("[]")
    assert files.listed("tuf/anchor")


class Turns(threading.Event):
    """Set once it was waited for so many times."""

    def __init__(self, turns: int) -> None:
        super().__init__()
        self.left = turns

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - turns, not seconds
        self.left -= 1
        if self.left == 0:
            self.set()
        return self.is_set()


def test_the_hub_command_says_where_it_is_and_stops_when_told(
    network: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = network.laptop("H1", limit_fen=123_400)
    with network.desk(hub, NeighbourRole.HUB) as desk:
        run_hub(desk, Turns(3), neighbours=[], to_headquarters=False)
        port = desk.sharing().port
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"清溪一中安置点服务站 QX07  H1/1  port {port}"
    assert said[1:] == ["同事 0 台 laptops  托管 0 包 bundles 0.0 MB  离线额度 1,234.00 元 allowance"]


def test_what_a_hub_hands_out_is_the_folder_it_was_given(network: Network, tmp_path: Path) -> None:
    from sync.lan_releases import LanFiles
    from sync.tuf_sources import CarrierSource
    from sync.tuf_targets import STICK_FOLDER
    from tests.sync.lan_devices import Root

    stick = tmp_path / "stick" / STICK_FOLDER
    (stick / "targets").mkdir(parents=True)
    (stick / "timestamp.json").write_bytes(b"{}")
    (stick / "targets" / "blob").write_bytes(b"b" * 200_000)
    (tmp_path / "stick" / "secret").write_bytes(b"not in it")
    asker = Root()
    asker.key, asker.der = network.root_key, network.root
    with network.desk(network.laptop("H1"), NeighbourRole.HUB, releases=tmp_path / "stick") as desk:
        host, port = parsed_address(at(desk))
        with LanCarrier((host, port), asker.device("D7").own) as line:
            source = CarrierSource(LanFiles(line))
            assert source.read("timestamp.json", 100) == b"{}"
            assert source.read("no-such.json", 100) is None
            assert source.read("../secret", 100) is None
            got = bytearray()
            source.stream("targets/blob", got.extend, 150_000)
            assert got == b"b" * 50_000
            assert [each.name for each in line.files("tuf/")] == ["tuf/targets/blob", "tuf/timestamp.json"]
