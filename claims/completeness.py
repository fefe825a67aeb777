"""What is missing of a claim's papers, and what a catastrophe waives, with the waiver's number.

Promise: the list is complete at once (Insurance Law art. 22: papers are asked for once); a waived paper is named together
with its waiver, so that the slip can print it; a paper that is there is never called missing.

Source: notes/domain.md §1.2, §1.3, §2.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from claims.errors import Bilingual
from claims.materials import (
    ACCIDENT_CLAIMS,
    DEATH_CLAIMS,
    FOR_EVERY_CLAIM,
    MATERIAL_NAMES,
    MATRIX,
    ClaimType,
    Condition,
    Material,
    Requirement,
)
from claims.reference import Catastrophe, Waiver
from claims.waivers import LossLink, reach, reliefs


class LossTraits(msgspec.Struct, frozen=True, kw_only=True):
    """What the conditions of the matrix ask. ``accident`` None follows from the claim type."""

    accident: bool | None = None
    death: bool = False
    disability: bool = False
    minor: bool = False
    agent: bool = False
    estate: bool = False
    declared_dead: bool = False


class MissingMaterial(msgspec.Struct, frozen=True, kw_only=True):
    """A paper that is needed: the first of ``alternatives`` is the usual one, the others will do as well."""

    alternatives: tuple[tuple[Material, ...], ...]
    sentence: Bilingual


class WaivedMaterial(msgspec.Struct, frozen=True, kw_only=True):
    """A paper that a waiver struck or replaced by ``instead``, which is there."""

    materials: tuple[Material, ...]
    waiver: Waiver
    instead: Material | None
    sentence: Bilingual


class Completeness(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the papers. Complete when nothing is missing."""

    missing: tuple[MissingMaterial, ...]
    waived: tuple[WaivedMaterial, ...]

    @property
    def complete(self) -> bool:
        """Whether the target time may start to run."""
        return not self.missing


def missing_materials(
    claim_type: ClaimType,
    present: Collection[Material],
    *,
    loss: LossLink,
    catastrophe: Catastrophe | None = None,
    traits: LossTraits | None = None,
) -> Completeness:
    """Compare what is there with what is needed; the catastrophe's waivers count only if they reach the loss."""
    there = frozenset(present)
    waivers = catastrophe.waivers if catastrophe is not None and reach(catastrophe, loss).applies else ()
    missing: list[MissingMaterial] = []
    waived: list[WaivedMaterial] = []
    for requirement in required(claim_type, traits or LossTraits()):
        if any(there.issuperset(one) for one in requirement.alternatives):
            continue
        found = _waived(requirement, claim_type, waivers, there)
        if isinstance(found, WaivedMaterial):
            waived.append(found)
        else:
            alternatives = (*requirement.alternatives, *((one,) for one in found))
            missing.append(MissingMaterial(alternatives=alternatives, sentence=_asked(alternatives)))
    return Completeness(missing=tuple(missing), waived=tuple(waived))


def required(claim_type: ClaimType, traits: LossTraits) -> tuple[Requirement, ...]:
    """Return the rows of the matrix that count for this loss, waivers aside."""
    accident = traits.accident if traits.accident is not None else claim_type in ACCIDENT_CLAIMS
    holds = {
        Condition.ALWAYS: True,
        Condition.ACCIDENT: accident,
        Condition.ILLNESS: not accident,
        Condition.DEATH: traits.death or claim_type in DEATH_CLAIMS,
        Condition.DISABILITY: traits.disability or claim_type is ClaimType.DISABILITY,
        Condition.MINOR: traits.minor and claim_type not in DEATH_CLAIMS,
        Condition.AGENT: traits.agent,
        Condition.ESTATE: traits.estate,
        Condition.DECLARED_DEAD: traits.declared_dead,
    }
    rows = (*MATRIX[claim_type], *FOR_EVERY_CLAIM)
    if traits.declared_dead:
        # The judgment stands in the place of the death certificate (notes/domain.md §1.2).
        rows = tuple(one for one in rows if (Material.DEATH_CERTIFICATE,) not in one.alternatives)
    return tuple(one for one in rows if holds[one.condition])


def _waived(
    requirement: Requirement, claim_type: ClaimType, waivers: Collection[Waiver], there: frozenset[Material]
) -> WaivedMaterial | tuple[Material, ...]:
    """Return the waiver that settles the row, or the further papers that waivers would accept."""
    usual = requirement.alternatives[0]
    accepted: list[Material] = []
    for waiver in waivers:
        for relief in reliefs(waiver, claim_type):
            if (relief.material,) not in requirement.alternatives:
                continue
            if relief.instead is None or relief.instead in there:
                return WaivedMaterial(
                    materials=usual,
                    waiver=waiver,
                    instead=relief.instead,
                    sentence=_struck(usual, waiver, relief.instead),
                )
            if relief.instead not in accepted:
                accepted.append(relief.instead)
    return tuple(accepted)


def _asked(alternatives: tuple[tuple[Material, ...], ...]) -> Bilingual:
    zh = "，或".join("和".join(MATERIAL_NAMES[one].zh for one in group) for group in alternatives)
    en = ", or ".join(" and ".join(MATERIAL_NAMES[one].en for one in group) for group in alternatives)
    return Bilingual(f"缺：{zh}。", f"Missing: {en}.")


def _struck(materials: tuple[Material, ...], waiver: Waiver, instead: Material | None) -> Bilingual:
    zh = "和".join(MATERIAL_NAMES[one].zh for one in materials)
    en = " and ".join(MATERIAL_NAMES[one].en for one in materials)
    if instead is None:
        return Bilingual(
            f"免交{zh}（{waiver.number} {waiver.text.zh}）。", f"Waived: {en} ({waiver.number} {waiver.text.en})."
        )
    other = MATERIAL_NAMES[instead]
    return Bilingual(
        f"{zh}由{other.zh}代替（{waiver.number} {waiver.text.zh}）。",
        f"{other.en} accepted instead of {en} ({waiver.number} {waiver.text.en}).",
    )
