"""What no pack may be: each refusal names the part, and nothing but PackError comes out of any bytes."""

from __future__ import annotations

import contextlib
import json
import random

import pytest

from rules.engine import Determination, PackError, decide, decode_facts, load_pack
from rules.tools.sample import sample_pack_bytes
from tests.rules.edited_packs import Change, Document, by_id, changed


def refused(raw: bytes) -> PackError:
    with pytest.raises(PackError) as caught:
        load_pack(raw)
    return caught.value


UNSEEN = {
    "a turned reading direction": (("rules", "hospital", "applied"), "不\u202e符合", "U+202E", "rule hospital"),
    "a zero-width space in a name": (
        ("elements", "bill_total", "name"),
        "账单\u200b总额",
        "U+200B",
        "element bill_total",
    ),
    "a name of nothing else": (("rules", "hospital", "name"), "\u200b", "U+200B", "rule hospital"),
    "a line end in a sentence": (("rules", "hospital", "not_applied"), "符合\n", "U+000A", "rule hospital"),
    "a line separator": (("rules", "hospital", "not_applied"), "符合\u2028", "U+2028", "rule hospital"),
    "a soft hyphen in a plan's name": (("plans", "AT-A", "name"), "方\xad案", "U+00AD", "plan AT-A"),
}


@pytest.mark.parametrize("side", ["zh", "en"])
@pytest.mark.parametrize(("where", "text", "code_point", "part"), UNSEEN.values(), ids=UNSEEN)
def test_what_nobody_sees_is_in_no_text_that_people_read(
    where: tuple[str, str, str], text: str, code_point: str, part: str, side: str
) -> None:
    layer, name, field = where

    def change(document: Document) -> None:
        by_id(document, layer, name)[field][side] = text

    error = refused(changed(change))
    assert error.code == "unseen_character"
    assert error.values == {"part": part, "field": f"{field}.{side}", "found": code_point}


@pytest.mark.parametrize("clause", ["条款\n第二行", "条款\t", "\ufeff条款"])
def test_a_clause_is_one_line_that_can_be_seen(clause: str) -> None:
    for layer in ("rules", "liabilities"):

        def change(document: Document, layer: str = layer) -> None:
            document[layer][0]["clause"] = clause

        error = refused(changed(change))
        assert (error.code, error.values["field"]) == ("unseen_character", "clause")


@pytest.mark.parametrize("text", ["", " ", "\u3000\xa0"])
def test_a_text_that_people_read_is_not_blank(text: str) -> None:
    error = refused(changed(lambda document: by_id(document, "rules", "hospital")["name"].update(zh=text)))
    assert (error.code, error.values["part"], error.values["field"]) == ("blank_text", "rule hospital", "name.zh")


def set_rule(name: str, **fields: object) -> Change:
    return lambda document: by_id(document, "rules", name).update(fields)


