"""The sheets of a workbook and every column in them: where each field of a pack has its place.

Promise: every field of every struct of ``rules.engine.document`` is here (a test compares); headings and notes are what the
expert reads, so a change here is a change of the product.
"""

from __future__ import annotations

from collections.abc import Mapping

from rules.engine.document import DateBasis, ValueType
from rules.engine.model import Unit
from rules.workbook.codecs import Bound, Choice, Code, Codec, Day, Name, Scalar, Text, Whole, WholeText, YesNo
from rules.workbook.columns import Column, Layer, Layout
from rules.workbook.labels import (
    AGGREGATIONS,
    BASES,
    KINDS,
    POLICIES,
    REACHES,
    ROLES,
    SCOPES,
    SOURCES,
    TYPES,
    UNITS,
    WHENS,
)
from rules.workbook.list_codecs import MoneyList, Names, Sums, Told

_NAME, _TEXT, _CODE, _DAY, _WHOLE, _YES = Name(), Text(), Code(), Day(), Whole(), YesNo()
_TYPE, _UNIT = Choice(TYPES), Choice(UNITS)


def _bound(row: Mapping[str, object]) -> Codec | None:
    kind, unit = row.get("type"), row.get("unit")
    if not isinstance(kind, ValueType):
        return None
    return Bound(Scalar(kind, unit if isinstance(unit, Unit) else Unit.COUNT))


def _id(what: str) -> Column:
    note = f"{what}的编号：小写英文字母、数字、下划线，公式里就用它；不得重复。 The id that formulas use: a-z, 0-9, _; once only."
    return Column("id", "编号", "Id", note, _NAME, 24, required=True)


_ZH = Column(
    "name.zh", "中文名", "Chinese name", "给查勘员看的名称。 What the adjuster reads.", _TEXT, 24, required=True
)
_EN = Column("name.en", "英文名", "English name", "英文名称。 The same in English.", _TEXT, 30, required=True)
_CLAUSE = Column(
    "clause",
    "条款",
    "Clause",
    "条款出处，如“保险责任·意外医疗”。 Where the contract says so.",
    _TEXT,
    24,
    required=True,
)
_CLAIMED = Column(
    "claimed", "申请类型", "Claim types",
    "哪些申请类型涉及它；多项用 ; 隔开。 The claim types that ask for it; several with ; between.", Names(), 22, required=True,
)  # fmt: skip


def _type(note: str) -> Column:
    return Column("type", "类型", "Type", note, _TYPE, 14, required=True)


_UNIT_COLUMN = Column("unit", "单位", "Unit", "金额用“元”，比例用“比例”（可写 90%）。 Money: 元; a ratio may be written 90 %.", _UNIT, 12, required=True)  # fmt: skip
_MANY = Column("many", "清单", "List", "“是”表示一格里有多个值。 Yes: several values.", _YES, 8)

PACK = Layout(
    "产品包",
    "Pack",
    (
        Column("schema", "格式版本", "Schema", "目前只有 1。 1 for now.", _WHOLE, required=True),
        Column("engine_min", "最低引擎版本", "Least engine", "能运行本包的最低引擎版本。 The oldest engine that can run this pack.", WholeText(), required=True),
        Column("pack_id", "产品包编号", "Pack id", "各版本相同。 The same over all versions.", _NAME, required=True),
        Column("version", "版本号", "Version", "每次发布加 1。 Rises with every release.", _WHOLE, required=True),
        Column("valid_from", "生效日", "Valid from", "从这一天起可用（含）。 Usable from this day on.", _DAY, required=True),
        Column("valid_to", "失效日", "Valid to", "用到这一天为止（含）；空白：直到被取代。 Last day; empty: until superseded.", _DAY),
        Column("supersedes", "取代", "Supersedes", "所取代的产品包的哈希值或名称；可空。 The pack that this one replaces; may be empty.", _TEXT),
        *(
            Column(
                f"date_bases.{basis.value}",
                f"日期口径·{BASES.label(basis).partition(' ')[0]}",
                f"Date basis {basis.value}",
                "这一口径取哪个日期要素。 The date element behind this date basis.",
                _NAME,
                refers=Layer.ELEMENT,
            )
            for basis in DateBasis
            if basis is not DateBasis.LIABILITY  # each liability names its own element
        ),
    ),
)  # fmt: skip

