"""``outpost recover FILE...``: what was lost, from what is still there.

    outpost recover VOUCHER.pdf PHOTO.jpg FOLDER   the promises of a lost laptop, on a colleague's enrolled one
    outpost recover KEYS                           this laptop's own key file, with what headquarters wrote for it

Which of the two is meant shows in the files themselves. Exit code 1 when something was refused.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.desk_commands import open_desk
from app.settings import default_home, load_settings
from app.unlocking import new_unlock
from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from claims.recovery_from_paper import Recovered, RecoveredPaper
from local_db.recovery import recover_key_file

_TOGETHER_BYTES = 64 * 1024 * 1024
"""So much is held in memory at once, however many photos are handed in."""
_WORDS = {
    Recovered.NEW: "新恢复 recovered",
    Recovered.COMPLETED: "已补全 completed",
    Recovered.KNOWN: "已登记 known",
    Recovered.OWN: "本机的 own",
    Recovered.REFUSED: "未采用 refused",
}


def recover(options: argparse.Namespace) -> int:
    """Carry the command out."""
    paths = tuple(_paths(options.files))
    if len(paths) == 1 and _read(paths[0]).lstrip().startswith(b"{"):
        return _recover_keys(options, _read(paths[0]))
    desk = open_desk(options)
    found: list[RecoveredPaper] = []
    try:
        for files in _batches(paths):
            papers = desk.recover_vouchers(files).papers
            for each in papers:
                print(f"{_WORDS[each.outcome]}  {each.source}\n    {each.sentence.zh}\n    {each.sentence.en}")
            found += papers
    finally:
        desk.close()
    counts = {outcome: sum(each.outcome is outcome for each in found) for outcome in Recovered}
    total = sum(each.amount_fen or 0 for each in found if each.outcome is Recovered.NEW)
    print("  ".join(f"{_WORDS[outcome]} {count}" for outcome, count in counts.items()))
    print(
        f"{yuan(total)} 元已登记，下次同步交总部。 {yuan(total)} yuan recorded for headquarters, sent with the next sync."
    )
    return 1 if counts[Recovered.REFUSED] else 0


def _recover_keys(options: argparse.Namespace, payload: bytes) -> int:
    settings = load_settings(options.home or default_home())
    unlock, passphrase = new_unlock(settings.adjuster)
    recover_key_file(settings.home, payload, unlock)
    print("密钥文件已恢复。 The key file is restored.")
    if passphrase is not None:
        print(f"  {passphrase}")
    return 0


def _paths(given: Sequence[Path]) -> Iterator[Path]:
    """Yield the files, and those in the folders, each once."""
    seen: set[Path] = set()
    for path in given:
        inside = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
        for each in inside:
            if each.resolve() not in seen:
                seen.add(each.resolve())
                yield each


def _batches(paths: Sequence[Path]) -> Iterator[list[tuple[str, bytes]]]:
    batch: list[tuple[str, bytes]] = []
    size = 0
    for path in paths:
        content = _read(path)
        if batch and size + len(content) > _TOGETHER_BYTES:
            yield batch
            batch, size = [], 0
        batch.append((str(path), content))
        size += len(content)
    if batch:
        yield batch


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise InputError(
            "file_unreadable",
            Bilingual(
                f"文件 {path} 读不出来（{problem.strerror}）。", f"The file {path} can't be read ({problem.strerror})."
            ),
            Bilingual(
                "请核对路径和权限；已恢复的凭证不受影响。", "Check path and permission; what was recovered is safe."
            ),
        ) from problem
