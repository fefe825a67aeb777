"""Carriers at headquarters' door: bundles in parts or whole, from any enrolled device; the command for sticks; box keys."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.events import BoxKeyAnnounced
from headquarters.box_keys import box_key_of
from headquarters.commands import run
from headquarters.commands_bundles import bundles_in
from headquarters.installation import Headquarters
from headquarters.models import Device
from headquarters.models_bundles import BundleTaken
from sync.wire import bundles as wire
from sync.wire.messages import PROTOCOL, RAW_TYPE, Hello, LogBatch, WireMessage, request_bytes
from tests.headquarters.conftest import START, MakeLaptop
from tests.headquarters.laptop import AT, Laptop, asked
from trust.boxes import generate_box_key
from trust.bundles import Purpose, by_device, of_device, of_service, open_segments, seal_segments

BOX_PRIVATE, BOX_PUBLIC = generate_box_key()


def bundle(hq: Headquarters, laptop: Laptop, bundle_id: str = "ab" * 16, *, key: bytes | None = None) -> bytes:
    """A laptop's hello and log as a sealed bundle."""
    out = io.BytesIO()
    sign = by_device(laptop.key, laptop.identity.device_certificate)
    sealer = seal_segments(out, [key or hq.secrets.recovery_public], sign, purpose=Purpose.UP, bundle_id=bundle_id)
    device, epoch = laptop.identity.device, laptop.identity.epoch
    through = laptop.head.first_seq - 1
    digest = laptop.head.prev_hash.hex()
    begun = wire.UpBegun(device=device, epoch=epoch, made_at=AT, after_seq=0, through_seq=through, digest=digest)
    sealer.add(wire.encode_record(begun))
    hello = Hello(
        protocol=PROTOCOL,
        device=device,
        epoch=epoch,
        next_seq=through + 1,
        head=digest,
        watermark_seq=0,
        feed_position=0,
        nonce=bundle_id,
    )
    batch = LogBatch(device=device, epoch=epoch, commits=tuple(each.raw for each in laptop.commits))
    for path, message in (("/v1/hello", hello), ("/v1/log", batch)):
        sealer.add(wire.encode_record(request(laptop, path, message)))
    sealer.finish()
    return out.getvalue()


def request(laptop: Laptop, path: str, message: WireMessage) -> wire.Request:
    body = asked(message)
    signed = request_bytes("POST", path, laptop.identity.device, laptop.identity.epoch, body)
    return wire.Request(method="POST", path=path, body=body, packed=True, signature=laptop.key.sign(signed))


def worked(laptop: Laptop) -> Laptop:
    laptop.commit(BoxKeyAnnounced(at=AT, public_key=BOX_PUBLIC), laptop.open_case())
    return laptop


def part(carrier: Laptop, raw: bytes, index: int | None, **changes: object) -> wire.BundlePart:
    start = 0 if index is None else index * wire.PART_BYTES
    fields: dict[str, object] = {
        "device": carrier.identity.device,
        "epoch": carrier.identity.epoch,
        "nonce": f"n-{index}",
        "sha256": hashlib.sha256(raw).hexdigest(),
        "size_bytes": len(raw),
        "index": index,
        "content": b"" if index is None else raw[start : start + wire.PART_BYTES],
    }
    return wire.BundlePart(**{**fields, **changes})  # type: ignore[arg-type]


def watermark(hq: Headquarters, laptop: Laptop) -> int:
    with hq.database.read() as session:
        return session.get_one(Device, (laptop.identity.device, laptop.identity.epoch)).watermark_seq


def opened_answer(laptop: Laptop, raw: bytes | None) -> list[object]:
    assert raw is not None
    records = open_segments(io.BytesIO(raw), BOX_PRIVATE, of_service(laptop.roots), purpose=Purpose.ANSWERS)
    return [wire.read_answer_record(record) for record in records]


