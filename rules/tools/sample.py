"""The sample pack that ships with the product: plans A-F of invented contracts, built and ready to load."""

from __future__ import annotations

from importlib.resources import files

_PACK = ("packs", "sample.json")


def sample_pack_bytes() -> bytes:
    """Return the built pack's bytes, exactly as ``outpost-rules build`` writes them."""
    return files("resources").joinpath(*_PACK).read_bytes()
