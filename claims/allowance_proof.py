"""Writes a signed transfer; reads one and follows its proof up to headquarters' grant.

Promise: what is returned was signed by every donor of the chain, each about a right that the one before gave to that very device and
epoch, for the same pool, for no more money and for no longer; at its end stands a grant that headquarters signed. Whether donors
handed on more than they had in all is headquarters' to find: their logs are not here.

Source: design.md "Allowances"; docs/adr/0142.
"""

from __future__ import annotations

import base64
import binascii

import msgspec

from claims.allowance_refusals import Refusal, chain_broken
from claims.allowance_transfers import MAX_HANDS, TRANSFER_KIND, AllowanceTransfer, ProvenTransfer
from claims.allowances import FLOAT_POOL, TransferDebit
from claims.errors import Bilingual, InputError
from claims.statements import AllowanceGranted
from trust.certificates import TrustStore
from trust.device_statements import open_device_statement, sign_device_statement
from trust.errors import TrustError
from trust.keys import Signer
from trust.statements import open_statement

GRANT_KIND = "allowance_granted@1"
_TEXT_START = "OPT1:"
_decoder = msgspec.json.Decoder(AllowanceTransfer)


class _Broken(Exception):  # noqa: N818 - a finding that becomes a refusal, not an error of the program
    """A link of the chain does not hold."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def open_transfer(raw: bytes, roots: TrustStore) -> ProvenTransfer:
    """Verify a transfer with everything that it rests on.

    Raises:
        InputError: ``transfer_unreadable`` (not a transfer, or not signed by a device below the root), ``chain_broken``.
    """
    transfer = _opened(raw, roots)
    earlier: list[AllowanceTransfer] = []
    try:
        proof = _parent(transfer, roots)
        while isinstance(proof, AllowanceTransfer):
            earlier.insert(0, proof)
            if len(earlier) >= MAX_HANDS:
                raise _Broken(f"转手超过 {MAX_HANDS} 次。", f"it changed hands more than {MAX_HANDS} times.")
            proof = _parent(proof, roots)
    except _Broken as broken:
        raise refused(chain_broken(transfer.transfer_id, broken.zh, broken.en)) from broken
    return ProvenTransfer(
        transfer=transfer,
        raw=raw,
        granted_id=proof.grant_id,
        earlier=tuple(earlier),
        catastrophe_id=proof.catastrophe_id,
        granted=proof,
    )


def signed_transfer(
    debit: TransferDebit, proof: bytes, donor: tuple[str, int], signer: Signer, device_certificate: bytes
) -> bytes:
    """Return the record of a transfer, signed by its donor (device, epoch). ``proof``: what gave the donor its right, verbatim.

    Its debit must be durable before this leaves the device.
    """
    record = AllowanceTransfer(
        transfer_id=debit.transfer_id,
        grant_id=debit.grant_id,
        pool=debit.pool,
        amount_fen=debit.amount_fen,
        expires_at=debit.expires_at,
        counter=debit.counter,
        from_device=donor[0],
        from_epoch=donor[1],
        to_device=debit.to_device,
        to_epoch=debit.to_epoch,
        proof=proof,
    )
    return sign_device_statement(signer, device_certificate, TRANSFER_KIND, msgspec.json.encode(record))


def transfer_text(raw: bytes) -> str:
    """Return a signed transfer as one line of text, for a message or a text file."""
    return _TEXT_START + base64.urlsafe_b64encode(raw).decode()


def transfer_bytes(handed: bytes) -> bytes:
    """Return a signed transfer from a file or from the text of ``transfer_text`` (blanks and line breaks in it do not count)."""
    if not handed.lstrip().startswith(_TEXT_START.encode()):
        return handed
    try:
        return base64.b64decode(b"".join(handed.split())[len(_TEXT_START) :], altchars=b"-_", validate=True)
    except binascii.Error as problem:
        raise _unreadable(str(problem)) from problem


def refused(refusal: Refusal) -> InputError:
    """Return a refusal as the error that a use case raises."""
    return InputError(refusal.code.value, refusal.sentence, Bilingual("额度没有变动。", "No allowance was changed."))


def _parent(link: AllowanceTransfer, roots: TrustStore) -> AllowanceTransfer | AllowanceGranted:
    """Return what gave the donor of a link its right. Raises ``_Broken``."""
    try:
        kind, body = open_statement(link.proof, roots)
    except TrustError:
        return _parent_transfer(link, roots)
    if kind != GRANT_KIND:
        raise _Broken(f"依据不是额度授予（{kind}）。", f"its proof is no grant ({kind}).")
    try:
        granted = msgspec.json.decode(body, type=AllowanceGranted)
    except msgspec.DecodeError as problem:
        raise _Broken("依据无法识别。", "its proof can't be read.") from problem
    _require_within(
        link,
        (granted.grant_id, granted.pool, granted.device, granted.epoch),
        granted.limit_fen,
        granted.expires_at >= link.expires_at,
    )
    return granted


def _parent_transfer(link: AllowanceTransfer, roots: TrustStore) -> AllowanceTransfer:
    try:
        parent = _opened(link.proof, roots)
    except InputError as problem:
        raise _Broken("依据不是总部或同事电脑签发的。", "its proof was signed by nobody who could.") from problem
    _require_within(
        link,
        (parent.transfer_id, parent.pool, parent.to_device, parent.to_epoch),
        parent.amount_fen,
        parent.expires_at >= link.expires_at,
    )
    return parent


def _require_within(link: AllowanceTransfer, given: tuple[str, str, str, int], most_fen: int, in_time: bool) -> None:
    if (link.grant_id, link.pool, link.from_device, link.from_epoch) != given:
        raise _Broken(
            f"额度 {given[0]} 是给 {given[2]}（第 {given[3]} 期）的，不是 {link.from_device} 调拨的那份。",
            f"grant {given[0]} was given to {given[2]} (epoch {given[3]}), not what {link.from_device} handed on.",
        )
    if link.amount_fen > most_fen or not in_time:
        raise _Broken("金额或期限超过原授予。", "it is for more, or for longer, than was given.")


def _opened(raw: bytes, roots: TrustStore) -> AllowanceTransfer:
    """Return a transfer whose donor signed it. Raises ``InputError`` (``transfer_unreadable``)."""
    try:
        statement = open_device_statement(raw, roots)
        if statement.kind != TRANSFER_KIND:
            raise _unreadable(statement.kind)
        transfer = _decoder.decode(statement.body)
    except (TrustError, msgspec.DecodeError) as problem:
        raise _unreadable(str(problem)) from problem
    signer = statement.signed_by
    sane = (
        (signer.device, signer.epoch) == (transfer.from_device, transfer.from_epoch)
        and transfer.transfer_id == f"{transfer.grant_id}/{transfer.counter}"
        and transfer.counter > 0
        and transfer.amount_fen > 0
        and transfer.pool != FLOAT_POOL
        and transfer.expires_at.tzinfo is not None
        and (transfer.to_device, transfer.to_epoch) != (transfer.from_device, transfer.from_epoch)
    )
    if not sane:
        raise _unreadable(f"{transfer.transfer_id}, {signer.device}/{signer.epoch}")
    return transfer


def _unreadable(detail: str) -> InputError:
    return InputError(
        "transfer_unreadable",
        Bilingual(
            f"这不是同事电脑签发的额度调拨，或内容被改过（{detail[:120]}）。",
            f"This is no transfer signed by a colleague's laptop, or it was changed ({detail[:120]}).",
        ),
        Bilingual(
            "请让对方重新导出这份调拨；重复导出不会重复扣减。",
            "Ask the colleague to export it again; exporting again debits nothing twice.",
        ),
    )
