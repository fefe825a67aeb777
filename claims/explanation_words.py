"""How one tells somebody in shock what a step of the rules did: no term of the trade, no number of a clause, no code.

Promise: plain data. A step is known by a word in its Chinese name, so that a new pack's steps find their words without a change here;
what finds none is told in general words, never in the pack's own.

``JARGON`` are the words that must not reach a claimant; tests hold every text of the sample pack to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from rules.bilingual import Bilingual

JARGON_ZH = (
    "免赔", "给付", "责任", "免除", "除外", "理算", "核定", "限额", "保额", "顺位", "等待期", "宽限期", "统筹", "目录", "自付", "自费",
    "条款", "比例", "四舍五入", "累计", "累进", "免责", "拒赔", "拒付", "出险", "标的", "现金价值", "豁免", "定点", "被保险人", "投保人", "受益人",
    "补偿", "预付", "既往", "中止", "复效", "届满", "转人工", "规则", "直付", "扣减", "抵扣", "保险金额", "有效期", "伤残评定", "形态学",
)  # fmt: skip
JARGON_EN = (
    "deductible", "coinsurance", "co-pay", "indemnity", "liability", "exclusion", "waiver", "waived", "claimant", "adjudicat",
    "reimburs", "aggregate", "sublimit", "pro rata", "clause", "referral", "referred", "insured", "policyholder", "pathology or",
    "tier", "ratio", "cap ", "lapse", "suspended", "grace period", "reinstate", "catalogue", "morphology", "cash value", "rule",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """Words for a step known by ``mark``. ``{0}`` is what it took, ``{1}`` what is left; both in yuan."""

    mark: str
    text: Bilingual


@dataclass(frozen=True)
class Stopped:
    """Why nothing is settled yet, known by ``mark``, and what the person could do about it."""

    mark: str
    why: Bilingual
    change: Bilingual


# What a benefit is for, by a word in its Chinese name.
BENEFITS = (
    Told("灾害额外", Bilingual("大灾害另加的一项", "the extra for a great disaster")),
    Told("身故", Bilingual("去世这一项", "the payment for the death")),
    Told("伤残", Bilingual("受伤留下残疾这一项", "the payment for the lasting injury")),
    Told("津贴", Bilingual("住院每天的补助这一项", "the daily money for the stay in hospital")),
    Told("重大疾病", Bilingual("重病这一项", "the payment for the serious illness")),
    Told("轻症", Bilingual("病情较轻这一项", "the payment for the milder illness")),
)
ANY_BENEFIT = Bilingual("这一项", "this")

# How a fixed sum came about, by a word in the Chinese name of the step that gave it or of one it was worked out with.
MULTIPLIED = (
    Told("保险费倍数", Bilingual("保险费一共交了 {0} 元，合同付它的 {1} 倍。", "{0} yuan of premium were paid in; the contract pays {1} times that.")),
    Told("伤残", Bilingual("合同写的金额是 {0} 元，按伤的轻重付它的{1}。", "The contract names {0} yuan and pays {1} of that for such an injury.")),
)  # fmt: skip
RETURNED = (
    Told("返还保险费", Bilingual("这是到现在一共交过的保险费。", "This is the premium that was paid in so far.")),
)  # fmt: skip
GREATEST = "取大"
GREATEST_TEXT = Bilingual("合同写了几种算法，付最多的那一种。", "The contract names several ways to work it out and pays the most.")  # fmt: skip
STAY_DAYS = "住院天数"
FREE_DAYS = "免赔天数"

CUTS = (
    Told("统筹", Bilingual("医保已经付了 {0} 元。", "Social insurance has paid {0} yuan.")),
    Told("目录外", Bilingual("其中 {0} 元的药和项目不在这份合同里。", "{0} yuan were for medicine and treatment that the contract does not cover.")),
    Told("其他途径", Bilingual("别处已经付了 {0} 元。", "Others have paid {0} yuan already.")),
    Told("免赔", Bilingual("合同规定先由您自己承担 {0} 元。", "The contract leaves the first {0} yuan to you.")),
    Told("预付", Bilingual("之前已经先付给您 {0} 元，这次减去。", "We paid you {0} yuan in advance; they are taken off now.")),
    Told("借款利息", Bilingual("合同上的借款有利息 {0} 元，从中扣除。", "{0} yuan of interest on the loan are taken off.")),
    Told("借款", Bilingual("合同上还有借款 {0} 元没还，从中扣除。", "A loan of {0} yuan is still open and is taken off.")),
    Told("保险费", Bilingual("还有 {0} 元保险费没交，从中扣除。", "{0} yuan of premium are still due and are taken off.")),
    Told("未成年", Bilingual("国家对孩子的这笔钱定了上限，超出的 {0} 元不能付。", "The law sets a limit for children; {0} yuan above it can't be paid.")),
    Told("既往", Bilingual("以前已经付过 {0} 元，这次减去。", "{0} yuan were paid before and are taken off.")),
    Told("已给付", Bilingual("以前已经付过 {0} 元，这次减去。", "{0} yuan were paid before and are taken off.")),
    Told("轻症给付", Bilingual("以前已经付过 {0} 元，这次减去。", "{0} yuan were paid before and are taken off.")),
    Told("限额", Bilingual("这份合同能付的钱有上限，超出的 {0} 元付不了。", "The contract can pay only so much; {0} yuan are above that.")),
    Told("剩余", Bilingual("这份合同能付的钱有上限，超出的 {0} 元付不了。", "The contract can pay only so much; {0} yuan are above that.")),
    Told("余额", Bilingual("这份合同能付的钱有上限，超出的 {0} 元付不了。", "The contract can pay only so much; {0} yuan are above that.")),
    Told("分级", Bilingual("剩下的钱分段来算，合同付 {1} 元。", "What is left is worked out in steps; the contract pays {1} yuan of it.")),
)  # fmt: skip
ANY_CUT = Bilingual(
    "按合同再减去 {0} 元，剩下 {1} 元。", "By the contract another {0} yuan are taken off; {1} yuan are left."
)

_BRING_DATES = Bilingual(
    "如果日期记错了，请带上写着日期的材料，我们重新算。",
    "If a date is wrong, bring a paper that shows the right one and we work it out again.",
)
NOTHING_TO_DO = Bilingual(
    "您现在不用做什么，需要材料时我们会来找您。",
    "There is nothing you need to do; we will come to you if a paper is needed.",
)
_ASK = Bilingual(
    "如果您觉得不对，请告诉我们，我们请同事再看。", "If you think this is wrong, tell us and a colleague looks again."
)

STOPS = (
    Stopped("等待期", Bilingual("合同写着，刚开始的一段日子里查出的病不包括在内。第一次查出就在这段日子里。", "By the contract an illness found in its first days is not included, and it was first found then."), Bilingual("如果最早查出的日子记错了，请带上最早的病历。", "If the first date is wrong, bring the earliest medical record.")),
    Stopped("保险期间内", Bilingual("事情发生的日子不在合同管的日期里。", "It happened on a day that the contract does not cover."), _BRING_DATES),
    Stopped("规定期限内", Bilingual("合同只管事故后的一段日子，这次晚了。", "The contract covers a number of days after the accident, and this was later."), _BRING_DATES),
    Stopped("前后门诊", Bilingual("这次门诊离住院的日子远了一些，合同不包括。", "This visit was too far from the stay in hospital for the contract to cover it."), _BRING_DATES),
    Stopped("入出院日期", Bilingual("出院的日子写得比入院还早。", "The day of leaving hospital is written before the day of coming in."), _BRING_DATES),
    Stopped("在事故之后", Bilingual("材料上去世的日子比事故还早。", "The papers give a day of death before the accident."), _BRING_DATES),
    Stopped("合同生效后", Bilingual("事情发生的时候，合同还没有开始。", "It happened before the contract began."), _BRING_DATES),
    Stopped("医院", Bilingual("这家医院不是合同认可的医院。", "The contract does not name this hospital."), Bilingual("如果当时情况紧急，请告诉我们，再带上急诊的病历。", "If it was an emergency, tell us and bring the emergency record.")),
    Stopped("票据金额", Bilingual("票据上的几个数对不上。", "The figures on the bill do not fit each other."), Bilingual("请带上票据原件，我们和您一起核对。", "Bring the bill itself and we check it with you.")),
    Stopped("药品与项目", Bilingual("票据上没有分清哪些是药，哪些是治疗。", "The bill does not say what was medicine and what was treatment."), Bilingual("请医院打一张费用清单给我们。", "Ask the hospital for an itemised list.")),
    Stopped("责任免除", Bilingual("这件事里有一点要先查清楚。", "One point has to be looked into first."), NOTHING_TO_DO),
    Stopped("疾病所致", Bilingual("这次是意外，要按意外来办。", "This was an accident and goes another way."), Bilingual("您不用重新跑一趟，我们帮您改。", "You need not come again; we change it for you.")),
    Stopped("意外所致", Bilingual("从材料上还看不出是意外。", "The papers do not show yet that it was an accident."), Bilingual("有能说明经过的材料，请交给我们，比如交警或医院的证明。", "Bring a paper that shows what happened, from the police or the hospital.")),
    Stopped("评定时", Bilingual("人已经不在了，受伤这一项不再单独付，改按去世那一项来算。", "As the person has died, the injury is not paid for by itself; the payment for the death takes its place."), Bilingual("去世那一项由我们帮您办。", "We help you with the payment for the death.")),
    Stopped("恶性肿瘤诊断", Bilingual("诊断写的是肿瘤，还缺化验的报告。", "The diagnosis says cancer; the laboratory's report is missing."), Bilingual("请补上医院的病理报告。", "Bring the hospital's pathology report.")),
    Stopped("重疾定义", Bilingual("现在的检查结果，还没有到合同写的那个程度。", "The findings are not yet as serious as the contract asks for."), Bilingual("以后有新的检查结果，可以再来找我们。", "If there are new findings later, come to us again.")),
    Stopped("持续满期", Bilingual("合同要看病情是不是长久的，现在日子还不够，要请懂医的同事来看。", "The contract asks whether it lasts, and it is too early to tell; a colleague who knows medicine looks at it."), Bilingual("日子够了，请再去检查一次，把结果带给我们。", "When the time is over, have it examined again and bring us the result.")),
    Stopped("判定", Bilingual("这个病要请懂医的同事来看。", "A colleague who knows medicine has to look at this illness."), NOTHING_TO_DO),
    Stopped("分期", Bilingual("病历上有一项写法看不懂，要请懂医的同事来看。", "One entry in the medical record can't be read; a colleague who knows medicine has to look."), NOTHING_TO_DO),
    Stopped("重疾未曾", Bilingual("这份合同的这一项只付一次，以前已经付过了。", "The contract pays this once, and it was paid before."), _ASK),
    Stopped("轻症次数", Bilingual("这一项能付的次数已经用完了。", "This was paid as often as the contract allows."), _ASK),
    Stopped("不同种", Bilingual("同一种病以前已经付过了。", "The same illness was paid for before."), _ASK),
    Stopped("待核定重疾", Bilingual("之前为重病提的申请还没有结果，要等它先定下来。", "The earlier request for the serious illness has no answer yet, and it comes first."), NOTHING_TO_DO),
    Stopped("自杀", Bilingual("合同对这样的离世有专门的规定，要请总部的同事来看。", "The contract has words of its own for such a death; colleagues at headquarters look at it."), NOTHING_TO_DO),
    Stopped("18", Bilingual("孩子还没有满 18 岁，这一项要请总部的同事来看。", "The child was under 18; colleagues at headquarters look at this."), NOTHING_TO_DO),
    Stopped("父母", Bilingual("给孩子买保险的不是父母，要请总部的同事来看。", "The contract was not taken out by a parent; colleagues at headquarters look at it."), NOTHING_TO_DO),
    Stopped("合同效力", Bilingual("有一笔保险费没有按时交，合同停了。", "A premium was not paid in time and the contract had stopped."), Bilingual("如果保险费已经交了，请带上交费的记录。", "If it was paid after all, bring the record of it.")),
    Stopped("受益", Bilingual("还不清楚这笔钱应该由哪几位家人来领。", "It is not clear yet which of the family receive the money."), Bilingual("请带上能说明家里关系的材料。", "Bring papers that show how the family is related.")),
    Stopped("预付", Bilingual("之前先付的钱要分到几项里，要请同事来分。", "What was paid in advance has to be divided; a colleague does that."), NOTHING_TO_DO),
)  # fmt: skip
# Where a date may have been written down wrong, by how many days it missed is of use; elsewhere it would only hurt.
DATES_CAN_BE_WRONG = (_BRING_DATES, STOPS[0].change)

# Reasons of the engine itself, by the rule that they name.
ENGINE_STOPS = (
    Stopped("engine:earlier", Bilingual("另一份合同也要为这件事付钱，它还没有定下来，要等它。", "Another contract pays for this too and is not settled yet; it comes first."), NOTHING_TO_DO),
    Stopped("engine:claimed_before", Bilingual("同一件事已经申请过一次了。", "This was asked for once before."), _ASK),
    Stopped("engine:balances_differ", Bilingual("几份材料上的数对不上，要请同事核对。", "The papers give different figures; a colleague checks them."), NOTHING_TO_DO),
    Stopped("engine:not_concerned", Bilingual("这份合同里没有管这件事的一项。", "No part of the contract speaks of this."), _ASK),
    Stopped("element:claim_types", Bilingual("这份合同里没有管这件事的一项。", "No part of the contract speaks of this."), _ASK),
    Stopped("element:plan", Bilingual("这台电脑上没有这份合同的算法。", "This computer does not know how to work out this contract."), NOTHING_TO_DO),
    Stopped("engine:validity", Bilingual("这台电脑上的算法不管那一天。", "This computer can't work out a case of that day."), NOTHING_TO_DO),
)  # fmt: skip
# Facts as one asks for them, by a word in their Chinese name; the first that fits.
ASKED_FOR = (
    Told("统筹", Bilingual("医保付了多少", "how much social insurance has paid")),
    Told("个人账户", Bilingual("医保卡里付了多少", "how much the account with social insurance has paid")),
    Told("目录外", Bilingual("哪些药和项目是医保不管的", "which medicine and treatment social insurance does not cover")),
    Told("其他途径", Bilingual("别处付了多少", "how much others have paid")),
    Told("商业保险", Bilingual("别的保险付了多少", "how much other insurance has paid")),
    Told("医保结算", Bilingual("看病时有没有用医保", "whether social insurance was used")),
    Told("医疗费总额", Bilingual("看病一共花了多少", "what the treatment cost in all")),
    Told("票据类别", Bilingual("票据是住院的还是门诊的", "whether the bill is for a stay or a visit")),
    Told("票据", Bilingual("票据上的号码", "the number on the bill")),
    Told("医院级别", Bilingual("医院是几级的", "the level of the hospital")),
    Told("公立", Bilingual("医院是不是公立的", "whether the hospital is a public one")),
    Told("取消", Bilingual("这次灾害放宽了哪些要求", "which conditions are lifted because of the disaster")),
    Told("定点", Bilingual("合同认不认可这家医院", "whether the contract names the hospital")),
    Told("紧急", Bilingual("当时是不是很紧急", "whether it was an emergency")),
    Told("重疾申请", Bilingual("之前为重病提的申请有没有结果", "whether the earlier request has its answer")),
    Told("诊断编码", Bilingual("诊断写的是什么病", "what illness the diagnosis names")),
    Told("形态学", Bilingual("化验报告写的是哪一种", "which kind the laboratory's report names")),
    Told("病理", Bilingual("有没有化验报告", "whether there is a report of the laboratory")),
    Told("分期", Bilingual("病历上写的是哪一期", "the stage in the medical record")),
    Told("重大疾病种类", Bilingual("得的是哪一种病", "which illness it is")),
    Told("肌钙蛋白", Bilingual("心脏检查的结果", "the findings about the heart")),
    Told("CK-MB", Bilingual("心脏检查的结果", "the findings about the heart")),
    Told("射血分数", Bilingual("心脏检查的结果", "the findings about the heart")),
    Told("心肌梗死", Bilingual("心脏检查的结果", "the findings about the heart")),
    Told("并发症", Bilingual("有没有别的病一起发作", "whether another illness came with it")),
    Told("含既往", Bilingual("以前的伤有没有算在里面", "whether an earlier injury is counted in")),
    Told("已因同一事故身故", Bilingual("受伤的人是不是还在", "whether the person is still alive")),
    Told("伤残等级", Bilingual("评下来的伤残等级", "how serious the lasting injury is")),
    Told("评定", Bilingual("评定伤残的日子", "the day the injury was assessed")),
    Told("出生", Bilingual("出生的日子", "the date of birth")),
    Told("事故日期", Bilingual("出事的日子", "the day of the accident")),
    Told("身故日期", Bilingual("去世的日子", "the day of the death")),
    Told("首次确诊", Bilingual("第一次查出病的日子", "the day the illness was first found")),
    Told("对应住院", Bilingual("是哪一次住院", "which stay in hospital the visit belongs to")),
    Told("状态起始", Bilingual("从哪一天起是这个样子", "the day since which it has been so")),
    Told("状态评估", Bilingual("医生检查的日子", "the day on which a doctor looked at it")),
    Told("手术", Bilingual("手术是怎么做的", "what the surgery was")),
    Told("入院", Bilingual("入院或者看病的日子", "the day of coming in or of the visit")),
    Told("出院", Bilingual("出院的日子", "the day of leaving hospital")),
    Told("报案", Bilingual("第一次告诉我们的日子", "the day we were first told")),
    Told("受益", Bilingual("这笔钱由哪几位家人来领", "which of the family receive the money")),
    Told("自然灾害", Bilingual("是不是大灾害造成的", "whether a great disaster caused it")),
    Told("意外所致", Bilingual("是不是意外", "whether it was an accident")),
    Told("自杀", Bilingual("去世时的情形", "how the death came about")),
    Told("责任免除", Bilingual("事情的经过", "how it happened")),
    Told("父母", Bilingual("买这份保险的是不是父母", "whether a parent took out the contract")),
    Told("次数", Bilingual("以前付过几次", "how often it was paid before")),
    Told("预付", Bilingual("之前先付了多少", "what was paid in advance")),
    Told("天数", Bilingual("以前付过多少天", "how many days were paid before")),
    Told("免赔", Bilingual("由您自己承担的已经有多少", "how much of the first part you have paid")),
    Told("返还", Bilingual("以前退过多少保险费", "what premium was returned before")),
    Told("应豁免", Bilingual("查出病以后又交了多少保险费", "what premium was paid after the illness was found")),
    Told("逾期", Bilingual("保险费是不是按时交的", "whether the premium was paid in time")),
    Told("应交未交", Bilingual("还有多少保险费没交", "what premium is still due")),
    Told("保险费", Bilingual("一共交过多少保险费", "what premium was paid in all")),
    Told("现金价值", Bilingual("合同现在值多少钱", "what the contract is worth now")),
    Told("借款", Bilingual("合同上的借款还有多少", "how much of the loan is open")),
    Told("已用", Bilingual("以前付过多少", "what was paid before")),
    Told("已付", Bilingual("以前付过多少", "what was paid before")),
    Told("已给付", Bilingual("以前付过多少", "what was paid before")),
    Told("保险金额", Bilingual("合同上写的金额", "the sum that the contract names")),
    Told("生效", Bilingual("合同开始的日子", "the day the contract began")),
    Told("期满", Bilingual("合同到期的日子", "the day the contract ends")),
    Told("成立", Bilingual("合同开始的日子", "the day the contract began")),
    Told("续保", Bilingual("是不是接着上一年的合同", "whether the contract follows an earlier one")),
)  # fmt: skip
MISSING_ONE = Stopped(
    "",
    Bilingual("还缺一样信息：{0}。现在算不完。", "One thing is missing: {0}. It can't be worked out yet."),
    Bilingual("补上以后，我们马上接着算。", "As soon as it is here we go on."),
)
WRONG_ONE = Stopped(
    "",
    Bilingual("有一样信息要再核对：{0}。现在算不完。", "One thing has to be checked: {0}. It can't be worked out yet."),
    Bilingual("核对好以后，我们马上接着算。", "As soon as it is right we go on."),
)
MISSING = Stopped(
    "",
    Bilingual("还缺一样信息，现在算不完。", "Something is missing, so it can't be worked out yet."),
    Bilingual("补上以后，我们马上接着算。", "As soon as it is here we go on."),
)
ANY_STOP = Stopped(
    "",
    Bilingual("有一点要请总部的同事再看。", "One point has to be looked at by colleagues at headquarters."),
    NOTHING_TO_DO,
)
USED_UP = Stopped(
    "", Bilingual("减完以后，这次没有剩下要付的钱。", "After that there is nothing left to pay this time."), _ASK
)
NO_DAYS = Stopped("", Bilingual("按合同，这次住院没有可以算的天数。", "By the contract there is no day of this stay to count."), _BRING_DATES)  # fmt: skip
