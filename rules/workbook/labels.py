"""Chinese words of the pack's closed lists, as the drop-down lists of a workbook show them.

Promise: every member of every list has one label, ``金额 money``; a cell may hold the label, its Chinese or its English part.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Generic, TypeVar

from rules.engine.document import CarryReach, CarryWhen, DateBasis, RuleKind, Source, ValueType
from rules.engine.language import Aggregation, HitPolicy
from rules.engine.model import PoolScope, Unit
from rules.workbook.problems import Wrong
from rules.workbook.texts import tidy_name

Member = TypeVar("Member", bound=StrEnum)


class StepRole(StrEnum):
    """What a rule is in a liability's pipeline. An exclusion is a step too."""

    CONCERN = "concern"
    STEP = "step"
    EXCLUSION = "exclusion"


class Choices(Generic[Member]):
    """A closed list with its words."""

    def __init__(self, kind: type[Member], words: dict[Member, str], english: dict[Member, str] | None = None) -> None:
        """``english`` are the English words where the pack's own word says something else than the cell."""
        said = {member: (english or {}).get(member, member.value) for member in kind}
        self._words = {member: f"{words[member]} {said[member]}" for member in kind}
        self._members: dict[str, Member] = {}
        for member in kind:
            for form in (self._words[member], words[member], said[member], member.value):
                self._members[form.casefold()] = member

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels, in the list's order."""
        return tuple(self._words.values())

    def label(self, member: Member) -> str:
        """Return the label that export writes."""
        return self._words[member]

    def member(self, text: str) -> Member:
        """Return what a cell means. Raises Wrong with all labels."""
        found = self._members.get(" ".join(tidy_name(text).split()).casefold())
        if found is None:
            raise Wrong("not_listed", found=text, listed="、".join(self.labels))
        return found


TYPES = Choices(
    ValueType,
    {
        ValueType.MONEY: "金额",
        ValueType.EXACT_MONEY: "未取整金额",
        ValueType.NUMBER: "数",
        ValueType.TEXT: "文本",
        ValueType.BOOL: "是否",
        ValueType.DATE: "日期",
    },
)
UNITS = Choices(
    Unit,
    {
        Unit.FEN: "元",
        Unit.RATIO: "比例",
        Unit.DAY: "日",
        Unit.COUNT: "个",
        Unit.BOOL: "是否",
        Unit.DATE: "日期",
        Unit.TEXT: "文本",
    },
    # The pack counts money in fen, the workbook shows it in yuan.
    {Unit.FEN: "yuan"},
)
SOURCES = Choices(
    Source,
    {
        Source.DOCUMENT: "单证",
        Source.POLICY: "保单",
        Source.SYSTEM: "系统",
        Source.ADJUSTER: "查勘员",
        Source.CATASTROPHE: "巨灾通知",
    },
)
KINDS = Choices(
    RuleKind,
    {
        RuleKind.VALUE: "取值",
        RuleKind.GATE: "条件",
        RuleKind.REFER: "转人工",
        RuleKind.AMOUNT: "计算",
        RuleKind.ROUND: "取整",
    },
)
BASES = Choices(
    DateBasis,
    {
        DateBasis.LIABILITY: "随责任",
        DateBasis.INCEPTION: "承保日",
        DateBasis.ACCIDENT: "出险日",
        DateBasis.TREATMENT: "就诊日",
        DateBasis.DIAGNOSIS: "确诊日",
        DateBasis.DEATH: "身故日",
        DateBasis.REPORT: "报案日",
    },
)
SCOPES = Choices(
    PoolScope,
    {
        PoolScope.POLICY: "保单",
        PoolScope.POLICY_YEAR: "保单年度",
        PoolScope.PERSON: "被保险人",
        PoolScope.ACCIDENT: "每次事故",
    },
)
POLICIES = Choices(
    HitPolicy,
    {
        HitPolicy.UNIQUE: "唯一",
        HitPolicy.FIRST: "首行",
        HitPolicy.ANY: "任一",
        HitPolicy.COLLECT: "汇总",
    },
)
AGGREGATIONS = Choices(
    Aggregation,
    {Aggregation.SUM: "求和", Aggregation.MIN: "最小", Aggregation.MAX: "最大", Aggregation.COUNT: "计数"},
)
WHENS = Choices(
    CarryWhen,
    {
        CarryWhen.CLAIMED: "一经申请",
        CarryWhen.REACHED: "走到该步",
        CarryWhen.PAID: "已给付",
        CarryWhen.OPEN: "待人工",
    },
)
REACHES = Choices(
    CarryReach,
    {
        CarryReach.LOSS: "同一损失",
        CarryReach.POLICY: "保单",
        CarryReach.POLICY_YEAR: "保单年度",
        CarryReach.PERSON: "被保险人",
    },
)
ROLES = Choices(
    StepRole,
    {StepRole.CONCERN: "前提", StepRole.STEP: "步骤", StepRole.EXCLUSION: "责任免除"},
)
_YES = frozenset({"是", "yes", "y", "true", "1"})
_NO = frozenset({"否", "no", "n", "false", "0"})
YES, NO = "是", "否"


def yes_or_no(text: str) -> bool:
    """Return what a yes/no cell means. Raises Wrong."""
    word = tidy_name(text).casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Wrong("not_yes_no", found=text)
