"""The payment voucher (理赔给付凭证): what the payee takes home.

Promise: the drawing adds nothing to its content and leaves nothing out. It never looks final: "pre-approved, pending headquarters
settlement" stands beside the code and behind every page. Its QR carries exactly the signed bytes. A reprint says so. A voided paper
carries no QR, since a code that still verifies offline would pass for money (docs/adr/0051).

Source: notes/domain.md §7 (给付凭证/领款收据), design.md "Vouchers".
"""

from __future__ import annotations

from claims.papers import PaperStep, VoucherContent
from forms.capitals import CURRENCY_PREFIX, amount_in_capitals
from forms.figures import amount_in_figures, sex_in_words
from forms.flow import Block
from forms.fonts import Weight, bundled_fonts
from forms.page import (
    CONTENT_WIDTH,
    LEFT,
    PX_PER_MM,
    RIGHT,
    Frame,
    Ink,
    Item,
    Page,
    Paper,
    PlacedSymbol,
    Polyline,
    Rule,
)
from forms.parts import (
    Column,
    Fact,
    Label,
    Signatory,
    fact_blocks,
    fewest_sheets,
    footer_items,
    head_block,
    labelled,
    labelled_right,
    running_head,
    signature_block,
    table_blocks,
    title_block,
    watermark_items,
)
from forms.qr import QrSymbol, voucher_symbol
from forms.render import render
from forms.typesetting import CAPTION, CAPTION_SECOND, HEADING, KEY_VALUE, SMALL_SECOND, Style, Typesetter, baseline_in

TITLE = Label("理赔给付凭证", "CLAIM PAYMENT VOUCHER")
WATERMARK = "预核 待总部结算"
VOID_WATERMARK = "作废 VOID 作废"
FOOTER_REMARK = "本凭证号码连号管理，污损作废不再使用。现场不收付现金。"

_COLUMNS = (
    Column(Label("序", ""), LEFT + 8, 36),
    Column(Label("计算步骤", "Step"), LEFT + 48, 230),
    Column(Label("依据", "Basis"), LEFT + 292, 240),
    Column(Label("金额（元）", "CNY"), RIGHT - 134, 126, right=True),
)
_CAPITALS = Style(20, 28, Weight.BOLD)
_FIGURES = Style(29, 36, Weight.BOLD)
_WARNING = Style(13, 20, Weight.BOLD, Ink.AMBER)
_WARNING_EN = Style(10, 14, Weight.REGULAR, Ink.AMBER)
_VOID_NOTE = Style(15, 22, Weight.BOLD, Ink.RED)


def draw_voucher(content: VoucherContent) -> bytes:
    """Return the voucher as PDF.

    Raises:
        InputError: an amount that can't be written in capitals (negative, absurd).
        BugError: a time without zone, or signed bytes too large for one QR.
    """
    return render(lay_out_voucher(content, None if content.voided else voucher_symbol(content.cose)))


def lay_out_voucher(content: VoucherContent, symbol: QrSymbol | None) -> Paper:
    """Return the voucher's pages; ``symbol`` None leaves the code's place empty (a voided paper, the benchmark's baseline)."""
    setter = Typesetter(bundled_fonts())
    head = content.head
    pages = fewest_sheets(lambda padding: _blocks(setter, content, symbol, padding), running_head(setter, head, TITLE))
    behind = (
        watermark_items(setter, VOID_WATERMARK, Ink.RED_WATERMARK)
        if content.voided
        else watermark_items(setter, WATERMARK, Ink.WATERMARK)
    )
    return Paper(
        title=f"{TITLE.zh} {head.number}",
        subject="预核凭证，尚待总部结算",
        author=head.company,
        made_at=head.printed_at,
        pages=tuple(
            Page((*behind, *items, *footer_items(setter, FOOTER_REMARK, number, len(pages))))
            for number, items in enumerate(pages, 1)
        ),
    )


