"""What a person asked of headquarters can't be done: one way of saying so for money, holds and reviews."""

from __future__ import annotations

from claims.errors import Bilingual, InputError

CHECK_AGAIN = Bilingual("请核对后重试。", "Check it and try again.")


def wrong_input(code: str, zh: str, en: str, then: Bilingual = CHECK_AGAIN) -> InputError:
    """Return the error for the caller to raise. ``then`` is the next step."""
    return InputError(code, Bilingual(zh, en), then)