def test_a_colleague_brings_a_whole_bundle(hq: Headquarters, make_laptop: MakeLaptop) -> None:
    writer, carrier = worked(make_laptop("D3")), make_laptop("D5")
    raw = bundle(hq, writer)
    answered = carrier.opened(
        carrier.send("POST", "/v1/bundle", raw, **{"Content-Type": RAW_TYPE}), wire.BundleAnswered
    )
    assert (answered.taken, answered.problem, answered.hq_time) == (True, "", START)
    assert watermark(hq, writer) == 2
    begun, *answers = opened_answer(writer, answered.answer)
    assert isinstance(begun, wire.AnswersBegun)
    assert (begun.device, begun.epoch, begun.to_bundle) == ("D3", 1, "ab" * 16)
    assert all(isinstance(each, wire.Answer) for each in answers)


def test_parts_come_in_any_order_and_again_and_the_answer_can_be_asked_for_once_more(
    hq: Headquarters, make_laptop: MakeLaptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headquarters import bundle_spool

    for module in (wire, bundle_spool):
        monkeypatch.setattr(module, "PART_BYTES", 500)
    writer, carrier = worked(make_laptop("D3")), make_laptop("D5")
    raw = bundle(hq, writer)
    count = wire.part_count(len(raw))
    assert count > 3

    def ask(index: int | None, content: bytes | None = None) -> wire.BundleAnswered:
        changes = {} if content is None else {"content": content}
        return carrier.opened(carrier.ask("/v1/bundle", part(carrier, raw, index, **changes)), wire.BundleAnswered)

    assert ask(None).lacking == tuple(range(count))
    for index in reversed(range(1, count)):
        ask(index)
        assert ask(index).lacking == tuple(range(index))
    assert watermark(hq, writer) == 0
    done = ask(0)
    assert done.taken
    assert watermark(hq, writer) == 2
    again = ask(None)
    assert again.taken
    assert len(opened_answer(writer, again.answer)) > 1
    assert not list((hq.home / "bundles").iterdir())
    with hq.database.read() as session:
        row = session.get_one(BundleTaken, "ab" * 16)
        assert (row.carrier, row.times, row.sealed_by_writer) == ("D5", 1, True)


def test_a_spoiled_part_makes_all_of_them_lack_again(
    hq: Headquarters, make_laptop: MakeLaptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headquarters import bundle_spool

    for module in (wire, bundle_spool):
        monkeypatch.setattr(module, "PART_BYTES", 700)
    writer, carrier = worked(make_laptop("D3")), make_laptop("D5")
    raw = bundle(hq, writer)
    spoiled = bytes(700) + raw[700:]
    count = wire.part_count(len(raw))
    for index in range(count):
        message = part(carrier, raw, index, content=spoiled[index * 700 : index * 700 + 700])
        answered = carrier.opened(carrier.ask("/v1/bundle", message), wire.BundleAnswered)
    assert not answered.taken
    assert answered.lacking == tuple(range(count))
    assert watermark(hq, writer) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"index": -1},
        {"index": 99},
        {"content": b"short"},
        {"sha256": "../../secrets/root.key"},
        {"size_bytes": 0},
        {"size_bytes": wire.MAX_CARRIED_BYTES + 1},
        {"device": "D9"},
    ],
)
def test_parts_that_make_no_sense_are_refused(
    hq: Headquarters, make_laptop: MakeLaptop, changes: dict[str, object]
) -> None:
    carrier = make_laptop("D5")
    raw = bundle(hq, worked(make_laptop("D3")))
    response = carrier.ask("/v1/bundle", msgspec.structs.replace(part(carrier, raw, 0), **changes))
    assert response.status_code in (400, 401, 413), response.text
    assert not (hq.home / "bundles").exists() or not list((hq.home / "bundles").iterdir())


def test_a_bundle_for_somebody_else_is_refused_and_need_not_be_sent_again(
    hq: Headquarters, make_laptop: MakeLaptop
) -> None:
    writer, carrier = worked(make_laptop("D3")), make_laptop("D5")
    raw = bundle(hq, writer, key=generate_box_key()[1])
    assert carrier.send("POST", "/v1/bundle", raw).status_code == 400
    for index in range(wire.part_count(len(raw))):
        answered = carrier.opened(carrier.ask("/v1/bundle", part(carrier, raw, index)), wire.BundleAnswered)
    assert (answered.taken, answered.problem) == (True, "bundle_not_for_us")


