"""From a pack's bytes to a ``Pack``: every structural, type and size check, before anything is decided with it.

Promise: what loads can be run; what can't is refused whole with ``PackError`` naming the part. Checks go from the outside in:
size, canonical form, engine version, names, types, cycles, places in sentences, parameters of every plan.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NoReturn, Protocol, TypeVar

import msgspec

from rules.engine.checks import (
    MAX_FORMULAS,
    MAX_TABLE_ROWS,
    check_cycles,
    check_elements,
    check_given,
    check_order,
    check_sizes,
    check_unique,
    type_of_kind,
)
from rules.engine.document import (
    SCHEMA,
    LiabilitySpec,
    PackDocument,
    ParameterSpec,
    PlanSpec,
    PoolSpec,
    RuleKind,
    RuleSpec,
    ValueType,
    write_document,
)
from rules.engine.intrinsics import INTRINSICS
from rules.engine.language import Expression, LanguageError, Table, Type, compile_expression, compile_table
from rules.engine.model import ENGINE_VERSION, Bilingual, ElementId, PackError, Unit, Value
from rules.engine.pack import (
    AMOUNT,
    BEFORE,
    PAID,
    POOL_SUFFIXES,
    TOTAL,
    Draw,
    Liability,
    Output,
    Override,
    Pack,
    Plan,
    Pool,
    Rule,
    Waiver,
    liability_names,
)
from rules.engine.values import language_type, parse
from rules.engine.wording import Sentence, sentence

MAX_BYTES = 8_000_000
# A limit or sum in a plan, as facts are bounded by their elements: 10 billion yuan.
MAX_PARAMETER_FEN = 10**12

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_WORD = re.compile(r"[A-Za-z0-9_]+")


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
        self._formulas = 0
        check_sizes(document)
        check_unique(document)
        check_elements(self._elements)
        self._names = self._all_names()

    def pack(self, digest: str) -> Pack:
        pools = {spec.id: self._pool(spec) for spec in self._document.pools}
        rules = {spec.id: self._rule(spec) for spec in self._document.rules}
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
        if self._formulas > MAX_FORMULAS:
            raise PackError("too_large", part="formulas", most=str(MAX_FORMULAS), found=str(self._formulas))
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

        taken = {AMOUNT, BEFORE, PAID, TOTAL}

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

    def _named(self, *texts: str) -> dict[str, Type]:
        """Return the names that stand in the texts: handing over all of them costs more than compiling."""
        words = {word for text in texts for word in _WORD.findall(text)}
        return {word: self._names[word] for word in words if word in self._names}

    def _expression(self, part: str, text: str, expected: Type, **more: Type) -> Expression:
        self._formulas += 1
        try:
            return compile_expression(text, {**self._named(text), **more}, INTRINSICS, expected=expected)
        except LanguageError as problem:
            _refuse_text(part, text, problem)

    def _table(self, part: str, spec: RuleSpec, expected: Type) -> Table:
        assert spec.table is not None  # noqa: S101 - the caller looked
        self._formulas += 1
        try:
            texts = [each.expression for each in spec.table.inputs]
            texts += [cell for row in spec.table.rows for cell in (*row.when, *row.then)]
            texts += [output.default for output in spec.table.outputs if output.default is not None]
            table = compile_table(spec.table, self._named(*texts), INTRINSICS)
        except LanguageError as problem:
            _refuse_text(part, "table", problem)
        if list(table.types.values()) != [expected]:
            found = ", ".join(str(kind) for kind in table.types.values())
            raise PackError("wrong_type", part=part, expected=str(expected), found=found)
        return table

    def _sentence(self, part: str, text: Bilingual, also: Sequence[str] = ()) -> Sentence:
        try:
            cut = sentence(text)
        except ValueError as problem:
            raise PackError("bad_sentence", part=part, detail=str(problem)) from problem
        for name in cut.names:
            if name not in self._names and name not in also:
                raise PackError("unknown_name", part=part, name=name)
        return cut

    def _rule(self, spec: RuleSpec) -> Rule:
        part = f"rule {spec.id}"
        expected = type_of_kind(part, spec)
        if (spec.expression is None) == (spec.table is None):
            raise PackError("bad_structure", part=part, detail="a rule has either an expression or a table")
        changes = spec.kind in (RuleKind.AMOUNT, RuleKind.ROUND)
        body: Expression | Table
        if spec.expression is not None:
            extra = {AMOUNT: Type.EXACT_MONEY} if changes else {}
            body = self._expression(part, spec.expression, expected, **extra)
        elif changes:
            raise PackError("bad_structure", part=part, detail="an amount is a formula; let it read the table's rule")
        else:
            body = self._table(part, spec, expected)
        if spec.shows is not None and spec.shows not in self._names:
            raise PackError("unknown_name", part=part, name=spec.shows)
        also = (AMOUNT, BEFORE) if changes else ()
        waiver = override = None
        if spec.waiver is not None:
            if spec.kind not in (RuleKind.GATE, RuleKind.AMOUNT) or not spec.waiver.elements:
                raise PackError(
                    "bad_structure", part=part, detail="only a gate or an amount can be waived, by an element"
                )
            self._booleans(part, spec.waiver.elements)
            waiver = Waiver(spec.waiver.elements, spec.waiver.codes, self._sentence(part, spec.waiver.reason, also))
        if spec.override is not None:
            if spec.kind is not RuleKind.GATE:
                raise PackError("bad_structure", part=part, detail="only a gate can be overridden")
            self._booleans(part, (spec.override.element,))
            override = Override(spec.override.element, self._sentence(part, spec.override.reason, also))
        return Rule(
            spec=spec,
            body=body,
            applied=self._sentence(part, spec.applied, also),
            not_applied=self._sentence(part, spec.not_applied, also),
            waiver=waiver,
            override=override,
        )

    def _booleans(self, part: str, names: Sequence[str]) -> None:
        for name in names:
            element = self._elements.get(name)
            if element is None or element.type is not ValueType.BOOL or element.many:
                raise PackError("unknown_name", part=part, name=name)

    def _pool(self, spec: PoolSpec) -> Pool:
        part = f"pool {spec.id}"
        if spec.unit not in (Unit.FEN, Unit.DAY):
            raise PackError("wrong_type", part=part, expected="fen or day", found=str(spec.unit))
        counts = Type.MONEY if spec.unit is Unit.FEN else Type.NUMBER
        used = self._elements.get(spec.used)
        if used is None or language_type(used.type, used.many) != counts:
            raise PackError("unknown_name", part=part, name=spec.used)
        limit = None if spec.limit is None else self._expression(part, spec.limit, counts)
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
        draws = []
        for draw in spec.draws:
            pool = _of(part, pools, draw.pool)
            counts = Type.MONEY if pool.spec.unit is Unit.FEN else Type.NUMBER
            draws.append(
                Draw(
                    pool=pool,
                    amount=self._expression(part, draw.amount, counts, **{PAID: Type.MONEY}),
                    when=None if draw.when is None else self._expression(part, draw.when, Type.BOOL),
                )
            )
        liability = Liability(
            spec=spec,
            concerns=tuple(_of(part, rules, name) for name in spec.concerns),
            steps=tuple(_of(part, rules, name) for name in spec.steps),
            draws=tuple(draws),
            loss_key=self._sentence(part, Bilingual(zh=spec.loss_key, en=spec.loss_key)),
        )
        check_order(part, liability)
        return liability

    def _plan(self, spec: PlanSpec, liabilities: Mapping[str, Liability], bare: Pack) -> Plan:
        part = f"plan {spec.id}"
        shared = self._parameter_values(part, spec.parameters)
        chosen = []
        for each in spec.liabilities:
            liability = _of(part, liabilities, each.liability)
            own = {**shared, **self._parameter_values(part, each.parameters)}
            check_given(
                f"{part}, liability {each.liability}", bare.needs(liability_names(liability)), own, self._parameters
            )
            chosen.append((liability, own))
        outputs = []
        for output in spec.outputs:
            where = f"{part}, output {output.id}"
            expression = self._expression(where, output.expression, Type.MONEY, **{TOTAL: Type.MONEY})
            when = (
                None if output.when is None else self._expression(where, output.when, Type.BOOL, **{TOTAL: Type.MONEY})
            )
            reads = expression.reads | (when.reads if when else frozenset())
            check_given(where, bare.needs(reads), shared, self._parameters)
            outputs.append(Output(spec=output, expression=expression, when=when))
        return Plan(spec=spec, parameters=shared, liabilities=tuple(chosen), outputs=tuple(outputs))

    def _parameter_values(self, part: str, given: Mapping[str, object]) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name, raw in given.items():
            spec = _of(part, self._parameters, name)
            try:
                values[name] = parse(spec, raw)
                _check_parameter(spec, values[name])
            except ValueError as problem:
                raise PackError("wrong_type", part=part, name=name, expected=str(problem), found=repr(raw)) from problem
        return values


def _check_parameter(spec: ParameterSpec, value: Value) -> None:
    """Hold a figure to what sums and ratios can be: no negative, no absurd amount. Raises ValueError."""
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, int | Decimal) and not isinstance(each, bool) and not 0 <= each <= MAX_PARAMETER_FEN:
            raise ValueError(f"0 to {MAX_PARAMETER_FEN}")
    if spec.many and value == ():
        raise ValueError("a list that is not empty")


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


def _refuse_text(part: str, text: str, problem: LanguageError) -> NoReturn:
    raise PackError("bad_expression", part=part, expression=text, why=problem.code, **problem.values) from problem


__all__ = ["MAX_FORMULAS", "MAX_TABLE_ROWS", "load_pack"]
