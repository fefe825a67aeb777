"""Where this laptop keeps its things, and how it reaches headquarters. The only file that is read before unlocking."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from local_db.durable_files import make_folder, write_durably

_FILE = "settings.json"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """``home`` holds the store, its files and the installed releases; ``hq_url`` is ``https://host[:port]`` or empty.

    ``sign_documents``: whether the files of papers are signed as well (docs/adr/0139): empty: no; ``device``: with this laptop's key; else the path
    of a PKCS#12 file, whose passphrase is in the environment as ``OUTPOST_PKCS12_PASSPHRASE``.
    ``share``: whether this laptop takes part in the local network (docs/adr/0147), ``neighbours`` are typed addresses, ``lan_port`` 0: the usual.
    """

    home: Path
    hq_url: str = ""
    adjuster: str = ""
    sign_documents: str = ""
    share: bool = False
    neighbours: tuple[str, ...] = ()
    lan_port: int = 0

    @property
    def releases(self) -> Path:
        """Verified packs and catastrophes with their signed records."""
        return self.home / "releases"

    @property
    def extract(self) -> Path:
        """The encrypted policy extract."""
        return self.home / "extract"

    @property
    def tuf(self) -> Path:
        """TUF metadata: what was current when this laptop last heard."""
        return self.home / "tuf"

    @property
    def downloads(self) -> Path:
        """Unfinished downloads, resumed by the next sync."""
        return self.home / "downloads"

    @property
    def root_pem(self) -> Path:
        """Headquarters' root certificate, to which TLS is pinned."""
        return self.home / "hq_root.pem"


def default_home(*, practice: bool = False) -> Path:
    """Return ``OUTPOST_HOME``, else the user's data folder; practice has one of its own, so that it never meets real claims."""
    given = os.environ.get("OUTPOST_HOME")
    name = "outpost-demo" if practice else "outpost"
    if given:
        return Path(given)
    import platformdirs  # noqa: PLC0415 - only where nobody said where

    return Path(platformdirs.user_data_dir(name, appauthor=False))


def load_settings(home: Path) -> Settings:
    """Return the settings kept under ``home``; defaults when there are none.

    A file that can't be read counts as none: the store opens without it, and sync says that the address is missing.
    """
    try:
        kept = msgspec.json.decode((home / _FILE).read_bytes(), type=dict[str, str])
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        kept = {}
    return Settings(
        home=home,
        hq_url=kept.get("hq_url", ""),
        adjuster=kept.get("adjuster", ""),
        sign_documents=kept.get("sign_documents", ""),
        share=kept.get("share", "") == "yes",
        neighbours=tuple(kept.get("neighbours", "").split()),
        lan_port=int(kept["lan_port"]) if kept.get("lan_port", "").isdecimal() else 0,
    )


def save_settings(settings: Settings) -> None:
    """Keep the settings under their home. They hold no secret and no claimant's data."""
    make_folder(settings.home)
    kept = {"hq_url": settings.hq_url, "adjuster": settings.adjuster}
    if settings.sign_documents:
        kept["sign_documents"] = settings.sign_documents
    if settings.share:
        kept["share"] = "yes"
    if settings.neighbours:
        kept["neighbours"] = " ".join(settings.neighbours)
    if settings.lan_port:
        kept["lan_port"] = str(settings.lan_port)
    write_durably(settings.home / _FILE, msgspec.json.encode(kept))
