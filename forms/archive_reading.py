"""Taking the machine-readable files out of a PDF that somebody hands in.

Promise: what comes out is bounded before it is unpacked, whatever the file says of itself; a file that is no PDF, or is broken, has nothing inside.
Nothing here is trusted: the caller checks signatures and hashes. Source: docs/adr/0138.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping

import pikepdf
from pikepdf import Array, Name, Pdf, Stream

MAX_FILES = 16
MAX_INSIDE_BYTES = 4 * 1024 * 1024
_PDF_MARK = b"%PDF-"
_PDF_HEAD = 1024
_UNREADABLE = (pikepdf.PikepdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError)


def files_inside(content: bytes) -> Mapping[str, bytes]:
    """Return the files inside a PDF by name; those above ``MAX_INSIDE_BYTES``, and packed in other ways than ours, are left out."""
    if _PDF_MARK not in content[:_PDF_HEAD]:
        return {}
    try:
        with Pdf.open(io.BytesIO(content)) as document:
            tree = document.Root.get(Name.Names, pikepdf.Dictionary()).get(Name.EmbeddedFiles)
            if tree is None:
                return {}
            found: dict[str, bytes] = {}
            for name, specification in pikepdf.NameTree(tree).items():
                unpacked = _unpacked(specification.EF.F)
                if unpacked is not None:
                    found[str(name)] = unpacked
                if len(found) == MAX_FILES:
                    break
            return found
    except _UNREADABLE:
        return {}


def _unpacked(stream: pikepdf.Object) -> bytes | None:
    if not isinstance(stream, Stream):
        return None
    raw = stream.read_raw_bytes()
    filters = stream.get(Name.Filter, Array())
    names = [str(each) for each in filters] if isinstance(filters, Array) else [str(filters)]
    if not names:
        return raw if len(raw) <= MAX_INSIDE_BYTES else None
    if names != ["/FlateDecode"] or Name.DecodeParms in stream:
        return None
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(raw, MAX_INSIDE_BYTES)
    except zlib.error:
        return None
    return unpacked if unpacker.eof else None
