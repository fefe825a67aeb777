"""A practice headquarters on this computer (``views.practice.Practice``): the real service, invented people, loopback only.

Promise: it lives under the laptop's home, in a process of its own that ends with this program; it keeps its port, and where another
program took that, the laptop's settings follow to the new one. Where headquarters' packages are missing there is no practice, in words.

Source: docs/adr/0097.
"""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import resources
from app.demo.hq_process import DemoHeadquarters, HeadquartersFailedError
from app.settings import Settings, load_settings, save_settings
from claims.errors import Bilingual, EnvironmentProblem, OutpostError
from local_db.durable_files import make_folder, write_durably
from views.practice import PracticeState

if TYPE_CHECKING:
    from app.demo.preposition import Prepositioned
    from app.demo.world import Post
    from claims.ports import Clock

_NEEDED = ("headquarters", "alembic", "fastapi", "pypinyin", "sqlalchemy", "uvicorn")
PAPERS_FOLDER = "practice-papers"
_LOOPBACK = "127.0.0.1"
_DAYS = "365"
_CODE_GOOD_FOR = timedelta(days=300)
_SAMPLE_GOOD_FOR = timedelta(days=25)


class _Notes(msgspec.Struct, frozen=True, kw_only=True):
    """What practice remembers. ``begun``/``granted``: pools of the story's allowances; a begun one may or may not be granted."""

    code: str
    code_made_at: datetime
    sample_made_at: datetime
    port: int = 0
    begun: tuple[str, ...] = ()
    granted: tuple[str, ...] = ()


