"""The shelf of colleagues' sealed bundles on this laptop, and of headquarters' sealed answers for them.

Promise: a custody receipt is signed only after the bundle's bytes, its name and its row are durable. A bundle gets in only with a label that
its writer signed and that fits it byte for byte. The shelf takes a bounded share of the disk and leaves room for this laptop's own work; what
headquarters has taken goes first. Nothing on it can be read here.

    HOME/bundles/<bundle id>.fcb                   the sealed bundle
    HOME/bundles/answers/<device>-<epoch>.fcb      headquarters' newest sealed answer for a colleague

Source: docs/adr/0145.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from claims.bundles import BundleCarried, HeldBundle
from claims.custody import CUSTODY_KIND, LABEL_KIND, BundleLabel, CustodyReceipt
from claims.errors import Bilingual, EnvironmentProblem, InputError
from claims.ports import StepProbe, no_probe
from local_db import problems
from local_db.durable_files import TEMP_SUFFIX, make_folder, sweep, sync_file, sync_folder, write_durably
from local_db.store import LocalStore
from trust.bundles import read_header
from trust.certificates import TrustStore
from trust.device_statements import open_device_statement, sign_device_statement
from trust.errors import TrustError

SUFFIX = ".fcb"
QUOTA_BYTES = 2 * 1024 * 1024 * 1024
KEEP_FREE_BYTES = 1024 * 1024 * 1024
_PIECE = 1024 * 1024


class LocalBundleShelf:
    """The shelf under one folder, with its rows in the store (``sync.held_bundles.HeldShelf``)."""

    def __init__(
        self,
        store: LocalStore,
        folder: Path,
        roots: TrustStore,
        now: Callable[[], datetime],
        *,
        quota_bytes: int = QUOTA_BYTES,
        keep_free_bytes: int = KEEP_FREE_BYTES,
        probe: StepProbe = no_probe,
    ) -> None:
        """Open the shelf and clear what a killed program left. Raises ``EnvironmentProblem``.

        Args:
            store: holds the rows; its device signs the receipts.
            folder: where the bytes lie.
            roots: headquarters' root.
            now: the trusted time.
            quota_bytes: the most that bundles may take together.
            keep_free_bytes: what stays free on the disk for this laptop's own work.
            probe: called at each durable step (``bundle.held_*``).
        """
        self._store, self._folder, self._roots, self._now = store, folder, roots, now
        self._answers = folder / "answers"
        self._quota_bytes, self._keep_free_bytes, self._probe = quota_bytes, keep_free_bytes, probe
        try:
            make_folder(self._answers)
            sweep(folder)
        except OSError as error:
            raise problems.from_os(error, folder) from error

    def take(self, label: bytes, source: BinaryIO) -> BundleCarried:
        """Keep a colleague's bundle; return it with this laptop's signed custody receipt. The same one again gives a receipt again.

        Raises:
            InputError: ``bundle_label`` (no genuine label of a device below our root), ``bundle_differs`` (the bytes are not those of the
                label), ``bundle_own`` (this laptop wrote it).
            EnvironmentProblem: ``shelf_full`` with the numbers, or the disk refuses; nothing is kept then.
        """
        said = self._labelled(label)
        known = next((each for each in self.held() if each.bundle_id == said.bundle_id), None)
        if known is not None and known.sha256 == said.sha256 and self._path(said.bundle_id).exists():
            return BundleCarried(known, self._receipt(known), new=False)
        self._make_room(said.size_bytes)
        held = HeldBundle(
            bundle_id=said.bundle_id,
            device=said.device,
            epoch=said.epoch,
            through_seq=said.through_seq,
            digest=said.digest,
            sha256=said.sha256,
            size_bytes=said.size_bytes,
            taken_at=self._now(),
            forwarded_at=None,
        )
        try:
            self._copy(held, source)
        except OSError as error:
            raise problems.from_os(error, self._folder) from error
        self._probe("bundle.held_file")
        with self._store.write() as uow:
            uow.hold_bundle(held)
        self._probe("bundle.held")
        return BundleCarried(held, self._receipt(held), new=True)

    def held(self) -> Sequence[HeldBundle]:
        """Return what is kept for colleagues, the oldest first."""
        with self._store.read() as reads:
            return reads.held_bundles()

    def waiting(self) -> Sequence[HeldBundle]:
        """Return those that headquarters has not taken yet, the oldest first; one whose bytes are gone is forgotten."""
        waiting = [each for each in self.held() if each.forwarded_at is None]
        gone = [each for each in waiting if not self._path(each.bundle_id).exists()]
        if gone:
            with self._store.write() as uow:
                for each in gone:
                    uow.let_go_bundle(each.bundle_id)
        return [each for each in waiting if each not in gone]

    def open(self, bundle_id: str) -> BinaryIO:
        """Open one to read. Raises ``EnvironmentProblem``."""
        try:
            return self._path(bundle_id).open("rb")
        except OSError as error:
            raise problems.from_os(error, self._path(bundle_id)) from error

    def handed_over(self, held: HeldBundle, answer: bytes | None) -> None:
        """Keep headquarters' answer for the writer, then note that headquarters has the bundle. Raises ``EnvironmentProblem``."""
        if answer is not None:
            self.keep_answer(held.device, held.epoch, answer)
        with self._store.write() as uow:
            uow.note_forwarded(held.bundle_id, self._now())

    def keep_answer(self, device: str, epoch: int, answer: bytes) -> None:
        """Keep the newest sealed answer for a colleague durably; it holds all that the one before did."""
        try:
            write_durably(self._answers / f"{device}-{epoch}{SUFFIX}", answer)
        except OSError as error:
            raise problems.from_os(error, self._answers) from error

    def answers(self) -> dict[tuple[str, int], Path]:
        """Return the sealed answers that wait for colleagues, by device and epoch."""
        found = {}
        for path in sorted(self._answers.glob(f"*{SUFFIX}")):
            device, _, epoch = path.name.removesuffix(SUFFIX).rpartition("-")
            if epoch.isdigit():
                found[device, int(epoch)] = path
        return found

    def _labelled(self, raw: bytes) -> BundleLabel:
        try:
            said = open_device_statement(raw, self._roots)
            label = msgspec.json.decode(said.body, type=BundleLabel)
        except (TrustError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _label_wrong(str(error)) from error
        signed_by = (said.signed_by.device, said.signed_by.epoch)
        if said.kind != LABEL_KIND or signed_by != (label.device, label.epoch):
            raise _label_wrong(f"{said.kind}, {signed_by[0]}")
        if len(label.bundle_id) != 32 or not set(label.bundle_id) <= set("0123456789abcdef"):
            raise _label_wrong(label.bundle_id[:40])
        if label.device == self._store.identity.device:
            raise InputError(
                "bundle_own",
                Bilingual("这是本机自己写的封存包，不用代为保管。", "This laptop wrote this bundle itself."),
                Bilingual("请把它交给同事或总部。", "Give it to a colleague or to headquarters."),
            )
        return label

    def _copy(self, held: HeldBundle, source: BinaryIO) -> None:
        target = self._path(held.bundle_id)
        temporary = target.with_name(f".{target.name}{TEMP_SUFFIX}")
        digest, left = hashlib.sha256(), held.size_bytes
        try:
            with temporary.open("wb") as file:
                while left > 0 and (piece := source.read(min(_PIECE, left))):
                    digest.update(piece)
                    left -= len(piece)
                    file.write(piece)
                file.flush()
                sync_file(file.fileno())
            if left or digest.hexdigest() != held.sha256 or source.read(1) or _id_of(temporary) != held.bundle_id:
                raise _differs(held)
            temporary.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(self._folder)

    def _make_room(self, size_bytes: int) -> None:
        """Let go of what headquarters has taken, the oldest first, until a bundle fits. Raises ``EnvironmentProblem``."""
        held = self.held()
        used = sum(each.size_bytes for each in held)
        free = shutil.disk_usage(self._folder).free
        for each in (each for each in held if each.forwarded_at is not None):
            if used + size_bytes <= self._quota_bytes and free - size_bytes >= self._keep_free_bytes:
                return
            with self._store.write() as uow:
                uow.let_go_bundle(each.bundle_id)
            with contextlib.suppress(OSError):
                self._path(each.bundle_id).unlink()
            used -= each.size_bytes
            free += each.size_bytes
        if used + size_bytes > self._quota_bytes or free - size_bytes < self._keep_free_bytes:
            raise _full(size_bytes, used, self._quota_bytes, free)

    def _receipt(self, held: HeldBundle) -> bytes:
        receipt = CustodyReceipt(
            bundle_id=held.bundle_id,
            sha256=held.sha256,
            size_bytes=held.size_bytes,
            device=held.device,
            epoch=held.epoch,
            through_seq=held.through_seq,
            digest=held.digest,
            taken_at=held.taken_at,
        )
        certificate = self._store.identity.device_certificate
        return sign_device_statement(self._store.signer, certificate, CUSTODY_KIND, msgspec.json.encode(receipt))

    def _path(self, bundle_id: str) -> Path:
        return self._folder / f"{bundle_id}{SUFFIX}"


def _id_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return read_header(file).bundle_id
    except TrustError:
        return ""


def _label_wrong(detail: str) -> InputError:
    return InputError(
        "bundle_label",
        Bilingual(
            f"封存包没有可信的标签（{detail[:100]}），不能代为保管。",
            f"The bundle has no label that can be believed ({detail[:100]}), so it can't be kept for its owner.",
        ),
        Bilingual(
            "请让同事再写一次，并把 .fcb 和 .fcb.label 两个文件一起给您。",
            "Ask your colleague to write it again and to give you both files, .fcb and .fcb.label.",
        ),
    )


def _differs(held: HeldBundle) -> InputError:
    return InputError(
        "bundle_differs",
        Bilingual(
            f"封存包与标签不符（应为 {held.size_bytes:,} 字节），可能没有拷完整。",
            f"The bundle is not the one of its label ({held.size_bytes:,} bytes); it may not have been copied whole.",
        ),
        Bilingual("请从同事的 U 盘再拷一次。", "Copy it from your colleague's stick again."),
    )


def _full(size_bytes: int, used: int, quota: int, free: int) -> EnvironmentProblem:
    return EnvironmentProblem(
        "shelf_full",
        Bilingual(
            f"替同事保管的空间不够：这份 {size_bytes / 1e6:,.0f} MB，已保管 {used / 1e6:,.0f} MB（上限 {quota / 1e6:,.0f} MB），磁盘剩 {free / 1e6:,.0f} MB。",
            f"There is no room to keep it: {size_bytes / 1e6:,.0f} MB, with {used / 1e6:,.0f} of {quota / 1e6:,.0f} MB kept already and {free / 1e6:,.0f} MB free on the disk.",
        ),
        Bilingual(
            "请先与总部同步（送到后会自动腾出），或请同事另找一台电脑。",
            "Sync with headquarters first (what arrived makes room), or ask your colleague to find another laptop.",
        ),
        retryable=True,
    )
