"""HTTPS to headquarters. With ``sync.http_exchange`` the only user of ``requests``.

Promise: TLS is pinned to HQ's own root (no system CAs, no proxy or certificate settings from the environment, no redirect);
every request of an enrolled device is signed; and only ``LinkProblem`` leaves this module for whatever happens on the way.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from pathlib import Path
from ssl import DER_cert_to_PEM_cert
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import requests
import zstandard
from urllib3.exceptions import HTTPError, InsecureRequestWarning

from claims.errors import Bilingual, InputError
from sync.http_connection import PromptAdapter
from sync.http_exchange import ANSWER_CAP_BYTES, Answer, Timeouts, exchange
from sync.http_faults import fault_of
from sync.http_hedge import first_answer, late_after_s
from sync.http_lines import Lines
from sync.http_pacing import Gate
from sync.problems import LinkProblem
from sync.wire.faults import LinkFault
from sync.wire.messages import RAW_TYPE, request_bytes
from sync.wire.pace import WINDOW_MAX
from trust.certificates import TrustStore
from trust.errors import TrustError
from trust.keys import Signer
from trust.releases import ReleaseRecord, open_release

__all__ = ["HttpCarrier", "HttpFirstContact", "HttpReleaseSource", "Timeouts", "root_pem_of"]

ROOT_CAP_BYTES = 16 * 1024
_ZSTD_LEVEL = 12
_PREFIX = "/v1"
_URGENT = frozenset({"/hello", "/log"})
"""What photos stand back for: whether this laptop may go on at all, and money."""
_ASKED_AGAIN = frozenset({"/hello", "/have", "/log", "/down"})
"""Small questions that hold everything up: asked on a second connection when the answer is late."""
_AGAIN_FREE, _AGAIN_SHARE = 3, 0.25
"""So many questions, and so large a share of all, may be asked twice: where headquarters is slow, not the line, that would make it slower."""
_SMALL_BYTES = 8 * 1024
_FEW_CHUNKS = 8
"""Under BBR: each connection keeps twice what it thinks the line holds under way; sixteen lost one packet in ten in front of the line."""
_JSON = {"Content-Type": "application/json", "Content-Encoding": "zstd"}


class HttpCarrier:
    """The way to HQ for an enrolled device (``sync.carrier.Carrier``). Threads may share it; each exchange has a connection of its own."""

    def __init__(
        self,
        base_url: str,
        root_pem: Path,
        *,
        device: str,
        epoch: int,
        signer: Signer,
        timeouts: Timeouts | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            base_url: ``https://host[:port]``.
            root_pem: a PEM file with HQ's root certificate and nothing else (``root_pem_of``).
            device: this device's name.
            epoch: its life.
            signer: the device key; signs every request.
            timeouts: None for the defaults, meant for bad lines.

        Raises:
            InputError: ``hq_address``, when ``base_url`` is no HTTPS address.
        """
        self._base = _checked_address(base_url) + _PREFIX
        self._root_pem = root_pem
        self._device, self._epoch, self._signer = device, epoch, signer
        self._timeouts = timeouts or Timeouts()
        self._lock = threading.Lock()
        self._lines = Lines(lambda: _pinned_session(self._root_pem), self._connect)
        self._wire_bytes = 0
        self._questions = self._asked_again = 0
        self._congestion: str | None = None
        self._busy: dict[requests.Session, str] = {}
        self._gate = Gate()
        self._plain_only = False

    def ask(self, path: str, body: bytes) -> bytes:
        """Send a message's JSON, packed and signed; return the raw answer, unverified. Raises ``LinkProblem``."""
        packed = _packed(body)

        def asked() -> bytes:
            with self._exchange("POST", path, packed, _JSON) as answer:
                return answer.statement()

        with self._gate.urgent(path in _URGENT):
            return self._first(asked, path, packed)

    def ask_packed(self, path: str, packed: bytes, media_type: str, plain: bytes) -> bytes:
        """Send a body as it is packed; for HQ's 415 send its JSON instead, now and from then on. Raises ``LinkProblem``.

        Both are the same request to HQ, which knows a repeated one.
        """

        def asked() -> bytes:
            with self._exchange("POST", path, packed, {"Content-Type": media_type}) as answer:
                if answer.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
                    self._plain_only = True
                    return b""
                return answer.statement()

        if not self._plain_only:
            with self._gate.urgent():
                raw = self._first(asked, path, packed)
            if not self._plain_only:
                return raw
        return self.ask(path, plain)

    def send_chunk(self, sha256: str, index: int, content: bytes) -> None:
        """Send one chunk as it is: photos and PDF files don't compress. Raises ``LinkProblem``.

        It goes out piece by piece and stands back while a hello or a log batch is on its way.
        """
        path = f"/chunk/{sha256}/{index}"
        with self._exchange("PUT", path, content, {"Content-Type": RAW_TYPE}, gate=self._gate) as answer:
            answer.expect_empty()

    def drop_chunk(self, sha256: str, index: int) -> None:
        """Hang up wherever this chunk is still being sent: it has got through on another connection."""
        with self._lock:
            sessions = [session for session, path in self._busy.items() if path == f"/chunk/{sha256}/{index}"]
        for session in sessions:
            adapter = session.get_adapter(self._base)
            if isinstance(adapter, PromptAdapter):
                adapter.hang_up()

    def get(self, path: str) -> bytes | None:
        """Return a raw body; None for 404. Raises ``LinkProblem``."""
        with self._exchange("GET", path, b"", {}) as answer:
            return None if answer.status == 404 else answer.raw(ANSWER_CAP_BYTES)

    def download(self, path: str, write: Callable[[bytes], object], have: int) -> None:
        """Write a body from offset ``have`` on, piece by piece. Raises ``LinkProblem`` at the cut; what was written stays."""
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._exchange("GET", path, b"", headers) as answer:
            for piece in answer.pieces(have):
                write(piece)

    def prepare(self, count: int) -> None:
        """Begin making so many connections and return at once; what goes wrong there the next question will meet, and name."""
        self._lines.prepare(count)

    def most_chunks(self) -> int:
        """Return how many chunks beside each other are of use: where a connection fills a line that loses packets by itself, few."""
        return _FEW_CHUNKS if (self._congestion or "").startswith("bbr") else WINDOW_MAX

    def wire_bytes(self) -> int:
        """Return the bytes of all requests and answers so far, heads included, before TLS."""
        with self._lock:
            return self._wire_bytes

    def close(self) -> None:
        """Give the connections back. The next request opens a new one."""
        self._lines.close()

    def _first(self, asked: Callable[[], bytes], path: str, packed: bytes) -> bytes:
        if path not in _ASKED_AGAIN or len(packed) > _SMALL_BYTES:
            return asked()
        with self._lock:
            self._questions += 1
        return first_answer(asked, late_after_s(self._lines.round_trip_s), self._may_ask_again)

    def _may_ask_again(self) -> bool:
        with self._lock:
            allowed = self._asked_again < _AGAIN_FREE + _AGAIN_SHARE * self._questions
            self._asked_again += allowed
            return allowed

    def _connect(self, session: requests.Session) -> None:
        adapter = session.get_adapter(self._base)
        if not isinstance(adapter, PromptAdapter):
            raise TypeError(type(adapter).__name__)
        try:
            self._congestion = adapter.connect(session, self._base, self._timeouts.connect_s)
        except (requests.RequestException, HTTPError, OSError) as problem:
            raise LinkProblem(fault_of(problem)) from problem

    @contextmanager
    def _exchange(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], gate: Gate | None = None
    ) -> Iterator[Answer]:
        signed = request_bytes(method, _PREFIX + path, self._device, self._epoch, body)
        identity = {
            "Outpost-Device": self._device,
            "Outpost-Epoch": str(self._epoch),
            "Outpost-Signature": self._signer.sign(signed).hex(),
        }
        with (
            self._lines.session() as session,
            self._noted(session, path),
            exchange(
                session,
                method,
                self._base + path,
                body,
                {**headers, **identity},
                timeouts=self._timeouts,
                count=self._count,
                gate=gate,
            ) as answer,
        ):
            yield answer

    @contextmanager
    def _noted(self, session: requests.Session, path: str) -> Iterator[None]:
        with self._lock:
            self._busy[session] = path
        try:
            yield
        finally:
            with self._lock:
                del self._busy[session]

    def _count(self, size: int) -> None:
        with self._lock:
            self._wire_bytes += size


