"""The drawing port: papers as PDF."""

from __future__ import annotations

from claims.papers import SlipContent, VoucherContent
from forms.slip import draw_slip
from forms.voucher import draw_voucher


class PdfDrawing:
    """Implements ``claims.ports.Drawing``. Pure, and safe to call from any thread."""

    def voucher(self, content: VoucherContent) -> bytes:
        """Return the voucher's PDF; see ``forms.voucher``."""
        return draw_voucher(content)

    def slip(self, content: SlipContent) -> bytes:
        """Return the slip's PDF; see ``forms.slip``."""
        return draw_slip(content)
