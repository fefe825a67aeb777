"""Publishing: readable, rising, signed; and the sample world."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from claims.errors import InputError
from claims.identity import IdType, read_id
from claims.loss_facts import contract_facts, merge_facts
from claims.reference import ExtractHeader, ExtractPerson, ExtractPolicy
from headquarters.extract_file import read_extract, write_extract
from headquarters.name_readings import read_name
from headquarters.policy_book import find_policy
from headquarters.releases import ReleaseKind, current_versions, newest_record, publish
from headquarters.sample import sample_catastrophes, sample_persons, sample_policies, write_sample
from headquarters.sample_people import invented_people
from resources.sample_numbers import CLINIC, COLON, COUNTER, QUAKE_DEATH, WAITING
from rules.engine import decide
from rules.engine.model import Determination
from tests.headquarters.conftest import START
from tests.headquarters.laptop import LOSS
from trust.releases import open_release


@pytest.fixture
def pack_file(tmp_path, pack_bytes):
    file = tmp_path / "pack.json"
    file.write_bytes(pack_bytes)
    return file


def test_a_release_is_signed_and_dated(hq, pack_file, pack, pack_bytes):
    publish(hq, ReleaseKind.PACK, pack_file, pack.version, warn_days=10, expire_days=45)
    record = open_release(newest_record(hq, "pack"), hq.trust_store(), floor_version=pack.version)
    assert (record.sha256, record.size_bytes) == (pack.hash, len(pack_bytes))
    assert (record.warn_after - START, record.expires_at - START) == (timedelta(days=10), timedelta(days=45))
    assert hashlib.sha256(hq.blobs.read(record.sha256)).hexdigest() == pack.hash


def test_going_back_is_refused(hq, tmp_path):
    files = write_sample(tmp_path, 1, START, others=0)
    publish(hq, ReleaseKind.CATASTROPHE, files.catastrophes, 5, warn_days=1, expire_days=2)
    for version in (5, 4, 0, -1):
        with pytest.raises(InputError, match="release_rollback"):
            publish(hq, ReleaseKind.CATASTROPHE, files.catastrophes, version, warn_days=1, expire_days=2)
    assert current_versions(hq) == {"catastrophe": 5}


@pytest.mark.parametrize("kind", list(ReleaseKind))
def test_what_is_not_what_it_claims_to_be_is_not_published(hq, tmp_path, kind):
    file = tmp_path / "rubbish"
    file.write_bytes(b"rubbish")
    with pytest.raises(InputError):
        publish(hq, kind, file, 1, warn_days=1, expire_days=2)
    assert current_versions(hq) == {}


def test_a_missing_file_is_said_to_be_missing(hq, tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        publish(hq, ReleaseKind.EXTRACT, tmp_path / "nowhere", 1, warn_days=1, expire_days=2)


def test_a_pack_with_a_flipped_byte_is_not_published(hq, pack_file, pack):
    raw = bytearray(pack_file.read_bytes())
    raw[len(raw) // 2] ^= 0x80
    pack_file.write_bytes(raw)
    with pytest.raises(InputError, match="release_unreadable"):
        publish(hq, ReleaseKind.PACK, pack_file, pack.version, warn_days=1, expire_days=2)


def test_a_version_that_the_file_does_not_bear_is_refused(hq, pack_file, pack):
    with pytest.raises(InputError, match="release_version"):
        publish(hq, ReleaseKind.PACK, pack_file, pack.version + 1, warn_days=1, expire_days=2)


@pytest.mark.parametrize(("warn", "expire"), [(0, 5), (-1, 5), (6, 5)])
def test_dates_that_make_no_sense_are_refused(hq, pack_file, pack, warn, expire):
    with pytest.raises(InputError, match="release_days"):
        publish(hq, ReleaseKind.PACK, pack_file, pack.version, warn_days=warn, expire_days=expire)


def test_an_extract_becomes_headquarters_own_policy_data(hq, tmp_path):
    files = write_sample(tmp_path, 3, START, others=10)
    publish(hq, ReleaseKind.EXTRACT, files.extract, 3, warn_days=1, expire_days=2)
    with hq.database.read() as session:
        assert find_policy(session, CLINIC) == next(each for each in sample_policies() if each.policy_no == CLINIC)
        assert find_policy(session, "nowhere") is None


def test_an_extract_reads_back_as_written_and_is_the_same_bytes_again(tmp_path):
    at = datetime(2026, 3, 1, tzinfo=UTC)
    people, policies = list(invented_people(50)), list(sample_policies())
    write_extract(tmp_path / "one", people, policies, 7, at)
    write_extract(tmp_path / "two", iter(people), iter(policies), 7, at, counts=(50, len(policies)))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    header, *rest = read_extract(tmp_path / "one")
    assert header == ExtractHeader(schema=1, version=7, made_at=at, persons=50, policies=len(policies))
    assert rest == [*people, *policies]


def test_a_stream_of_another_length_than_promised_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="header"):
        write_extract(tmp_path / "x", invented_people(3), [], 1, START, counts=(4, 0))


@pytest.mark.parametrize("cut", [0, 1, 100, -16])
def test_a_cut_extract_is_no_extract(tmp_path, cut):
    files = write_sample(tmp_path, 1, START, others=50)
    raw = files.extract.read_bytes()
    files.extract.write_bytes(raw[:cut])
    with pytest.raises(InputError, match="extract_unreadable"):
        list(read_extract(files.extract))


# --- the sample world ---

BILL = {
    "account_paid": 0,
    "bill_code": "99060123",
    "bill_number": "0000000001",
    "commercial_paid": 0,
    "emergency": False,
    "other_payers_paid": 0,
    "possible_exclusion": False,
}
COLON_FACTS = {
    "accident": False,
    "diagnosis_date": LOSS.isoformat(),
    "icd10": "C18.7",
    "icdo_morphology": "8140/3",
    "illness": "malignant_tumour",
    "pathology_present": True,
    "possible_exclusion": False,
}
NO_WAIVERS = dict.fromkeys(
    ("waive_hospital_list", "waive_drug_scope", "waive_item_scope", "waive_deductible", "major_natural_disaster"), False
)
QUAKE = NO_WAIVERS | dict.fromkeys(
    ("waive_hospital_list", "waive_drug_scope", "waive_item_scope", "major_natural_disaster"), True
)
CLINIC_FACTS = BILL | {
    "accident": True,
    "accident_date": LOSS.isoformat(),
    "admission_date": LOSS.isoformat(),
    "bill_total": 821_030,
    "fund_paid": 0,
    "hospital_level": "1",
    "hospital_public": False,
    "self_expense": 191_580,
    "si_settled": False,
}
COUNTER_FACTS = BILL | {
    "admission_date": LOSS.isoformat(),
    "bill_total": 774_362,
    "fund_paid": 250_172,
    "hospital_designated": True,
    "self_expense": 0,
}
DEATH_FACTS = {
    "accident": True,
    "accident_date": LOSS.isoformat(),
    "death_date": LOSS.isoformat(),
    "possible_exclusion": False,
}


@pytest.mark.parametrize(
    ("policy_no", "claim", "figures"),
    [
        (COLON, ("critical_illness", COLON_FACTS, NO_WAIVERS), (25_000_000, {})),
        (COUNTER, ("direct_settlement", COUNTER_FACTS, NO_WAIVERS), (419_352, {"patient_pays": 104_838})),
        (CLINIC, ("accident_medical", CLINIC_FACTS, QUAKE), (648_824, {})),
        (QUAKE_DEATH, ("accident_death", DEATH_FACTS, QUAKE), (100_000_000, {})),
    ],
)
def test_the_sample_policies_give_the_storys_figures(pack, policy_no, claim, figures):
    total_fen, outputs_fen = figures
    decision = decided(pack, policy_no, *claim)
    assert isinstance(decision, Determination), decision
    assert decision.total_fen == total_fen
    assert outputs_fen.items() <= decision.outputs_fen.items()


def test_the_sample_policy_in_its_waiting_period_gives_the_premium_back(pack):
    start = next(each.effective for each in sample_policies() if each.policy_no == WAITING)
    entered = COLON_FACTS | {"diagnosis_date": (start + timedelta(days=89)).isoformat()}
    decision = decided(pack, WAITING, "critical_illness", entered, NO_WAIVERS)
    assert not isinstance(decision, Determination)
    assert (decision.total_fen, decision.outputs_fen["refund"]) == (0, 612_000)


def decided(pack, policy_no, claim_type, entered, catastrophe):
    policy = next(each for each in sample_policies() if each.policy_no == policy_no)
    known = {name: value for name, value in catastrophe.items() if name in pack.elements}
    facts = merge_facts(
        pack,
        contract=contract_facts(policy) | {"claim_types": [claim_type]},
        entered=entered,
        catastrophe=known,
        used_since_fen={},
    )
    return decide(pack, facts)


def test_everybody_is_invented_and_well_formed():
    people = [*sample_persons(), *invented_people(2000)]
    assert len({each.id_number for each in people}) == len(people)
    assert len({each.person_id for each in people}) == len(people)
    for each in people:
        identity = read_id(IdType.RESIDENT, each.id_number, date(2026, 12, 1))
        assert each.id_number.startswith("990101")
        assert (identity.birth_date, identity.sex) == (each.birth_date, each.sex)
        assert each.pinyin
        assert all(reading.isascii() and reading.islower() for reading in (*each.pinyin, *each.initials))


@pytest.mark.parametrize(
    ("name", "reading", "initials"),
    [
        ("陈㛃", "chenjie", "cj"),
        ("周䶮", "zhouyan", "zy"),
        ("单雨桐", "shanyutong", "syt"),
        ("曾庆生", "zengqingsheng", "zqs"),
        ("万俟清禾", "moqiqinghe", "mqqh"),
        ("覃建国", "qinjianguo", "qjg"),
        ("林晓禾", "linxiaohe", "lxh"),
        ("吕布", "lvbu", "lb"),
    ],
)
def test_a_name_is_found_by_how_it_is_said(name, reading, initials):
    readings, firsts = read_name(name)
    assert reading in readings
    assert initials in firsts


def test_the_sample_catastrophe_reads_back(tmp_path):
    files = write_sample(tmp_path, 1, START, others=0)
    quake = msgspec.json.decode(files.catastrophes.read_bytes(), type=tuple[type(sample_catastrophes()[0]), ...])[0]
    assert [each.code for each in quake.waivers] == ["NO_HOSPITAL_LIST", "NO_DRUG_SCOPE", "NO_ITEM_SCOPE"]
    assert {type(each) for each in read_extract(files.extract)} == {ExtractHeader, ExtractPerson, ExtractPolicy}
