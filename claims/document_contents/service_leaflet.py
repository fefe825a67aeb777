"""服务承诺: what the station promises to people who come to it, in its own words, printed as typed.

The proposed text holds what insurers have published for disasters and what this company's rules do anyway; a station changes it to what it can
keep. Source: notes/domain.md §1.3, §8 "Commitments", "Targets".
"""

from __future__ import annotations

from claims.document_contents.content import Asked, Written, fields_of, one_line_each
from claims.document_contents.issued import filled_of
from claims.document_types import Entered
from claims.errors import Bilingual
from claims.form_fields import FactValue
from claims.paper_definitions import PaperId
from claims.records import PaperRecord

PAPER = PaperId.SERVICE_LEAFLET
TEXT, TEXT_EN = "leaflet.text", "leaflet.text_en"
COMMITMENTS = (
    Bilingual(
        "1. 全天受理：报案电话二十四小时有人接，网上随时可以报案。",
        "1. Day and night: the hotline is answered 24 hours a day, and claims can be reported online at any time.",
    ),
    Bilingual(
        "2. 一小时联系：接到报案后一小时内与您联系。", "2. One hour: we contact you within an hour of your report."
    ),
    Bilingual(
        "3. 一日办结：材料齐全、责任明确的，一日内办结。",
        "3. One day: with complete papers and clear cover we finish within a day.",
    ),
    Bilingual(
        "4. 主动寻找：对照公布的名单主动寻找出险客户，不等您来报案。",
        "4. We look for you: we compare published lists and do not wait for a report.",
    ),
    Bilingual(
        "5. 上门服务：行动不便的，我们到您家里或病床前办理。",
        "5. We come to you: at home or at the bedside where you cannot travel.",
    ),
    Bilingual("6. 没有保单也能办：凭本人身份信息即可申请。", "6. No policy needed: your identity is enough to apply."),
    Bilingual(
        "7. 证件遗失也能办：由村（居）委会以上出具证明即可。",
        "7. Lost your ID? A proof by the village or residents' committee will do.",
    ),
    Bilingual(
        "8. 不限医院和用药：灾害期间就近救治，不受定点医院和目录限制。",
        "8. Any hospital, any medicine: in a disaster be treated where you can.",
    ),
    Bilingual(
        "9. 先行预付：治疗没有结束、金额一时不能确定的，可以申请预付。",
        "9. Payment ahead: where treatment goes on or the sum is uncertain you may ask for a prepayment.",
    ),
    Bilingual(
        "10. 一次说清：还缺什么材料，一次写清楚交给您。",
        "10. Told once: what is still missing is written down for you at one time.",
    ),
)
_PROPOSED = one_line_each(COMMITMENTS)


def asked(last: PaperRecord | None) -> Asked:
    """Return the text, as it was printed last or as it is proposed."""
    filled = None if last is None else filled_of(last)
    said = _PROPOSED if filled is None else filled.values.get(TEXT, _PROPOSED)
    both = said if isinstance(said, Bilingual) else Bilingual(str(said), "")
    values: dict[str, FactValue] = {TEXT: both.zh, TEXT_EN: both.en}
    return Asked(fields=fields_of(PAPER, TEXT, TEXT_EN), values={key: value for key, value in values.items() if value})


def written(entered: Entered) -> Written:
    """Return the leaflet. The English wording serves the reading copy only; where there is none the Chinese stands there too."""
    zh = entered.text(TEXT)
    return Written(values={TEXT: Bilingual(zh, entered.text(TEXT_EN) or zh)})