ELEMENTS = Layout(
    "要素",
    "Elements",
    (
        _id("要素"),
        _ZH,
        _EN,
        _type("金额按元填写，两位小数。 Money is written in yuan."),
        _UNIT_COLUMN,
        Column("source", "来源", "Source", "值从哪里来。 Where the value comes from.", Choice(SOURCES), 20, required=True),
        Column("minimum", "最小值", "Minimum", "按类型填写；文本填最少字数。 In the element's type; for a text its least length.", _bound, 18, required=True),
        Column("maximum", "最大值", "Maximum", "按类型填写；文本填最多字数。 In the element's type; for a text its greatest length.", _bound, 18, required=True),
        Column("scale", "小数位数", "Scale", "仅“数”填：最多几位小数。 Numbers only: most digits after the point.", _WHOLE, 10),
        _MANY,
        Column("items", "最多几项", "Most items", "仅清单填。 Lists only.", _WHOLE, 10),
    ),
)  # fmt: skip

PARAMETERS = Layout(
    "参数",
    "Parameters",
    (
        _id("参数"),
        _ZH,
        _EN,
        _type("方案给它的值的类型；值填在“方案参数”。 The values stand on sheet 方案参数."),
        _UNIT_COLUMN,
        _MANY,
    ),
)

SEE_TABLE = "见表 see table"

RULES = Layout(
    "规则",
    "Rules",
    (
        _id("规则"),
        _ZH,
        _EN,
        Column(
            "kind", "作用", "Kind",
            "取值：算出一个数；条件：不成立则本责任为 0；转人工：成立则转人工；计算：改变金额；取整：唯一一次取整。"
            " value names a figure; gate ends the benefit; refer sends it to a person; amount changes the sum; round is the one rounding.",
            Choice(KINDS), 16, required=True,
        ),
        _CLAUSE,
        Column(
            "valid_from", "自", "From",
            "规则改过才填：这一写法从哪天起；同一编号再写一行，只填编号、自、公式。"
            " Only where the rule changed: the day from which this version holds. Another row with the same id, 自 and formula for the next.",
            _DAY, 12,
        ),
        Column(
            "expression", "公式", "Formula",
            "公式；取整必须写明，如 round half up(amount, 2)。决策表写“见表”，表在“表”页。"
            " The formula; rounding by name. For a decision table write 见表 and put the table on a sheet 表.",
            _CODE, 60, required=True,
        ),
        _type("条件、转人工是“是否”；计算是“未取整金额”；取整是“金额”。 Of the rule's value."),
        _UNIT_COLUMN,
        _MANY,
        Column(
            "date_basis", "日期口径", "Date basis",
            "按哪个日期取规则版本和有日期的参数；随责任：按责任的日期要素。 By which date versions and dated parameters are chosen.",
            Choice(BASES), 18, required=True,
        ),
        Column("applied.zh", "生效时说（中文）", "Says when it bites (Chinese)", "{编号} 处填入该值。 {id} stands for that value.", _TEXT, 44, required=True),
        Column("applied.en", "生效时说（英文）", "Says when it bites (English)", "同上。 As before.", _TEXT, 44, required=True),
        Column("not_applied.zh", "未生效时说（中文）", "Says when it does not (Chinese)", "同上。 As before.", _TEXT, 44, required=True),
        Column("not_applied.en", "未生效时说（英文）", "Says when it does not (English)", "同上。 As before.", _TEXT, 44, required=True),
        Column("shows", "显示", "Shows", "这一步显示哪个值；空白：显示金额变化。 Whose value the step shows; empty: the change of the sum.", _NAME, 22),
        Column("remainder", "不足额输出", "Remainder", "金额低于 0 的部分记到哪个输出。 The output that tells what would fall below 0.", _NAME, 16),
        Column("waiver.elements", "豁免要素", "Waiver elements", "这些要素都为“是”时本规则豁免。 The rule is lifted when all of these are true.", Names(), 22, refers=Layer.ELEMENT),
        Column("waiver.codes", "豁免代码", "Waiver codes", "记入决定的代码。 Codes that the decision lists.", Names(), 20),
        Column("waiver.reason.zh", "豁免说明（中文）", "Waiver reason (Chinese)", "豁免时说的话。 What is said then.", _TEXT, 30),
        Column("waiver.reason.en", "豁免说明（英文）", "Waiver reason (English)", "同上。 As before.", _TEXT, 30),
        Column("override.element", "法定放宽要素", "Override element", "法定放宽条件的要素，如 emergency。 A legal ground that lifts a gate.", _NAME, 18, refers=Layer.ELEMENT),
        Column("override.reason.zh", "放宽说明（中文）", "Override reason (Chinese)", "放宽时说的话。 What is said then.", _TEXT, 30),
        Column("override.reason.en", "放宽说明（英文）", "Override reason (English)", "同上。 As before.", _TEXT, 30),
    ),
)  # fmt: skip

