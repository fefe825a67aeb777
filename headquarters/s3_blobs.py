"""Content-addressed files in an S3-compatible store: ``s3://bucket/prefix?endpoint=URL&region=NAME``; credentials from the environment.

Promise: a file is in the store only whole and verified: chunks gather in the folder of this machine (a broken transfer goes on there), the
joined file is hashed, and the store checks the same hash as it takes it. What is read back is hashed again. While the store is away every
method raises ``OSError``: the service answers 503, acknowledges nothing, and what was gathered stays.

Source: docs/adr/0155.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from claims.errors import Bilingual, InputError
from headquarters.blobs import Blobs, Progress, is_sha256

_PIECE_BYTES = 1024 * 1024
_REMEMBERED = 200_000
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_QUIET = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"max_attempts": 2, "mode": "standard"},
    s3={"addressing_style": "path"},
    # Only where we ask for it: stores that know no newer checksums take part as well.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class StoreAwayError(OSError):
    """The store can't be reached or refuses; what it holds is not known."""


class DamagedError(OSError):
    """The store gave other bytes than the name says."""


def open_s3(url: str, folder: Path) -> S3Blobs:
    """Return the store behind a URL; ``folder`` is where chunks gather on this machine. Raises ``InputError`` (``files_url``)."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    if parts.scheme != "s3" or not parts.hostname or set(asked) - {"endpoint", "region"}:
        raise InputError(
            "files_url",
            Bilingual(f"附件存储地址 {url} 不对。", f"{url} is no address of a store for files."),
            Bilingual("应为 s3://bucket/prefix?endpoint=https://…", "It is like s3://bucket/prefix?endpoint=https://…"),
        )
    client = boto3.client(
        "s3",
        endpoint_url=asked.get("endpoint", [None])[0],
        region_name=asked.get("region", ["us-east-1"])[0],
        config=_QUIET,
    )
    prefix = parts.path.strip("/")
    return S3Blobs(client, parts.hostname, f"{prefix}/" if prefix else "", folder)


class S3Blobs:
    """``headquarters.blobs.BlobStore`` over one bucket."""

    def __init__(self, client: Any, bucket: str, prefix: str, folder: Path) -> None:
        """Work over a ``boto3`` client."""
        self._client, self._bucket, self._prefix = client, bucket, prefix
        self._gathered = Blobs(folder)
        self._cache = folder / "cache"
        self._cache.mkdir(exist_ok=True)
        self._known: set[str] = set()

    def path(self, sha256: str) -> Path:
        """Return a copy on this machine, fetched and verified when it is not here. Raises ``ValueError``, ``FileNotFoundError``."""
        if not is_sha256(sha256):
            raise ValueError("not a SHA-256")
        target = self._cache / sha256
        if not target.exists():
            with NamedTemporaryFile(dir=self._cache, delete=False) as file:
                draft = Path(file.name)
                try:
                    for piece in self.pieces(sha256):
                        file.write(piece)
                except OSError:
                    draft.unlink()
                    raise
            draft.replace(target)
        return target

    def __contains__(self, sha256: str) -> bool:
        return is_sha256(sha256) and self.size(sha256) is not None

    def size(self, sha256: str) -> int | None:
        """Return a whole file's size, None where it is not in the store."""
        size = self._stored_size(sha256)
        if size is None and sha256 in self._gathered:
            # It was whole when the store was away.
            self._send(sha256)
            size = self._gathered.size(sha256)
            self._gathered.path(sha256).unlink()
        return size

    def all(self) -> Iterator[str]:
        """Yield the hashes of all files in the store."""
        with _translated():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            for page in pages:
                for each in page.get("Contents", ()):
                    name = each["Key"].rpartition("/")[2]
                    if is_sha256(name):
                        yield name

    def read(self, sha256: str) -> bytes:
        """Return a whole file. Raises ``FileNotFoundError``, ``DamagedError``."""
        return b"".join(self.pieces(sha256))

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """Yield a whole file piece by piece; raise ``DamagedError`` at the end when it was not what its name says."""
        digest = hashlib.sha256()
        with _translated():
            try:
                body = self._client.get_object(Bucket=self._bucket, Key=self._key(sha256))["Body"]
            except ClientError as problem:
                if _is_absent(problem):
                    raise FileNotFoundError(sha256) from problem
                raise
            while piece := body.read(_PIECE_BYTES):
                digest.update(piece)
                yield piece
        if digest.hexdigest() != sha256:
            raise DamagedError(f"{sha256} is damaged in the store")

    def put(self, pieces: Iterable[bytes]) -> tuple[str, int]:
        """Store a file that is at hand in full; return its SHA-256 and size, after the store has taken both."""
        sha256, size = self._gathered.put(pieces)
        if self._stored_size(sha256) is None:
            self._send(sha256)
        self._gathered.path(sha256).unlink(missing_ok=True)
        return sha256, size

    def missing(self, sha256: str, size_bytes: int, *, sender: str = "") -> tuple[int, ...]:
        """Return the indices of the chunks that were not gathered yet from this sender."""
        return self._gathered.missing(sha256, size_bytes, sender=sender)

    def put_chunk(self, sha256: str, size_bytes: int, index: int, content: bytes, *, sender: str = "") -> Progress:
        """Take in one chunk; the last one sends the file to the store. Raises ``ChunkRefused``; ``OSError`` when it did not get there."""
        if sha256 in self._known:
            return Progress.WHOLE
        progress = self._gathered.put_chunk(sha256, size_bytes, index, content, sender=sender)
        if progress is Progress.WHOLE and self.size(sha256) is None:
            raise StoreAwayError(f"{sha256} did not get into the store")
        return progress

    def _send(self, sha256: str) -> None:
        source = self._gathered.path(sha256)
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        with source.open("rb") as file, _translated():
            self._client.put_object(Bucket=self._bucket, Key=self._key(sha256), Body=file, ChecksumSHA256=checksum)
        self._remember(sha256)

    def _stored_size(self, sha256: str) -> int | None:
        with _translated():
            try:
                found = self._client.head_object(Bucket=self._bucket, Key=self._key(sha256))
            except ClientError as problem:
                if _is_absent(problem):
                    return None
                raise
        self._remember(sha256)
        return int(found["ContentLength"])

    def _remember(self, sha256: str) -> None:
        # Nothing is ever removed: once there, always there. Bounded all the same.
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known.add(sha256)

    def _key(self, sha256: str) -> str:
        if not is_sha256(sha256):
            raise ValueError("not a SHA-256")
        return f"{self._prefix}{sha256[:2]}/{sha256}"


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as problem:
        raise StoreAwayError(f"the store for files: {problem}") from problem


def _is_absent(problem: ClientError) -> bool:
    return str(problem.response.get("Error", {}).get("Code")) in _ABSENT
