"""The acceptance slip (资料签收单): what was handed in, why there is no voucher, what happens next.

Promise: it promises nothing and says so where nobody can miss it; every document handed in stands on it with its pages and the head
of its hash, so that nobody can say later that a paper was never given.

Source: notes/domain.md §7 (资料签收单/受理回执), Insurance Law arts 22-24 for the time limits that it names.
"""

from __future__ import annotations

from claims.papers import SlipContent
from forms.figures import sex_in_words, short_hash
from forms.flow import Block
from forms.fonts import Weight, bundled_fonts
from forms.page import CONTENT_WIDTH, LEFT, RIGHT, Frame, Ink, Item, Page, Paper
from forms.parts import (
    Column,
    Fact,
    Label,
    Signatory,
    fact_blocks,
    fewest_sheets,
    footer_items,
    head_block,
    heading_block,
    paragraph_block,
    running_head,
    signature_block,
    table_blocks,
    title_block,
    watermark_items,
)
from forms.render import render
from forms.typesetting import BODY, CAPTION, SMALL_SECOND, Style, Typesetter

TITLE = Label("资料签收单", "ACCEPTANCE SLIP")
WATERMARK = "资料签收 非给付凭证"
NO_PROMISE = "本单不构成给付承诺"
FOOTER_REMARK = "请妥善保管本单，补交资料、查询进度时出示。现场不收取任何费用。"

_COLUMNS = (
    Column(Label("序", ""), LEFT + 8, 36),
    Column(Label("资料", "Document"), LEFT + 48, 188),
    Column(Label("文件", "File"), LEFT + 248, 232),
    Column(Label("页数", "Pages"), LEFT + 484, 66, right=True),
    Column(Label("指纹", "SHA-256"), LEFT + 562, RIGHT - LEFT - 562),
)
_PROMISE_STYLE = Style(20, 30, Weight.BOLD)


def draw_slip(content: SlipContent) -> bytes:
    """Return the slip as PDF. Raises ``BugError`` for a time without zone."""
    return render(lay_out_slip(content))


def lay_out_slip(content: SlipContent) -> Paper:
    """Return the slip's pages."""
    setter = Typesetter(bundled_fonts())
    head = content.head
    pages = fewest_sheets(lambda padding: _blocks(setter, content, padding), running_head(setter, head, TITLE))
    behind = watermark_items(setter, WATERMARK, Ink.WATERMARK)
    return Paper(
        title=f"{TITLE.zh} {head.number}",
        subject=NO_PROMISE,
        author=head.company,
        made_at=head.printed_at,
        pages=tuple(
            Page((*behind, *items, *footer_items(setter, FOOTER_REMARK, number, len(pages))))
            for number, items in enumerate(pages, 1)
        ),
    )


def _blocks(setter: Typesetter, content: SlipContent, padding: float) -> tuple[Block, ...]:
    head = content.head
    return (
        head_block(setter, head, Label("签收单号码", "Slip no.")),
        *title_block(setter, head, TITLE, None, voided=False),
        *fact_blocks(setter, _facts(content)),
        _no_promise_block(setter),
        *_document_blocks(setter, content, padding),
        *_reason_blocks(setter, content),
        *_missing_blocks(setter, content),
        *_next_blocks(setter, content),
        signature_block(
            setter,
            (
                Signatory(Label("交件人签字", "Handed in by"), (), content.claimant),
                Signatory(Label("签收人", "Accepted by"), (), head.adjuster),
                Signatory(Label("日期", "Date"), (), ""),
            ),
        ),
    )


def _facts(content: SlipContent) -> tuple[Fact, ...]:
    head = content.head
    return (
        (Label("报案号", "Case"), (head.case_no,)),
        (Label("突发事件", "Event"), (head.catastrophe or "无",)),
        (Label("被保险人", "Insured"), ("　".join(filter(None, (head.insured_name, sex_in_words(head.insured_sex)))),)),
        (Label("证件号码", "ID no."), (head.insured_id_masked,)),
        (Label("保单号", "Policy"), content.policy_nos or ("待核对",)),
        (Label("出险日期", "Loss date"), (head.loss_date.isoformat(),)),
        (Label("交件人", "From"), (content.claimant,)),
        (Label("签收设备", "Device"), (head.device,)),
    )


