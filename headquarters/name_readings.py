"""How a Chinese name is read, worked out once at headquarters so that laptops only look it up.

Promise: a surname is read as a surname (单 is shan, 曾 is zeng), compound surnames are known, every reading of a given name's
characters is offered up to a limit. Readings are lower case ASCII without tones; ü is v.

Source: design.md traps (pypinyin reads surnames wrong and is slow), claims.reference.ExtractPerson.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product

from pypinyin import Style, pinyin

MAX_READINGS = 12

_COMPOUND: dict[str, tuple[str, str]] = {
    "万俟": ("mo", "qi"),
    "尉迟": ("yu", "chi"),
    "长孙": ("zhang", "sun"),
    "欧阳": ("ou", "yang"),
    "司马": ("si", "ma"),
    "上官": ("shang", "guan"),
    "诸葛": ("zhu", "ge"),
    "东方": ("dong", "fang"),
    "夏侯": ("xia", "hou"),
    "皇甫": ("huang", "fu"),
    "令狐": ("ling", "hu"),
    "慕容": ("mu", "rong"),
    "单于": ("chan", "yu"),
    "司徒": ("si", "tu"),
    "公孙": ("gong", "sun"),
    "宇文": ("yu", "wen"),
}
# Surnames whose reading is not the character's first one; two readings where both are borne.
_SURNAMES: dict[str, tuple[str, ...]] = {
    "单": ("shan",),
    "曾": ("zeng",),
    "解": ("xie",),
    "仇": ("qiu",),
    "区": ("ou",),
    "查": ("zha",),
    "盖": ("ge", "gai"),
    "翟": ("zhai", "di"),
    "缪": ("miao",),
    "朴": ("piao",),
    "覃": ("qin", "tan"),
    "召": ("shao",),
    "燕": ("yan",),
    "乐": ("yue", "le"),
    "员": ("yun",),
    "哈": ("ha",),
    "秘": ("bi",),
    "冼": ("xian",),
    "折": ("she",),
    "牟": ("mu", "mou"),
    "任": ("ren",),
    "宁": ("ning",),
    "葛": ("ge",),
    "华": ("hua",),
    "繁": ("po",),
    "褚": ("chu",),
    "句": ("gou",),
    "阚": ("kan",),
    "洗": ("xian",),
    "重": ("chong",),
    "黑": ("he",),
    "车": ("che",),
    "曲": ("qu",),
    "柏": ("bai",),
    "薄": ("bo",),
    "卜": ("bu",),
    "种": ("chong",),
    "费": ("fei", "bi"),
    "訾": ("zi",),
    "逄": ("pang",),
    "么": ("yao",),
}


def read_name(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return every reading of a name in full and the initials of each, both without repeats, likeliest first."""
    full: dict[str, None] = {}
    initials: dict[str, None] = {}
    for syllables in islice(product(*_syllables(name)), MAX_READINGS):
        full["".join(syllables)] = None
        initials["".join(each[:1] for each in syllables)] = None
    return tuple(full), tuple(initials)


def _syllables(name: str) -> list[Sequence[str]]:
    compound = _COMPOUND.get(name[:2])
    if compound is not None and len(name) > 2:
        return [*((each,) for each in compound), *map(_readings, name[2:])]
    surname = _SURNAMES.get(name[:1])
    if surname is not None and len(name) > 1:
        return [surname, *map(_readings, name[1:])]
    return [_readings(each) for each in name]


def _readings(character: str) -> Sequence[str]:
    """Return the readings of a character; what has none stands for itself."""
    found = pinyin(character, style=Style.NORMAL, heteronym=True)
    return tuple(dict.fromkeys(reading.lower() for reading in found[0]))
