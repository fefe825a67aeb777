"""Invented people: id numbers of a region that is allotted to nobody, phones that no exchange serves.

Promise: everything follows from a counter, so that two runs give the same people; no draw of lots, no clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from claims.identity import check_character
from claims.reference import ExtractPerson
from headquarters.name_readings import read_name

REGION = "990101"
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文单解仇区查翟覃欧"
_GIVEN_FIRST = "伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂玉兰文志建国春梅红晓雨子思佳欣怡宇浩雪婷"
_GIVEN_SECOND = "华英龙民生丹萍辉玲波宁福康荣新利清飞彬富顺信昌成松善厚庆友裕河哲江亮政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以希禾㛃䶮"
_FIRST_BIRTH = date(1935, 1, 1)
_BIRTH_SPAN_DAYS = 32000


def person(person_id: str, name: str, birth: date, sex: str, *, sequence: int, phone: str) -> ExtractPerson:
    """Return an invented person. ``sequence`` (0 to 499) makes the id number unique within a birthday and sex."""
    pinyin, initials = read_name(name)
    return ExtractPerson(
        person_id=person_id,
        name=name,
        pinyin=pinyin,
        initials=initials,
        id_number=id_number(birth, sex, sequence),
        birth_date=birth,
        sex=sex,
        phone=phone,
    )


def id_number(birth: date, sex: str, sequence: int) -> str:
    """Return a well-formed id number of the unallotted region (GB 11643); odd sequences are male."""
    serial = 2 * sequence + (1 if sex == "male" else 2)
    first_17 = f"{REGION}{birth:%Y%m%d}{serial:03d}"
    return first_17 + check_character(first_17)


def invented_people(count: int) -> Iterator[ExtractPerson]:
    """Yield people number 1 to ``count``: common and rare names, namesakes included."""
    for number in range(1, count + 1):
        surname = _SURNAMES[number * 7 % len(_SURNAMES)]
        given = _GIVEN_FIRST[number * 11 % len(_GIVEN_FIRST)]
        if number % 4:
            given += _GIVEN_SECOND[number * 13 % len(_GIVEN_SECOND)]
        birth = _FIRST_BIRTH + timedelta(days=number * 37 % _BIRTH_SPAN_DAYS)
        sex = "female" if number % 2 else "male"
        yield person(
            f"P{number:08d}",
            surname + given,
            birth,
            sex,
            sequence=100 + number // _BIRTH_SPAN_DAYS % 399,
            phone=f"1990{number % 10_000_000:07d}",
        )
