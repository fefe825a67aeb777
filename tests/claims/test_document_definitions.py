"""Every paper holds what it must: the table of the domain notes, section 7, against the definitions under resources/papers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import pytest

import resources
from claims.errors import Bilingual
from claims.field_catalogue import HEAD_FIELDS, field_of
from claims.form_definitions import FORMS
from claims.form_fields import FieldKind, FieldSpec
from claims.paper_definitions import (
    Amount,
    Facts,
    Heading,
    PaperDefinition,
    PaperId,
    Signatures,
    Table,
    Ticks,
    Words,
    paper_definition,
)
from claims.papers import Mark
from claims.signing import Role

OURS = tuple(each for each in PaperId if each not in (PaperId.VOUCHER, PaperId.SLIP))
_PLACEHOLDER = re.compile(r"\{([a-z0-9_.]+)\}")


@dataclass(frozen=True)
class Must:
    """What one paper must contain: fields by content, words by content, who signs, what is stamped, how many copies."""

    fields: dict[str, tuple[str, ...]]
    words: dict[str, str]
    signed: tuple[Role, ...] = ()
    stamped: bool = False
    copies: int = 1


MUST: dict[PaperId, Must] = {
    PaperId.APPLICATION: Must(
        fields={
            "insured": ("insured.name", "insured.id_type", "insured.id_number", "insured.id_expiry"),
            "policyholder": ("policyholder.name", "case.policy_nos"),
            "applicant and relation": ("applicant.name", "applicant.relation", "applicant.on_behalf"),
            "identity document": ("applicant.id_type", "applicant.id_number", "applicant.id_expiry"),
            "time, place, cause": ("case.loss_date", "loss.time", "case.loss_place", "loss.cause", "case.description"),
            "claim types": ("claim.type",),
            "other insurers": ("other_cover.any", "other_cover.details"),
            "social insurance": ("social_insurance.kind",),
            "account": ("payee.name", "payee.bank", "payee.account"),
        },
        words={
            "transfer authority": "授权贵公司把应付保险金转入",
            "investigation authority": "授权贵公司为核定.*查询",
            "truth declaration": "真实、完整",
            "false claims, art. 27": "第二十七条",
            "privacy consent": "单独同意",
            "purpose and necessity": "用途.*必要性",
            "guardian for under 14": "不满十四周岁",
        },
        signed=(Role.CLAIMANT, Role.CONSENT, Role.ADJUSTER),
        copies=2,
    ),
    PaperId.POWER_OF_ATTORNEY: Must(
        fields={
            "principal": ("principal.name", "principal.relation"),
            "agent": ("agent.name", "agent.relation", "agent.phone"),
            "scope": ("authority.scope",),
            "period": ("authority.from", "authority.to"),
            "both IDs": ("principal.id_type", "principal.id_number", "agent.id_type", "agent.id_number"),
        },
        words={"payee stays principal": "领款人仍是委托人本人"},
        signed=(Role.CLAIMANT, Role.AGENT),
        copies=2,
    ),
    PaperId.SUPPLEMENT_NOTICE: Must(
        fields={
            "complete list": ("material.name",),
            "why": ("material.why",),
            "how": ("material.how", "supplement.how"),
            "waived papers": ("waived.material", "waived.waiver"),
            "delivery proof": ("notice.addressee", "notice.date", "delivery.method", "delivery.to"),
        },
        words={"art. 22": "第二十二条", "complete": "完整清单", "clock stops": "不计入核定期限"},
        signed=(Role.CLAIMANT, Role.ADJUSTER),
        stamped=True,
        copies=2,
    ),
    PaperId.DECISION_NOTICE: Must(
        fields={
            "each benefit": ("liability.name", "policy.number"),
            "basis": ("liability.basis", "step.clause"),
            "calculation": ("step.item", "step.text"),
            "deductions": ("step.result",),
            "payee": ("payee.name", "payee.relation_shown", "payee.account_shown"),
            "figures and capitals": (
                "liability.amount",
                "liability.capitals",
                "payee.amount",
                "payee.capitals",
                "decision.total",
            ),
            "waived papers": ("waived.material", "waived.waiver"),
            "what is not decided": ("decision.pending",),
            "headquarters": ("decision.clause", "decision.grounds", "decision.by", "decision.on"),
            "delivery proof": ("notice.addressee", "notice.date", "delivery.method"),
        },
        words={"art. 23": "第二十三条", "review": "复核", "complaint": "投诉", "court": "起诉"},
        signed=(Role.CLAIMANT, Role.ADJUSTER),
        stamped=True,
        copies=2,
    ),
    PaperId.REFUSAL_NOTICE: Must(
        fields={
            "facts": ("refusal.facts",),
            "clause text": ("refusal.clause",),
            "reasons": ("refusal.grounds",),
            "refund or cash value": ("refund.amount", "refund.capitals"),
            "dated, three days": ("refusal.on", "refusal.until", "notice.date"),
            "whose decision": ("refusal.by", "refusal.kind"),
            "delivery proof": ("notice.addressee", "delivery.method"),
        },
        words={
            "art. 24": "第二十四条.*三日内",
            "appeal": "复核",
            "complaint": "投诉.*12378",
            "court": "人民法院",
            "limitation": "第二十六条",
        },
        signed=(Role.CLAIMANT, Role.ADJUSTER),
        stamped=True,
        copies=2,
    ),
    PaperId.PREPAYMENT_AGREEMENT: Must(
        fields={
            "amount": ("prepay.amount",),
            "purpose": ("prepay.purpose", "prepay.reason", "prepay.details"),
            "payee": ("payee.name", "payee.id_number", "payee.bank", "payee.account"),
            "policy": ("prepay.policy_no",),
        },
        words={"deduct": "扣除预付金额", "return": "返还", "art. 25": "第二十五条", "no promise": "不构成付款承诺"},
        signed=(Role.CLAIMANT, Role.ADJUSTER),
        stamped=True,
        copies=2,
    ),
    PaperId.INTERVIEW_RECORD: Must(
        fields={
            "time": ("interview.date", "interview.from", "interview.to"),
            "place": ("interview.place",),
            "two investigators": (
                "investigator.first",
                "investigator.first_no",
                "investigator.second",
                "investigator.second_no",
            ),
            "identity": ("interviewee.name", "interviewee.id_type", "interviewee.id_number", "interviewee.relation"),
            "questions and answers": ("interview.question", "interview.answer"),
        },
        words={"read, correct": "看过.*一致", "told at the start": "如实回答"},
        signed=(Role.INTERVIEWEE, Role.INVESTIGATOR, Role.SECOND_INVESTIGATOR),
    ),
    PaperId.SPLIT_STATEMENT: Must(
        fields={
            "bill": ("split.bill", "bill_total", "self_expense", "admission_date"),
            "what each party paid": ("payment.payer", "payment.basis", "payment.amount", "split.paid"),
            "what is left": ("split.left",),
            "where the original is": ("split.original", "split.original_place"),
            "insured": ("insured.name", "insured.id_number"),
            "earlier statements": ("split.earlier",),
        },
        words={"certifies": "兹证明"},
        signed=(Role.CLAIMANT, Role.ADJUSTER),
        stamped=True,
        copies=2,
    ),
    PaperId.DAY_END_COUNT: Must(
        fields={
            "day": ("day.date", "day.counted_at", "day.verdict"),
            "used + voided + blank + unused = block": (
                "block.size",
                "block.used",
                "block.voided",
                "block.blank",
                "block.unused",
            ),
            "printed = recorded = counted": ("count.recorded", "count.printed", "count.counted"),
            "differences": ("difference.text",),
        },
        words={},
        signed=(Role.ADJUSTER, Role.REVIEWER),
    ),
    PaperId.SERVICE_LEAFLET: Must(fields={"text": ("leaflet.text",)}, words={"costs nothing": "不收费"}),
}


def words_of(paper: PaperDefinition) -> Iterator[Bilingual]:
    """Yield every fixed sentence of a paper."""
    yield from (paper.title, paper.number_label, paper.foot, *paper.copies, *paper.watermarks.values())
    for part in paper.parts:
        match part:
            case Words(paragraphs=paragraphs):
                yield from paragraphs
            case Heading(text=text):
                yield text
            case Table(when_empty=Bilingual() as empty):
                yield empty
            case Signatures(lines=lines, stamp=stamp):
                yield from (line.label for line in lines)
                yield from (line.note for line in lines if line.note is not None)
                if stamp is not None:
                    yield stamp
            case _:
                pass


def keys_of(paper: PaperDefinition) -> Iterator[str]:
    """Yield the key of every field that a paper prints, in its parts and inside its sentences."""
    for part in paper.parts:
        match part:
            case Facts(fields=fields):
                yield from fields
            case Table(columns=columns, total=total):
                yield from (column.key for column in columns)
                if total is not None:
                    yield total
            case Amount(field=key) | Ticks(field=key):
                yield key
            case Signatures(lines=lines):
                yield from (line.name for line in lines if line.name is not None)
            case _:
                pass
    for words in words_of(paper):
        yield from _PLACEHOLDER.findall(words.zh)


def shared_fields() -> tuple[FieldSpec, ...]:
    raw = resources.path("papers", "shared", "fields.json").read_bytes()
    return msgspec.json.decode(raw, type=tuple[FieldSpec, ...])


def test_every_paper_is_held_to_the_table() -> None:
    assert set(MUST) == set(OURS)


@pytest.mark.parametrize(
    ("paper", "content", "keys"),
    [(paper, content, keys) for paper, must in MUST.items() for content, keys in must.fields.items()],
)
def test_a_mandatory_content_is_a_field_of_the_paper(paper: PaperId, content: str, keys: tuple[str, ...]) -> None:
    printed = set(keys_of(paper_definition(paper)))
    assert set(keys) <= printed, f"{content}: {set(keys) - printed} not printed"


@pytest.mark.parametrize(
    ("paper", "content", "pattern"),
    [(paper, content, pattern) for paper, must in MUST.items() for content, pattern in must.words.items()],
)
def test_a_mandatory_sentence_stands_on_the_paper(paper: PaperId, content: str, pattern: str) -> None:
    assert any(re.search(pattern, words.zh) for words in words_of(paper_definition(paper))), content


@pytest.mark.parametrize("paper", OURS)
def test_who_must_sign_has_a_line_and_the_stamp_its_place(paper: PaperId) -> None:
    must, definition = MUST[paper], paper_definition(paper)
    parts = [part for part in definition.parts if isinstance(part, Signatures)]
    roles = {line.role for part in parts for line in part.lines}
    assert {role.value for role in must.signed} <= roles
    assert roles <= {role.value for role in Role}
    assert any(part.stamp is not None for part in parts) == must.stamped
    assert max(1, len(definition.copies)) == must.copies
    assert all(line.dated for part in parts for line in part.lines)


def test_the_consent_is_signed_apart_from_the_application() -> None:
    parts = [part for part in paper_definition(PaperId.APPLICATION).parts if isinstance(part, Signatures)]
    assert [[line.role for line in part.lines] for part in parts] == [["claimant", "adjuster"], ["consent"]]


def test_each_page_of_an_interview_is_signed() -> None:
    assert paper_definition(PaperId.INTERVIEW_RECORD).initials


@pytest.mark.parametrize("paper", OURS)
def test_every_field_is_known_and_speaks_both_languages(paper: PaperId) -> None:
    definition = paper_definition(paper)
    assert definition.paper is paper
    for key in keys_of(definition):
        field = field_of(definition, key)
        assert field.key == key
        assert field.label.zh
        assert field.label.en
        assert bool(field.help.zh) == bool(field.help.en), key
        for choice in field.choices:
            assert choice.label.zh
            assert choice.label.en


@pytest.mark.parametrize("paper", OURS)
def test_every_sentence_says_the_same_values_in_both_languages(paper: PaperId) -> None:
    for words in words_of(paper_definition(paper)):
        assert words.zh
        assert words.en
        assert set(_PLACEHOLDER.findall(words.zh)) == set(_PLACEHOLDER.findall(words.en)), words


@pytest.mark.parametrize("paper", OURS)
def test_no_own_field_is_left_over_and_columns_share_the_width(paper: PaperId) -> None:
    definition = paper_definition(paper)
    # The English wording of the leaflet is typed and stands inside the one value that is printed.
    assert {field.key for field in definition.fields} - {"leaflet.text_en"} <= set(keys_of(definition))
    for part in definition.parts:
        if isinstance(part, Table):
            assert sum(column.share for column in part.columns) == pytest.approx(1)


def test_a_field_is_defined_in_one_place() -> None:
    forms = {field.key for form in FORMS.values() for field in form.fields}
    seen: dict[str, str] = dict.fromkeys(forms, "forms") | dict.fromkeys(HEAD_FIELDS, "head")
    places = [("shared", shared_fields()), *((paper.value, paper_definition(paper).fields) for paper in OURS)]
    for place, fields in places:
        for field in fields:
            assert field.key not in seen, f"{field.key}: {place} and {seen[field.key]}"
            seen[field.key] = place


def test_a_shared_field_is_used() -> None:
    used = {key for paper in PaperId for key in keys_of(paper_definition(paper))}
    assert {field.key for field in shared_fields()} <= used


def test_money_on_papers_is_an_amount() -> None:
    for paper in OURS:
        for field in paper_definition(paper).fields:
            if field.key.endswith((".amount", ".total", ".paid", ".left")):
                assert field.kind is FieldKind.AMOUNT, field.key


@pytest.mark.parametrize("paper", OURS)
def test_a_voided_paper_says_so(paper: PaperId) -> None:
    assert Mark.VOIDED.value in paper_definition(paper).watermarks


@pytest.mark.parametrize("paper", [PaperId.DECISION_NOTICE, PaperId.SPLIT_STATEMENT, PaperId.PREPAYMENT_AGREEMENT])
def test_what_is_not_final_has_its_watermark(paper: PaperId) -> None:
    assert Mark.PRE_APPROVED.value in paper_definition(paper).watermarks
