"""Claims as Arrow tables: the round trip, every type that is read, and what a column must not be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rules.columns import Amounts, batch_of_facts, batch_of_table, facts_table, prepare
from rules.engine import FactsError, load_pack
from rules.tools.sample import sample_pack_bytes
from tests.rules.columns.comparing import said_by_columns
from tests.rules.generated.cases import worked

PACK = load_pack(sample_pack_bytes())
PREPARED = prepare(PACK)
CLAIMS = list(worked(PACK).values())
TABLE = facts_table(PACK, CLAIMS)


def said(amounts: Amounts) -> list[object]:
    return [said_by_columns(amounts, row) for row in range(amounts.rows)]


EXPECTED = said(PREPARED.decide(batch_of_facts(PACK, CLAIMS)))


def decided(table: pa.Table) -> list[object]:
    return said(PREPARED.decide(batch_of_table(PACK, table)))


def test_facts_written_as_a_table_are_decided_alike() -> None:
    assert decided(TABLE) == EXPECTED


def test_a_parquet_file_in_several_row_groups_is_decided_alike(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "claims.parquet", row_group_size=17)
    assert decided(pq.read_table(tmp_path / "claims.parquet")) == EXPECTED
    assert decided(pq.read_table(tmp_path / "claims.parquet", read_dictionary=["plan", "icd10"])) == EXPECTED


def test_a_slice_and_several_chunks_are_read_where_they_lie() -> None:
    assert decided(TABLE.slice(5, 40)) == EXPECTED[5:45]
    assert decided(pa.concat_tables([TABLE.slice(60), TABLE.slice(0, 60)])) == EXPECTED[60:] + EXPECTED[:60]


def replaced(name: str, column: pa.Array, table: pa.Table = TABLE) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def as_other(name: str, kind: pa.DataType) -> pa.Table:
    return replaced(name, TABLE.column(name).cast(kind))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("hospital_level", pa.int8()),
        ("hospital_level", pa.string()),
        ("hospital_level", pa.decimal128(10, 4)),
        ("bill_total", pa.int32()),
        ("plan", pa.large_string()),
        ("plan", pa.dictionary(pa.int16(), pa.string())),
    ],
)
def test_other_types_that_hold_the_same_values_are_read(name: str, kind: pa.DataType) -> None:
    assert decided(as_other(name, kind)) == EXPECTED


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("bill_total", pa.array([1.5] * len(CLAIMS))),
        ("bill_total", pa.array(["1"] * len(CLAIMS))),
        ("hospital_level", pa.array([1.0] * len(CLAIMS))),
        ("accident", pa.array([1] * len(CLAIMS))),
        ("death_date", pa.array(["2024-01-01"] * len(CLAIMS))),
        ("plan", pa.array([1] * len(CLAIMS))),
        ("claim_types", pa.array(["accident_medical"] * len(CLAIMS))),
    ],
)
def test_a_column_of_a_type_that_its_element_cannot_have_refuses_the_table(name: str, column: pa.Array) -> None:
    with pytest.raises(FactsError) as refused:
        batch_of_table(PACK, replaced(name, column))
    assert refused.value.code == "wrong_type"
    assert refused.value.values["element"] == name


def test_values_beyond_an_elements_bounds_refuse_their_claim_by_the_first_name() -> None:
    bills = TABLE.column("bill_total").to_pylist()
    levels = TABLE.column("hospital_level").to_pylist()
    bills[3], bills[4], levels[4], levels[5] = -1, 10**17, Decimal(99), Decimal("1.5")
    table = replaced("bill_total", pa.array(bills, pa.int64()))
    table = replaced("hospital_level", pa.array([None if each is None else str(each) for each in levels]), table)
    amounts = PREPARED.decide(batch_of_table(PACK, table))
    assert [amounts.reasons_of(row) for row in (3, 4, 5)] == [
        ("element:bill_total",),
        ("element:bill_total",),
        ("element:hospital_level",),
    ]
    assert said(amounts)[6:] == EXPECTED[6:]


def test_lists_too_long_and_texts_too_long_refuse_their_claim() -> None:
    types = TABLE.column("claim_types").to_pylist()
    types[0] = ["accident_medical"] * 500
    codes = TABLE.column("icd10").to_pylist()
    codes[1] = "C" * 500
    table = replaced("icd10", pa.array(codes, pa.string()), replaced("claim_types", pa.array(types)))
    amounts = PREPARED.decide(batch_of_table(PACK, table))
    assert amounts.reasons_of(0) == ("element:claim_types",)
    assert amounts.reasons_of(1) == ("element:icd10",)


def test_a_column_of_nothing_but_nulls_is_a_fact_that_nobody_has() -> None:
    table = replaced("prepaid", pa.nulls(len(CLAIMS)))
    assert decided(table) == decided(TABLE.drop_columns(["prepaid"]))


def test_a_dictionary_may_hold_a_null_among_its_words() -> None:
    words = sorted(set(TABLE.column("icd10").to_pylist()) - {None})
    codes = [len(words) if each is None else words.index(each) for each in TABLE.column("icd10").to_pylist()]
    column = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array([*words, None]))
    assert decided(replaced("icd10", column)) == EXPECTED


def test_nulls_among_the_items_of_a_list_refuse_their_claim() -> None:
    types = TABLE.column("claim_types").to_pylist()
    types[2] = [*types[2], None]
    amounts = PREPARED.decide(batch_of_table(PACK, replaced("claim_types", pa.array(types))))
    assert amounts.reasons_of(2) == ("element:claim_types",)
    assert said(amounts)[3:] == EXPECTED[3:]


def test_columns_that_are_no_element_are_the_callers() -> None:
    table = TABLE.append_column("policy_no", pa.array(range(len(CLAIMS))))
    assert decided(table) == EXPECTED


def test_a_long_column_of_different_texts_is_decided_without_a_dictionary() -> None:
    bill = next(
        facts
        for facts, each in zip(CLAIMS, EXPECTED, strict=True)
        if facts["plan"] == "AT-A" and "bill_number" in facts and not each.referred
    )  # type: ignore[attr-defined]
    claims = [
        {**bill, "bill_number": f"N{row}" if row % 7 else ("a b", "a:b", "\u3000", "x\u2028", "\u200b")[row % 5]}
        for row in range(2_000)
    ]
    expected = said(PREPARED.decide(batch_of_facts(PACK, claims)))
    assert decided(facts_table(PACK, claims)) == expected
    assert 1_700 < sum(not each.referred for each in expected) < 1_900  # type: ignore[attr-defined]


def test_a_date_and_a_number_come_back_as_they_were() -> None:
    assert TABLE.schema.field("accident_date").type == pa.date32()
    assert TABLE.column("accident_date").to_pylist()[0] == CLAIMS[0].get("accident_date", date.min)
    assert np.array_equal(TABLE.column("bill_total").is_null(), ["bill_total" not in claim for claim in CLAIMS])


def test_a_table_without_rows_or_columns_is_a_batch_of_nothing() -> None:
    assert decided(TABLE.slice(0, 0)) == []
    assert decided(pa.table({})) == []
    assert decided(pa.Table.from_batches([], schema=TABLE.schema)) == []
