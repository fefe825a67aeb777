"""Takes a refused part out of a document, so that the next refusal shows: an author hears of all, not of the first.

Promise: only for finding further problems; what was mended never leaves ``refusals``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from rules.engine.covering import check_tables
from rules.engine.document import PackDocument, PlanSpec, PoolSpec, RuleKind, RuleSpec, ValueType, write_document
from rules.engine.loading import load_pack
from rules.engine.model import Bilingual, PackError, Unit

# Each round loads the pack again.
MAX_ROUNDS = 40

_LITERALS = {
    ValueType.MONEY: "0.00 yuan",
    ValueType.EXACT_MONEY: "0.00 yuan * 1",
    ValueType.NUMBER: "0",
    ValueType.TEXT: '"-"',
    ValueType.BOOL: "true",
    ValueType.DATE: 'date("2000-01-01")',
}
_VALUES: dict[ValueType, bool | int | str] = {
    ValueType.MONEY: 0,
    ValueType.EXACT_MONEY: "0",
    ValueType.NUMBER: "0",
    ValueType.TEXT: "-",
    ValueType.BOOL: False,
    ValueType.DATE: "2000-01-01",
}
_PLAIN = Bilingual(zh="-", en="-")


def refusals(document: PackDocument) -> Iterator[PackError]:
    """Return what the engine refuses about a document, one thing after the other."""
    seen: set[str] = set()
    for _ in range(MAX_ROUNDS):
        try:
            check_tables(load_pack(write_document(document)))
        except PackError as error:
            if str(error) in seen:
                return
            seen.add(str(error))
            yield error
            mended = _mended(document, error)
            if mended is None or mended == document:
                return
            document = mended
            continue
        return


def _mended(document: PackDocument, error: PackError) -> PackDocument | None:
    whole = error.values.get("part", "")
    kind, _, name = whole.partition(" ")
    name, _, inner = name.partition(", ")
    name = name.partition("@")[0]
    if error.code in ("unseen_character", "blank_text"):
        return _with_plain_text(document, kind, name, inner.partition(" ")[2], error.values["field"].split("."))
    if kind == "rule":
        rules = tuple(_neutral(rule) if rule.id == name else rule for rule in document.rules)
        return msgspec.structs.replace(document, rules=rules)
    if kind == "pool":
        pools = tuple(_without_limit(pool) if pool.id == name else pool for pool in document.pools)
        return msgspec.structs.replace(document, pools=pools)
    if kind == "liability":
        return _without_liability(document, name)
    if kind == "plan":
        plans = tuple(
            _mended_plan(document, plan, inner, error) if plan.id == name else plan for plan in document.plans
        )
        return msgspec.structs.replace(document, plans=plans)
    return None


_LAYERS = {
    "element": "elements",
    "parameter": "parameters",
    "rule": "rules",
    "pool": "pools",
    "liability": "liabilities",
}


def _with_plain_text(document: PackDocument, kind: str, name: str, output: str, path: list[str]) -> PackDocument:
    """Return the document with a dash for one text that people read."""
    if kind == "plan" and output:
        plans = tuple(
            msgspec.structs.replace(plan, outputs=_with_plain(plan.outputs, output, path)) if plan.id == name else plan
            for plan in document.plans
        )
        return msgspec.structs.replace(document, plans=plans)
    layer = _LAYERS.get(kind, "plans")
    return msgspec.structs.replace(document, **{layer: _with_plain(getattr(document, layer), name, path)})


def _with_plain(entries: tuple[Any, ...], name: str, path: list[str]) -> tuple[Any, ...]:
    return tuple(_plain_at(entry, path) if entry.id == name else entry for entry in entries)


def _plain_at(holder: Any, path: list[str]) -> Any:
    first, *rest = path
    value = _plain_at(getattr(holder, first), rest) if rest else "-"
    return msgspec.structs.replace(holder, **{first: value})


def _neutral(rule: RuleSpec) -> RuleSpec:
    """Return the rule with a body that fits its kind and type and reads nothing."""
    needed = {
        RuleKind.GATE: ValueType.BOOL,
        RuleKind.REFER: ValueType.BOOL,
        RuleKind.AMOUNT: ValueType.EXACT_MONEY,
        RuleKind.ROUND: ValueType.MONEY,
    }.get(rule.kind, rule.type)
    if needed is ValueType.BOOL and rule.type is not needed:
        # The kind is the slip, more likely than the type: other rules read the value by it.
        rule, needed = msgspec.structs.replace(rule, kind=RuleKind.VALUE), rule.type
    body = _LITERALS[needed]
    if rule.kind is RuleKind.AMOUNT:
        body = "amount"
    if rule.kind is RuleKind.ROUND:
        body = "round half up(amount, 2)"
    many = rule.many and rule.kind is RuleKind.VALUE
    return msgspec.structs.replace(
        rule,
        type=needed,
        many=many,
        expression=f"[{body}]" if many else body,
        table=None,
        versions=(),
        applied=_PLAIN,
        not_applied=_PLAIN,
        shows=None,
        waiver=None,
        override=None,
    )


def _without_limit(pool: PoolSpec) -> PoolSpec:
    limit = None if pool.limit is None else ("0.00 yuan" if pool.unit is Unit.FEN else "0")
    return msgspec.structs.replace(pool, limit=limit)


def _without_liability(document: PackDocument, name: str) -> PackDocument:
    liabilities = tuple(each for each in document.liabilities if each.id != name)
    plans = tuple(
        msgspec.structs.replace(plan, liabilities=tuple(each for each in plan.liabilities if each.liability != name))
        for plan in document.plans
    )
    return msgspec.structs.replace(document, liabilities=liabilities, plans=plans)


def _mended_plan(document: PackDocument, plan: PlanSpec, inner: str, error: PackError) -> PlanSpec:
    what, _, name = inner.partition(" ")
    spec = next((each for each in document.parameters if each.id == error.values.get("name")), None)
    if spec is not None:
        value = _VALUES[spec.type]
        given = {**plan.parameters, spec.id: (value,) if spec.many else value}
        own = tuple(
            msgspec.structs.replace(
                each, parameters={key: kept for key, kept in each.parameters.items() if key != spec.id}
            )
            for each in plan.liabilities
        )
        return msgspec.structs.replace(plan, parameters=given, liabilities=own)
    if what == "output":
        return msgspec.structs.replace(plan, outputs=tuple(each for each in plan.outputs if each.id != name))
    return plan
