"""Joins sealed bundles with the store, the files and the shelf: what ``Desk.write_bundle`` and its siblings run.

Promise: custody is noted only after the stick was read back; a note that a power cut prevents costs nothing but the note.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from claims.bundles import (
    AnswerOutcome,
    AnswerRead,
    BundleCarried,
    BundleProgressed,
    BundlesRead,
    BundleWritten,
    HeldBundle,
)
from claims.errors import Bilingual, InputError
from claims.own_disk import DiskFault, mark_disk
from claims.ports import SIGNED_TIME, StepProbe
from local_db.bundle_shelf import LocalBundleShelf
from local_db.store import LocalStore
from sync.bundle_back import read_answers
from sync.bundle_out import WrittenBundle, write_bundle
from sync.stick import stick_problem
from sync.wire.bundles import ANSWER_SUFFIX, BUNDLE_SUFFIX, LABEL_SUFFIX
from trust.bundles import BUNDLE_ID_BYTES
from trust.certificates import TrustStore

SHELF_FOLDER = "bundles"


def _fresh_id() -> str:
    return secrets.token_hex(BUNDLE_ID_BYTES)


@dataclass(frozen=True)
class StickBundles:
    """``claims.bundles.Bundles`` over this laptop's store."""

    store: LocalStore
    roots: TrustStore
    shelf: LocalBundleShelf
    now: Callable[[], datetime]
    probe: StepProbe
    new_id: Callable[[], str] = _fresh_id

    def write(
        self,
        folder: Path,
        *,
        money_only: bool,
        budget_bytes: int | None,
        progress: Callable[[BundleProgressed], None],
    ) -> BundleWritten:
        """Write this laptop's bundle into a folder and note the custody. Raises ``InputError``, ``EnvironmentProblem``."""
        if not folder.is_dir():
            raise _no_folder(folder)
        identity = self.store.identity
        written = write_bundle(
            folder,
            outbox=self.store,
            attachments=self.store.attachments,
            identity=identity,
            signer=self.store.signer,
            hq_key=identity.recovery_public_key,
            bundle_id=self.new_id(),
            now=self.now(),
            money_only=money_only,
            byte_budget=budget_bytes,
            progress=progress,
            probe=self.probe,
        )
        with self.store.write() as uow:
            uow.note_custody(written.note)
        self.probe("bundle.noted")
        return _told(written, self._bring_answers(folder))

    def read(self, place: Path) -> BundlesRead:
        """Take in an answer bundle, or every one in a folder. Raises ``InputError``, ``EnvironmentProblem``."""
        read: list[AnswerRead] = []
        for path in _answers_at(place):
            answers = read_answers(
                path,
                store=self.store,
                outbox=self.store,
                roots=self.roots,
                box_private=self.store.box_private,
                probe=self.probe,
            )
            if answers.hq_time is not None:
                with self.store.write() as uow:
                    uow.raise_floor(SIGNED_TIME, int(answers.hq_time.timestamp() * 1_000_000))
            if answers.read.outcome is AnswerOutcome.CONTRADICTS:
                # Headquarters signed for another log than this disk's: from now on it promises nothing.
                with self.store.write() as uow:
                    mark_disk(uow, DiskFault.RESTORED)
            read.append(answers.read)
        return BundlesRead(tuple(read))

    def carry(self, file: Path) -> BundleCarried:
        """Take a colleague's bundle along, and put this laptop's receipt beside it where the stick allows.

        Raises:
            InputError: it is none, or its label is missing or not genuine.
            EnvironmentProblem: no room, or the disk refuses.
        """
        label = file.with_name(file.name + LABEL_SUFFIX)
        if not file.is_file() or not label.is_file():
            raise _not_a_bundle(file)
        try:
            with file.open("rb") as source:
                return self.shelf.take(label.read_bytes(), source)
        except OSError as error:
            raise stick_problem(error, file.parent) from error

    def held(self) -> tuple[HeldBundle, ...]:
        """Return what is carried for colleagues, the oldest first."""
        return tuple(self.shelf.held())

    def _bring_answers(self, folder: Path) -> int:
        """Put headquarters' answers for colleagues on the stick as well; what does not fit stays here."""
        brought = 0
        for (device, epoch), path in self.shelf.answers().items():
            content = path.read_bytes()
            target = folder / f"{device}-{epoch}{ANSWER_SUFFIX}"
            with contextlib.suppress(OSError):
                if target.exists() and target.read_bytes() == content:
                    continue
                temporary = target.with_name(f".{target.name}.part")
                temporary.write_bytes(content)
                os.replace(temporary, target)
                brought += 1
        return brought


def _told(written: WrittenBundle, answers: int) -> BundleWritten:
    told = BundleWritten(
        path=written.path,
        bundle_id=written.bundle_id,
        size_bytes=written.size_bytes,
        through_seq=written.through_seq,
        events=written.events,
        files=len(written.files),
        file_bytes=sum(each.size_bytes for each in written.files),
        files_left_out=written.files_left_out,
        files_unreadable=written.files_unreadable,
    )
    return replace(told, answers=answers)


def _answers_at(place: Path) -> list[Path]:
    if place.is_dir():
        return sorted(place.glob(f"*{ANSWER_SUFFIX}"))
    if not place.is_file():
        raise InputError(
            "bundle_missing",
            Bilingual(f"没有找到 {place}。", f"There is no {place}."),
            Bilingual(
                "请插好 U 盘，选中回执文件或它所在的文件夹。", "Plug in the stick and choose the answer or its folder."
            ),
        )
    return [place]


def _no_folder(folder: Path) -> InputError:
    return InputError(
        "bundle_folder",
        Bilingual(f"没有找到文件夹 {folder}。", f"There is no folder {folder}."),
        Bilingual("请插好 U 盘，再选一次。", "Plug in the stick and choose again."),
    )


def _not_a_bundle(file: Path) -> InputError:
    return InputError(
        "bundle_label",
        Bilingual(
            f"{file.name} 不是封存包，或旁边缺少 {file.name}{LABEL_SUFFIX}。",
            f"{file.name} is no bundle, or {file.name}{LABEL_SUFFIX} is missing beside it.",
        ),
        Bilingual(
            f"请选同事 U 盘上的 {BUNDLE_SUFFIX} 文件，标签文件要在同一文件夹。",
            f"Choose the {BUNDLE_SUFFIX} file on your colleague's stick, with its label in the same folder.",
        ),
    )
