"""Enrolment: one code, one device, and nothing for anybody else."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from claims.errors import InputError
from claims.statements import AllowanceGranted, AuthorityGranted, NumberBlockGranted
from headquarters.devices import revoke
from headquarters.enrolment import FirstGrants, make_enrolment_code
from headquarters.grants import grant_float
from headquarters.models import EnrolmentCode
from sync.wire.enrolment import split_code
from sync.wire.messages import PROTOCOL, EnrolAnswered, EnrolRequest
from tests.headquarters.laptop import asked, enrol_laptop
from trust.keys import SoftwareKey
from trust.statements import open_statement


def code_for(hq, device="D3", station="QX07", **grants):
    return make_enrolment_code(
        hq,
        station=station,
        station_name="清溪服务站",
        adjuster="0417",
        adjuster_name="林晓禾",
        device=device,
        first_grants=FirstGrants(**grants),
    )


def enrol(client, code, key, protocol=PROTOCOL):
    body = asked(EnrolRequest(protocol=protocol, code=code, public_key=key.public_key))
    return client.post("/v1/enrol", content=body, headers={"Content-Encoding": "zstd"})


def test_a_code_makes_a_device_with_its_first_grants(hq, client):
    laptop = enrol_laptop(client, code_for(hq, numbers=10, float_fen=500_000, authority_fen=30_000_000))
    assert (laptop.identity.device, laptop.identity.epoch, laptop.identity.adjuster_name) == ("D3", 1, "林晓禾")
    assert laptop.roots.verify_device(laptop.identity.device_certificate).public_key == laptop.key.public_key
    blocks = [each for each in laptop.inbox if isinstance(each, NumberBlockGranted)]
    assert {(each.kind, each.prefix, each.first, each.last) for each in blocks} == {
        ("voucher", "QX07-D3", 1, 10),
        ("slip", "QX07-D3-S", 1, 10),
        ("case", "QX07-D3-C", 1, 10),
        ("document", "QX07-D3-W", 1, 10),
    }
    floats = [each for each in laptop.inbox if isinstance(each, AllowanceGranted)]
    assert [(each.pool, each.limit_fen) for each in floats] == [("*", 500_000)]
    assert [each.ceiling_fen for each in laptop.inbox if isinstance(each, AuthorityGranted)] == [30_000_000]


def test_the_code_carries_the_roots_fingerprint(hq, client):
    assert split_code(code_for(hq)).matches(client.get("/v1/root").content)


def test_the_database_holds_no_code(hq):
    code = code_for(hq)
    with hq.database.read() as session:
        row = session.scalars(select(EnrolmentCode)).one()
    secret = split_code(code).secret
    assert secret not in msgspec.json.encode([row.code_hash, row.device])
    assert secret.hex() not in row.code_hash


def test_the_same_laptop_may_ask_again_and_gets_the_same_device(hq, client, clock):
    code, key = code_for(hq, float_fen=100), SoftwareKey.generate()
    first = enrol_laptop(client, code, key)
    clock.forward(days=30)  # the answer was lost, and the code has expired since
    second = enrol_laptop(client, code, key)
    assert second.identity.device_certificate == first.identity.device_certificate
    assert second.identity.statements == first.identity.statements


def test_a_code_does_not_make_a_second_device(hq, client):
    code = code_for(hq)
    enrol_laptop(client, code)
    response = enrol(client, code, SoftwareKey.generate())
    assert (response.status_code, response.json()["code"]) == (403, "code_used")


def test_an_expired_code_is_refused(hq, client, clock):
    code = code_for(hq)
    clock.forward(days=7)
    response = enrol(client, code, SoftwareKey.generate())
    assert (response.status_code, response.json()["code"]) == (403, "code_expired")


@pytest.mark.parametrize("code", ["", "AAAA", "0000-0000-0000-0000-0000-0000-0000", "登记码"])
def test_nonsense_is_no_code(client, code):
    assert enrol(client, code, SoftwareKey.generate()).status_code == 403


def test_a_made_up_secret_is_refused(hq, client):
    from sync.wire.enrolment import make_code

    assert enrol(client, make_code(b"12345", hq.root_der), SoftwareKey.generate()).json()["code"] == "code_unknown"


def test_a_new_epoch_follows_and_the_old_one_gets_nothing_new(hq, client, make_laptop):
    old = make_laptop()
    new = make_laptop()
    assert (old.identity.epoch, new.identity.epoch) == (1, 2)
    assert {each.first for each in new.inbox if isinstance(each, NumberBlockGranted)} == {501}
    old.commit(old.open_case())
    assert old.send_log().watermark_seq == 1  # nothing is lost: its log is still taken in
    grant_float(hq, "D3", 100, 1)
    old.down()
    assert not any(isinstance(each, AllowanceGranted) for each in old.inbox)
    new.down()
    assert any(isinstance(each, AllowanceGranted) for each in new.inbox)


def test_a_device_name_belongs_to_one_station(hq, client):
    enrol_laptop(client, code_for(hq))
    with pytest.raises(InputError, match="device_elsewhere"):
        code_for(hq, station="QX08")


def test_another_protocol_is_told_to_update(hq, client):
    assert enrol(client, code_for(hq), SoftwareKey.generate(), protocol=PROTOCOL + 1).status_code == 426


def test_a_key_of_the_wrong_length_leaves_the_code_unused(hq, client):
    code = code_for(hq)

    class ShortKey:
        public_key = b"short"

    assert enrol(client, code, ShortKey()).status_code == 400
    assert enrol_laptop(client, code).identity.epoch == 1


def test_the_answer_is_signed_by_the_service(hq, client):
    key = SoftwareKey.generate()
    response = enrol(client, code_for(hq), key)
    assert response.headers["content-type"] == "application/cose"
    laptop = enrol_laptop(client, code_for(hq, device="D9"))
    kind, body = open_statement(response.content, laptop.roots)
    assert kind == "enrol_answered@1"
    assert msgspec.json.decode(body, type=EnrolAnswered).recovery_public_key == hq.secrets.recovery_public


@pytest.mark.parametrize(
    ("station", "device"), [("qx07", "D3"), ("QX07", "D 3"), ("QX07", ""), ("清溪", "D3"), ("Q-1", "D3")]
)
def test_names_that_could_not_be_printed_in_a_number_are_refused(hq, station, device):
    with pytest.raises(InputError, match="name_unusable"):
        code_for(hq, device=device, station=station)


def test_a_revoked_laptop_does_not_get_its_certificate_again(hq, client):
    code, key = code_for(hq), SoftwareKey.generate()
    enrol_laptop(client, code, key)
    revoke(hq, "D3")
    response = enrol(client, code, key)
    assert (response.status_code, response.json()["code"]) == (403, "device_stopped")
