"""The sample pack with something changed, in canonical form again: how a wrong pack gets past the form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

from rules.engine.document import PackDocument, write_document
from rules.tools.sample import sample_pack_bytes

Document = dict[str, Any]
Change = Callable[[Document], object]


def changed(change: Change) -> bytes:
    """Return the sample pack's bytes after ``change``."""
    document = json.loads(sample_pack_bytes())
    change(document)
    return write_document(msgspec.convert(document, type=PackDocument))


def by_id(document: Document, layer: str, name: str) -> Document:
    """Return the entry of a layer by its id (a test by its name)."""
    return next(entry for entry in document[layer] if entry.get("id", entry.get("name")) == name)
