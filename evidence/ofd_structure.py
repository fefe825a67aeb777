"""OFD (GB/T 33190): a ZIP with OFD.xml at its root, in which many e-bills are issued.

Promise: the archive is whole, its directory can be read and the root file unpacks; nothing is unpacked beyond a small cap, so that a
zip bomb costs nothing.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

_MAX_MEMBER = 4 * 1024 * 1024
_MAX_PAGES = 5000
_PAGE = re.compile(rb"<(?:[A-Za-z]+:)?Page[\s>/]")
_DOCUMENT = re.compile(r"(?:^|/)Document\.xml$")
# What zipfile raises on a broken archive; an encrypted or oddly packed member counts as damaged too.
_ARCHIVE_ERRORS = (OSError, ValueError, KeyError, EOFError, RuntimeError, NotImplementedError, struct.error, zlib.error)


class OfdTruncatedError(Exception):
    """No directory at the end."""


class OfdDamagedError(Exception):
    """A directory, but the root file doesn't unpack."""


def count_ofd_pages(content: bytes) -> int:
    """Return the pages that the documents list, at least 1.

    Raises:
        OfdTruncatedError, OfdDamagedError.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _member(archive, "OFD.xml")
            documents = [name for name in archive.namelist() if _DOCUMENT.search(name)][:16]
            pages = sum(len(_PAGE.findall(_member(archive, name))) for name in documents)
    except zipfile.BadZipFile as error:
        raise (OfdTruncatedError if "not a zip" in str(error) else OfdDamagedError) from error
    except _ARCHIVE_ERRORS as error:
        raise OfdDamagedError from error
    return max(1, min(pages, _MAX_PAGES))


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a member's content up to the cap; a read to its end checks its CRC."""
    with archive.open(name) as member:
        return member.read(_MAX_MEMBER)
