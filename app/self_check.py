"""``outpost self-check``: does everything that this program is made of work on this computer?

Promise: real parts only (an encrypted store, a signed voucher as PDF, the engine with the sample pack, the window), in a temporary
folder that is removed; the user's own data are neither read nor changed. Every part is tried even when one before it failed. For
technicians, and for the installer's smoke test. Exit code 0 only if all passed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from app.version import VERSION

REPORT = "self-check.json"
PAPER, PICTURE = "voucher.pdf", "window.png"


@dataclass(frozen=True)
class Checked:
    """One part: whether it works, what was found, and how long it took."""

    name: str
    passed: bool
    found: str
    took_ms: float


def self_check(out: Path) -> int:
    """Check everything, print a table, leave paper, picture and report in ``out``; return the exit code."""
    out.mkdir(parents=True, exist_ok=True)
    parts: tuple[tuple[str, Callable[[], str]], ...] = (
        ("fonts", _fonts),
        ("rule pack", _pack),
        ("keyring backends", _keyring),
        ("encrypted store", _store),
        ("voucher on paper", lambda: _paper(out / PAPER)),
        ("window", lambda: _window(out / PICTURE)),
        ("screens", _screens),
        ("paper read back", lambda: _read_back(out / PAPER)),
        ("register", _register),
    )
    results = [_tried(name, part) for name, part in parts]
    print(f"outpost {VERSION}  Python {sys.version.split()[0]}  {sys.platform}")
    for each in results:
        print(f"{each.name:18} {'ok' if each.passed else 'FAILED':7} {each.took_ms:8.0f} ms  {each.found}")
    told = [{"name": r.name, "passed": r.passed, "found": r.found, "took_ms": round(r.took_ms, 1)} for r in results]
    report = {"version": VERSION, "frozen": bool(getattr(sys, "frozen", False)), "parts": told}
    (out / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if all(each.passed for each in results) else 1


class SelfCheckError(Exception):
    """A part works, but does not do what it should."""


def _tried(name: str, part: Callable[[], str]) -> Checked:
    start = perf_counter()
    try:
        found, passed = part(), True
    except Exception as error:  # whatever it is, it is reported, and the exit code says so
        traceback.print_exc()
        found, passed = f"{type(error).__name__}: {error}", False
    return Checked(name, passed, found, (perf_counter() - start) * 1000)


def _fonts() -> str:
    from reportlab.pdfbase.ttfonts import TTFontFile  # noqa: PLC0415 - a part that can't be loaded is a finding, not the end

    import resources  # noqa: PLC0415 - as above

    files = sorted(resources.path("fonts").glob("*.ttf"))
    names = [TTFontFile(str(each)).name.decode() for each in files]
    if not names:
        raise SelfCheckError("no font in the program")
    return ", ".join(names)


def _pack() -> str:
    import resources  # noqa: PLC0415 - as above
    from rules.engine import load_pack  # noqa: PLC0415 - as above

    pack = load_pack(resources.path("packs", "sample.json").read_bytes())
    return f"version {pack.version}, {len(pack.pools)} pools"


def _keyring() -> str:
    from local_db.os_keyring import REAL_BACKENDS, OsKeyring  # noqa: PLC0415 - as above

    names = ", ".join(each.__module__.rsplit(".", 1)[-1] for each in REAL_BACKENDS)
    return f"{names}; here: {'PIN' if OsKeyring(timeout_s=5.0).available() else 'passphrase'}"


def _store() -> str:
    from app.self_check_sample import sample_laptop, store_reopened  # noqa: PLC0415 - as above

    with tempfile.TemporaryDirectory(prefix="outpost-check-") as folder:
        return store_reopened(Path(folder) / "home", sample_laptop())


def _paper(path: Path) -> str:
    from app.self_check_sample import sample_laptop, voucher_drawn  # noqa: PLC0415 - as above

    pdf, found = voucher_drawn(sample_laptop())
    path.write_bytes(pdf)
    return found


def _read_back(path: Path) -> str:
    from forms.read_back import PageCodeReader  # noqa: PLC0415 - as above
    from views.page_render import grey_pages  # noqa: PLC0415 - as above

    pages = list(grey_pages(path.read_bytes()))
    texts = [text for page in pages for text in PageCodeReader().texts(page) if text.startswith("OP1:")]
    if len(texts) != 1:
        raise SelfCheckError(f"{len(texts)} voucher codes on {len(pages)} drawn pages")
    return f"{len(pages)} page, code of {len(texts[0])} characters"


def _register() -> str:
    from datetime import UTC, date, datetime  # noqa: PLC0415 - as above

    from claims.papers import Language  # noqa: PLC0415 - as above
    from claims.register_columns import REGISTER_COLUMNS, REGISTER_NAMES, RegisterKind  # noqa: PLC0415 - as above
    from claims.registers import Register, RegisterFormat  # noqa: PLC0415 - as above
    from forms.register_files import RegisterWriter  # noqa: PLC0415 - as above

    kind, day = RegisterKind.VOUCHERS, date(2026, 11, 22)
    empty = Register(
        kind=kind,
        name=REGISTER_NAMES[kind],
        first=day,
        last=day,
        station="QX07",
        device="D3",
        made_at=datetime(2026, 11, 22, 4, 0, tzinfo=UTC),
        columns=REGISTER_COLUMNS[kind],
        rows=(),
    )
    sizes = {each.value: len(RegisterWriter().write(empty, each, Language.ZH)) for each in RegisterFormat}
    return ", ".join(f"{ending} of {size} bytes" for ending, size in sizes.items())


def _window(path: Path) -> str:
    # Before the toolkit is loaded: a technician may sit at a terminal, the smoke test has no screen.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image  # noqa: PLC0415 - as above

    from app.window import picture_of_door  # noqa: PLC0415 - as above

    picture_of_door(path)
    with Image.open(path) as picture:
        colours = picture.convert("RGB").getcolors(1 << 24) or []
        size = picture.size
    if len(colours) < 16:
        raise SelfCheckError(f"the picture of the window is empty: {len(colours)} colours")
    return f"{size[0]} × {size[1]}, {len(colours)} colours"


def _screens() -> str:
    from views.main_window import load_screens  # noqa: PLC0415 - as above

    return f"{load_screens()} loaded"
