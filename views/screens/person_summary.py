"""The selected person beside the list: who, what is in force, what this laptop may promise, what was claimed before.

Promise: it never scrolls; what does not fit is counted. The next action stands at its foot. Where the window is narrow the same
is a strip below the list.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.overviews import EarlierClaim, PersonRow, PolicyStanding
from claims.reference import ExtractPerson
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.labels import Money, Text, money_text
from views.controls.panel import Rule
from views.controls.reading_order import read_in_order
from views.controls.side_rows import SideRow, SideRows
from views.presentation import Presentation, Told
from views.screens.people_rows import ASK_HQ, NO_CLAIMS, earlier, has_cover, id_tail, own_policies, sex_and_age
from views.sentences import capital

NEW_CLAIM = Bilingual("新建理赔", "New claim")
CHECK_FIRST = Bilingual("先核对证件，再开案", "Check the ID, then open the case")
PICK_ONE = Bilingual(
    "选一个人，这里显示保障、额度和以往理赔。", "Choose a person to see cover, allowance and earlier claims here."
)
_NOBODY = Bilingual("没有选中的人", "Nobody is selected")
_NO_COVER = Bilingual("没有有效保障", "No cover in force")
_AMOUNTS = ((3, 2), (2, 2), (2, 1), (1, 1), (1, 0))
"""How many policies and earlier claims are shown, the first pair that fits; the rest is counted."""


class PersonSummary(QWidget, Told):
    """The column at the right. ``open_case`` leads to a case on this laptop, ``new_claim`` to a report of this person."""

    def __init__(
        self,
        ui: Presentation,
        new_claim: Callable[[], None],
        open_case: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._open_case = ui, open_case
        self._row: PersonRow | None = None
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._about = QWidget()
        about = QVBoxLayout(self._about)
        about.setSpacing(0)
        line = QHBoxLayout()
        line.setSpacing(ui.look.space("s"))
        self._name = Text(ui, size="heading", bold=True)
        self._sex = Text(ui, colour="text2")
        line.addWidget(self._name)
        line.addWidget(self._sex)
        line.addStretch(1)
        about.addLayout(line)
        self._id = Text(ui, size="caption", colour="text2")
        self._phone = Text(ui, size="caption", colour="text2")
        about.addWidget(self._id)
        about.addWidget(self._phone)
        self._pick = Text(ui, PICK_ONE, colour="text2", wrap=True)
        self._cover = _Section(ui, Bilingual("有效保障", "Cover in force"))
        self._covers = [_Cover(ui) for _ in range(3)]
        self._more = Text(ui, size="caption", colour="text2")
        for each in (*self._covers, self._more):
            self._cover.body.addWidget(each)
        self._allowance = _Section(ui, Bilingual("本机额度", "Allowance on this laptop"))
        self._figure = Text(ui, size="figure", colour="accent")
        self._no_figure = Text(ui, size="key_value")
        self._figure_note = Text(ui, size="caption", colour="text2", wrap=True)
        self._allowance.body.addWidget(self._figure)
        self._allowance.body.addWidget(self._no_figure)
        self._allowance.body.addWidget(self._figure_note)
        self._earlier = _Section(ui, Bilingual("以往理赔", "Earlier claims"), padded=False)
        self.claims = SideRows(ui, NO_CLAIMS)
        self._earlier.body.addWidget(self.claims)
        self._note = Text(ui, CHECK_FIRST, size="caption", colour="text2")
        self.button = ActionButton(
            ui, NEW_CLAIM, role=ButtonRole.PRIMARY, key="Return", tall=True, arrow=True, shortcut=False
        )
        self.button.clicked.connect(lambda _on: new_claim())
        for each in (self._about, self._pick, self._cover, self._allowance, self._earlier):
            self._column.addWidget(each)
        self._column.addStretch(1)
        self._foot = QWidget()
        foot = QVBoxLayout(self._foot)
        foot.setSpacing(ui.look.space("s"))
        foot.addWidget(self._note)
        foot.addWidget(self.button)
        self._column.addWidget(self._foot)
        self.tell()

    def show_person(self, row: PersonRow | None) -> None:
        """Show a person; None: nobody is selected."""
        self._row = row
        there = row is not None
        for each in (self._about, self._cover, self._allowance, self._earlier, self._note):
            each.setVisible(there)
        self._pick.setVisible(not there)
        self.button.allow(there, _NOBODY)
        if row is None:
            return
        self._name.say(row.hit.person.name)
        self._sex.say(_sex_and_years(row))
        self._id.say(id_words(row.hit.person))
        phone = row.hit.person.phone[-4:]
        self._phone.say(Bilingual(f"电话 尾号 {phone}", f"Phone ends {phone}") if phone else "")
        self._show_allowance(row)
        self._fit(row)

    def tell(self) -> None:
        """Take the measures again."""
        look = self._ui.look
        self.setFixedWidth(look.width("summary"))
        self.setAccessibleName(self._ui.say(Bilingual("选中的人", "The selected person")))
        pad = look.space("panel")
        self._column.setContentsMargins(look.line(), 0, 0, 0)
        self._pick.setContentsMargins(pad, look.space("l"), pad, 0)
        for holder in (self._about, self._foot):
            layout = holder.layout()
            if layout is not None:
                layout.setContentsMargins(pad, look.space("m"), pad, look.space("m"))
        self.show_person(self._row)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show as many policies and claims as there is room for."""
        super().resizeEvent(event)
        if self._row is not None:
            self._fit(self._row)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Takes the height there is: what does not fit is counted, the window never grows for it."""
        return QSize(self._ui.look.width("summary"), 0)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the ground and the line at the left."""
        look = self._ui.look
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.qcolor("sunken"))
        painter.fillRect(0, 0, look.line(), self.height(), look.qcolor("line"))

    def _fit(self, row: PersonRow) -> None:
        for policies, claims in _AMOUNTS:
            self._show_cover(row, policies)
            self._show_claims(row, claims)
            for section in (self._cover, self._allowance, self._earlier):
                section.measure_again()
            self._column.invalidate()
            if self._column.totalHeightForWidth(self.width()) <= self.height():
                return

    def _show_claims(self, row: PersonRow, most: int) -> None:
        claims = [self._claim(each) for each in row.earlier[:most]]
        rest = len(row.earlier) - len(claims)
        if rest > 0:
            words = Bilingual(f"另有 {rest} 件", f"{rest} more") if most else Bilingual(f"{rest} 件", f"{rest} claims")
            claims.append(SideRow("cases", words, Bilingual("", "")))
        self.claims.show_rows(claims)
        read_in_order(self)

    def _show_cover(self, row: PersonRow, most: int) -> None:
        found = [each for each in own_policies(row) if each.in_force]
        for place, cover in enumerate(self._covers):
            cover.setVisible(place < min(most, len(found)))
            if place < min(most, len(found)):
                cover.show_policy(found[place])
        rest = len(found) - most
        if not found:
            self._more.say(_NO_COVER)
        elif rest > 0:
            self._more.say(Bilingual(f"另有 {rest} 份有效保单", f"{rest} more in force"))
        self._more.setVisible(not found or rest > 0)

    def _show_allowance(self, row: PersonRow) -> None:
        known = row.allowance_fen is not None
        self._figure.setVisible(known)
        self._no_figure.setVisible(not known)
        if row.allowance_fen is not None:
            self._figure.say(money_text(row.allowance_fen))
            note = Bilingual("本机最多可承诺，以理算为准", "The most this laptop may promise; the rules decide")
        elif has_cover(row):
            self._no_figure.say(ASK_HQ)
            note = Bilingual("照样可以收件、理算。", "Papers and calculation go on all the same.")
        else:
            self._no_figure.say(Bilingual("没有额度", "None"))
            note = Bilingual("没有本人的有效保障。", "No own cover is in force.")
        self._figure_note.say(note)

    def _claim(self, claim: EarlierClaim) -> SideRow:
        case_no = claim.case_no
        return SideRow(
            "cases" if case_no else "pass",
            claim.on.isoformat(),
            Bilingual("", ""),
            "" if claim.amount_fen is None else money_text(claim.amount_fen),
            (capital(claim.line),),
            bold_right=False,
            open=None if case_no is None else lambda: self._open_case(case_no),
        )


