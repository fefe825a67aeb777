"""``outpost verify``: is this paper genuine? By the laptop's own records, by a root certificate alone, or by any certificate and instant.

Promise: an answer in words, in both languages, for each code, whatever is handed in; a file that can't be read never hides what is said of the
others. Exit code 0: all are genuine and nothing is known against
them; 1: any is not, or could not be read; 2: the question itself was not understood. A batch answers every line and writes its file whole.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from app.settings import default_home, load_settings
from app.system_clock import SystemClock
from app.verify_batch import VerifyBatch, read_instant
from claims.errors import Bilingual, EnvironmentProblem, InputError, OutpostError
from claims.verification import PaperVerdict, verify_by_root
from claims.verification_signature import as_scanned, root_anchor
from claims.verification_verdicts import unreadable
from claims.verification_words import failed_part
from forms.code_reading import codes_in_file
from local_db.key_file import FILE_NAME
from trust.errors import TrustError
from trust.verifier import Anchor, Verified, verify_signed_text
from trust.verifier_profiles import PROFILES

EXIT_GENUINE, EXIT_NOT, EXIT_QUESTION = 0, 1, 2
_MAX_CERTIFICATE_BYTES = 65_536
_MAX_TEXT_FILE_BYTES = 100_000
_MAX_PATH = 1000
_FILE_ENDINGS = frozenset({".pdf", ".jpg", ".jpeg", ".png", ".webp", ".heic", ".tif", ".tiff", ".bmp", ".gif", ".txt"})
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PREFIXES = tuple(each.prefix for each in PROFILES)

Answer = TypeVar("Answer")
_MAX_DAYS = 36_500


@dataclass(frozen=True)
class _Asked:
    """One thing that is asked about: a name to show, and the texts of the codes found there (none: nothing was readable)."""

    name: str
    texts: Sequence[str] = ()
    problem: OutpostError | None = None
    """Why the file could not be looked at."""


def verify(options: argparse.Namespace) -> int:
    """Carry out the command; return its exit code. Raises ``InputError`` and ``EnvironmentProblem``."""
    if options.batch is not None:
        return _batch(*options.batch)
    wrong = _wrong_with(options)
    if wrong is not None:
        print(wrong)
        return EXIT_QUESTION
    _check_days(options.max_age_days)
    if options.certificate is not None:
        return _by_certificate(options)
    root = options.root or _root_without_store(options)
    if root is None:
        return _at_desk(options)
    anchor, at = _anchor(root, root_anchor), _instant(options)
    return _exit(
        _told(options, lambda text: verify_by_root(text, anchor, at, max_age_days=options.max_age_days)),
    )


def _wrong_with(options: argparse.Namespace) -> str | None:
    """Return what the question lacks or has too much of, None where it can be answered."""
    if not any(each.strip() for each in (*options.what, *options.text)):
        return "请给出文件、照片或二维码文字。 Name a file, a photo or the text of a code."
    if options.certificate is not None and options.root is not None:
        return "--root 和 --certificate 只能用一个。 Give either --root or --certificate, not both."
    if options.at is not None and options.certificate is None and options.root is None:
        return "--at 只能与 --root 或 --certificate 一起用。 --at goes with --root or --certificate only."
    return None


def _at_desk(options: argparse.Namespace) -> int:
    """Verify over the laptop's store: it knows what was voided and used here, and which devices were stopped."""
    from app.desk_commands import open_desk  # noqa: PLC0415 - loads the store, which a certificate alone does not need

    desk = open_desk(options)
    try:
        return _exit(_told(options, lambda text: desk.verify_text(text, max_age_days=options.max_age_days)))
    finally:
        desk.close()


