"""A pack that does not load, told to its author: what was found and what to do, in Chinese and English.

Promise: every code of ``PackError`` has its sentence; one that is not known here is told by its code, never swallowed.
"""

from __future__ import annotations

from rules.bilingual import Bilingual
from rules.checking.findings import Check, Finding
from rules.engine import PackError

# What was found · what to do. Of a formula or table the language's own code decides (``why``).
SENTENCES: dict[str, tuple[str, str]] = {
    "bad_dates": ("日期先后不对（{detail}），请改正日期", "the dates are out of order ({detail}): correct them"),
    "bad_name": (
        "编号“{name}”不合规，请用小写字母、数字和下划线",
        "the id {name!r} is none: use lower-case letters, digits and _",
    ),
    "bad_rounding": (
        "每项责任须恰有一个舍入步骤，且在金额之后（{detail}）",
        "a benefit has exactly one rounding, after an amount ({detail})",
    ),
    "bad_sentence": (
        "说明文字中的占位有误（{detail}），请改正",
        "a place in a sentence is wrong ({detail}): correct it",
    ),
    "bad_source": ("源文件无法读取（{detail}），请改正", "a source file cannot be read ({detail}): correct it"),
    "bad_structure": ("结构不对：{detail}，请按此改正", "the structure is wrong: {detail}"),
    "bad_type": ("类型不对：{detail}，请换一种类型", "the type is wrong: {detail}"),
    "cycle": ("规则相互依赖（{path}），请去掉循环", "rules need each other ({path}): break the circle"),
    "engine_too_old": (
        "规则包要求引擎 {needed}，现有 {engine}，请升级",
        "the pack needs engine {needed}, this is {engine}: update",
    ),
    "missing_element": ("缺少必备要素：{detail}，请补上", "an element that every pack has is missing: {detail}"),
    "missing_parameter": ("方案缺少参数“{name}”，请补上数值", "the plan gives no value for {name}: add it"),
    "no_date_basis": (
        "日期依据没有对应的要素，请在规则包里指明",
        "no element stands behind the date basis: name it in the pack",
    ),
    "no_header": ("缺少 {expected}，请补上规则包首页", "{expected} is missing: add the pack's header"),
    "not_canonical": (
        "不是规范写法，请用 outpost-rules build 生成",
        "the bytes are not canonical: build the pack with outpost-rules",
    ),
    "too_deep": ("公式或规则嵌套过深，请拆成几条规则", "formulas or rules nest too deep: split them"),
    "too_large": ("数量 {found} 超过上限 {most}，请拆分", "{found} is more than the {most} allowed: split it"),
    "twice": ("“{name}”出现两次，请删去一个或改名", "{name} comes twice: remove or rename one"),
    "unbounded": ("没有正确的上下限（{detail}），请补上", "it has no proper bounds ({detail}): add them"),
    "unseen_character": (
        "“{field}”里有看不见的字符或换行 {found}，请删去",
        "{field} has an invisible character or a line break, {found}: take it out",
    ),
    "blank_text": ("“{field}”只有空白，请填写", "{field} is nothing but blanks: write it"),
    "unknown_field": ("不认识的字段“{name}”，请删去或改正", "unknown field {name}: remove or correct it"),
    "unknown_name": (
        "没有“{name}”这个名称，或其类型不合用，请改正",
        "there is no {name}, or it has another type: correct it",
    ),
    "unknown_schema": ("格式版本 {found} 不认识，应为 {expected}", "schema {found} is unknown, {expected} is meant"),
    "wrong_type": (
        "类型应为 {expected}，现为 {found}，请改正",
        "it is {found} where {expected} is asked for: correct it",
    ),
    "overflow": (
        "数值可能达到 {found}，超出整数范围 {most}，请缩小要素上限",
        "it can reach {found}, beyond the integers ({most}): lower the bounds of the elements",
    ),
    "gap": ("表有空缺：{example} 时没有适用的行，请补一行", "the table has a gap at {example}: add a row"),
    "overlap": (
        "表有重叠：{example} 时{text}同时适用，请改正其一",
        "rows overlap at {example} ({text}): correct one of them",
    ),
    "bad_table": (
        "表有误（{where}“{text}”）：应为 {expected}",
        "the table is wrong ({where}{text!r}): {expected} is expected",
    ),
    "bad_expression": (
        "公式有误（{where}“{text}”，{why}）：应为 {expected}",
        "the formula is wrong ({where}{text!r}, {why}): {expected} is expected",
    ),
}
_CHECKS = {
    "too_large": Check.LIMITS,
    "too_deep": Check.LIMITS,
    "too_long": Check.LIMITS,
    "overflow": Check.OVERFLOW,
    "gap": Check.TABLES,
    "overlap": Check.TABLES,
    "bad_table": Check.TABLES,
    "wrong_type": Check.UNITS,
}


def finding_of(problem: PackError) -> Finding:
    """Return the finding that tells why a pack was refused."""
    values = _Found(problem.values)
    row, column = problem.values.get("row"), problem.values.get("column_name")
    values["where"] = f"row {row}, {column}: " if row else ""
    code = problem.code
    if code == "bad_expression":
        why = problem.values.get("why", "")
        code = why if why in ("gap", "overlap", "bad_table") else code
    check = _CHECKS.get(problem.values.get("why", ""), _CHECKS.get(code, Check.LOADING))
    zh, en = SENTENCES.get(code, ("{code}", "{code}"))
    values["code"] = f"{problem.code} {problem.values}"
    text = Bilingual(zh=zh.format_map(values), en=en.format_map(values))
    at = {name: value for name, value in problem.values.items() if name != "part"}
    return Finding(check=check, part=problem.values.get("part", "pack"), text=text, blocking=True, at=at)


class _Found(dict[str, str]):
    """The values of a refusal; one that it lacks is shown as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"
