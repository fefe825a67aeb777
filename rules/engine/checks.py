"""What a pack must be besides well typed: bounded, in order, complete, without cycles, and within sizes.

Promise: every refusal is a ``PackError`` that names the part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rules.engine.dating import AT, Given, Timeline
from rules.engine.document import (
    DateBasis,
    ElementSpec,
    PackDocument,
    ParameterSpec,
    RuleKind,
    RuleSpec,
    ValueType,
)
from rules.engine.language import Table, Type
from rules.engine.language.tokens import HIDDEN_CHARACTERS
from rules.engine.model import Bilingual, PackError
from rules.engine.pack import CLAIM_TYPES, PLAN, Liability, Pool, Rule, pool_of
from rules.engine.values import bounds, language_type

MAX_TABLE_ROWS = 5_000
MAX_FORMULAS = 500
# Python frames that working a name out may stack: half of what the interpreter allows, the rest is the caller's.
MAX_FRAMES = 500
_FRAMES_PER_RULE = 8
_FRAMES_PER_NESTING = 2
# What nobody sees and what turns the reading direction (categories Cc, Cf, Zl, Zp, and blanks that pass for letters), by code point as
# the language lists them; a line end or a tab too, for a sentence is printed in one piece.
_UNSEEN = re.compile(
    f"[{HIDDEN_CHARACTERS}\\t\\n\\r\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u2800"
    "\\U000110bd\\U000110cd\\U00013430-\\U0001343f\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a]"
)
_NESTS = re.compile(r"[-+*/(<>=,\[]|\b(?:and|or|if|in|between|some|every)\b")


def check_sizes(document: PackDocument) -> None:
    """Refuse more rows or rules than the engine answers for: refuse, do not truncate (notes/rules.md §4 "Limits")."""
    tables = [rule.table for rule in document.rules]
    tables += [version.table for rule in document.rules for version in rule.versions]
    rows = sum(len(table.rows) for table in tables if table)
    if rows > MAX_TABLE_ROWS:
        raise PackError("too_large", part="table rows", most=str(MAX_TABLE_ROWS), found=str(rows))
    if len(document.rules) > MAX_FORMULAS:
        raise PackError("too_large", part="rules", most=str(MAX_FORMULAS), found=str(len(document.rules)))


def check_unique(document: PackDocument) -> None:
    """Refuse a test, an output or a plan's liability that comes twice."""
    named = [("test", [test.name for test in document.tests]), ("plan", [plan.id for plan in document.plans])]
    for plan in document.plans:
        named.append((f"plan {plan.id}, liability", [each.liability for each in plan.liabilities]))
        named.append((f"plan {plan.id}, output", [output.id for output in plan.outputs]))
    for part, names in named:
        for name in names:
            if not name or names.count(name) > 1:
                raise PackError("twice", part=part, name=name)


def check_texts(document: PackDocument) -> None:
    """Refuse names, clauses and sentences with a character that nobody sees, or with nothing in them: they are printed and signed.

    ``field`` names the text as the document does (``applied.zh``), ``found`` the character by its code point.
    """
    for part, field, text in _texts(document):
        if unseen := _UNSEEN.search(text):
            raise PackError("unseen_character", part=part, field=field, found=f"U+{ord(unseen.group()):04X}")
        if not text.strip():
            raise PackError("blank_text", part=part, field=field)


def _texts(document: PackDocument) -> Iterator[tuple[str, str, str]]:
    """Yield what people read of a pack: the part, the field, the text."""
    for kind, specs in (
        ("element", document.elements),
        ("parameter", document.parameters),
        ("pool", document.pools),
        ("plan", document.plans),
    ):
        for named in specs:
            yield from _sides(f"{kind} {named.id}", "name", named.name)
    for rule in document.rules:
        part = f"rule {rule.id}"
        yield from _sides(part, "name", rule.name)
        yield part, "clause", rule.clause
        yield from _sides(part, "applied", rule.applied)
        yield from _sides(part, "not_applied", rule.not_applied)
        if rule.waiver is not None:
            yield from _sides(part, "waiver.reason", rule.waiver.reason)
        if rule.override is not None:
            yield from _sides(part, "override.reason", rule.override.reason)
    for liability in document.liabilities:
        part = f"liability {liability.id}"
        yield from _sides(part, "name", liability.name)
        yield part, "clause", liability.clause
    for plan in document.plans:
        for output in plan.outputs:
            yield from _sides(f"plan {plan.id}, output {output.id}", "name", output.name)


