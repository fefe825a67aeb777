"""The left of the door: which station this is, and how old everything on it is, before anybody has typed a thing.

Promise: only what may be known without unlocking; what is not known says so instead of showing a zero.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import elided, paint_icon
from views.entrance import EntranceFacts
from views.look.tokens import Theme
from views.presentation import Presentation, Told
from views.time_words import age_days, ago, clock_text, day_text, long_day, when

_UNKNOWN = Bilingual("还没有", "none yet")
_NOTHING = Bilingual("", "")


class Aside(QWidget, Told):
    """Painted in one go: it is part of the first picture of the program."""

    def __init__(self, ui: Presentation, facts: EntranceFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._facts = facts
        self._rows: tuple[tuple[str, Bilingual, Bilingual, Bilingual], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.tell()

    def show_facts(self, facts: EntranceFacts) -> None:
        """Show what is known now."""
        self._facts = facts
        self.tell()

    def tell(self) -> None:
        """Find the words again."""
        self._rows = _rows(self._facts)
        say = self._ui.say
        spoken = [say(self._title()), say(self._subtitle())]
        spoken += [f"{say(name)} {say(value)} {say(more)}" for _, name, value, more in self._rows]
        self.setAccessibleName(", ".join(each for each in spoken if each.strip()))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """520 wide at every type size up to a third of a small screen."""
        return QSize(min(520, self._ui.look.px(520)), self._ui.look.px(700))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the mark, the station and the rows."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), look.qcolor("rail"))
        strong = "rail_text" if look.theme is Theme.SUNLIGHT else "rail_on"
        left, right = look.px(48), self.width() - look.px(48)
        y = look.px(52)
        paint_icon(painter, look, "mark", strong, 40, left, y + look.px(17))
        x = left + look.px(52)
        x += self._line(painter, QRect(x, y, right - x, look.px(34)), "Outpost", "title", strong) + look.px(12)
        self._line(
            painter, QRect(x, y + look.px(3), right - x, look.px(34)), self._ui.say(_PRODUCT), "body", "rail_text"
        )
        y = look.px(148)
        self._line(painter, QRect(left, y, right - left, look.px(40)), self._ui.say(self._title()), "figure", strong)
        y += look.px(44)
        self._line(
            painter, QRect(left, y, right - left, look.px(24)), self._ui.say(self._subtitle()), "body", "rail_text"
        )
        y = look.px(256)
        bottom = self.height() - look.px(76)
        for icon, name, value, more in self._rows:
            if y + look.px(64) > bottom:
                break
            self._row(
                painter,
                QRect(left, y, right - left, look.px(64)),
                (icon, self._ui.say(name), self._ui.say(value), self._ui.say(more)),
                strong,
            )
            y += look.px(64)
        foot = QRect(left, self.height() - look.px(72), right - left, look.px(40))
        painter.setFont(look.font("caption"))
        painter.setPen(look.qcolor("rail_text"))
        painter.drawText(foot, Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap, self._ui.say(self._foot()))
        if look.theme is Theme.SUNLIGHT:
            painter.fillRect(self.width() - look.line(), 0, look.line(), self.height(), look.qcolor("line"))

    def _row(self, painter: QPainter, rect: QRect, row: tuple[str, str, str, str], strong: str) -> None:
        look = self._ui.look
        icon, name, value, more = row
        painter.fillRect(rect.x(), rect.y(), rect.width(), 1, look.qcolor("rail_active"))
        paint_icon(painter, look, icon, "rail_text", 24, rect.x(), rect.center().y() + 1)
        x = rect.x() + look.px(40)
        width = QFontMetrics(look.font("body")).horizontalAdvance(more)
        self._line(
            painter,
            QRect(x, rect.y() + look.px(11), rect.right() - x - width - look.px(8), look.px(20)),
            name,
            "caption",
            "rail_text",
        )
        self._line(
            painter,
            QRect(x, rect.y() + look.px(30), rect.right() - x - width - look.px(8), look.px(26)),
            value,
            "key_value",
            strong,
            bold=False,
        )
        self._line(
            painter,
            QRect(rect.right() - width, rect.y() + look.px(20), width + 2, look.px(24)),
            more,
            "body",
            "rail_text",
        )

    def _line(
        self, painter: QPainter, rect: QRect, text: str, size: str, colour: str, *, bold: bool | None = None
    ) -> int:
        painter.setFont(self._ui.look.font(size, bold=bold))
        painter.setPen(self._ui.look.qcolor(colour))
        metrics = QFontMetrics(painter.font())
        shown = elided(metrics, text, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, shown)
        return metrics.horizontalAdvance(shown)

    def _title(self) -> Bilingual:
        name = self._facts.station_name
        return Bilingual(name, name) if name else Bilingual("还未登记", "Not enrolled yet")

    def _subtitle(self) -> Bilingual:
        station = self._facts.station
        if not station:
            return Bilingual("这台电脑还不属于任何服务站", "This laptop belongs to no station yet")
        return Bilingual(f"服务站 {station}", f"Station {station}")

    def _foot(self) -> Bilingual:
        version = self._facts.version
        if not self._facts.clock_believed:
            return Bilingual(
                f"版本 {version}　电脑时钟比总部签名的时间早，请先校准",
                f"Version {version}, the clock is behind headquarters' signed time: set it first",
            )
        if self._facts.last_contact_at is None:
            return Bilingual(f"版本 {version}", f"Version {version}")
        return Bilingual(
            f"版本 {version}　本机时间与签名时间相符", f"Version {version}, the clock agrees with the signed time"
        )


_PRODUCT = Bilingual("现场理赔", "Field claims")


def _rows(facts: EntranceFacts) -> tuple[tuple[str, Bilingual, Bilingual, Bilingual], ...]:
    now = facts.now
    time = clock_text(now)
    rows = [("clock", Bilingual("今天", "Today"), long_day(now), Bilingual(time, time))]
    if not facts.enrolled:
        return tuple(rows)
    contact = facts.last_contact_at
    rows.append(
        (
            "offline" if contact is None or (now - contact).total_seconds() > 3600 else "online",
            Bilingual("上次联系总部", "Last word with headquarters"),
            _UNKNOWN if contact is None else when(contact, now),
            _NOTHING if contact is None else ago(contact, now),
        )
    )
    made = facts.rules_made_at
    rows.append(
        (
            "benefit",
            Bilingual("规则包", "Rules"),
            _UNKNOWN if made is None else Bilingual(day_text(made), day_text(made)),
            _NOTHING if made is None else age_days(made, now),
        )
    )
    policies = facts.policies_made_at
    rows.append(
        (
            "people",
            Bilingual("保单资料", "Policies"),
            _UNKNOWN
            if policies is None
            else Bilingual(
                f"{facts.persons:,} 人，{day_text(policies)}", f"{facts.persons:,} people, {day_text(policies)}"
            ),
            _NOTHING if policies is None else age_days(policies, now),
        )
    )
    rows.append(
        (
            "disk",
            Bilingual("只在本机", "Only on this laptop"),
            Bilingual(f"{facts.disk_only} 条记录", f"{facts.disk_only} records"),
            Bilingual("未托管", "not in custody") if facts.disk_only else Bilingual("都已送达", "all delivered"),
        )
    )
    return tuple(rows)
