"""A headquarters on disk: its folder, its keys, its database, its files, and the one object that holds them open.

Promise: ``create`` leaves either a complete installation or a folder without ``headquarters.json``, which ``open`` refuses.
The clock is a port: every instant in here comes from ``now``.

    DIR/headquarters.json   settings           DIR/secrets/   private keys (0700/0600)
    DIR/root.der service.der  certificates     DIR/files/     attachments and release bytes
    DIR/headquarters.db     SQLite, unless the settings name another database by URL
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from claims.errors import Bilingual, EnvironmentProblem, InputError
from headquarters.blobs import Blobs, BlobStore
from headquarters.database import Database, migrate, open_engine, sqlite_url
from headquarters.home_lock import HomeLock
from headquarters.incarnation import Incarnation, read_incarnation
from headquarters.packs import PackShelf
from headquarters.secrets_folder import Secrets, make_secrets, read_secrets, write_new
from headquarters.sent_batches import begin_folder
from headquarters.tuf_keys import ensure_keys
from trust.certificates import TrustStore, issue_root, issue_service

Now = Callable[[], datetime]
"""Returns the present as an aware UTC datetime (``claims.ports.Clock.utc_now`` fits)."""

DATABASE = "headquarters.db"
ROOT_DAYS = 20 * 365
SERVICE_DAYS = 5 * 365
_BACKDATED = timedelta(hours=1)  # a laptop's clock may be somewhat behind


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What is chosen at ``init``. ``database_url`` None means SQLite in the folder, ``files_url`` None its folder ``files``; otherwise
    ``s3://bucket/prefix?endpoint=...`` (``headquarters.s3_blobs``). ``metrics_token`` None: figures for this machine only."""

    company: str = "示例人寿保险股份有限公司"
    hotline: str = "400-000-0000"
    database_url: str | None = None
    files_url: str | None = None
    metrics_token: str | None = None
    schema: int = 1


@dataclass(frozen=True)
class Headquarters:
    """An open headquarters. Safe to use from several threads; close it when done."""

    home: Path
    settings: Settings
    secrets: Secrets
    root_der: bytes
    service_der: bytes
    database: Database
    blobs: BlobStore
    now: Now
    lock: HomeLock | None = None
    packs: PackShelf = field(init=False)
    incarnation: Incarnation = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "packs", PackShelf(self.blobs))
        # A restore needs headquarters closed: what was read now stays true.
        with self.database.read() as session:
            object.__setattr__(self, "incarnation", read_incarnation(session))

    @classmethod
    def create(cls, home: Path, now: Now, settings: Settings | None = None) -> Headquarters:
        """Make keys, certificates, settings and an empty database. Raises ``InputError`` where something lies already."""
        settings = settings or Settings()
        if home.exists() and any(home.iterdir()):
            raise InputError(
                "hq_folder_not_empty",
                Bilingual(f"文件夹 {home} 不是空的。", f"The folder {home} is not empty."),
                Bilingual("请换一个新文件夹，密钥不会被覆盖。", "Choose a new folder; keys are never overwritten."),
            )
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)  # policies and logs are personal data
        secrets = make_secrets(home / "secrets")
        at = now()
        root_der = issue_root(
            f"{settings.company} Root"[:64], secrets.root, at - _BACKDATED, at + timedelta(days=ROOT_DAYS)
        )
        service_der = issue_service(
            root_der,
            secrets.root,
            "Headquarters",
            secrets.service.public_key,
            at - _BACKDATED,
            at + timedelta(days=SERVICE_DAYS),
        )
        write_new(home / "root.der", root_der, 0o644)
        write_new(home / "service.der", service_der, 0o644)
        begin_folder(home)
        ensure_keys(home, secrets, service_der, at)
        engine = open_engine(settings.database_url or sqlite_url(home / DATABASE))
        _migrate(engine)
        engine.dispose()
        write_new(home / "headquarters.json", msgspec.json.format(msgspec.json.encode(settings)), 0o600)
        return cls.open(home, now)

    @classmethod
    def open(cls, home: Path, now: Now) -> Headquarters:
        """Open an installation and bring its schema up to date. Raises ``EnvironmentProblem`` when it is none."""
        try:
            settings = msgspec.json.decode((home / "headquarters.json").read_bytes(), type=Settings)
            root_der, service_der = (home / "root.der").read_bytes(), (home / "service.der").read_bytes()
        except (OSError, msgspec.DecodeError) as problem:
            raise EnvironmentProblem(
                "hq_not_here",
                Bilingual(
                    f"{home} 里没有可用的总部数据（{problem}）。",
                    f"There is no usable headquarters in {home} ({problem}).",
                ),
                Bilingual(f"请先运行 outpost-hq init {home}。", f"Run outpost-hq init {home} first."),
            ) from problem
        lock = HomeLock(home)
        engine = open_engine(settings.database_url or sqlite_url(home / DATABASE))
        _migrate(engine)
        secrets = read_secrets(home / "secrets")
        ensure_keys(home, secrets, service_der, now())
        return cls(
            home=home,
            settings=settings,
            secrets=secrets,
            root_der=root_der,
            service_der=service_der,
            database=Database(engine),
            blobs=open_blobs(home, settings),
            now=now,
            lock=lock,
        )

    def trust_store(self) -> TrustStore:
        """Return a fresh store that trusts this headquarters' root and knows no device yet."""
        return TrustStore(self.root_der)

    def fingerprint(self) -> str:
        """Return the SHA-256 of the root certificate, as people compare it."""
        return hashlib.sha256(self.root_der).hexdigest()

    def close(self) -> None:
        """Give back the database and the folder."""
        self.database.close()
        if self.lock is not None:
            self.lock.release()

    @staticmethod
    def fingerprint_of(home: Path) -> str:
        """Return the SHA-256 of the root certificate in a folder."""
        return hashlib.sha256((home / "root.der").read_bytes()).hexdigest()


def open_blobs(home: Path, settings: Settings) -> BlobStore:
    """Return the files of a headquarters. Raises ``InputError`` (``files_url``)."""
    if settings.files_url is None:
        return Blobs(home / "files")
    from headquarters.s3_blobs import open_s3  # noqa: PLC0415 - the client is large and most headquarters keep files on disk

    return open_s3(settings.files_url, home / "files")


def _migrate(engine: Engine) -> None:
    try:
        migrate(engine)
    except OperationalError as problem:
        address = engine.url.render_as_string(hide_password=True)
        engine.dispose()
        raise EnvironmentProblem(
            "hq_database_away",
            Bilingual(
                f"数据库 {address} 不能使用（{problem.orig}）。",
                f"The database {address} can't be used ({problem.orig}).",
            ),
            Bilingual("请检查数据库服务和地址。", "Check the database server and its address."),
        ) from problem
