"""Use case: a person signs a document on the screen, or refuses to; who signs it, and who has.

Promise: what is signed is the hash of exactly what was asked to stand on the paper; a signature belongs to the person whose name is printed.
The newest word of a person counts. Source: notes/domain.md §7 "Signed / stamped"; docs/adr/0133.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from claims.desk_ports import DeskPorts
from claims.document_contents.issued import filled_of
from claims.document_types import Signer
from claims.errors import Bilingual, InputError
from claims.events import PAPER_SUBJECT, PaperSigned
from claims.field_catalogue import head_values
from claims.paper_definitions import SignatureLine, Signatures, paper_definition
from claims.paper_filling import signed_on
from claims.papers import FilledPaper, Ink, Signed
from claims.records import PaperRecord, PaperState
from claims.signing import Role


def signers(ports: DeskPorts, number: str) -> tuple[Signer, ...]:
    """Return who signs a document, in the order of its lines: one for each name that is printed.

    Nobody signs a voucher, a slip or a form that was filled in by hand here: for those there is none. Raises ``InputError`` (``number_unknown``).
    """
    with ports.store.read() as reads:
        filled = filled_of(reads.paper(number))
        told = reads.paper_signatures(number)
    return () if filled is None else signers_of(filled, signed_on(told))


def signers_of(filled: FilledPaper, signed: Sequence[Signed]) -> tuple[Signer, ...]:
    """Return the lines of a filled paper with who signed on them."""
    return tuple(
        Signer(Role(line.role), line.label, name, line.note, _on_line(line, name, signed))
        for line in _lines(filled)
        for name in _names(filled, line)
    )


def content_sha256(paper: PaperRecord) -> str:
    """Return the hash that is signed: of the bytes that say what stands on the paper."""
    return hashlib.sha256(paper.content or b"").hexdigest()


def sign_paper(
    ports: DeskPorts, number: str, *, role: Role, name: str, ink: Ink = (), refused: bool = False, note: str = ""
) -> None:
    """Record a signature under a document, or its refusal.

    Args:
        note: why it was refused, or why there is no ink (a fingerprint on the paper).

    Raises:
        InputError: ``number_unknown``, ``not_signed_here``, ``voided``, ``no_name``, ``no_such_role``, ``another_name``.
    """
    name = " ".join(name.split())
    if not name:
        raise InputError(
            "no_name",
            Bilingual("没有填写签字人姓名。", "The name of the person who signs is missing."),
            Bilingual("请填写姓名后再签。", "Enter the name, then sign."),
        )
    at = ports.time()
    with ports.store.write() as uow:
        paper = uow.paper(number)
        filled = _filled(paper)
        if paper.state is PaperState.VOIDED:
            raise InputError(
                "voided",
                Bilingual(f"{number} 已作废。", f"{number} is voided."),
                Bilingual("作废的单证不再签字，请另出一张。", "A voided paper is not signed; issue another one."),
            )
        _check_signer(filled, role, name)
        uow.append(
            PaperSigned(
                at=at.at,
                case_no=paper.case_no,
                subject=f"{PAPER_SUBJECT}{number}",
                content_sha256=content_sha256(paper),
                role=role.value,
                name=name,
                refused=refused,
                strokes=ink,
                note=note.strip(),
            )
        )


def _filled(paper: PaperRecord) -> FilledPaper:
    filled = filled_of(paper)
    if filled is None:
        raise InputError(
            "not_signed_here",
            Bilingual(f"{paper.number} 不在这里签字。", f"{paper.number} is not signed here."),
            Bilingual(
                "给付凭证在“签字”一步签；空白单证和签收单在纸上签。",
                "A voucher is signed in the Sign step; blank forms and slips are signed on paper.",
            ),
        )
    return filled


def _lines(filled: FilledPaper) -> tuple[SignatureLine, ...]:
    parts = paper_definition(filled.paper).parts
    return tuple(line for part in parts if isinstance(part, Signatures) for line in part.lines)


def _names(filled: FilledPaper, line: SignatureLine) -> tuple[str, ...]:
    """Return the names printed under a line; an empty one where it is written by hand."""
    if line.name is None:
        return ("",)
    value = (head_values(filled.head) | filled.values).get(line.name)
    names = (
        tuple(str(each) for each in value)
        if isinstance(value, list)
        else (str(value),)
        if isinstance(value, str)
        else ()
    )
    if line.name == "head.adjuster" and names:
        # The head prints name and staff number; it is the name that signs.
        names = (names[0].rpartition(" ")[0] or names[0],)
    return names or ("",)


def _on_line(line: SignatureLine, name: str, signed: Sequence[Signed]) -> Signed | None:
    ours = [each for each in signed if each.role == line.role]
    return next((each for each in ours if each.name == name), ours[-1] if ours and not name else None)


def _check_signer(filled: FilledPaper, role: Role, name: str) -> None:
    lines = [line for line in _lines(filled) if line.role == role.value]
    title = paper_definition(filled.paper).title
    if not lines:
        raise InputError(
            "no_such_role",
            Bilingual(f"“{title.zh}”没有这个签字栏。", f'"{title.en}" has no line for this signature.'),
            Bilingual("请选择单上已有的签字人。", "Choose one of those who sign it."),
        )
    names = [each for line in lines for each in _names(filled, line)]
    if "" not in names and name not in names:
        raise InputError(
            "another_name",
            Bilingual(
                f"“{lines[0].label.zh}”一栏印的是 {'、'.join(names)}，签字人填的是 {name}。",
                f'The line "{lines[0].label.en}" prints {", ".join(names)}; the name entered is {name}.',
            ),
            Bilingual(
                "请由本人签字；姓名印错的，作废这张，改正后重新出具。",
                "Let that person sign; if the name is printed wrongly void this paper and issue it again.",
            ),
        )
