"""Forms for the hour when the laptop is dead: numbered before they are drawn, filled in by hand, entered once afterwards.

Promise: a blank form's number is taken durably before anything is drawn; each form is entered once, for one case, or spoiled, and until
then it counts as *blank* in its block. A form never holds a promise: there are no blank vouchers, each is signed for one sum and one person.

Source: notes/domain.md §7, §8; docs/adr/0135.
"""

from __future__ import annotations

from datetime import date

from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import BlankEntered, BlanksPrepared, NumberSpoiled, PaperKind
from claims.number_blocks import take_numbers
from claims.numbering import NUMBER_KINDS, parse_number
from claims.paper_definitions import PaperId, paper_definition
from claims.paper_life import require_reason
from claims.ports import Reads
from claims.records import PaperRecord, PaperState
from claims.trusted_time import beijing_date

BLANK_PAPERS: tuple[PaperId, ...] = (
    PaperId.APPLICATION,
    PaperId.SLIP,
    PaperId.POWER_OF_ATTORNEY,
    PaperId.INTERVIEW_RECORD,
)
"""What can be filled in by hand on the spot. Notices and agreements say what headquarters or the rules decided, which nobody can write down
without a laptop."""
AT_MOST = 100
"""So many forms in one go: a box of paper, not a block of numbers."""


def prepare_blanks(ports: DeskPorts, paper: PaperId, count: int) -> tuple[PaperRecord, ...]:
    """Take numbers for blank forms (T1); each is drawn and printed like any other paper.

    Raises:
        InputError: ``no_blank_form`` for a paper that is not filled in by hand; ``blank_count`` for a count that is none.
        EnvironmentProblem: ``numbers_exhausted``, ``numbers_too_few``; nothing was taken.
    """
    title = paper_definition(paper).title
    if paper not in BLANK_PAPERS:
        names = [paper_definition(each).title for each in BLANK_PAPERS]
        raise InputError(
            "no_blank_form",
            Bilingual(f"《{title.zh}》没有空白件。", f"There is no blank {title.en}."),
            Bilingual(
                f"可以预备的空白单证：{'、'.join(name.zh for name in names)}。",
                f"Blank forms can be prepared of: {', '.join(name.en for name in names)}.",
            ),
        )
    if not 1 <= count <= AT_MOST:
        raise InputError(
            "blank_count",
            Bilingual(
                f"一次只能预备 1 至 {AT_MOST} 张，录入的是 {count}。", f"Prepare 1 to {AT_MOST} at a time, not {count}."
            ),
            Bilingual("请改正张数。", "Correct the count."),
        )
    kind = PaperKind.SLIP if paper is PaperId.SLIP else PaperKind.DOCUMENT
    at = ports.time()
    with ports.store.write() as uow:
        numbers = take_numbers(uow, kind.value, count)
        uow.append(BlanksPrepared(at=at.at, kind=kind, paper=paper.value, numbers=numbers))
    ports.probe("after_blanks")
    with ports.store.read() as reads:
        return tuple(reads.paper(number) for number in numbers)


def enter_blank(ports: DeskPorts, number: str, case_no: str, *, filled_on: date, receiver: str) -> PaperRecord:
    """Tie a form that was filled in by hand to its case, once. What was written on it is entered in the case like anything else.

    Args:
        number: as printed on the form, as typed: width, case and spaces don't matter.
        filled_on: the day written on it.
        receiver: who got the form (the claimant).

    Raises:
        InputError: ``number_pattern``, ``number_check_digits``, ``number_foreign`` (another laptop's), ``number_unused``, ``not_a_blank``,
            ``blank_entered``, ``voided``, ``filled_in_future``, ``filled_before_prepared``, ``no_receiver``, ``number_unknown`` for the case.
    """
    at = ports.time()
    today = beijing_date(at.at)
    with ports.store.write() as uow:
        paper = _outstanding(uow, number)
        uow.case(case_no)
        _check_day(paper, filled_on, today)
        if not receiver.strip():
            raise InputError(
                "no_receiver",
                Bilingual("没有填写接收人。", "Nobody is named as the receiver."),
                Bilingual(
                    "请照单证填写拿到它的人的姓名。", "Enter the name of the person who got the form, as written on it."
                ),
            )
        uow.append(
            BlankEntered(
                at=at.at,
                kind=paper.kind,
                number=paper.number,
                case_no=case_no,
                filled_on=filled_on,
                receiver=receiver.strip(),
                paper=paper.paper,
            )
        )
    ports.probe("after_entered")
    with ports.store.read() as reads:
        return reads.paper(paper.number)


