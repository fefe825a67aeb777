"""Two devices over real TLS on loopback: who gets in, who does not, and what a bad line or a bad neighbour can do."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from sync.lan_carrier import LanCarrier
from sync.lan_channel import Opening, OwnServerError
from sync.lan_problems import NeighbourFault, NeighbourProblem
from sync.lan_server import LanServer, ServerCaps
from sync.wire.hub_inputs import Outstanding
from sync.wire.hub_messages import (
    MAX_MESSAGE_BYTES,
    PIECE_BYTES,
    HighestAsked,
    Mark,
    NeighbourRole,
    PieceSent,
    Refusal,
)
from tests.sync.lan_devices import LOOPBACK, Device, Disk, Purse, Root, bundle_of, call, serving

SEALED = bytes(range(256)) * 1000
POOL = "P|medical_year|2026"


@pytest.fixture(scope="module")
def root() -> Root:
    return Root()


def test_a_bundle_goes_into_custody_and_the_custodian_says_how_far_it_holds(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    with serving(hub, tmp_path) as served, call(laptop, served.address) as line:
        assert (line.device.device, line.role) == ("H1", NeighbourRole.HUB)
        bundle = bundle_of(laptop, SEALED)
        receipt = line.deposit(bundle)
        assert line.deposit(bundle) == receipt
        assert line.highest().marks == (Mark(7, bundle.digest, bundle.label),)
        assert (served.shelf.folder / "B1").read_bytes() == SEALED
        with call(root.device("D2"), served.address) as other:
            assert other.highest().marks == ()


def test_custody_survives_a_restart_of_the_hub(root: Root, tmp_path: Path) -> None:
    hub, laptop, disk = root.device("H1"), root.device("D1"), Disk(tmp_path)
    bundle = bundle_of(laptop, SEALED)
    with serving(hub, disk) as served, call(laptop, served.address) as line:
        receipt = line.deposit(bundle)
    (tmp_path / "left.pieces").write_bytes(b"of a cut")
    with serving(hub, disk) as served, call(laptop, served.address) as line:
        assert line.highest().marks == (Mark(7, bundle.digest, bundle.label),)
        assert line.deposit(bundle) == receipt
    assert not list(tmp_path.glob("*.pieces"))


def test_a_mark_stays_when_the_bytes_are_gone(root: Root, tmp_path: Path) -> None:
    hub, laptop, disk = root.device("H1"), root.device("D1"), Disk(tmp_path)
    with serving(hub, disk) as served, call(laptop, served.address) as line:
        line.deposit(bundle_of(laptop, SEALED))
        disk.rows.clear()
        line.deposit(bundle_of(laptop, SEALED[::-1], seq=5, bundle_id="B2"))
        assert [each.through_seq for each in line.highest().marks] == [7, 5]
    disk.rows.clear()
    with serving(hub, disk) as served, call(laptop, served.address) as line:
        assert [each.through_seq for each in line.highest().marks] == [7, 5]


def test_a_full_shelf_is_said_and_nothing_counts(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    with serving(hub, tmp_path) as served, call(laptop, served.address) as line:
        served.shelf.full = True
        with pytest.raises(NeighbourProblem) as refused:
            line.deposit(bundle_of(laptop, SEALED))
        assert refused.value.refusal is Refusal.NO_ROOM
        assert line.highest().marks == ()


def test_a_label_that_says_otherwise_or_of_another_device_is_refused(root: Root, tmp_path: Path) -> None:
    hub, laptop, other = root.device("H1"), root.device("D1"), root.device("D2")
    mine = bundle_of(laptop, SEALED)
    with serving(hub, tmp_path) as served, call(laptop, served.address) as line:
        for wrong in (
            replace(mine, label=b"no label"),
            replace(mine, label=bundle_of(other, SEALED).label),
            replace(mine, through_seq=99),
            replace(mine, digest="0" * 64),
        ):
            with pytest.raises(NeighbourProblem) as refused:
                line.deposit(wrong)
            assert refused.value.refusal is Refusal.UNREADABLE


def test_a_device_of_another_headquarters_gets_no_word(root: Root, tmp_path: Path) -> None:
    stranger = Root().device("D1")
    with serving(root.device("H1"), tmp_path) as served, pytest.raises(NeighbourProblem) as refused:
        call(stranger, served.address)
    assert refused.value.fault is NeighbourFault.STRANGER


def test_a_hub_of_another_headquarters_learns_nothing(root: Root, tmp_path: Path) -> None:
    met: list[object] = []
    laptop = root.device("D1")
    with serving(Root().device("H1"), tmp_path) as served:
        served.server._met = lambda *who: met.append(who)
        with pytest.raises(NeighbourProblem) as refused:
            call(laptop, served.address)
    assert refused.value.fault is NeighbourFault.STRANGER
    assert met == []


@pytest.mark.parametrize("knows", ["hub", "laptop"])
def test_a_stopped_device_is_refused_by_whoever_knows(root: Root, tmp_path: Path, knows: str) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    (hub if knows == "hub" else laptop).stopped.add(("D1", 1) if knows == "hub" else ("H1", 1))
    with serving(hub, tmp_path) as served, pytest.raises(NeighbourProblem) as refused:
        call(laptop, served.address)
    assert refused.value.fault is NeighbourFault.STOPPED


def test_a_device_stopped_in_the_middle_of_a_conversation_gets_no_further_word(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    with serving(hub, tmp_path) as served, call(laptop, served.address) as line:
        line.greet()
        hub.stopped.add(("D1", 1))
        with pytest.raises(NeighbourProblem) as refused:
            line.greet()
    assert refused.value.fault is NeighbourFault.CUT


def test_a_copied_disk_meets_itself(root: Root, tmp_path: Path) -> None:
    laptop = root.device("D1")
    copy = root.device("D1", key=laptop.key)
    with serving(laptop, tmp_path, role=NeighbourRole.LAPTOP) as served, pytest.raises(NeighbourProblem) as twin:
        call(copy, served.address)
    assert twin.value.fault is NeighbourFault.TWIN
    assert not twin.value.retryable


def test_a_program_knows_its_own_server(root: Root, tmp_path: Path) -> None:
    laptop = root.device("D1")
    with serving(laptop, tmp_path) as served, pytest.raises(OwnServerError):
        LanCarrier(served.address, laptop.own, own_tls=frozenset({served.server.tls_sha256}))


def test_two_laptops_of_one_name_and_different_keys_are_two_devices(root: Root, tmp_path: Path) -> None:
    """A device that was enrolled anew keeps its name: its two lives never speak for one another."""
    hub, old, new = root.device("H1"), root.device("D1", 1), root.device("D1", 2)
    with serving(hub, tmp_path, purse=Purse(1000)) as served:
        with call(old, served.address) as line:
            line.deposit(bundle_of(old, SEALED))
        with call(new, served.address) as line:
            assert line.highest().marks == ()
        with call(old, served.address) as line:
            assert line.highest().newest_certificate == new.der
            with pytest.raises(NeighbourProblem) as retired:
                line.ask_allowance(POOL, 5, ())
    assert retired.value.refusal is Refusal.RETIRED


class Between(threading.Thread):
    """Somebody on the cable: forwards bytes, may stop after some, or pose as the other end with a TLS of its own."""

    def __init__(self, target: tuple[str, int], cut_after: int | None = None) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server((LOOPBACK, 0))
        self.target, self.cut_after = target, cut_after
        self.seen = bytearray()
        self.start()

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.listener.getsockname()
        return host, port

    def run(self) -> None:
        near, _ = self.listener.accept()
        far = socket.create_connection(self.target)
        back = threading.Thread(target=self._pump, args=(far, near, None), daemon=True)
        back.start()
        self._pump(near, far, self.cut_after)
        back.join()
        for each in (near, far, self.listener):
            each.close()

    def _pump(self, source: socket.socket, target: socket.socket, cut_after: int | None) -> None:
        sent = 0
        try:
            while part := source.recv(4096):
                if cut_after is not None and sent + len(part) > cut_after:
                    target.sendall(part[: cut_after - sent])
                    break
                target.sendall(part)
                self.seen += part
                sent += len(part)
        except OSError:
            pass
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def test_whoever_listens_on_the_cable_reads_neither_names_nor_bundles(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("HUB-NAME"), root.device("LAPTOP-NAME")
    with serving(hub, tmp_path) as served:
        between = Between(served.address)
        with call(laptop, between.address) as line:
            line.deposit(bundle_of(laptop, b"sealed, and sealed again" * 50))
        between.join()
    for word in (b"HUB-NAME", b"LAPTOP-NAME", b"sealed, and", laptop.der[40:80], b"lan_"):
        assert word not in between.seen


@pytest.mark.parametrize("cut_after", [0, 100, 700, 2500, 40_000, 150_000])
def test_a_line_cut_anywhere_gives_no_receipt_and_the_next_try_goes_on(
    root: Root, tmp_path: Path, cut_after: int
) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    bundle = bundle_of(laptop, SEALED)
    with serving(hub, tmp_path) as served:
        between = Between(served.address, cut_after)
        with pytest.raises(NeighbourProblem) as cut, call(laptop, between.address) as line:
            line.deposit(bundle)
        between.join()
        assert cut.value.fault in (NeighbourFault.CUT, NeighbourFault.TIMEOUT)
        taken: list[int] = []
        with call(laptop, served.address) as line:
            line.deposit(bundle, taken.append)
        assert sum(taken) <= len(SEALED)
        if cut_after >= 150_000:
            assert sum(taken) < len(SEALED), "pieces that had arrived were sent again"


def test_somebody_in_between_with_a_tls_of_its_own_is_found_out(root: Root, tmp_path: Path) -> None:
    """It relays every frame of both ends faithfully; the proof names the certificate, and that gives it away."""
    hub, laptop, tls = root.device("H1"), root.device("D1"), None
    with serving(hub, tmp_path / "hub") as served, serving(Root().device("X"), tmp_path / "x") as posing:
        tls = posing.server._tls
        listener = socket.create_server((LOOPBACK, 0))

        def relay() -> None:
            near, _ = listener.accept()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            with (
                tls.context.wrap_socket(near, server_side=True) as shown,
                context.wrap_socket(socket.create_connection(served.address)) as far,
            ):
                far.sendall(shown.recv(65536))
                relayed.append(far.recv(65536))
                shown.sendall(relayed[0])
                with contextlib.suppress(OSError):
                    shown.recv(65536)

        relayed: list[bytes] = []
        thread = threading.Thread(target=relay)
        thread.start()
        with pytest.raises(NeighbourProblem) as found:
            call(laptop, listener.getsockname())
        thread.join()
        listener.close()
    assert b"lan_server@1" in relayed[0]
    assert found.value.fault is NeighbourFault.STRANGER


def test_a_stranger_with_a_word_too_long_to_be_signed_is_hung_up_on(root: Root, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    opening = msgspec.json.encode(Opening(nonce="n" * 70_000))
    with serving(root.device("H1"), tmp_path) as served:
        with context.wrap_socket(socket.create_connection(served.address)) as stranger:
            stranger.sendall(struct.pack(">II", len(opening), 0) + opening)
            assert stranger.recv(1) == b""
        with call(root.device("D1"), served.address) as line:
            line.greet()


def test_a_slow_peer_costs_a_thread_for_a_moment_and_others_nothing(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    caps = ServerCaps(connections=4, per_address=3, frame_s=0.2, idle_s=0.2)
    with serving(hub, tmp_path, caps=caps) as served:
        slow = [socket.create_connection(served.address) for _ in range(2)]
        with call(laptop, served.address) as line:
            line.greet()
            # It says nothing for longer than it may, in the middle of a frame.
            line._stream.socket.sendall(struct.pack(">II", 100, 0)[:3])
            assert line._stream.socket.recv(1) == b""
        for each in slow:
            each.close()


def test_more_connections_than_an_address_may_have_are_closed_at_once(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    with serving(hub, tmp_path, caps=ServerCaps(per_address=1)) as served, call(laptop, served.address) as line:
        line.greet()
        with pytest.raises(NeighbourProblem):
            call(root.device("D2"), served.address)
        line.greet()


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack(">II", 2**31, 0),
        struct.pack(">II", 10, 2**31),
        struct.pack(">II", 4, 0) + b"\xff\x00{}",
        struct.pack(">II", 19, 0) + b'{"type":"other@99"}',
        struct.pack(">II", MAX_MESSAGE_BYTES * 2 + 1, 0),
    ],
)
def test_what_can_not_be_a_question_ends_the_conversation_only(root: Root, tmp_path: Path, frame: bytes) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    with serving(hub, tmp_path) as served:
        with call(laptop, served.address) as line:
            line._stream.socket.sendall(frame)
            line._stream.socket.settimeout(10)
            assert line._stream.socket.recv(1) == b""
        with call(laptop, served.address) as line:
            line.greet()


def test_a_replayed_frame_is_answered_as_before_and_counts_once(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    bundle = bundle_of(laptop, SEALED)
    with serving(hub, tmp_path) as served, call(laptop, served.address) as line:
        line.deposit(bundle)
        before = served.hub._state
        piece = PieceSent(nonce="n" * 32, bundle_id="B1", index=0, sha256="0" * 64)
        for _ in range(2):
            line._stream.send(msgspec.json.encode(piece), SEALED[:PIECE_BYTES], within_s=5)
            assert line._stream.receive(within_s=5) is not None
        line.deposit(bundle)
        assert served.hub._state.held == before.held
        assert served.hub._state.under_way == ()


def test_an_answer_to_another_question_counts_for_nothing(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    with serving(hub, tmp_path) as served, call(laptop, served.address) as line:
        earlier = HighestAsked(nonce="of an earlier question", device="D1", epoch=1)
        line._stream.send(msgspec.json.encode(earlier), within_s=5)
        with pytest.raises(NeighbourProblem) as refused:
            line.highest()
    assert refused.value.fault is NeighbourFault.STRANGER


def test_a_disk_that_is_nearly_full_keeps_its_reserve(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    with serving(hub, tmp_path, reserve_bytes=2**62) as served, call(laptop, served.address) as line:
        with pytest.raises(NeighbourProblem) as refused:
            line.deposit(bundle_of(laptop, SEALED))
        assert refused.value.refusal is Refusal.NO_ROOM
        assert line.highest().marks == ()


def test_allowance_is_asked_again_after_a_lost_answer(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    with serving(hub, tmp_path, purse=Purse(1000)) as served:
        with call(laptop, served.address) as line:
            first = line.ask_allowance(POOL, 200, ())
        with call(laptop, served.address) as line:
            assert line.ask_allowance(POOL, 200, ()) == first == (b"D1 200",)
            assert line.ask_allowance(POOL, 200, ("G/1",)) == (b"D1 200",)
        assert served.purse.left_fen == 600
        with call(laptop, served.address) as line, pytest.raises(NeighbourProblem) as short:
            line.ask_allowance(POOL, 301, ("G/1", "G/2"))
        assert short.value.refusal is Refusal.ALLOWANCE_SHORT


def test_several_lost_transfers_come_together(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    purse = Purse(1000)
    purse.made = [("D1", 1, Outstanding(transfer_id=f"G/{n}", amount_fen=50, transfer=b"T" * n)) for n in (1, 2, 3)]
    with serving(hub, tmp_path, purse=purse) as served, call(laptop, served.address) as line:
        assert line.ask_allowance(POOL, 100, ("G/2",)) == (b"T", b"TTT")
        assert purse.left_fen == 1000


def test_a_laptop_asks_its_user(root: Root, tmp_path: Path) -> None:
    giver, asker = root.device("D2"), root.device("D1")
    purse = Purse(1000)
    with (
        serving(giver, tmp_path, role=NeighbourRole.LAPTOP, purse=purse) as served,
        call(asker, served.address) as line,
    ):
        assert line.ask_allowance(POOL, 900, ()) is None
        served.hub.decide(served.wishes[0], yes=True)
        assert line.ask_allowance(POOL, 900, ()) == (b"D1 900",)


def test_files_are_handed_out_by_content_and_resumed(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    purse = Purse(files={"release/pack": b"p" * 10, "tuf/targets/x": SEALED})
    with serving(hub, tmp_path, purse=purse) as served, call(laptop, served.address) as line:
        (large,) = line.files("tuf/")
        assert line.fetch(large) == SEALED
        rest = bytearray()
        line.download(large, rest.extend, 100_001)
        assert rest == SEALED[100_001:]
        assert [each.name for each in line.files("")] == ["release/pack", "tuf/targets/x"]


def test_an_answer_of_headquarters_reaches_its_device_only(root: Root, tmp_path: Path) -> None:
    hub, laptop, other = root.device("H1"), root.device("D1"), root.device("D2")
    with serving(hub, tmp_path) as served:
        (served.shelf.folder / "D1-1.answer").write_bytes(b"sealed to D1")
        with call(laptop, served.address) as mine:
            (listed,) = mine.files("answer/")
            with call(other, served.address) as line:
                assert line.files("answer/") == ()
                with pytest.raises(NeighbourProblem):
                    line.fetch(listed)
                line.answers_taken((listed.sha256,))
            assert mine.fetch(listed) == b"sealed to D1"
            mine.answers_taken((listed.sha256,))
            assert mine.files("answer/") == ()


def test_a_taken_port_is_replaced(root: Root, tmp_path: Path) -> None:
    hub = root.device("H1")
    taken = socket.create_server((LOOPBACK, 0))
    with serving(hub, tmp_path) as served:
        second = LanServer(served.hub, hub.own, host=LOOPBACK, port=taken.getsockname()[1])
        assert second.start() not in (0, taken.getsockname()[1])
        second.stop()
    taken.close()


def test_a_machine_without_ipv6_listens_all_the_same(
    root: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    hub, laptop = root.device("H1"), root.device("D1")
    with serving(hub, tmp_path) as served:
        everywhere = LanServer(served.hub, hub.own)
        everywhere.start()
        with call(laptop, (LOOPBACK, everywhere.port)) as line:
            line.greet()
        everywhere.stop()


def test_nobody_there_is_said_in_words(root: Root) -> None:
    free = socket.create_server((LOOPBACK, 0))
    address = free.getsockname()
    free.close()
    with pytest.raises(NeighbourProblem) as nobody:
        call(root.device("D1"), address)
    assert nobody.value.fault is NeighbourFault.NO_ROUTE
    assert str(address[1]) in nobody.value.cause.zh


def test_a_closed_server_leaves_no_thread(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    with serving(hub, tmp_path) as served:
        line = call(laptop, served.address)
        line.greet()
    assert not [each for each in threading.enumerate() if each.name.startswith("lan-")]
    with pytest.raises(NeighbourProblem):
        line.greet()
    line.close()


def test_a_liar_with_another_bundles_receipt_is_not_believed(root: Root, tmp_path: Path) -> None:
    hub, laptop = root.device("H1"), root.device("D1")
    with serving(hub, tmp_path) as served, call(laptop, served.address) as line:
        receipt = line.deposit(bundle_of(laptop, SEALED, bundle_id="B1"))
        with pytest.raises(NeighbourProblem):
            line._checked(receipt, bundle_of(laptop, SEALED, bundle_id="B2"))
        with pytest.raises(NeighbourProblem):
            line._checked(receipt, bundle_of(laptop, SEALED, seq=8))
        other: Device = root.device("D2")
        line._proven = type(line._proven)(other.own.certificate)
        with pytest.raises(NeighbourProblem):
            line._checked(receipt, bundle_of(laptop, SEALED))
