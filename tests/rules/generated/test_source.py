"""What generated source is made of: our templates and numbers; nothing that a pack says stands in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from threading import Barrier, Thread

import msgspec
import pytest

from rules.engine import Pack, canonical, decide, decode_facts, load_pack
from rules.engine.generated import GeneratedPack, generate
from rules.engine.generated.runtime import RUNTIME
from rules.tools.sample import sample_pack_bytes
from tests.rules.edited_packs import Document, by_id, changed
from tests.rules.generated.small_packs import amount, rule, small_pack

HOSTILE = '"); import os; os.system("x") #'
# Names that the source may use besides our own: keywords' values, builtins that it is given, and what runtime.py offers.
OURS = re.compile(
    r"(u\d+)?([erpKtabcwvox]\d+|r\d+_rows|p\d+_rows|out\d+)|values|drawn|total|facts|gone|text|each|check|sparse|traced"
)


def sources(generated: GeneratedPack) -> Iterator[str]:
    for plan in generated.pack.plans.values():
        for liability, _ in plan.liabilities:
            yield generated.source(plan.spec.id, liability.spec.id).partition("\n\ndef ")[2]


def test_every_word_of_the_source_is_ours(pack: Pack) -> None:
    allowed = RUNTIME.keys() | {"abs", "all", "any", "len", "max", "min", "sum", "tuple"}
    methods = {"days", "year", "month", "day", "startswith", "endswith", "isoweekday", "text"}
    for source in sources(generate(pack)):
        tree = ast.parse(f"def {source}")
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                assert node.id in allowed or OURS.fullmatch(node.id), node.id
            elif isinstance(node, ast.Attribute):
                assert node.attr in methods, node.attr
            elif isinstance(node, ast.Constant):
                assert node.value is None or isinstance(node.value, bool | int), node.value
            else:
                assert not isinstance(node, ast.Import | ast.ImportFrom | ast.Lambda | ast.ClassDef)


def test_no_name_and_no_text_of_the_pack_is_in_the_source(pack: Pack) -> None:
    names = {*pack.elements, *pack.rules, *pack.pools, *pack.parameters, *pack.plans}
    longer = {name for name in names if len(name) > 6}
    for source in sources(generate(pack)):
        words = set(re.findall(r"\w+", source))
        assert not words & (longer - {"function"})
        assert source.isascii()
        assert not set("\"'\\;@") & set(source)


def test_hostile_texts_stay_data() -> None:
    table = {
        "hit_policy": "unique",
        "inputs": [{"expression": "t"}],
        "outputs": [{"name": "o", "default": f'"{"z" * 9}"'}],
        "rows": [{"when": ['"\\u0022); import os #"'], "then": ['"__import__"']}],
    }
    hostile = HOSTILE.replace('"', '\\"')
    rules = [
        rule("looked_up", "value", "text", table=table),
        rule("guard", "gate", "bool", expression=f'looked_up != "{hostile}" and t != "{hostile}"', clause=HOSTILE),
        amount("add", "amount + m"),
    ]
    pack = small_pack(rules, ["looked_up", "guard", "add"], parameters={"note": ("text", HOSTILE)})
    generated = generate(pack)
    facts = {"plan": "P", "claim_types": ("c",), "bill": "1", "d": pack.valid_from, "m": 700, "t": "x"}
    (source,) = sources(generated)
    for word in ("import", "os.", "system", "__", "zzz"):
        assert word not in source
    assert generated.total(facts) == 700  # type: ignore[arg-type]
    assert canonical(generated.decide(facts)) == canonical(decide(pack, facts))  # type: ignore[arg-type]


def test_the_source_can_be_read(pack: Pack) -> None:
    source = generate(pack).source("MG-B", "medical_general")
    assert "# e0: 'plan'" in source
    assert "def traced(values, drawn):" in source
    assert all(len(line) < 160 for line in source.splitlines())
    with pytest.raises(KeyError):
        generate(pack).source("MG-B", "nothing")
    with pytest.raises(KeyError):
        generate(pack).source("nothing", "medical_general")


def test_generating_costs_nothing_before_a_plan_is_asked_for(pack: Pack) -> None:
    generated = generate(pack)
    assert not generated._plans


def test_threads_share_one_generated_pack(pack: Pack) -> None:
    generated = generate(pack)
    cases = [decode_facts(pack, msgspec.json.encode(test.facts)) for test in pack.tests][::7]
    expected = [canonical(decide(pack, facts)) for facts in cases]
    barrier, found = Barrier(4), dict[int, list[bytes]]()

    def work(number: int) -> None:
        barrier.wait()
        found[number] = [canonical(generated.decide(facts)) for facts in cases]

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), expected)


def test_a_pack_changed_in_one_figure_decides_by_the_new_figure() -> None:
    """The constants in the source are the pack's own: another pack has other source."""

    def cheaper(document: Document) -> None:
        by_id(document, "plans", "MG-B")["parameters"]["deductible"] = 500_000

    pack = load_pack(changed(cheaper))
    facts = next(test.facts for test in pack.tests if test.name == "B-1 bill less fund less deductible")
    decoded = decode_facts(pack, msgspec.json.encode(facts))
    found = generate(pack).decide(decoded)
    assert canonical(found) == canonical(decide(pack, decoded))
    assert found.total_fen > decide(load_pack(sample_pack_bytes()), decoded).total_fen
