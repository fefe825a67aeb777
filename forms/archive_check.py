"""Whether a PDF keeps the rules of PDF/A-3 level B that can be checked here, and which it breaks.

Promise: an empty answer means that each rule below was looked at and holds; it is no certificate, since no independent validator is part of
this program. The rules on fonts are in ``forms.archive_check_fonts``.

Source: ISO 19005-3:2012: §6.1.2-6.1.13 (file), §6.2.3, §6.2.4 (colour), §6.2.10 (transparency), §6.3 (annotations), §6.4 (forms), §6.5 (actions),
§6.6 (metadata), §6.8 (embedded files); docs/adr/0138.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from forms.archive_check_fonts import font_faults

_HEAD = re.compile(rb"%PDF-1\.[0-7]\r?\n%[\x80-\xff]{4}")
_END = re.compile(rb"%%EOF(?:\r\n|\r|\n)?\Z")
_ID_PARTS = 2
# §6.5.1; GoTo, URI, Named and the like remain.
_FORBIDDEN_ACTIONS = frozenset(
    f"/{name}"
    for name in (
        "Launch",
        "Sound",
        "Movie",
        "ResetForm",
        "ImportData",
        "Hide",
        "SetOCGState",
        "Rendition",
        "Trans",
        "GoTo3DView",
        "JavaScript",
    )
)
_FORBIDDEN_FILTERS = frozenset({"/LZWDecode", "/Crypt", "/JPXDecode"})
_EXTERNAL = (Name.F, Name.FFilter, Name.FDecodeParms)
_PRINT, _UNSEEN = 0b100, 0b100011  # flags of annotations: print; invisible, hidden, no view (ISO 32000-1, table 165)
_NORMAL_BLENDING = frozenset({"/Normal", "/Compatible"})
_CMYK_OPERATORS = frozenset({"k", "K"})
_METADATA = {
    "Title": "{http://purl.org/dc/elements/1.1/}title",
    "Author": "{http://purl.org/dc/elements/1.1/}creator",
    "Subject": "{http://purl.org/dc/elements/1.1/}description",
    "Creator": "{http://ns.adobe.com/xap/1.0/}CreatorTool",
    "Producer": "{http://ns.adobe.com/pdf/1.3/}Producer",
    "CreationDate": "{http://ns.adobe.com/xap/1.0/}CreateDate",
    "ModDate": "{http://ns.adobe.com/xap/1.0/}ModifyDate",
}


def archive_faults(pdf: bytes) -> tuple[str, ...]:
    """Return every rule that the file breaks, in words for an engineer; none when it keeps all that are checked."""
    faults = [] if _HEAD.match(pdf) else ["the file does not begin as PDF 1.0 to 1.7 with four bytes above 127"]
    if not _END.search(pdf):
        faults.append("something stands behind the end of the file")
    with Pdf.open(io.BytesIO(pdf)) as document:
        faults += (f"syntax: {problem}" for problem in document.check_pdf_syntax())
        faults += _of_trailer(document)
        faults += _of_root(document)
        faults += _of_colour(document)
        faults += _of_metadata(document)
        faults += _of_attached(document)
        for found in document.objects:
            faults += _of_object(found)
        for number, page in enumerate(document.pages, 1):
            faults += (f"page {number}: {problem}" for problem in _of_page(page))
        faults += font_faults(document)
    return tuple(dict.fromkeys(faults))


def _of_trailer(document: Pdf) -> Iterator[str]:
    if Name.Encrypt in document.trailer:
        yield "the file is encrypted"
    identity = document.trailer.get(Name.ID)
    if not isinstance(identity, Array) or len(identity) != _ID_PARTS:
        yield "the trailer has no /ID"


def _of_root(document: Pdf) -> Iterator[str]:
    root = document.Root
    if not str(root.get(Name.Lang, "")):
        yield "no /Lang"
    if Name.MarkInfo not in root:
        yield "no /MarkInfo"
    if not root.get(Name.ViewerPreferences, Dictionary()).get(Name.DisplayDocTitle, False):
        yield "the viewer is not asked to show the title"
    for name in (Name.OpenAction, Name.AA, Name.OCProperties, Name.Requirements):
        if name in root:
            yield f"the root has {name}"
    if Name.JavaScript in root.get(Name.Names, Dictionary()):
        yield "scripts in the names"
    form = root.get(Name.AcroForm, Dictionary())
    if form.get(Name.NeedAppearances, False) or Name.XFA in form:
        yield "a form without appearances of its own"


def _of_colour(document: Pdf) -> Iterator[str]:
    intents = document.Root.get(Name.OutputIntents, Array())
    archival: list[Any] = [each for each in intents if each.get(Name.S) == Name.GTS_PDFA1]
    if len(archival) != 1:
        yield f"{len(archival)} output intents for an archive"
        return
    profile = archival[0].get(Name.DestOutputProfile)
    if not isinstance(profile, Stream):
        yield "an output intent without profile"
        return
    head = profile.read_bytes()[:128]
    if head[36:40] != b"acsp" or head[12:20] not in {b"mntrRGB ", b"prtrRGB "} or head[8] > 4:
        yield "the profile is not one of an RGB display, version 4 or older"
    if profile.get(Name.N) != 3 or int.from_bytes(head[:4], "big") != len(profile.read_bytes()):
        yield "the profile's size or number of colours is wrong"


def _of_metadata(document: Pdf) -> Iterator[str]:
    stream = document.Root.get(Name.Metadata)
    if not isinstance(stream, Stream) or Name.Filter in stream.stream_dict:
        yield "no XMP metadata that can be read without unpacking"
        return
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as told:
        if told.pdfa_status != "3B":
            yield f"the metadata say PDF/A {told.pdfa_status!r}"
        for key, name in _METADATA.items():
            there = document.docinfo.get(Name(f"/{key}"))
            here = told.get(name)
            if there is None or here is None or _comparable(key, str(there)) != _as_text(here):
                yield f"/{key} is {there!s} in the information and {here!s} in the metadata"


def _comparable(key: str, value: str) -> str:
    """Return a value of the information dictionary as the metadata write it."""
    if not key.endswith("Date"):
        return value
    digits = re.fullmatch(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\+00'00'", value)
    return "{}-{}-{}T{}:{}:{}+00:00".format(*digits.groups()) if digits else value


def _as_text(value: object) -> str:
    return "".join(value) if isinstance(value, list) else str(value)


def _of_attached(document: Pdf) -> Iterator[str]:
    related = {each.objgen for each in document.Root.get(Name.AF, Array())}
    tree = document.Root.get(Name.Names, Dictionary()).get(Name.EmbeddedFiles)
    if tree is None:
        if related:
            yield "associated files that are not listed by name"
        return
    names = pikepdf.NameTree(tree)
    for key, specification in names.items():
        name = str(key)
        if specification.objgen not in related:
            yield f"{name} is embedded and not associated"
        if Name.AFRelationship not in specification or Name.F not in specification or Name.UF not in specification:
            yield f"{name} has no relationship or no name"
        content = specification.get(Name.EF, Dictionary()).get(Name.F)
        if not isinstance(content, Stream):
            yield f"{name} has no content"
            continue
        parameters = content.get(Name.Params, Dictionary())
        if Name.Subtype not in content or Name.ModDate not in parameters:
            yield f"{name} has no media type or no date"
        if parameters.get(Name.Size) != len(content.read_bytes()):
            yield f"{name} says another size"


def _of_object(found: object) -> Iterator[str]:
    if not isinstance(found, Dictionary | Stream):
        return
    subtype = str(found.get(Name.Subtype, ""))
    if isinstance(found, Stream):
        if any(name in found for name in _EXTERNAL):
            yield "a stream outside the file"
        filters = found.get(Name.Filter, Array())
        for used in filters if isinstance(filters, Array) else (filters,):
            if str(used) in _FORBIDDEN_FILTERS:
                yield f"filter {used}"
        if subtype == "/Image" and (
            Name.Alternates in found or Name.OPI in found or found.get(Name.Interpolate, False)
        ):
            yield "a picture that is not the same everywhere"
        if subtype == "/PS" or (subtype == "/Form" and Name.Ref in found):
            yield "a picture by program or reference"
    if str(found.get(Name.S)) in _FORBIDDEN_ACTIONS:
        yield f"action {found.S!s}"
    if Name.SMask in found and str(found.SMask) != "/None":
        yield "transparency: a soft mask"
    group = found.get(Name.Group)
    if isinstance(group, Dictionary) and str(group.get(Name.S)) == "/Transparency":
        yield "transparency: a group"
    if str(found.get(Name.Type)) == "/ExtGState":
        yield from _of_graphics_state(found)


def _of_graphics_state(state: Any) -> Iterator[str]:
    if float(state.get(Name.ca, 1)) != 1 or float(state.get(Name.CA, 1)) != 1:
        yield "transparency: an opacity below 1"
    if str(state.get(Name.BM, "/Normal")) not in _NORMAL_BLENDING:
        yield "transparency: a blend mode"
    if Name.TR in state or Name.HTP in state:
        yield "a transfer function"


def _of_page(page: pikepdf.Page) -> Iterator[str]:
    for annotation in page.obj.get(Name.Annots, Array()):
        flags = int(annotation.get(Name.F, 0))
        if not flags & _PRINT or flags & _UNSEEN:
            yield "an annotation that is not printed as seen"
        if Name.AA in annotation or Name.A in annotation:
            yield "an annotation that acts"
        width, height = _size(annotation)
        if width and height and Name.AP not in annotation:
            yield "an annotation without an appearance"
    if Name.AA in page.obj:
        yield "actions of a page"
    for instruction in pikepdf.parse_content_stream(page):
        if str(instruction.operator) in _CMYK_OPERATORS:
            yield "colours of print without a profile of print"


def _size(annotation: Any) -> tuple[float, float]:
    left, low, right, high = (float(each) for each in annotation.Rect)
    return abs(right - left), abs(high - low)
