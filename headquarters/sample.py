"""The sample world of the demo: a handful of invented people whose policies give the story's figures to the fen.

Promise: the figures follow from the sample pack and these terms alone: Plan C 250,000.00 · Plan F 4,193.52 · Plan A-6
6,488.24 inside the catastrophe · C-4 refund 6,120.00 in the waiting period · Plan A quake death 1,000,000.00. A policy's
``terms`` are the pack's elements that the contract and headquarters' accounts decide (sums, premiums, what is used up);
what stands on papers is entered at the desk.

Source: notes/domain.md §5; issue "The story".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path

import msgspec

from claims.reference import Beneficiary, Catastrophe, ExtractPerson, ExtractPolicy, Waiver
from headquarters.extract_file import write_extract
from headquarters.installation import Headquarters
from headquarters.releases import ReleaseKind, current_versions, publish
from headquarters.sample_people import invented_people, person
from resources.sample_numbers import CLINIC, COLON, COUNTER, QUAKE_DEATH, QUAKE_ID, WAITING
from rules.engine.model import Bilingual

Term = bool | int | str

_C_ACCOUNTS: Mapping[str, Term] = {
    "cash_value": 987654,
    "critical_illness_pending": False,
    "loan": 0,
    "loan_interest": 0,
    "mild_paid_count": "0",
    "mild_paid_same_event": 0,
    "mild_paid_total": 0,
    "mild_same_illness_paid": False,
    "premium_due": 0,
    "premiums_after_event": 0,
    "prepaid": 0,
    "renewal": False,
    "severe_paid": False,
    "used_main_sum": 0,
    "used_mild_sum": 0,
    "used_premium_return": 0,
}
_A_ACCOUNTS: Mapping[str, Term] = {
    "policyholder_is_parent": False,
    "prepaid": 0,
    "used_basic_sum": 0,
    "used_cash_event": "0",
    "used_cash_year": "0",
    "used_disaster_sum": 0,
    "used_event_deductible": 0,
    "used_medical_year": 0,
    "used_minor_death": 0,
}
_NAMES = {
    "AT-A": Bilingual("安途意外 AT-A", "AT-A accident"),
    "HS-C": Bilingual("恒守重疾 HS-C", "HS-C critical illness"),
    "KQ-Z": Bilingual("康桥直付 KQ-Z", "KQ-Z hospital counter"),
    "MG-B": Bilingual("沐光百万医疗 MG-B", "MG-B million medical"),
    "ZH-S": Bilingual("知禾学生 ZH-S", "ZH-S student"),
    "CQ-L": Bilingual("长青终身 CQ-L", "CQ-L whole life"),
}


@dataclass(frozen=True)
class SampleFiles:
    """The files of the sample world, ready to publish."""

    extract: Path
    catastrophes: Path


def sample_persons() -> tuple[ExtractPerson, ...]:
    """Return the story's people, two with characters outside the common fonts."""
    return (
        person("P90000001", "陈㛃", date(1979, 4, 1), "female", sequence=11, phone="19900000001"),
        person("P90000002", "周䶮", date(1986, 11, 23), "male", sequence=12, phone="19900000002"),
        person("P90000003", "覃建国", date(1980, 5, 1), "male", sequence=13, phone="19900000003"),
        person("P90000004", "单雨桐", date(1979, 4, 1), "female", sequence=14, phone="19900000004"),
        person("P90000005", "万俟宏", date(1980, 5, 1), "male", sequence=15, phone="19900000005"),
        person("P90000006", "林若兰", date(1982, 2, 28), "female", sequence=16, phone="19900000006"),
        person("P90000007", "万俟清禾", date(2012, 2, 29), "female", sequence=17, phone="19900000007"),
        person("P90000008", "曾庆生", date(1955, 8, 15), "male", sequence=18, phone="19900000008"),
    )


def sample_policies() -> tuple[ExtractPolicy, ...]:
    """Return the story's policies, and one of each other plan."""
    return (
        _policy(
            COLON, "HS-C", (date(2021, 3, 1), None), "P90000001", _long_term(25_000_000, date(1979, 4, 1), 2_448_000)
        ),
        _policy(COUNTER, "KQ-Z", (date(2026, 1, 1), date(2026, 12, 31)), "P90000002", {"used_counter": 0}),
        _policy(CLINIC, "AT-A", (date(2026, 7, 1), date(2027, 6, 30)), "P90000003", _accident(date(1980, 5, 1))),
        _policy(
            WAITING,
            "HS-C",
            (date(2026, 8, 1), None),
            "P90000004",
            _long_term(30_000_000, date(1979, 4, 1), 612_000, formed=date(2026, 8, 1)),
        ),
        _policy(
            QUAKE_DEATH,
            "AT-A",
            (date(2026, 7, 1), date(2027, 6, 30)),
            "P90000005",
            _accident(date(1980, 5, 1)),
            beneficiaries=(Beneficiary(person_id="P90000006", order=1, share_bp=10_000),),
        ),
        _policy(
            "MG2026020100065", "MG-B", (date(2026, 2, 1), date(2027, 1, 31)), "P90000002", {"sum_insured": 200_000_000}
        ),
        _policy(
            "ZH2026090100071", "ZH-S", (date(2026, 9, 1), date(2027, 8, 31)), "P90000007", {"sum_insured": 20_000_000}
        ),
        _policy("CQ2009051200086", "CQ-L", (date(2009, 5, 12), None), "P90000008", {"sum_insured": 20_000_000}),
    )


