"""The papers of the pictured day, drawn: an id card, a bill, a bank card and pages of text; invented, and the same at every drawing."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import resources
from claims.materials import Material

_PAPER, _INK, _WEAK, _TABLE = "#FCFCFA", "#1C2320", "#8A918C", "#D6D5CB"
_RED, _BLUE, _GOLD = "#9B2D20", "#41697F", "#C9A25E"
_BILL_LINES = (
    ("清创缝合术", "1,260.00", ""),
    ("石膏外固定", "986.50", ""),
    ("CT 平扫", "720.00", ""),
    ("破伤风免疫球蛋白", "648.00", ""),
    ("抗感染药", "2,680.00", ""),
    ("进口敷料", "1,105.80", "自费"),
    ("支具", "810.00", "自费"),
)


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    name = "NotoSansSC_700Bold.ttf" if bold else "NotoSansSC_400Regular.ttf"
    return ImageFont.truetype(str(resources.path("fonts", name)), size)


def _page(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Return a sheet lying on a table."""
    image = Image.new("RGB", (width, height), _TABLE)
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, width - 20, height - 20), fill=_PAPER)
    return image, draw


def _text_page(title: str, lines: Sequence[str]) -> Image.Image:
    image, draw = _page(620, 800)
    draw.text((310, 70), title, _INK, _font(32, bold=True), anchor="mm")
    draw.line((60, 104, 560, 104), _WEAK, 2)
    for place, line in enumerate(lines):
        draw.text((60, 130 + 42 * place), line, _INK, _font(21))
    return image


def _id_card() -> Image.Image:
    image = Image.new("RGB", (760, 480), _TABLE)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((30, 30, 730, 450), 24, fill="#EEF3F1")
    rows = (
        ("姓名", "覃建国"),
        ("性别", "男　民族　汉"),
        ("出生", "1980 年 5 月 1 日"),
        ("住址", "清溪县石桥镇河西路 12 号"),
    )
    for place, (name, value) in enumerate(rows):
        draw.text((70, 76 + 62 * place), name, _BLUE, _font(24))
        draw.text((150, 74 + 62 * place), value, _INK, _font(26))
    draw.text((70, 380), "公民身份号码", _BLUE, _font(24))
    draw.text((250, 376), "样本 990101 19800501", _INK, _font(28, bold=True))
    draw.rounded_rectangle((540, 90, 680, 270), 10, fill="#D3DBD8")
    draw.ellipse((580, 115, 640, 180), fill="#9AA6A1")
    draw.pieslice((555, 185, 665, 330), 180, 360, fill="#9AA6A1")
    return image


def _bank_card() -> Image.Image:
    image = Image.new("RGB", (760, 480), _TABLE)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((40, 30, 720, 450), 30, fill=_BLUE)
    draw.text((90, 80), "示例银行　借记卡", "#FFFFFF", _font(34, bold=True))
    draw.rounded_rectangle((90, 170, 180, 240), 10, fill=_GOLD)
    draw.text((90, 300), "6217 0012 3456 7890 122", "#FFFFFF", _font(42))
    draw.text((90, 380), "QIN JIANGUO", "#DCE6EC", _font(28))
    return image


def _bill() -> Image.Image:
    image, draw = _page(680, 840)
    draw.text((340, 66), "医疗门诊收费票据（电子）", _RED, _font(32, bold=True), anchor="mm")
    draw.line((150, 96, 530, 96), _RED, 2)
    head = (
        ((50, 118), "票据代码 99060126"),
        ((370, 118), "票据号码 0000731846"),
        ((50, 154), "交款人 覃建国"),
        ((370, 154), "校验码 7c41e0"),
        ((50, 190), "开票日期 2026-11-20"),
    )
    for place, text in head:
        draw.text(place, text, _INK, _font(21))
    draw.line((40, 232, 640, 232), _RED, 2)
    draw.text((56, 242), "项目名称", _RED, _font(20))
    draw.text((460, 242), "金额（元）", _RED, _font(20), anchor="ra")
    draw.text((560, 242), "备注", _RED, _font(20))
    draw.line((40, 278, 640, 278), _RED, 2)
    for line, (name, amount, note) in enumerate(_BILL_LINES):
        y = 292 + 44 * line
        draw.text((56, y), name, _INK, _font(22))
        draw.text((460, y), amount, _INK, _font(22), anchor="ra")
        draw.text((560, y), note, _INK, _font(22))
    draw.line((40, 612, 640, 612), _RED, 2)
    draw.text((50, 628), "合计（大写）捌仟贰佰壹拾元叁角整", _INK, _font(21))
    draw.text((636, 624), "8,210.30", _INK, _font(26, bold=True), anchor="ra")
    draw.text((50, 676), "医保统筹 0.00　　个人自付 6,294.50", _INK, _font(21))
    draw.text((50, 714), "个人自费 1,915.80", _INK, _font(21))
    draw.text((50, 752), "收款单位 清溪仁和门诊部", _INK, _font(21))
    draw.ellipse((480, 680, 610, 790), outline=_RED, width=3)
    draw.text((545, 735), "收费专用章", _RED, _font(19), anchor="mm")
    return image


def _application() -> Image.Image:
    return _text_page(
        "理赔申请书",
        (
            "被保险人：覃建国",
            "出险日期：2026-11-20",
            "出险地点：清溪县一中安置点",
            "经过：地震时屋檐瓦片坠落，",
            "　　　左前臂骨折并裂伤。",
            "",
            "申请人声明：以上所述属实。",
            "",
            "申请人签名：________________",
        ),
    )


def _record() -> Image.Image:
    return _text_page(
        "门诊病历",
        (
            "清溪仁和门诊部　外科",
            "2026-11-20　11:40",
            "主诉：左前臂砸伤 3 小时。",
            "查体：左前臂肿胀、畸形，",
            "　　　裂伤约 6 cm。",
            "诊断：1. 左桡骨远端骨折",
            "　　　2. 左前臂裂伤",
            "处理：清创缝合，石膏外固定，",
            "　　　破伤风免疫球蛋白。",
            "医师：沈成荣",
        ),
    )


def _accident_proof() -> Image.Image:
    return _text_page(
        "意外事故证明",
        (
            "兹证明覃建国于 2026 年 11 月 20 日",
            "地震时在清溪县石桥镇被坠落",
            "瓦片砸伤，情况属实。",
            "",
            "　　　　　石桥镇河西社区居委会",
            "　　　　　2026 年 11 月 21 日",
        ),
    )


DRAWINGS: dict[Material, tuple[str, Callable[[], Image.Image]]] = {
    Material.APPLICATION: ("理赔申请书.jpg", _application),
    Material.INSURED_ID: ("身份证.jpg", _id_card),
    Material.MEDICAL_RECORD: ("门诊病历.jpg", _record),
    Material.OUTPATIENT_BILL: ("门诊票据.jpg", _bill),
    Material.ACCIDENT_PROOF: ("意外事故证明.jpg", _accident_proof),
    Material.BANK_ACCOUNT: ("银行卡.jpg", _bank_card),
}
"""Per paper the name of its file and who draws it."""


def paper_bytes(material: Material) -> bytes:
    """Return a paper as the camera would give it; one that is not drawn here is a page with its name."""
    image = DRAWINGS[material][1]() if material in DRAWINGS else _text_page(material.value, ())
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def write_papers(folder: Path, materials: Sequence[Material]) -> list[Path]:
    """Write papers to a folder, ready to be dropped; return the files in this order."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for material in materials:
        name, _draw = DRAWINGS[material]
        file = folder / name
        file.write_bytes(paper_bytes(material))
        files.append(file)
    return files
