"""What the adjuster says aloud to the person opposite: a decision in plain words, without the trade's terms.

Promise: every figure is one of the determination's; nothing is promised that was not pre-approved, and nothing is ever called
declined. Sums keep their cents.

Source: notes/domain.md §1.1 offline rule, §1.3; mock-up of the benefit step.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from claims.amounts import yuan
from claims.events import Outcome
from claims.explained_steps import StepRole, ToldStep, number, told_steps
from claims.materials import CLAIM_TYPE_NAMES
from claims.reference import Catastrophe
from claims.waivers import WaiverCode
from rules.bilingual import Bilingual
from rules.engine.model import Decision, Referral, Unit

_WAIVED_WORDS: dict[str, Bilingual] = {
    WaiverCode.NO_HOSPITAL_LIST: Bilingual("不限医院", "any hospital"),
    WaiverCode.NO_DRUG_SCOPE: Bilingual("不限药品", "any medicine"),
    WaiverCode.NO_ITEM_SCOPE: Bilingual("不限诊疗项目", "any treatment"),
    WaiverCode.NO_DEDUCTIBLE: Bilingual("不扣免赔", "nothing is held back first"),
}
# What a pack's step is about, by a word in its Chinese name: how one says it to somebody who never read a policy.
_CUT_WORDS: tuple[tuple[str, Bilingual], ...] = (
    ("统筹", Bilingual("医保已经付的", "that social insurance has paid")),
    ("目录外", Bilingual("医保不管的自费部分", "that social insurance does not cover")),
    ("其他途径", Bilingual("别处已经赔的", "that others have paid already")),
    ("免赔", Bilingual("合同约定先由自己承担的", "that the contract leaves to you first")),
    ("预付", Bilingual("已经先付给您的", "already paid to you in advance")),
    ("借款利息", Bilingual("保单借款的利息", "of interest on the policy loan")),
    ("借款", Bilingual("保单借款", "of the policy loan")),
    ("保险费", Bilingual("还没交的保险费", "of premium still due")),
    ("未成年", Bilingual("国家规定的未成年人限额以上的", "above the legal cap for minors")),
    ("限额", Bilingual("超过合同限额的", "above the contract's limit")),
    ("剩余", Bilingual("超过合同限额的", "above the contract's limit")),
    ("余额", Bilingual("超过合同限额的", "above the contract's limit")),
    ("既往", Bilingual("以前已经赔的", "paid before")),
    ("已给付", Bilingual("以前已经赔的", "paid before")),
)
# Reasons end with who decides; the sentence around them has said so already.
_WHO_DECIDES_ZH = re.compile(r"(?:[，；,]\s*(?:须人工核[定对]|转人工核定|须核对|转总部|报总公司核定))?。?$")
_WHO_DECIDES_EN = re.compile(r"(?:[;,:]\s*(?:a person decides|check by hand|referred|headquarters decides))?\.?$")
# How ``claims.completeness`` begins the sentence of a missing paper.
_MISSING = Bilingual("缺：", "Missing: ")
_TENTHS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九")


def plain_sentence(
    decision: Decision,
    *,
    outcome: Outcome = Outcome.PRE_APPROVED,
    outcome_reasons: Sequence[Bilingual] = (),
    catastrophe: Catastrophe | None = None,
) -> Bilingual:
    """Return the whole paragraph for the claimant."""
    story, close = plain_parts(decision, outcome=outcome, outcome_reasons=outcome_reasons, catastrophe=catastrophe)
    return Bilingual(f"{story.zh}{close.zh}", f"{story.en} {close.en}".strip())


def plain_parts(
    decision: Decision,
    *,
    outcome: Outcome = Outcome.PRE_APPROVED,
    outcome_reasons: Sequence[Bilingual] = (),
    catastrophe: Catastrophe | None = None,
) -> tuple[Bilingual, Bilingual]:
    """Return how the sum comes about, and what it means for the person: the second is what must be heard.

    Args:
        outcome: what the field may say of this decision; a referral is never ``pre_approved``, whatever is given.
        outcome_reasons: why it is not pre-approved; of a referral the decision's own reasons without them.
    """
    if isinstance(decision, Referral) and outcome is Outcome.PRE_APPROVED:
        outcome = Outcome.REFERRED
    told = told_steps(decision)
    story = _joined(_story(told, decision, catastrophe))
    if outcome is Outcome.PRE_APPROVED:
        return story, _promise(told, decision)
    # What the story tells as a deduction is no second reason.
    taken = {each.step.reason.zh for each in told if each.role is StepRole.CUT} if story.zh else set()
    reasons = [in_words(each) for each in (tuple(outcome_reasons) or _own_reasons(decision)) if each.zh not in taken]
    open_sum = _open_sum(decision, nothing_left=bool(story.zh) and not decision.total_fen)
    why = Bilingual(f"{open_sum.zh}{_because(reasons).zh}。", f"{open_sum.en}{_because(reasons).en}.")
    told_so_far = [each for each in (story, why, _returned(decision)) if each.zh]
    return _joined(told_so_far), _what_now(outcome)


def _story(told: Sequence[ToldStep], decision: Decision, catastrophe: Catastrophe | None) -> list[Bilingual]:
    sentences: list[Bilingual] = []
    for place, benefit in enumerate(decision.liabilities):
        own = [each for each in told if each.benefit is benefit]
        start = next((each for each in own if each.role is StepRole.START), None)
        if start is None or not start.change_fen:
            continue
        sentences.append(_first(start, another=bool(sentences)))
        sentences.extend(_waivers(own, catastrophe))
        cuts = _cuts([each for each in own if each.role is StepRole.CUT])
        if cuts:
            last = all(not later.amount_fen for later in decision.liabilities[place + 1 :])
            closing = "，" if last else "。"
            sentences.append(
                Bilingual("，".join(cut.zh for cut in cuts) + closing, f"We {', then '.join(cut.en for cut in cuts)}.")
            )
    return sentences


def _first(start: ToldStep, *, another: bool) -> Bilingual:
    sum_yuan = yuan(start.change_fen)
    name = start.benefit.name
    if start.benefit.loss_key.startswith("bill:"):
        return Bilingual(f"这张票据一共 {sum_yuan} 元。", f"The bill comes to {sum_yuan} yuan.")
    if another:
        return Bilingual(f"另有{name.zh} {sum_yuan} 元。", f"There are another {sum_yuan} yuan for {name.en}.")
    return Bilingual(f"按合同，{name.zh}给付 {sum_yuan} 元。", f"By the contract, {name.en} pays {sum_yuan} yuan.")


def _waivers(own: Sequence[ToldStep], catastrophe: Catastrophe | None) -> list[Bilingual]:
    codes = [
        code for each in own if each.role is StepRole.WAIVED for code in (each.step.waiver or "").split("+") if code
    ]
    if not codes:
        return []
    listed = {} if catastrophe is None else {each.code: each.text for each in catastrophe.waivers}
    words = [_WAIVED_WORDS.get(code) or listed.get(code) or Bilingual(code, code) for code in dict.fromkeys(codes)]
    when = Bilingual("按灾害便利措施", "Under the disaster measures")
    if catastrophe is not None:
        when = Bilingual(f"{catastrophe.name.zh}期间", f"Because of the {catastrophe.name.en}")
    spared = sum(each.spared_fen or 0 for each in own if each.role is StepRole.WAIVED)
    kept = _NOTHING
    if spared:
        kept = Bilingual(
            f"，本来要扣的 {yuan(spared)} 元不扣", f"; {yuan(spared)} yuan that would be taken off stay in"
        )
    return [
        Bilingual(
            f"{when.zh}，{'、'.join(each.zh.rstrip('。') for each in words)}{kept.zh}。",
            f"{when.en}, {'; '.join(_english_waivers(words))}{kept.en}.",
        )
    ]


def _english_waivers(words: Sequence[Bilingual]) -> list[str]:
    accepted = [each.en for each in words if each.en.startswith("any ")]
    others = [_lower(each.en.rstrip(".")) for each in words if not each.en.startswith("any ")]
    if not accepted:
        return others
    listed = accepted[0] if len(accepted) == 1 else f"{', '.join(accepted[:-1])} and {accepted[-1]}"
    return [f"{listed} {'is' if len(accepted) == 1 else 'are'} accepted", *others]


def _cuts(cuts: Sequence[ToldStep]) -> list[Bilingual]:
    """Return the cuts in order; deductions that follow each other are one clause."""
    clauses: list[Bilingual] = []
    taken: list[Bilingual] = []
    for each in cuts:
        ratio = each.ratio
        if ratio is None:
            taken.append(_taken(each))
            continue
        clauses.extend(_taken_together(taken))
        taken = []
        shown = f"{(ratio * 100).normalize():f}%"
        what = Bilingual("余下", "what is left") if clauses else Bilingual("", "it")
        clauses.append(Bilingual(f"{what.zh}按{_share(ratio)}给付", f"pay {shown} of {what.en}"))
    return [*clauses, *_taken_together(taken)]


def _taken_together(taken: Sequence[Bilingual]) -> list[Bilingual]:
    if not taken:
        return []
    rest = Bilingual(f"和{taken[-1].zh}" if len(taken) > 1 else "", f" and {taken[-1].en}" if len(taken) > 1 else "")
    first = taken[:-1] if len(taken) > 1 else taken
    return [
        Bilingual(
            f"减去{'、'.join(each.zh for each in first)}{rest.zh}",
            f"take off {', '.join(each.en for each in first)}{rest.en}",
        )
    ]


def _taken(told: ToldStep) -> Bilingual:
    sum_yuan = yuan(-told.change_fen)
    if told.together:
        names = [each.name for each in (*told.together, told.step)]
        return Bilingual(
            f"“{'、'.join(each.zh for each in names)}”共 {sum_yuan} 元",
            f"{sum_yuan} yuan ({', '.join(each.en for each in names)})",
        )
    for mark, words in _CUT_WORDS:
        if mark in told.step.name.zh:
            return Bilingual(f"{words.zh} {sum_yuan} 元", f"{sum_yuan} yuan {words.en}")
    if _graded(told):
        return Bilingual(
            f"按合同分档比例由自己承担的 {sum_yuan} 元", f"{sum_yuan} yuan that the contract's scale leaves to you"
        )
    return Bilingual(f" {sum_yuan} 元（{told.step.name.zh}）", f"{sum_yuan} yuan ({told.step.name.en})")


def _graded(told: ToldStep) -> bool:
    # A cut that the rules state as a difference is a scale applied to the whole sum, not a deduction with a name.
    value = number(told.step)
    return told.step.unit is Unit.FEN and value is not None and value < 0


def _promise(told: Sequence[ToldStep], decision: Decision) -> Bilingual:
    sum_yuan = yuan(decision.total_fen)
    patient = decision.outputs_fen.get("patient_pays")
    if patient is not None:
        close = Bilingual(
            f"我们直接付给医院 {sum_yuan} 元，您自己付 {yuan(patient)} 元。",
            f"We pay {sum_yuan} yuan straight to the hospital; you pay {yuan(patient)} yuan yourself.",
        )
    else:
        close = _receivers(told, decision, sum_yuan)
    besides = _besides(decision)
    return Bilingual(f"{close.zh}{besides.zh}", f"{close.en} {besides.en}".strip())


def _receivers(told: Sequence[ToldStep], decision: Decision, sum_yuan: str) -> Bilingual:
    shares = max((len(each.shares_fen) for each in decision.liabilities if each.amount_fen), default=1)
    if shares > 1:
        return Bilingual(
            f"{shares} 位受益人一共能拿到 {sum_yuan} 元。",
            f"The {shares} beneficiaries receive {sum_yuan} yuan together.",
        )
    if any(each.benefit.loss_key.startswith("death:") for each in told):
        return Bilingual(f"受益人一共能拿到 {sum_yuan} 元。", f"The beneficiary receives {sum_yuan} yuan in all.")
    return Bilingual(f"您能拿到 {sum_yuan} 元。", f"You receive {sum_yuan} yuan.")


def _besides(decision: Decision) -> Bilingual:
    refund = decision.outputs_fen.get("refund", 0)
    if not refund:
        return _NOTHING
    return Bilingual(f"另退还保险费 {yuan(refund)} 元。", f"Premiums of {yuan(refund)} yuan are refunded as well.")


def _open_sum(decision: Decision, *, nothing_left: bool) -> Bilingual:
    if nothing_left:
        return Bilingual("减完以后没有余额", "Nothing is left after that")
    if decision.total_fen:
        return Bilingual(
            f"按现在的材料算出来是 {yuan(decision.total_fen)} 元，还没有定",
            f"From what is here it comes to {yuan(decision.total_fen)} yuan, which is not settled yet",
        )
    return Bilingual("现在还定不了金额", "The sum can't be told yet")


def _what_now(outcome: Outcome) -> Bilingual:
    if outcome is Outcome.REFERRED:
        return Bilingual(
            "这件事由总部的同事来核定。材料我们都收下，今天就给您资料签收单。",
            "Our colleagues at headquarters decide on this. We take in all your papers and give you an acceptance slip today.",
        )
    return Bilingual(
        "金额今天还不能定。材料我们都收下，今天就给您资料签收单。",
        "The sum can't be settled today. We take in all your papers and give you an acceptance slip today.",
    )


def _returned(decision: Decision) -> Bilingual:
    refund = decision.outputs_fen.get("refund", 0) or decision.outputs_fen.get("cash_value", 0)
    if not refund:
        return _NOTHING
    what = (
        Bilingual("已交的保险费", "the premiums paid")
        if decision.outputs_fen.get("refund")
        else Bilingual("保单的现金价值", "the policy's cash value")
    )
    return Bilingual(
        f"按合同可以退还{what.zh} {yuan(refund)} 元，一并由总部核定。",
        f"By the contract {what.en}, {yuan(refund)} yuan, can be returned; headquarters decides on that too.",
    )


def in_words(reason: Bilingual) -> Bilingual:
    """Return a reason with claim types called by their names: the rules know them by code only."""
    zh, en = reason.zh, reason.en
    for each, name in CLAIM_TYPE_NAMES.items():
        zh = re.sub(rf"(?<![a-z_]){each.value}(?![a-z_])", name.zh, zh)
        en = re.sub(rf"(?<![a-z_]){each.value}(?![a-z_])", name.en, en)
    return Bilingual(zh, en)


def _because(reasons: Sequence[Bilingual]) -> Bilingual:
    if not reasons:
        return _NOTHING
    told = grouped(reasons)
    return Bilingual(
        f"，原因是：{'；'.join(_WHO_DECIDES_ZH.sub('', each.zh) for each in told)}",
        f", because: {'; '.join(_WHO_DECIDES_EN.sub('', each.en) for each in told)}",
    )


def grouped(reasons: Sequence[Bilingual]) -> tuple[Bilingual, ...]:
    """Return reasons with all missing papers in one, in the place of the first."""
    missing = [each for each in reasons if each.zh.startswith(_MISSING.zh) and each.en.startswith(_MISSING.en)]
    if len(missing) < 2:
        return tuple(reasons)
    zh = "、".join(each.zh.removeprefix(_MISSING.zh).rstrip("。") for each in missing)
    en = ", ".join(each.en.removeprefix(_MISSING.en).rstrip(".") for each in missing)
    together = Bilingual(f"缺 {len(missing)} 项材料：{zh}", f"{len(missing)} papers are missing: {en}")
    rest = [each for each in reasons if each not in missing]
    place = [each in missing for each in reasons].index(True)
    return (*rest[:place], together, *rest[place:])


def _own_reasons(decision: Decision) -> tuple[Bilingual, ...]:
    return tuple(each.text for each in decision.reasons) if isinstance(decision, Referral) else ()


def share_in_words(ratio: Decimal) -> Bilingual:
    """Return a ratio as one says it: 八成 and ``80%``; all of it where nothing is left to the person."""
    if ratio == 1:
        return Bilingual("全部", "all")
    return Bilingual(_share(ratio), f"{(ratio * 100).normalize():f}%")


def _share(ratio: Decimal) -> str:
    """Return a ratio as one says it: 八成, 八成五, else 12.5%."""
    if ratio == 1:
        return "全额"
    whole, rest = divmod(ratio * 100, 10)
    if 1 <= whole <= 9 and rest == 0:
        return f"{_TENTHS[int(whole)]}成"
    if 1 <= whole <= 9 and rest == 5:
        return f"{_TENTHS[int(whole)]}成五"
    return f" {(ratio * 100).normalize():f}% "


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _joined(sentences: Sequence[Bilingual]) -> Bilingual:
    return Bilingual("".join(each.zh for each in sentences), " ".join(each.en for each in sentences if each.en))


_NOTHING = Bilingual("", "")
