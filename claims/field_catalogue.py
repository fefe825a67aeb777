"""Every field that a screen asks or a paper prints, by its key. One field is defined in one place.

Promise: a key means the same on every form and every paper; forms and papers only choose from here.
"""

from __future__ import annotations

from functools import cache

import msgspec

import resources
from claims.errors import Bilingual
from claims.form_definitions import FIELDS
from claims.form_fields import FieldKind, FieldSpec
from claims.paper_definitions import PaperDefinition
from claims.papers import PaperHead, Printed


def _said(key: str, zh: str, en: str, kind: FieldKind = FieldKind.TEXT) -> FieldSpec:
    return FieldSpec(key=f"head.{key}", kind=kind, label=Bilingual(zh, en))


HEAD_FIELDS: dict[str, FieldSpec] = {
    one.key: one
    for one in (
        _said("company", "保险公司", "Company"),
        _said("station", "服务站", "Station"),
        _said("hotline", "咨询电话", "Hotline"),
        _said("number", "号码", "No."),
        _said("case_no", "报案号", "Case"),
        _said("insured_name", "被保险人", "Insured", FieldKind.NAME),
        _said("insured", "被保险人", "Insured"),
        _said("insured_id", "证件号码", "ID no."),
        _said("loss_date", "出险日期", "Loss date", FieldKind.DATE),
        _said("catastrophe", "突发事件", "Event"),
        _said("adjuster", "经办人", "Handled by"),
        _said("device", "签发设备", "Device"),
        _said("printed_at", "打印时间", "Printed", FieldKind.INSTANT),
    )
}
"""What the head of every paper says, for papers that print it among their facts or in their words. ``head.insured`` is the name with the sex."""

_MALE, _FEMALE = Bilingual("男", "male"), Bilingual("女", "female")
_SEX = {"M": _MALE, "F": _FEMALE, "male": _MALE, "female": _FEMALE, "男": _MALE, "女": _FEMALE}
_NO_CATASTROPHE = Bilingual("无", "none")


@cache
def _paper_fields() -> dict[str, FieldSpec]:
    """Return the fields that several papers share, by key (``resources/papers/shared/fields.json``)."""
    raw = resources.path("papers", "shared", "fields.json").read_bytes()
    return {field.key: field for field in msgspec.json.decode(raw, type=tuple[FieldSpec, ...])}


def field_of(paper: PaperDefinition, key: str) -> FieldSpec:
    """Return the field that a paper prints under a key: its own, one of the forms', one that papers share, or the head's.

    Raises:
        KeyError: nothing has this key.
    """
    own = paper.field(key)
    if own is not None:
        return own
    found = FIELDS.get(key) or _paper_fields().get(key)
    return HEAD_FIELDS[key] if found is None else found


def head_values(head: PaperHead) -> dict[str, Printed]:
    """Return what a paper's head says, by the keys of ``HEAD_FIELDS``; what is unknown is missing."""
    sex = _SEX.get(head.insured_sex or "", Bilingual(head.insured_sex or "", head.insured_sex or ""))
    both = Bilingual(
        "　".join(filter(None, (head.insured_name, sex.zh))), ", ".join(filter(None, (head.insured_name, sex.en)))
    )
    values: dict[str, Printed] = {
        "head.company": head.company,
        "head.station": head.station,
        "head.hotline": head.hotline,
        "head.number": head.number,
        "head.case_no": head.case_no,
        "head.insured_name": head.insured_name,
        "head.insured": both if head.insured_name else "",
        "head.insured_id": head.insured_id_masked,
        "head.loss_date": "" if head.loss_date is None else head.loss_date.isoformat(),
        "head.catastrophe": head.catastrophe or (_NO_CATASTROPHE if head.case_no else ""),
        "head.adjuster": head.adjuster,
        "head.device": head.device,
        "head.printed_at": head.printed_at.isoformat(),
    }
    return {key: value for key, value in values.items() if value != ""}
