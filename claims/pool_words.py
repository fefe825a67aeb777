"""What a person calls a pool, from its id.

Promise: pure; an id that this version can't take apart is shown as it is.
Source: ``claims.settlement.pool_id``; design.md "Pools and settlement keys".
"""

from __future__ import annotations

from urllib.parse import unquote

from claims.allowances import FLOAT_POOL
from claims.errors import Bilingual

_SCOPES = {
    "policy": Bilingual("合同限额", "contract limit"),
    "year": Bilingual("年度限额", "limit of the year"),
    "person": Bilingual("同一人限额", "limit of the person"),
    "accident": Bilingual("每次事故限额", "limit of the accident"),
}
_SHOWN_KEY = 8


def pool_words(pool: str) -> Bilingual:
    """Return the whole name of a pool: whose limit it is, and which."""
    owner = pool_owner_words(pool)
    _, _, rest = pool.partition("/")
    kind = " ".join(unquote(part) for part in rest.split("/")[1:])
    return Bilingual(f"{owner.zh}（{kind}）", f"{owner.en} ({kind})") if kind and owner.zh != pool else owner


def pool_owner_words(pool: str) -> Bilingual:
    """Return whose limit a pool is and of what sort: enough for a line, where the sum beside it says the rest."""
    whose, what = pool_whose(pool)
    return whose if what is None else Bilingual(f"{whose.zh} {what.zh}", f"{whose.en}, {what.en}")


def pool_whose(pool: str) -> tuple[Bilingual, Bilingual | None]:
    """Return whose limit a pool is, and of what sort where that is known: for a title and the line below it."""
    if pool == FLOAT_POOL:
        return Bilingual("应急额度", "Emergency float"), None
    scope, _, rest = pool.partition("/")
    owner, _, name = rest.partition("/")
    if scope not in _SCOPES or not name:
        return Bilingual(pool, pool), None
    whose = unquote(owner)
    if scope == "person":
        # A pseudonym, far too long for a line; its start tells two apart.
        whose = whose[:_SHOWN_KEY]
    return Bilingual(whose, whose), _SCOPES[scope]
