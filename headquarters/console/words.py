"""The console's words: states, verdicts and kinds as people call them, and amounts and instants as they are read."""

from __future__ import annotations

from datetime import datetime

from claims.amounts import yuan
from claims.errors import Bilingual
from claims.materials import CLAIM_TYPE_NAMES, MATERIAL_NAMES, ClaimType, Material
from claims.trusted_time import beijing_text

_NAMES: dict[str, Bilingual] = {
    "pre_approved": Bilingual("已预核", "Pre-approved"),
    "referred": Bilingual("转总部", "Referred"),
    "receipt_only": Bilingual("只出签收单", "Slip only"),
    "settled": Bilingual("已结算", "Settled"),
    "hold": Bilingual("待人工", "On hold"),
    "closed": Bilingual("总部已结案", "Closed by headquarters"),
    "waiting": Bilingual("待入批", "Waits for a batch"),
    "exported": Bilingual("已送银行", "Sent to the bank"),
    "paid": Bilingual("已付", "Paid"),
    "returned": Bilingual("银行退回", "Returned by the bank"),
    "refused": Bilingual("银行拒付", "Refused by the bank"),
    "voided": Bilingual("已作废", "Voided"),
    "identical": Bilingual("重算一致", "Replay identical"),
    "different": Bilingual("重算不同", "Replay differs"),
    "impossible": Bilingual("无法重算", "Replay impossible"),
    "active": Bilingual("在用", "Active"),
    "superseded": Bilingual("已重新登记", "Superseded"),
    "frozen": Bilingual("已冻结", "Frozen"),
    "revoked": Bilingual("已注销", "Revoked"),
    "written_off": Bilingual("已核销", "Written off"),
    "pack": Bilingual("规则包", "Rule pack"),
    "catastrophe": Bilingual("突发事件", "Catastrophes"),
    "extract": Bilingual("保单数据", "Policy extract"),
    "duplicates": Bilingual("重复索引", "Duplicate index"),
    "revocations": Bilingual("停用清单", "Stopped devices"),
    "viewer": Bilingual("查看", "Viewer"),
    "examiner": Bilingual("核赔", "Examiner"),
    "supervisor": Bilingual("主管", "Supervisor"),
    "settle": Bilingual("同意结算", "Settle"),
    "refuse_duplicate": Bilingual("重复，不结算", "Duplicate: not settled"),
    "void": Bilingual("作废", "Void"),
}

FIELD_NAMES: dict[str, Bilingual] = {
    "reason": Bilingual("理由", "Reason"),
    "amount": Bilingual("结算金额（元）", "Sum to settle (yuan)"),
    "choice": Bilingual("决定", "Decision"),
    "other": Bilingual("改为", "Set to"),
    "value": Bilingual("选定的值", "Value chosen"),
    "second_no": Bilingual("主管工号", "Supervisor's number"),
    "beyond_limit": Bilingual("超限额结算", "Beyond the limit"),
    "write_off": Bilingual("算作已用", "Counts as spent"),
}
"""What the fields of the console's forms are called."""


def name_of(value: str) -> Bilingual:
    """Return what people call a state, verdict, outcome, material or kind of claim; an unknown one as it is."""
    if value in _NAMES:
        return _NAMES[value]
    for kind, names in ((Material, MATERIAL_NAMES), (ClaimType, CLAIM_TYPE_NAMES)):
        if value in kind._value2member_map_:
            return names[kind(value)]  # type: ignore[index]  # each table is keyed by its own enum
    return Bilingual(value, value)


def money(amount_fen: int | None) -> str:
    """Return a sum in yuan, a dash for none."""
    return "—" if amount_fen is None else yuan(amount_fen)


def beijing(at: datetime | None) -> str:
    """Return an instant as Beijing time, a dash for none."""
    return "—" if at is None else beijing_text(at)
