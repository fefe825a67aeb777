"""How a person looks in the list of people: name, birthday and last four digits, cover, allowance, earlier claims.

Promise: what tells namesakes apart (birthday without the year, last four digits) is bold; no full ID number is ever drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QWidget

from claims.errors import Bilingual
from claims.overviews import EarlierClaim, PersonRow, PolicyStanding
from claims.reference import ExtractPerson
from views.controls.chips import Tone, chip_width, paint_chip
from views.controls.columns import Column, Columns, words_width
from views.controls.labels import money_text
from views.controls.row_list import RowPainter
from views.presentation import Presentation
from views.sentences import capital

ROLES = {
    "insured": Bilingual("被保险人", "insured"),
    "policyholder": Bilingual("投保人", "policyholder"),
    "beneficiary": Bilingual("受益人", "beneficiary"),
}
SEXES = {"male": Bilingual("男", "M"), "female": Bilingual("女", "F")}
NO_OWN_POLICY = Bilingual("无本人保单", "No own policy")
ASK_HQ = Bilingual("需向总部申请", "Ask headquarters")
NO_CLAIMS = Bilingual("无", "None")
TAIL = Bilingual("尾号", "ID ends")
_CITIZEN_ID = 18
_LAST = 4


def people_columns(ui: Presentation) -> Columns:
    """Return the columns of a wide list."""
    return Columns(
        ui,
        (
            _name_column(),
            _birth_column(),
            Column("cover", Bilingual("有效保障", "Cover in force"), lambda ui: ui.look.px(210), grow=3, least=120),
            _allowance_column(),
            Column("gap", Bilingual("", ""), lambda ui: ui.look.space("l")),
            Column(
                "earlier",
                Bilingual("以往理赔", "Earlier claims"),
                lambda ui: words_width(
                    ui, [Bilingual("2026-11 已付 104,894.85", "2026-11 paid 104,894.85")], size="caption"
                ),
                grow=1,
                least=96,
            ),
        ),
    )


def narrow_people_columns(ui: Presentation) -> Columns:
    """Return the columns of a narrow list: earlier claims stand under the allowance."""
    return Columns(
        ui,
        (
            _name_column(),
            _birth_column(),
            Column("cover", Bilingual("有效保障", "Cover in force"), lambda ui: ui.look.px(180), grow=3, least=96),
            Column(
                "money",
                Bilingual("本机额度、以往（元）", "Allowance, claims (¥)"),
                lambda ui: words_width(
                    ui,
                    [
                        Bilingual("本机额度、以往（元）", "Allowance, claims (¥)"),
                        Bilingual("2026-11 已付 104,894.85", "2026-11 paid 104,894.85"),
                    ],
                    size="caption",
                ),
                right=True,
            ),
        ),
    )


class PersonPainter(RowPainter):
    """Paints a ``PersonRow``."""

    def __init__(self, ui: Presentation, columns: Columns, parent: QWidget | None = None) -> None:
        super().__init__(ui, "person_row", parent)
        self.columns = columns

    def paint_row(self, painter: QPainter, rect: QRect, row: object, *, selected: bool) -> None:  # noqa: ARG002 - the frame shows the selection
        """Draw a person."""
        if not isinstance(row, PersonRow):
            return
        look = self.ui.look
        pad, half = look.px(8), rect.height() // 2
        for key in self.columns.spans(rect.width()):
            box = self.columns.box(key, rect)
            upper = QRect(box.x(), box.y() + pad, box.width(), half - pad)
            lower = QRect(box.x(), box.y() + half, box.width(), half - pad)
            if key == "name":
                self._name(painter, upper, row)
                self.words(
                    painter, _cut(lower, look.space("s")), self.ui.say(roles(row)), size="caption", colour="text2"
                )
            elif key == "birth":
                self._birth(painter, upper, row.hit.person)
                self.words(
                    painter,
                    _cut(lower, look.space("s")),
                    self.ui.say(where(row.hit.person)),
                    size="caption",
                    colour="text2",
                )
            elif key == "cover":
                self._cover(painter, box, row)
            elif key == "allowance":
                self._allowance(painter, box, row)
            elif key == "earlier":
                self.words(painter, box, self.ui.say(earlier(row.earlier)), size="caption")
            elif key == "money":
                self._allowance(painter, upper, row)
                said = self.ui.say(earlier(row.earlier))
                if QFontMetrics(self.ui.look.font("caption")).horizontalAdvance(said) > lower.width():
                    # A sum is said whole or not at all.
                    said = self.ui.say(how_many(row.earlier))
                self.words(painter, lower, said, size="caption", colour="text2", right=True)

    def _name(self, painter: QPainter, rect: QRect, row: PersonRow) -> None:
        look = self.ui.look
        about = self.ui.say(sex_and_age(row))
        about_width = QFontMetrics(look.font("body")).horizontalAdvance(about)
        room = rect.width() - about_width - look.space("m") - look.space("s")
        drawn = self.words(
            painter,
            QRect(rect.x(), rect.y(), max(0, room), rect.height()),
            row.hit.person.name,
            size="key_value",
            bold=True,
        )
        x = rect.x() + drawn + look.space("m")
        self.words(painter, QRect(x, rect.y(), about_width + 2, rect.height()), about, colour="text2")

    def _birth(self, painter: QPainter, rect: QRect, person: ExtractPerson) -> None:
        x = rect.x()
        for text, bold in identity_pieces(self.ui, person):
            x += self.words(painter, QRect(x, rect.y(), max(0, rect.right() - x), rect.height()), text, bold=bold)

    def _cover(self, painter: QPainter, rect: QRect, row: PersonRow) -> None:
        look = self.ui.look
        gap, height = look.space("xs"), look.height("chip")
        room = rect.width() - look.space("s")
        chips = cover_chips(self.ui, row)
        x = rect.x()
        for place, (text, tone) in enumerate(chips):
            icon = "pass" if tone is Tone.GOOD else None
            rest = len(chips) - place - 1
            more = f"+{rest}" if rest else ""
            more_width = chip_width(look, more, None) + gap if more else 0
            left = room - (x - rect.x())
            width = chip_width(look, text, icon)
            # One that must be cut is cut, but never below a few letters: then it counts among the others.
            if width + more_width > left and place:
                self._chip(painter, rect, x, f"+{rest + 1}", None, Tone.PLAIN, left)
                return
            width = min(width, left - more_width)
            self._chip(painter, rect, x, text, icon, tone, width)
            x += width + gap
            if x + height > rect.x() + room and rest:
                return

    def _chip(self, painter: QPainter, rect: QRect, x: int, text: str, icon: str | None, tone: Tone, room: int) -> None:
        look = self.ui.look
        height = look.height("chip")
        width = min(chip_width(look, text, icon), room)
        paint_chip(painter, look, QRect(x, rect.y() + (rect.height() - height) // 2, width, height), text, icon, tone)

    def _allowance(self, painter: QPainter, rect: QRect, row: PersonRow) -> None:
        if row.allowance_fen is not None:
            self.words(painter, rect, money_text(row.allowance_fen), right=True)
        elif has_cover(row):
            self.words(painter, rect, self.ui.say(ASK_HQ), size="caption", colour="text2", right=True)
        else:
            self.words(painter, rect, "—", colour="text2", right=True)


def sex_and_age(row: PersonRow) -> Bilingual:
    """Return ``男 42``."""
    sex = SEXES.get(row.hit.person.sex, Bilingual("", ""))
    return Bilingual(f"{sex.zh} {row.age}".strip(), f"{sex.en} {row.age}".strip())


def roles(row: PersonRow) -> Bilingual:
    """Return what the person is in the policies here: ``被保险人、投保人``."""
    known = [ROLES[role] for role in row.hit.roles if role in ROLES]
    if not known:
        return Bilingual("没有保单", "No policy")
    return capital(Bilingual("、".join(each.zh for each in known), ", ".join(each.en for each in known)))


def id_tail(person: ExtractPerson) -> str:
    """Return the last four characters of the ID number."""
    return person.id_number[-_LAST:]


def identity_pieces(ui: Presentation, person: ExtractPerson) -> Sequence[tuple[str, bool]]:
    """Return birthday and last four digits, and which part is bold: ``1984-`` **07-02**　尾号 **3317**."""
    birth = person.birth_date.isoformat()
    return (
        (birth[:5], False),
        (birth[5:], True),
        (f"   {ui.say(TAIL)} ", False),
        (id_tail(person), True),
    )


def where(person: ExtractPerson) -> Bilingual:
    """Return the region of a citizen's ID number and the end of the phone number."""
    region = person.id_number[:6] if len(person.id_number) == _CITIZEN_ID else ""
    phone = person.phone[-_LAST:]
    said_zh = [each for each in (region, f"电话尾号 {phone}" if phone else "") if each]
    said_en = [each for each in (region, f"phone ends {phone}" if phone else "") if each]
    return Bilingual("，".join(said_zh), ", ".join(said_en))