def _no_promise_block(setter: Typesetter) -> Block:
    """Return the sentence that matters most, framed."""
    items: list[Item] = [setter.centred(NO_PROMISE, (LEFT + RIGHT) / 2, 32, _PROMISE_STYLE, spacing=2)]
    zh = "仅证明下列资料已经收到。是否给付、给付多少，由总部核定后书面通知。"
    en = "This slip only confirms that the papers below were received. It does not promise any payment; headquarters decides and writes to you."
    items.append(setter.centred(zh, (LEFT + RIGHT) / 2, 55, CAPTION))
    items.append(setter.centred(en, (LEFT + RIGHT) / 2, 72, SMALL_SECOND))
    return Block(84, (Frame(LEFT + 1, 1, CONTENT_WIDTH - 2, 82, 2, Ink.TEXT), *items), space=14)


def _document_blocks(setter: Typesetter, content: SlipContent, padding: float) -> tuple[Block, ...]:
    if not content.items:
        heading = heading_block(setter, Label("收到的资料", "Documents received"))
        return (heading, *paragraph_block(setter, "本次没有收到资料。 No document was handed in.", BODY))
    rows = [
        (str(number), item.material, item.filename, str(item.pages), short_hash(item.sha256))
        for number, item in enumerate(content.items, 1)
    ]
    total = f"以上共 {len(content.items)} 件 {sum(item.pages for item in content.items)} 页。指纹为文件 SHA-256 值的前 12 位。"
    return (*table_blocks(setter, _COLUMNS, rows, padding), *paragraph_block(setter, total, CAPTION, space=6))


def _reason_blocks(setter: Typesetter, content: SlipContent) -> tuple[Block, ...]:
    if not content.reasons:
        return ()
    blocks: list[Block] = [heading_block(setter, Label("未出具给付凭证的原因", "Why there is no voucher yet"))]
    for number, reason in enumerate(content.reasons, 1):
        blocks += paragraph_block(setter, f"{number}. {reason.zh}", BODY, keep=bool(reason.en))
        if reason.en:
            blocks += paragraph_block(setter, reason.en, SMALL_SECOND, indent=18)
    return tuple(blocks)


def _missing_blocks(setter: Typesetter, content: SlipContent) -> tuple[Block, ...]:
    if not content.missing:
        return ()
    blocks: list[Block] = [heading_block(setter, Label("还需补交", "Still needed"))]
    for name in content.missing:
        lines = paragraph_block(setter, name, BODY, indent=24)
        box = Frame(LEFT + 3, 5, 12, 12, 1.2, Ink.TEXT)
        blocks += (Block(lines[0].height, (box, *lines[0].items)), *lines[1:])
    return tuple(blocks)


def _next_blocks(setter: Typesetter, content: SlipContent) -> tuple[Block, ...]:
    """Return the next steps with the limits that the law sets for the insurer."""
    blocks: list[Block] = [heading_block(setter, Label("接下来", "What happens next"))]
    steps = _next_steps(content)
    for number, (zh, _) in enumerate(steps, 1):
        blocks += paragraph_block(setter, f"{number}. {zh}", CAPTION, keep=True)
    return (*blocks, *paragraph_block(setter, " ".join(en for _, en in steps if en), SMALL_SECOND, space=2, keep=True))


def _next_steps(content: SlipContent) -> tuple[tuple[str, str], ...]:
    head = content.head
    steps = [
        (
            "资料联网后自动送达总部，由理赔人员核定；情形复杂的，三十日内核定（保险法第二十三条）。",
            "The papers go to headquarters once there is a link; a complex case is decided within 30 days.",
        ),
        (
            "应当给付的，达成协议后十日内给付；不给付的，核定后三日内书面说明理由（第二十三、二十四条）。",
            "A covered loss is paid within 10 days of agreement; a refusal is written, within 3 days.",
        ),
        (
            f"查询进度请拨 {head.hotline}，报案号 {head.case_no}。",
            "",
        ),
    ]
    if content.missing:
        steps.insert(
            0,
            (
                "请把上列资料一次备齐，交任一服务站并出示本单；补交期间不计入核定期限。",
                "Bring the papers above to any station, all at once, with this slip; the time until then is not counted.",
            ),
        )
    return tuple(steps)
