"""What the expert reads when a workbook is refused: what was found, what was expected, what to do; Chinese and English.

Promise: every code that reading can tell of has its two sentences here (a test looks for the others).
"""

from __future__ import annotations

from collections.abc import Mapping

from rules.bilingual import Bilingual

_SENTENCES: dict[str, tuple[str, str]] = {
    # The file.
    "empty_file": ("文件是空的。请选择一个 .xlsx 工作簿", "the file is empty; choose an .xlsx workbook"),
    "not_a_workbook": (
        "这不是 Excel 工作簿（文件开头是“{found}”）。只改扩展名的 CSV 或文本文件不行，请在 Excel 中另存为 .xlsx",
        'this is no Excel workbook (it begins with "{found}"); a renamed CSV or text file does not do: save it as .xlsx in Excel',
    ),
    "old_excel": ("这是旧版 .xls 工作簿，请在 Excel 中另存为 .xlsx", "this is an old .xls workbook; save it as .xlsx in Excel"),
    "encrypted": ("工作簿设有打开密码，请在 Excel 中去掉密码后再导入", "the workbook asks for a password; remove it in Excel first"),
    "open_document": ("这是 OpenDocument 表格，请另存为 .xlsx", "this is an OpenDocument sheet; save it as .xlsx"),
    "binary_workbook": ("这是二进制工作簿（.xlsb），请另存为 .xlsx", "this is a binary workbook (.xlsb); save it as .xlsx"),
    "strict_workbook": (
        "这是“Strict Open XML”工作簿，请另存为普通的“Excel 工作簿（.xlsx）”",
        'this is a "Strict Open XML" workbook; save it as a plain "Excel workbook (.xlsx)"',
    ),
    "macros": ("工作簿含有宏（{found}），请另存为不含宏的 .xlsx", "the workbook has macros ({found}); save it as .xlsx without macros"),
    "too_large_file": (
        "文件太大：{found} 字节，最多 {most} 字节。请删去图片和不用的内容",
        "the file is too large: {found} bytes, at most {most}; remove pictures and what is not needed",
    ),
    "bomb": (
        "文件解压后太大（{found}，最多 {most} 字节），不予打开",
        "unpacked, the file is too large ({found}; at most {most} bytes); it is not opened",
    ),
    "too_many_parts": ("文件里的部件太多：{found}，最多 {most}", "the file has too many parts: {found}, at most {most}"),
    "damaged": (
        "工作簿已损坏，读不出来（{detail}）。请在 Excel 中打开，修复后另存为 .xlsx",
        "the workbook is damaged and cannot be read ({detail}); open it in Excel, repair it and save it as .xlsx",
    ),
    "entities": (
        "文件里有不该有的 XML 定义（{found}），不予打开",
        "the file has XML definitions that a workbook has no need of ({found}); it is not opened",
    ),
    "too_many_cells": (
        "单元格太多：{found}，最多 {most}。请删去不用的行和列",
        "too many cells: {found}, at most {most}; delete rows and columns that are not needed",
    ),
    "too_many_marks": (
        "文件里的格式、批注等内容太多：{found}，最多 {most}。请清除不用的格式",
        "too much formatting, comments and the like in the file: {found}, at most {most}; clear what is not needed",
    ),
    "too_many_rows": (
        "工作表一直延伸到第 {found} 行，最多 {most} 行。请选中最后一行内容以下的所有行并删除",
        "the sheet reaches down to row {found}, at most {most}; select all rows below the last entry and delete them",
    ),
    "too_many_columns": (
        "工作表一直延伸到 {found} 列，最多 {most} 列。请删去右边不用的列",
        "the sheet reaches out to column {found}, at most {most}; delete the columns on the right that are not needed",
    ),
    "large_range": (
        "合并或链接的区域太大（{found}），请取消",
        "a merged or linked range is too large ({found}); take it back",
    ),
    "empty_workbook": ("工作簿里没有任何内容", "the workbook has nothing in it"),
    "more": ("还有 {count} 个问题未列出；改好上面的再导入一次", "{count} more problems are not listed; mend those above and import again"),
    "not_sayable": (
        "这个产品包里有工作簿写不出来的内容，未写出任何文件",
        "the pack has something that a workbook cannot say; nothing was written",
    ),
    # Sheets.
    "missing_sheet": ("缺少工作表“{zh}”。请加上（可以只有标题行）", 'the sheet {en} ({zh}) is missing; add it, with nothing but its headings if need be'),
    "sheet_twice": ("这一工作表与“{zh}”重复，请并为一张", 'this sheet and {en} ({zh}) are the same kind; make one of them'),
    "unknown_sheet": (
        "不认识的工作表。请删去，或把名称改成以“备注·”开头，导入时就不读它{hint_zh}",
        'unknown sheet; delete it, or begin its title with "Notes·" (备注·) and import will not read it{hint_en}',
    ),
    "hidden_sheet": ("工作表是隐藏的，请取消隐藏或删去", "the sheet is hidden; show or delete it"),
    "hidden_row": ("第 {found} 行是隐藏的（可能是筛选），但有内容。请取消隐藏", "row {found} is hidden (by a filter, maybe) but has content; show it"),
    "hidden_column": ("{found} 列是隐藏的，但有内容。请取消隐藏", "column {found} is hidden but has content; show it"),
    "merged": ("合并的单元格 {found}。请取消合并，每格各填", "merged cells {found}; unmerge them and fill in each cell"),
    "formula_without_value": (
        "这一格是 Excel 公式（{found}），但文件里没有它的结果。请在 Excel 中重新计算并保存，或直接填写结果",
        "this cell is an Excel formula ({found}) without a stored result; recalculate and save in Excel, or write the result",
    ),
    "error_value": ("这一格是 Excel 错误值 {found}，请改正", "this cell is the Excel error {found}; put it right"),
    "array_formula": ("这一格是数组公式，请直接填写结果", "this cell is an array formula; write its result"),
    # Columns.
    "no_heading": ("这一列有内容但没有标题。请填标题或删去这一列", "this column has content but no heading; give it one or delete it"),
    "unknown_column": ("不认识的列“{found}”{hint_zh}。请改正标题或删去这一列", 'unknown column "{found}"{hint_en}; mend the heading or delete the column'),
    "column_twice": ("“{name}”这一列出现了两次，请留一列", 'the column "{name}" comes twice; leave one'),
    "missing_column": ("缺少“{zh}”列，请加上", 'the column {en} ({zh}) is missing; add it'),
    "unknown_line": ("不认识的行“{found}”，请改正或删去", 'unknown line "{found}"; mend or delete it'),
    "line_twice": ("“{name}”出现了两次，请留一行", '"{name}" comes twice; leave one line'),
    "missing_line": ("缺少“{zh}”这一行，请加上", 'the line {en} ({zh}) is missing; add it'),
    # Cells.
    "empty": ("“{zh}”没有填，请填写", '"{en}" is empty; fill it in'),
    "half_filled": ("这一组的其他列已填，“{zh}”没有填。请填齐，或全部留空", 'other columns of this group are filled in, "{en}" is not; fill in all or none'),
    "not_text": (
        "{found} 是数值，这里要文本：存成数值会丢掉开头的 0。请把单元格设为文本格式再填一次",
        "{found} is a number, text is expected here: a number loses leading zeros; format the cell as text and type it again",
    ),
    "not_a_number": ("“{found}”不是数。请填数字，如 100,000.00", '"{found}" is no number; write one, such as 100,000.00'),
    "too_many_digits": (
        "{found} 超过 {most} 位有效数字，Excel 保存不准。请改用更短的数，或把单元格设为文本格式再填",
        "{found} has more than {most} digits, which Excel does not keep exactly; write a shorter one, or format the cell as text",
    ),
    "too_fine_money": ("{found} 元不足一分的部分不能付。金额最多两位小数", "{found} yuan has parts of a fen; money has at most two decimals"),
    "too_fine": ("{found} 的小数位数超过本要素的 {scale} 位", "{found} has more decimals than the element's {scale}"),
    "no_percent_here": (
        "这里不用百分数（单元格的值是 {found}）。请把单元格设为常规格式再填一次",
        "no percentage here (the cell's value is {found}); format the cell as general and type it again",
    ),
    "not_whole": ("“{found}”不是整数", '"{found}" is no whole number'),
    "not_a_date": ("“{found}”不是日期。请填如 2024-01-31，不带时刻", '"{found}" is no date; write it as 2024-01-31, without a time'),
    "not_listed": ("“{found}”不在可选的值里：{listed}", '"{found}" is not one of: {listed}'),
    "not_yes_no": ("“{found}”应为“是”或“否”", '"{found}" should be yes (是) or no (否)'),
    "too_long": ("内容太长：{found} 字，一格最多 {most} 字", "too long: {found} characters, at most {most} in a cell"),
    "bad_escape": (r"“{found}”以 \ 开头，但后面不是这一格的值", r'"{found}" begins with \ but no value of this cell follows'),
    "no_escape_here": (r"这一格不能以 \ 开头，请直接填写", r"this cell cannot begin with \; write it plainly"),
    "not_a_list": ("应为清单", "a list is expected"),
    "not_a_pair": ("“{found}”应写成“编号 = 数值”，一行一个", '"{found}" should read "id = figure", one a line'),
    "twice_in_list": ("“{name}”在这一格里出现了两次", '"{name}" comes twice in this cell'),
    "bad_list": ("“{found}”的引号不成对或后面缺少分隔号 ;", '"{found}": a quotation mark is open, or no ; follows it'),
    "empty_item": ("“{found}”里有空的一项。各项用 ; 隔开，空清单写“无”", '"{found}" has an empty item; write ; between items; an empty list is one sign (无)'),
    "comma_in_list": (
        "“{found}”里有逗号。若是两项请用 ; 隔开；若是一项请加引号：\"…\"",
        '"{found}" has a comma; write ; between two items, or put one item in quotes',
    ),
    # References.
    "unknown_element": ("没有编号为“{found}”的要素{hint_zh}。请在“要素”中加上或改正", 'there is no element "{found}"{hint_en}; add it on Elements (要素) or mend the id'),
    "unknown_parameter": ("没有编号为“{found}”的参数{hint_zh}。请在“参数”中加上或改正", 'there is no parameter "{found}"{hint_en}; add it on Parameters (参数) or mend the id'),
    "unknown_rule": ("没有编号为“{found}”的规则{hint_zh}。请在“规则”中加上或改正", 'there is no rule "{found}"{hint_en}; add it on Rules (规则) or mend the id'),
    "unknown_pool": ("没有编号为“{found}”的限额池{hint_zh}。请在“限额池”中加上或改正", 'there is no pool "{found}"{hint_en}; add it on Pools (限额池) or mend the id'),
    "unknown_liability": ("没有编号为“{found}”的责任{hint_zh}。请在“责任”中加上或改正", 'there is no liability "{found}"{hint_en}; add it on Liabilities (责任) or mend the id'),
    "unknown_plan": ("没有编号为“{found}”的方案{hint_zh}。请在“方案”中加上或改正", 'there is no plan "{found}"{hint_en}; add it on Plans (方案) or mend the id'),
    "id_twice": ("“{name}”与 {zh} 重复，请改一个", '"{name}" is there already, at {en}; rename one'),
    # Rules and their tables.
    "no_formula": ("规则“{name}”没有公式。请填公式；若用决策表，请写“见表”", 'rule "{name}" has no formula; write one, or "see table" (见表) for a decision table'),
    "no_table": (
        "规则“{name}”写了“见表”，但“表”页里没有它的表{hint_zh}",
        'rule "{name}" says "see table" (见表), but no sheet Tables (表) has its table{hint_en}',
    ),
    "table_and_formula": ("规则“{name}”已有公式，又有这张表。请在公式处写“见表”，或删去表", 'rule "{name}" has a formula and this table; write "see table" (见表) for the formula, or delete the table'),
    "table_without_version": ("规则“{name}”没有自 {day} 起的版本。请在“规则”中加一行，或改这张表的“自”", 'rule "{name}" has no version from {day}; add a row on Rules (规则), or mend From (自) above this table'),
    "table_twice": ("规则“{name}”的表与 {zh} 重复", 'the table of rule "{name}" is there already, at {en}'),
    "version_without_day": ("规则“{name}”有多个版本，每一行都要填“自”", 'rule "{name}" has versions: each row needs the day from which it holds'),
    "only_in_first_row": ("规则“{name}”的后续版本只填编号、自、公式；这一格请留空", 'a further version of rule "{name}" has only id, From (自) and formula; leave this cell empty'),
    "outside_table": ("这一行不属于任何表。每张表以“规则”行开头，中间不留空行", "this line belongs to no table; a table begins with a line Rule (规则) and has no blank lines"),
    "beside_table": ("“{found}”在表的右边，不属于任何列。请删去，或给这一列加上表头", '"{found}" stands beside the table; delete it, or give the column a head'),
    "input_or_output": ("“{found}”应为“输入”或“输出”", '"{found}" should be input (输入) or output (输出)'),
    "input_after_output": ("输入列要放在输出列之前", "input columns stand before output columns"),
    "empty_test": ("条件没有填。不限请写 -", "this condition is empty; write - for any value"),
    "empty_cell": ("这一格没有填，请填写", "this cell is empty; fill it in"),
    "dashed_interval": (
        "“{found}”会被读成减法。区间请写 {meant}（方括号含端点，圆括号不含）",
        '"{found}" reads as a subtraction; write the interval as {meant} (a square bracket includes its end, a round one does not)',
    ),
    # Plans.
    "liability_not_in_plan": ("方案“{plan}”没有责任“{liability}”，不能为它设参数", 'plan "{plan}" does not have the liability "{liability}" that this value is for'),
    "value_twice": ("参数“{name}”在方案“{plan}”的值与 {zh} 重复。若值改过，请填不同的“自”", 'the value of "{name}" in plan "{plan}" is there already, at {en}; where it changed, give each its day'),
    "dated_and_not": ("参数“{name}”在方案“{plan}”既有带“自”的值又有不带的（{zh}），请统一", '"{name}" in plan "{plan}" has values with a day and without (see {en}); make them alike'),
}  # fmt: skip

CODES = frozenset(_SENTENCES)


def sentence_of(code: str, values: Mapping[str, str]) -> Bilingual:
    """Return the sentence of a code with its values. ``like`` becomes a hint."""
    zh, en = _SENTENCES[code]
    like, day = values.get("like"), values.get("day")
    hint_zh = f"（是否指“{like}”？）" if like else f"（自 {day}）" if day else ""
    hint_en = f' (did you mean "{like}"?)' if like else f" (from {day})" if day else ""
    return Bilingual(
        zh=zh.format(hint_zh=hint_zh, hint_en=hint_en, **values),
        en=en.format(hint_zh=hint_zh, hint_en=hint_en, **values),
    )
