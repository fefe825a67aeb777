"""The five steps of a case: which is done, which is open, which can't be done yet and what to do about it.

Promise: pure; the words say what the use cases will do, nothing here decides. ``reached`` and ``steps`` agree: a row and the
page of a case never tell two stories. Incomplete papers lock nothing: a benefit may be tried, a slip may always be given once
there is something to acknowledge.

Source: the brief of the screens; docs/adr/0090.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from claims.amounts import yuan
from claims.case_progress import CaseProgress, Decided, PaperProgress, own_vouchers, paper_given, settled
from claims.completeness import Completeness
from claims.errors import Bilingual
from claims.events import Outcome, PaperKind
from claims.lifecycle import CaseState
from claims.overviews import CaseStep, StepStanding, StepState
from claims.signed_order import OrderPlace
from claims.trusted_time import TrustedTime, beijing_short

STEPS = tuple(CaseStep)
CLAIMANT, ADJUSTER = "claimant", "adjuster"


@dataclass(frozen=True)
class Surroundings:
    """What besides the case decides: the time, the installed pack (None: there is none), and which policies are on this laptop.

    ``place``: where a policy stands in the signed order, None where that is not known here.
    """

    at: TrustedTime
    pack_hash: str | None
    knows_policy: Callable[[str], bool]
    place: Callable[[str], OrderPlace | None] = field(default=lambda _: None)


def reached(progress: CaseProgress, papers_complete: bool, around: Surroundings) -> tuple[CaseStep, int]:
    """Return the current step (the first that is not done; the last when all are) and how many are done.

    A case that headquarters closed stands at its report, where the reason is.
    """
    if progress.state == CaseState.CANCELLED:
        return CaseStep.REPORT, 1
    done = (
        True,
        papers_complete,
        benefit_done(progress, around),
        sign_done(progress),
        paper_given(progress),
    )
    current = next((step for step, is_done in zip(STEPS, done, strict=True) if not is_done), CaseStep.VOUCHER)
    return current, sum(done)


def steps(
    progress: CaseProgress, papers: Completeness, payable_fen: int | None, around: Surroundings
) -> tuple[StepStanding, ...]:
    """Return the five steps in order, each with its line and, where it is locked, why and what to do."""
    now = around.at.at
    opened = beijing_short(progress.opened.at, now)
    if progress.state == CaseState.CANCELLED:
        return _closed_steps()
    report = _done(CaseStep.REPORT, Bilingual(f"{opened} 完成", f"done {opened}"))
    benefit = _benefit(progress, papers, payable_fen, around)
    return (
        report,
        _papers(papers),
        benefit,
        _sign(progress, around),
        _voucher(progress, benefit, around),
    )


def _closed_steps() -> tuple[StepStanding, ...]:
    """Nothing is left to do, and nothing can be recorded: the report is open to read, the rest says why it is not."""
    line = Bilingual("总部已结案", "closed by headquarters")
    why = Bilingual(
        "总部已结束本案，不再收材料、理算、签字或出单证；已收的材料和已出的纸面都还在。原因见“报案”。",
        "Headquarters closed this case: no more papers, calculation, signatures or vouchers. What was taken in or given stays. The reason stands under Report.",
    )
    others = (step for step in STEPS if step is not CaseStep.REPORT)
    return (_open(CaseStep.REPORT, line), *(_locked(step, line, why) for step in others))


def current_step(found: tuple[StepStanding, ...]) -> CaseStep:
    """Return the first step that is not done, the last when all are."""
    return next((each.step for each in found if each.state is not StepState.DONE), CaseStep.VOUCHER)


def is_current(progress: CaseProgress, policy_no: str, around: Surroundings) -> bool:
    """Say whether the newest determination of a policy still stands: by these rules, with these papers, after these other policies.

    One that led to paper stands: neither a new pack nor a later document takes a voucher back.
    """
    decided = progress.decided[policy_no]
    if own_vouchers(progress, policy_no):
        return True
    document = progress.newest_document
    newest = max(decided.mark.seq, 0 if document is None else document.seq, _newest_before(progress, policy_no, around))
    if any(each.kind is PaperKind.SLIP and each.mark.seq > newest for each in progress.live_papers):
        return True
    return decided.pack_hash == around.pack_hash and newest == decided.mark.seq


def _newest_before(progress: CaseProgress, policy_no: str, around: Surroundings) -> int:
    """Return when a policy that comes earlier in the signed order was last decided (seq), 0 where there is none."""
    if len(progress.decided) < 2:
        return 0
    own = around.place(policy_no)
    return max(
        (
            each.mark.seq
            for name, each in progress.decided.items()
            if own is not None and (place := around.place(name)) is not None and place < own
        ),
        default=0,
    )


def benefit_done(progress: CaseProgress, around: Surroundings) -> bool:
    """Say whether every policy of the case that is on this laptop has a determination that stands."""
    if not progress.decided:
        return False
    undecided = [each for each in progress.policy_nos if each not in progress.decided]
    if any(around.knows_policy(each) for each in undecided):
        return False
    return all(is_current(progress, each, around) for each in progress.decided)


def sign_done(progress: CaseProgress) -> bool:
    """Say whether everything that can be promised was signed by both, or refused. What is referred needs no signature."""
    return bool(progress.decided) and all(_signed(progress, each) for each in _to_sign(progress))


def _papers(papers: Completeness) -> StepStanding:
    if papers.missing:
        count = len(papers.missing)
        return _open(CaseStep.PAPERS, Bilingual(f"缺 {count} 项", f"{count} missing"))
    if papers.waived:
        count = len(papers.waived)
        return _done(CaseStep.PAPERS, Bilingual(f"已齐全，免 {count} 项", f"complete, {count} waived"))
    return _done(CaseStep.PAPERS, Bilingual("已齐全", "complete"))


def _benefit(  # noqa: PLR0911 - one return a state, in the order they are looked at
    progress: CaseProgress, papers: Completeness, payable_fen: int | None, around: Surroundings
) -> StepStanding:
    step = CaseStep.BENEFIT
    if benefit_done(progress, around):
        return _done(step, _benefit_line(progress, payable_fen))
    if not progress.decided:
        locked = _no_benefit(progress, around)
        if locked is not None:
            return locked
        if papers.missing:
            return _open(step, Bilingual("可先试算", "can be tried"))
        return _open(step, Bilingual("待理算", "to calculate"))
    if around.pack_hash is None:
        return _no_pack()
    stale = [each for each in progress.decided if not is_current(progress, each, around)]
    if any(progress.decided[each].pack_hash != around.pack_hash for each in stale):
        return _open(step, Bilingual("规则已更新，请重算", "new rules: calculate again"))
    if any(_newest_before(progress, each, around) > progress.decided[each].mark.seq for each in stale):
        return _open(step, Bilingual("在先保单已重算，请重算", "an earlier policy changed: calculate again"))
    if stale:
        return _open(step, Bilingual("有新材料，请重算", "new papers: calculate again"))
    total = len({*progress.policy_nos, *progress.decided})
    return _open(
        step, Bilingual(f"已算 {len(progress.decided)}/{total}", f"{len(progress.decided)} of {total} calculated")
    )


def _no_benefit(progress: CaseProgress, around: Surroundings) -> StepStanding | None:
    """Return why nothing can be calculated here, or None."""
    if around.pack_hash is None:
        return _no_pack()
    slip = Bilingual(
        "照常收件，出具资料签收单，由总部核定。",
        "Take the papers in and give an acceptance slip: headquarters will decide.",
    )
    if not progress.policy_nos:
        return _locked(
            CaseStep.BENEFIT,
            Bilingual("无保单号", "no policy"),
            Bilingual(f"本案没有保单号，不能理算。{slip.zh}", f"The case has no policy number to calculate. {slip.en}"),
        )
    if not any(around.knows_policy(each) for each in progress.policy_nos):
        named = "、".join(progress.policy_nos)
        return _locked(
            CaseStep.BENEFIT,
            Bilingual("本机无此保单", "policy not here"),
            Bilingual(
                f"本机资料里没有保单 {named}，不能理算。{slip.zh}",
                f"Policy {', '.join(progress.policy_nos)} is not on this laptop, so nothing can be calculated. {slip.en}",
            ),
        )
    return None


def _no_pack() -> StepStanding:
    return _locked(
        CaseStep.BENEFIT,
        Bilingual("无规则包", "no rules"),
        Bilingual(
            "本机还没有规则包，不能理算。请先与总部同步一次；在此之前照常收件，可出资料签收单。",
            "This laptop holds no rule pack, so nothing can be calculated. Sync with headquarters once; until then take papers in and give acceptance slips.",
        ),
    )


def _benefit_line(progress: CaseProgress, payable_fen: int | None) -> Bilingual:
    outcomes = {each.outcome for each in progress.decided.values()}
    if Outcome.REFERRED in outcomes:
        return Bilingual("转总部", "referred")
    shown = yuan(payable_fen or 0)
    if Outcome.RECEIPT_ONLY in outcomes:
        return Bilingual(f"{shown}，未预核", f"{shown}, no promise")
    return Bilingual(shown, shown)


def _sign(progress: CaseProgress, around: Surroundings) -> StepStanding:  # noqa: PLR0911 - one return a state, in the order they are looked at
    step = CaseStep.SIGN
    if not progress.decided:
        return _locked(
            step,
            Bilingual("待理算", "calculate first"),
            Bilingual(
                "还没有理算结果可签。请先完成“理算”。", "There is no result to sign yet. Finish the Benefit step first."
            ),
        )
    to_sign = _to_sign(progress)
    if not to_sign:
        return _done(step, Bilingual("不需签字", "not needed"))
    if sign_done(progress):
        return _done(step, _signed_line(progress, to_sign, around))
    if not any(is_current(progress, each, around) for each in to_sign):
        return _locked(
            step,
            Bilingual("待重算", "calculate again"),
            Bilingual(
                "理算之后材料、规则或在先保单有变，现在的结果不能签。请先重新理算。",
                "Papers, rules or an earlier policy changed after the calculation, so this result can't be signed. Calculate again first.",
            ),
        )
    waiting = [each for each in to_sign if not _signed(progress, each)]
    claimant = all(_word(progress, each, CLAIMANT) for each in waiting)
    adjuster = all(_word(progress, each, ADJUSTER) for each in waiting)
    if claimant:
        return _open(step, Bilingual("待经办人签", "adjuster to sign"))
    if adjuster:
        return _open(step, Bilingual("待申请人签", "claimant to sign"))
    return _open(step, Bilingual("待签字", "to sign"))


def _signed_line(progress: CaseProgress, to_sign: list[str], around: Surroundings) -> Bilingual:
    words = [
        word
        for each in to_sign
        for role in (CLAIMANT, ADJUSTER)
        if (word := progress.signature(progress.decided[each].decision_sha256, role)) is not None
    ]
    if any(each.refused for each in words):
        return Bilingual("已拒签", "refused")
    newest = beijing_short(max(words, key=lambda each: each.mark.seq).mark.at, around.at.at)
    return Bilingual(f"{newest} 已签", f"signed {newest}")


def _voucher(progress: CaseProgress, benefit: StepStanding, around: Surroundings) -> StepStanding:  # noqa: PLR0911 - one return a state, in the order they are looked at
    step = CaseStep.VOUCHER
    papers = progress.live_papers
    line = _paper_line(progress, papers, around)
    if paper_given(progress) and line is not None:
        return _done(step, line)
    outcomes = {each.outcome for each in progress.decided.values()}
    if sign_done(progress) and outcomes == {Outcome.PRE_APPROVED} and not _refused(progress):
        return _open(step, line or Bilingual("待出凭证", "voucher to issue"))
    slip = Bilingual("可出签收单", "slip possible")
    if progress.decided and (outcomes != {Outcome.PRE_APPROVED} or sign_done(progress)):
        return _open(step, line or slip)
    if line is not None and any(each.handed is None for each in papers):
        return _open(step, line)
    if progress.decided:
        return _locked(
            step,
            Bilingual("待签字", "sign first"),
            Bilingual(
                "申请人和经办人都签字（或拒签）后才能出凭证。请先完成“签字”。",
                "A voucher needs the signatures of claimant and adjuster. Finish the Sign step first; a refusal leads to a slip.",
            ),
        )
    if progress.newest_document is not None or benefit.state is StepState.LOCKED:
        return _open(step, slip)
    return _locked(
        step,
        Bilingual("待理算", "calculate first"),
        Bilingual(
            "还没有收到材料，也没有理算结果，没有可出的单证。请先收材料或理算。",
            "No paper was handed in and nothing was calculated, so there is nothing to give yet. Take papers in or calculate first.",
        ),
    )


def _paper_line(progress: CaseProgress, papers: tuple[PaperProgress, ...], around: Surroundings) -> Bilingual | None:
    """Return where the papers of the case are, None when none was given."""
    if not papers:
        return None
    given = [each for each in papers if each.handed is not None or settled(progress, each)]
    waiting = [each for each in papers if each not in given]
    if not waiting:
        handed = [each.handed for each in given if each.handed is not None]
        if not handed:
            return Bilingual("总部已结算", "settled")
        newest = beijing_short(max(handed, key=lambda each: each.seq).at, around.at.at)
        return Bilingual(f"{newest} 已交付", f"given {newest}")
    if given and any(each.kind is PaperKind.VOUCHER for each in given):
        return Bilingual(f"已交付 {len(given)}/{len(papers)}", f"{len(given)} of {len(papers)} given")
    newest_paper = waiting[-1]
    if newest_paper.copies_printed == 0:
        return Bilingual("待打印", "to print")
    return Bilingual(f"已打印 {newest_paper.copies_printed} 次", f"printed {newest_paper.copies_printed} ×")


def _to_sign(progress: CaseProgress) -> list[str]:
    return [name for name, each in progress.decided.items() if each.outcome is Outcome.PRE_APPROVED]


def _signed(progress: CaseProgress, policy_no: str) -> bool:
    """Say whether both signed this determination, or a refusal is on record."""
    return (_word(progress, policy_no, CLAIMANT) and _word(progress, policy_no, ADJUSTER)) or _refusal(
        progress, progress.decided[policy_no]
    )


def _word(progress: CaseProgress, policy_no: str, role: str) -> bool:
    word = progress.signature(progress.decided[policy_no].decision_sha256, role)
    return word is not None and not word.refused


def _refusal(progress: CaseProgress, decided: Decided) -> bool:
    words = (progress.signature(decided.decision_sha256, role) for role in (CLAIMANT, ADJUSTER))
    return any(word is not None and word.refused for word in words)


def _refused(progress: CaseProgress) -> bool:
    return any(_refusal(progress, progress.decided[each]) for each in _to_sign(progress))


def _done(step: CaseStep, line: Bilingual) -> StepStanding:
    return StepStanding(step=step, state=StepState.DONE, line=line)


def _open(step: CaseStep, line: Bilingual) -> StepStanding:
    return StepStanding(step=step, state=StepState.OPEN, line=line)


def _locked(step: CaseStep, line: Bilingual, why: Bilingual) -> StepStanding:
    return StepStanding(step=step, state=StepState.LOCKED, line=line, why=why)
