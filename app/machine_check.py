"""Checks what the machine must bring before anything is installed. Standard library only: it runs before the virtual environment.

Promise: it installs missing system libraries where it may (root, or sudo without a password), otherwise it prints the
exact command and exits with 1. Nothing else on the machine is touched.

Source: notes on the window toolkit's shared libraries, docs/adr/0002.
"""

from __future__ import annotations

import argparse
import glob
import importlib.util
import os
import platform
import shutil
import subprocess
import sys

# soname -> Debian package. The window toolkit loads these even offscreen.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
}
# Needed only once a window is shown on a screen.
SCREEN_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
# Finds the printers; without it a window opens all the same and papers are saved as PDF.
PRINTER_LIBRARIES = {"libcups.so.2": "libcups2"}
# What a test on a screen that nobody sees needs besides.
UNSEEN_SCREEN = {"Xvfb": "xvfb", "xauth": "xauth"}
# Headquarters' other database engine, for `make test-postgres`: Debian keeps its programs off the PATH.
POSTGRESQL_PROGRAMS = "/usr/lib/postgresql/*/bin/initdb"
POSTGRESQL = "postgresql"
# The browser that the console's test drives.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = "chromium"
GLIBC_AT_LEAST = (2, 34)


def missing_packages(libraries: dict[str, str]) -> list[str]:
    """Return the Debian packages of the libraries that can't be loaded."""
    import ctypes  # noqa: PLC0415 - the window's start asks only where there is a screen

    missing = []
    for soname, package in libraries.items():
        try:
            ctypes.CDLL(soname)
        except OSError:
            missing.append(package)
    return missing


def apt_command() -> list[str] | None:
    """Return how apt may be called without asking anybody, or None."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:  # noqa: S603 - sudo as found on the user's PATH
        return [sudo, "-n", "apt-get"]
    return None


def install(packages: list[str]) -> bool:
    """Install packages with apt where allowed. Returns whether apt said yes."""
    apt = apt_command()
    if apt is None:
        return False
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run([*apt, *arguments], env=environment, check=False)  # noqa: S603 - fixed words and package names from the table above
        if done.returncode != 0:
            return False
    return True


def main(arguments: list[str] | None = None) -> int:
    """Check; with ``--install`` also mend. Returns the exit code."""
    parser = argparse.ArgumentParser(description="Check the system libraries that Outpost needs.")
    parser.add_argument("--install", action="store_true", help="install what is missing with apt where that is allowed")
    parser.add_argument("--screen", action="store_true", help="also what a window on a screen needs")
    parser.add_argument("--unseen", action="store_true", help="also a screen that nobody sees, for tests")
    parser.add_argument("--postgresql", action="store_true", help="also a PostgreSQL server's programs, for tests")
    parser.add_argument("--browser", action="store_true", help="also a browser, for the console's test")
    options = parser.parse_args(arguments)
    if sys.platform != "linux":
        return 0
    libc, version = platform.libc_ver()
    if libc == "glibc" and tuple(int(part) for part in version.split(".")[:2]) < GLIBC_AT_LEAST:
        print(
            f"This system has glibc {version}; the window toolkit's packages need 2.34 or newer (Debian 12, Ubuntu 22.04)."
        )
        return 1
    libraries = LIBRARIES | (SCREEN_LIBRARIES | PRINTER_LIBRARIES if options.screen else {})
    missing = missing_packages(libraries)
    if options.unseen:
        missing += [package for program, package in UNSEEN_SCREEN.items() if shutil.which(program) is None]
    if options.postgresql and not glob.glob(POSTGRESQL_PROGRAMS):
        missing.append(POSTGRESQL)
    if options.browser and not any(map(shutil.which, BROWSERS)):
        missing.append(BROWSER)
    if importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    if not missing:
        return 0
    command = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if options.install and install(missing) and not missing_packages(libraries):
        return 0
    print(f"System libraries are missing. Run this as root, then try again:\n  {command}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