def own_policies(row: PersonRow) -> Sequence[PolicyStanding]:
    """Return the policies in which this person is the insured, those in force first."""
    return [each for each in row.policies if each.policy.insured_id == row.hit.person.person_id]


def has_cover(row: PersonRow) -> bool:
    """Say whether the person is insured in a policy that is in force."""
    return any(each.in_force for each in own_policies(row))


def cover_chips(ui: Presentation, row: PersonRow) -> Sequence[tuple[str, Tone]]:
    """Return a chip a policy of the person's own."""
    chips = [
        (ui.say(each.policy.product_name), Tone.GOOD)
        if each.in_force
        else (f"{ui.say(each.policy.product_name)} {ui.say(each.line)}", Tone.PLAIN)
        for each in own_policies(row)
    ]
    return chips or [(ui.say(NO_OWN_POLICY), Tone.PLAIN)]


def earlier(claims: Sequence[EarlierClaim]) -> Bilingual:
    """Return earlier claims in a line: ``无``, ``2025-03 已付 4,894.85``, ``2 件 共 12,000.00``."""
    if not claims:
        return NO_CLAIMS
    if len(claims) == 1:
        one = claims[0]
        money = "" if one.amount_fen is None else f" {money_text(one.amount_fen)}"
        what = Bilingual("已付", "paid") if one.case_no is None else Bilingual("本机案件", "case here")
        return Bilingual(f"{one.on:%Y-%m} {what.zh}{money}", f"{one.on:%Y-%m} {what.en}{money}")
    sums = [each.amount_fen for each in claims]
    if None in sums:
        return Bilingual(f"{len(claims)} 件", f"{len(claims)} claims")
    total = money_text(sum(each or 0 for each in sums))
    return Bilingual(f"{len(claims)} 件 共 {total}", f"{len(claims)} claims, {total}")