class PersonStrip(QWidget, Told):
    """The same in one line below the list, for a narrow window."""

    def __init__(self, ui: Presentation, new_claim: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._row: PersonRow | None = None
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(ui.look.space("l"))
        self._who, self._who_below = Text(ui, bold=True), Text(ui, size="caption", colour="text2")
        self._cover, self._cover_below = Text(ui), Text(ui, size="caption", colour="text2")
        self._money = Money(ui, size="key_value", colour="accent")
        self._money_below = Text(ui, size="caption", colour="text2")
        for stretch, pair in (
            (3, (self._who, self._who_below)),
            (3, (self._cover, self._cover_below)),
            (0, (self._money, self._money_below)),
        ):
            column = QVBoxLayout()
            column.setSpacing(0)
            for each in pair:
                column.addWidget(each)
            line.addLayout(column, stretch)
        self.button = ActionButton(
            ui, NEW_CLAIM, role=ButtonRole.PRIMARY, key="Return", tall=True, arrow=True, shortcut=False
        )
        self.button.clicked.connect(lambda _on: new_claim())
        line.addWidget(self.button)
        self.tell()

    def show_person(self, row: PersonRow | None) -> None:
        """Show a person; None: nobody is selected."""
        self._row = row
        self.button.allow(row is not None, _NOBODY)
        for each in (self._cover, self._cover_below, self._money, self._money_below):
            each.setVisible(row is not None)
        if row is None:
            self._who.say(_NOBODY)
            self._who_below.say(PICK_ONE)
            return
        sex = sex_and_age(row)
        name = row.hit.person.name
        self._who.say(Bilingual(f"{name}  {sex.zh}", f"{name}  {sex.en}"))
        self._who_below.say(id_words(row.hit.person))
        found = [each for each in own_policies(row) if each.in_force]
        more = f" +{len(found) - 1}" if len(found) > 1 else ""
        product = found[0].policy.product_name if found else _NO_COVER
        self._cover.say(Bilingual(product.zh + more, product.en + more))
        claims = earlier(row.earlier)
        self._cover_below.say(Bilingual(f"以往：{claims.zh}", f"Earlier: {claims.en}"))
        self._money.show_fen(row.allowance_fen)
        asks = row.allowance_fen is None and has_cover(row)
        self._money_below.say(ASK_HQ if asks else Bilingual("本机额度", "Allowance here"))

    def tell(self) -> None:
        """The labels tell themselves."""
        self.setAccessibleName(self._ui.say(Bilingual("选中的人", "The selected person")))
        self.show_person(self._row)


class _Section(QWidget, Told):
    """A line, a small heading, and what is below it."""

    def __init__(self, ui: Presentation, title: Bilingual, *, padded: bool = True) -> None:
        super().__init__()
        self._ui, self._padded = ui, padded
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Rule(ui))
        self._title = Text(ui, title, size="caption", colour="text2")
        self._inner = QVBoxLayout()
        self._inner.setSpacing(0)
        self._inner.addWidget(self._title)
        self.body = QVBoxLayout()
        self.body.setSpacing(ui.look.space("xs"))
        self._inner.addLayout(self.body)
        column.addLayout(self._inner)
        self.tell()

    def tell(self) -> None:
        """Take the measures again."""
        look = self._ui.look
        pad = look.space("panel")
        side = pad if self._padded else 0
        self._inner.setContentsMargins(side, look.space("m"), side, look.space("m") if self._padded else 0)
        self._title.setContentsMargins(0 if self._padded else pad, 0, 0, 0)

    def measure_again(self) -> None:
        """Forget the heights of what was shown before: Qt does so only at its next turn."""
        _forget(self.layout())
        self.updateGeometry()


