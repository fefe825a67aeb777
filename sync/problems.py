"""The link's faults in words: cause and next step for the adjuster, and whether trying again by itself makes sense.

Promise: every ``LinkFault`` has a sentence in Chinese and English; none of them says that anything was lost, because a fault on
the link loses nothing.
"""

from __future__ import annotations

from claims.errors import Bilingual, EnvironmentProblem
from sync.wire.faults import FINAL, LinkFault

_KEPT = Bilingual(
    "资料都在本机，稍后会自动再试。", "Everything is safe on this laptop and will be tried again by itself."
)
_CALL = Bilingual(
    "资料都在本机，不会丢失。请联系总部信息部门。",
    "Everything is safe on this laptop. Call headquarters' IT desk.",
)

_SENTENCES: dict[LinkFault, tuple[Bilingual, Bilingual]] = {
    LinkFault.NO_ROUTE: (
        Bilingual(
            "连不上总部：没有网络，或总部没有应答。",
            "Headquarters can't be reached: no network, or nobody answers there.",
        ),
        _KEPT,
    ),
    LinkFault.TIMEOUT: (
        Bilingual(
            "总部迟迟没有回应，线路太慢或已断开。", "Headquarters did not answer in time: the line is too slow or gone."
        ),
        _KEPT,
    ),
    LinkFault.CUT: (
        Bilingual("传送中途线路断了。", "The line was cut in the middle of sending."),
        Bilingual(
            "已送达的部分不用重发，稍后会从断点继续。",
            "What arrived need not be sent again; it goes on from there by itself.",
        ),
    ),
    LinkFault.CAPTIVE_PORTAL: (
        Bilingual(
            "应答的不是总部，多半是这个网络的登录页面。",
            "What answered is not headquarters, most likely this network's login page.",
        ),
        Bilingual(
            "请打开浏览器登录该网络，或换一个网络。资料都在本机。",
            "Log in to the network with a browser, or use another one. Everything is safe on this laptop.",
        ),
    ),
    LinkFault.NOT_HEADQUARTERS: (
        Bilingual(
            "应答方拿不出总部的签名，可能有代理或有人在中间拦截。",
            "What answered can't show headquarters' signature; a proxy or someone may be in between.",
        ),
        Bilingual(
            "它的应答没有采用。请换一个网络；若总是这样，请联系总部。",
            "Its answer was not used. Try another network; call headquarters if it stays like this.",
        ),
    ),
    LinkFault.GIVEN_UP: (
        Bilingual(
            "应答的是已被替换的旧总部，它的应答没有采用。",
            "The old headquarters answered that was replaced by a restored one; its answer was not used.",
        ),
        _CALL,
    ),
    LinkFault.BUSY: (Bilingual("总部正忙，请求排队中。", "Headquarters is busy right now."), _KEPT),
    LinkFault.SERVER_ERROR: (Bilingual("总部的系统出了故障。", "Headquarters' system is in trouble."), _KEPT),
    LinkFault.NO_PROGRESS: (
        Bilingual(
            "总部有应答，但没有确认收到新的资料。",
            "Headquarters answers, but does not confirm that it holds what was sent.",
        ),
        Bilingual(
            "资料都在本机，下次同步会再发。若几次都这样，请联系总部。",
            "Everything is safe on this laptop and goes again with the next sync. Call headquarters if it repeats.",
        ),
    ),
    LinkFault.BAD_REQUEST: (
        Bilingual(
            "总部读不懂这次请求，或它与总部已有的记录接不上。",
            "Headquarters can't read the request, or it does not follow what it holds.",
        ),
        _CALL,
    ),
    LinkFault.REFUSED: (
        Bilingual(
            "总部不认这台电脑或不接受这次请求。", "Headquarters does not know this laptop, or refuses the request."
        ),
        _CALL,
    ),
    LinkFault.REVOKED: (
        Bilingual("总部已停用这台电脑。", "Headquarters has stopped this laptop."),
        Bilingual(
            "请不要再签发凭证，并联系总部。本机资料请保留。",
            "Issue no more vouchers and call headquarters. Keep the data on this laptop.",
        ),
    ),
    LinkFault.FROZEN: (
        Bilingual(
            "总部已冻结这台电脑：同一编号的记录出现了两个版本。",
            "Headquarters froze this laptop: two versions of the same record numbers turned up.",
        ),
        Bilingual(
            "请不要再签发凭证，保留本机，立即联系总部。",
            "Issue no more vouchers, keep this laptop as it is, and call headquarters at once.",
        ),
    ),
    LinkFault.TOO_OLD: (
        Bilingual("本程序版本太旧，总部不再接受。", "This program is too old for headquarters."),
        Bilingual(
            "请更新程序后再同步。资料都在本机。", "Update the program, then sync. Everything is safe on this laptop."
        ),
    ),
    LinkFault.TOO_LARGE: (
        Bilingual("有一笔记录太大，总部不接收。", "One record is larger than headquarters takes."),
        _CALL,
    ),
    LinkFault.FORKED: (
        Bilingual(
            "总部保存的本机记录与这块硬盘上的不一致，可能有一份是拷贝。",
            "Headquarters holds another history of this laptop than this disk: one of two disks is a copy.",
        ),
        Bilingual(
            "请停止签发，保留本机，立即联系总部。本机资料没有改动。",
            "Stop issuing, keep this laptop as it is, and call headquarters at once. Nothing here was changed.",
        ),
    ),
    LinkFault.RESTORED: (
        Bilingual(
            "总部的本机记录比这块硬盘上的还多，这块硬盘可能恢复过旧备份。",
            "Headquarters holds more of this laptop's records than this disk: the disk was set back to an older copy.",
        ),
        Bilingual(
            "请停止签发，联系总部重新登记这台电脑。",
            "Stop issuing and call headquarters to enrol this laptop again.",
        ),
    ),
    LinkFault.STORE_FAILED: (
        Bilingual("本机资料库没能保存总部的回执。", "This laptop's store could not keep headquarters' answer."),
        Bilingual(
            "请先处理本机的问题（例如磁盘已满），再同步一次。",
            "Mend the laptop's problem first (a full disk, say), then sync again.",
        ),
    ),
    LinkFault.CANCELLED: (
        Bilingual("同步已停止。", "The sync was stopped."),
        Bilingual("没送完的下次接着送。", "What is left goes with the next sync."),
    ),
    LinkFault.FILE_UNREADABLE: (
        Bilingual(
            "有附件在本机读不出来，其余的都已送出。", "A file can't be read on this laptop; the others were sent."
        ),
        Bilingual("请重新拍摄或扫描该附件。", "Photograph or scan that file again."),
    ),
    LinkFault.FILE_NOT_TAKEN: (
        Bilingual("有附件总部一直没有确认收下。", "There is a file that headquarters does not confirm."),
        Bilingual("附件仍在本机，下次同步会再发。", "It stays on this laptop and goes again with the next sync."),
    ),
    LinkFault.FEED_DAMAGED: (
        Bilingual(
            "总部发来的通知中有一条无法核实，其后的暂不采用。",
            "One of headquarters' notices can't be verified; it and later ones wait.",
        ),
        Bilingual("案件照常送出。请联系总部信息部门。", "Cases are sent all the same. Call headquarters' IT desk."),
    ),
    LinkFault.RELEASE_REFUSED: (
        Bilingual(
            "下载的规则或数据没有通过核实，仍用原来的版本。",
            "A downloaded rule pack or data file did not verify; the old one stays in use.",
        ),
        Bilingual(
            "案件照常送出，下次同步会再下载。", "Cases are sent all the same; it is fetched again with the next sync."
        ),
    ),
}  # fmt: skip - a sentence and its translation stay side by side


class LinkProblem(EnvironmentProblem):
    """A fault on the way to headquarters. ``retry_after_s`` is what HQ asked for, 0 when it did not."""

    def __init__(self, fault: LinkFault, *, retry_after_s: float = 0.0) -> None:
        cause, next_step = _SENTENCES[fault]
        super().__init__(f"sync_{fault.value}", cause, next_step, retryable=fault not in FINAL)
        self.fault = fault
        self.retry_after_s = retry_after_s
        self.task = Bilingual(cause.zh + next_step.zh, f"{cause.en} {next_step.en}")
        """Cause and next step in one, for a list of what a person must do."""
