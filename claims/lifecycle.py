"""The states of a claim and who may move it where, as data.

Promise: the field takes in, supplements, registers, examines and calculates; it never declines, never closes, never pays.
Nothing but ``move`` decides whether a change of state is legal, on the laptop as well as at headquarters.

Source: notes/domain.md §1.1; design.md "The field never declines"; docs/adr/0033.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from claims.errors import Bilingual, InputError
from claims.events import Outcome


class CaseState(StrEnum):
    """Where a case stands. The values are what the log carries."""

    NOTIFIED = "notified"
    ACCEPTED = "accepted"
    SUPPLEMENT = "supplement"
    REGISTERED = "registered"
    NOT_REGISTERED = "not_registered"
    EXAMINED = "examined"
    INVESTIGATING = "investigating"
    CALCULATED = "calculated"
    REVIEWED = "reviewed"
    ESCALATED = "escalated"
    APPROVED = "approved"
    NOTIFIED_DECISION = "notified_decision"
    PAYING = "paying"
    PAID = "paid"
    CLOSED = "closed"
    ARCHIVED = "archived"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class Actor(StrEnum):
    """Who makes the move."""

    FIELD = "field"
    HQ = "hq"


class FinalDecision(StrEnum):
    """What an authority holder at headquarters may decide when a case is approved. None of them is the field's."""

    PAY = "pay"
    PARTIAL = "partial"
    DECLINE = "decline"
    EX_GRATIA = "ex_gratia"
    COMPROMISE = "compromise"
    RESCIND = "rescind"
    WAIVER = "waiver"


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One legal change of state. ``needs_claimant_signature``: it is the claimant's own act and must be signed."""

    source: CaseState
    target: CaseState
    actors: frozenset[Actor]
    needs_claimant_signature: bool = False


STATE_NAMES: dict[CaseState, Bilingual] = {
    CaseState.NOTIFIED: Bilingual("报案", "notified"),
    CaseState.ACCEPTED: Bilingual("受理", "accepted"),
    CaseState.SUPPLEMENT: Bilingual("待补充材料", "waiting for papers"),
    CaseState.REGISTERED: Bilingual("立案", "registered"),
    CaseState.NOT_REGISTERED: Bilingual("不予立案", "not registered"),
    CaseState.EXAMINED: Bilingual("初审", "examined"),
    CaseState.INVESTIGATING: Bilingual("调查", "under investigation"),
    CaseState.CALCULATED: Bilingual("理算", "calculated"),
    CaseState.REVIEWED: Bilingual("复核", "reviewed"),
    CaseState.ESCALATED: Bilingual("超权限上报", "escalated"),
    CaseState.APPROVED: Bilingual("签批", "approved"),
    CaseState.NOTIFIED_DECISION: Bilingual("通知", "decision notified"),
    CaseState.PAYING: Bilingual("给付中", "being paid"),
    CaseState.PAID: Bilingual("已给付", "paid"),
    CaseState.CLOSED: Bilingual("结案", "closed"),
    CaseState.ARCHIVED: Bilingual("归档", "archived"),
    CaseState.REOPENED: Bilingual("重开", "reopened"),
    CaseState.WITHDRAWN: Bilingual("撤案", "withdrawn"),
    CaseState.CANCELLED: Bilingual("销案", "cancelled"),
}

_EITHER = frozenset({Actor.FIELD, Actor.HQ})
_HQ = frozenset({Actor.HQ})


def _moves(source: CaseState, actors: frozenset[Actor], *targets: CaseState, signed: bool = False) -> tuple[Move, ...]:
    return tuple(
        Move(source=source, target=target, actors=actors, needs_claimant_signature=signed) for target in targets
    )


