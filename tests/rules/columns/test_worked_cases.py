"""The sample pack's own tests, decided by columns."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from rules.columns import ColumnPack, batch_of_facts, prepare
from rules.engine import Pack, decode_facts, load_pack
from tests.rules.columns.comparing import differences, said_by_columns
from tests.rules.conftest import FactsOf
from tests.rules.edited_packs import Document, by_id, changed


@pytest.fixture(scope="module")
def prepared(pack: Pack) -> ColumnPack:
    return prepare(pack)


def test_every_worked_case_comes_out_as_its_author_expects(pack: Pack, prepared: ColumnPack) -> None:
    claims = [decode_facts(pack, msgspec.json.encode(test.facts)) for test in pack.tests]
    amounts = prepared.decide(batch_of_facts(pack, claims))
    for row, test in enumerate(pack.tests):
        said, expect = said_by_columns(amounts, row), test.expect
        assert (said.referred, said.total_fen, said.outputs) == (expect.referred, expect.total_fen, expect.outputs_fen)
        if expect.liabilities_fen is not None:
            assert said.liabilities == expect.liabilities_fen, test.name
        if expect.shares_fen is not None:
            assert tuple(fen for shares in said.shares.values() for fen in shares) == expect.shares_fen, test.name
        if expect.waivers is not None:
            assert said.waivers == set(expect.waivers), test.name
        if expect.reasons is not None:
            assert said.reasons == tuple(dict.fromkeys(expect.reasons)), test.name


def test_every_worked_case_is_decided_as_by_the_reference(pack: Pack, prepared: ColumnPack) -> None:
    claims = [decode_facts(pack, msgspec.json.encode(test.facts)) for test in pack.tests]
    assert differences(pack, prepared, claims) == []


def test_how_a_batch_is_cut_or_ordered_changes_no_claim(pack: Pack, prepared: ColumnPack) -> None:
    claims = [decode_facts(pack, msgspec.json.encode(test.facts)) for test in pack.tests]
    assert differences(pack, prepared, claims, chunk_rows=7) == []
    whole = prepared.decide(batch_of_facts(pack, claims))
    turned = prepared.decide(batch_of_facts(pack, claims[::-1]))
    assert np.array_equal(whole.total_fen, turned.total_fen[::-1])
    assert [whole.reasons_of(row) for row in range(len(claims))] == [
        turned.reasons_of(len(claims) - 1 - row) for row in range(len(claims))
    ]


def test_leaving_any_one_fact_out_of_any_worked_case_is_told_alike(pack: Pack, prepared: ColumnPack) -> None:
    claims = []
    for test in pack.tests[::4]:
        facts = decode_facts(pack, msgspec.json.encode(test.facts))
        claims += [{name: value for name, value in facts.items() if name != dropped} for dropped in facts]
    assert len(claims) > 800
    assert differences(pack, prepared, claims) == []


def test_a_batch_of_nothing_comes_to_nothing(pack: Pack, prepared: ColumnPack) -> None:
    amounts = prepared.decide(batch_of_facts(pack, []))
    assert amounts.rows == len(amounts.total_fen) == 0


def test_reading_a_pools_limit_asks_for_what_is_used_like_the_reference(facts_of: FactsOf) -> None:
    def by_limit(document: Document) -> None:
        by_id(document, "rules", "bill_amount")["expression"] = "min(bill_total, medical_year_limit)"
        by_id(document, "plans", "KQ-Z")["parameters"]["medical_limit_sum"] = 1_000_000

    limited = load_pack(changed(by_limit))
    facts = facts_of("A-1 settled by social insurance")
    without = {name: value for name, value in facts.items() if name != "used_medical_year"}
    assert differences(limited, prepare(limited), [facts, without]) == []