class LocalPractice:
    """One practice headquarters for the laptop under ``home``."""

    def __init__(self, home: Path, clock: Clock) -> None:
        """Touch nothing yet."""
        self._home, self._clock = home, clock
        self._folder = home / "practice-hq"
        self._headquarters = DemoHeadquarters(self._folder / "hq")
        self._lock = threading.Lock()
        self._wanted = False
        self._problem: OutpostError | None = None

    def state(self) -> PracticeState:
        """Return how it stands. Never waits for a job under way."""
        notes, running = self._notes(), self._headquarters.running
        problem = self._problem
        if missing := _missing():
            problem = _unavailable(missing)
        elif self._wanted and not running and not self._lock.locked():
            problem = _stopped_by_itself(self._headquarters.log)
        return PracticeState(
            prepared=notes is not None,
            running=running,
            hq_url=f"https://{_LOOPBACK}:{notes.port}" if notes is not None and notes.port else "",
            code=None if notes is None or self._enrolled() else notes.code,
            problem=problem,
            papers=papers if (papers := self._home / PAPERS_FOLDER).is_dir() else None,
        )

    def prepare(self) -> None:
        """Make headquarters with the sample world and a code; takes some ten seconds. Raises ``EnvironmentProblem``."""
        with self._lock, self._remembering():
            _require_packages()
            if self._notes() is None:
                self._make()
            from app.practice_papers import write_practice_papers  # noqa: PLC0415 - loads headquarters' sample

            with contextlib.suppress(OSError):  # practice goes on without them; any picture will do
                write_practice_papers(self._home)

    def start(self) -> None:
        """Serve. Prepares first where that is still to be done. Raises ``EnvironmentProblem``."""
        with self._lock, self._remembering():
            _require_packages()
            if self._headquarters.running:
                return
            notes = self._notes() or self._make()
            notes = self._refreshed(notes)
            url = self._headquarters.start(notes.port if _is_free(notes.port) else 0)
            self._wanted = True
            self._moved(notes, url)
            self._grant()

    def stop(self) -> None:
        """Pull the plug; running requests are answered first."""
        with self._lock:
            self._wanted, self._problem = False, None
            self._headquarters.stop()

    def laptop_enrolled(self) -> None:
        """Grant the story's allowances to the laptop that has just enrolled here; harmless when that is done.

        Raises nothing: the laptop is enrolled. What went wrong is in ``state``, and the next ``start`` tries again.
        """
        with contextlib.suppress(OutpostError), self._lock, self._remembering():
            if self._notes() is not None and not _missing():
                self._grant()

    def _make(self) -> _Notes:
        if self._headquarters.folder.exists():
            # Only the notes are damaged. A laptop may belong to this headquarters: it stays.
            now, begun = self._clock.utc_now(), tuple(each.pool for each in _allowances())
            code = _code(self._headquarters)
            return self._note(_Notes(code=code, code_made_at=now, sample_made_at=now, begun=begun))
        draft = self._home / ".practice-hq.new"
        shutil.rmtree(draft, ignore_errors=True)
        make_folder(draft)
        headquarters = DemoHeadquarters(draft / "hq")
        now = self._clock.utc_now()
        pack = str(resources.path("packs", "sample.json"))
        headquarters.command("init", str(headquarters.folder))
        # Before the sample publishes it for 90 days: practice has no one who would publish it again.
        headquarters.command(
            "publish", str(headquarters.folder), "--kind", "pack", "--file", pack, "--version", str(_pack_version(pack)),
            "--warn-days", _DAYS, "--expire-days", _DAYS,
        )  # fmt: skip
        headquarters.command("sample", str(headquarters.folder), "--pack", pack)
        notes = _keep(draft, _Notes(code=_code(headquarters), code_made_at=now, sample_made_at=now))
        shutil.rmtree(self._folder, ignore_errors=True)
        draft.rename(self._folder)
        return notes

    def _refreshed(self, notes: _Notes) -> _Notes:
        """Publish people and catastrophe again before they expire, and replace a code that nobody can use any more."""
        now = self._clock.utc_now()
        if now - notes.sample_made_at > _SAMPLE_GOOD_FOR:
            pack = str(resources.path("packs", "sample.json"))
            self._headquarters.command("sample", str(self._headquarters.folder), "--pack", pack)
            notes = self._note(msgspec.structs.replace(notes, sample_made_at=now))
        if not self._enrolled() and (notes.granted or now - notes.code_made_at > _CODE_GOOD_FOR):
            code = _code(self._headquarters)
            notes = self._note(msgspec.structs.replace(notes, code=code, code_made_at=now, begun=(), granted=()))
        return notes

    def _moved(self, notes: _Notes, url: str) -> None:
        """Remember the port, and let this laptop follow if it belongs here."""
        port = int(url.rsplit(":", 1)[1])
        if notes.port != port:
            self._note(msgspec.structs.replace(notes, port=port))
        settings = load_settings(self._home)
        if self._enrolled() and settings.hq_url != url:
            save_settings(msgspec.structs.replace(settings, hq_url=url))

    def _grant(self) -> None:
        from claims.amounts import yuan  # noqa: PLC0415 - not before the first paint

        notes = self._notes()
        if notes is None or not self._enrolled():
            return
        for each in _allowances():
            if each.pool in notes.granted:
                continue
            before = notes.begun
            notes = self._note(msgspec.structs.replace(notes, begun=(*before, each.pool)))
            try:
                self._headquarters.command(
                    "grant", str(self._headquarters.folder), "--device", _post()[0], "--pool", each.pool,
                    "--limit", yuan(each.limit_fen), "--pool-limit", yuan(each.pool_limit_fen), "--days", _DAYS,
                )  # fmt: skip
            except HeadquartersFailedError:
                # A crash came between the grant and this note: the pool has nothing left to grant twice.
                if each.pool not in before:
                    raise
            notes = self._note(msgspec.structs.replace(notes, granted=(*notes.granted, each.pool)))

    def _enrolled(self) -> bool:
        """Whether this laptop is a device of this very headquarters."""
        from ssl import PEM_cert_to_DER_cert  # noqa: PLC0415 - not before the first paint

        settings = Settings(home=self._home)
        try:
            root_der = PEM_cert_to_DER_cert(settings.root_pem.read_text("ascii"))
            return (self._home / "store.db").exists() and root_der == (self._folder / "hq" / "root.der").read_bytes()
        except (OSError, ValueError):
            return False

    def _notes(self) -> _Notes | None:
        try:
            return msgspec.json.decode((self._folder / "practice.json").read_bytes(), type=_Notes)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def _note(self, notes: _Notes) -> _Notes:
        return _keep(self._folder, notes)

    @contextlib.contextmanager
    def _remembering(self) -> Iterator[None]:
        """Put into words what went wrong, and let ``state`` tell it again until the next success."""
        try:
            yield
        except OutpostError as problem:
            self._problem = problem
            raise
        except HeadquartersFailedError as error:
            self._problem = _failed(Bilingual(error.zh, error.en))
            raise self._problem from error
        except OSError as error:
            self._problem = _failed(Bilingual(str(error), str(error)))
            raise self._problem from error
        self._problem = None


