"""``outpost verify``: is this paper genuine? By the laptop's own records, by a root certificate alone, or by any certificate and instant.

Promise: an answer in words, in both languages, for each code, whatever is handed in. Exit code 0: all are genuine and nothing is known against
them; 1: any is not, or could not be read; 2: the question itself was not understood. A batch answers every line and writes its file whole.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from app.settings import default_home, load_settings
from app.system_clock import SystemClock
from app.verify_batch import VerifyBatch, read_instant
from claims.errors import Bilingual, EnvironmentProblem, InputError
from claims.verification import PaperVerdict, verify_by_root
from claims.verification_signature import root_anchor
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
_PREFIXES = tuple(each.prefix for each in PROFILES)

Answer = TypeVar("Answer")


def verify(options: argparse.Namespace) -> int:
    """Carry out the command; return its exit code. Raises ``InputError`` and ``EnvironmentProblem``."""
    if options.batch is not None:
        return _batch(*options.batch)
    if not options.what and not options.text:
        print("请给出文件、照片或二维码文字。 Name a file, a photo or the text of a code.")
        return EXIT_QUESTION
    if options.certificate is not None:
        return _by_certificate(options)
    root = options.root or _root_without_store(options)
    if root is None:
        return _at_desk(options)
    anchor, at = _anchor(root, root_anchor), _instant(options)
    told = [
        verdict
        for name, texts in _asked(options)
        for verdict in _for_each(
            name, texts, lambda text: verify_by_root(text, anchor, at, max_age_days=options.max_age_days)
        )
    ]
    return _exit(told)


def _at_desk(options: argparse.Namespace) -> int:
    """Verify over the laptop's store: it knows what was voided and used here, and which devices were stopped."""
    from app.desk_commands import open_desk  # noqa: PLC0415 - loads the store, which a certificate alone does not need

    desk = open_desk(options)
    try:
        return _exit([each for name, texts in _asked(options) for each in _for_each(name, texts, desk.verify_text)])
    finally:
        desk.close()


def _by_certificate(options: argparse.Namespace) -> int:
    anchor, at = _anchor(options.certificate, Anchor.of), _instant(options)
    all_verified = True
    for name, texts in _asked(options):
        for text in texts:
            print(f"{name}")
            try:
                _say(*_proved(verify_signed_text(text, anchor, at)))
            except TrustError as error:
                all_verified = False
                part = failed_part(error)
                _say(f"未通过：{part.zh}。", f"Not verified: {part.en}. [{error.code}]")
        all_verified = all_verified and bool(texts)
        if not texts:
            _say_verdict(name, unreadable(seen=True))
    return EXIT_GENUINE if all_verified else EXIT_NOT


def _proved(verified: Verified) -> tuple[str, str]:
    algorithm, kid = verified.algorithm.name, verified.kid.hex()
    return f"验证通过：{algorithm}，密钥编号 {kid}。", f"Verified: {algorithm}, key id {kid}."


def _asked(options: argparse.Namespace) -> list[tuple[str, Sequence[str]]]:
    """Return what is asked about: a name to show, and the texts of the codes found there (none: nothing was readable)."""
    asked: list[tuple[str, Sequence[str]]] = [(_shown(text), (text,)) for text in options.text]
    for what in options.what:
        path = _file(what)
        if path is None:
            asked.append((_shown(what), (what,)))
            continue
        content = _content(path)
        text = _as_text(content)
        asked.append((_printable(path.name), (text,) if text is not None else codes_in_file(path.name, content).texts))
    return asked


def _file(what: str) -> Path | None:
    """Return the file that is meant, None for the text of a code. A name that looks like a file's is one, also where there is none."""
    if what.startswith(_PREFIXES) or len(what) > _MAX_PATH or "\0" in what:
        return None
    path = Path(what)
    return path if path.exists() or path.suffix.lower() in _FILE_ENDINGS else None


def _as_text(content: bytes) -> str | None:
    """Return what a scanner saved as a text file, None for a PDF or a picture."""
    if len(content) > _MAX_TEXT_FILE_BYTES or not content.lstrip().startswith(
        tuple(each.encode() for each in _PREFIXES)
    ):
        return None
    return content.decode("ascii", "replace").strip("\r\n\t")


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


def _exit(verdicts: Sequence[PaperVerdict]) -> int:
    return EXIT_GENUINE if verdicts and all(each.payable for each in verdicts) else EXIT_NOT


def _batch(asked: Path, answered: Path) -> int:
    from views.durable_file import write_durably  # noqa: PLC0415 - only here

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
