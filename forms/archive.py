"""The last step of every drawing: the PDF becomes one that an archive can keep, PDF/A-3 level B, with its machine-readable files inside.

Promise: same content, same bytes. What a reader sees stays as drawn: only what the file says about itself is added (meaning of its
colours, language, XMP metadata equal to the information dictionary, attached files as associated files). ``forms.archive_check`` says
what of the standard is checked here; nothing else is claimed.

Source: ISO 19005-3:2012 §6.2.3 (output intent), §6.6 (metadata), §6.8 (embedded files) and annex E (associated files); docs/adr/0138.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from claims.papers import Language
from forms.slim_fonts import slimmed
from forms.srgb_profile import CONDITION, srgb_profile

LANGUAGE_TAGS = {Language.ZH: "zh-CN", Language.EN: "en"}
"""How a PDF names the language (BCP 47)."""
PROGRAM = "Outpost"
MEDIA_TYPES = {"json": "application/json", "cose": "application/cose", "csv": "text/csv", "txt": "text/plain"}
"""Media type of an attached file by the ending of its name; any other is ``application/octet-stream``."""

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" pdfaid:part="3" pdfaid:conformance="B" dc:format="application/pdf" pdf:Producer="{program}" xmp:CreatorTool="{program}" xmp:CreateDate="{made}" xmp:ModifyDate="{made}" xmp:MetadataDate="{made}">
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li><rdf:li xml:lang="{language}">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def archived(
    pdf: bytes, *, title: str, language: Language, attached: Mapping[str, bytes], made_at: datetime, author: str = ""
) -> bytes:
    """Return a drawn PDF as PDF/A-3B.

    Args:
        pdf: as reportlab wrote it: every font embedded, no transparency.
        attached: files by name, ``determination.json``; each is related to the paper as its data.
        made_at: the paper's own moment (UTC), for every date in the file; whole seconds count.
        author: who issues it; empty: as the drawing says.
    """
    moment = made_at.astimezone(UTC)
    with Pdf.open(io.BytesIO(pdf)) as document:
        drawn = document.trailer.get(Name.Info, Dictionary())
        said = {
            "title": title,
            "author": author or str(drawn.get(Name.Author, PROGRAM)),
            "subject": str(drawn.get(Name.Subject, title)),
        }
        tag = LANGUAGE_TAGS[language]
        document.trailer.Info = document.make_indirect(_information(said, moment))
        root = document.Root
        root.Metadata = _metadata(document, said, tag, moment)
        root.OutputIntents = Array([_output_intent(document)])
        root.Lang = String(tag)
        # The pages carry no structure tree, and the file says so rather than claim what it lacks.
        root.MarkInfo = Dictionary(Marked=False)
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        for found in document.objects:
            if isinstance(found, Dictionary) and Name.FontFile2 in found:
                _slim(found.FontFile2)
        if attached:
            _attach(document, attached, moment)
        written = io.BytesIO()
        document.save(
            written,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
            min_version="1.7",
        )
    return written.getvalue()


def _slim(program: pikepdf.Object) -> None:
    content = slimmed(program.read_bytes())
    program.write(content)
    program.Length1 = len(content)


def media_type(name: str) -> str:
    """Return the media type of an attached file."""
    return MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def _information(said: Mapping[str, str], moment: datetime) -> Dictionary:
    return Dictionary(
        Title=String(said["title"]),
        Author=String(said["author"]),
        Subject=String(said["subject"]),
        Creator=String(PROGRAM),
        Producer=String(PROGRAM),
        CreationDate=_pdf_date(moment),
        ModDate=_pdf_date(moment),
    )


def _metadata(document: Pdf, said: Mapping[str, str], language: str, moment: datetime) -> pikepdf.Object:
    filled = {name: escape(_xml_text(text)) for name, text in said.items()}
    text = _XMP.format(**filled, language=language, program=PROGRAM, made=f"{moment:%Y-%m-%dT%H:%M:%S}+00:00")
    return document.make_indirect(Stream(document, text.encode(), Type=Name.Metadata, Subtype=Name.XML))


def _xml_text(text: str) -> str:
    """Return what of a text XML can carry: no control characters, no halves of pairs."""
    return "".join(one for one in text if one >= " " and not "\ud800" <= one <= "\udfff" and one not in "\ufffe\uffff")


def _output_intent(document: Pdf) -> Dictionary:
    profile = Stream(document, srgb_profile(), N=3)
    return Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String(CONDITION),
        Info=String(CONDITION),
        DestOutputProfile=document.make_indirect(profile),
    )


def _attach(document: Pdf, attached: Mapping[str, bytes], moment: datetime) -> None:
    """Embed the files, list them by name, and relate each to the document."""
    names: list[pikepdf.Object] = []
    files: list[pikepdf.Object] = []
    # A name tree is sorted by the bytes of its names as they are written.
    for name in sorted(attached, key=lambda each: bytes(String(each))):
        content = attached[name]
        stream = Stream(document, content, Type=Name.EmbeddedFile, Subtype=Name(f"/{media_type(name)}"))
        stream.Params = Dictionary(
            Size=len(content),
            CreationDate=_pdf_date(moment),
            ModDate=_pdf_date(moment),
            # The format asks for MD5 here; nothing is trusted because of it.
            CheckSum=String(hashlib.md5(content, usedforsecurity=False).digest()),
        )
        embedded = document.make_indirect(stream)
        specification = document.make_indirect(
            Dictionary(
                Type=Name.Filespec,
                F=String(name),
                UF=String(name),
                Desc=String(name),
                AFRelationship=Name.Data,
                EF=Dictionary(F=embedded, UF=embedded),
            )
        )
        names += (String(name), specification)
        files.append(specification)
    document.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array(names)))
    document.Root.AF = Array(files)


def _pdf_date(moment: datetime) -> String:
    return String(f"D:{moment:%Y%m%d%H%M%S}+00'00'")
