"""Use case: a paper is handed in. It is examined, kept encrypted under its hash, and only then named in the log.

Promise: after ``add_document`` returned, the file survives a power cut; a file that was refused changed nothing.

Source: design.md "One claim, one direction" (2), "Transactions".
"""

from __future__ import annotations

from dataclasses import dataclass

from claims.case_papers import loss_link, papers_of, traits_so_far
from claims.completeness import Completeness
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import DocumentAdded
from claims.lifecycle import CaseState
from claims.materials import Material
from claims.progress import advance
from claims.records import DocumentRecord
from claims.waivers import find_catastrophe


@dataclass(frozen=True)
class TakenIn:
    """A paper that was taken in, and what the examination noticed about its file. The note is said once; the log doesn't carry it."""

    document: DocumentRecord
    note: Bilingual | None


def add_document(ports: DeskPorts, case_no: str, material: Material, filename: str, content: bytes) -> DocumentRecord:
    """Take a file in as ``take_in`` does; return the document alone."""
    return take_in(ports, case_no, material, filename, content).document


def take_in(ports: DeskPorts, case_no: str, material: Material, filename: str, content: bytes) -> TakenIn:
    """Take a file in for a case. The same file again for the same material is told, not stored twice.

    Raises:
        InputError: what ``Examiner.examine`` found, ``document_twice``, ``case_unknown``.
        EnvironmentProblem: the disk is full; nothing was changed.
    """
    with ports.store.read() as reads:
        before = reads.documents(case_no)
        reads.case(case_no)
    examined = ports.examiner.examine(filename, content)
    for known in before:
        if known.sha256 == examined.sha256 and known.material == material.value:
            raise InputError(
                "document_twice",
                Bilingual(
                    f"“{filename}”与已收的“{known.filename}”是同一个文件。",
                    f'"{filename}" is the same file as "{known.filename}", which is already there.',
                ),
                Bilingual("不用再收。如果要换一张，请重新拍摄。", "Nothing to do. To replace it take a new picture."),
            )
    at = ports.time()
    sha256 = ports.attachments.put(content)
    thumbnail = None if examined.thumbnail is None else ports.attachments.put(examined.thumbnail)
    with ports.store.write() as uow:
        case = uow.case(case_no)
        if material is Material.APPLICATION:
            advance(uow, case, CaseState.ACCEPTED, at=at.at, reason="application")
        document_id = f"{len(uow.documents(case_no)) + 1:03d}"
        uow.append(
            DocumentAdded(
                at=at.at,
                case_no=case_no,
                document_id=document_id,
                material=material.value,
                sha256=sha256,
                size_bytes=len(content),
                media_type=examined.media_type,
                filename=filename,
                thumbnail_sha256=thumbnail,
                pages=examined.pages,
                thumbnail_size_bytes=None if examined.thumbnail is None else len(examined.thumbnail),
            )
        )
        return TakenIn(uow.documents(case_no)[-1], examined.note)


def completeness(ports: DeskPorts, case_no: str) -> Completeness:
    """Return what is missing of a case's papers and what is waived, by name."""
    at = ports.time()
    with ports.store.read() as reads:
        case = reads.case(case_no)
        traits = traits_so_far(reads.progress(case_no), at)
        return papers_of(reads, case, find_catastrophe(ports.rulebook.catastrophes(), loss_link(case)), traits)
