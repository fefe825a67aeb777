"""What can go wrong between two laptops, in words.

Promise: a fault never means that the neighbour has, or has not, taken something: only its signed answer says that.
"""

from __future__ import annotations

from enum import StrEnum

from claims.errors import Bilingual, EnvironmentProblem
from sync.wire.hub_messages import Refusal


class NeighbourFault(StrEnum):
    """Why a neighbour brought no answer that counts."""

    NO_ROUTE = "no_route"
    TIMEOUT = "timeout"
    CUT = "cut"
    UNREADABLE = "unreadable"
    """What answered speaks another language, or too much of it."""
    STRANGER = "stranger"
    """It does not prove to be a device of our headquarters, or the answer is not the one to this question."""
    STOPPED = "stopped"
    """It is a device that headquarters stopped, or the neighbour says so of this one."""
    TWIN = "twin"
    """It proved to be this very laptop, and is another one: a copied disk."""
    BUSY = "busy"
    REFUSED = "refused"


_TRY_AGAIN = Bilingual(
    "请确认两台电脑在同一网络、对方程序开着，稍后再试。资料都在本机。",
    "Check that both laptops are on the same network and that the other program runs, then try again. Everything is safe here.",
)
_CALL = Bilingual(
    "请不要继续交换，记下对方的地址并联系总部。",
    "Exchange nothing more, note its address and call headquarters.",
)
_SENTENCES: dict[NeighbourFault, tuple[Bilingual, Bilingual]] = {
    NeighbourFault.NO_ROUTE: (Bilingual("{who} 连接不上。", "{who} can't be reached."), _TRY_AGAIN),
    NeighbourFault.TIMEOUT: (Bilingual("{who} 迟迟没有应答。", "{who} does not answer in time."), _TRY_AGAIN),
    NeighbourFault.CUT: (
        Bilingual("与 {who} 的连接中断了。", "The connection to {who} broke."),
        _TRY_AGAIN,
    ),
    NeighbourFault.UNREADABLE: (
        Bilingual("{who} 的应答本程序读不懂。", "This program can't read what {who} answers."),
        Bilingual("请把两台电脑的程序更新到同一版本。", "Bring both laptops to the same version of the program."),
    ),
    NeighbourFault.STRANGER: (
        Bilingual(
            "{who} 不能证明自己是本公司总部登记的电脑。",
            "{who} does not prove to be a laptop of our headquarters.",
        ),
        _CALL,
    ),
    NeighbourFault.STOPPED: (
        Bilingual("{who} 已被总部停用，或者本机已被停用。", "Headquarters stopped {who}, or it stopped this laptop."),
        _CALL,
    ),
    NeighbourFault.TWIN: (
        Bilingual(
            "{who} 用的是本机的编号和密钥：有一块硬盘是拷贝。",
            "{who} uses this laptop's own name and key: one of two disks is a copy.",
        ),
        Bilingual(
            "请两台都停止出凭证，保持原样，立即联系总部。",
            "Stop issuing vouchers on both, leave them as they are and call headquarters at once.",
        ),
    ),
    NeighbourFault.BUSY: (Bilingual("{who} 正忙。", "{who} is busy."), _TRY_AGAIN),
    NeighbourFault.REFUSED: (Bilingual("{who} 没有照办：{why}。", "{who} said no: {why}."), _TRY_AGAIN),
}
_WHY: dict[Refusal, Bilingual] = {
    Refusal.TOO_OLD: Bilingual("程序版本太旧", "the program here is too old"),
    Refusal.UNREADABLE: Bilingual("请求不合规定", "it can't make sense of the request"),
    Refusal.NOT_YOURS: Bilingual("那不是本机的记录", "that is not this laptop's to ask"),
    Refusal.TOO_LARGE: Bilingual("这一包太大", "the bundle is too large"),
    Refusal.NO_ROOM: Bilingual("那边没有空间了", "there is no room left over there"),
    Refusal.DAMAGED: Bilingual("传过去的内容有损坏", "what arrived was damaged"),
    Refusal.UNKNOWN: Bilingual("那边没有这一项", "it does not have that"),
    Refusal.RETIRED: Bilingual("本机这一期已经结束", "this laptop's epoch is over"),
    Refusal.ALLOWANCE_SHORT: Bilingual("那边的离线额度不够", "it has not enough allowance to give"),
    Refusal.ALLOWANCE_DECLINED: Bilingual("那边的同事没有同意", "the colleague there said no"),
}


class NeighbourProblem(EnvironmentProblem):
    """A fault on the way to a neighbour. ``who`` names it; ``refusal`` is its reason where it said no."""

    def __init__(self, fault: NeighbourFault, who: str = "", refusal: Refusal | None = None) -> None:
        cause, next_step = _SENTENCES[fault]
        why = Bilingual("", "") if refusal is None else _WHY[refusal]
        en = cause.en.format(who=who if who else "the neighbour", why=why.en)
        super().__init__(
            f"neighbour_{fault.value}",
            Bilingual(cause.zh.format(who=who if who else "对方", why=why.zh), en[:1].upper() + en[1:]),
            next_step,
            retryable=fault not in (NeighbourFault.STRANGER, NeighbourFault.STOPPED, NeighbourFault.TWIN),
        )
        self.fault = fault
        self.refusal = refusal

    def about(self, who: str) -> NeighbourProblem:
        """Return the same problem with a name in it."""
        return NeighbourProblem(self.fault, who, self.refusal)
