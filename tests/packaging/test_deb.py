"""The Debian package's words: what it is, what it needs, what the menu shows."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import sys
from email import message_from_string
from pathlib import Path

import pytest

from app.machine_check import LIBRARIES, SCREEN_LIBRARIES
from bundling import deb, elf, installed
from bundling.places import PACKAGING
from bundling.problems import BuildError

NEEDS = deb.Needs(("libx11-6", "libxcb1"), (2, 35))
_PACKAGE_NAME = r"[a-z0-9][a-z0-9+.-]+"

linux_tools = pytest.mark.skipif(
    sys.platform != "linux" or not all(map(shutil.which, ("objdump", "dpkg-query"))),
    reason="reads ELF files with Debian's tools",
)


def test_the_control_file_has_what_dpkg_asks_for() -> None:
    fields = message_from_string(deb.control_text("0.1.0", "amd64", NEEDS, 1234))
    assert fields["Package"] == "outpost"
    assert fields["Version"] == "0.1.0"
    assert fields["Architecture"] == "amd64"
    assert fields["Installed-Size"] == "1234"
    assert fields["Depends"] == "libc6 (>= 2.35), libx11-6, libxcb1"
    assert "现场理赔" in fields["Description"]


def test_no_line_of_the_description_ends_it_early() -> None:
    description = deb.control_text("0.1.0", "amd64", NEEDS, 1).split("Description: ", 1)[1]
    assert all(line.startswith(" ") for line in description.splitlines()[1:])


@linux_tools
def test_needs_are_read_from_the_binaries_and_from_what_a_window_loads(tmp_path: Path) -> None:
    library = next(Path("/usr/lib").glob("*/libxcb-randr.so.0"), None)
    if library is None:
        pytest.skip("this machine has no window system's library to look at")
    shutil.copy(library, tmp_path)
    needs = deb.needs_of(tmp_path)
    assert set(needs.packages) == {"libxcb1", *LIBRARIES.values(), *SCREEN_LIBRARIES.values()}
    assert needs.glibc >= (2, 0)


@linux_tools
def test_a_library_that_nobody_brings_is_named(tmp_path: Path) -> None:
    shutil.copy(str(shutil.which("objdump")), tmp_path)
    with pytest.raises(BuildError, match="libbfd"):
        deb.needs_of(tmp_path)


def test_objdumps_words_are_understood() -> None:
    facts = elf.parse_objdump(
        "Dynamic Section:\n"
        "  NEEDED               libQt6Gui.so.6\n"
        "  NEEDED               libc.so.6\n"
        "  SONAME               libx.so.1\n"
        "Version References:\n"
        "  required from libc.so.6:\n"
        "    0x069691b4 0x00 05 GLIBC_2.34\n"
        "    0x09691a75 0x00 03 GLIBC_2.2.5\n"
    )
    assert facts == elf.LinkFacts(frozenset({"libQt6Gui.so.6", "libc.so.6"}), (2, 34))
    assert elf.parse_objdump("no dynamic section") == elf.LinkFacts(frozenset(), (0, 0))


def test_the_menu_entry_starts_the_window_and_has_a_chinese_name() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(PACKAGING / "linux" / "outpost.desktop", encoding="utf-8")
    section = entry["Desktop Entry"]
    assert section["Exec"] == f"{installed.COMMAND} run"
    assert "现场理赔" in section["Name[zh_CN]"]
    assert section["Name"].isascii()
    assert section["Terminal"] == "false"


def test_package_names_are_dpkgs() -> None:
    for each in (*LIBRARIES.values(), *SCREEN_LIBRARIES.values()):
        assert re.fullmatch(_PACKAGE_NAME, each)


@pytest.mark.skipif(sys.platform == "win32", reason="no user numbers there")
def test_without_root_the_package_is_not_installed_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/dpkg")
    assert installed.why_not_here() == "that needs root"
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert installed.why_not_here() == "there is no dpkg here"