def test_only_an_enrolled_device_may_carry(hq: Headquarters, make_laptop: MakeLaptop) -> None:
    writer = worked(make_laptop("D3"))
    raw = bundle(hq, writer)
    assert writer.client.post("/v1/bundle", content=raw).status_code == 401
    forger = make_laptop("D5")
    forger.key = writer.key
    assert forger.send("POST", "/v1/bundle", raw).status_code == 401
    assert watermark(hq, writer) == 0


def test_the_newest_announced_key_of_each_life_counts_and_nonsense_does_not(
    hq: Headquarters, make_laptop: MakeLaptop
) -> None:
    laptop = make_laptop("D3")
    newer = generate_box_key()[1]
    for key in (BOX_PUBLIC, newer, b"short"):
        laptop.commit(BoxKeyAnnounced(at=AT, public_key=key))
    receipt = laptop.send_log()
    assert receipt.rejected_seqs == (3,)
    with hq.database.read() as session:
        assert box_key_of(session, "D3", 1) == newer
        assert box_key_of(session, "D3", 2) is None


def test_an_announced_key_that_nothing_can_be_sealed_to_only_means_no_answer(
    hq: Headquarters, make_laptop: MakeLaptop
) -> None:
    writer, carrier = make_laptop("D3"), make_laptop("D5")
    writer.commit(BoxKeyAnnounced(at=AT, public_key=bytes(32)))
    answered = carrier.opened(carrier.send("POST", "/v1/bundle", bundle(hq, writer)), wire.BundleAnswered)
    assert (answered.taken, answered.answer) == (True, None)
    assert watermark(hq, writer) == 1


def test_the_commands_take_sticks_and_write_answers(
    hq: Headquarters, make_laptop: MakeLaptop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    writer = worked(make_laptop("D3"))
    stick, back = tmp_path / "stick", tmp_path / "back"
    stick.mkdir()
    (stick / "a.fcb").write_bytes(bundle(hq, writer))
    (stick / "b.fcb").write_bytes(b"holiday photos")
    (stick / "c.answer.fcb").write_bytes(b"not for here")
    assert bundles_in([stick]) == [stick / "a.fcb", stick / "b.fcb"]
    assert run(["take-bundle", str(hq.home), str(stick), "--answers", str(back)]) == 1
    told = capsys.readouterr().out
    assert "b.fcb" in told
    assert watermark(hq, writer) == 2
    first = list(back.glob("*.answer.fcb"))
    assert len(first) == 1
    assert len(opened_answer(writer, first[0].read_bytes())) > 1
    assert run(["take-bundle", str(hq.home), str(stick / "a.fcb")]) == 0
    assert run(["write-answers", str(hq.home), str(back)]) == 0
    assert len(list(back.glob("*.answer.fcb"))) == 2


def test_a_bundle_that_is_cut_inside_its_header_or_empty_is_refused(hq: Headquarters, make_laptop: MakeLaptop) -> None:
    from headquarters.bundle_intake import take_bundle
    from headquarters.refusals import BodyRefused

    raw = bundle(hq, worked(make_laptop("D3")))
    for length in (0, 7, 26, 60, 114):
        with pytest.raises(BodyRefused):
            take_bundle(hq, io.BytesIO(raw[:length]))


_RECORDS = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda path, method, body, packed, signature: msgspec.msgpack.encode(
            {
                "type": "request@1",
                "path": path,
                "method": method,
                "body": body,
                "packed": packed,
                "signature": signature,
            }
        ),
        st.sampled_from(["/v1/hello", "/v1/log", "/v1/chunk/x/1", "/v1/have", "", "\0", "/v1/../secrets"]),
        st.sampled_from(["POST", "PUT", "", "\0"]),
        st.binary(max_size=40),
        st.booleans(),
        st.binary(max_size=70),
    ),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(records=st.lists(_RECORDS, max_size=5), signed=st.booleans(), body=st.binary(max_size=30))