REFUSED: dict[str, tuple[Change, str, str]] = {
    "unknown schema": (lambda d: d.update(schema=2), "unknown_schema", "pack"),
    "engine too old": (lambda d: d.update(engine_min="3"), "engine_too_old", "pack"),
    "engine no number": (lambda d: d.update(engine_min="9" * 5000), "engine_too_old", "pack"),
    "dates reversed": (lambda d: d.update(valid_to="2010-01-01"), "bad_dates", "pack"),
    "element twice": (lambda d: d["elements"].append(d["elements"][0]), "twice", "element"),
    "rule named like an element": (set_rule("hospital", id="emergency"), "twice", "rule"),
    "bad name": (set_rule("hospital", id="Hospital"), "bad_name", "rule"),
    "unbounded list": (lambda d: by_id(d, "elements", "claim_types").pop("items"), "unbounded", "element claim_types"),
    "bounds of the wrong type": (
        lambda d: by_id(d, "elements", "bill_total").update(maximum="much"),
        "unbounded",
        "element bill_total",
    ),
    "bounds reversed": (
        lambda d: by_id(d, "elements", "bill_total").update(minimum="9" * 13),
        "unbounded",
        "element bill_total",
    ),
    "number without scale": (
        lambda d: by_id(d, "elements", "hospital_level").pop("scale"),
        "unbounded",
        "element hospital_level",
    ),
    "no claim types": (
        lambda d: by_id(d, "elements", "claim_types").update(id="asked"),
        "missing_element",
        "element claim_types",
    ),
    "unknown name": (set_rule("hospital", expression="hospital_colour"), "bad_expression", "rule hospital"),
    "type error": (set_rule("hospital", expression="hospital_level"), "bad_expression", "rule hospital"),
    "no expression at all": (
        lambda d: by_id(d, "rules", "hospital").pop("expression"),
        "bad_structure",
        "rule hospital",
    ),
    "money that is not rounded": (set_rule("to_the_fen", expression="amount"), "bad_expression", "rule to_the_fen"),
    "a value that reads the running sum": (
        set_rule("ratio", expression="amount / amount"),
        "bad_expression",
        "rule ratio",
    ),
    "a rule that reads an amount": (
        set_rule("paid_by_others", expression="bill_amount"),
        "bad_expression",
        "rule paid_by_others",
    ),
    "code": (set_rule("ratio", expression='__import__("os")'), "bad_expression", "rule ratio"),
    "a gate that is no yes/no": (set_rule("hospital", type="number"), "wrong_type", "rule hospital"),
    "place without a name": (
        set_rule("hospital", applied={"zh": "{nobody}", "en": "x"}),
        "unknown_name",
        "rule hospital",
    ),
    "stray brace": (set_rule("hospital", applied={"zh": "}", "en": "x"}), "bad_sentence", "rule hospital"),
    "waiver by a text": (
        lambda d: by_id(d, "rules", "hospital")["waiver"].update(elements=["icd10"]),
        "unknown_name",
        "rule hospital",
    ),
    "override by nothing": (
        lambda d: by_id(d, "rules", "hospital")["override"].update(element="hurry"),
        "unknown_name",
        "rule hospital",
    ),
    "override of an amount": (
        lambda d: by_id(d, "rules", "scope_cut").update(override=by_id(d, "rules", "hospital")["override"]),
        "bad_structure",
        "rule scope_cut",
    ),
    "shows nothing": (set_rule("scope_cut", shows="nobody"), "unknown_name", "rule scope_cut"),
    "cycle": (set_rule("days_due", expression="free_days + cash_days_student"), "cycle", "rule"),
    "cycle through a pool": (set_rule("minor_cap", versions=[], expression="minor_death_left"), "cycle", "rule"),
    "pool by an unknown element": (
        lambda d: by_id(d, "pools", "medical_year").update(used="nobody"),
        "unknown_name",
        "pool medical_year",
    ),
    "day pool counted in fen": (
        lambda d: by_id(d, "pools", "cash_year").update(used="used_medical_year"),
        "unknown_name",
        "pool cash_year",
    ),
    "pool of booleans": (lambda d: by_id(d, "pools", "cash_year").update(unit="bool"), "wrong_type", "pool cash_year"),
    "two roundings": (
        lambda d: by_id(d, "liabilities", "accident_medical")["steps"].append("to_the_fen"),
        "bad_rounding",
        "liability accident_medical",
    ),
    "no rounding": (
        lambda d: by_id(d, "liabilities", "accident_medical")["steps"].remove("to_the_fen"),
        "bad_rounding",
        "liability accident_medical",
    ),
    "unknown step": (
        lambda d: by_id(d, "liabilities", "accident_medical")["steps"].append("nobody"),
        "unknown_name",
        "liability accident_medical",
    ),
    "loss key without evidence": (
        lambda d: by_id(d, "liabilities", "accident_medical").update(loss_key="bill"),
        "bad_structure",
        "liability accident_medical",
    ),
    "date basis that is no date": (
        lambda d: by_id(d, "liabilities", "accident_medical").update(date_basis="bill_total"),
        "unknown_name",
        "liability accident_medical",
    ),
    "shares that are no list": (
        lambda d: by_id(d, "liabilities", "accident_medical").update(shares="ratio"),
        "unknown_name",
        "liability accident_medical",
    ),
    "nobody asks for it": (
        lambda d: by_id(d, "liabilities", "accident_medical").update(claimed=[]),
        "bad_structure",
        "liability accident_medical",
    ),
    "indemnity told to a text": (
        lambda d: by_id(d, "liabilities", "accident_medical").update(indemnity="icd10"),
        "unknown_name",
        "liability accident_medical",
    ),
    "draw of the wrong unit": (
        lambda d: by_id(d, "liabilities", "accident_cash")["draws"][0].update(amount="paid"),
        "bad_expression",
        "liability accident_cash",
    ),
    "missing parameter": (
        lambda d: by_id(d, "plans", "AT-A")["parameters"].pop("deductible"),
        "missing_parameter",
        "plan AT-A, liability accident_medical",
    ),
    "unknown parameter": (
        lambda d: by_id(d, "plans", "AT-A")["parameters"].update(luck="1"),
        "unknown_name",
        "plan AT-A",
    ),
    "parameter of the wrong type": (
        lambda d: by_id(d, "plans", "AT-A")["parameters"].update(deductible="100"),
        "wrong_type",
        "plan AT-A",
    ),
    "negative parameter": (
        lambda d: by_id(d, "plans", "AT-A")["parameters"].update(deductible=-1),
        "wrong_type",
        "plan AT-A",
    ),
    "empty list parameter": (
        lambda d: by_id(d, "plans", "ZH-S")["parameters"].update(tier_bounds=[]),
        "wrong_type",
        "plan ZH-S",
    ),
    "liability twice in a plan": (
        lambda d: by_id(d, "plans", "AT-A")["liabilities"].append({"liability": "accident_medical"}),
        "twice",
        "plan AT-A, liability",
    ),
    "plan twice": (lambda d: d["plans"].append(d["plans"][0]), "twice", "plan"),
    "test twice": (lambda d: d["tests"].append(d["tests"][0]), "twice", "test"),
}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.replace(" ", "_"))
def test_a_pack_is_refused_whole_and_the_part_is_named(case: str) -> None:
    change, code, part = REFUSED[case]
    error = refused(changed(change))
    assert (error.code, error.values["part"].startswith(part)) == (code, True), error


