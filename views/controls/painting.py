"""Shared strokes of the self-painted controls: rounded boxes, key caps, icons and one line of text."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from views.look.look import Look

KEY_GLYPHS = {"Return": "⏎", "Enter": "⏎", "Ctrl+Return": "Ctrl ⏎", "Shift+Return": "Shift ⏎", "Escape": "Esc"}
"""How a key is written on its cap. The return sign is drawn, not typed: the bundled font has none."""


def paint_box(
    painter: QPainter, rect: QRect, fill: QColor | None, line: QColor | None, width: int, radius: int
) -> None:
    """Draw a rounded box whose line lies inside ``rect``."""
    inset = width / 2 if line is not None else 0.0
    painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else fill)
    painter.setPen(Qt.PenStyle.NoPen if line is None else QPen(line, width))
    painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), radius, radius)


def paint_icon(painter: QPainter, look: Look, name: str, colour: str, size_px: float, x: int, middle_y: int) -> int:
    """Draw an icon with its left edge at ``x``, centred on ``middle_y``; return its width."""
    ratio = painter.device().devicePixelRatioF()
    pixmap = look.pixmap(name, colour, size_px, ratio)
    side = look.px(size_px)
    painter.drawPixmap(x, middle_y - side // 2, pixmap)
    return side


def key_cap_width(look: Look, key: str) -> int:
    """Return how wide a key's cap is."""
    metrics = QFontMetrics(look.font("caption"))
    return max(look.height("key"), _text_width(look, metrics, KEY_GLYPHS.get(key, key)) + look.px(12))


def paint_key_cap(painter: QPainter, look: Look, key: str, colour: QColor, x: int, middle_y: int) -> int:
    """Draw a key's cap with its left edge at ``x``; return its width."""
    text = KEY_GLYPHS.get(key, key)
    width, height = key_cap_width(look, key), look.height("key")
    rect = QRect(x, middle_y - height // 2, width, height)
    paint_box(painter, rect, None, colour, 1, look.radius("key"))
    painter.setFont(look.font("caption"))
    painter.setPen(colour)
    if "⏎" not in text:
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
        return width
    before = text.replace("⏎", "")
    metrics = QFontMetrics(painter.font())
    left = x + (width - _text_width(look, metrics, text)) // 2
    painter.drawText(QRect(left, rect.y(), width, height), Qt.AlignmentFlag.AlignVCenter, before)
    _paint_return_sign(painter, look, colour, left + metrics.horizontalAdvance(before), middle_y)
    return width


def _text_width(look: Look, metrics: QFontMetrics, text: str) -> int:
    plain = metrics.horizontalAdvance(text.replace("⏎", ""))
    return plain + (look.px(11) if "⏎" in text else 0)


def _paint_return_sign(painter: QPainter, look: Look, colour: QColor, x: int, middle_y: int) -> None:
    unit = look.px(10) / 10
    painter.setPen(QPen(colour, max(1.0, 1.25 * unit)))
    base = middle_y + 2 * unit
    left, right = x + 1 * unit, x + 10 * unit
    painter.drawPolyline([QPointF(right, middle_y - 4 * unit), QPointF(right, base), QPointF(left, base)])
    painter.drawPolyline(
        [QPointF(left + 3 * unit, base - 3 * unit), QPointF(left, base), QPointF(left + 3 * unit, base + 3 * unit)]
    )


def elided(metrics: QFontMetrics, text: str, width: int) -> str:
    """Return the text cut to a width with an ellipsis at its end."""
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


def draw_words(
    painter: QPainter,
    look: Look,
    rect: QRect,
    text: str,
    *,
    size: str = "body",
    colour: str = "text",
    bold: bool = False,
    right: bool = False,
) -> int:
    """Draw one line of text in a rectangle, vertically centred, cut with an ellipsis; return the width drawn."""
    painter.setFont(look.font(size, bold=bold))
    painter.setPen(look.qcolor(colour))
    metrics = QFontMetrics(painter.font())
    shown = elided(metrics, text, rect.width())
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | side, shown)
    return metrics.horizontalAdvance(shown)
