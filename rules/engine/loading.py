"""From a pack's bytes to a ``Pack``: every structural, type and size check, before anything is decided with it.

Promise: what loads can be run; what can't is refused whole with ``PackError`` naming the part. Checks go from the outside in:
size, canonical form, engine version, names, types, cycles, places in sentences, parameters of every plan.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from rules.engine.checks import (
    MAX_FORMULAS,
    MAX_TABLE_ROWS,
    check_bases,
    check_cycles,
    check_elements,
    check_given,
    check_order,
    check_output_dates,
    check_promises,
    check_sizes,
    check_texts,
    check_unique,
)
from rules.engine.compiling import Compiler
from rules.engine.dating import AT, DATE
from rules.engine.document import (
    SCHEMA,
    CarrySpec,
    CarryWhen,
    LiabilitySpec,
    PackDocument,
    PlanSpec,
    PoolSpec,
    RuleKind,
    ValueType,
    write_document,
)
from rules.engine.language import Type
from rules.engine.model import ENGINE_VERSION, Bilingual, ElementId, PackError, Unit
from rules.engine.pack import (
    AMOUNT,
    BEFORE,
    PAID,
    POOL_SUFFIXES,
    SETTLED,
    TAKEN,
    TOTAL,
    Carry,
    Draw,
    Liability,
    Output,
    Pack,
    Plan,
    Pool,
    Rule,
    carry_names,
    liability_names,
)
from rules.engine.parameter_values import dated_parameters, parameter_values
from rules.engine.rule_loading import RuleLoader
from rules.engine.values import language_type

MAX_BYTES = 8_000_000

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Spec = TypeVar("Spec", bound=_Named)


def load_pack(raw: bytes) -> Pack:
    """Read, check and compile a pack. Raises PackError."""
    document = _read(raw)
    loader = _Loader(document)
    return loader.pack(hashlib.sha256(raw).hexdigest())


def _read(raw: bytes) -> PackDocument:
    if len(raw) > MAX_BYTES:
        raise PackError("too_large", part="pack", most=str(MAX_BYTES), found=str(len(raw)))
    try:
        document = msgspec.json.decode(raw, type=PackDocument)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise PackError("bad_structure", part="pack", detail=str(problem)) from problem
    if document.schema != SCHEMA:
        raise PackError("unknown_schema", part="pack", expected=str(SCHEMA), found=str(document.schema))
    if not re.fullmatch(r"[1-9][0-9]{0,5}", document.engine_min) or int(document.engine_min) > int(ENGINE_VERSION):
        raise PackError("engine_too_old", part="pack", needed=document.engine_min, engine=ENGINE_VERSION)
    if write_document(document) != raw:
        raise PackError("not_canonical", part="pack", detail="the bytes are not the pack's canonical form")
    if document.valid_to is not None and document.valid_to < document.valid_from:
        raise PackError("bad_dates", part="pack", detail=f"{document.valid_from} to {document.valid_to}")
    return document


class _Loader:
    """Compiles one document. Used once."""

    def __init__(self, document: PackDocument) -> None:
        self._document = document
        self._elements = _by_id("element", document.elements)
        self._parameters = _by_id("parameter", document.parameters)
        self._rule_specs = _by_id("rule", document.rules)
        self._pool_specs = _by_id("pool", document.pools)
        self._liability_specs = _by_id("liability", document.liabilities)
        check_sizes(document)
        check_unique(document)
        check_texts(document)
        check_elements(self._elements)
        check_bases(document, self._elements)
        self._names = self._all_names()
        self._compiler = Compiler(self._names, dated_parameters(document))

    def pack(self, digest: str) -> Pack:
        pools = {spec.id: self._pool(spec) for spec in self._document.pools}
        loader = RuleLoader(self._compiler, self._elements, self._document.date_bases)
        rules = {rule.spec.id: rule for spec in self._document.rules for rule in loader.rules(spec)}
        bare = Pack(
            hash=digest,
            document=self._document,
            elements={ElementId(spec.id): spec for spec in self._document.elements},
            parameters=self._parameters,
            rules=rules,
            pools=pools,
            plans={},
        )
        check_cycles(rules, pools)
        liabilities = {spec.id: self._liability(spec, rules, pools) for spec in self._document.liabilities}
        plans = {spec.id: self._plan(spec, liabilities, bare) for spec in self._document.plans}
        if self._compiler.formulas > MAX_FORMULAS:
            raise PackError("too_large", part="formulas", most=str(MAX_FORMULAS), found=str(self._compiler.formulas))
        return Pack(
            hash=digest,
            document=self._document,
            elements=bare.elements,
            parameters=self._parameters,
            rules=rules,
            pools=pools,
            plans=plans,
        )

    def _all_names(self) -> dict[str, Type]:
        names: dict[str, Type] = {}

        taken = {AMOUNT, BEFORE, PAID, TOTAL, SETTLED, TAKEN, DATE}

        def add(part: str, name: str, kind: Type, readable: bool = True) -> None:
            if name in taken:
                raise PackError("twice", part=part, name=name)
            taken.add(name)
            if readable:
                names[name] = kind

        for element in self._document.elements:
            add("element", element.id, language_type(element.type, element.many))
        for parameter in self._document.parameters:
            add("parameter", parameter.id, language_type(parameter.type, parameter.many))
        for rule in self._document.rules:
            # The running sum depends on where a step stands, so no other rule may read a step that changes it.
            changes = rule.kind in (RuleKind.AMOUNT, RuleKind.ROUND)
            add("rule", rule.id, language_type(rule.type, rule.many), readable=not changes)
        for pool in self._document.pools:
            for kind in POOL_SUFFIXES if pool.limit else ("used",):
                add("pool", f"{pool.id}_{kind}", Type.MONEY if pool.unit is Unit.FEN else Type.NUMBER)
        return names

    def _pool(self, spec: PoolSpec) -> Pool:
        part = f"pool {spec.id}"
        if spec.unit not in (Unit.FEN, Unit.DAY):
            raise PackError("wrong_type", part=part, expected="fen or day", found=str(spec.unit))
        counts = Type.MONEY if spec.unit is Unit.FEN else Type.NUMBER
        used = self._elements.get(spec.used)
        if used is None or language_type(used.type, used.many) != counts:
            raise PackError("unknown_name", part=part, name=spec.used)
        limit = None if spec.limit is None else self._compiler.expression(part, spec.limit, counts)
        return Pool(spec=spec, limit=limit)

    def _liability(self, spec: LiabilitySpec, rules: Mapping[str, Rule], pools: Mapping[str, Pool]) -> Liability:
        part = f"liability {spec.id}"
        basis = self._elements.get(spec.date_basis)
        if basis is None or basis.type is not ValueType.DATE or basis.many:
            raise PackError("unknown_name", part=part, name=spec.date_basis)
        if spec.shares is not None and self._names.get(spec.shares) != Type.list_of(Type.NUMBER):
            raise PackError("unknown_name", part=part, name=spec.shares)
        if spec.indemnity is not None and self._names.get(spec.indemnity) != Type.MONEY:
            raise PackError("unknown_name", part=part, name=spec.indemnity)
        if not spec.claimed:
            raise PackError("bad_structure", part=part, detail="no claim type asks for it")
        loss_key = self._compiler.sentence(part, Bilingual(zh=spec.loss_key, en=spec.loss_key))
        for name in (spec.shares, spec.indemnity, *loss_key.names):
            if name is not None and (name in self._compiler.dated or AT in name):
                raise PackError("bad_structure", part=part, detail=f"{name} is dated: let a rule read it")
        draws = []
        for draw in spec.draws:
            pool = _of(part, pools, draw.pool)
            counts = Type.MONEY if pool.spec.unit is Unit.FEN else Type.NUMBER
            draws.append(
                Draw(
                    pool=pool,
                    amount=self._compiler.expression(part, draw.amount, counts, **{PAID: Type.MONEY}),
                    when=None if draw.when is None else self._compiler.expression(part, draw.when, Type.BOOL),
                )
            )
        liability = Liability(
            spec=spec,
            concerns=tuple(_of(part, rules, name) for name in spec.concerns),
            steps=tuple(_of(part, rules, name) for name in spec.steps),
            draws=tuple(draws),
            loss_key=loss_key,
            carries=tuple(self._carry(part, spec, carry) for carry in spec.carries),
            at_most=None if spec.at_most is None else self._compiler.expression(part, spec.at_most, Type.MONEY),
        )
        check_order(part, liability)
        check_promises(part, liability, self._elements)
        return liability

    def _carry(self, part: str, liability: LiabilitySpec, spec: CarrySpec) -> Carry:
        element = self._elements.get(spec.element)
        if element is None or element.many or element.type not in (ValueType.MONEY, ValueType.NUMBER, ValueType.BOOL):
            raise PackError("unknown_name", part=part, name=spec.element)
        for name in spec.same:
            _of(part, self._elements, name)
        if (spec.when is CarryWhen.REACHED) != (spec.step is not None) or spec.step not in (None, *liability.steps):
            raise PackError("bad_structure", part=part, detail=f"carry to {spec.element}: a step where one is reached")
        known: dict[str, Type] = {}
        if spec.when is not CarryWhen.CLAIMED:
            known = {PAID: Type.MONEY, SETTLED: Type.MONEY, **({TAKEN: Type.MONEY} if spec.step else {})}
        return Carry(
            spec=spec, value=self._compiler.expression(part, spec.value, language_type(element.type, False), **known)
        )

    def _plan(self, spec: PlanSpec, liabilities: Mapping[str, Liability], bare: Pack) -> Plan:
        part = f"plan {spec.id}"
        shared = parameter_values(part, spec.parameters, self._parameters)
        chosen = []
        for each in spec.liabilities:
            liability = _of(part, liabilities, each.liability)
            own = {**shared, **parameter_values(part, each.parameters, self._parameters)}
            reads = liability_names(liability) | carry_names(liability)
            reads |= liability.at_most.reads if liability.at_most else frozenset()
            check_given(f"{part}, liability {each.liability}", bare.needs(reads), own, self._parameters)
            chosen.append((liability, own))
        outputs = []
        for output in spec.outputs:
            where = f"{part}, output {output.id}"
            expression = self._compiler.expression(where, output.expression, Type.MONEY, **{TOTAL: Type.MONEY})
            when = (
                None
                if output.when is None
                else self._compiler.expression(where, output.when, Type.BOOL, **{TOTAL: Type.MONEY})
            )
            reads = expression.reads | (when.reads if when else frozenset())
            reached = bare.needs(reads)
            check_given(where, reached, shared, self._parameters)
            check_output_dates(where, reached, shared)
            outputs.append(Output(spec=output, expression=expression, when=when))
        return Plan(spec=spec, parameters=shared, liabilities=tuple(chosen), outputs=tuple(outputs))


Found = TypeVar("Found")


def _of(part: str, known: Mapping[str, Found], name: str) -> Found:
    found = known.get(name)
    if found is None:
        raise PackError("unknown_name", part=part, name=name)
    return found


def _by_id(kind: str, specs: Sequence[Spec]) -> dict[str, Spec]:
    found: dict[str, Spec] = {}
    for spec in specs:
        if not _NAME.fullmatch(spec.id):
            raise PackError("bad_name", part=kind, name=spec.id)
        if spec.id in found:
            raise PackError("twice", part=kind, name=spec.id)
        found[spec.id] = spec
    return found


__all__ = ["MAX_FORMULAS", "MAX_TABLE_ROWS", "load_pack"]