# A block of a tables sheet: these lines stand above the rows, in this order.
TABLES = Layout(
    "表",
    "Tables",
    (
        Column("rule", "规则", "Rule", "决策表所属规则的编号。 The rule that the table belongs to.", _NAME, required=True, refers=Layer.RULE),
        Column("valid_from", "自", "From", "规则有版本时，这张表从哪天起。 Where the rule has versions: the day of this one.", _DAY),
        Column("hit_policy", "命中策略", "Hit policy", "唯一：最多一行成立；首行：取第一行；任一：各行结果须相同；汇总：合计各行。 What several rows mean.", Choice(POLICIES), required=True),
        Column("aggregation", "汇总方式", "Aggregation", "仅“汇总”填。 With collect only.", Choice(AGGREGATIONS)),
        Column("complete", "须无缺口", "Complete", "“是”：检查任何输入都有一行成立。 Yes: every combination of inputs must meet a row.", _YES),
    ),
    several=True,
)  # fmt: skip
# The grid's own lines.
GRID_SIDE = ("列", "Column")
GRID_HEAD = ("表达式", "Expression")
GRID_LIMIT = ("允许值或缺省值", "Allowed or default")
INPUT, OUTPUT = ("输入", "input"), ("输出", "output")

POOLS = Layout(
    "限额池",
    "Pools",
    (
        _id("限额池"),
        _ZH,
        _EN,
        Column("scope", "共用范围", "Scope", "哪些赔案共用它。 Which claims share it.", Choice(SCOPES), 22, required=True),
        Column("unit", "单位", "Unit", "元或日。 Yuan or days.", _UNIT, 12, required=True),
        Column("used", "已用要素", "Used element", "哪个要素说明已用多少。 The element that tells what is gone.", _NAME, 24, required=True, refers=Layer.ELEMENT),
        Column("limit", "限额公式", "Limit", "空白：只计数，不限额。 Empty: it only counts.", _CODE, 50),
    ),
)  # fmt: skip

LIABILITIES = Layout(
    "责任",
    "Liabilities",
    (
        _id("责任"),
        _ZH,
        _EN,
        _CLAUSE,
        _CLAIMED,
        Column("date_basis", "日期要素", "Date element", "这一日期须在产品包有效期内；“随责任”的规则也按它。 Its date must lie in the pack's validity.", _NAME, 20, required=True, refers=Layer.ELEMENT),
        Column("loss_key", "损失标识", "Loss key", "由凭证要素组成，如 bill:{bill_code}:{bill_number}。 Made of evidence.", _TEXT, 34, required=True),
        Column("indemnity", "费用补偿要素", "Indemnity element", "费用补偿型才填：哪个要素记他处已赔。 Reimbursements only: the element that tells what others paid.", _NAME, 22, refers=Layer.ELEMENT),
        Column("shares", "份额", "Shares", "按哪个清单分给受益人。 The list of weights that splits the sum.", _NAME, 20),
        Column("rising_in", "随之不减的要素", "Rising in", "这些要素变大时赔款不得变小。 Larger values of these never make the benefit smaller.", Names(), 24, refers=Layer.ELEMENT),
        Column("at_most", "不超过", "At most", "赔款不得超过的公式。 An expression that the benefit never exceeds.", _CODE, 40),
    ),
)  # fmt: skip

