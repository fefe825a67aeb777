"""The language's English phrases of what it expected, in Chinese.

Promise: only for reading; a phrase that is not here stands in English inside the Chinese sentence.
"""

from __future__ import annotations

import re


def _word(word: str) -> str:
    """Return the pattern of a whole English word; Chinese may stand right beside it."""
    return f"(?<![A-Za-z_]){word}(?![A-Za-z_])"


_PHRASES = (
    (r"(\S+) is not a list", r"\1 不是清单"),
    (r"a case without a known base: ", "用例没有写明已有的 base："),
    (r"(\S+): a decimal is written as text", r"\1：小数要写成文本"),
    (r"a name that no function of the language has", "与函数不重名的名称"),
    (r"letters, digits, underscores and dots; no word of the language", "字母、数字、下划线和点，不能是语言的保留字"),
    (r"(.+), as after `then`", r"\1（与 then 后面相同）"),
    (r"(.+), as in the rows before it", r"\1（与前面各行相同）"),
    (r"a number, money or a duration", "数、金额或时长"),
    (r"a number or money to round", "可取整的数或金额"),
    (r" after `-`", "（在 - 后面）"),
    (r"at most (\d+) levels; name a part of it in a formula of its own", r"最多 \1 层；请把一部分写成另一条规则"),
    (r"money with at most two decimals", "最多两位小数的金额"),
    (r"money on both sides", "两边都是金额"),
    (r"(\d+) tests and (\d+) outputs in a row", r"每行 \1 个条件、\2 个输出"),
    (
        r"cells without names: only then completeness can be checked",
        "条件里不写名称，只写具体的值：这样才能检查有无缺口",
    ),
    (r"a Unicode code point", "存在的 Unicode 字符"),
    (r"at most (\d+) characters in a text", r"文本最多 \1 字"),
    (r"at most (\d+) digits", r"最多 \1 位数字"),
    (r"whole surrogate pairs", "完整的 Unicode 字符"),
    (r"a letter, digit or operator of the language", "字母、数字或本语言的运算符"),
    (r"half-width", "半角"),
    (r"(\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)", r"从 \1 到 \2，终止日早于起始日"),
    (r"(\S+) is above (\S+)", r"最小值 \1 大于最大值 \2"),
    (r"exclusion (\S+) is no step that stops or refers", r"责任免除“\1”既不是“条件”也不是“转人工”"),
    (r"(\S+) is dated: let a rule read it", r"“\1”的值随日期变，请由一条规则引用它"),
    (r"carry to (\S+): a step where one is reached", r"对“\1”的联动：“走到某步”才填步骤，且须是这一责任的步骤"),
    (r"an operator or the end", "运算符或公式结束"),
    (r"a name for the element", "元素的名称"),
    (r"an operator of the language \(there is no power\)", "本语言的运算符（没有乘方）"),
    (r"`and` or `or`: comparisons do not chain", "and 或 or：比较不能连写"),
    (r"the name of a part, such as year", "日期的一部分，如 year"),
    (r"`\)` or `\]` to close the interval", "用 ) 或 ] 结束区间"),
    (r"a value, or an interval that opens with `\(` or `\[`", "一个值，或以 ( 或 [ 开头的区间"),
    (r"a value, a name, a function or `\(`", "值、名称、函数或 ("),
    (r"a text after `@`, such as ", "@ 后面的文本，如 "),
    (r"a value: there is no null", "一个值：没有空值"),
    (r"an interval only after `in` or in a table's cell", "区间只能写在 in 后面或表的条件里"),
    (r"a date that exists, such as 2024-02-29", "真实存在的日期，如 2024-02-29"),
    (r"whole days \(P30D\) or years and months \(P1Y6M\)", "整天数（P30D）或年月数（P1Y6M）"),
    (r"a name that the pack defines \(a text stands in quotation marks\)", "产品包里有的名称（文本要加引号）"),
    (r"a divisor other than zero", "不为零的除数"),
    (r"an interval whose low end is not above its high end", "下限不大于上限的区间"),
    (r"at least one element: the type of an empty list is not known", "至少一项：空清单不知道类型"),
    (r"no `some` or `every` inside another", "some、every 不能套用"),
    (r"(\d+) argument\(s\), not (\d+)", r"应有 \1 个，写了 \2 个"),
    (r"a list after `in`", "in 后面要用清单"),
    (r"operands that `(.+?)` is defined for", r"能用 \1 计算的类型"),
    (r"numbers, money, dates, durations or texts to compare", "能比较的数、金额、日期、时长或文本"),
    (r" to compare with (.+?) \(a literal is written `(.+?)`\)", r"，才能与\1比较（写作 \2）"),
    (r" to compare with ", "，才能比较："),
    (r"\(a literal is written `(.+?)`\)", r"（写作 \1）"),
    (r"a closing quotation mark", "右引号"),
    (r"digits with at most one decimal point, no exponent", "数字，最多一个小数点，不用科学计数"),
    (r"no invisible or control character", "不能有看不见的字符"),
    (r"at most (\d+) characters", r"最多 \1 字"),
    (r"at least one input, one output and one row", "至少一个输入、一个输出、一行"),
    (r"at most (\d+) rows and (\d+) columns", r"最多 \1 行 \2 列"),
    (r"a name of its own for each output", "每个输出各有名称"),
    (r"a default for each output or for none", "各输出都有缺省值，或都没有"),
    (r"an aggregation with the hit policy collect, and only with it", "命中策略为“汇总”时要填汇总方式，否则不填"),
    (r"one output to aggregate", "汇总时只能有一个输出"),
    (r"numbers or money to add", "能相加的数或金额"),
    (r"numbers, money or dates to compare", "能比较的数、金额或日期"),
    (r"a test that some value meets", "至少有一个值能满足的条件"),
    (r"one of ", "下列之一："),
    (r"a function of the language or of the engine", "本语言或引擎的函数"),
    (r"rows (\d+) and (\d+)", r"第 \1 行和第 \2 行"),
    (r"stray brace in ", "多余的花括号："),
    (r"unrounded money quotient", "未取整金额商"),
    (_word("unrounded money"), "未取整金额"),
    (r"unrounded quotient", "未取整的商"),
    (r"years and months duration", "年月数"),
    (r"days duration", "天数"),
    (r"list of ", "清单："),
    (_word("exact_money"), "未取整金额"),
    (_word("money"), "金额"),
    (_word("number"), "数"),
    (_word("text"), "文本"),
    (_word("bool"), "是否"),
    (_word("date"), "日期"),
)
_COMPILED = tuple((re.compile(pattern), chinese) for pattern, chinese in _PHRASES)


def in_chinese(text: str) -> str:
    """Return what the language says it found or expected, in Chinese as far as it is known."""
    for pattern, chinese in _COMPILED:
        text = pattern.sub(chinese, text)
    return text
