"""The Sign step: what is signed, in full; who gets the money; who signs; and refusing, which is a path too.

Promise: what is on the screen is what gets signed: the newest results, each by its hash. Ink is never kept anywhere but in the signed
log; what was typed is a draft until then. Where nothing can be promised nobody signs a sum, and the screen says what happens instead.

Source: design.md "One claim, one direction" (4); docs/adr/0104.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from claims.errors import OutpostError
from claims.overviews import CaseStanding, CaseStep, StepState
from claims.trusted_time import beijing_date
from rules.bilingual import Bilingual
from views.controls.buttons import ActionButton
from views.controls.chips import Chip, Tone
from views.controls.labels import Text
from views.controls.message import Message
from views.controls.panel import Panel
from views.controls.scroll_area import bare_scroll
from views.controls.turning_box import turn_box
from views.screens.case.draft_keeper import DraftKeeper
from views.screens.case.payee_forms import PayeeForms
from views.screens.case.payees import (
    SigningDraft,
    draft_id,
    encode_draft,
    to_sign,
)
from views.screens.case.signed_amount import SignedAmount
from views.screens.case.signers import Signers
from views.screens.case.signing_jobs import SigningLoaded, read_signing, record_signatures
from views.screens.case.signing_state import (
    all_signed,
    any_refused,
    claimant_names,
    other_results,
    standing_vouchers,
    why_nothing_to_sign,
    words_on,
)
from views.screens.case.step_panel import NextAction, StepPanel
from views.sentences import together
from views.time_words import when
from views.workplace import Workplace

TITLE = Bilingual("签字", "Sign")
_WHAT = Bilingual("签的是什么", "What is signed")
_PAYEE = Bilingual("领款人", "Payee")
_WHO = Bilingual("谁来签", "Who signs")
MEANING = Bilingual(
    "签字表示认可以上金额，同意按此预核并付到所填账户。由总部核定后付款；如有差异，由专人联系，凭证不会自行作废。",
    "By signing, the claimant accepts this sum, to be paid to the account given once headquarters has settled it. If anything differs a person gets in touch; the voucher never lapses by itself.",
)
_RECORD = Bilingual("记下签字", "Record")
_RECORD_REFUSAL = Bilingual("登记拒签", "Record the refusal")
_TO_VOUCHER = Bilingual("去出凭证", "To the voucher")
_TO_SLIP = Bilingual("去出签收单", "To the slip")
_TO_BENEFIT = Bilingual("去理算", "To the benefit")
_AGAIN = Bilingual("重新签", "Sign again")
_BUSY = Bilingual("正在存盘…", "Saving…")
_LACKS = Bilingual("还差：", "Still needed: ")
_LACKS_PAYEE = Bilingual("领款人", "the payee")
_NOT_YET = Bilingual("还不能记下签字", "The signatures can't be recorded yet")
_NOTHING = Bilingual("本案没有要签的金额", "There is no sum to sign")
_LOCKED = Bilingual("还不能签字", "Nothing can be signed yet")
_REFUSED = Bilingual("申请人已拒签", "The claimant refused to sign")
_REFUSED_NEXT = Bilingual(
    "不出给付凭证，改出资料签收单，案件由总部继续办理。改变主意时可以重新签。",
    "No voucher is issued; give an acceptance slip and headquarters goes on with the case. Who changes their mind can sign again.",
)
_AND = Bilingual("、", ", ")
_NARROW = 700


class SignPanel(StepPanel):
    """The panel of the Sign step."""

    step = CaseStep.SIGN

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(work, parent)
        ui = work.ui
        self._standing: CaseStanding | None = None
        self._shown_key: tuple[object, ...] = ()
        self._loaded: SigningLoaded | None = None
        self._busy = False
        self._again = False
        self._keeper = DraftKeeper(work, self._draft, self)

        self._title = Text(ui, TITLE, size="title")
        self._state = Chip(ui, "", tone=Tone.GOOD, icon="pass")
        self._sign_again = ActionButton(ui, _AGAIN)
        self._sign_again.clicked.connect(lambda _checked: self._begin_again())
        self._notice = Message(ui, "", "", tone=Tone.AMBER, closable=False)
        self._what = Panel(ui, _WHAT, dense=True)
        self._amounts: list[SignedAmount] = []
        self._others = Text(ui, "", wrap=True, colour="text2")
        self._meaning = Text(ui, MEANING, wrap=True, size="caption", colour="text2")
        self._payee_panel = Panel(ui, _PAYEE, dense=True)
        self.payees = PayeeForms(ui)
        self._who = Panel(ui, _WHO, dense=True)
        identity = work.desk.identity
        self.signers = Signers(ui, f"{identity.adjuster_name} {identity.adjuster}")
        self._build()
        self.payees.edited.connect(self._on_payees)
        self.signers.edited.connect(self._on_edited)
        self._show_parts()
        self.tell()

    def _build(self) -> None:
        self._payee_panel.body.addWidget(self.payees)
        self._payee_panel.body.addStretch(1)
        self._who.body.addWidget(self.signers)
        self._outer = QVBoxLayout(self)
        self._head = QHBoxLayout()
        self._strut = QWidget()
        self._head.addWidget(self._title)
        self._head.addWidget(self._state, 0, Qt.AlignmentFlag.AlignVCenter)
        self._head.addStretch(1)
        self._head.addWidget(self._strut)
        self._head.addWidget(self._sign_again)
        self._outer.addLayout(self._head)
        self._outer.addWidget(self._notice)
        inside = QWidget()
        self._scroll = bare_scroll(inside, self, sideways=True)
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, inside)
        self._column = QVBoxLayout()
        self._column.addWidget(self._what)
        self._column.addWidget(self._payee_panel)
        self._column.addStretch(1)
        self._right = QVBoxLayout()
        self._right.addWidget(self._who)
        self._right.addStretch(1)
        self._sides.addLayout(self._column, 1)
        self._sides.addLayout(self._right, 1)
        self._outer.addWidget(self._scroll, 1)
        self._what.body.addWidget(self._others)
        self._what.body.addWidget(self._meaning)
        self._what.body.addStretch(1)

    # The contract of a step

    def show_standing(self, standing: CaseStanding) -> None:
        """Show a case; what was typed stays as long as the results to sign are the same."""
        self._standing = standing
        desk = self.work.desk

        def loaded(found: SigningLoaded) -> None:
            if standing is self._standing:
                self._show(standing, found)

        self.work.tasks.run(lambda: read_signing(desk, standing), loaded, owner=self)

    def next_action(self) -> NextAction | None:
        """Record what was signed, or go where this step leads."""
        standing = self._standing
        if standing is None or self._loaded is None:
            return None
        if self._busy:
            return NextAction(self._record_words(), self._record, allowed=False, why_not=_BUSY)
        if _locked(standing):
            return NextAction(_TO_BENEFIT, lambda: self.go_to.emit(CaseStep.BENEFIT))
        records = to_sign(standing)
        if not records or self._refused():
            return NextAction(_TO_SLIP, lambda: self.go_to.emit(CaseStep.VOUCHER))
        if self._signed():
            return NextAction(_TO_VOUCHER, self._on_to_voucher)
        lacks = self.signers.lacking()
        return NextAction(self._record_words(), self._record, note=_still_needed(lacks) if lacks else None)

    def first_focus(self) -> QWidget:
        """The first thing to do: an empty field of a payee, else the consent; the panel itself where nothing is left."""
        empty = self.payees.first_empty() if self._payee_panel.isVisibleTo(self) else None
        if empty is not None:
            return empty
        return self.signers.consent if self.signers.consent.isVisibleTo(self) else self

    def leave(self) -> None:
        """Keep what was typed."""
        self._keeper.keep()

    # What is shown

    def _show(self, standing: CaseStanding, loaded: SigningLoaded) -> None:
        self._loaded = loaded
        records = to_sign(standing)
        key = (
            standing.case.case_no,
            tuple(each.decision_sha256 for each in records),
            len(standing.signatures),
            tuple(each.number for each in standing_vouchers(standing)),
        )
        if key != self._shown_key:
            self._shown_key = key
            self._again = False
            self._keeper.begin(encode_draft(loaded.draft))
            self._fill(standing, loaded)
        self._show_parts()
        self.next_changed.emit()
        if self.hasFocus():
            # The page gave the panel the keyboard before anything was there to have it.
            self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self, standing: CaseStanding, loaded: SigningLoaded) -> None:
        ui, case = self.work.ui, standing.case
        while len(self._amounts) < len(loaded.amounts):
            block = SignedAmount(ui)
            self._what.body.insertWidget(len(self._amounts), block)
            self._amounts.append(block)
        for place, block in enumerate(self._amounts):
            block.setVisible(place < len(loaded.amounts))
        for place, (block, shown) in enumerate(zip(self._amounts, loaded.amounts, strict=False)):
            block.show_amount(shown, ruled=place > 0)
        self._others.say(other_results(standing))
        vouchers = standing_vouchers(standing)
        if vouchers:
            self.payees.show_issued(vouchers)
        else:
            self.payees.show_groups(case.claim_type, loaded.groups, loaded.draft, beijing_date(standing.at.at))
        if self._signed() or self._refused():
            self.signers.show_signed(words_on(standing, to_sign(standing)[0]))
        else:
            self._begin()

    def _begin(self) -> None:
        standing, loaded = self._standing, self._loaded
        if standing is not None and loaded is not None:
            names = claimant_names(standing, loaded.typed())
            kept = loaded.draft.names
            claimants = tuple(kept.get(f"claimant{place}") or name for place, name in enumerate(names))
            self.signers.begin(claimants, kept.get("witness", ""), kept.get("reason", ""))

    def _begin_again(self) -> None:
        self._again = True
        self._begin()
        self._show_parts()
        self.next_changed.emit()
        self.signers.consent.setFocus()

    def _show_parts(self) -> None:
        """Show the parts that belong to how the case stands."""
        standing = self._standing
        ready = standing is not None and self._loaded is not None
        locked = standing is not None and _locked(standing)
        records = () if standing is None else to_sign(standing)
        signing = ready and not locked and bool(records)
        for part in (self._what, self._who):
            part.setVisible(signing)
        refusing = self.signers.refused or self._refused()
        self._payee_panel.setVisible(signing and not refusing)
        on_record = self._signed() or self._refused()
        self._sign_again.setVisible(signing and on_record and standing is not None and not standing_vouchers(standing))
        self._others.setVisible(bool(self._others.full_text))
        self._show_state(standing, signing=signing)
        if not ready or standing is None:
            self._notice.hide()
        elif locked:
            self._notice.say(_LOCKED, standing.step(CaseStep.SIGN).why or Bilingual("", ""))
            self._notice.show()
        elif not records:
            self._notice.say(_NOTHING, why_nothing_to_sign(standing))
            self._notice.show()
        elif self._refused():
            self._notice.say(_REFUSED, _REFUSED_NEXT)
            self._notice.show()
        else:
            self._notice.hide()

    def _show_state(self, standing: CaseStanding | None, *, signing: bool) -> None:
        signed = signing and self._signed()
        self._state.setVisible(signed)
        if signed and standing is not None:
            step = standing.step(CaseStep.SIGN)
            self._state.say(step.line if step.state is StepState.DONE else when(standing.at.at, standing.at.at))

    # Typing

    def _on_payees(self) -> None:
        standing, loaded = self._standing, self._loaded
        if standing is not None and loaded is not None:
            live = replace(loaded, draft=SigningDraft(payees=self.payees.raw()))
            self.signers.rename(claimant_names(standing, live.typed()))
        self._on_edited()

    def _on_edited(self) -> None:
        self._keeper.keep_soon()
        # Who refuses is promised nothing, so nobody is asked where it should go.
        self._payee_panel.setVisible(self._who.isVisibleTo(self) and not self.signers.refused)
        if self._notice.isVisibleTo(self) and not self.signers.lacking():
            self._show_parts()
        self.next_changed.emit()

    def _draft(self) -> tuple[str, bytes] | None:
        standing = self._standing
        if standing is None or self._loaded is None or not self.payees.blocks:
            return None
        draft = SigningDraft(payees=self.payees.raw(), names=self.signers.names)
        return draft_id(standing.case.case_no), encode_draft(draft)

    # Recording

    def _record_words(self) -> Bilingual:
        return _RECORD_REFUSAL if self.signers.refused else _RECORD

    def _record(self) -> None:
        standing = self._standing
        if standing is None or self._busy:
            return
        lacks = self.signers.lacking()
        payees_right = self.signers.refused or self.payees.right(beijing_date(standing.at.at))
        if lacks or not payees_right:
            words = [*([] if payees_right else [_LACKS_PAYEE]), *lacks]
            self._notice.say(_NOT_YET, together(_still_needed(words)))
            self._notice.show()
            if payees_right or not self.payees.focus_problem():
                self.signers.focus_lacking()
            return
        self._busy = True
        self._notice.hide()
        self._keeper.keep()
        self.next_changed.emit()
        desk, case_no = self.work.desk, standing.case.case_no
        policies = tuple(each.policy_no for each in to_sign(standing))
        signatures = self.signers.signatures()

        def done(_none: None) -> None:
            self._busy = self._again = False
            self.wrote.emit()
            self.go_to.emit(CaseStep.VOUCHER)

        self.work.tasks.run(
            lambda: record_signatures(desk, case_no, policies, signatures),
            done,
            owner=self,
            failed=self._failed,
            writes=True,
        )

    def _failed(self, error: OutpostError) -> None:
        self._busy = False
        self.work.problems.show_error(error, retry=self._record)
        self.next_changed.emit()

    def _on_to_voucher(self) -> None:
        standing = self._standing
        if standing is None:
            return
        if self.payees.blocks and not self.payees.right(beijing_date(standing.at.at)):
            self.payees.focus_problem()
            return
        self._keeper.keep()
        self.go_to.emit(CaseStep.VOUCHER)

    # How the case stands

    def _signed(self) -> bool:
        """Say whether all is signed on record, and nobody began to sign it again."""
        return self._standing is not None and not self._again and all_signed(self._standing)

    def _refused(self) -> bool:
        """Say whether a refusal is on record, and nobody began to sign after all."""
        return self._standing is not None and not self._again and any_refused(self._standing)

    # Qt

    def tell(self) -> None:
        """Measure again."""
        look = self.work.ui.look
        gap = look.space("gap_case_panels")
        page, top = look.space("page"), look.space("page_top_case")
        self._outer.setContentsMargins(page, top, page, top)
        self._outer.setSpacing(gap)
        self._head.setSpacing(look.space("m"))
        self._strut.setFixedSize(0, look.height("control"))
        self._sides.setContentsMargins(0, 0, 0, 0)
        self._sides.setSpacing(gap)
        self._column.setSpacing(gap)
        self._what.body.setSpacing(look.space("s"))
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Two columns where there is room."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        turn_box(self._sides, narrow=self.width() < self.work.ui.look.px(_NARROW))


def _locked(standing: CaseStanding) -> bool:
    return standing.step(CaseStep.SIGN).state is StepState.LOCKED


def _still_needed(lacks: Sequence[Bilingual]) -> Bilingual:
    return Bilingual(
        _LACKS.zh + _AND.zh.join(each.zh for each in lacks), _LACKS.en + _AND.en.join(each.en for each in lacks)
    )
