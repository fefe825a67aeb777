"""What the sync screen says: each transfer and each acknowledgement in words, worked out from how things stand. Pure.

Promise: nothing is called sent before headquarters signed for it; a wait names what is waited for; a stall is no time left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from claims.case_progress import HOLD, SETTLED, needs_a_person
from claims.errors import Bilingual
from claims.overviews import CaseReceipt
from claims.records import Acknowledgement, SafetyCounts
from claims.synchronising import TransferProgressed
from claims.trusted_time import BEIJING
from views.controls.bar import BarState
from views.link import LinkState
from views.progress import StripState, bytes_text, left_words
from views.syncing import SyncNow
from views.time_words import clock_text, span

_WAIT_LINK = Bilingual("等链路", "waits for the line")
_WAIT_SYNC = Bilingual("等同步", "waits for a sync")
_WAIT_LOG = Bilingual("等日志先发", "after the log")
_WAIT_REST = Bilingual("等前面的完成", "after the rest")
_PAUSED = Bilingual("已暂停", "paused")
_DONE = Bilingual("已送达", "arrived")
_NOTHING = Bilingual("没有要发的", "nothing to send")
_LATER = Bilingual("只发金额，稍后发", "later: money only")
_ORDER = ("greeting", "log", "answers", "releases", "files")


@dataclass(frozen=True)
class Transfer:
    """One row of the transfers. ``share`` is from 0 to 1; ``icon`` stands at the right end of a finished or failed one."""

    icon: str
    title: Bilingual
    where: Bilingual
    share: float
    bar: BarState
    amount: Bilingual
    state: Bilingual
    good: bool = False


def transfers(now: SyncNow, safety: SafetyCounts, link: LinkState) -> tuple[Transfer, Transfer, Transfer]:
    """Return the rows: log and vouchers, files, rules and policies."""
    return _log(now, safety, link), _files(now, safety, link), _releases(now, link)


def kinds(now: SyncNow) -> tuple[Transfer, ...]:
    """Return the files by kind in the order of sending, while a sync runs and there is more than one kind to send."""
    progress = now.progress
    if not now.running or progress is None or now.money_only:
        return ()
    told = [each for each in progress.transfers if each.kind != LOG and each.items_total]
    under_way = next((each for each in told if each.items_done < each.items_total), None)
    return tuple(_kind(each, now, under_way=each is under_way) for each in told) if len(told) > 1 else ()


def _kind(told: TransferProgressed, now: SyncNow, *, under_way: bool) -> Transfer:
    icon, name = _KINDS.get(told.kind, ("save", Bilingual(told.kind, told.kind)))
    done, total = told.items_done, told.items_total
    title = Bilingual(f"{name.zh}・{done:,} / {total:,} 个", f"{name.en}, {done:,} / {total:,}")
    size = bytes_text(told.bytes_done, told.bytes_total)
    amount = Bilingual(size, size)
    share = told.bytes_done / told.bytes_total if told.bytes_total else 0.0
    if done >= total:
        return Transfer(icon, title, _TO_HQ, 1.0, BarState.DONE, amount, _DONE, good=True)
    if now.paused:
        return Transfer(icon, title, _TO_HQ, share, BarState.PAUSED, amount, _PAUSED)
    if now.progress is None or now.progress.phase != "files":
        return Transfer(icon, title, _TO_HQ, share, BarState.WAITING, amount, _WAIT_LOG)
    if now.stalled_s:
        state = quiet_words(now.stalled_s)
    elif told.left_s is None:
        state = _ESTIMATING
    else:
        state = left_words(told.left_s)
    return Transfer(icon, title, _TO_HQ, share, BarState.RUNNING if under_way else BarState.WAITING, amount, state)


def quiet_words(seconds: float) -> Bilingual:
    """Return for how long nothing has come or gone: no estimate stands beside it."""
    long = int(seconds)
    if long >= 120:
        return Bilingual(f"{long // 60} 分钟没有数据", f"no data for {long // 60} min")
    return Bilingual(f"{long} 秒没有数据", f"no data for {long} s")


LOG = "log"
_KINDS = {
    "papers": ("paper", Bilingual("凭证和签字件", "Vouchers, consents")),
    "thumbnails": ("scan", Bilingual("缩略图", "Thumbnails")),
    "photos": ("camera", Bilingual("照片与附件", "Photos, files")),
}
_ESTIMATING = Bilingual("正在估算", "estimating")


def _log(now: SyncNow, safety: SafetyCounts, link: LinkState) -> Transfer:
    waiting = safety.disk + safety.custody
    done, total = 0, waiting
    if now.running and now.progress is not None and now.progress.events_total:
        done, total = now.progress.events_done, now.progress.events_total
    title = Bilingual(f"日志与凭证・{total:,} 条", f"Log and vouchers, {total:,}") if total else _LOG
    amount = Bilingual(f"{done:,} / {total:,} 条", f"{done:,} of {total:,}") if total else Bilingual("—", "—")
    share = done / total if total else 0.0
    if total and done >= total:
        return Transfer("peers", title, _TO_HQ, 1.0, BarState.DONE, amount, _DONE, good=True)
    if not total:
        # Before the greeting it is not known whether headquarters has everything; afterwards it is.
        return Transfer("peers", title, _TO_HQ, 0.0, BarState.WAITING, amount, _NOTHING)
    state, bar = _wait(now, link), BarState.WAITING
    if now.running and not now.paused and now.progress is not None and now.progress.phase == "log":
        left = next((each.left_s for each in now.progress.transfers if each.kind == LOG), None)
        state, bar = Bilingual("发送中", "sending"), BarState.RUNNING
        if now.stalled_s:
            state = quiet_words(now.stalled_s)
        elif left:
            state = left_words(left)
    return Transfer("peers", title, _TO_HQ, share, BarState.PAUSED if now.paused else bar, amount, state)


def _files(now: SyncNow, safety: SafetyCounts, link: LinkState) -> Transfer:
    count, total, done = safety.attachments_waiting, safety.attachment_bytes_waiting, 0
    if now.running and now.progress is not None and now.progress.bytes_total:
        done, total = now.progress.bytes_done, now.progress.bytes_total
    title = Bilingual(f"照片与文件・{count:,} 个", f"Photos and files, {count:,}") if count else _FILES
    amount = Bilingual(bytes_text(done, total), bytes_text(done, total)) if total else Bilingual("—", "—")
    share = done / total if total else 0.0
    if total and done >= total:
        # The last chunk has left; only headquarters' word makes it arrived.
        state = _DONE if not now.running or not count else Bilingual("等总部确认", "waits for HQ's word")
        return Transfer("hq", title, _TO_HQ, 1.0, BarState.DONE, amount, state, good=state is _DONE)
    if not total and not count:
        return Transfer("hq", title, _TO_HQ, 0.0, BarState.WAITING, amount, _NOTHING)
    if now.money_only:
        return Transfer("hq", title, _TO_HQ, share, BarState.PAUSED, amount, _LATER)
    state, bar = _wait(now, link), BarState.WAITING
    if now.running and not now.paused and now.progress is not None:
        phase = now.progress.phase
        if phase == "files":
            state, bar = _pace(now), BarState.RUNNING
        elif phase in _ORDER:
            state = _WAIT_LOG
    return Transfer("hq", title, _TO_HQ, share, BarState.PAUSED if now.paused else bar, amount, state)


def _releases(now: SyncNow, link: LinkState) -> Transfer:
    amount = Bilingual("—", "—")
    if now.running and now.progress is not None and not now.paused and now.progress.phase == "releases":
        state = Bilingual("下载、核实中", "fetching, verifying")
        return Transfer("save", _RELEASES, _FROM_HQ, 0.0, BarState.RUNNING, amount, state)
    if now.money_only:
        return Transfer("save", _RELEASES, _FROM_HQ, 0.0, BarState.PAUSED, amount, _LATER)
    if now.running:
        state = _wait(now, link) if now.progress is None or now.progress.phase not in _ORDER else _WAIT_REST
        return Transfer("save", _RELEASES, _FROM_HQ, 0.0, BarState.WAITING, amount, state)
    if now.report is not None and now.problem is None:
        newest = Bilingual("已是最新", "up to date")
        return Transfer("save", _RELEASES, _FROM_HQ, 1.0, BarState.DONE, amount, newest, good=True)
    return Transfer("save", _RELEASES, _FROM_HQ, 0.0, BarState.WAITING, amount, _wait(now, link))


_LOG = Bilingual("日志与凭证", "Log and vouchers")
_FILES = Bilingual("照片与文件", "Photos and files")
_RELEASES = Bilingual("规则与保单数据", "Rules and policies")
_TO_HQ = Bilingual("到 总部", "to headquarters")
_FROM_HQ = Bilingual("从 总部", "from headquarters")


def _wait(now: SyncNow, link: LinkState) -> Bilingual:
    if now.paused:
        return _PAUSED
    if now.running:
        if now.progress is None or now.progress.phase in ("greeting", "idle"):
            return Bilingual("正在联系总部", "calling HQ")
        return _WAIT_LINK if now.progress.phase == "waiting" else _WAIT_LOG
    return _WAIT_LINK if link is LinkState.OFFLINE else _WAIT_SYNC


def _pace(now: SyncNow) -> Bilingual:
    if now.stalled_s:
        return quiet_words(now.stalled_s)
    if now.left_s is None:
        return _ESTIMATING
    return left_words(now.left_s)


def strip_words(now: SyncNow) -> tuple[StripState, Bilingual, Bilingual, float]:
    """Return state, what is being done, how it ends or waits, and the share of everything that can be counted."""
    if not now.running:
        return _ended(now)
    share = _share(now)
    if now.stopping:
        return StripState.WAITING, _STOPPING, _AFTER_REQUEST, share
    if now.paused:
        return StripState.PAUSED, Bilingual("同步已暂停", "Sync paused"), _KEPT, share
    progress = now.progress
    if progress is not None and progress.phase == "waiting":
        return (
            StripState.WAITING,
            Bilingual("等链路，自动再试", "Waits for the line, tries again"),
            _again(progress.retry_in_s),
            share,
        )
    what = _PHASES.get(progress.phase if progress is not None else "greeting", _PHASES["greeting"])
    left = Bilingual("", "")
    if progress is not None and progress.phase == "files":
        left = _pace(now)
    return StripState.RUNNING, what, left, share


_PHASES = {
    "greeting": Bilingual("正在联系总部", "Calling headquarters"),
    "idle": Bilingual("正在联系总部", "Calling headquarters"),
    "log": Bilingual("正在发日志与凭证", "Sending log and vouchers"),
    "answers": Bilingual("正在收总部的答复", "Fetching headquarters' answers"),
    "releases": Bilingual("正在下载规则与保单数据", "Fetching rules and policies"),
    "files": Bilingual("正在发照片与文件", "Sending photos and files"),
    "finished": Bilingual("正在收尾", "Finishing"),
}
_STOPPING = Bilingual("正在停止", "Stopping")
_AFTER_REQUEST = Bilingual("等手头这一步结束", "after the step under way")
_KEPT = Bilingual("资料都在本机，随时可继续", "everything is safe here; go on at any time")


def _again(retry_in_s: float | None) -> Bilingual:
    if retry_in_s is None:
        return Bilingual("", "")
    wait = _about(retry_in_s)
    return Bilingual(f"{wait.zh}后再试", f"again in {wait.en}")


def next_try_words(next_try_s: float) -> Bilingual:
    """Return when it tries by itself again."""
    wait = _about(next_try_s)
    return Bilingual(f"下次自动重试 {wait.zh}后", f"next try in {wait.en}")


def _about(seconds: float) -> Bilingual:
    if seconds < 10:
        return Bilingual("几秒", "a few s")
    if seconds < 90:
        tens = -(-int(seconds) // 10) * 10
        return Bilingual(f"约 {tens} 秒", f"about {tens} s")
    long = span(seconds / 60 + 0.5)
    return Bilingual(f"约 {long.zh}", f"about {long.en}")


def _share(now: SyncNow) -> float:
    """Events and file bytes together, events first: a quarter of the bar, so that photos don't hide the money."""
    progress = now.progress
    if progress is None:
        return 0.0
    events = (
        progress.events_done / progress.events_total
        if progress.events_total
        else float(progress.phase not in ("greeting", "idle", "waiting"))
    )
    if now.money_only or not progress.bytes_total:
        return events
    return 0.25 * events + 0.75 * (progress.bytes_done / progress.bytes_total)