def test_whatever_a_hostile_device_puts_inside_is_refused_and_nothing_breaks(
    hostile: tuple[Headquarters, Laptop], records: list[bytes], signed: bool, body: bytes
) -> None:
    from headquarters.bundle_intake import take_bundle

    hq, laptop = hostile
    out = io.BytesIO()
    sign = by_device(laptop.key, laptop.identity.device_certificate)
    sealer = seal_segments(out, [hq.secrets.recovery_public], sign, purpose=Purpose.UP, bundle_id="ef" * 16)
    begun = wire.UpBegun(device="D3", epoch=1, made_at=AT, after_seq=-5, through_seq=2**63, digest="x")
    sealer.add(wire.encode_record(begun))
    for record in records:
        sealer.add(record)
    if signed:
        for path in ("/v1/hello", "/v1/log", "/v1/have", "/v1/down", "/v1/relearn", "/v1/chunk/0/0", "/v1/bundle"):
            message = request_bytes("POST", path, "D3", 1, body)
            fake = wire.Request(method="POST", path=path, body=body, packed=False, signature=laptop.key.sign(message))
            sealer.add(wire.encode_record(fake))
    sealer.finish()
    taken = take_bundle(hq, io.BytesIO(out.getvalue()))
    assert taken.refused == taken.requests
    assert watermark(hq, laptop) == 0


def harmful(hq: Headquarters, laptop: Laptop, records: list[bytes], *, genuine: bool = True) -> bytes:
    """A bundle in the laptop's name: its own hello and log, and then whatever somebody put behind them."""
    out = io.BytesIO()
    sign = by_device(laptop.key, laptop.identity.device_certificate)
    sealer = seal_segments(out, [hq.secrets.recovery_public], sign, purpose=Purpose.UP, bundle_id="ef" * 16)
    begun, *own = list(
        open_segments(
            io.BytesIO(bundle(hq, laptop)), hq.secrets.recovery_private, of_device(hq.trust_store()), purpose=Purpose.UP
        )
    )
    for record in (begun, *(own if genuine else ()), *records):
        sealer.add(record)
    sealer.finish()
    return out.getvalue()


