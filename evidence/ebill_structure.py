"""The XML of a medical e-bill: whether it is whole and whether it is one. Its fields are read elsewhere.

Promise: no entity is ever expanded and no address ever opened: a document type declaration is refused. GB18030 and GBK are read as
well as UTF-8, since issuing systems write all three.

Source: notes/domain.md §6 (root element ``EInvoice``).
"""

from __future__ import annotations

import codecs
import re
from xml.parsers import expat

_ROOT = "EInvoice"
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"'][^>]*\?>")
_DECLARATION_TEXT = re.compile(r"^\s*<\?xml[^>]*\?>")
_CUT_OFF = frozenset(
    {
        expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    }
)


class XmlTruncatedError(Exception):
    """Ends inside an element."""


class XmlDamagedError(Exception):
    """Not well-formed, or in no encoding that we can read."""


class NotAnEbillError(Exception):
    """Well-formed so far, but another kind of XML, or one with a document type declaration."""


def check_ebill(content: bytes) -> None:
    """Check that the file is a whole e-bill.

    Raises:
        XmlTruncatedError, XmlDamagedError, NotAnEbillError.
    """
    parser = expat.ParserCreate("UTF-8")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = _RootCheck()
    try:
        parser.Parse(_as_utf8(content), True)
    except expat.ExpatError as error:
        raise (XmlTruncatedError if error.code in _CUT_OFF else XmlDamagedError) from error


class _RootCheck:
    """Looks at the first element only."""

    def __init__(self) -> None:
        self._seen = False

    def __call__(self, name: str, _attributes: dict[str, str]) -> None:
        if not self._seen and name.rpartition(":")[2] != _ROOT:
            raise NotAnEbillError
        self._seen = True


def _refuse_doctype(*_declaration: object) -> None:
    raise NotAnEbillError


def _as_utf8(content: bytes) -> bytes:
    """Return the document in UTF-8 without its declaration; a character cut in half at the end is left out."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        content = content.removeprefix(codecs.BOM_UTF8)
        declared = _DECLARATION.match(content)
        encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    # GBK and GB2312 are parts of GB18030; bills declare the one and write the other.
    encoding = "gb18030" if encoding in {"gb2312", "gbk", "gb18030"} else encoding
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content)
    except (LookupError, UnicodeError) as error:
        raise XmlDamagedError from error
    return _DECLARATION_TEXT.sub("", text.removeprefix("\ufeff"), count=1).encode("utf-8", "replace")