def _forget(layout: QLayout | None) -> None:
    if layout is None:
        return
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is None:
            continue
        widget = item.widget()
        _forget(item.layout() if widget is None else widget.layout())
        if widget is not None:
            widget.updateGeometry()
    layout.invalidate()


class _Cover(QWidget):
    """One policy in force: its name and main sum, below them its term and the other sums."""

    def __init__(self, ui: Presentation) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        line = QHBoxLayout()
        line.setSpacing(ui.look.space("s"))
        # A long name goes on below; the sum stands beside its first line.
        self._name = Text(ui, wrap=True)
        self._sum = Money(ui)
        line.addWidget(self._name, 1)
        line.addWidget(self._sum, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(line)
        self._line = Text(ui, size="caption", colour="text2", wrap=True)
        column.addWidget(self._line)

    def show_policy(self, standing: PolicyStanding) -> None:
        self._name.say(standing.policy.product_name)
        main = standing.sums[0] if standing.sums else None
        self._sum.setVisible(main is not None)
        if main is not None:
            self._sum.show_fen(main[1])
        others = standing.sums[1:2]
        self._line.say(
            Bilingual(
                "，".join([standing.line.zh, *(f"{name.zh} {money_text(fen)}" for name, fen in others)]),
                ", ".join([capital(standing.line).en, *(f"{name.en} {money_text(fen)}" for name, fen in others)]),
            )
        )


def id_words(person: ExtractPerson) -> Bilingual:
    """Return what of an ID number is shown: region, birthday and the last four digits."""
    region = person.id_number[:6] if len(person.id_number) == 18 else ""
    birth = f"{person.birth_date:%Y%m%d}"
    head = f"{region} {birth}".strip()
    return Bilingual(f"证件 {head} 尾号 {id_tail(person)}", f"ID {head} ends {id_tail(person)}")


def _sex_and_years(row: PersonRow) -> Bilingual:
    sex = {"male": Bilingual("男", "male"), "female": Bilingual("女", "female")}.get(row.hit.person.sex)
    if sex is None:
        return Bilingual(f"{row.age} 岁", f"{row.age} years")
    return Bilingual(f"{sex.zh}·{row.age} 岁", f"{sex.en}, {row.age}")