class HttpFirstContact:
    """The way to HQ before there is a root to pin (``sync.carrier.FirstContact``)."""

    def __init__(self, base_url: str, *, timeouts: Timeouts | None = None) -> None:
        """Open nothing yet. Raises ``InputError`` (``hq_address``)."""
        self._base = _checked_address(base_url) + _PREFIX
        self._timeouts = timeouts or Timeouts()

    def fetch_root(self) -> bytes:
        """Return what claims to be HQ's root: TLS is unverified here, the enrolment code decides. Raises ``LinkProblem``."""
        with _plain_session() as session, warnings.catch_warnings():
            warnings.simplefilter("ignore", InsecureRequestWarning)
            session.verify = False
            with self._exchange(session, "GET", "/root", b"", {}) as answer:
                return answer.raw(ROOT_CAP_BYTES)

    def ask_pinned(self, root_der: bytes, path: str, body: bytes) -> bytes:
        """Ask over TLS that accepts only servers below ``root_der``. Raises ``LinkProblem``."""
        with TemporaryDirectory(prefix="outpost-root-") as folder:
            pem = Path(folder) / "root.pem"
            pem.write_bytes(root_pem_of(root_der))
            with _pinned_session(pem) as session, self._exchange(session, "POST", path, _packed(body), _JSON) as answer:
                return answer.statement()

    def _exchange(
        self, session: requests.Session, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> AbstractContextManager[Answer]:
        url = self._base + path
        return exchange(session, method, url, body, headers, timeouts=self._timeouts, count=_uncounted)


class HttpReleaseSource:
    """Releases by HTTP (``claims.ports.ReleaseSource``)."""

    def __init__(self, carrier: HttpCarrier, roots: TrustStore) -> None:
        """Use an enrolled device's carrier; records are verified against ``roots`` before their blob is asked for."""
        self._carrier = carrier
        self._roots = roots

    def record(self, kind: str) -> bytes | None:
        """Return the newest raw signed release record of a kind, or None. Raises ``LinkProblem``."""
        return self._carrier.get(f"/release/{kind}")

    def fetch(self, kind: str, write: Callable[[bytes], None], have: int = 0) -> bytes:
        """Write the blob's bytes from offset ``have`` on; return the raw signed record. Raises ``LinkProblem``.

        The bytes are not verified here: ``sync.releases.download_release`` does that for a file.
        """
        raw = self.record(kind)
        if raw is None:
            raise LinkProblem(LinkFault.RELEASE_REFUSED)
        sha256 = self._opened(raw, kind).sha256
        self._carrier.download(f"/blob/{sha256}", write, have)
        return raw

    def _opened(self, raw: bytes, kind: str) -> ReleaseRecord:
        try:
            record = open_release(raw, self._roots, floor_version=0)
        except TrustError as problem:
            raise LinkProblem(LinkFault.RELEASE_REFUSED) from problem
        if record.kind != kind:
            raise LinkProblem(LinkFault.RELEASE_REFUSED)
        return record


def root_pem_of(root_der: bytes) -> bytes:
    """Return the PEM file that ``HttpCarrier`` pins to."""
    return DER_cert_to_PEM_cert(root_der).encode()


def _checked_address(base_url: str) -> str:
    parts = urlsplit(base_url.strip())
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise InputError(
            "hq_address",
            Bilingual(f"总部地址“{base_url}”不对。", f"{base_url!r} is no address of a headquarters."),
            Bilingual(
                "请按总部给的样子填写，以 https:// 开头。", "Enter it as headquarters gave it; it starts with https://."
            ),
        )
    return base_url.strip().rstrip("/")


def _uncounted(size: int) -> None:
    """First contact is no part of a cycle's figures."""


def _packed(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)


def _pinned_session(root_pem: Path) -> requests.Session:
    session = _plain_session()
    session.verify = str(root_pem)
    return session


def _plain_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers.clear()
    session.mount("https://", PromptAdapter(pool_connections=1, pool_maxsize=1, max_retries=0))
    return session
