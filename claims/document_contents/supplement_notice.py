"""补充材料通知书: one complete list of what is missing, each with why and how, and proof of delivery (Insurance Law art. 22).

Promise: everything that the matrix misses is proposed at once; what is waived is named as not needed.
Source: notes/domain.md §2, §7.
"""

from __future__ import annotations

from collections.abc import Sequence

from claims.completeness import MissingMaterial
from claims.document_contents.content import Asked, PrintedRow, Written, fields_of, in_both, said
from claims.document_contents.delivery import DELIVERY_KEYS, delivery_values, undeliverable
from claims.document_contents.dossier import Dossier
from claims.document_contents.waived_papers import WAIVED, waived_rows
from claims.document_types import Entered, Row, RowsForm, problem, row_key
from claims.errors import Bilingual
from claims.form_fields import FieldProblem
from claims.material_reasons import HOW, WHY
from claims.materials import MATERIAL_NAMES, Material
from claims.paper_definitions import PaperId

PAPER = PaperId.SUPPLEMENT_NOTICE
MATERIALS = "materials"
_HOW = Bilingual(
    "可以交到本服务站，也可以拍照发给经办人；行动不便的，我们上门收取。",
    "At this station, or as photographs to the adjuster; where you cannot travel we come to you.",
)
_COLUMNS = ("material.name", "material.why", "material.how")


def why_not(dossier: Dossier) -> Bilingual | None:  # noqa: ARG001 - the shape of every content
    """Return None: a case may need a paper that no matrix knows; the list must not be empty, that is all."""
    return None


def asked(dossier: Dossier) -> Asked:
    """Return the missing papers as rows, and how the notice is delivered."""
    rows = tuple(_proposed(each) for each in dossier.completeness.missing)
    return Asked(
        fields=fields_of(PAPER, "notice.addressee", "supplement.how", "supplement.until", *DELIVERY_KEYS),
        values={"notice.addressee": dossier.addressee(), "supplement.how": _HOW.zh, "delivery.method": "in_person"},
        rows=(
            RowsForm(
                key=MATERIALS,
                label=Bilingual("需要补充的材料", "Papers still needed"),
                fields=fields_of(PAPER, *_COLUMNS),
                rows=rows,
                least=1,
            ),
        ),
    )


def problems(dossier: Dossier, entered: Entered) -> Sequence[FieldProblem]:
    """Return a paper that is asked for twice, a day that is over, a delivery to nowhere."""
    found = list(undeliverable(entered))
    seen: dict[object, int] = {}
    for place, row in enumerate(entered.rows.get(MATERIALS, ())):
        name = row.get("material.name")
        if name in seen:
            found.append(
                problem(
                    row_key(MATERIALS, place, "material.name"),
                    "twice",
                    f"“{name}”在第 {seen[name] + 1} 行已经写了，请删除一行。",
                    f'"{name}" stands in row {seen[name] + 1} already: remove one.',
                )
            )
        seen.setdefault(name, place)
    until = entered.text("supplement.until")
    if until and until < dossier.today.isoformat():
        found.append(
            problem(
                "supplement.until",
                "day_over",
                f"希望收到的日期 {until} 已经过去，请改为今天以后，或留空。",
                f"{until} is over: choose a later day, or leave it empty.",
            )
        )
    return found


def written(dossier: Dossier, entered: Entered) -> Written:
    """Return the notice."""
    values = {
        **entered.values,
        **delivery_values(dossier),
        "case.policy_nos": "、".join(dossier.policy_nos),
        "supplement.how": in_both(entered.values.get("supplement.how"), _HOW),
    }
    known = {key: _known(dossier, key) for key in _COLUMNS}
    rows = tuple(_printed(row, known) for row in entered.rows.get(MATERIALS, ()))
    return Written(values=said(values), tables={MATERIALS: rows, WAIVED: waived_rows(dossier)})


def _proposed(missing: MissingMaterial) -> dict[str, bool | int | str | list[bool | int | str]]:
    first = missing.alternatives[0][0]
    return {"material.name": _name(missing).zh, "material.why": WHY[first].zh, "material.how": HOW[first].zh}


def _name(missing: MissingMaterial) -> Bilingual:
    """Return the paper that is missing, with what will do instead."""
    zh = "，或".join("和".join(MATERIAL_NAMES[one].zh for one in group) for group in missing.alternatives)
    en = ", or ".join(" and ".join(MATERIAL_NAMES[one].en for one in group) for group in missing.alternatives)
    return Bilingual(zh, en)


def _known(dossier: Dossier, key: str) -> tuple[Bilingual, ...]:
    if key == "material.name":
        return (*(_name(each) for each in dossier.completeness.missing), *MATERIAL_NAMES.values())
    texts = WHY if key == "material.why" else HOW
    return tuple(texts[each] for each in Material)


def _printed(row: Row, known: dict[str, tuple[Bilingual, ...]]) -> PrintedRow:
    return said({key: in_both(row.get(key), *known[key]) for key in _COLUMNS})
