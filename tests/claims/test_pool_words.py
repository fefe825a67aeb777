"""What people call a pool."""

from __future__ import annotations

from claims.pool_words import pool_owner_words, pool_words


def test_each_scope_says_whose_limit_it_is() -> None:
    year = "year/AT2026070100031/medical_year/2026-07-01"
    assert pool_owner_words(year).zh == "AT2026070100031 年度限额"
    assert pool_words(year).zh == "AT2026070100031 年度限额（medical_year 2026-07-01）"
    assert pool_words("policy/P%2F1/sum").en == "P/1, contract limit (sum)"
    assert pool_words("accident/P1/medical/accident:2026-11-20").zh.startswith("P1 每次事故限额")


def test_a_person_is_a_short_pseudonym_and_the_float_has_its_own_name() -> None:
    assert pool_owner_words("person/id-ea9403f5c08c450e069f/minors").zh == "id-ea940 同一人限额"
    assert pool_words("*").zh == "应急额度"


def test_an_id_of_another_version_is_shown_as_it_is() -> None:
    for pool in ("", "x", "family/1/2", "year/only"):
        assert pool_words(pool).zh == pool
        assert pool_owner_words(pool).en == pool
