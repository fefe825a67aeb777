"""Invented people in any number for benches and volume tests: seeded, unallocated region codes, no real person.

The stream is what headquarters publishes: zstd over JSON lines, header first.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import zstandard

from claims.reference import Beneficiary, ExtractHeader, ExtractPerson, ExtractPolicy
from rules.engine.model import Bilingual

_SURNAMES = (
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("赵", "zhao"),
    ("黄", "huang"), ("周", "zhou"), ("吴", "wu"), ("徐", "xu"), ("孙", "sun"), ("马", "ma"), ("朱", "zhu"),
    ("胡", "hu"), ("林", "lin"), ("郭", "guo"), ("何", "he"), ("高", "gao"), ("罗", "luo"), ("单", "shan"), ("仇", "qiu"),
)  # fmt: skip
_GIVEN = (
    ("伟", "wei"), ("芳", "fang"), ("娜", "na"), ("敏", "min"), ("静", "jing"), ("丽", "li"), ("强", "qiang"),
    ("磊", "lei"), ("军", "jun"), ("洋", "yang"), ("勇", "yong"), ("艳", "yan"), ("杰", "jie"), ("娟", "juan"),
    ("涛", "tao"), ("明", "ming"), ("超", "chao"), ("秀", "xiu"), ("霞", "xia"), ("平", "ping"), ("刚", "gang"),
    ("桂", "gui"), ("英", "ying"), ("华", "hua"), ("玉", "yu"), ("兰", "lan"), ("建", "jian"), ("国", "guo"),
    ("文", "wen"), ("辉", "hui"), ("力", "li"), ("鹏", "peng"), ("立", "li"), ("安", "an"), ("晓", "xiao"), ("禾", "he"),
    ("㛃", "jie"), ("䶮", "yan"), ("堃", "kun"), ("喆", "zhe"),
)  # fmt: skip
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PRODUCT = Bilingual("安途意外", "Antu Accident")


def persons(count: int, seed: int = 7) -> Iterator[ExtractPerson]:
    """Yield ``count`` invented persons; the same seed gives the same people."""
    lots = random.Random(seed)
    first = date(1935, 1, 1)
    for number in range(count):
        surname = lots.choice(_SURNAMES)
        given = [lots.choice(_GIVEN) for _ in range(lots.choice((1, 2, 2, 2)))]
        birth = first + timedelta(days=lots.randrange(365 * 85))
        body = f"9901{number % 90 + 10:02d}{birth:%Y%m%d}{number // 90 % 1000:03d}"
        check = "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]
        yield ExtractPerson(
            person_id=f"P{number:08d}",
            name=surname[0] + "".join(each[0] for each in given),
            pinyin=(surname[1] + "".join(each[1] for each in given),),
            initials=(surname[1][0] + "".join(each[1][0] for each in given),),
            id_number=body + check,
            birth_date=birth,
            sex="male" if int(body[-1]) % 2 else "female",
            phone=f"199{lots.randrange(10**8):08d}",
        )


def policies(count: int, people: int, seed: int = 11) -> Iterator[ExtractPolicy]:
    """Yield ``count`` invented policies over ``people`` persons."""
    lots = random.Random(seed)
    for number in range(count):
        effective = date(2026, 1, 1) + timedelta(days=number % 300)
        yield ExtractPolicy(
            policy_no=f"AT-A 2026 9901{number % 90 + 10:02d} {number:07d}",
            plan="AT-A",
            product_name=_PRODUCT,
            effective=effective,
            expiry=effective + timedelta(days=364),
            policyholder_id=f"P{lots.randrange(people):08d}",
            insured_id=f"P{number % people:08d}",
            beneficiaries=(Beneficiary(person_id=f"P{lots.randrange(people):08d}", order=1, share_bp=10000),),
            terms={"sum_insured": 50000000},
        )


def write_stream(path: Path, people: int, policy_count: int) -> int:
    """Write an extract stream of this size; return its bytes."""
    header = ExtractHeader(
        schema=1, version=1, made_at=datetime(2026, 11, 20, tzinfo=UTC), persons=people, policies=policy_count
    )
    encode = msgspec.json.encode
    with path.open("wb") as file, zstandard.ZstdCompressor(level=3).stream_writer(file) as out:
        out.write(encode(header) + b"\n")
        for person in persons(people):
            out.write(encode(person) + b"\n")
        for policy in policies(policy_count, people):
            out.write(encode(policy) + b"\n")
    return path.stat().st_size
