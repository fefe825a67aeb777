"""Is this voucher genuine, and may it be paid here? From the text of its code, or from a file or photo of it.

Promise: the signature decides what is genuine, this laptop's records what is known of it since: voided here, presented here before, its device
stopped by headquarters. What could not be established is said in words, with the part that fails; nothing is ever taken for genuine because
something could not be checked. Only ``redeem`` records anything.

Source: design.md "Vouchers"; notes/peers.md §2 complaint 3; docs/adr/0136, 0137.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import PaperRedeemed
from claims.numbering import parse_number
from claims.ports import Reads
from claims.records import PaperState
from claims.stopped_devices import distributed_stop
from claims.trusted_time import TrustedTime, beijing_text
from claims.verification_signature import CheckedVoucher, check_voucher_text, root_anchor
from claims.verification_verdicts import LATEST, PaperVerdict, Verdict, genuine, refused, unreadable
from trust.verifier import Anchor

__all__ = ["PaperVerdict", "Verdict", "redeem", "verify_by_root", "verify_file", "verify_text"]


def verify_text(ports: DeskPorts, text: str, *, max_age_days: int | None = None) -> PaperVerdict:
    """Verify the text of a code, as a scanner typed it.

    Args:
        max_age_days: how old a voucher may be where a policy says so; None: of any age.
    """
    checked = check_voucher_text(text, root_anchor(ports.identity.root_certificate))
    if isinstance(checked, PaperVerdict):
        return checked
    with ports.store.read() as reads:
        return _standing(ports, reads, checked, ports.time(), max_age_days)


def verify_file(
    ports: DeskPorts, filename: str, content: bytes, *, max_age_days: int | None = None
) -> tuple[PaperVerdict, ...]:
    """Verify every code in a PDF or photo, in order; at least one verdict, also where no code was read.

    Raises:
        InputError: the file itself can't be read (empty, damaged, locked, too large, of another kind).
    """
    found = ports.codes.in_file(filename, content)
    if not found.texts:
        return (unreadable(seen=found.seen),)
    return tuple(verify_text(ports, text, max_age_days=max_age_days) for text in found.texts)


def redeem(ports: DeskPorts, text: str, presented_by: str) -> PaperVerdict:
    """Verify a voucher that somebody presents and, if it stands, record that it was: the next one is told that it was used before.

    Raises:
        InputError: ``no_presenter``, nobody was named.
    """
    if not presented_by.strip():
        raise InputError(
            "no_presenter",
            Bilingual("没有填写出示人。", "Nobody is named as presenting it."),
            Bilingual("请核对证件后填写出示人姓名。", "Check the identity document and enter the name."),
        )
    checked = check_voucher_text(text, root_anchor(ports.identity.root_certificate))
    if isinstance(checked, PaperVerdict):
        return checked
    at = ports.time()
    with ports.store.write() as uow:
        verdict = _standing(ports, uow, checked, at, None)
        if verdict.verdict is Verdict.GENUINE:
            uow.append(
                PaperRedeemed(
                    at=at.at,
                    voucher_no=checked.claims.voucher_no,
                    device=f"{checked.device}/{checked.epoch}",
                    code_sha256=hashlib.sha256(checked.cose).hexdigest(),
                    presented_by=presented_by.strip(),
                )
            )
    return verdict


def verify_by_root(text: str, root: Anchor, at: datetime, *, max_age_days: int | None = None) -> PaperVerdict:
    """Verify the text of a code with nothing but a root certificate: what was voided or used since is not known then."""
    checked = check_voucher_text(text, root)
    if isinstance(checked, PaperVerdict):
        return checked
    verdict = genuine(checked)
    return _in_itself(verdict, checked, at, max_age_days) or verdict


def _standing(
    ports: DeskPorts, reads: Reads, checked: CheckedVoucher, at: TrustedTime, max_age_days: int | None
) -> PaperVerdict:
    """What is known of a voucher whose signature holds; the gravest finding is the verdict."""
    verdict = _named(ports, checked)
    stopped = _stopped(ports, reads, checked)
    if stopped is not None:
        return refused(
            verdict,
            Verdict.REVOKED_DEVICE,
            Bilingual(
                f"签发它的设备 {checked.device} 已被总部停用：{stopped.zh}",
                f"Headquarters has stopped device {checked.device}, which signed it: {stopped.en}",
            ),
            Bilingual("签发设备（已停用）", "issuing device (stopped)"),
        )
    return _in_itself(verdict, checked, at.at, max_age_days) or _used(ports, reads, verdict, checked)


def _in_itself(
    verdict: PaperVerdict, checked: CheckedVoucher, at: datetime, max_age_days: int | None
) -> PaperVerdict | None:
    """What a signed voucher itself has against it, None where there is nothing."""
    claims = checked.claims
    issued = datetime.fromtimestamp(claims.issued_at, UTC) if claims.issued_at < LATEST else None
    try:
        parse_number(claims.voucher_no)
    except InputError as error:
        part = Bilingual("票面号码（校验位不符）", "number (its check digits do not fit)")
        return refused(verdict, Verdict.WRONG_NUMBER, error.cause, part)
    if issued is None or not checked.not_before <= issued <= checked.not_after:
        shown = "?" if issued is None else beijing_text(issued)
        start, end = beijing_text(checked.not_before), beijing_text(checked.not_after)
        return refused(
            verdict,
            Verdict.EXPIRED,
            Bilingual(
                f"它签发于 {shown}，不在设备证书的有效期内（{start} 至 {end}）。",
                f"It was signed on {shown}, outside the validity of the device's certificate ({start} to {end}).",
            ),
            Bilingual("设备证书的有效期", "validity of the device's certificate"),
        )
    if max_age_days is not None and at - issued > timedelta(days=max_age_days):
        days = (at - issued).days
        return refused(
            verdict,
            Verdict.EXPIRED,
            Bilingual(
                f"它签发于 {beijing_text(issued)}，已 {days} 天，超过 {max_age_days} 天的兑付期限。",
                f"It was signed on {beijing_text(issued)}, {days} days ago; vouchers are paid for {max_age_days} days.",
            ),
            Bilingual("兑付期限", "period of payment"),
        )
    return None


def _used(ports: DeskPorts, reads: Reads, verdict: PaperVerdict, checked: CheckedVoucher) -> PaperVerdict:
    number = checked.claims.voucher_no
    try:
        own = reads.paper(number)
    except InputError:
        own = None
    mine = ports.identity
    if own is None and (checked.device, checked.epoch) == (mine.device, mine.epoch):
        # What this laptop signs is on its disk before it is on paper.
        return refused(
            verdict,
            Verdict.FORGED,
            Bilingual(
                f"签名用的是本机的密钥，但本机没有签发过 {number}：密钥或磁盘可能被复制。",
                f"It is signed with this laptop's key, but this laptop never issued {number}: its key or disk may have been copied.",
            ),
            Bilingual("本机没有记录", "not on this laptop's record"),
        )
    if own is not None and own.cose is not None and own.cose != checked.cose:
        return refused(
            verdict,
            Verdict.FORGED,
            Bilingual(
                f"本机也签发过 {number}，但内容与这一张不同。",
                f"This laptop issued {number}, too, and with other content.",
            ),
            Bilingual("与本机记录不符", "differs from this laptop's record"),
        )
    if own is not None and own.state is PaperState.VOIDED:
        reason = own.void_reason or ""
        return refused(
            verdict,
            Verdict.VOIDED_HERE,
            Bilingual(f"{number} 已在本机作废：{reason}", f"{number} was voided on this laptop: {reason}"),
            Bilingual("已作废", "voided"),
        )
    before = reads.redemptions(number)
    if not before:
        return verdict
    first = before[0]
    used = refused(
        verdict,
        Verdict.USED_BEFORE,
        Bilingual(
            f"{number} 已于 {beijing_text(first.at)} 由 {first.presented_by} 在本机出示并登记过。",
            f"{number} was presented here before, on {beijing_text(first.at)} by {first.presented_by}.",
        ),
        Bilingual("已出示过", "used before"),
    )
    if first.code_sha256 == hashlib.sha256(checked.cose).hexdigest():
        return used
    return replace(
        used,
        sentence=Bilingual(
            f"{used.sentence.zh}当时的内容与这一张不同：同一号码有两张凭证。",
            f"{used.sentence.en} What was signed then differs from this one: there are two vouchers of one number.",
        ),
    )


def _stopped(ports: DeskPorts, reads: Reads, checked: CheckedVoucher) -> Bilingual | None:
    """Why the device that signed may no longer promise, None where nothing is known against it."""
    own = ports.identity
    if (checked.device, checked.epoch) == (own.device, own.epoch) and reads.revoked():
        return Bilingual("本机已被停用。", "this laptop was stopped.")
    return reads.stopped_device(checked.device, checked.epoch) or distributed_stop(ports, checked.device, checked.epoch)


def _named(ports: DeskPorts, checked: CheckedVoucher) -> PaperVerdict:
    """The verdict of a voucher that stands, with the names this laptop knows."""
    own, claims = ports.identity, checked.claims
    here = checked.station == own.station
    return genuine(
        checked,
        station_name=own.station_name if here else None,
        adjuster_name=own.adjuster_name if here and claims.adjuster == own.adjuster else None,
        pack=_pack(ports, claims.pack_hash),
    )


def _pack(ports: DeskPorts, pack_hash: str) -> str | None:
    """Name the rules a promise was made by, as its paper names them; an older pack by the release it came in, one never seen here not at all."""
    installed = ports.rulebook.installed_pack()
    if installed is not None and installed.pack.hash == pack_hash:
        return f"{installed.pack.pack_id} {installed.pack.version}"
    release = ports.rulebook.release_of(pack_hash)
    return None if release is None else f"{release.name} {release.version}"
