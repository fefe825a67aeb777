"""Rules from a pack's document: body, sentences, what lifts them, and their versions.

Promise: a rule has one body, whichever way it is written; a rule whose date basis stands for no element reads nothing dated.
What does not fit is refused with ``PackError`` naming the rule and, where it has some, the version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from rules.engine.checks import type_of_kind
from rules.engine.compiling import Compiler
from rules.engine.dating import AT, MAX_VERSIONS, Version, check_rising, version_chain, version_name
from rules.engine.document import DateBasis, ElementSpec, RuleKind, RuleSpec, RuleVersion, ValueType
from rules.engine.language import Expression, Place, Table, Type
from rules.engine.language.ir import Read
from rules.engine.model import PackError
from rules.engine.pack import AMOUNT, BEFORE, Override, Rule, Waiver

_CHANGES = (RuleKind.AMOUNT, RuleKind.ROUND)


class RuleLoader:
    """Compiles the rules of one document. ``bases`` are the date bases that stand for an element."""

    def __init__(self, compiler: Compiler, elements: Mapping[str, ElementSpec], bases: Mapping[DateBasis, str]) -> None:
        self._compiler = compiler
        self._elements = elements
        self._bases = bases

    def rules(self, spec: RuleSpec) -> tuple[Rule, ...]:
        """Return the rule, and after it its table versions, which are rules of their own. Raises PackError."""
        part = f"rule {spec.id}"
        expected = type_of_kind(part, spec)
        given = [spec.expression is not None, spec.table is not None, bool(spec.versions)]
        if given.count(True) != 1:
            raise PackError("bad_structure", part=part, detail="a rule has an expression, a table, or versions")
        versions: tuple[Rule, ...] = ()
        body: Expression | Table
        if spec.versions:
            _check_versions(part, spec.versions)
            versions = self._table_versions(part, spec, expected)
            body = self._chain(part, spec, expected)
        else:
            body = self._body(part, spec, spec, expected)
        also = (AMOUNT, BEFORE) if spec.kind in _CHANGES else ()
        rule = Rule(
            spec=spec,
            body=body,
            applied=self._compiler.sentence(part, spec.applied, also, spec.date_basis),
            not_applied=self._compiler.sentence(part, spec.not_applied, also, spec.date_basis),
            waiver=self._waiver(part, spec, also),
            override=self._override(part, spec, also),
            shows=self._shown(part, spec),
            first=spec.versions[0].valid_from if spec.versions else None,
        )
        self._check_basis(part, rule)
        return (rule, *versions)

    def _body(self, part: str, spec: RuleSpec, text: RuleSpec | RuleVersion, expected: Type) -> Expression | Table:
        """Compile a rule's or a version's formula or table."""
        if text.expression is not None:
            extra = {AMOUNT: Type.EXACT_MONEY} if spec.kind in _CHANGES else {}
            return self._compiler.expression(part, text.expression, expected, spec.date_basis, **extra)
        if spec.kind in _CHANGES or text.table is None:
            raise PackError("bad_structure", part=part, detail="an amount is a formula; let it read the table's rule")
        return self._compiler.table(part, text.table, expected, spec.date_basis)

    def _table_versions(self, part: str, spec: RuleSpec, expected: Type) -> tuple[Rule, ...]:
        applied = self._compiler.sentence(part, spec.applied, (AMOUNT, BEFORE), spec.date_basis)
        not_applied = self._compiler.sentence(part, spec.not_applied, (AMOUNT, BEFORE), spec.date_basis)
        return tuple(
            Rule(
                spec=_version_spec(spec, version),
                body=self._body(f"{part}, version {version.valid_from}", spec, version, expected),
                applied=applied,
                not_applied=not_applied,
                waiver=None,
                override=None,
                shows=None,
                first=None,
            )
            for version in spec.versions
            if version.table is not None
        )

    def _chain(self, part: str, spec: RuleSpec, expected: Type) -> Expression:
        chained = []
        for version in spec.versions:
            if version.table is not None:
                name = version_name(spec.id, version.valid_from)
                read = Read(expected, name, Place(line=1, column=1, text=spec.id))
                chained.append(Version(version.valid_from, read, frozenset({name})))
            else:
                body = self._body(f"{part}, version {version.valid_from}", spec, version, expected)
                assert isinstance(body, Expression)  # noqa: S101 - it has no table
                chained.append(Version(version.valid_from, body.node, body.reads))
        return version_chain(spec.id, expected, spec.date_basis, chained)

    def _shown(self, part: str, spec: RuleSpec) -> str | None:
        if spec.shows is None:
            return None
        if spec.shows not in self._compiler.names:
            raise PackError("unknown_name", part=part, name=spec.shows)
        return self._compiler.reads_as((spec.shows,), spec.date_basis).get(spec.shows, spec.shows)

    def _waiver(self, part: str, spec: RuleSpec, also: Sequence[str]) -> Waiver | None:
        if spec.waiver is None:
            return None
        if spec.kind not in (RuleKind.GATE, RuleKind.AMOUNT) or not spec.waiver.elements:
            raise PackError("bad_structure", part=part, detail="only a gate or an amount can be waived, by an element")
        self._check_booleans(part, spec.waiver.elements)
        reason = self._compiler.sentence(part, spec.waiver.reason, also, spec.date_basis)
        return Waiver(spec.waiver.elements, spec.waiver.codes, reason)

    def _override(self, part: str, spec: RuleSpec, also: Sequence[str]) -> Override | None:
        if spec.override is None:
            return None
        if spec.kind is not RuleKind.GATE:
            raise PackError("bad_structure", part=part, detail="only a gate can be overridden")
        self._check_booleans(part, (spec.override.element,))
        reason = self._compiler.sentence(part, spec.override.reason, also, spec.date_basis)
        return Override(spec.override.element, reason)

    def _check_booleans(self, part: str, names: Sequence[str]) -> None:
        for name in names:
            element = self._elements.get(name)
            if element is None or element.type is not ValueType.BOOL or element.many:
                raise PackError("unknown_name", part=part, name=name)

    def _check_basis(self, part: str, rule: Rule) -> None:
        """Refuse a rule that has versions or reads something dated by a basis that the pack gives no element for."""
        basis = rule.spec.date_basis
        if basis is DateBasis.LIABILITY or basis in self._bases:
            return
        lifting = [each.reason.names for each in (rule.waiver, rule.override) if each is not None]
        names = rule.needs.union(rule.applied.names, rule.not_applied.names, *lifting)
        if any(AT in name for name in names):
            raise PackError("no_date_basis", part=part, name=basis.value)


def _version_spec(spec: RuleSpec, version: RuleVersion) -> RuleSpec:
    """Return the rule that a table version is: a figure that only the rule with the versions reads."""
    return msgspec.structs.replace(
        spec,
        id=version_name(spec.id, version.valid_from),
        kind=RuleKind.VALUE,
        table=version.table,
        versions=(),
        shows=None,
        waiver=None,
        override=None,
    )


def _check_versions(part: str, versions: tuple[RuleVersion, ...]) -> None:
    check_rising(part, "versions", tuple(version.valid_from for version in versions), MAX_VERSIONS)
    kinds = {(version.expression is None, version.table is None) for version in versions}
    if kinds not in ({(True, False)}, {(False, True)}):
        raise PackError("bad_structure", part=part, detail="all versions are formulas, or all are tables")