def _blocks(setter: Typesetter, content: VoucherContent, symbol: QrSymbol | None, padding: float) -> tuple[Block, ...]:
    rows = [_row(number, step) for number, step in enumerate(content.steps, 1)]
    return (
        head_block(setter, content.head, Label("凭证号码", "Voucher no.")),
        *title_block(setter, content.head, TITLE, "第一联 客户留存", voided=content.voided),
        *fact_blocks(setter, _facts(content)),
        *table_blocks(setter, _COLUMNS, rows, padding),
        *_warning_block(setter, content),
        _amount_block(setter, content),
        _code_block(setter, content, symbol),
        signature_block(setter, _signatories(content)),
    )


def _facts(content: VoucherContent) -> tuple[Fact, ...]:
    head = content.head
    return (
        (Label("报案号", "Case"), (head.case_no,)),
        (Label("突发事件", "Event"), (head.catastrophe or "无",)),
        (Label("被保险人", "Insured"), ("　".join(filter(None, (head.insured_name, sex_in_words(head.insured_sex)))),)),
        (Label("证件号码", "ID no."), (head.insured_id_masked,)),
        (Label("保单号", "Policy"), (content.policy_no,)),
        (Label("出险日期", "Loss date"), (head.loss_date.isoformat(),)),
        (Label("领款人", "Payee"), (f"{content.payee_name}（{content.payee_relation}）",)),
        (Label("收款账户", "Account"), (content.account_masked,)),
    )


def _row(number: int, step: PaperStep) -> tuple[str, str, str, str]:
    amount = step.verdict or "" if step.amount_fen is None else amount_in_figures(step.amount_fen)
    return str(number), step.name, step.basis, amount


def _warning_block(setter: Typesetter, content: VoucherContent) -> tuple[Block, ...]:
    """Return the warning that the rule pack is past its warning date, in a frame that can't be overlooked."""
    if not content.pack_warning:
        return ()
    x, y = LEFT + 44, 5.0
    zh, zh_height = setter.paragraph(
        f"注意：规则包 {content.pack_version} 已 {content.pack_age_days} 天未更新，超过提醒期。金额按该版本计算，以总部结算为准。",
        x,
        y,
        CONTENT_WIDTH - 60,
        _WARNING,
    )
    en, en_height = setter.paragraph(
        f"Rule pack {content.pack_version} is {content.pack_age_days} days old, past its warning date. Headquarters' settlement decides.",
        x,
        y + zh_height,
        CONTENT_WIDTH - 60,
        _WARNING_EN,
    )
    height = zh_height + en_height + 10
    middle = height / 2
    sign: tuple[Item, ...] = (
        Polyline(
            ((LEFT + 12, middle + 9), (LEFT + 22, middle - 9), (LEFT + 32, middle + 9)), 2, Ink.AMBER, closed=True
        ),
        Rule(LEFT + 22, middle - 3, LEFT + 22, middle + 3, 2, Ink.AMBER),
        Polyline(((LEFT + 22, middle + 6),), 2, Ink.AMBER),
    )
    ground = Frame(LEFT + 0.5, 0, CONTENT_WIDTH - 1, height, 1, Ink.AMBER_LINE, Ink.AMBER_GROUND)
    return (Block(height, (ground, *sign, *zh, *en), space=9, keep_with_next=True),)


def _amount_block(setter: Typesetter, content: VoucherContent) -> Block:
    """Return the framed amount, in capitals on the left and in figures on the right, and the patient's own part below."""
    figures = setter.right(f"¥{amount_in_figures(content.amount_fen)}", RIGHT - 18, 60, _FIGURES)
    room = figures.x - 24 - (LEFT + 18)
    lines, style = setter.fitted(CURRENCY_PREFIX + amount_in_capitals(content.amount_fen), room, _CAPITALS, 16)
    items: list[Item] = [
        *labelled(setter, Label("应付金额（大写）", "Amount payable, in words"), LEFT + 18, 28, CAPTION_SECOND),
        *setter.stacked(lines, LEFT + 18, 38, style),
        *labelled_right(setter, Label("应付金额（小写）", "In figures"), RIGHT - 18, 28, CAPTION_SECOND),
        figures,
    ]
    height = max(79.0, 38 + len(lines) * style.line + 14)
    if content.patient_pays_fen is not None:
        items.append(Rule(LEFT + 18, height, RIGHT - 18, height, 0.75, Ink.LINE))
        foot = baseline_in(height + 8, KEY_VALUE)
        pays = Label("医院窗口由患者自付", "Patient pays at the hospital's counter")
        items += labelled(setter, pays, LEFT + 18, foot, CAPTION)
        items.append(setter.right(f"¥{amount_in_figures(content.patient_pays_fen)}", RIGHT - 18, foot, KEY_VALUE))
        height += 40
    items.insert(0, Frame(LEFT + 1, 1, CONTENT_WIDTH - 2, height - 2, 2, Ink.TEXT))
    return Block(height, tuple(items), space=17, keep_with_next=True)


