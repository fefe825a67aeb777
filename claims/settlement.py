"""Names of limits and of losses: pool ids, settlement keys, and the keyed amounts that a voucher promises.

Promise: two stations that take in the same loss for the same payee get the same settlement key, and two claims that share a
limit get the same pool id, whatever was typed in which width or case. Both are ASCII, readable and bounded. No id number
stands in them: persons appear as a shortened hash (a pseudonym, not anonymity).

Source: design.md "Pools and settlement keys"; docs/adr/0032.
"""

from __future__ import annotations

import hashlib
import unicodedata
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import quote

import msgspec

from claims.allowances import PoolId, SettlementKey
from claims.errors import Bilingual, BugError, InputError
from claims.events import KeyedAmount, PayeeFact, PersonFact
from claims.identity import normalised_id
from rules.engine.model import Determination, LiabilityResult, PoolDraw, PoolScope

_MAX_PART = 64
_PERSON_HASH_DIGITS = 20
_KEY_PARTS, _INSTALMENT = 5, 3
"""A settlement key has five parts; the fourth is its instalment."""


class PayeeAmounts(msgspec.Struct, frozen=True, kw_only=True):
    """What one payee gets from one determination: the content of one voucher."""

    payee: PayeeFact
    keys: tuple[KeyedAmount, ...]

    @property
    def amount_fen(self) -> int:
        """The sum of the keys."""
        return sum(one.amount_fen for one in self.keys)


def pool_id(draw: PoolDraw, *, policy_no: str, person_key: str, policy_year_start: date, loss_key: str) -> PoolId:
    """Name the pool that a draw belongs to, by its scope.

    ``loss_key`` counts for the ``accident`` scope only and names the accident (``accident:2024-01-02``), not one of its bills.
    """
    parts: tuple[str, ...]
    match draw.scope:
        case PoolScope.POLICY:
            parts = ("policy", policy_no, draw.pool)
        case PoolScope.POLICY_YEAR:
            parts = ("year", policy_no, draw.pool, policy_year_start.isoformat())
        case PoolScope.PERSON:
            parts = ("person", person_key, draw.pool)
        case PoolScope.ACCIDENT:
            parts = ("accident", policy_no, draw.pool, loss_key)
    return PoolId("/".join(_part(one) for one in parts))


def pool_starts(policy_no: str) -> tuple[str, ...]:
    """Return how the ids of all pools of one policy begin, those that a person's policies share apart (see ``pool_id``)."""
    return tuple(f"{scope}/{_part(policy_no)}/" for scope in ("policy", "year", "accident"))


def settlement_key(*, policy_no: str, liability: str, loss_key: str, instalment: int, payee_key: str) -> SettlementKey:
    """Name the one settlement of a loss: policy / liability / loss / instalment (from 1) / payee."""
    # A bill code read as full-width or in lower case is the same bill; a false match only costs a look by a person.
    parts = (policy_no, liability, loss_key.casefold(), str(instalment), payee_key)
    return SettlementKey("/".join(_part(one) for one in parts))


def instalment_of(key: str) -> int | None:
    """Return which instalment of its loss a settlement key names, from 1; None for a text that is no settlement key."""
    parts = key.split("/")
    if len(parts) != _KEY_PARTS or not (parts[_INSTALMENT].isascii() and parts[_INSTALMENT].isdigit()):
        return None
    return int(parts[_INSTALMENT]) or None


def person_key(person: PersonFact) -> str:
    """Return a pseudonym for a person: from the id number, else from name, birth date and sex as taken in."""
    if person.id_number:
        return _hashed("id", normalised_id(person.id_number))
    birth = person.birth_date.isoformat() if person.birth_date else ""
    return _hashed("nm", _folded(person.name), birth, person.sex or "")


def payee_key(payee: PayeeFact) -> str:
    """Return a pseudonym for a payee: from the id number, else from the name alone (accounts and relations differ by station)."""
    if payee.id_number:
        return _hashed("id", normalised_id(payee.id_number))
    return _hashed("nm", _folded(payee.name))


def policy_year_start(effective: date, on: date) -> date:
    """Return the first day of the policy year that ``on`` falls in. The anniversary of 29 February is the last day of February.

    Raises:
        InputError: ``before_cover`` when ``on`` is before the first day.
    """
    if on < effective:
        raise InputError(
            "before_cover",
            Bilingual(
                f"出险日期 {on} 早于保单生效日 {effective}。",
                f"The loss on {on} is before the policy took effect on {effective}.",
            ),
            Bilingual("请核对出险日期和保单号。", "Check the date of loss and the policy number."),
        )
    this_year = _anniversary(effective, on.year)
    return this_year if this_year <= on else _anniversary(effective, on.year - 1)


