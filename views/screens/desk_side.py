"""The desk's right column: what must be finished, which clocks run out next, what came back, who still brings papers.

Promise: each row leads to where it is dealt with; an empty panel says in words what would be here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.events import PaperKind
from claims.overviews import CaseRow, CaseStep, SentBack, Today
from claims.records import CaseRecord, PaperRecord
from claims.time_limits import CaseClock
from views.case_words import paper_name
from views.clock_words import left, length, limit_words, missing_words, tone
from views.controls.chips import Tone
from views.controls.labels import money_text
from views.controls.panel import Panel
from views.controls.side_rows import SideRow, SideRows
from views.presentation import Presentation, Told
from views.workplace import Beside, Navigator, PagePart, Place

REPORT_DRAFT = "report:"
"""What the ids of unfinished reports begin with."""

_MOST = 6
_CLOCKS = 4
_SHORT_ZH, _SHORT_EN = 10, 24


@dataclass(frozen=True)
class ReportDraft:
    """An unfinished report: its id, and whom it is about as far as that was typed."""

    draft_id: str
    name: str


def report_drafts(drafts: Sequence[tuple[str, bytes]]) -> tuple[ReportDraft, ...]:
    """Return the unfinished reports among the drafts; one that can't be read is there without a name."""
    found = []
    for draft_id, content in drafts:
        if draft_id.startswith(REPORT_DRAFT):
            try:
                fields = msgspec.json.decode(content, type=dict[str, object])
            except msgspec.DecodeError:
                fields = {}
            found.append(ReportDraft(draft_id, str(fields.get("insured.name", "")).strip()))
    return tuple(found)


class _SidePanel(Panel):
    def __init__(self, ui: Presentation, title: Bilingual, empty: Bilingual) -> None:
        super().__init__(ui, title, padded=False, dense=True)
        self.rows = SideRows(ui, empty)
        self.body.addWidget(self.rows)


