"""One sentence in both languages. Stands alone so that what must start quickly (errors, the unlock screen) does not load the engine."""

from __future__ import annotations

import msgspec


class Bilingual(msgspec.Struct, frozen=True):
    """One sentence in the users' language and in English."""

    zh: str
    en: str