def sample_catastrophes() -> tuple[Catastrophe, ...]:
    """Return the earthquake: no hospital list, no drug and item scope, a major natural disaster."""
    return (
        Catastrophe(
            catastrophe_id=QUAKE_ID,
            name=Bilingual("清溪 11·20 地震", "Qingxi earthquake of 20 November"),
            peril="earthquake",
            loss_from=date(2026, 11, 20),
            loss_to=date(2026, 12, 31),
            regions=("990100",),
            major_natural_disaster=True,
            waivers=(
                Waiver(
                    code="NO_HOSPITAL_LIST",
                    number="W-01",
                    text=Bilingual("取消定点医院限制。", "Any hospital is accepted."),
                ),
                Waiver(
                    code="NO_DRUG_SCOPE",
                    number="W-02",
                    text=Bilingual("取消药品范围限制。", "Drugs outside the catalogue are accepted."),
                ),
                Waiver(
                    code="NO_ITEM_SCOPE",
                    number="W-03",
                    text=Bilingual("取消诊疗项目限制。", "Treatment items outside the catalogue are accepted."),
                ),
            ),
        ),
    )


def write_sample(folder: Path, version: int, made_at: datetime, *, others: int = 200) -> SampleFiles:
    """Write extract and catastrophes. ``others`` people and as many policies stand around those of the story."""
    folder.mkdir(parents=True, exist_ok=True)
    files = SampleFiles(folder / f"extract-{version}.zst", folder / f"catastrophes-{version}.json")
    story_people, story_policies = sample_persons(), sample_policies()
    write_extract(
        files.extract,
        chain(story_people, invented_people(others)),
        chain(story_policies, _policies_of_others(invented_people(others))),
        version,
        made_at,
        counts=(len(story_people) + others, len(story_policies) + others),
    )
    files.catastrophes.write_bytes(msgspec.json.format(msgspec.json.encode(sample_catastrophes())))
    return files


def publish_sample(hq: Headquarters, pack: Path, pack_version: int, *, others: int = 200) -> None:
    """Publish the sample pack, people and catastrophe as this headquarters' next versions."""
    files = write_sample(hq.home / "sample", 1 + current_versions(hq).get("extract", 0), hq.now(), others=others)
    versions = current_versions(hq)
    if versions.get("pack", 0) < pack_version:
        publish(hq, ReleaseKind.PACK, pack, pack_version, warn_days=45, expire_days=90)
    for kind, file in ((ReleaseKind.CATASTROPHE, files.catastrophes), (ReleaseKind.EXTRACT, files.extract)):
        publish(hq, kind, file, 1 + versions.get(kind, 0), warn_days=30, expire_days=90)


def _policies_of_others(people: Iterable[ExtractPerson]) -> Iterator[ExtractPolicy]:
    for number, each in enumerate(people):
        start = date(2026, 1 + number % 6, 1)
        yield _policy(
            f"AT{start:%Y%m%d}{10_000 + number:08d}",
            "AT-A",
            (start, date(start.year + 1, start.month, start.day) - timedelta(days=1)),
            each.person_id,
            _accident(each.birth_date),
        )


def _policy(
    policy_no: str,
    plan: str,
    cover: tuple[date, date | None],
    person_id: str,
    terms: Mapping[str, Term],
    *,
    beneficiaries: tuple[Beneficiary, ...] = (),
) -> ExtractPolicy:
    return ExtractPolicy(
        policy_no=policy_no,
        plan=plan,
        product_name=_NAMES[plan],
        effective=cover[0],
        expiry=cover[1],
        policyholder_id=person_id,
        insured_id=person_id,
        beneficiaries=beneficiaries,
        terms=dict(terms),
    )


def _long_term(
    sum_insured_fen: int, birth: date, premiums_paid_fen: int, formed: date = date(2021, 3, 1)
) -> dict[str, Term]:
    return {
        **_C_ACCOUNTS,
        "sum_insured": sum_insured_fen,
        "birth_date": birth.isoformat(),
        "premiums_paid": premiums_paid_fen,
        "formation_date": formed.isoformat(),
    }


def _accident(birth: date) -> dict[str, Term]:
    return {**_A_ACCOUNTS, "sum_insured": 50_000_000, "birth_date": birth.isoformat()}
