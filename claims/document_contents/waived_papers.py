"""The papers that a catastrophe's waivers struck or replaced, as notices name them: paper and measure with its number.

Source: notes/domain.md §1.3; peers.md §3.7 (the decision letter names each waived paper).
"""

from __future__ import annotations

from claims.completeness import WaivedMaterial
from claims.document_contents.content import PrintedRow
from claims.document_contents.dossier import Dossier
from claims.errors import Bilingual
from claims.materials import MATERIAL_NAMES

WAIVED = "waived"


def waived_rows(dossier: Dossier) -> tuple[PrintedRow, ...]:
    """Return a row for each waived paper of the case."""
    return tuple(
        {"waived.material": _struck(each), "waived.waiver": _measure(each)} for each in dossier.completeness.waived
    )


def _struck(waived: WaivedMaterial) -> Bilingual:
    zh = "和".join(MATERIAL_NAMES[one].zh for one in waived.materials)
    en = " and ".join(MATERIAL_NAMES[one].en for one in waived.materials)
    if waived.instead is None:
        return Bilingual(f"{zh}（免交）", f"{en} (not needed)")
    instead = MATERIAL_NAMES[waived.instead]
    return Bilingual(f"{zh}（由{instead.zh}代替）", f"{en} ({instead.en} instead)")


def _measure(waived: WaivedMaterial) -> Bilingual:
    waiver = waived.waiver
    return Bilingual(f"{waiver.number}　{waiver.text.zh}", f"{waiver.number} {waiver.text.en}")
