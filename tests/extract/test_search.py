"""Finding people in a real encrypted extract, typed the way people type."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from claims.errors import EnvironmentProblem
from local_db.extract.search import LocalExtract
from tests.extract.streams import KEY, OTHER_KEY, applied, ids, policy, someone

WEI = someone(1, "张伟", date(1987, 4, 12), phone="19900000001")
NAMESAKE = someone(2, "张伟", date(1991, 9, 30), phone="19900000002")
XIAOHE = someone(3, "李晓禾", date(1960, 2, 29), phone="19955512345")
JIE = someone(4, "王㛃", phone="19900000004")
YAN = someone(5, "赵䶮", phone="19900000005")
CHUN = someone(6, "陈𠅤明", phone="19900000006")
LONG = someone(7, "阿依古丽·买买提", phone="19900000007")
SMITH = someone(8, "John O'Smith", phone="19900000008")
LYU = someone(9, "吕梁", phone="19900000009")
ENDS_WITH_X = next(
    each
    for each in (someone(10, "周末", sequence=n, phone="19900000010") for n in range(1, 90))
    if each.id_number[-1] == "X"
)
WEIWEI = someone(11, "张伟伟", phone="19900000011")
PEOPLE = (WEI, NAMESAKE, XIAOHE, JIE, YAN, CHUN, LONG, SMITH, LYU, ENDS_WITH_X, WEIWEI)

FIRST = policy("AT-A 2026 990101 0000017", "P1", "P2", "P3", "P4")
SECOND = policy("AT-A 2025 990101 0000018", "P1", "P1", "P1")
ABROAD = policy("86000123456789000042", "P5", "P6", "stranger")
POLICIES = (FIRST, SECOND, ABROAD)


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalExtract]:
    made = applied(tmp_path_factory.mktemp("extract"), PEOPLE, POLICIES)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("李晓禾", ["P3"]),
        ("晓禾", ["P3"]),
        ("晓", ["P3"]),
        ("李晓", ["P3"]),
        ("李 晓 禾", ["P3"]),
        ("㛃", ["P4"]),
        ("䶮", ["P5"]),
        ("𠅤", ["P6"]),
        ("𠅤明", ["P6"]),
        ("买买提", ["P7"]),
        ("阿依古丽买买提", ["P7"]),
        ("阿依古丽•买", ["P7"]),
        ("john", ["P8"]),
        ("OSMITH", ["P8"]),
        ("o'smith", ["P8"]),
        ("o’smith", ["P8"]),
        ("Ｊｏｈｎ Ｏ＇Ｓｍｉｔｈ", ["P8"]),
    ],
)
def test_a_name_is_found_by_any_part(extract: LocalExtract, typed: str, found: list[str]) -> None:
    assert ids(extract.search(typed)) == found


@pytest.mark.parametrize(
    "typed", ["lixiaohe", "li xiao he", "LI XIAOHE", "Li Xiao He", "ｌｉｘｉａｏｈｅ", "lixiao", "lixh", "LXH", "lxh"]
)
def test_pinyin_and_initials_in_every_spelling(extract: LocalExtract, typed: str) -> None:
    expected = [] if typed == "lixh" else ["P3"]
    assert ids(extract.search(typed)) == expected


@pytest.mark.parametrize("typed", ["lvliang", "lüliang", "LÜ LIANG", "ll"])
def test_the_u_with_two_dots_is_v(extract: LocalExtract, typed: str) -> None:
    assert ids(extract.search(typed)) == ["P9"]


def test_namesakes_are_rows_of_their_own_and_the_exact_name_comes_first(extract: LocalExtract) -> None:
    assert ids(extract.search("张伟")) == ["P1", "P2", "P11"]
    assert [hit.person.birth_date for hit in extract.search("zhangwei", limit=2)] == [
        WEI.birth_date,
        NAMESAKE.birth_date,
    ]


@pytest.mark.parametrize("start", range(15))
def test_any_four_characters_of_an_id_number(extract: LocalExtract, start: int) -> None:
    assert "P3" in ids(extract.search(XIAOHE.id_number[start : start + 4]))


@pytest.mark.parametrize(
    "cut", [slice(0, 18), slice(6, 14), slice(6, 18), slice(9, 14), slice(-5, None), slice(-6, None)]
)
def test_longer_parts_of_an_id_number_find_that_person_only(extract: LocalExtract, cut: slice) -> None:
    assert ids(extract.search(XIAOHE.id_number[cut])) == ["P3"]


def test_an_id_number_that_ends_in_x(extract: LocalExtract) -> None:
    whole = ENDS_WITH_X.id_number
    for typed in (
        whole,
        whole.lower(),
        whole[-4:],
        whole[-4:].lower(),
        whole[-6:],
        "".join(chr(ord(c) + 0xFEE0) for c in whole),
    ):
        assert ids(extract.search(typed)) == ["P10"], typed
    spaced = f"{whole[:6]} {whole[6:14]} {whole[14:]}"
    assert ids(extract.search(spaced)) == ["P10"]


def test_three_digits_are_too_few_for_a_person(extract: LocalExtract) -> None:
    assert extract.search(XIAOHE.id_number[-3:]) == ()


@pytest.mark.parametrize(
    "typed",
    [
        "19955512345",
        "1995551",
        "55123",
        "2345",
        "199 5551 2345",
        "199-5551-2345",
        "+86 199 5551 2345",
        "１９９５５５１２３４５",
    ],
)
def test_a_phone_whole_or_in_part(extract: LocalExtract, typed: str) -> None:
    assert ids(extract.search(typed)) == ["P3"]


def test_last_digits_come_before_digits_from_the_middle(tmp_path: Path) -> None:
    middle = someone(1, "甲", phone="19943210000")
    end = someone(2, "乙", phone="19900004321")
    made = applied(tmp_path, [middle, end])
    assert ids(made.search("4321")) == ["P2", "P1"]
    made.close()


@pytest.mark.parametrize(
    "typed",
    [
        "AT-A 2026 990101 0000017",
        "at-a20269901010000017",
        "ATA 2026",
        "ata2026-990101",
        "ＡＴ－Ａ　２０２６",
        "0000017",
        "990101 0000017",
        "2026 990101 0000017",
        "A 2026 990101 0000017",
    ],
)
def test_a_policy_number_whole_its_start_its_last_digits(extract: LocalExtract, typed: str) -> None:
    found = ids(extract.search(typed))
    assert found == ["P2", "P1", "P3", "P4"]


def test_a_long_end_of_a_policy_number_is_compared_to_its_first_digit(tmp_path: Path) -> None:
    near, far = policy("7 000000000042", "P1", "P1"), policy("8 000000000042", "P2", "P2")
    made = applied(tmp_path, [someone(1, "甲"), someone(2, "乙")], [near, far])
    assert ids(made.search("000000000042")) == ["P1", "P2"]
    assert ids(made.search("8000000000042")) == ["P2"]
    made.close()


@pytest.mark.parametrize("typed", ["8600012345", "86000123456789000042", "9000042", "0042"])
def test_a_policy_number_of_digits_alone(extract: LocalExtract, typed: str) -> None:
    assert set(ids(extract.search(typed))) >= {"P5", "P6"}


def test_roles_and_policies_of_a_person(extract: LocalExtract) -> None:
    hits = {hit.person.person_id: hit for hit in extract.search("0000017")}
    assert (hits["P2"].roles, hits["P2"].policy_nos) == (("insured",), (FIRST.policy_no,))
    assert (hits["P3"].roles, hits["P3"].policy_nos) == (("beneficiary",), (FIRST.policy_no,))
    assert hits["P1"].roles == ("beneficiary", "insured", "policyholder")
    assert hits["P1"].policy_nos == (SECOND.policy_no, FIRST.policy_no)
    nobody = extract.person("P11")
    assert nobody is not None
    assert (nobody.person, nobody.roles, nobody.policy_nos) == (WEIWEI, (), ())


def test_policies_come_back_as_headquarters_wrote_them(extract: LocalExtract) -> None:
    assert [extract.policy(each.policy_no) for each in POLICIES] == list(POLICIES)
    assert extract.policies_of("P1") == (SECOND, FIRST)
    assert extract.policies_of("P11") == ()
    assert extract.policies_of("stranger") == ()
    assert extract.policy("AT-A 2026 990101 9999999") is None
    # A number is one number: another spelling of it is for the search.
    assert extract.policy("ATA20269901010000017") is None
    assert extract.person("stranger") is None


@pytest.mark.parametrize(
    "typed",
    ["", " ", "　\t\n", "·", "-", "%", "_", "%%%%", "____", '"', "''", "*", "1=1 OR", "'; DROP TABLE person_block; --", "张%", "张_", "AND", "NEAR(", "\x00", "\ud800", "\ud83d张三丰"],
)  # fmt: skip
def test_blank_text_and_signs_find_nobody_and_do_no_harm(extract: LocalExtract, typed: str) -> None:
    assert extract.search(typed) == ()
    assert ids(extract.search("李晓禾")) == ["P3"]


@pytest.mark.parametrize(
    "typed", ["张" * 1_000_000, "1" * 1_000_000, "9901" * 100_000, "z" * 1_000_000, "张伟" + " " * 100_000 + "伟"]
)
def test_very_long_text_is_cut(extract: LocalExtract, typed: str) -> None:
    assert set(ids(extract.search(typed))) <= {"P1", "P2", "P11"}


def test_the_limit_holds_for_every_kind(extract: LocalExtract) -> None:
    for typed in ("张", "zh", "z", "9901", "1990", "AT-A", "0000017"):
        assert len(extract.search(typed, limit=1)) == 1, typed
        assert extract.search(typed, limit=0) == ()


@pytest.mark.parametrize("typed", ["张", "zhang", "9901", "AT-A", "0000017"])
@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_cancelled_search_stops_and_returns_nothing(extract: LocalExtract, typed: str, after: int) -> None:
    looks = 0

    def cancelled() -> bool:
        nonlocal looks
        looks += 1
        return looks > after

    assert extract.search(typed, cancelled=cancelled) == ()
    assert looks == after + 1
    assert extract.search(typed) != ()


def test_without_an_extract_nobody_is_found(tmp_path: Path) -> None:
    empty = LocalExtract(tmp_path / "nothing yet", KEY)
    assert empty.header() is None
    assert empty.search("张伟") == ()
    assert empty.policy(FIRST.policy_no) is None
    assert empty.person("P1") is None
    assert empty.policies_of("P1") == ()
    empty.close()


@pytest.mark.parametrize("case", ["wrong key", "file gone", "file damaged", "file empty", "pointer damaged"])
def test_an_extract_that_cannot_be_opened_says_so(tmp_path: Path, case: str) -> None:
    applied(tmp_path, PEOPLE, POLICIES).close()
    file = next(tmp_path.glob("extract-*.db"))
    if case == "file gone":
        file.unlink()
    elif case == "file damaged":
        file.write_bytes(file.read_bytes()[:100] + b"\xff" * 5000)
    elif case == "file empty":
        file.write_bytes(b"")
    elif case == "pointer damaged":
        (tmp_path / "current.json").write_bytes(b'{"file": ')
    extract = LocalExtract(tmp_path, OTHER_KEY if case == "wrong key" else KEY)
    for ask in (
        extract.header,
        lambda: extract.search("张伟"),
        lambda: extract.policy("x"),
        lambda: extract.policies_of("P1"),
    ):
        with pytest.raises(EnvironmentProblem) as raised:
            ask()
        assert raised.value.code == "extract_unreadable"
        assert "保单资料打不开" in raised.value.sentence("zh")
        assert "仍可照常受理" in raised.value.sentence("zh")
    # A new extract mends it.
    applied(tmp_path, PEOPLE, POLICIES, version=2, key=OTHER_KEY if case == "wrong key" else KEY).close()
    assert ids(extract.search("李晓禾")) == ["P3"]
    extract.close()


def test_a_page_damaged_while_open_is_a_sentence_not_a_wrong_answer(tmp_path: Path) -> None:
    extract = applied(tmp_path, PEOPLE, POLICIES)
    file = next(tmp_path.glob("extract-*.db"))
    assert extract.header() is not None
    with file.open("r+b") as raw:
        for page in range(1, file.stat().st_size // 4096):
            raw.seek(page * 4096 + 50)
            raw.write(b"damage")
    with pytest.raises(EnvironmentProblem) as raised:
        extract.search("李晓禾")
    assert raised.value.code == "extract_unreadable"
    extract.close()


def test_searching_from_several_threads(extract: LocalExtract) -> None:
    found: list[list[str]] = []

    def look() -> None:
        found.extend(ids(extract.search("晓禾")) for _ in range(20))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["P3"]] * 80
