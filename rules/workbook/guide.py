"""The sheet 说明: how to write a workbook, for the expert who opens one.

Promise: words only; import does not read it.
"""

from __future__ import annotations

from rules.workbook.writing import Look

_T, _H, _P = Look.TITLE, Look.LABEL, Look.DATA

GUIDE_LINES: tuple[tuple[Look, str], ...] = (
    (_T, "怎样写产品规则工作簿"),
    (_P, "一个工作簿就是一个产品包。写好后运行 outpost-rules import 工作簿.xlsx 产品包.json；有错会一次列出全部，写明工作表和单元格。"),
    (_P, "每张表前两行是标题（中文、英文），从第三行起一行一条；鼠标停在标题上看说明。列的次序可以改，标题不能改。空行不算；不要合并单元格、不要隐藏行列。"),
    (_H, "各工作表"),
    (_P, "产品包：编号、版本、有效期；每个日期口径（出险日、就诊日……）取哪个日期要素。"),
    (_P, "要素：赔案里的每一项事实，类型、单位、上下限、来源。参数：各方案要定的数，如免赔额；值在“方案参数”里，一列一个方案。"),
    (_P, "规则：公式或决策表，各有条款出处和中英文说明句。公式写“见表”时，表在“表”开头的工作表里。"),
    (_P, "责任、责任步骤：一个责任由哪些规则按什么次序组成，哪些是前提、哪些是责任免除。责任限额：从哪个限额池扣多少。责任联动：给付后同一人其他赔案看到什么变化。"),
    (_P, "方案、方案参数、附加金额：卖的是哪些责任，参数是多少。用例：一行一个算例，事实和应得的结果。"),
    (_P, "名称以“备注”开头的工作表（如“备注·待办”）和本页，导入时不读。"),
    (_H, "怎样填"),
    (_P, "金额：按元填数字，如 100000 或 100,000.00，最多两位小数。比例：90% 或 0.9。日期：日期单元格或 2024-01-31。是否：是、否。"),
    (_P, "数字按所见取值：0.1 就是 0.1。小数位过多、有效数字超过 15 位的会被拒绝，不会四舍五入。编号、票据号等文本请设为文本格式，以免丢掉开头的 0。"),
    (_P, "一格多项：用 ; 或换行隔开，如 0.9; 0.8；文本里有 ; 、 或逗号时加引号：\"甲、乙\"。空清单写“无”。空白表示没有这一项。"),
    (_P, "公式里的文本要加英文双引号，如 kind = \"住院\"；金额要写 yuan，如 100.00 yuan。全角的括号、逗号、大于号会自动换成半角。"),
    (_P, "单元格可以用 Excel 公式，导入时取它已保存的结果；没有结果的会被拒绝。"),
    (_P, "改过的规则：同一编号再写一行，填“自”（从哪天起）和新公式，其余列留空；第一行也要填“自”。改过的参数：“方案参数”里每个日期一行。"),
    (_P, "决策表：先写规则、命中策略，再写输入列和输出列的表头，下面一行一条。条件写 -（不限）、40、>= 18、[18..60)、\"住院\", \"急诊\"、not(\"门诊\")。唯一：最多一行成立；首行：取第一行。表内不留空行，两张表之间空一行。"),
    (_P, r'特别的文本（开头是空格或等号、空文本）以反斜杠写出，如 \"" 是空文本；导出时遇到才这样写。'),
    (_T, "How to write a rules workbook"),
    (_P, "One workbook is one pack. When it is written run: outpost-rules import WORKBOOK.xlsx PACK.json. All errors are listed at once, with sheet and cell."),
    (_P, "Each sheet has two heading rows (Chinese, English); from the third row on, one entry a row. Rest the mouse on a heading to read about the column. Columns may change places, headings must stay. No merged cells, no hidden rows or columns."),
    (_H, "The sheets"),
    (_P, "产品包 Pack: id, version, validity; the date element behind each date basis. 要素 Elements: every fact of a claim, with type, unit, bounds, source. 参数 Parameters: the figures that plans set; their values stand on 方案参数 Values, a column for each plan."),
    (_P, "规则 Rules: formulas and decision tables, with clause and sentences. Where the formula says 见表 (see table), the table stands on a sheet whose title begins with 表 (Tables)."),
    (_P, "责任 Liabilities and 责任步骤 Steps: which rules a benefit is made of, in their order; which are concerns, which exclusions. 责任限额 Draws: what it takes from which pool. 责任联动 Carries: what other claims of the person see of it."),
    (_P, "方案 Plans, 方案参数 Values, 附加金额 Outputs: what is sold. 用例 Tests: a worked case a row, its facts and what must come out. This sheet, and sheets whose title begins with 备注 or Notes, are not read."),
    (_H, "How to fill in"),
    (_P, "Money in yuan, at most two decimals: 100,000.00. Ratios: 90% or 0.9. Dates: date cells or 2024-01-31. Yes/no: 是, 否."),
    (_P, "A number is what you see: 0.1 is 0.1. More decimals than the type allows, or more than 15 digits, are refused, never rounded. Format ids and bill numbers as text, so that no leading zero is lost."),
    (_P, "Several items in a cell: with ; or a line each; a text that holds a separator or a comma stands in quotes. 无 is the empty list. A blank cell: it is not there."),
    (_P, "In formulas a text stands in quotation marks, money has yuan behind it. Full-width brackets, commas and signs are taken as the plain ones. Excel formulas count by their stored result; one without is refused."),
    (_P, "A rule that changed: another row with the same id, its day in 自 (From) and the new formula, all else blank; the first row has its day too. A parameter that changed: a row for each day on 方案参数."),
    (_P, "A decision table: its rule and hit policy, then the heads of input and output columns, then the rows. Conditions: - (anything), 40, >= 18, [18..60), \"住院\", \"急诊\", not(\"门诊\"). No blank lines inside a table, one between two."),
)  # fmt: skip