def _sides(part: str, field: str, text: Bilingual) -> Iterator[tuple[str, str, str]]:
    yield part, f"{field}.zh", text.zh
    yield part, f"{field}.en", text.en


def check_elements(elements: Mapping[str, ElementSpec]) -> None:
    """Hold every element to bounds of its own type, and the pack to the elements that the engine itself reads."""
    for spec in elements.values():
        part = f"element {spec.id}"
        if spec.type is ValueType.EXACT_MONEY:
            raise PackError("bad_type", part=part, detail="a fact is never unrounded money")
        if spec.many != (spec.items is not None):
            raise PackError("unbounded", part=part, detail="a list has a most number of items, nothing else has")
        if (spec.type is ValueType.NUMBER) != (spec.scale is not None):
            raise PackError("unbounded", part=part, detail="a number has a scale, nothing else has")
        try:
            low, high = bounds(spec)
        except ValueError as problem:
            raise PackError("unbounded", part=part, detail=str(problem)) from problem
        if low > high:  # type: ignore[operator]  # both ends have the element's type
            raise PackError("unbounded", part=part, detail=f"{spec.minimum} is above {spec.maximum}")
    for reserved, many in ((PLAN, False), (CLAIM_TYPES, True)):
        found = elements.get(reserved)
        if found is None or found.type is not ValueType.TEXT or found.many is not many:
            raise PackError("missing_element", part=f"element {reserved}", detail="every pack has it")


def check_bases(document: PackDocument, elements: Mapping[str, ElementSpec]) -> None:
    """Hold every date basis to a date element; the liability's own basis is named by each liability."""
    for basis, name in document.date_bases.items():
        part = f"date basis {basis.value}"
        if basis is DateBasis.LIABILITY:
            raise PackError("bad_structure", part=part, detail="each liability names its own date element")
        element = elements.get(name)
        if element is None or element.type is not ValueType.DATE or element.many:
            raise PackError("unknown_name", part=part, name=name)


def check_output_dates(part: str, reached: frozenset[str], given: Mapping[str, Given]) -> None:
    """Refuse an output that reads something dated by the liability's date: an output belongs to no liability.

    It reads a rule that names a date basis of its own instead.
    """
    for name in sorted(reached):
        stem, at, basis = name.partition(AT)
        if at and basis == DateBasis.LIABILITY and (stem not in given or isinstance(given[stem], Timeline)):
            raise PackError("no_date_basis", part=part, name=stem)


def check_promises(part: str, liability: Liability, elements: Mapping[str, ElementSpec]) -> None:
    """Hold exclusions to steps that stop or refer, and ``rising_in`` to elements that can be larger."""
    kinds = {rule.spec.id: rule.spec.kind for rule in liability.steps}
    spec = liability.spec
    for name in (*spec.exclusions, *spec.rising_in):
        if (*spec.exclusions, *spec.rising_in).count(name) > 1:
            raise PackError("twice", part=part, name=name)
    for name in spec.exclusions:
        if kinds.get(name) not in (RuleKind.GATE, RuleKind.REFER):
            raise PackError("bad_structure", part=part, detail=f"exclusion {name} is no step that stops or refers")
    for name in spec.rising_in:
        element = elements.get(name)
        if element is None or element.many or element.type not in (ValueType.MONEY, ValueType.NUMBER, ValueType.DATE):
            raise PackError("unknown_name", part=part, name=name)