def _keep(folder: Path, notes: _Notes) -> _Notes:
    write_durably(folder / "practice.json", msgspec.json.encode(notes))
    return notes


def _post() -> tuple[str, Post]:
    from app.demo.story import MAIN_LAPTOP  # noqa: PLC0415 - loads the domain
    from app.demo.world import POSTS  # noqa: PLC0415 - as above

    return MAIN_LAPTOP, POSTS[MAIN_LAPTOP]


def _allowances() -> tuple[Prepositioned, ...]:
    from app.demo.preposition import allowances_for_story  # noqa: PLC0415 - loads headquarters' sample and the engine

    return allowances_for_story()


def _code(headquarters: DemoHeadquarters) -> str:
    device, post = _post()
    printed = headquarters.command(
        "enrol", str(headquarters.folder), "--station", post.station, "--station-name", post.station_name,
        "--adjuster", post.adjuster, "--adjuster-name", post.adjuster_name, "--device", device,
        "--authority", "300000", "--days", _DAYS, "--grant-days", _DAYS,
    )  # fmt: skip
    return next(line.rsplit(" ", 1)[1] for line in printed.splitlines() if "enrolment code" in line)


def _pack_version(pack: str) -> int:
    return msgspec.json.decode(Path(pack).read_bytes(), type=_PackVersion).version


class _PackVersion(msgspec.Struct, frozen=True):
    version: int


def _is_free(port: int) -> bool:
    if not port:
        return False
    try:
        socket.create_server((_LOOPBACK, port)).close()
    except OSError:
        return False
    return True


def _missing() -> list[str]:
    return [each for each in _NEEDED if importlib.util.find_spec(each) is None]


def _require_packages() -> None:
    if missing := _missing():
        raise _unavailable(missing)


def _unavailable(missing: list[str]) -> EnvironmentProblem:
    return EnvironmentProblem(
        "practice_unavailable",
        Bilingual(
            f"这个程序里没有练习总部（缺少 {'、'.join(missing)}）。",
            f"This program comes without a practice headquarters ({', '.join(missing)} missing).",
        ),
        Bilingual(
            "练习请用源代码运行 make run；正式使用请向总部要地址和登记码。",
            "To practise, use `make run` from the sources; for real work ask headquarters for its address and a code.",
        ),
    )


def _failed(detail: Bilingual) -> EnvironmentProblem:
    return EnvironmentProblem(
        "practice_failed",
        Bilingual(f"练习总部没有成功（{detail.zh}）。", f"The practice headquarters did not succeed ({detail.en})."),
        Bilingual(
            "再试一次；仍不行请关闭程序后重新打开。",
            "Try again; if it fails again, close the program and open it anew.",
        ),
        retryable=True,
    )


def _stopped_by_itself(log: Path) -> EnvironmentProblem:
    return EnvironmentProblem(
        "practice_stopped",
        Bilingual(
            f"练习总部自己停了，记录在 {log}。", f"The practice headquarters stopped by itself; its log is {log}."
        ),
        Bilingual("重新开启即可，资料都在。", "Start it again; everything is kept."),
        retryable=True,
    )
