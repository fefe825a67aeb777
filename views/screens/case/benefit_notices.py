"""What the benefit step says above the figures: what can't be calculated and why, what must be filled in, what no longer fits.

Promise: every notice has its cause with the values found and what to do; it stays as long as it is true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtWidgets import QWidget

from claims.errors import Bilingual, OutpostError
from claims.explanation import NotApplied
from claims.form_fields import FieldProblem
from claims.overviews import CaseStanding, CaseStep, StepState
from views.controls.chips import Tone
from views.controls.message import Message
from views.controls.panel import Panel
from views.presentation import Presentation
from views.screens.case.benefit_job import Benefits
from views.screens.case.benefit_side import ReasonRows

RECALCULATE = Bilingual("重新理算", "Calculate again")
TO_PAPERS = Bilingual("去填写", "Fill in")
TO_MEND = Bilingual("要填写或更正的内容", "To fill in or correct")
NOT_HERE = Bilingual("这里还不能理算", "This can't be calculated here yet")
_NO_WORDS = Bilingual("", "")

Run = Callable[[], None]


def benefit_notices(
    ui: Presentation,
    standing: CaseStanding,
    benefits: Benefits,
    failed: Mapping[str, OutpostError],
    *,
    to_papers: Run,
    again: Run,
) -> list[QWidget]:
    """Return the notices that are true now, what hinders most first.

    Args:
        failed: by policy number, what kept a policy from being decided.
        to_papers: leads to where facts are typed.
        again: calculates once more.
    """
    found: list[QWidget] = []
    step = standing.step(CaseStep.BENEFIT)
    if benefits.pack_error is not None:
        found.append(_message(ui, benefits.pack_error.cause, benefits.pack_error.next_step, tone=Tone.AMBER))
    elif step.state is StepState.LOCKED and step.why is not None:
        found.append(_message(ui, NOT_HERE, step.why, tone=Tone.AMBER))
    else:
        found.extend(_unknown_policies(ui, benefits))
    several = len(benefits.policies) > 1
    for policy_no, error in failed.items():
        cause = error.cause
        if several:
            cause = Bilingual(f"保单 {policy_no}：{cause.zh}", f"Policy {policy_no}: {cause.en}")
        found.append(_message(ui, cause, error.next_step, tone=Tone.AMBER, action=(RECALCULATE, again)))
    decided = [each.policy_no for each in benefits.policies if each.explained is not None]
    still_open = not decided or (benefits.drafted and not benefits.promised.issuperset(decided))
    if benefits.problems and step.state is not StepState.LOCKED and still_open:
        found.extend(_problems(ui, benefits.problems, decided=bool(decided), to_papers=to_papers))
    found.extend(_ready(ui, benefits, again))
    found.extend(_outdated(ui, benefits, again))
    return found


def _unknown_policies(ui: Presentation, benefits: Benefits) -> list[QWidget]:
    unknown = [each.policy_no for each in benefits.policies if each.policy is None and each.explained is None]
    if not unknown:
        return []
    return [
        _message(
            ui,
            Bilingual(f"本机没有保单 {'、'.join(unknown)}", f"Not on this laptop: policy {', '.join(unknown)}"),
            Bilingual(
                "由总部核定；照常收件，其他保单照常理算。",
                "Headquarters decides on it; take the papers in, other policies are calculated as usual.",
            ),
            tone=Tone.PLAIN,
        )
    ]


def _problems(ui: Presentation, problems: Sequence[FieldProblem], *, decided: bool, to_papers: Run) -> list[QWidget]:
    count = len(problems)
    title = Bilingual(f"还不能理算：有 {count} 项要填写或更正", f"Not yet: {count} entries to fill in or correct")
    then = Bilingual(
        "填好以后，这里自动理算，并列出依据。", "Once they are right this calculates by itself and shows the basis."
    )
    if decided:
        title = Bilingual(
            f"录入内容有 {count} 项要改，还没有重新理算",
            f"{count} entries must be mended before it is calculated again",
        )
        then = Bilingual("下面仍是上次的结果。", "Below is still the last result.")
    listed = Panel(ui, TO_MEND, padded=False, dense=True)
    rows = ReasonRows(ui, TO_MEND, TO_MEND)
    rows.show_entries([NotApplied(each.sentence, _NO_WORDS) for each in problems])
    listed.body.addWidget(rows)
    return [_message(ui, title, then, tone=Tone.AMBER, action=(TO_PAPERS, to_papers)), listed]


def _ready(ui: Presentation, benefits: Benefits, again: Run) -> list[QWidget]:
    if not any(each not in benefits.outdated for each in benefits.ready):
        return []
    return [
        _message(
            ui,
            Bilingual("现在可以预核了", "It can be pre-approved now"),
            Bilingual(
                "当时缺的已经补上。重新理算后请客户签字，就能出凭证。",
                "What was missing then is there. Calculate again, let the claimant sign, and issue the voucher.",
            ),
            tone=Tone.GOOD,
            action=(RECALCULATE, again),
        )
    ]


def _outdated(ui: Presentation, benefits: Benefits, again: Run) -> list[QWidget]:
    notices: list[QWidget] = []
    if any(each not in benefits.promised for each in benefits.outdated):
        notices.append(
            _message(
                ui,
                Bilingual("签字之后录入内容有改动", "Something typed in was changed after signing"),
                Bilingual(
                    "下面仍是签过字的结果。按新内容重新理算后，要重新签字。",
                    "Below is still the result that was signed. After calculating again it must be signed again.",
                ),
                tone=Tone.AMBER,
                action=(RECALCULATE, again),
            )
        )
    if any(each in benefits.promised for each in benefits.outdated):
        notices.append(
            _message(
                ui,
                Bilingual("凭证已出，改动不影响它", "The voucher stands; the change does not touch it"),
                Bilingual(
                    "录入内容与凭证上的不同。确要更改，请先在“凭证”一步作废。",
                    "What is typed in differs from the voucher. To change it, void the voucher in the Voucher step first.",
                ),
                tone=Tone.PLAIN,
            )
        )
    return notices


def _message(
    ui: Presentation,
    title: Bilingual,
    text: Bilingual,
    *,
    tone: Tone,
    action: tuple[Bilingual, Run] | None = None,
) -> Message:
    return Message(ui, title, text, tone=tone, action=action, closable=False)
