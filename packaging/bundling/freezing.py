"""Freezing: the one-folder program for the platform that this runs on.

Promise: afterwards the folder holds every hidden import and no module that must stay out, and on Linux no debug symbols;
beside the program lies the text of everybody's licences.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from bundling import contents
from bundling.elf import binaries_in
from bundling.licences import licences_text, runtime_distributions
from bundling.places import BUNDLE, DIST, LICENCES, ROOT, SPEC, WORK, program_in
from bundling.problems import BuildError
from bundling.processes import run, run_well

_BUILD_LIMIT_S = 1800.0


def freeze() -> Path:
    """Build the bundle anew and return its folder. Raises ``BuildError``."""
    shutil.rmtree(BUNDLE, ignore_errors=True)
    # The same sources give the same files: string hashes must not shuffle sets in compiled modules.
    environment = dict(os.environ, PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1")
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    run_well([*command, "--distpath", DIST, "--workpath", WORK, SPEC], environment, _BUILD_LIMIT_S)
    if sys.platform == "linux":
        _strip(BUNDLE)
    check_modules(BUNDLE)
    names = (path.name for path in BUNDLE.rglob("*") if path.is_file())
    text = licences_text(ROOT, runtime_distributions(ROOT / "pyproject.toml"), names)
    (BUNDLE / LICENCES).write_text(text, encoding="utf-8")
    return BUNDLE


def _strip(bundle: Path) -> None:
    # Wheels ship debug symbols: 50 of 237 MB. Only those go: the dynamic symbol table and the sections' places stay. The
    # program itself carries its archive behind its last section, so it is left alone.
    if shutil.which("strip") is None:
        print("strip (binutils) is missing: debug symbols stay, the bundle is about 50 MB larger")
        return
    program = program_in(bundle)
    for binary in binaries_in(bundle):
        if binary != program:
            run([shutil.which("strip") or "strip", "--strip-unneeded", binary])


def check_modules(bundle: Path) -> None:
    """Look into the frozen archive. Raises ``BuildError`` when a module is missing or must not be there."""
    found = modules_in(program_in(bundle))
    missing = sorted(contents.modules_missing(found))
    forbidden = sorted(each for each in found if contents.is_forbidden_module(each))
    if missing or forbidden:
        raise BuildError(
            f"the frozen program lacks {', '.join(missing) or 'nothing'} and should not have {', '.join(forbidden) or 'nothing'}"
        )


def modules_in(program: Path) -> frozenset[str]:
    """Return the names of the Python modules inside a frozen program."""
    from PyInstaller.archive.readers import CArchiveReader  # noqa: PLC0415 - slow to import, needed after a build only

    reader = CArchiveReader(str(program))
    names: set[str] = set()
    for name, (*_, kind) in reader.toc.items():
        if kind == "z":
            names.update(reader.open_embedded_archive(name).toc)
    return frozenset(names)