class DeskSide(QWidget, Told):
    """The panels, one below the other."""

    def __init__(self, ui: Presentation, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._navigator = ui, navigator
        self.finish = _SidePanel(ui, Bilingual("待收尾", "To finish"), Bilingual("", ""))
        self.clocks = _SidePanel(
            ui,
            Bilingual("即将到时", "Next to run out"),
            Bilingual("没有正在走的时限。", "No clock is running."),
        )
        self.waiting = _SidePanel(
            ui,
            Bilingual("等待材料", "Waiting for papers"),
            Bilingual("没有缺材料的案件。", "No case lacks a paper."),
        )
        self.sent_back = _SidePanel(
            ui,
            Bilingual("总部退回", "Sent back by HQ"),
            Bilingual("总部没有退回的。", "Headquarters sent nothing back."),
        )
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for panel in self.panels:
            self._column.addWidget(panel)
        self._column.addStretch(1)
        self.finish.hide()
        self.tell()

    @property
    def panels(self) -> tuple[_SidePanel, ...]:
        """The panels in reading order."""
        return (self.finish, self.clocks, self.sent_back, self.waiting)

    @property
    def buttons(self) -> tuple[QAbstractButton, ...]:
        """The rows' controls in reading order."""
        return tuple(panel.rows.button(n) for panel in self.panels for n in range(len(panel.rows.rows)))

    def tell(self) -> None:
        """Take the measures again."""
        self._column.setSpacing(self._ui.look.space("gap_panels"))

    def show_today(self, today: Today) -> None:
        """Show a day."""
        now = today.at.at
        self.clocks.rows.show_rows([self._clock(case, clock, now) for case, clock in today.clocks[:_CLOCKS]])
        rows = [self._waiting(row, now) for row in today.waiting_papers]
        more = today.waiting_count - len(rows)
        if more > 0:
            rows.append(self._more(more))
        self.waiting.rows.show_rows(rows)
        self.waiting.note(str(today.waiting_count) if rows else "")
        self.sent_back.note(str(len(today.sent_back)) if today.sent_back else "")
        back = [self._sent_back(each) for each in today.sent_back[:_MOST]]
        if len(today.sent_back) > _MOST:
            back.append(self._more(len(today.sent_back) - _MOST))
        self.sent_back.rows.show_rows(back)

    def show_unfinished(self, papers: Sequence[PaperRecord], drafts: Sequence[ReportDraft]) -> None:
        """Show what a power cut or an interruption left; the panel is there only when there is something."""
        rows = [self._unfinished(paper) for paper in papers if not paper.blank]
        rows += [
            SideRow(
                "report",
                draft.name or Bilingual("未填姓名", "No name yet"),
                Bilingual("报案未完成", "report not finished"),
                Bilingual("继续", "Go on"),
                open=lambda draft=draft: self._navigator.new_claim(None, draft.draft_id),  # type: ignore[misc] # the default binds the loop's value
            )
            for draft in drafts
        ]
        self.finish.rows.show_rows(rows[:_MOST])
        self.finish.note(str(len(rows)))
        self.finish.setVisible(bool(rows))

    def _unfinished(self, paper: PaperRecord) -> SideRow:
        if paper.kind is PaperKind.DOCUMENT:
            # It is drawn when it is printed: nobody has it yet.
            lead = self._opens(paper.case_no, Beside.DOCUMENTS) if paper.case_no else self._to_papers
            number = Bilingual(f"{paper.number} 未打印", f"{paper.number} not printed")
            return SideRow("print", paper_name(paper), number, Bilingual("去完成", "Finish"), open=lead)
        return SideRow(
            "print",
            paper.payee.name if paper.payee else paper.number,
            Bilingual(f"{paper.number} 未出票面", f"{paper.number} not drawn")
            if paper.payee
            else Bilingual("未出票面", "not drawn yet"),
            Bilingual("去完成", "Finish"),
            open=self._opens(paper.case_no, CaseStep.VOUCHER),
        )

    def _to_papers(self) -> None:
        self._navigator.show_place(Place.PAPER)

    def _clock(self, case: CaseRecord, clock: CaseClock, now: datetime) -> SideRow:
        how = tone(clock, now, self._ui.look.tokens.clock["soon_fraction"])
        return SideRow(
            "warn" if how is Tone.RED else "clock",
            case.insured.name,
            limit_words(clock.limit),
            left(clock, now),
            tone=how,
            filled=how is not Tone.PLAIN,
            open=self._opens(case.case_no, None),
        )

    def _waiting(self, row: CaseRow, now: datetime) -> SideRow:
        since = length((now - row.case.opened_at).total_seconds())
        return SideRow(
            "paper",
            row.case.insured.name,
            missing_words(row.missing),
            since,
            bold_right=False,
            open=self._opens(row.case.case_no, CaseStep.PAPERS),
        )

    def _sent_back(self, each: SentBack) -> SideRow:
        short = len(each.reason.zh) <= _SHORT_ZH and len(each.reason.en) <= _SHORT_EN
        return SideRow(
            "refused",
            each.case.insured.name,
            each.reason if short else Bilingual("要有人处理", "needs a person"),
            "" if each.amount_fen is None else money_text(each.amount_fen),
            (
                *(() if short else (each.reason,)),
                Bilingual(f"{each.next_step.zh}（{each.owner}）", f"{each.next_step.en} ({each.owner})"),
            ),
            tone=Tone.RED,
            open=self._opens(each.case.case_no, None),
        )

    def _more(self, count: int) -> SideRow:
        return SideRow(
            "cases",
            Bilingual(f"另有 {count} 件", f"{count} more"),
            Bilingual("在“案件”里", "in Cases"),
            open=lambda: self._navigator.show_place(Place.CASES),
        )

    def _opens(self, case_no: str, step: PagePart | None) -> Callable[[], None]:
        return lambda: self._navigator.open_case(case_no, step)
