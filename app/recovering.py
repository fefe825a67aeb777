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
_MOST_BYTES = 30_000_000
"""More than any file that is looked at; a film on the stick is not read to its end to be refused."""
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
        for files, unread in _batches(paths):
            papers = (*unread, *desk.recover_vouchers(files).papers)
            for each in papers:
                print(f"{_WORDS[each.outcome]}  {each.source}\n    {each.sentence.zh}\n    {each.sentence.en}")
            found += papers
    finally:
        desk.close()
    if not found:
        print("没有找到文件。 There are no files there.")
        return 1
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
        for each in _inside(path):
            if each.resolve() not in seen:
                seen.add(each.resolve())
                yield each


def _inside(path: Path) -> Sequence[Path]:
    try:
        return sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
    except OSError as problem:
        raise _unreadable(path, problem) from problem


def _batches(paths: Sequence[Path]) -> Iterator[tuple[list[tuple[str, bytes]], list[RecoveredPaper]]]:
    """Yield the files, so many at a time as memory is given, with those that can't be read: they block no other."""
    batch: list[tuple[str, bytes]] = []
    unread: list[RecoveredPaper] = []
    size = 0
    for path in paths:
        try:
            content = _read(path)
        except InputError as problem:
            sentence = Bilingual(problem.sentence("zh"), problem.sentence("en"))
            unread.append(RecoveredPaper(str(path), Recovered.REFUSED, sentence, code=problem.code))
            continue
        if batch and size + len(content) > _TOGETHER_BYTES:
            yield batch, unread
            batch, unread, size = [], [], 0
        batch.append((str(path), content))
        size += len(content)
    if batch or unread:
        yield batch, unread


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as problem:
        raise _unreadable(path, problem) from problem


def _unreadable(path: Path, problem: OSError) -> InputError:
    return InputError(
        "file_unreadable",
        Bilingual(
            f"文件 {path} 读不出来（{problem.strerror}）。", f"The file {path} can't be read ({problem.strerror})."
        ),
        Bilingual("请核对路径和权限；已恢复的凭证不受影响。", "Check path and permission; what was recovered is safe."),
    )
