"""What a voucher's paper costs: drawn, with its QR code, as an archive file, signed as a file; and five hundred of them in one job.

The baseline is what reportlab needs for the same drawing without code, attachments, archive step and signatures. Everything is real: the sample pack
decides, a device key signs, the paper is filled as the desk fills it (``bench.paper_case``).
"""

from __future__ import annotations

import argparse
import resource
from functools import partial
from time import perf_counter

import msgspec

from bench.paper_case import PRINTED_AT, IssuingDesk, issue_voucher, issuing_desk
from bench.report import Row, paired, report, row
from claims.papers import Language
from forms.archive import archived
from forms.archive_check import archive_faults
from forms.document_signing import sign_by_device
from forms.drawing import PdfDrawing
from forms.fonts import bundled_fonts
from forms.paper_document import draw_paper
from forms.qr import symbol

LARGEST_KIB = 60
LARGEST_RATIO = 3.0
_ROUNDS = 15


def one_voucher(desk: IssuingDesk) -> list[Row]:
    """Measure one paper, part by part, against the bare drawing."""
    content = issue_voucher(desk, 142)
    plain = msgspec.structs.replace(content, code=None, attached={})
    drawing = PdfDrawing()
    sign = partial(sign_by_device, signer=desk.key, certificate=desk.identity.device_certificate)
    start = perf_counter()
    bundled_fonts()
    fonts_s = perf_counter() - start
    pdf = drawing.paper(content)
    first_s = perf_counter() - start
    drawn = draw_paper(content)
    signed = sign(pdf, PRINTED_AT)
    faults = (*archive_faults(pdf), *archive_faults(signed))
    if faults:
        raise AssertionError(f"not an archive file: {faults}")

    def archive() -> bytes:
        return archived(
            drawn, title="-", language=Language.ZH, attached=content.attached, made_at=PRINTED_AT, author="-"
        )

    measured = [
        ("voucher: QR, data inside, archive step", lambda: drawing.paper(content)),
        ("  the same with the file signed (PAdES)", lambda: sign(drawing.paper(content), PRINTED_AT)),
        ("  drawing with the QR alone", lambda: draw_paper(content)),
        ("  encoding the QR", lambda: symbol(content.code or "")),
        ("  archive step", archive),
        ("  PAdES signature", lambda: sign(pdf, PRINTED_AT)),
    ]
    rows = []
    for name, job in measured:
        taken, base = paired(job, lambda: draw_paper(plain), rounds=_ROUNDS)
        rows.append(row(name, taken * 1000, "ms", base * 1000))
    return [
        *rows,
        row("file size", len(pdf) / 1024, "KiB", LARGEST_KIB),
        row("  signed (PAdES)", len(signed) / 1024, "KiB", LARGEST_KIB),
        row("first paper of a process", first_s * 1000, "ms"),
        row("  of that, reading the fonts", fonts_s * 1000, "ms"),
    ]


def one_job(desk: IssuingDesk, count: int) -> list[Row]:
    """Draw many vouchers one after another, as batch printing does."""
    contents = [issue_voucher(desk, number) for number in range(1, count + 1)]
    drawing = PdfDrawing()
    drawing.paper(contents[0])
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = perf_counter()
    sizes = [len(drawing.paper(content)) for content in contents]
    taken = perf_counter() - start
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib
    return [
        row(f"{count} vouchers in one job", taken, "s"),
        row("  each", taken * 1000 / count, "ms"),
        row("  largest file", max(sizes) / 1024, "KiB", LARGEST_KIB),
        row("  memory beyond the first", grown_kib / 1024, "MiB"),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="vouchers in one job (default: 500)")
    count = parser.parse_args().count
    desk = issuing_desk()
    report("paper", [*one_voucher(desk), *one_job(desk, count)])


if __name__ == "__main__":
    main()