MOVES: tuple[Move, ...] = (
    *_moves(CaseState.NOTIFIED, _EITHER, CaseState.ACCEPTED),
    *_moves(CaseState.NOTIFIED, _EITHER, CaseState.WITHDRAWN, signed=True),
    *_moves(CaseState.NOTIFIED, _HQ, CaseState.CANCELLED),
    *_moves(CaseState.ACCEPTED, _EITHER, CaseState.SUPPLEMENT, CaseState.REGISTERED),
    *_moves(CaseState.ACCEPTED, _EITHER, CaseState.WITHDRAWN, signed=True),
    *_moves(CaseState.ACCEPTED, _HQ, CaseState.NOT_REGISTERED, CaseState.CANCELLED),
    # A supplement leads back to where it was asked; ``move`` holds that to one state when it is told which.
    *_moves(CaseState.SUPPLEMENT, _EITHER, CaseState.ACCEPTED, CaseState.REGISTERED, CaseState.EXAMINED),
    *_moves(CaseState.SUPPLEMENT, _EITHER, CaseState.WITHDRAWN, signed=True),
    *_moves(CaseState.REGISTERED, _EITHER, CaseState.EXAMINED, CaseState.SUPPLEMENT),
    *_moves(CaseState.REGISTERED, _HQ, CaseState.NOT_REGISTERED, CaseState.CANCELLED),
    *_moves(CaseState.NOT_REGISTERED, _HQ, CaseState.NOTIFIED_DECISION),
    *_moves(CaseState.EXAMINED, _EITHER, CaseState.CALCULATED, CaseState.SUPPLEMENT),
    *_moves(CaseState.EXAMINED, _HQ, CaseState.INVESTIGATING),
    *_moves(CaseState.INVESTIGATING, _HQ, CaseState.EXAMINED),
    # New facts in the field re-open the sums until somebody has reviewed them.
    *_moves(CaseState.CALCULATED, _EITHER, CaseState.EXAMINED),
    *_moves(CaseState.CALCULATED, _HQ, CaseState.REVIEWED),
    *_moves(CaseState.REVIEWED, _HQ, CaseState.APPROVED, CaseState.ESCALATED, CaseState.CALCULATED),
    *_moves(CaseState.ESCALATED, _HQ, CaseState.APPROVED, CaseState.CALCULATED),
    *_moves(CaseState.APPROVED, _HQ, CaseState.NOTIFIED_DECISION),
    *_moves(CaseState.NOTIFIED_DECISION, _HQ, CaseState.PAYING, CaseState.CLOSED),
    *_moves(CaseState.PAYING, _HQ, CaseState.PAID),
    # The bank sent the money back (退票): it is paid again, to a corrected account.
    *_moves(CaseState.PAID, _HQ, CaseState.PAYING, CaseState.CLOSED),
    *_moves(CaseState.CLOSED, _HQ, CaseState.ARCHIVED, CaseState.REOPENED),
    *_moves(CaseState.ARCHIVED, _HQ, CaseState.REOPENED),
    *_moves(CaseState.REOPENED, _HQ, CaseState.EXAMINED),
)

_BY_ENDS = {(one.source, one.target): one for one in MOVES}

# Where each of the field's three outcomes may be recorded: a promise needs finished sums, a referral or a slip never waits.
_FIELD_STATES = frozenset(
    {
        CaseState.NOTIFIED,
        CaseState.ACCEPTED,
        CaseState.SUPPLEMENT,
        CaseState.REGISTERED,
        CaseState.EXAMINED,
        CaseState.CALCULATED,
    }
)
OUTCOME_STATES: dict[Outcome, frozenset[CaseState]] = {
    Outcome.PRE_APPROVED: frozenset({CaseState.CALCULATED}),
    Outcome.REFERRED: _FIELD_STATES,
    Outcome.RECEIPT_ONLY: _FIELD_STATES,
}


