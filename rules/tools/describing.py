"""What a pack asks for: the elements of each plan and claim type, as Markdown (docs/rules.md holds the sample pack's)."""

from __future__ import annotations

from rules.engine import Pack
from rules.engine.document import ElementSpec, ValueType
from rules.engine.values import yuan_text

_JSON = {
    ValueType.MONEY: "integer fen",
    ValueType.NUMBER: "decimal as text",
    ValueType.TEXT: "text",
    ValueType.BOOL: "true / false",
    ValueType.DATE: "YYYY-MM-DD",
}


def describe_plans(pack: Pack) -> str:
    """Return, for each plan and claim type, the elements that its rules may read, in the pack's order."""
    lines: list[str] = []
    for plan in pack.plans.values():
        lines += [f"### {plan.spec.id} {plan.spec.name.zh}", ""]
        types = dict.fromkeys(claim for liability, _ in plan.liabilities for claim in liability.spec.claimed)
        for claim_type in types:
            needed = pack.required_elements(plan.spec.id, claim_type)
            lines.append(f"- `{claim_type}`: " + ", ".join(f"`{name}`" for name in needed))
        outputs = ", ".join(f"`{output.spec.id}`" for output in plan.outputs) or "none"
        lines += [f"- outputs besides the benefit: {outputs}", ""]
    return "\n".join(lines)


def describe_elements(pack: Pack) -> str:
    """Return the table of all elements."""
    lines = ["| element | 名称 | meaning | JSON | bounds | from |", "|---|---|---|---|---|---|"]
    lines += [_row(spec) for spec in pack.elements.values()]
    return "\n".join(lines) + "\n"


def _row(spec: ElementSpec) -> str:
    shape = f"list of {_JSON[spec.type]}, at most {spec.items}" if spec.many else _JSON[spec.type]
    return f"| `{spec.id}` | {spec.name.zh} | {spec.name.en} | {shape} | {_bounds(spec)} | {spec.source} |"


def _bounds(spec: ElementSpec) -> str:
    if spec.type is ValueType.BOOL:
        return ""
    if spec.type is ValueType.TEXT:
        return f"{spec.minimum}–{spec.maximum} characters"
    if spec.type is ValueType.MONEY:
        return f"{yuan_text(int(spec.minimum))}–{yuan_text(int(spec.maximum))} yuan"
    return f"{spec.minimum}–{spec.maximum}"
