"""The QR of a page, read from its pixels and checked on the spot against what this laptop recorded.

Promise: what is checked is the page, not the record: signature by headquarters' root, number, case, payee and sum as promised, and
the device's certificate. Whatever is wrong is a line with its words; a page without a code is one, too.

Source: design.md "Vouchers"; docs/adr/0094.
"""

from __future__ import annotations

from datetime import UTC, datetime

from claims.amounts import yuan
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import PaperKind
from claims.numbering import SERIAL_DIGITS, parse_number
from claims.overviews import CheckItem, GreyPicture, PageCheck
from claims.paper_definitions import PaperId, paper_definition
from claims.records import NumberBlock, PaperRecord, PaperState
from claims.trusted_time import beijing_date, beijing_text
from trust.certificates import DeviceCertificate
from trust.vouchers import VoucherClaims

# What a line is called when it holds, and when it does not.
_CODE = (Bilingual("二维码", "QR code"), Bilingual("二维码没有读到", "no QR code"))
_SIGNATURE = (Bilingual("签名有效", "signature valid"), Bilingual("签名无效", "signature not valid"))
_NUMBER = (Bilingual("号码在本机号段内", "number of this laptop"), Bilingual("号码不符", "number differs"))
_CONTENT = (Bilingual("金额、领款人一致", "sum and payee agree"), Bilingual("内容与记录不符", "content differs"))
_DEVICE = (Bilingual("签发设备", "issuing device"), Bilingual("签发设备不符", "another device"))
_STANDING = (Bilingual("凭证有效", "voucher stands"), Bilingual("凭证已作废", "voucher voided"))


def check_page(ports: DeskPorts, number: str, page: GreyPicture) -> PageCheck:
    """Check the code of a page that should be this voucher.

    Raises:
        InputError: ``number_unknown``: the paper asked for is not on record here.
    """
    with ports.store.read() as reads:
        paper = reads.paper(number)
        blocks = tuple(reads.number_blocks(PaperKind.VOUCHER.value))
    if paper.kind is not PaperKind.VOUCHER:
        title = paper_definition(PaperId(paper.paper)).title
        return _only(
            _CODE,
            Bilingual(
                f"{number} 是{title.zh}，没有二维码可核。",
                f"{number} ({title.en}) carries no code to check.",
            ),
        )
    texts = ports.codes.texts(page)
    if not texts:
        return _only(
            _CODE,
            Bilingual(
                "页面上没有读到二维码：凭证有两页时它在末页。请核对打印是否清楚、完整。",
                "No code was read on the page; a voucher of two pages has it on the last. See whether it printed clearly and whole.",
            ),
        )
    if len(texts) > 1:
        return _only(
            _CODE,
            Bilingual(
                f"页面上有 {len(texts)} 个二维码，应只有一个。",
                f"There are {len(texts)} codes on the page instead of one.",
            ),
        )
    try:
        opened = ports.codes.voucher(texts[0], ports.identity.root_certificate)
    except InputError as error:
        return _only(_SIGNATURE, error.cause)
    claims, certificate = opened.claims, opened.certificate
    items = [
        _item(_SIGNATURE, True, Bilingual("总部根证书", "headquarters' root")),
        _number(claims, paper, blocks),
        _content(claims, paper),
        _device(claims, certificate, ports),
    ]
    if paper.state is PaperState.VOIDED:
        reason = paper.void_reason or ""
        items.append(_item(_STANDING, False, Bilingual(reason, reason)))
    return PageCheck(genuine=all(each.passed for each in items), items=tuple(items))


def _number(claims: VoucherClaims, paper: PaperRecord, blocks: tuple[NumberBlock, ...]) -> CheckItem:
    found = claims.voucher_no
    if found != paper.number:
        return _item(
            _NUMBER,
            False,
            Bilingual(f"码里是 {found}，应为 {paper.number}", f"the code says {found}, not {paper.number}"),
        )
    try:
        read = parse_number(found)
    except InputError as error:
        return _item(_NUMBER, False, error.cause)
    for block in blocks:
        if block.prefix == read.prefix and block.first <= read.serial <= block.last:
            span = f"{block.first:0{SERIAL_DIGITS}d}–{block.last:0{SERIAL_DIGITS}d}"
            return _item(_NUMBER, True, Bilingual(span, span))
    return _item(_NUMBER, False, Bilingual(f"{found} 不在本机任何号段内", f"{found} is in no block of this laptop"))


def _content(claims: VoucherClaims, paper: PaperRecord) -> CheckItem:
    """Compare what was signed with what was recorded, field by field; the first difference is named."""
    payee = "" if paper.payee is None else paper.payee.name
    compared = (
        (Bilingual("金额", "sum"), yuan(claims.amount_fen), yuan(paper.amount_fen or 0)),
        (Bilingual("领款人", "payee"), claims.payee, payee),
        (Bilingual("案件", "case"), claims.case_no, paper.case_no),
        (Bilingual("保单", "policy"), claims.policy_no, paper.policy_no or ""),
        (Bilingual("理算结果", "decision"), claims.decision_sha256, paper.decision_sha256 or ""),
    )
    for name, found, expected in compared:
        if found != expected:
            told = Bilingual(
                f"{name.zh}：码里是 {found}，记录是 {expected}",
                f"{name.en}: the code says {found}, the record {expected}",
            )
            return _item(_CONTENT, False, told)
    shown = yuan(claims.amount_fen)
    return _item(_CONTENT, True, Bilingual(f"{payee} {shown}", f"{payee} {shown}"))


def _device(claims: VoucherClaims, certificate: DeviceCertificate, ports: DeskPorts) -> CheckItem:
    """The certificate must be this laptop's and have been good when the voucher was signed."""
    own = ports.identity
    if (certificate.device, certificate.epoch) != (own.device, own.epoch):
        other = f"{certificate.station} {certificate.device} ({certificate.epoch})"
        return _item(_DEVICE, False, Bilingual(f"{other}，不是本机 {own.device}", f"{other}, not {own.device}"))
    issued = datetime.fromtimestamp(claims.issued_at, UTC)
    until = beijing_date(certificate.not_after)
    good = certificate.not_before <= issued <= certificate.not_after
    told = Bilingual(f"{certificate.device}，证书至 {until}", f"{certificate.device}, certificate to {until}")
    if not good:
        signed = beijing_text(issued)
        told = Bilingual(f"{told.zh}，签发于 {signed}", f"{told.en}, signed {signed}")
    return _item(_DEVICE, good, told)


def _item(names: tuple[Bilingual, Bilingual], passed: bool, found: Bilingual) -> CheckItem:
    return CheckItem(name=names[0] if passed else names[1], passed=passed, found=found)


def _only(names: tuple[Bilingual, Bilingual], found: Bilingual) -> PageCheck:
    return PageCheck(genuine=False, items=(_item(names, False, found),))
