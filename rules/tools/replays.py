"""``outpost-rules replay`` and ``diff``: history decided again by one pack, or by two that are compared.

Promise: results are written whole or not at all; the same command with ``--workers`` or ``--cluster`` gives the same bytes.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from rules.bilingual import Bilingual
from rules.engine import Pack, load_pack
from rules.engine.values import yuan_text
from rules.replay import ClaimsFile, Comparison, compare, replay
from rules.replay.comparing import Change
from rules.replay.gaps import gaps_of
from rules.replay.partitioned import cluster_of, compare_partitioned, replay_partitioned
from rules.replay.report import CLASS_NAMES, rule_name, write_report
from rules.tools.writing import write_whole

_WORST = 10


def replay_history(pack_file: Path, claims: Path, out: Path | None, workers: int | None, cluster: str | None) -> None:
    """Replay a file of claims, print the totals, and write a row a claim to ``out``.

    Raises RulesError (pack, file or column that can't be used), OSError.
    """
    raw = pack_file.read_bytes()
    pack, file = load_pack(raw), ClaimsFile.open(claims)
    _tell_gaps(gaps_of(pack, file))
    if workers is None and cluster is None:
        results = replay(pack, file).results()
    else:
        with cluster_of(workers, cluster) as client:
            results = replay_partitioned(client, raw, claims)
    if out is not None:
        content = io.BytesIO()
        pq.write_table(results, content)
        write_whole(out, content.getvalue())
    print(_summary(pack, results))


def compare_packs(
    old_file: Path,
    new_file: Path,
    claims: Path,
    *,
    html: Path | None,
    as_json: bool,
    workers: int | None,
    cluster: str | None,
) -> Comparison:
    """Compare two packs over a file of claims; print the totals and the largest changes, or all of it as JSON.

    Raises RulesError, OSError.
    """
    raw_old, raw_new = old_file.read_bytes(), new_file.read_bytes()
    old, new, file = load_pack(raw_old), load_pack(raw_new), ClaimsFile.open(claims)
    gaps = gaps_of(new, file)
    _tell_gaps(gaps)
    if workers is None and cluster is None:
        comparison = compare(old, new, file.read([str(name) for name in {**old.elements, **new.elements}]))
    else:
        with cluster_of(workers, cluster) as client:
            comparison = compare_partitioned(client, raw_old, raw_new, claims)
    if html is not None:
        write_whole(html, write_report(old, new, comparison, gaps=gaps).encode())
    if as_json:
        print(json.dumps(_told(comparison), ensure_ascii=False, indent=1))
    else:
        _print(old, new, comparison)
    return comparison


def _summary(pack: Pack, results: pa.Table) -> str:
    sums, referred = results.column("total_fen").to_numpy(), results.column("referred").to_numpy()
    payable = int(sums[~referred].sum())
    paid = results.column("paid_fen")
    told = f"{pack.pack_id} {pack.version}: {results.num_rows:,} claims, {yuan_text(payable)} yuan payable, {int(referred.sum()):,} referred"
    if paid.null_count == len(paid):
        return told
    recorded = paid.is_valid().to_numpy()
    differ = int(((paid.fill_null(0).to_numpy() != sums * ~referred) & recorded).sum())
    return f"{told}; {int(recorded.sum()):,} recorded payments, {differ:,} of them come out differently"


def _by_class(comparison: Comparison) -> Mapping[str, dict[str, int]]:
    return {
        kind.value: {
            "claims": sum(1 for each in comparison.changes if each.change_class is kind),
            "net_fen": sum(each.by_fen for each in comparison.changes if each.change_class is kind),
        }
        for kind in CLASS_NAMES
    }


def _told(comparison: Comparison) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(comparison)
    return {**plain, "net_fen": comparison.net_fen, "classes": _by_class(comparison)}


def _print(old: Pack, new: Pack, comparison: Comparison) -> None:
    if old.version == new.version and old.hash != new.hash:
        print(
            "两个包的版本号相同而内容不同\n  the two packs have the same version number and other content",
            file=sys.stderr,
        )
    print(
        f"{old.pack_id} {old.version} -> {new.pack_id} {new.version}: {len(comparison.changes):,} of {comparison.claims:,} claims change, "
        f"net {_signed(comparison.net_fen)} yuan"
    )
    for kind, counted in _by_class(comparison).items():
        print(f"  {kind:8} {counted['claims']:>10,} {_signed(counted['net_fen']):>20}")
    for change in comparison.worst(_WORST):
        print(
            f"  {change.claim_no:24} {_sum(change, new=False):>16} -> {_sum(change, new=True):>16}  {change.change_class.value}: {rule_name(old, new, change.rule)}"
        )


def _sum(change: Change, *, new: bool) -> str:
    fen, referred = (change.new_fen, change.new_referred) if new else (change.old_fen, change.old_referred)
    return "referred" if referred else yuan_text(fen)


def _signed(fen: int) -> str:
    return f"{'+' if fen > 0 else ''}{yuan_text(fen)}"


def _tell_gaps(gaps: Sequence[Bilingual]) -> None:
    for gap in gaps:
        print(f"{gap.zh}\n  {gap.en}", file=sys.stderr)