def type_of_kind(part: str, spec: RuleSpec) -> Type:
    """Return the type that a rule's value has, and refuse a declaration that says otherwise."""
    fixed = {
        RuleKind.GATE: ValueType.BOOL,
        RuleKind.REFER: ValueType.BOOL,
        RuleKind.AMOUNT: ValueType.EXACT_MONEY,
        RuleKind.ROUND: ValueType.MONEY,
    }.get(spec.kind)
    if fixed is not None and (spec.type is not fixed or spec.many):
        raise PackError("wrong_type", part=part, expected=str(fixed), found=str(spec.type))
    return language_type(spec.type, spec.many)


def check_order(part: str, liability: Liability) -> None:
    """Hold a liability to its one named rounding, to gates for what concerns it, and to a loss key made of evidence."""
    kinds = [rule.spec.kind for rule in liability.steps]
    if kinds.count(RuleKind.ROUND) != 1:
        raise PackError("bad_rounding", part=part, detail="exactly one step rounds")
    if RuleKind.AMOUNT not in kinds[: kinds.index(RuleKind.ROUND)]:
        raise PackError("bad_rounding", part=part, detail="no amount stands before the rounding")
    if any(rule.spec.kind is not RuleKind.GATE for rule in liability.concerns):
        raise PackError("bad_structure", part=part, detail="concerns are gates")
    if not liability.loss_key.names:
        raise PackError("bad_structure", part=part, detail="a loss key names evidence")


def check_given(
    part: str, needed: frozenset[str], given: Mapping[str, Given], declared: Mapping[str, ParameterSpec]
) -> None:
    """Hold a plan to a value for every parameter that its rules read."""
    for name in sorted(needed):
        if name in declared and name not in given:
            raise PackError("missing_parameter", part=part, name=name)


def check_cycles(rules: Mapping[str, Rule], pools: Mapping[str, Pool]) -> None:
    """Refuse rules that need themselves, and chains that could run the interpreter out of stack."""
    frames: dict[str, int] = {}

    def below(name: str) -> frozenset[str]:
        if name in rules:
            return rules[name].needs
        pool = pools.get(pool_of(name) or "")
        return pool.limit.reads if pool is not None and pool.limit is not None else frozenset()

    def measure(name: str, path: tuple[str, ...]) -> int:
        if name in path:
            raise PackError("cycle", part=f"rule {name}", path=" > ".join((*path[path.index(name) :], name)))
        if len(path) * _FRAMES_PER_RULE > MAX_FRAMES:
            raise PackError("too_deep", part=f"rule {path[0]}")
        if name not in frames:
            deepest = max((measure(each, (*path, name)) for each in sorted(below(name))), default=0)
            frames[name] = deepest + _own_frames(name, rules, pools)
        return frames[name]

    for name in (*rules, *(f"{pool}_left" for pool in pools)):
        if measure(name, ()) > MAX_FRAMES:
            raise PackError("too_deep", part=f"rule {name}")


def _own_frames(name: str, rules: Mapping[str, Rule], pools: Mapping[str, Pool]) -> int:
    """Return an upper bound: no text nests deeper than the signs and words in it that can nest, and a version in its chain."""
    rule, pool = rules.get(name), pools.get(pool_of(name) or "")
    if rule is not None:
        formulas = (rule.spec.expression, *(version.expression for version in rule.spec.versions))
        texts = [formula for formula in formulas if formula is not None]
    elif pool is not None and pool.spec.limit is not None:
        texts = [pool.spec.limit]
    else:
        return 0
    deepest = max((len(_NESTS.findall(text)) for text in texts), default=0)
    if rule is not None and isinstance(rule.body, Table):
        # It was measured when its cells were read; a table's versions are rules of their own.
        deepest = max(deepest, rule.body.depth)
    versions = len(rule.spec.versions) if rule is not None else 0
    return _FRAMES_PER_RULE + _FRAMES_PER_NESTING * (deepest + versions)