def _code_block(setter: Typesetter, content: VoucherContent, symbol: QrSymbol | None) -> Block:
    """Return the QR with what it means beside it."""
    side = (symbol.side_mm if symbol else 50.0) * PX_PER_MM
    items: list[Item] = [Frame(LEFT + 0.5, 0.5, side, side, 1, Ink.TEXT, Ink.PAPER)]
    if symbol:
        items.append(PlacedSymbol(LEFT + 0.5, 0.5, side, symbol))
    if content.voided:
        items += _crossed_out(setter, side)
    x = LEFT + side + 20
    width = RIGHT - x
    y = 0.0
    for text, style, space in _explanation(content):
        lines, height = setter.paragraph(text, x, y + space, width, style)
        items += lines
        y += height + space
    return Block(max(side + 1, y), tuple(items), space=17, keep_with_next=True)


def _explanation(content: VoucherContent) -> tuple[tuple[str, Style, float], ...]:
    """Return the lines beside the code: text, style, space above."""
    pack = (
        f"规则包 {content.pack_version}（{content.pack_age_days} 天）　预核授权 {content.authority_id}　设备 {content.head.device}",
        CAPTION_SECOND,
        4.0,
    )
    if content.voided:
        return (
            ("本凭证已作废，不得据以领款", HEADING, 0.0),
            ("号码已注销，不再使用。二维码不再印出。持有本页者请交还服务站。", CAPTION, 0.0),
            (
                "This voucher is void and pays nothing. Its number will not be used again. Please hand it back to the station.",
                SMALL_SECOND,
                2.0,
            ),
            pack,
        )
    return (
        ("预核凭证，尚待总部结算", HEADING, 0.0),
        ("总部核对无误后按上列金额付入收款账户；如有差异，由专人联系您，本凭证不会自行作废。", CAPTION, 0.0),
        ("扫描左侧二维码，持总部根证书的任何一方不联网即可核验真伪、号码、领款人与金额。", CAPTION, 0.0),
        (
            "Pre-approved, pending headquarters settlement. The amount is paid into the account above once headquarters has checked it; if anything "
            "differs a person will contact you, and this voucher does not lapse by itself. Whoever holds the headquarters root certificate can check "
            "number, payee and amount from the code, offline.",
            SMALL_SECOND,
            2.0,
        ),
        pack,
    )


def _crossed_out(setter: Typesetter, side: float) -> tuple[Item, ...]:
    middle = LEFT + 0.5 + side / 2
    return (
        Rule(LEFT + 12, 12, LEFT + side - 12, side - 12, 2, Ink.RED),
        Rule(LEFT + side - 12, 12, LEFT + 12, side - 12, 2, Ink.RED),
        Frame(middle - 40, side / 2 - 18, 80, 36, 1, None, Ink.PAPER),
        setter.centred("已作废", middle, side / 2 + 6, _VOID_NOTE),
    )


def _signatories(content: VoucherContent) -> tuple[Signatory, ...]:
    return (
        Signatory(Label("领款人签字", "Payee"), content.signed_claimant, content.payee_name),
        Signatory(Label("经办人", "Handled by"), content.signed_adjuster, content.head.adjuster),
        Signatory(Label("复核人", "Reviewed by"), (), "总部结算时签"),
    )