def _by_certificate(options: argparse.Namespace) -> int:
    anchor, at = _anchor(options.certificate, Anchor.of), _instant(options)
    all_verified = True
    for asked in _asked(options):
        if asked.problem is not None:
            all_verified = False
            _say_problem(asked.problem)
            continue
        for text in asked.texts:
            print(asked.name)
            try:
                _say(*_proved(verify_signed_text(text, anchor, at)))
            except TrustError as error:
                all_verified = False
                part = failed_part(error)
                _say(f"未通过：{part.zh}。", f"Not verified: {part.en}. [{error.code}]")
        if not asked.texts:
            all_verified = False
            _say_verdict(asked.name, unreadable(seen=True))
    return EXIT_GENUINE if all_verified else EXIT_NOT


def _proved(verified: Verified) -> tuple[str, str]:
    algorithm, kid = verified.algorithm.name, verified.kid.hex()
    return f"验证通过：{algorithm}，密钥编号 {kid}。", f"Verified: {algorithm}, key id {kid}."


def _asked(options: argparse.Namespace) -> list[_Asked]:
    return [_Asked(_shown(text), (text,)) for text in options.text] + [_looked_at(what) for what in options.what]


def _looked_at(what: str) -> _Asked:
    path = _file(what)
    if path is None:
        return _Asked(_shown(what), (what,))
    name = _printable(path.name)
    try:
        content = _content(path)
        return _Asked(name, _as_texts(content) or codes_in_file(name, content).texts)
    except OutpostError as problem:
        return _Asked(name, problem=problem)


def _file(what: str) -> Path | None:
    """Return the file that is meant, None for the text of a code. A name that looks like a file's is one, also where there is none."""
    if what.startswith(_PREFIXES) or len(what) > _MAX_PATH or "\0" in what:
        return None
    path = Path(what)
    return path if path.exists() or path.suffix.lower() in _FILE_ENDINGS else None


def _as_texts(content: bytes) -> tuple[str, ...]:
    """Return the lines of what a scanner or an editor saved as a text file; none for a PDF or a picture."""
    if len(content) > _MAX_TEXT_FILE_BYTES:
        return ()
    try:
        text = content.decode("utf-16" if content.startswith(_WIDE_MARKS) else "utf-8-sig")
    except UnicodeDecodeError:
        return ()
    lines = tuple(each.strip("\r\t") for each in text.split("\n") if each.strip())
    return lines if lines and as_scanned(lines[0]).startswith(_PREFIXES) else ()


def _told(options: argparse.Namespace, verdict_of: Callable[[str], PaperVerdict]) -> list[PaperVerdict | None]:
    """Say each verdict and return them; None for a file that could not be looked at."""
    told: list[PaperVerdict | None] = []
    for asked in _asked(options):
        if asked.problem is None:
            told += _for_each(asked.name, asked.texts, verdict_of)
        else:
            _say_problem(asked.problem)
            told.append(None)
    return told


def _for_each(name: str, texts: Sequence[str], verdict_of: Callable[[str], PaperVerdict]) -> list[PaperVerdict]:
    verdicts = [verdict_of(text) for text in texts] or [unreadable(seen=True)]
    for verdict in verdicts:
        _say_verdict(name, verdict)
    return verdicts


def _say_verdict(name: str, verdict: PaperVerdict) -> None:
    print(name)
    _say(verdict.sentence.zh, verdict.sentence.en)
    if verdict.failed_part is not None:
        _say(
            f"不符之处：{verdict.failed_part.zh}。", f"What fails: {verdict.failed_part.en}. [{verdict.verdict.value}]"
        )
    _say(verdict.next_step.zh, verdict.next_step.en)


def _say(zh: str, en: str) -> None:
    print(f"  {zh}\n  {en}")


def _say_problem(problem: OutpostError) -> None:
    print(f"{problem.sentence('zh')}\n{problem.sentence('en')}", file=sys.stderr)


def _exit(verdicts: Sequence[PaperVerdict | None]) -> int:
    return EXIT_GENUINE if all(each is not None and each.payable for each in verdicts) else EXIT_NOT


