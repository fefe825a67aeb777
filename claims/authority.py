"""Whether the adjuster may pre-approve this sum, and by which of headquarters' signed authority records.

Promise: no record, no authority. Of several that cover, the narrowest counts: the standing one before a catastrophe's
widened one, the lower ceiling before the higher. A ceiling includes its own figure (Civil Code 1259). A clock that is not
believed gives no authority, because every record ends at a time.

Source: notes/domain.md §1.1 offline rule and §2 "Convention traps".
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from claims.amounts import yuan
from claims.errors import Bilingual
from claims.statements import AuthorityGranted
from claims.trusted_time import TrustedTime, beijing_text

ALL_CLAIM_TYPES = "*"


class AuthorityVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """``authority`` is the record that covers, or None; ``reason`` says which it is or why there is none."""

    authority: AuthorityGranted | None
    reason: Bilingual

    @property
    def covered(self) -> bool:
        """Whether the sum may be pre-approved."""
        return self.authority is not None


def find_authority(
    authorities: Sequence[AuthorityGranted],
    *,
    adjuster: str,
    claim_type: str,
    amount_fen: int,
    catastrophe_id: str | None,
    at: TrustedTime,
) -> AuthorityVerdict:
    """Choose the record that covers (adjuster, claim type, amount, catastrophe, time).

    Args:
        amount_fen: the whole case over all its policies and payees, so that splitting a case does not pass a limit.
        catastrophe_id: the catastrophe whose waivers apply to the loss, or None.
    """
    if not at.believed:
        return _none(
            f"电脑时钟早于总部签发过的时间（{beijing_text(at.at)}），无法确认权限是否有效。请先校准时钟。",
            f"The laptop's clock is behind a time signed by headquarters ({beijing_text(at.at)} Beijing), so the authority can't be confirmed. Set the clock first.",
        )
    own = _own(authorities, adjuster, claim_type, catastrophe_id)
    if not own:
        return _none(
            f"总部没有授予 {adjuster} 此类案件的预核权限，转总部。",
            f"Headquarters has granted {adjuster} no authority for claims of this type; referred.",
        )
    live = [one for one in own if one.valid_from <= at.at <= one.valid_to]
    if not live:
        return _out_of_time(own, at)
    covering = [one for one in live if amount_fen <= one.ceiling_fen]
    if not covering:
        highest = max(one.ceiling_fen for one in live)
        return _none(
            f"金额 {yuan(amount_fen)} 元超过经办人的权限 {yuan(highest)} 元，转总部。",
            f"{yuan(amount_fen)} yuan are above the adjuster's limit of {yuan(highest)} yuan; referred.",
        )
    chosen = min(covering, key=lambda one: (one.catastrophe_id is not None, one.ceiling_fen, one.authority_id))
    widened = "（突发事件扩大权限）" if chosen.catastrophe_id else ""
    widened_en = " (widened for the catastrophe)" if chosen.catastrophe_id else ""
    return AuthorityVerdict(
        authority=chosen,
        reason=Bilingual(
            f"在权限 {chosen.authority_id} 的 {yuan(chosen.ceiling_fen)} 元以内{widened}。",
            f"Within authority {chosen.authority_id}, up to {yuan(chosen.ceiling_fen)} yuan{widened_en}.",
        ),
    )


def ceiling_fen(
    authorities: Sequence[AuthorityGranted],
    *,
    adjuster: str,
    claim_type: str,
    catastrophe_id: str | None,
    at: TrustedTime,
) -> int | None:
    """Return the highest sum that ``find_authority`` would cover now, None where it covers nothing."""
    if not at.believed:
        return None
    own = _own(authorities, adjuster, claim_type, catastrophe_id)
    return max((one.ceiling_fen for one in own if one.valid_from <= at.at <= one.valid_to), default=None)


def _own(
    authorities: Sequence[AuthorityGranted], adjuster: str, claim_type: str, catastrophe_id: str | None
) -> list[AuthorityGranted]:
    return [
        one
        for one in authorities
        if one.adjuster == adjuster
        and one.claim_type in (ALL_CLAIM_TYPES, claim_type)
        and one.catastrophe_id in (None, catastrophe_id)
    ]


def _out_of_time(own: Sequence[AuthorityGranted], at: TrustedTime) -> AuthorityVerdict:
    past = [one for one in own if one.valid_to < at.at]
    if not past:
        starts = min(one.valid_from for one in own)
        return _none(
            f"权限从 {beijing_text(starts)} 起才生效，现在是 {beijing_text(at.at)}，转总部。",
            f"The authority begins at {beijing_text(starts)}; it is {beijing_text(at.at)} (Beijing); referred.",
        )
    latest = max(past, key=lambda one: one.valid_to)
    doubt = "（电脑时钟可能超前，请先核对）" if at.suspect_ahead else ""
    doubt_en = " (the laptop's clock may be ahead: check it first)" if at.suspect_ahead else ""
    return _none(
        f"权限 {latest.authority_id} 已于 {beijing_text(latest.valid_to)} 到期{doubt}，转总部。",
        f"Authority {latest.authority_id} ended at {beijing_text(latest.valid_to)} (Beijing){doubt_en}; referred.",
    )


def _none(zh: str, en: str) -> AuthorityVerdict:
    return AuthorityVerdict(authority=None, reason=Bilingual(zh, en))