def test_unchanged_the_same_path_loads() -> None:
    assert changed(lambda _: None) == sample_pack_bytes()
    load_pack(changed(lambda _: None))


def test_other_bytes_of_the_same_meaning_are_refused() -> None:
    raw = sample_pack_bytes()
    document = json.loads(raw)
    for other in (
        raw + b"\n",
        json.dumps(document, ensure_ascii=False).encode(),
        json.dumps(dict(reversed(document.items())), ensure_ascii=False, separators=(",", ":")).encode(),
        raw.replace(b'"schema":1', b'"schema":1,"schema":1'),
        raw.replace(b'"version":1', b'"version":1.0'),
    ):
        assert refused(other).code in ("not_canonical", "bad_structure")


@pytest.mark.parametrize("layer", ["elements", "parameters", "rules", "pools", "liabilities", "plans", "tests"])
def test_an_unknown_field_is_refused(layer: str) -> None:
    document = json.loads(sample_pack_bytes())
    document[layer][0]["surprise"] = 1
    assert refused(json.dumps(document, ensure_ascii=False).encode()).code == "bad_structure"


def test_a_pack_over_its_sizes_is_refused() -> None:
    row = {"when": ['>= @"2016-01-01"', "[0..10)"], "then": ["200000.00 yuan"]}

    def many_rows(document: Document) -> None:
        by_id(document, "rules", "minor_cap")["versions"][1]["table"]["rows"] = [row] * 5001

    def many_rules(document: Document) -> None:
        ratio = by_id(document, "rules", "ratio")
        document["rules"].extend({**ratio, "id": f"ratio_{number}"} for number in range(400))

    assert refused(changed(many_rows)).values["part"] == "table rows"
    assert refused(changed(many_rules)).code == "too_large"
    assert refused(b" " * 8_000_001).code == "too_large"


def chain(length: int, nesting: int) -> Change:
    """Rules that each read the next, each with its expression nested."""

    def change(document: Document) -> None:
        ratio = by_id(document, "rules", "ratio")
        for number in range(length):
            below = f"link_{number + 1}" if number + 1 < length else "ratio_si"
            text = below + " + (0" * nesting + ")" * nesting
            document["rules"].append({**ratio, "id": f"link_{number}", "expression": text})
        ratio["expression"] = "link_0"

    return change


def test_rules_that_would_exhaust_the_stack_are_refused_and_the_deepest_allowed_decides() -> None:
    assert refused(changed(chain(80, 0))).code == "too_deep"
    assert refused(changed(chain(8, 20))).code == "too_deep"
    for length, nesting in ((55, 0), (6, 16), (1, 40)):
        pack = load_pack(changed(chain(length, nesting)))
        test = next(test for test in pack.tests if test.name.startswith("A-1 "))
        decision = decide(pack, decode_facts(pack, json.dumps(test.facts).encode()))
        assert isinstance(decision, Determination)
        assert decision.total_fen == 133204


def test_any_bytes_give_a_pack_or_a_pack_error() -> None:
    raw = sample_pack_bytes()
    draw = random.Random(20261122)
    for _ in range(60):
        damaged = bytearray(raw)
        for _ in range(draw.randint(1, 3)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        if bytes(damaged) == raw:
            continue
        with contextlib.suppress(PackError):
            load_pack(bytes(damaged))
    for junk in (b"", b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"schema":1}'):
        assert refused(junk).code == "bad_structure"
