"""What stands above the work as long as it is true: a disk that may promise nothing, a stopped laptop, a clock that is not believed, rules
that have expired, numbers that have run out, and what headquarters tells everybody.

Promise: a standing message goes only with its cause, except headquarters' words, which a person puts away. The gravest stands first;
more than two are behind one button, so that the work keeps its room.

Source: design.md "Time", "Distribution"; docs/adr/0100.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.numbering import LOW_WATER
from claims.overviews import ReleaseAge, Standing
from claims.trusted_time import beijing_text
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.chips import Tone
from views.controls.message import Message
from views.presentation import Presentation, Told

_SHOWN = 2


@dataclass(frozen=True)
class Notice:
    """One standing message. ``closable``: a person may put it away."""

    tone: Tone
    title: Bilingual
    text: Bilingual
    closable: bool = False


def notices_of(standing: Standing) -> tuple[Notice, ...]:
    """Return what must be said about a standing, the gravest first."""
    found = [
        *_disk(standing),
        *_stopped(standing),
        *_rules(standing.rules, unreadable=bool(standing.problems)),
        *_numbers(standing),
        *_clock(standing),
        *(Notice(Tone.RED, each, _READ_AGAIN) for each in standing.problems),
        *_policies(standing.policies, unreadable=bool(standing.problems)),
        *(Notice(Tone.AMBER, _FROM_HQ, each, closable=True) for each in standing.notices),
    ]
    return tuple(sorted(found, key=lambda each: each.tone is not Tone.RED))


_READ_AGAIN = Bilingual(
    "案件资料不受影响。同步一次，会重新下载。", "The cases are unharmed. Sync once; it is fetched again."
)
_FROM_HQ = Bilingual("总部通知", "From headquarters")


def _disk(standing: Standing) -> list[Notice]:
    if standing.disk_fault is None:
        return []
    title = Bilingual("这块硬盘不能再承诺给付。", "This disk must promise nothing more.")
    return [Notice(Tone.RED, title, standing.disk_fault)]


def _stopped(standing: Standing) -> list[Notice]:
    if not standing.stopped:
        return []
    return [
        Notice(
            Tone.RED,
            Bilingual("总部已停用这台电脑。", "Headquarters has stopped this laptop."),
            Bilingual(
                "不能再签发凭证；已有的资料请保留，不要重装。请联系总部。",
                "No more vouchers can be issued. Keep the data, don't reinstall, and call headquarters.",
            ),
        )
    ]


def _clock(standing: Standing) -> list[Notice]:
    at = beijing_text(standing.at.at)
    if not standing.at.believed:
        return [
            Notice(
                Tone.AMBER,
                Bilingual(
                    "电脑时钟比总部签过的时间还早，不可信。", "The clock is behind a time that headquarters has signed."
                ),
                Bilingual(
                    f"暂按 {at} 记录。请把系统日期和时间调准。",
                    f"{at} is used instead. Set the system's date and time.",
                ),
            )
        ]
    if standing.at.suspect_ahead:
        return [
            Notice(
                Tone.AMBER,
                Bilingual(
                    f"电脑时钟（{at}）比总部最近签过的时间晚一年多。",
                    f"The clock ({at}) is over a year past headquarters' last signed time.",
                ),
                Bilingual(
                    "若日期不对，请调准；若对，请尽快同步。", "Set it if it is wrong; if it is right, sync soon."
                ),
            )
        ]
    return []


def _rules(rules: ReleaseAge | None, *, unreadable: bool) -> list[Notice]:
    if rules is None:
        if unreadable:
            return []
        return [
            Notice(
                Tone.RED,
                Bilingual("这台电脑上没有规则包。", "There is no rule pack on this laptop."),
                Bilingual(
                    "可以报案、收材料、开签收单，不能理算。请同步一次。",
                    "Take in reports and papers and give acceptance slips; no benefit can be worked out. Sync once.",
                ),
            )
        ]
    if not rules.expired:
        return []
    return [
        Notice(
            Tone.RED,
            Bilingual(
                f"规则包已过期（{rules.days} 天前制作）。", f"The rule pack has expired (made {rules.days} days ago)."
            ),
            Bilingual(
                "可以报案、收材料、开签收单，不能预核。请同步更新。",
                "Take in reports and papers and give acceptance slips; nothing is pre-approved. Sync to update.",
            ),
        )
    ]


def _policies(policies: ReleaseAge | None, *, unreadable: bool) -> list[Notice]:
    if policies is None:
        if unreadable:
            return []
        return [
            Notice(
                Tone.AMBER,
                Bilingual("这台电脑上没有保单数据。", "There is no policy data on this laptop."),
                Bilingual("照常手工登记来人。请同步一次。", "Take people in by hand all the same. Sync once."),
            )
        ]
    if not policies.expired:
        return []
    return [
        Notice(
            Tone.AMBER,
            Bilingual(
                f"保单数据已过期（{policies.days} 天前制作）。",
                f"The policy data has expired (made {policies.days} days ago).",
            ),
            Bilingual("查到的保单可能已经变了。请同步更新。", "What is found may have changed since. Sync to update."),
        )
    ]


def _numbers(standing: Standing) -> list[Notice]:
    kinds = (
        ("case", standing.case_numbers_left, Bilingual("报案号", "case numbers")),
        ("voucher", standing.numbers_left, Bilingual("凭证号", "voucher numbers")),
        ("slip", standing.slip_numbers_left, Bilingual("签收单号", "slip numbers")),
        ("document", standing.document_numbers_left, Bilingual("文书号", "document numbers")),
    )
    more = Bilingual("同步后总部会再发一段。", "Sync: headquarters grants another block.")
    found = []
    for kind, left, name in kinds:
        if left is None:
            continue
        if left == 0:
            found.append(Notice(Tone.RED, Bilingual(f"{name.zh}用完了。", f"No {name.en} are left."), more))
        elif left <= max(LOW_WATER, standing.busiest_day.get(kind, 0)):
            found.append(
                Notice(Tone.AMBER, Bilingual(f"{name.zh}只剩 {left} 个。", f"Only {left} {name.en} left."), more)
            )
    return found


class Notices(QWidget, Told):
    """The messages."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._all: tuple[Notice, ...] = ()
        self._put_away: set[str] = set()
        self._open = False
        self._messages: list[Message] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.more = ActionButton(ui, Bilingual("", ""), role=ButtonRole.QUIET)
        self.more.clicked.connect(lambda _checked: self._turn())
        self._column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.more.hide()
        self.hide()
        self.tell()

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is shown, in order."""
        return tuple(each.words for each in self._messages)

    def show_standing(self, standing: Standing) -> None:
        """Show what must be said; nothing moves when it is the same as before."""
        found = notices_of(standing)
        if found != self._all:
            self._all = found
            self._build()

    def tell(self) -> None:
        """Take measures again; the messages tell themselves."""
        self._column.setSpacing(self._ui.look.space("s"))

    def _turn(self) -> None:
        self._open = not self._open
        self._build()

    def _build(self) -> None:
        for message in self._messages:
            self._column.removeWidget(message)
            message.hide()
            message.deleteLater()
        wanted = [each for each in self._all if each.text.zh not in self._put_away]
        shown = wanted if self._open else wanted[:_SHOWN]
        self._messages = [self._message(each) for each in shown]
        for place, message in enumerate(self._messages):
            self._column.insertWidget(place, message)
        self._say_more(len(wanted) - _SHOWN)
        self.setVisible(bool(wanted))

    def _say_more(self, others: int) -> None:
        self.more.setVisible(others > 0)
        if others > 0:
            word = Bilingual("收起", "Show fewer") if self._open else Bilingual(f"还有 {others} 条", f"{others} more")
            self.more.say(word)

    def _message(self, notice: Notice) -> Message:
        message = Message(self._ui, notice.title, notice.text, tone=notice.tone, closable=notice.closable)
        message.closed.connect(lambda: self._close(notice))
        return message

    def _close(self, notice: Notice) -> None:
        self._put_away.add(notice.text.zh)
        self._build()
