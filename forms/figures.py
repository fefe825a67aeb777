"""Plain facts as the paper writes them: money, Beijing time, numbers.

Promise: nothing is rounded or shortened here; what comes in is what is read.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from claims.errors import Bilingual, BugError

BEIJING = timezone(timedelta(hours=8), "Beijing")
MINUS = "−"


def amount_in_figures(amount_fen: int) -> str:
    """Return fen as yuan with thousands and two decimals; a minus is U+2212, as wide as the digits.

    >>> amount_in_figures(648824), amount_in_figures(-10000)
    ('6,488.24', '−100.00')
    """
    yuan, cents = divmod(abs(amount_fen), 100)
    return f"{MINUS if amount_fen < 0 else ''}{yuan:,}.{cents:02d}"


def beijing_minute(at: datetime, *, english: bool = False) -> str:
    """Return an instant as Beijing time to the minute. Raises ``BugError`` for a time without zone."""
    if at.tzinfo is None:
        raise BugError(
            "time_without_zone",
            Bilingual(
                f"打印时间 {at} 没有时区，无法换算为北京时间。",
                f"The print time {at} has no zone and can't be shown as Beijing time.",
            ),
            Bilingual(
                "案件数据未受影响；请导出诊断文件交技术支持。",
                "The case data are safe; export the diagnostics file for support.",
            ),
        )
    local = at.astimezone(BEIJING)
    if english:
        return f"{local:%Y-%m-%d %H:%M}"
    return f"{local.year} 年 {local.month} 月 {local.day} 日 {local:%H:%M}"