def _batch(asked: Path, answered: Path) -> int:
    from views.durable_file import write_durably  # noqa: PLC0415 - only here

    if answered.exists() and asked.exists() and answered.samefile(asked):
        raise InputError(
            "answers_over_questions",
            Bilingual(
                f"「{_printable(asked.name)}」既是问题文件又是答案文件，写入会毁掉问题。",
                f'"{_printable(asked.name)}" is both questions and answers; writing would destroy the questions.',
            ),
            Bilingual("请为答案另取一个文件名。", "Give the answers a file of their own."),
        )
    batch = VerifyBatch(SystemClock().utc_now())
    try:
        with asked.open("rb") as lines:
            answers = list(batch.answers(lines))
    except OSError as error:
        raise _unopened(asked, error) from error
    write_durably(answered, b"".join(answers))
    verified = sum(b'"verified":true' in answer for answer in answers)
    print(f"{answered}  共 {len(answers)} 条，通过 {verified} 条。 {len(answers)} lines, {verified} verified.")
    return EXIT_GENUINE


def _root_without_store(options: argparse.Namespace) -> Path | None:
    """Return the root certificate of a laptop whose store is not there (any more), None where there is a store."""
    settings = load_settings(options.home or default_home())
    if (settings.home / FILE_NAME).exists():
        return None
    if settings.root_pem.exists():
        return settings.root_pem
    raise InputError(
        "nothing_to_trust",
        Bilingual(
            "这里没有资料库，也没有总部的根证书，无从核验。",
            "There is neither a store nor headquarters' root certificate here to verify by.",
        ),
        Bilingual(
            "请用 --root 给出总部根证书（PEM 或 DER）。", "Name headquarters' root certificate with --root, PEM or DER."
        ),
    )


def _anchor(path: Path, read: Callable[[bytes], Anchor]) -> Anchor:
    try:
        return read(_content(path, _MAX_CERTIFICATE_BYTES))
    except TrustError as error:
        part = failed_part(error)
        raise InputError(
            "certificate_not_usable",
            Bilingual(
                f"「{path.name}」不能作为信任的证书：{part.zh}。",
                f'"{path.name}" can\'t serve as a trusted certificate: {part.en}.',
            ),
            Bilingual(
                "请给出总部根证书或签发者证书（PEM 或 DER）。",
                "Name headquarters' root or the signer's certificate, PEM or DER.",
            ),
        ) from error


def _check_days(days: int | None) -> None:
    if days is not None and not 0 <= days <= _MAX_DAYS:
        raise InputError(
            "days_out_of_range",
            Bilingual(f"兑付期限不能是 {days} 天。", f"Vouchers can't be paid for {days} days."),
            Bilingual(f"请写 0 到 {_MAX_DAYS} 之间的天数。", f"Give a number of days from 0 to {_MAX_DAYS}."),
        )


def _instant(options: argparse.Namespace) -> datetime:
    if options.at is None:
        return SystemClock().utc_now()
    try:
        return read_instant(options.at)
    except ValueError as error:
        raise InputError(
            "time_unreadable",
            Bilingual(f"“{options.at[:40]}”不是时间。", f'"{options.at[:40]}" is no time.'),
            Bilingual("请写成 2026-11-22T08:00:00Z 的样子。", "Write it like 2026-11-22T08:00:00Z."),
        ) from error


def _content(path: Path, limit_bytes: int = 30_000_000) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit_bytes)
    except OSError as error:
        raise _unopened(path, error) from error


def _unopened(path: Path, error: OSError) -> EnvironmentProblem:
    name = _printable(path.name)
    return EnvironmentProblem(
        "file_unopened",
        Bilingual(f"「{name}」打不开（{error.strerror}）。", f'"{name}" can\'t be opened ({error.strerror}).'),
        Bilingual("请核对路径和权限后重试。", "Check the path and whether you may read it, then try again."),
    )


def _printable(name: str) -> str:
    return "".join(each for each in name if each.isprintable())


def _shown(text: str) -> str:
    plain = _printable(text[:24])
    return f"“{plain}…”" if len(text) > 24 else f"“{plain}”"