STEPS = Layout(
    "责任步骤",
    "Steps",
    (
        Column("liability", "责任", "Liability", "责任编号。 The liability's id.", _NAME, 24, required=True, refers=Layer.LIABILITY),
        Column("role", "环节", "Role", "前提：不成立则与本责任无关；步骤：依次执行；责任免除：也是步骤。按行的先后执行。 concern, step or exclusion; rows run in order.", Choice(ROLES), 20, required=True),
        Column("rule", "规则", "Rule", "规则编号。 The rule's id.", _NAME, 28, required=True, refers=Layer.RULE),
        Column("", "规则名称（仅供阅读）", "Rule's name (for reading only)", "导入时不读。 Import does not read it.", _TEXT, 40),
    ),
)  # fmt: skip

DRAWS = Layout(
    "责任限额",
    "Draws",
    (
        Column("liability", "责任", "Liability", "责任编号。 The liability's id.", _NAME, 24, required=True, refers=Layer.LIABILITY),
        Column("pool", "限额池", "Pool", "从哪个限额池扣。 The pool it draws on.", _NAME, 24, required=True, refers=Layer.POOL),
        Column("amount", "扣多少", "Amount", "公式；paid 是本责任赔款。 A formula; paid is the benefit.", _CODE, 40, required=True),
        Column("when", "何时扣", "When", "空白：总是。 Empty: always.", _CODE, 40),
    ),
)  # fmt: skip

CARRIES = Layout(
    "责任联动",
    "Carries",
    (
        Column("liability", "责任", "Liability", "责任编号。 The liability's id.", _NAME, 24, required=True, refers=Layer.LIABILITY),
        Column("element", "要素", "Element", "同一人的其他赔案看到的哪个要素因此改变。 The element of the person's other claims that changes.", _NAME, 24, required=True, refers=Layer.ELEMENT),
        Column("when", "何时", "When", "一经申请；走到某步；已给付；待人工。 claimed, reached, paid or open.", Choice(WHENS), 20, required=True),
        Column("reach", "范围", "Reach", "哪些赔案看到。 Which claims see it.", Choice(REACHES), 22, required=True),
        Column("value", "值", "Value", "公式；金额和数累加，“是否”为是。paid 是赔款。 A formula; sums are added, yes sets it; paid is the benefit.", _CODE, 40, required=True),
        Column("step", "步骤", "Step", "“走到该步”时填规则编号。 The rule's id, with reached.", _NAME, 24, refers=Layer.RULE),
        Column("same", "须相同的要素", "Same elements", "两案中须相等的要素。 Elements that must be equal in both claims.", Names(), 24, refers=Layer.ELEMENT),
    ),
)  # fmt: skip

PLANS = Layout(
    "方案",
    "Plans",
    (
        Column("id", "编号", "Id", "方案编号。 The plan's id.", _NAME, 16, required=True),
        _ZH,
        _EN,
        Column("order", "协调次序", "Order", "多张保单同一损失时，小的先赔。 Lower first where several policies cover one loss.", _WHOLE, 10, required=True),
        Column("liabilities", "责任（按次序）", "Liabilities in order", "责任编号，一行一个。 Ids of liabilities, one a line.", Names(), 30, required=True, refers=Layer.LIABILITY),
    ),
)  # fmt: skip