def _ended(now: SyncNow) -> tuple[StripState, Bilingual, Bilingual, float]:
    at = "" if now.ended_at is None else f"{clock_text(now.ended_at)} "
    if now.stopped:
        return StripState.STOPPED, Bilingual(f"{at}同步已停止", f"{at}Sync stopped"), _NEXT_TIME, _share(now)
    if now.problem is not None:
        # A line that is down is neutral; red is for what a person must mend.
        state = StripState.STOPPED if now.problem.retryable else StripState.FAILED
        return state, Bilingual(f"{at}同步没有完成", f"{at}Sync not finished"), _NOTHING_LOST, _share(now)
    report = now.report
    if report is None:
        return StripState.DONE, Bilingual("还没有同步过", "Not synced yet"), Bilingual("", ""), 0.0
    said = [Bilingual(f"发出 {report.events_sent:,} 条", f"{report.events_sent:,} sent")] if report.events_sent else []
    if report.chunk_bytes:
        size = bytes_text(report.chunk_bytes)
        said.append(Bilingual(f"文件 {size}", f"files {size}"))
    if report.statements_received:
        count = report.statements_received
        said.append(Bilingual(f"收到 {count:,} 条答复", f"{count:,} answers"))
    if not said:
        said.append(Bilingual("没有新的要发", "nothing new to send"))
    if report.carried:
        count = report.carried
        said.append(Bilingual(f"替同事交 {count:,} 份", f"{count:,} carried for colleagues"))
    if report.budget_spent and report.files_left:
        size = bytes_text(report.bytes_left)
        said.append(
            Bilingual(
                f"流量用完，还有 {report.files_left:,} 个文件（{size}）",
                f"data budget used up, {report.files_left:,} files ({size}) left",
            )
        )
    if report.rejected:
        said.append(Bilingual(f"{report.rejected:,} 条总部未受理", f"{report.rejected:,} not taken by HQ"))
    words = Bilingual("，".join(each.zh for each in said), ", ".join(each.en for each in said))
    return StripState.DONE, Bilingual(f"{at}同步完成", f"{at}Sync finished"), words, 1.0