def spoil(ports: DeskPorts, number: str, reason: str) -> None:
    """Give up a blank form (torn, wet, written over, lost): its number is never used.

    Raises:
        InputError: ``no_reason``, and as ``enter_blank`` for the number.
    """
    given = require_reason(reason)
    at = ports.time()
    with ports.store.write() as uow:
        paper = _outstanding(uow, number)
        uow.append(NumberSpoiled(at=at.at, kind=paper.kind, number=paper.number, reason=given))
    ports.probe("after_spoiled")


def _outstanding(reads: Reads, text: str) -> PaperRecord:
    """Return the blank form with this number, as long as nobody has entered or spoiled it."""
    number = parse_number(text)
    own = list(dict.fromkeys(each.prefix for kind in NUMBER_KINDS for each in reads.number_blocks(kind)))
    if number.prefix not in own:
        prefixes = "、".join(own) or "—"
        raise InputError(
            "number_foreign",
            Bilingual(
                f"{number.text} 不是这台电脑的单证，本机编号以 {prefixes} 开头。",
                f"{number.text} is no paper of this laptop, whose numbers begin with {prefixes}.",
            ),
            Bilingual(
                f"请在编号为 {number.prefix} 的电脑上补录。",
                f"Enter it on the laptop whose numbers begin with {number.prefix}.",
            ),
        )
    try:
        paper = reads.paper(number.text)
    except InputError as error:
        raise InputError(
            "number_unused",
            Bilingual(
                f"本机从未用过编号 {number.text}，没有印过这张单证。",
                f"This laptop has never used the number {number.text} and printed no such form.",
            ),
            Bilingual(
                "请核对纸上的编号；如果确有这张单证，请勿使用并联系总部。",
                "Check the number on the paper; if such a form does exist don't use it and call headquarters.",
            ),
        ) from error
    if paper.state is PaperState.VOIDED:
        raise InputError(
            "voided",
            Bilingual(
                f"{number.text} 已作废（{paper.void_reason}）。", f"{number.text} is voided ({paper.void_reason})."
            ),
            Bilingual("作废的号码不再使用。", "A voided number is not used again."),
        )
    if not paper.blank:
        raise InputError(
            "not_a_blank",
            Bilingual(
                f"{number.text} 不是空白单证，是案件 {paper.case_no or '—'} 的单证。",
                f"{number.text} is no blank form but a paper of case {paper.case_no or '—'}.",
            ),
            Bilingual(
                "请核对编号；要作废它请在单证里作废。", "Check the number; to give it up void it among the papers."
            ),
        )
    if paper.case_no:
        raise InputError(
            "blank_entered",
            Bilingual(
                f"{number.text} 已补录到案件 {paper.case_no}（填写日期 {paper.filled_on}）。",
                f"{number.text} was entered for case {paper.case_no} (filled in on {paper.filled_on}).",
            ),
            Bilingual(
                "每张只补录一次；录错了请作废后说明。", "A form is entered once; if that was wrong void it and say why."
            ),
        )
    return paper


def _check_day(paper: PaperRecord, filled_on: date, today: date) -> None:
    prepared = beijing_date(paper.issued_at)
    if filled_on > today:
        raise InputError(
            "filled_in_future",
            Bilingual(
                f"填写日期 {filled_on} 在今天 {today} 之后。", f"The day on it, {filled_on}, lies after today, {today}."
            ),
            Bilingual("请照单证上的日期填写。", "Enter the day written on the form."),
        )
    if filled_on < prepared:
        raise InputError(
            "filled_before_prepared",
            Bilingual(
                f"填写日期 {filled_on} 早于这张单证的预备日期 {prepared}。",
                f"The day on it, {filled_on}, lies before {prepared}, when the form was prepared.",
            ),
            Bilingual("请核对单证上的日期和编号。", "Check the day and the number on the form."),
        )