def how_many(claims: Sequence[EarlierClaim]) -> Bilingual:
    """Return how many earlier claims there are, for where there is no room for more."""
    count = len(claims)
    return Bilingual(f"{count} 件", f"{count} claim" if count == 1 else f"{count} claims")


def say_person(ui: Presentation, row: PersonRow) -> str:
    """Return what a screen reader says of a person."""
    person = row.hit.person
    allowance = (
        Bilingual("本机没有额度", "no allowance here")
        if row.allowance_fen is None
        else Bilingual(f"本机额度 {money_text(row.allowance_fen)}", f"allowance here {money_text(row.allowance_fen)}")
    )
    claims = earlier(row.earlier)
    words = [
        person.name,
        ui.say(sex_and_age(row)),
        person.birth_date.isoformat(),
        f"{ui.say(TAIL)} {id_tail(person)}",
        ui.say(roles(row)),
        *(text for text, _ in cover_chips(ui, row)),
        ui.say(allowance),
        ui.say(Bilingual(f"以往理赔 {claims.zh}", f"earlier claims {claims.en}")),
    ]
    return ui.say(Bilingual("，", ", ")).join(words)


def _cut(rect: QRect, gap: int) -> QRect:
    return QRect(rect.x(), rect.y(), max(0, rect.width() - gap), rect.height())


def _name_column() -> Column:
    return Column("name", Bilingual("姓名", "Name"), lambda ui: ui.look.px(148), grow=1, least=120)


def _birth_column() -> Column:
    def width(ui: Presentation) -> int:
        tail = ui.say(TAIL)
        upper = words_width(ui, [f"0000-00-00   {tail} 0000"], bold=True)
        lower = words_width(ui, [Bilingual("990101，电话尾号 0000", "990101, phone ends 0000")], size="caption")
        return max(upper, lower) + ui.look.space("l")

    return Column("birth", Bilingual("出生、证件尾号、地区", "Born, ID ending, region"), width)


def _allowance_column() -> Column:
    title = Bilingual("本机额度（元）", "Allowance (¥)")
    return Column(
        "allowance",
        title,
        lambda ui: max(words_width(ui, [title, ASK_HQ], size="caption"), words_width(ui, [money_text(99_999_999)])),
        right=True,
    )
