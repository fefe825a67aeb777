"""A replay decides history as the reference would, one claim after the other, however the file is cut."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rules.engine import decide
from rules.engine.model import Referral
from rules.replay import ClaimsFile, ClaimsFileError, replay
from rules.replay.single_claims import facts_of
from rules.tools.commands import main
from rules.tools.sample import sample_pack_bytes
from tests.rules.replay.history import history, one_by_one, sample, write_history

PACK = sample()
COUNT = 900


@pytest.fixture(scope="module")
def claims_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_history(tmp_path_factory.mktemp("history") / "claims.parquet", PACK, history(PACK, COUNT))


def test_every_claim_comes_out_as_one_after_the_other_by_the_reference(claims_file: Path) -> None:
    expected = one_by_one(PACK, history(PACK, COUNT))
    results = replay(PACK, ClaimsFile.open(claims_file)).results().to_pylist()
    assert len(results) == COUNT
    for row in results:
        decision = expected[row["claim_no"]]
        reasons = [each.rule for each in decision.reasons] if isinstance(decision, Referral) else []
        assert (row["total_fen"], row["referred"], row["reasons"].split(",") if row["reasons"] else []) == (
            decision.total_fen,
            isinstance(decision, Referral),
            list(dict.fromkeys(reasons)),
        )


def test_the_pools_that_claims_share_make_a_difference(claims_file: Path) -> None:
    alone = sum(decide(PACK, claim.facts).total_fen for claim in history(PACK, COUNT))
    together = sum(each.total_fen for each in one_by_one(PACK, history(PACK, COUNT)).values())
    assert together < alone


def test_a_single_claim_has_the_facts_that_it_was_decided_on(claims_file: Path) -> None:
    expected = one_by_one(PACK, history(PACK, COUNT))
    found = replay(PACK, ClaimsFile.open(claims_file))
    numbers = found.claims.column("claim_no").to_pylist()
    for number, facts in zip(numbers, facts_of(PACK, found, range(COUNT)), strict=True):
        assert decide(PACK, facts) == expected[number]


@pytest.mark.parametrize("of", [2, 5])
def test_the_parts_of_a_file_are_the_file(claims_file: Path, of: int) -> None:
    file = ClaimsFile.open(claims_file)
    parts = pa.concat_tables([replay(PACK, file, part, of).results() for part in range(of)]).sort_by("claim_no")
    assert parts.equals(replay(PACK, file).results())


def test_two_workers_give_the_same_bytes(claims_file: Path, tmp_path: Path) -> None:
    pack = tmp_path / "pack.json"
    pack.write_bytes(sample_pack_bytes())
    alone, together = tmp_path / "alone.parquet", tmp_path / "together.parquet"
    assert main(["replay", str(pack), str(claims_file), "--out", str(alone)]) == 0
    assert main(["replay", str(pack), str(claims_file), "--out", str(together), "--workers", "2"]) == 0
    assert alone.read_bytes() == together.read_bytes()
    assert pq.read_table(alone).num_rows == COUNT


def test_what_is_no_file_of_claims_is_told_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack, wrong, out = tmp_path / "pack.json", tmp_path / "claims.parquet", tmp_path / "out.parquet"
    pack.write_bytes(sample_pack_bytes())
    wrong.write_bytes(b"claim_no,total\n1,2\n")
    assert main(["replay", str(pack), str(wrong), "--out", str(out)]) == 2
    assert "not_parquet: file claims.parquet" in capsys.readouterr().err
    pq.write_table(pa.table({"plan": ["AT-A"]}), wrong)
    assert main(["replay", str(pack), str(wrong), "--out", str(out)]) == 2
    assert "no_claim_no" in capsys.readouterr().err
    assert not out.exists()


def test_a_claim_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    path = write_history(tmp_path / "claims.parquet", PACK, [*history(PACK, 3), *history(PACK, 3)])
    with pytest.raises(ClaimsFileError, match="claim_twice"):
        replay(PACK, ClaimsFile.open(path))


def test_a_file_without_keys_can_not_be_cut_but_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    pq.write_table(pa.table({"claim_no": ["1", "2"], "plan": ["AT-A", None]}), path)
    results = replay(PACK, ClaimsFile.open(path)).results().to_pylist()
    assert [row["referred"] for row in results] == [True, True]
    with pytest.raises(ClaimsFileError, match="no_key"):
        replay(PACK, ClaimsFile.open(path), 0, 2)


def test_a_key_that_is_missing_is_told_because_its_pools_are_not_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack, path = tmp_path / "pack.json", write_history(tmp_path / "claims.parquet", PACK, history(PACK, 30))
    pack.write_bytes(sample_pack_bytes())
    assert main(["replay", str(pack), str(path)]) == 0
    assert capsys.readouterr().err == ""
    pq.write_table(pq.read_table(path).drop_columns(["person", "decided_on"]), path)
    assert main(["replay", str(pack), str(path)]) == 0
    told = capsys.readouterr().err
    assert "person（30 件没有）" in told
    assert "person (30 claims without)" in told
    assert "decided_on (30 claims without)" in told


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("paid_fen", ["1.00"]),
        ("paid_fen", [0.7]),
        ("decided_on", ["20/1/2026"]),
        ("claim_no", [1.5]),
        ("person", [2.5]),
    ],
)
def test_a_column_of_another_type_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str, values: list[object]
) -> None:
    pack, path = tmp_path / "pack.json", tmp_path / "claims.parquet"
    pack.write_bytes(sample_pack_bytes())
    pq.write_table(pa.table({"claim_no": ["1"], "plan": ["AT-A"]} | {column: values}), path)
    assert main(["replay", str(pack), str(path)]) == 2
    assert f"wrong_type: file claims.parquet, column {column}" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["0", "-3", "two", "1000000"])
def test_so_many_workers_there_can_not_be(claims_file: Path, tmp_path: Path, workers: str) -> None:
    with pytest.raises(SystemExit):
        main(["replay", str(tmp_path / "pack.json"), str(claims_file), "--workers", workers])


def test_a_claim_without_a_number_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    pq.write_table(pa.table({"claim_no": ["1", None], "plan": ["AT-A", "AT-A"]}), path)
    with pytest.raises(ClaimsFileError, match="claim_without_number"):
        replay(PACK, ClaimsFile.open(path))