def test_a_bundle_of_rubbish_costs_a_bounded_amount_of_work_and_harms_nothing(
    hq: Headquarters, make_laptop: MakeLaptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headquarters import bundle_intake

    writer, carrier = worked(make_laptop("D3")), make_laptop("D5")
    looked_at = []
    genuine = bundle_intake.read_up_record
    monkeypatch.setattr(bundle_intake, "read_up_record", lambda raw: looked_at.append(1) or genuine(raw))
    unsigned = wire.encode_record(wire.Request(method="POST", path="/v1/log", body=b"", packed=False, signature=b""))
    raw = harmful(hq, writer, [b"x", unsigned] * 10_000)
    answered = carrier.opened(carrier.send("POST", "/v1/bundle", raw), wire.BundleAnswered)
    assert (answered.taken, answered.problem) == (True, "bundle_given_up"), "the carrier need not send it again"
    assert len(looked_at) < 500
    assert watermark(hq, writer) == 2, "what was good counts"
    (told,) = [each for each in opened_answer(writer, answered.answer) if isinstance(each, wire.Refused)]
    assert (told.code, told.count) == ("bundle_given_up", len(looked_at) - 3)
    writer.commit(writer.open_case())
    later = carrier.opened(carrier.send("POST", "/v1/bundle", bundle(hq, writer, "cd" * 16)), wire.BundleAnswered)
    assert (later.taken, later.problem) == (True, "")
    assert watermark(hq, writer) == 3


def test_a_bundle_in_a_colleagues_name_without_a_word_of_theirs_is_given_up_too(
    hq: Headquarters, make_laptop: MakeLaptop
) -> None:
    from headquarters.bundle_intake import take_bundle

    writer = worked(make_laptop("D3"))
    taken = take_bundle(hq, io.BytesIO(harmful(hq, writer, [b"x"] * 1_000, genuine=False)))
    assert (taken.given_up, taken.whole, taken.answer, taken.requests) == (True, False, None, 200)


def test_the_same_signed_words_a_thousand_times_are_bounded_too(
    hq: Headquarters, make_laptop: MakeLaptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headquarters import bundle_intake

    monkeypatch.setattr(bundle_intake, "WORK", 20_000)
    writer = worked(make_laptop("D3"))
    empty = LogBatch(device="D3", epoch=1, commits=())
    again = wire.encode_record(request(writer, "/v1/log", empty))
    taken = bundle_intake.take_bundle(hq, io.BytesIO(harmful(hq, writer, [again] * 1_000)))
    assert (taken.given_up, taken.requests, taken.refused) == (True, 20, 0)
    assert watermark(hq, writer) == 2
    assert taken.answer is not None


def test_what_was_given_up_is_said_once_at_the_desk(
    hq: Headquarters, make_laptop: MakeLaptop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    writer = worked(make_laptop("D3"))
    (tmp_path / "a.fcb").write_bytes(harmful(hq, writer, [b"x"] * 1_000))
    assert run(["take-bundle", str(hq.home), str(tmp_path / "a.fcb")]) == 1
    told = capsys.readouterr().out
    assert "总部读到第 202 项为止" in told
    assert "cut or changed" not in told


@pytest.fixture
def hostile(hq: Headquarters, make_laptop: MakeLaptop) -> tuple[Headquarters, Laptop]:
    return hq, make_laptop("D3")


@pytest.mark.parametrize("changes", [{"device": "D3\0"}, {"epoch": 2**63}, {"epoch": -1}, {"device": "x" * 999}])
def test_a_beginning_that_no_device_can_have_is_refused(
    hq: Headquarters, make_laptop: MakeLaptop, changes: dict[str, object]
) -> None:
    from headquarters.bundle_intake import take_bundle
    from headquarters.refusals import BodyRefused

    laptop = make_laptop("D3")
    out = io.BytesIO()
    sign = by_device(laptop.key, laptop.identity.device_certificate)
    sealer = seal_segments(out, [hq.secrets.recovery_public], sign, purpose=Purpose.UP, bundle_id="ef" * 16)
    fields = {"device": "D3", "epoch": 1, "made_at": AT, "after_seq": 0, "through_seq": 1, "digest": "x"} | changes
    sealer.add(msgspec.msgpack.encode({"type": "up_begun@1"} | fields))
    sealer.finish()
    with pytest.raises(BodyRefused):
        take_bundle(hq, io.BytesIO(out.getvalue()))


def test_a_program_that_is_too_old_learns_so_by_stick(hq: Headquarters, make_laptop: MakeLaptop) -> None:
    from headquarters.bundle_intake import take_bundle

    writer = worked(make_laptop("D3"))
    take_bundle(hq, io.BytesIO(bundle(hq, writer)))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("headquarters.answers.PROTOCOL", PROTOCOL + 7)
        taken = take_bundle(hq, io.BytesIO(bundle(hq, writer, "cd" * 16)))
    refused = [each for each in opened_answer(writer, taken.answer) if isinstance(each, wire.Refused)]
    assert [each.count for each in refused] == [1]
    assert refused[0].zh


def test_messages_survive_a_newer_writer(hq: Headquarters, make_laptop: MakeLaptop) -> None:
    """A record or field that this version does not know hinders nothing."""
    writer = worked(make_laptop("D3"))
    raw = msgspec.msgpack.encode({"type": "up_begun@9", "device": "D3"})
    with pytest.raises(msgspec.ValidationError):
        wire.read_up_record(raw)
    known = msgspec.msgpack.decode(
        wire.encode_record(wire.UpBegun(device="D3", epoch=1, made_at=AT, after_seq=0, through_seq=1, digest="00"))
    )
    assert wire.read_up_record(msgspec.msgpack.encode(known | {"weather": "rain"}))
    assert writer.identity.device == "D3"