def keyed_amounts(
    determination: Determination,
    *,
    policy_no: str,
    effective: date,
    loss_date: date,
    insured: PersonFact,
    payees: Sequence[PayeeFact] | Mapping[str, Sequence[PayeeFact]],
    prepaid: Mapping[tuple[str, str], int] | None = None,
) -> tuple[PayeeAmounts, ...]:
    """Turn a determination into what each payee is promised: one keyed amount per liability and share above zero.

    Args:
        prepaid: how often headquarters has paid ahead, by (liability, loss key without case): the promise is the instalment after these.
        payees: in the order of ``shares_fen``; a mapping by liability id where liabilities go to different people.
        loss_date: selects the policy year and names the accident for pools of that scope.

    Raises:
        InputError: ``payees_mismatch`` when people and shares differ in number, ``payees_alike`` when two payees can't be told apart.
        BugError: a liability's shares don't add up to its amount.
    """
    person = person_key(insured)
    year_start = policy_year_start(effective, loss_date)
    found: dict[str, PayeeAmounts] = {}
    for liability in determination.liabilities:
        if liability.amount_fen == 0:
            continue
        entitled = payees.get(liability.liability, ()) if isinstance(payees, Mapping) else payees
        _check_shares(liability, entitled)
        pools = tuple(
            pool_id(
                draw,
                policy_no=policy_no,
                person_key=person,
                policy_year_start=year_start,
                loss_key=f"accident:{loss_date.isoformat()}",
            )
            for draw in binding_draws(liability)
        )
        for payee, share_fen in zip(entitled, liability.shares_fen, strict=True):
            if share_fen == 0:
                continue
            who = payee_key(payee)
            keyed = KeyedAmount(
                settlement_key=settlement_key(
                    policy_no=policy_no,
                    liability=liability.liability,
                    loss_key=liability.loss_key,
                    instalment=1 + (prepaid or {}).get(loss_of(liability), 0),
                    payee_key=who,
                ),
                liability=liability.liability,
                amount_fen=share_fen,
                pools=tuple(dict.fromkeys(pools)),
            )
            before = found.get(who)
            if before is None:
                found[who] = PayeeAmounts(payee=payee, keys=(keyed,))
            else:
                found[who] = msgspec.structs.replace(before, keys=(*before.keys, keyed))
    return tuple(found.values())


def loss_of(liability: LiabilityResult) -> tuple[str, str]:
    """Return what names a loss within a policy: the liability and its loss key, as settlement keys compare them."""
    return liability.liability, liability.loss_key.casefold()


def binding_draws(liability: LiabilityResult) -> tuple[PoolDraw, ...]:
    """Return the draws that the promise must be covered for: those with a limit, or all of them where none has one.

    A pool without a limit only counts, so beside a limited one it needs no allowance; alone it is what keeps two devices from
    promising the same loss. Pools counted in days bind as well: the allowance on them is granted in fen (days left × the daily
    benefit). Every pool is covered for the whole sum, also where a liability fills one pool first and then another.
    """
    drawn = tuple(draw for draw in liability.pools if draw.amount > 0)
    return tuple(draw for draw in drawn if draw.limit is not None) or drawn


def _check_shares(liability: LiabilityResult, entitled: Sequence[PayeeFact]) -> None:
    if sum(liability.shares_fen) != liability.amount_fen:
        raise BugError(
            "shares_do_not_add_up",
            Bilingual(
                f"责任 {liability.liability} 的份额合计 {sum(liability.shares_fen)} 分，与给付 {liability.amount_fen} 分不符。",
                f"The shares of {liability.liability} add up to {sum(liability.shares_fen)} fen, not {liability.amount_fen}.",
            ),
            Bilingual(
                "请勿出凭证，把诊断文件交给总部。", "Issue no voucher and hand the diagnostics file to headquarters."
            ),
        )
    if len(entitled) != len(liability.shares_fen):
        raise InputError(
            "payees_mismatch",
            Bilingual(
                f"“{liability.name.zh}”应由 {len(liability.shares_fen)} 人领取，已登记领款人 {len(entitled)} 人。",
                f'"{liability.name.en}" goes to {len(liability.shares_fen)} persons, but {len(entitled)} payees are entered.',
            ),
            Bilingual("请按受益人顺序补全领款人。", "Enter every payee in the order of the beneficiaries."),
        )
    keys = [payee_key(one) for one in entitled]
    for position, key in enumerate(keys):
        if key in keys[:position]:
            raise InputError(
                "payees_alike",
                Bilingual(
                    f"两位领款人“{entitled[position].name}”无法区分，可能重复登记。",
                    f'Two payees "{entitled[position].name}" cannot be told apart and may be the same person.',
                ),
                Bilingual(
                    "请分别填写证件号码，或删除重复的一位。", "Enter both id numbers, or remove the one entered twice."
                ),
            )


def _anniversary(effective: date, year: int) -> date:
    return date(year, effective.month, min(effective.day, monthrange(year, effective.month)[1]))


def _part(text: str) -> str:
    # "=" never comes out of quote(), so a shortened part can't be mistaken for a written one.
    quoted = quote(_folded(text), safe=":")
    if len(quoted) <= _MAX_PART:
        return quoted or "="
    return f"{quoted[:31]}={hashlib.sha256(quoted.encode()).hexdigest()[:32]}"


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _hashed(kind: str, *parts: str) -> str:
    digest = hashlib.sha256("\n".join((kind, *parts)).encode()).hexdigest()
    return f"{kind}-{digest[:_PERSON_HASH_DIGITS]}"
