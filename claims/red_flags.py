"""Red flags that one case shows by itself. A flag routes to a person and never refuses.

Promise: a flag carries the figures it saw; a check that lacks a figure is not made. ``NOTE`` flags only tell the reviewer,
``REVIEW`` flags send the case to a person. Thresholds are data (``FlagLimits``), not law.

Source: notes/domain.md §9 (R1, R2, R5, R6, R7, R10, R16; the others need history and are computed elsewhere).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from claims.bill_checks import Bill, bill_keys, sums_that_differ
from claims.errors import Bilingual
from claims.reference import Catastrophe
from claims.waivers import LossLink, reach


class FlagWeight(StrEnum):
    """What a flag does."""

    NOTE = "note"
    REVIEW = "review"


class RedFlag(msgspec.Struct, frozen=True, kw_only=True):
    """One flag; ``id`` is the number in the domain notes (``R6``)."""

    id: str
    weight: FlagWeight
    sentence: Bilingual


class FlagLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds in days. The event day counts as day 1 when it is the first day of cover."""

    early_review: int = 30
    early_note: int = 365
    after_waiting: int = 30


class PersonReading(msgspec.Struct, frozen=True, kw_only=True):
    """Who a paper says the patient is. ``source`` is the paper's name for people; a masked name (``周*``) counts as far as it shows."""

    source: Bilingual
    name: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    age: int | None = None
    on: date | None = None


