"""What the engine refuses about a pack, said to the expert: Chinese and English, with what was found and what to do.

Promise: every code of ``PackError`` and ``LanguageError`` has a sentence; one that is new says itself as it is.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from rules.bilingual import Bilingual
from rules.checking.phrases import in_chinese
from rules.engine.model import PackError, Unit
from rules.engine.values import decimal_text, yuan_text

_PACK: dict[str, tuple[str, str]] = {
    "too_large": ("太大：{found}，最多 {most}。请拆分或减少", "too large: {found}, at most {most}; split it or make it smaller"),
    "bad_structure": ("结构不对：{detail_zh}", "not well made: {detail}"),
    "unknown_schema": ("格式版本 {found} 不认识，应为 {expected}", "schema {found} is not known; {expected} is"),
    "engine_too_old": ("最低引擎版本 {needed} 不对：现有引擎是 {engine}", "the least engine {needed} does not fit: this engine is {engine}"),
    "not_canonical": ("产品包写出后与读入不一致", "the pack does not read as it is written"),
    "bad_dates": ("日期的先后不对：{detail_zh}", "the dates are out of order: {detail}"),
    "bad_type": ("要素不能是“未取整金额”", "an element is never unrounded money"),
    "unbounded": ("上下限、小数位数或项数不对：{detail_zh}", "bounds, scale or items do not fit: {detail}"),
    "missing_element": ("每个产品包都要有要素“{part_id}”", 'every pack has the element "{part_id}"; add it'),
    "unknown_name": (
        "“{name}”在这里不能用：没有这个编号，或类型不合适。请改正",
        '"{name}" cannot stand here: there is nothing of that name, or its type does not fit',
    ),
    "no_date_basis": (
        "用到日期口径“{name}”，但“产品包”里没有填它取哪个日期要素",
        'the date basis "{name}" is used, but the sheet Pack (产品包) names no date element for it',
    ),
    "twice": ("“{name}”用了两次。编号在要素、参数、规则、限额池之间也不得重复", '"{name}" is there twice; an id is used once among elements, parameters, rules and pools'),
    "wrong_type": ("类型不对：这里是{found_zh}，应为{expected_zh}", "wrong type: {found}; expected {expected}"),
    "wrong_value": ("参数“{name}”的值 {found} 不合适，应为 {expected_zh}", 'the value {found} of "{name}" does not fit: {expected}'),
    "ratio_range": (
        "参数“{name}”是比例，不能是 {found_percent}。请填 0% 或以上，如 90%",
        'the parameter "{name}" is a ratio and cannot be {found_percent}; write 0% or more, such as 90%',
    ),
    "number_range": (
        "参数“{name}”的值 {found_plain} 不合适：不能为负，最多 1,000,000,000,000",
        'the value {found_plain} of "{name}" does not fit: it is not below 0, and at most 1,000,000,000,000',
    ),
    "parameter_range": ("参数“{name}”的值不能为负，金额最多 10,000,000,000.00 元", 'the value of "{name}" is not below 0, and money at most 10,000,000,000.00 yuan'),
    "bad_rounding": ("每个责任恰好要有一步“取整”，且前面要有“计算”", "a liability has exactly one rounding step, after an amount"),
    "missing_parameter": ("方案没有给参数“{name}”赋值（{part}）。请在“方案参数”中填写", 'the plan gives no value for the parameter "{name}" ({part}); fill it in on Values (方案参数)'),
    "cycle": ("规则互相引用成环：{path}", "the rules need each other in a circle: {path}"),
    "too_deep": ("规则之间的引用层次太深，请拆开", "the rules stand on each other too deep; take them apart"),
    "bad_sentence": ("句子里的花括号不成对：{detail_zh}", "a brace in the sentence belongs to no place: {detail}"),
    "unseen_character": (
        "这里有看不见的字符或换行 {found}，会印到给客户的文书上。请删去后重新填写",
        "there is an invisible character or a line break here, {found}; it would be printed for the family: type the text again without it",
    ),
    "blank_text": ("这里只有空白。请填写文字", "there is nothing but blanks here; write the text"),
    "bad_name": ("编号“{name}”不对：只用小写英文字母、数字、下划线，以字母开头，最多 64 个", 'the id "{name}" is not well formed: a-z, 0-9 and _, a letter first, at most 64'),
    "bad_source": ("源文件读不出来：{detail_zh}。请改正", "the source file cannot be read: {detail}; correct it"),
    "unsupported": ("按列计算还不会做“{function}”这个函数", 'the columns cannot do the function "{function}" yet'),
    "no_header": ("缺少 {expected}。请补上规则包的首页", "{expected} is missing; add the pack's header"),
    "unknown_field": ("不认识的字段“{name}”。请删去或改正", 'there is no field "{name}"; remove or correct it'),
    "overflow": ("数值可能超出可保证的范围（方案 {plan}）。请收紧要素的最大值", "a figure may leave the range that is safe (plan {plan}); tighten the elements' maxima"),
}  # fmt: skip

_LANGUAGE: dict[str, tuple[str, str]] = {
    "too_long": ("公式太长（{expected_zh}）", "the formula is too long ({expected})"),
    "too_deep": ("公式嵌套太深，请把一部分写成另一条规则", "the formula nests too deep; make a part of it a rule of its own"),
    "bad_character": ("公式里有不能用的字符 {found}（{expected_zh}）", "the formula has a character that is not allowed, {found}: {expected}"),
    "bad_literal": ("“{text}”写法不对，应为：{expected_zh}", '"{text}" is not well written; expected: {expected}'),
    "unfinished": ("公式没有写完，后面应有：{expected_zh}", "the formula is not finished; expected: {expected}"),
    "unexpected": ("公式到“{text}”处读不下去，应为：{expected_zh}", 'the formula cannot be read at "{text}"; expected: {expected}'),
    "unknown_name": ("没有叫“{text}”的要素、参数或规则；若是文本请加引号：\"{text}\"", 'nothing is called "{text}"; a text stands in quotation marks'),
    "unknown_function": ("没有叫“{text}”的函数", 'there is no function "{text}"'),
    "bad_name": ("名称“{text}”不能用", 'the name "{text}" cannot be used'),
    "wrong_type": ("“{text}”的类型不对：{found_zh}，应为 {expected_zh}", '"{text}" has the wrong type: {found}; expected {expected}'),
    "wrong_arguments": ("“{text}”的参数个数不对：{expected_zh}", '"{text}" has the wrong number of arguments: {expected}'),
    "unrounded_division": ("“{text}”的除法没有取整，应写在 round half up(…, 2) 里面", 'the division "{text}" stands outside a rounding; put it inside round half up(…, 2)'),
    "not_allowed": ("“{text}”不能写在这里：{expected_zh}", '"{text}" cannot stand here: {expected}'),
    "bad_table": ("表不对：{text} 应为：{expected_zh}", "the table is not right: {text} expected: {expected}"),
    "gap": ("表有缺口：例如 {example} 没有任何一行成立。请补一行，或把“须无缺口”改为“否”", "the table has a gap: no row holds for {example}; add one, or set Complete (须无缺口) to no (否)"),
    "overlap": ("{text_zh} 会同时成立，例如 {example}；命中策略是“唯一”。请改条件，或改命中策略", "{text} both hold, for example {example}; the hit policy is unique: mend a condition or the policy"),
    "unreachable": ("表的第 {row} 行永远不会命中，请改正、删去或移到前面", "row {row} of the table is never reached: correct it, remove it or move it up"),
}  # fmt: skip

_DETAILS = {
    "a list has a most number of items, nothing else has": "清单要填“最多几项”，其他不填",
    "a number has a scale, nothing else has": "“数”要填“小数位数”，其他不填",
    "not an object": "不是一个 JSON 对象",
    "bases is not an object": "bases 不是一个 JSON 对象",
    "each liability names its own date element": "“随责任”不在这里填，由每个责任的日期要素决定",
    "concerns are gates": "前提须是作用为“条件”的规则",
    "a loss key names evidence": "损失标识要含凭证要素，如 {bill_number}",
    "no claim type asks for it": "没有申请类型涉及它",
    "a rule has an expression, a table, or versions": "规则只能有公式、表、版本三者之一",
    "an amount is a formula; let it read the table's rule": "“计算”和“取整”要用公式；表请另立一条“取值”规则，再在公式里引用",
    "only a gate or an amount can be waived, by an element": "只有“条件”和“计算”可以豁免，且要填豁免要素",
    "only a gate can be overridden": "只有“条件”可以法定放宽",
    "all versions are formulas, or all are tables": "各版本须都是公式，或都是表",
}
# A parameter's range, as the engine says it: money in fen.
_PARAMETER_RANGE = re.compile(r"0 to \d+")


_ABOVE = re.compile(r"(-?\d+) is above (-?\d+)")


def said(error: PackError, unit: Unit | None = None) -> Bilingual:
    """Return what a refusal says. ``unit`` is that of the element or parameter it is about, where it is about one."""
    values = {"part": "", **error.values}
    if unit is Unit.FEN and (above := _ABOVE.fullmatch(values.get("detail", ""))):
        low, high = (yuan_text(int(each)) for each in above.groups())
        return Bilingual(
            zh=f"最小值 {low} 元大于最大值 {high} 元，请改正",
            en=f"the minimum {low} yuan is above the maximum {high} yuan; mend one",
        )
    values["part_id"] = values["part"].partition(" ")[2]
    detail = values.get("detail", "")
    values["detail_zh"] = _DETAILS.get(detail, in_chinese(detail))
    for name in ("found", "expected", "text"):
        values[f"{name}_zh"] = in_chinese(values.get(name, ""))
    why = values.get("why", "")
    code = why if error.code == "bad_expression" else error.code
    if why == "unexpected" and not values.get("text"):
        code = "unfinished"
    if error.code == "wrong_type" and "name" in values:
        code = _range_code(unit) if _PARAMETER_RANGE.fullmatch(values.get("expected", "")) else "wrong_value"
        values["found_plain"] = values.get("found", "").strip("'")
        values["found_percent"] = _percent(values["found_plain"])
    sentences = _LANGUAGE if error.code == "bad_expression" else _PACK
    try:
        zh, en = (each.format(**values) for each in sentences.get(code, ()))
    except (KeyError, ValueError):
        plain = ", ".join(f"{name} {value}" for name, value in error.values.items())
        return Bilingual(zh=f"产品包不成立：{error.code}（{plain}）", en=f"the pack is refused: {error.code} ({plain})")
    line, column = values.get("line"), values.get("column")
    if error.code == "bad_expression" and why not in ("gap", "overlap", "unreachable", "bad_table") and line and column:
        zh += f"（第 {line} 行第 {column} 字）"
        en += f" (line {line}, character {column})"
    return Bilingual(zh=zh, en=en)


def _range_code(unit: Unit | None) -> str:
    if unit is Unit.RATIO:
        return "ratio_range"
    return "parameter_range" if unit in (None, Unit.FEN) else "number_range"


def _percent(text: str) -> str:
    """Return a ratio as a percentage; what is no number (a list) as it is."""
    try:
        return f"{decimal_text(Decimal(text).scaleb(2))}%"
    except InvalidOperation:
        return text