_NEXT_TIME = Bilingual("没送完的下次接着送", "the rest goes next time")
_NOTHING_LOST = Bilingual("资料都在本机，什么也没丢", "everything is safe here, nothing was lost")


@dataclass(frozen=True)
class Mark:
    """One acknowledgement in a row: icon, words, colour token."""

    icon: str
    words: Bilingual
    colour: str


def disk_mark(receipt: CaseReceipt, at: datetime) -> Mark:
    """Return when the newest record of a case reached this disk."""
    return Mark("check", _short(receipt.disk_at, at), "accent")


def custody_mark(receipt: CaseReceipt, at: datetime) -> Mark:
    """Return whether somebody else holds the case as well."""
    if receipt.custody_at is not None:
        return Mark("check", _short(receipt.custody_at, at), "accent")
    if receipt.ack is Acknowledgement.CUSTODY:
        return Mark("check", Bilingual("已托管", "held"), "accent")
    if receipt.ack is Acknowledgement.HQ:
        return Mark("", Bilingual("不需要", "not needed"), "text3")
    return Mark("", Bilingual("没有", "none"), "text3")


def hq_mark(receipt: CaseReceipt, at: datetime, link: LinkState, *, running: bool) -> Mark:
    """Return headquarters' word on a case. What a person must look at comes before every tick."""
    if receipt.settlement == HOLD:
        return Mark("refused", Bilingual("待人工", "held"), "red")
    if receipt.replay is not None and needs_a_person(receipt.replay, receipt.settlement):
        return Mark("refused", Bilingual("未受理", "not taken"), "red")
    if receipt.ack is Acknowledgement.HQ:
        words = Bilingual("已签收", "receipted") if receipt.hq_at is None else _short(receipt.hq_at, at)
        if receipt.settlement == SETTLED:
            words = Bilingual(f"{words.zh} 已结", f"{words.en} settled")
        return Mark("check", words, "accent")
    if running:
        return Mark("clock", Bilingual("发送中", "sending"), "text2")
    if link is LinkState.OFFLINE:
        return Mark("clock", Bilingual("等链路", "no line"), "text2")
    return Mark("clock", Bilingual("等同步", "waits"), "text2")


def _short(at: datetime, now: datetime) -> Bilingual:
    """Return an instant for a narrow column: ``09:31``, ``昨 17:02``, ``11-20 17:02``."""
    day, today = at.astimezone(BEIJING), now.astimezone(BEIJING)
    time = day.strftime("%H:%M")
    if day.date() == today.date():
        return Bilingual(time, time)
    dated = day.strftime("%m-%d ") if day.year == today.year else day.strftime("%Y-%m-%d ")
    yesterday = (today.date() - day.date()).days == 1
    return Bilingual(f"昨 {time}" if yesterday else dated + time, dated + time)