def move(
    state: CaseState,
    to: CaseState,
    actor: Actor,
    *,
    claimant_signed: bool = False,
    supplement_from: CaseState | None = None,
) -> Move:
    """Return the move, or say why it can't be made.

    Args:
        supplement_from: where the supplement was asked for; leaving ``SUPPLEMENT`` must lead back there.

    Raises:
        InputError: ``move_impossible``, ``move_not_yours``, ``move_unsigned``.
    """
    found = _BY_ENDS.get((state, to))
    here, there = STATE_NAMES[state], STATE_NAMES[to]
    strays = state is CaseState.SUPPLEMENT and to is not CaseState.WITHDRAWN and supplement_from not in (None, to)
    if found is None or strays:
        ways = "、".join(STATE_NAMES[one].zh for one in next_states(state, actor)) or "无"
        ways_en = ", ".join(STATE_NAMES[one].en for one in next_states(state, actor)) or "none"
        raise InputError(
            "move_impossible",
            Bilingual(
                f"案件在“{here.zh}”，不能直接转为“{there.zh}”。",
                f'The case is "{here.en}" and cannot become "{there.en}".',
            ),
            Bilingual(f"现在可以转为：{ways}。", f"From here it can become: {ways_en}."),
        )
    if actor not in found.actors:
        raise InputError(
            "move_not_yours",
            Bilingual(
                f"“{there.zh}”只能由总部作出，现场不能拒付、结案或付款。",
                f'Only headquarters can make a case "{there.en}"; the field never declines, closes or pays.',
            ),
            Bilingual(
                "请转总部处理，并给客户签收单。", "Refer it to headquarters and give the claimant an acceptance slip."
            ),
        )
    if found.needs_claimant_signature and not claimant_signed:
        raise InputError(
            "move_unsigned",
            Bilingual(f"“{there.zh}”必须由申请人本人签字。", f'The claimant must sign before a case is "{there.en}".'),
            Bilingual("请让申请人在撤案申请上签字后再操作。", "Have the claimant sign the withdrawal first."),
        )
    return found


def next_states(state: CaseState, actor: Actor) -> tuple[CaseState, ...]:
    """Return where an actor may move a case, in the order of the table."""
    return tuple(one.target for one in MOVES if one.source is state and actor in one.actors)


def check_outcome(state: CaseState, outcome: Outcome) -> None:
    """Check that the field may record this outcome now.

    Raises:
        InputError: ``outcome_too_early``: pre-approval before the sums are finished; ``outcome_too_late``: headquarters has taken over.
    """
    if state in OUTCOME_STATES[outcome]:
        return
    here = STATE_NAMES[state]
    if state in _FIELD_STATES:
        raise InputError(
            "outcome_too_early",
            Bilingual(
                f"案件还在“{here.zh}”，未理算，不能预核。",
                f'The case is "{here.en}": nothing is calculated yet to pre-approve.',
            ),
            Bilingual("请先完成初审和理算。", "Finish the examination and the calculation first."),
        )
    raise InputError(
        "outcome_too_late",
        Bilingual(f"案件已在“{here.zh}”，由总部处理。", f'The case is "{here.en}" and in the hands of headquarters.'),
        Bilingual("请联网查看总部的答复。", "Look at headquarters' answer after the next sync."),
    )


def check_decision(decision: FinalDecision, actor: Actor) -> None:
    """Check that an actor may make a final decision.

    Raises:
        InputError: ``decision_not_yours`` for every decision of the field, the friendly ones too.
    """
    if actor is Actor.HQ:
        return
    raise InputError(
        "decision_not_yours",
        Bilingual(
            f"现场只能预核、转总部或出签收单，不能作出“{_DECISION_NAMES[decision].zh}”决定。",
            f'The field pre-approves, refers or gives a slip; it cannot decide "{_DECISION_NAMES[decision].en}".',
        ),
        Bilingual("请转总部处理。", "Refer the case to headquarters."),
    )


_DECISION_NAMES: dict[FinalDecision, Bilingual] = {
    FinalDecision.PAY: Bilingual("给付", "pay"),
    FinalDecision.PARTIAL: Bilingual("部分给付", "pay in part"),
    FinalDecision.DECLINE: Bilingual("拒付", "decline"),
    FinalDecision.EX_GRATIA: Bilingual("通融", "ex gratia"),
    FinalDecision.COMPROMISE: Bilingual("协议给付", "compromise"),
    FinalDecision.RESCIND: Bilingual("解约", "rescind"),
    FinalDecision.WAIVER: Bilingual("豁免保费", "waive premiums"),
}
