"""What an adjuster types to unlock: rules for a PIN, and generated passphrases for machines without a keyring.

Promise: a passphrase carries 75 bits, reads aloud and types on any keyboard; full-width digits from a Chinese input method,
capitals, spaces and hyphens make no difference. Source: design.md "Store".
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from claims.errors import Bilingual, InputError

GROUPS = 6
_CONSONANTS = "bdfghjklmnprstwz"
_VOWELS = "aeiou"
PIN_LEAST = 6


def generate_passphrase() -> str:
    """Return six groups such as ``bako-tulu-...``: (16 × 5)² = 6,400 per group, 6,400⁶ ≈ 2⁷⁵·⁹ together. Shown once."""
    import secrets  # noqa: PLC0415 - once in a laptop's life; the unlock screen does without

    return "-".join("".join(secrets.choice(letters) for letters in (_CONSONANTS, _VOWELS) * 2) for _ in range(GROUPS))


def normalised_secret(text: str) -> str:
    """Return a PIN or passphrase as it is hashed."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def check_new_pin(pin: str) -> None:
    """Refuse a PIN that anybody would try first.

    Raises:
        InputError: ``pin_weak``.
    """
    typed = normalised_secret(pin)
    steps = {ord(after) - ord(before) for before, after in pairwise(typed)}
    if len(typed) < PIN_LEAST or steps in ({0}, {1}, {-1}):
        raise InputError(
            "pin_weak",
            Bilingual(
                f"这个 PIN 只有 {len(typed)} 位，或是连号、同一个数字，太容易猜到。",
                f"This PIN has {len(typed)} characters, or is one digit repeated or counted up, and is too easy to guess.",
            ),
            Bilingual(
                f"请至少用 {PIN_LEAST} 位，不要连号或重复。",
                f"Use at least {PIN_LEAST}, not repeated and not in sequence.",
            ),
        )


def check_new_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that was not generated: here it stands alone against a thief with the disk.

    Raises:
        InputError: ``passphrase_weak``.
    """
    typed = normalised_secret(passphrase)
    generated = len(typed) == GROUPS * 4 and all(
        c in (_VOWELS if index % 2 else _CONSONANTS) for index, c in enumerate(typed)
    )
    if not generated:
        raise InputError(
            "passphrase_weak",
            Bilingual("口令短语必须由程序生成。", "The passphrase has to be one that the program generated."),
            Bilingual("请使用屏幕上显示的那一组。", "Use the one shown on the screen."),
        )