class FlagInput(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one case and one policy. ``readings`` begin with the policy's own."""

    loss_date: date
    covered_since: date | None = None
    waiting_days: int = 0
    diagnosis_date: date | None = None
    accident: bool | None = None
    icd10: str | None = None
    history: str = ""
    recorded_on: date | None = None
    discharge_date: date | None = None
    bills: tuple[Bill, ...] = ()
    readings: tuple[PersonReading, ...] = ()
    onset_date: date | None = None
    victim_list_matches: int | None = None


def red_flags(
    case: FlagInput,
    *,
    known_bill_keys: Collection[str] = (),
    catastrophe: Catastrophe | None = None,
    link: LossLink | None = None,
    limits: FlagLimits | None = None,
) -> tuple[RedFlag, ...]:
    """Return every flag of one case, in the order of the notes.

    Args:
        known_bill_keys: keys (``bill_checks.bill_keys``) of the bills of *other* cases.
        catastrophe: the one the case names as its cause, whether or not its waivers reach the loss; ``link`` goes with it.
    """
    bounds = limits or FlagLimits()
    reached = catastrophe is not None and link is not None and reach(catastrophe, link).applies
    struck_from = catastrophe.loss_from if catastrophe is not None and reached else None
    found = [
        *_early(case, bounds, struck_from),
        *_just_after_waiting(case, bounds),
        *_bills_known(case, known_bill_keys),
        *_bills_off(case),
        *_another_person(case.readings),
        *_illness_as_accident(case),
        *_older_history(case),
    ]
    if catastrophe is not None and link is not None:
        found.extend(_catastrophe(case, catastrophe, link))
    return tuple(found)


def routes_to_person(flags: Sequence[RedFlag]) -> tuple[RedFlag, ...]:
    """Return the flags that send the case to a person."""
    return tuple(one for one in flags if one.weight is FlagWeight.REVIEW)


def _early(case: FlagInput, bounds: FlagLimits, struck_from: date | None) -> list[RedFlag]:
    if case.covered_since is None or case.loss_date < case.covered_since:
        return []
    day = (case.loss_date - case.covered_since).days + 1
    if day > bounds.early_note:
        return []
    # Nobody chose the day of a catastrophe; cover bought on that day or later is another matter.
    chance = struck_from is not None and case.covered_since < struck_from
    weight = FlagWeight.REVIEW if day <= bounds.early_review and not chance else FlagWeight.NOTE
    return [
        _flag(
            "R1",
            weight,
            f"出险日期 {case.loss_date} 是生效、复效或加保（{case.covered_since}）后的第 {day} 天。",
            f"The loss on {case.loss_date} falls on day {day} after inception, reinstatement or increase ({case.covered_since}).",
        )
    ]


def _just_after_waiting(case: FlagInput, bounds: FlagLimits) -> list[RedFlag]:
    if not case.waiting_days or case.covered_since is None or case.diagnosis_date is None or case.accident:
        return []
    # The waiting period counts its first day (notes/domain.md §5).
    last_waiting_day = case.covered_since + timedelta(days=case.waiting_days - 1)
    late_by = (case.diagnosis_date - last_waiting_day).days
    if not 1 <= late_by <= bounds.after_waiting:
        return []
    return [
        _flag(
            "R2",
            FlagWeight.REVIEW,
            f"确诊日期 {case.diagnosis_date} 在等待期（至 {last_waiting_day}）结束后第 {late_by} 天。",
            f"The diagnosis on {case.diagnosis_date} is {late_by} days after the waiting period ended on {last_waiting_day}.",
        )
    ]


def _bills_known(case: FlagInput, known: Collection[str]) -> list[RedFlag]:
    found: list[RedFlag] = []
    seen: set[str] = set()
    for bill in case.bills:
        keys = bill_keys(bill)
        shown = f"{bill.code or '？'} {bill.number or '？'}"
        if any(one in known for one in keys):
            found.append(
                _flag(
                    "R5",
                    FlagWeight.REVIEW,
                    f"票据 {shown} 已在另一案件中使用。",
                    f"Bill {shown} was used in another case.",
                )
            )
        elif any(one in seen for one in keys):
            found.append(
                _flag("R5", FlagWeight.REVIEW, f"票据 {shown} 在本案中重复。", f"Bill {shown} is in this case twice.")
            )
        if bill.reversed_or_void:
            found.append(
                _flag("R5", FlagWeight.REVIEW, f"票据 {shown} 为红冲或作废票据。", f"Bill {shown} is reversed or void.")
            )
        seen.update(keys)
    return found


def _bills_off(case: FlagInput) -> list[RedFlag]:
    found: list[RedFlag] = []
    for bill in case.bills:
        found.extend(RedFlag(id="R6", weight=FlagWeight.REVIEW, sentence=one) for one in sums_that_differ(bill))
        if bill.issued_on and case.discharge_date and bill.issued_on < case.discharge_date:
            found.append(
                _flag(
                    "R6",
                    FlagWeight.REVIEW,
                    f"开票日期 {bill.issued_on} 早于出院日期 {case.discharge_date}。",
                    f"The bill was issued on {bill.issued_on}, before the discharge on {case.discharge_date}.",
                )
            )
    return found


def _another_person(readings: Sequence[PersonReading]) -> list[RedFlag]:
    if len(readings) < 2:
        return []
    base, *others = readings
    found: list[RedFlag] = []
    for other in others:
        zh, en = other.source.zh, other.source.en
        if base.name and other.name and not _same_name(base.name, other.name):
            found.append(
                _flag(
                    "R7",
                    FlagWeight.REVIEW,
                    f"{zh}上的姓名“{other.name}”与{base.source.zh}“{base.name}”不一致。",
                    f'The name on the {en}, "{other.name}", differs from the {base.source.en}, "{base.name}".',
                )
            )
        if base.sex and other.sex and base.sex != other.sex:
            found.append(
                _flag(
                    "R7",
                    FlagWeight.REVIEW,
                    f"{zh}上的性别与{base.source.zh}不一致。",
                    f"The sex on the {en} differs from the {base.source.en}.",
                )
            )
        if base.birth_date and other.birth_date and base.birth_date != other.birth_date:
            found.append(
                _flag(
                    "R7",
                    FlagWeight.REVIEW,
                    f"{zh}上的出生日期 {other.birth_date} 与{base.source.zh} {base.birth_date} 不一致。",
                    f"The birth date on the {en}, {other.birth_date}, differs from the {base.source.en}, {base.birth_date}.",
                )
            )
        if base.birth_date and other.age is not None and other.on:
            age = other.on.year - base.birth_date.year
            # Hospitals write full years, nominal years or the difference of years: one year off is no hint.
            if not age - 1 <= other.age <= age + 1:
                found.append(
                    _flag(
                        "R7",
                        FlagWeight.REVIEW,
                        f"{zh}上的年龄 {other.age} 岁与出生日期 {base.birth_date} 不符。",
                        f"The age on the {en}, {other.age}, does not fit the birth date {base.birth_date}.",
                    )
                )
    return found


def _illness_as_accident(case: FlagInput) -> list[RedFlag]:
    # Injuries, poisonings and their causes are chapters S to Y of ICD-10; T and V to Y are no illness either.
    if not case.accident or not case.icd10 or case.icd10[:1].upper() in "STVWXY":
        return []
    return [
        _flag(
            "R10",
            FlagWeight.REVIEW,
            f"按意外申请，但诊断编码 {case.icd10} 属于疾病。",
            f"Claimed as an accident, but the diagnosis {case.icd10} is an illness.",
        )
    ]


_HISTORY = re.compile(
    r"(?P<what>高血压|糖尿病|冠心病|心脏病|脑梗塞?|脑卒中|肝炎|肝硬化|肾炎|肾病|肿瘤|癌|结节|哮喘|癫痫|甲亢)"
    r"(?:病?史)?[^\d一二三四五六七八九十。；;\n]{0,6}(?P<years>\d{1,2}|[一二三四五六七八九十]{1,3})(?:余|多|\+)?年"
)
_DIGITS = {one: place for place, one in enumerate("〇一二三四五六七八九")}


def _older_history(case: FlagInput) -> list[RedFlag]:
    if case.covered_since is None or case.recorded_on is None:
        return []
    found: list[RedFlag] = []
    for match in _HISTORY.finditer(unicodedata.normalize("NFKC", case.history)):
        years = _years(match["years"])
        began = case.recorded_on.year - years
        if began < case.covered_since.year:
            found.append(
                _flag(
                    "R10",
                    FlagWeight.REVIEW,
                    f"病历写有“{match.group()}”，约始于 {began} 年，早于保单生效日 {case.covered_since}。",
                    f'The record says "{match.group()}": since about {began}, before the policy took effect on {case.covered_since}.',
                )
            )
    return found


def _catastrophe(case: FlagInput, catastrophe: Catastrophe, link: LossLink) -> list[RedFlag]:
    found: list[RedFlag] = []
    named = link.catastrophe_id == catastrophe.catastrophe_id
    reached = reach(catastrophe, link)
    if named and not reached.applies:
        found.append(RedFlag(id="R16", weight=FlagWeight.REVIEW, sentence=reached.reason))
    if named and case.onset_date is not None and case.onset_date < catastrophe.loss_from:
        found.append(
            _flag(
                "R16",
                FlagWeight.REVIEW,
                f"伤病始于 {case.onset_date}，早于“{catastrophe.name.zh}”开始的 {catastrophe.loss_from}。",
                f'The injury or illness began on {case.onset_date}, before "{catastrophe.name.en}" on {catastrophe.loss_from}.',
            )
        )
    if case.victim_list_matches is not None and case.victim_list_matches > 1:
        found.append(
            _flag(
                "R16",
                FlagWeight.REVIEW,
                f"名单上有 {case.victim_list_matches} 人符合，可能重名，请人工核对。",
                f"{case.victim_list_matches} entries of the list match; they may be namesakes: a person must look.",
            )
        )
    return found


def _same_name(one: str, other: str) -> bool:
    a, b = (_name(text) for text in (one, other))
    return len(a) == len(b) and all(x == y or "*" in (x, y) for x, y in zip(a, b, strict=True))


def _name(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("×", "*")
    return "".join(letter for letter in folded if letter.isalnum() or letter == "*")


def _years(text: str) -> int:
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS.get(text[-1], 0)
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def _flag(number: str, weight: FlagWeight, zh: str, en: str) -> RedFlag:
    return RedFlag(id=number, weight=weight, sentence=Bilingual(zh, en))
