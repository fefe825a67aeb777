"""Every colour and measure of the window, read once from ``resources/look/tokens.json``.

Promise: no other file names a colour or a size; a screen asks for a token by name. An unknown name is an error, never a default.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

import resources


class Theme(StrEnum):
    """The three palettes: ordinary, black on white for a screen in the sun, dark for the night."""

    LIGHT = "light"
    SUNLIGHT = "sunlight"
    NIGHT = "night"


SCALES = (100, 125, 150)
"""The three type sizes, in per cent."""


class TypeSize(msgspec.Struct, frozen=True):
    """One of the six type sizes, in pixels at 100 %."""

    size: int
    line: int
    weight: int


class Tokens(msgspec.Struct, frozen=True):
    """The file as it is. Lengths are pixels at 100 %."""

    colours: dict[str, dict[str, str]]
    lines: dict[str, dict[str, int]]
    type: dict[str, Any]
    spacing: dict[str, int]
    radii: dict[str, int]
    heights: dict[str, int]
    widths: dict[str, int]
    icons: dict[str, float]
    clock: dict[str, float]

    def type_size(self, name: str) -> TypeSize:
        """Return one of the six sizes by name: figure, title, heading, key_value, body, caption."""
        return msgspec.convert(self.type["sizes"][name], TypeSize)


def load_tokens() -> Tokens:
    """Read the tokens from the program's own resources."""
    return msgspec.json.decode(resources.path("look", "tokens.json").read_bytes(), type=Tokens)
