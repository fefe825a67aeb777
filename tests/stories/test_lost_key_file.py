"""Story: the key file of a laptop is gone. Headquarters opens the recovery slot that the log brought, and everything is there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import resources
from app.enrolment import enrol_laptop
from app.main import build
from app.settings import Settings
from claims.errors import EnvironmentProblem, InputError
from claims.events import PersonFact
from claims.materials import ClaimType
from claims.reporting import NewCase
from headquarters.enrolment import make_enrolment_code
from headquarters.installation import Headquarters
from headquarters.recovery import recovery_payload
from headquarters.sample import publish_sample
from headquarters.serving import ServiceThread
from headquarters.system_clock import system_now
from local_db.key_file import key_file_path
from local_db.key_slots import KdfCost, PassphraseUnlock
from local_db.passphrase import generate_passphrase
from local_db.recovery import recover_key_file

CHEAP = KdfCost(memory_kib=64, passes=1, lanes=1)


def test_a_lost_key_file_is_mended_and_nothing_is_lost(tmp_path: Path) -> None:
    hq = Headquarters.create(tmp_path / "hq", system_now)
    publish_sample(hq, resources.path("packs", "sample.json"), 1, others=3)
    code = make_enrolment_code(
        hq, station="QX07", station_name="一号站", adjuster="0417", adjuster_name="林晓禾", device="D3"
    )
    unlock = PassphraseUnlock("0417", generate_passphrase())
    with ServiceThread(hq) as service:
        settings = Settings(home=tmp_path / "D3", hq_url=service.address, adjuster="0417")
        enrol_laptop(settings, code, unlock)
        with pytest.raises(InputError, match="recovery_slot_missing"):
            recovery_payload(hq, "D3")
        desk = build(settings, unlock)
        person = PersonFact(name="周䶮")
        case_no = desk.open_case(
            NewCase(
                channel="station",
                claim_type=ClaimType.ACCIDENT_MEDICAL,
                insured=person,
                reporter=person,
                loss_date=date(2026, 11, 20),
                loss_place="清溪县",
            )
        )
        assert desk.sync().problem is None
        desk.close()

    key_file_path(settings.home).unlink()
    with pytest.raises(EnvironmentProblem) as missing:
        build(settings, unlock)
    assert missing.value.code == "key_file_missing"
    assert "总部" in missing.value.sentence("zh")

    with pytest.raises(EnvironmentProblem, match="recovery_payload_wrong"):
        recover_key_file(settings.home, b"something else", unlock, cost=CHEAP)
    fresh = PassphraseUnlock("0417", generate_passphrase())
    recover_key_file(settings.home, recovery_payload(hq, "D3"), fresh, cost=CHEAP)
    again = build(settings, fresh)
    assert again.case(case_no).insured.name == "周䶮"
    again.close()
    hq.close()