# One row a parameter (and liability, and date); behind these a column for each plan.
VALUES = Layout(
    "方案参数",
    "Values",
    (
        Column("parameter", "参数", "Parameter", "参数编号。 The parameter's id.", _NAME, 28, required=True, refers=Layer.PARAMETER),
        Column("", "参数名称（仅供阅读）", "Parameter's name (for reading only)", "导入时不读。 Import does not read it.", _TEXT, 34),
        Column("liability", "责任", "Liability", "只对方案里的这一责任；空白：对整个方案。 For this liability of the plan only; empty: the whole plan.", _NAME, 24, refers=Layer.LIABILITY),
        Column("valid_from", "自", "From", "值改过才填：从哪天起；每个日期一行。 Only where the value changed: the day from which it holds; a row for each.", _DAY, 12),
    ),
)  # fmt: skip
PLAN_NOTE = (
    "这一方案的值；空白：不设。第二行是方案编号。 This plan's value; empty: not set. The second line is the plan's id."
)

OUTPUTS = Layout(
    "附加金额",
    "Outputs",
    (
        Column("plan", "方案", "Plan", "方案编号。 The plan's id.", _NAME, 16, required=True, refers=Layer.PLAN),
        Column("id", "编号", "Id", "附加金额的编号，如 refund。 The output's id.", _NAME, 20, required=True),
        _ZH,
        _EN,
        Column("expression", "公式", "Formula", "公式；total 是赔款合计。 A formula; total is the sum of the benefits.", _CODE, 60, required=True),
        _CLAIMED,
        Column("when", "何时给出", "When", "空白：总是。 Empty: always.", _CODE, 40),
    ),
)  # fmt: skip

_EXPECT = "期望；空白：不检查。 Expected; empty: not looked at."
TESTS = Layout(
    "用例",
    "Tests",
    (
        Column("name", "用例", "Case", "用例名称，不得重复。 The case's name, once only.", _TEXT, 40, required=True),
        Column("expect.referred", "转人工", "Referred", "是否应转人工。 Whether a person must decide.", _YES, 9, required=True),
        Column("expect.total_fen", "赔款合计", "Total", "元。 In yuan.", Scalar(ValueType.MONEY), 14, required=True),
        Column("expect.liabilities_fen", "各责任赔款", "By liability", "责任编号 = 元，一行一个。 id = yuan, one a line. " + _EXPECT, Sums(), 34),
        Column("expect.outputs_fen", "附加金额", "Outputs", "编号 = 元。空白：应当没有。 id = yuan; empty: there are none.", Sums(), 26),
        Column("expect.draws", "限额池扣减", "Draws", "限额池编号 = 元或日。 pool = yuan or days. " + _EXPECT, Sums(), 28),
        Column("expect.shares_fen", "受益份额", "Shares", "各受益人的元。 Yuan of each beneficiary. " + _EXPECT, MoneyList(), 22),
        Column("expect.waivers", "豁免代码", "Waivers", "写“无”：应当没有。 无: none. " + _EXPECT, Names(), 20),
        Column("expect.reasons", "转人工的规则", "Reasons", "规则编号。写“无”：应当没有。 Rules' ids; 无: none. " + _EXPECT, Names(), 24),
        Column("expect.values", "步骤的值", "Step values", "规则编号 = 步骤的值。 rule = the value of its step. " + _EXPECT, Told(), 28),
    ),
    several=True,
)  # fmt: skip
FACT_NOTE = (
    "要素的值；空白：没有这一事实。第二行是要素编号。 The fact; empty: not given. The second line is the element's id."
)

GUIDE = Layout("说明", "Guide", ())
NOTES = Layout("备注", "Notes", (), several=True)
# In the order that export writes them; tables and tests may be several sheets each.
SHEETS = (
    PACK,
    ELEMENTS,
    PARAMETERS,
    RULES,
    TABLES,
    LIABILITIES,
    STEPS,
    DRAWS,
    CARRIES,
    POOLS,
    PLANS,
    VALUES,
    OUTPUTS,
    TESTS,
)
UNREAD = (GUIDE, NOTES)
