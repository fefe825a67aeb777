"""What a file of claims does not say, and what that means for the pools that claims share.

Promise: a pool that could not be followed is named, never passed over in silence: its limit then holds for each claim alone.
"""

from __future__ import annotations

import pyarrow.parquet as pq

from rules.bilingual import Bilingual
from rules.engine.pack import Pack
from rules.replay.claims_file import DECIDED_ON, SCOPE_KEYS, ClaimsFile


def gaps_of(pack: Pack, file: ClaimsFile) -> tuple[Bilingual, ...]:
    """Return a sentence for each key that is missing, in the whole file or in some claims. Reads the keys' columns only."""
    counts = _without(file)
    told: list[Bilingual] = []
    for scope, names in SCOPE_KEYS.items():
        pools = [pool.spec.name for pool in pack.pools.values() if pool.spec.scope is scope]
        missing = {name: counts[name] for name in names if counts[name]}
        if not pools or not missing:
            continue
        lacking = "、".join(f"{name}（{count:,} 件没有）" for name, count in missing.items())
        lacking_en = ", ".join(f"{name} ({count:,} claims without)" for name, count in missing.items())
        told.append(
            Bilingual(
                f"缺 {lacking}：{'、'.join(name.zh for name in pools)} 对这些赔案逐件计算，不累计",
                f"{lacking_en}: for these claims {', '.join(name.en for name in pools)} counts each claim alone",
            )
        )
    if counts[DECIDED_ON]:
        told.append(
            Bilingual(
                f"缺 {DECIDED_ON}（{counts[DECIDED_ON]:,} 件没有）：按文件中的次序排在最后",
                f"{DECIDED_ON} ({counts[DECIDED_ON]:,} claims without): they come last, as they stand in the file",
            )
        )
    return tuple(told)


def _without(file: ClaimsFile) -> dict[str, int]:
    """Return how many claims have no value, by key."""
    names = [*dict.fromkeys(name for names in SCOPE_KEYS.values() for name in names), DECIDED_ON]
    there = [name for name in names if name in file.columns]
    with pq.ParquetFile(file.path) as parquet:
        table = parquet.read(columns=there)
    return {name: table.column(name).null_count if name in there else file.rows for name in names}
