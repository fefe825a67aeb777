"""The asking end: a conversation with one neighbour.

Promise: what these methods return was signed by the proven device at the other end, is the answer to this very question, and a custody
receipt is about exactly the bundle that was sent. Everything else raises ``NeighbourProblem`` and means "outcome unknown": ask again.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

import msgspec

from claims.custody import CUSTODY_KIND, CustodyReceipt
from sync.lan_channel import OwnIdentity, open_as_client
from sync.lan_problems import NeighbourFault, NeighbourProblem
from sync.wire.hub_messages import (
    PIECE_BYTES,
    AllowanceAsked,
    AllowanceGiven,
    AllowanceWaits,
    AnswersTaken,
    AnyAnswer,
    AnyQuestion,
    BundleClosed,
    BundleOffered,
    CustodyGiven,
    FilesAsked,
    FilesListed,
    Greet,
    Greeted,
    HighestAsked,
    HighestHeld,
    HighestTold,
    ListedFile,
    Mark,
    NeighbourRole,
    Noted,
    PieceAsked,
    PieceGiven,
    PieceSent,
    PiecesWanted,
    PieceTaken,
    Refused,
    decode_answer,
    decode_list,
    kind_of,
    piece_size,
)
from trust.certificates import DeviceCertificate
from trust.device_statements import open_device_statement
from trust.errors import TrustError

MAX_LISTED_BYTES = 64 * 1024 * 1024 * 1024
_ROUNDS = 3
_Answer = TypeVar("_Answer", bound=AnyAnswer)


@dataclass(frozen=True, slots=True)
class LanTimeouts:
    """Seconds: to connect, and for each question with its answer."""

    connect_s: float = 3.0
    answer_s: float = 30.0


@dataclass(frozen=True, slots=True)
class SealedBundle:
    """A sealed bundle as its writer describes it; ``label`` is that description, signed. ``open`` gives its bytes from the start."""

    bundle_id: str
    sha256: str
    size_bytes: int
    device: str
    epoch: int
    through_seq: int
    digest: str
    label: bytes
    open: Callable[[], BinaryIO]


class LanCarrier:
    """A conversation, opened at once. One thread at a time; close it."""

    def __init__(
        self,
        address: tuple[str, int],
        own: OwnIdentity,
        *,
        own_tls: frozenset[str] = frozenset(),
        timeouts: LanTimeouts | None = None,
    ) -> None:
        """Connect and prove both ends.

        Args:
            address: host or IP address, and port; a link-local IPv6 address with its interface (``fe80::1%eth0``).
            own: who asks.
            own_tls: hashes of the certificates of this program's own servers.
            timeouts: None for the defaults, meant for a local network.

        Raises:
            NeighbourProblem: ``TWIN`` is the one a person must hear of at once.
            OwnServerError: it is this very program.
        """
        self._own, self._timeouts = own, timeouts or LanTimeouts()
        host = f"[{address[0]}]" if ":" in address[0] else address[0]
        self._who = f"{host}:{address[1]}"
        try:
            sock = socket.create_connection(address, timeout=self._timeouts.connect_s)
        except TimeoutError as problem:
            raise NeighbourProblem(NeighbourFault.TIMEOUT, self._who) from problem
        except OSError as problem:
            raise NeighbourProblem(NeighbourFault.NO_ROUTE, self._who) from problem
        try:
            self._stream, self._proven = open_as_client(sock, own, own_tls)
        except NeighbourProblem as problem:
            raise problem.about(self._who) from problem

    @property
    def device(self) -> DeviceCertificate:
        """Who is at the other end."""
        return self._proven.device

    @property
    def role(self) -> NeighbourRole:
        """What it is to its neighbours."""
        return self._proven.role or NeighbourRole.LAPTOP

    def wire_bytes(self) -> int:
        """Return the bytes of all frames so far, before TLS."""
        return self._stream.wire_bytes

    def greet(self) -> Greeted:
        """Say hello: how much would it keep for us?"""
        return self._ask(Greet(nonce=_nonce()), Greeted)[0]

    def highest(self) -> HighestHeld:
        """Ask how far the log of this device goes that it holds."""
        own = self._own.certificate
        answer, _ = self._ask(HighestAsked(nonce=_nonce(), device=own.device, epoch=own.epoch), HighestHeld)
        if (answer.device, answer.epoch) != (own.device, own.epoch):
            raise NeighbourProblem(NeighbourFault.STRANGER, self._who)
        return answer

    def tell_highest(self, marks: tuple[Mark, ...], newest_certificate: bytes) -> None:
        """Say how far this device holds the other end's own log, before anything is asked of it."""
        question = HighestTold(
            nonce=_nonce(),
            device=self.device.device,
            epoch=self.device.epoch,
            marks=marks,
            newest_certificate=newest_certificate,
        )
        self._ask(question, Noted)

    def deposit(self, bundle: SealedBundle, progress: Callable[[int], None] = lambda _: None) -> bytes:
        """Send a bundle, from where it stopped last time; return the signed receipt (``claims.custody.CustodyReceipt``).

        ``progress`` is called with the bytes of each piece taken.
        """
        offer = BundleOffered(
            nonce=_nonce(),
            bundle_id=bundle.bundle_id,
            sha256=bundle.sha256,
            size_bytes=bundle.size_bytes,
            device=bundle.device,
            epoch=bundle.epoch,
            through_seq=bundle.through_seq,
            digest=bundle.digest,
            label=bundle.label,
        )
        said = self._ask_either(offer, PiecesWanted, CustodyGiven)
        for _ in range(_ROUNDS):
            if isinstance(said, CustodyGiven):
                return self._checked(said.receipt, bundle)
            with bundle.open() as stream:
                for index in said.missing:
                    self._send_piece(bundle, stream, index)
                    progress(piece_size(bundle.size_bytes, index))
            said = self._ask_either(
                BundleClosed(nonce=_nonce(), bundle_id=bundle.bundle_id), PiecesWanted, CustodyGiven
            )
        if isinstance(said, CustodyGiven):
            return self._checked(said.receipt, bundle)
        raise NeighbourProblem(NeighbourFault.CUT, self._who)

    def ask_allowance(self, pool: str, amount_fen: int, known: tuple[str, ...]) -> tuple[bytes, ...] | None:
        """Ask for a transfer; return the signed transfers, None where a person there was asked: ask again later.

        Raises:
            NeighbourProblem: with its ``refusal`` where it said no.
        """
        question = AllowanceAsked(nonce=_nonce(), pool=pool, amount_fen=amount_fen, known=known)
        answer, payload = self._exchange(question)
        if isinstance(answer, AllowanceWaits):
            return None
        if (
            not isinstance(answer, AllowanceGiven)
            or sum(answer.sizes) != len(payload)
            or min(answer.sizes, default=0) < 0
        ):
            raise NeighbourProblem(NeighbourFault.STRANGER, self._who)
        transfers: list[bytes] = []
        start = 0
        for size in answer.sizes:
            transfers.append(payload[start : start + size])
            start += size
        return tuple(transfers)

    def files(self, under: str) -> tuple[ListedFile, ...]:
        """Return what can be fetched whose name starts like this."""
        _, payload = self._ask(FilesAsked(nonce=_nonce(), under=under), FilesListed)
        try:
            listed = decode_list(payload)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise NeighbourProblem(NeighbourFault.UNREADABLE, self._who) from problem
        return tuple(each for each in listed if 0 <= each.size_bytes <= MAX_LISTED_BYTES)

    def download(self, file: ListedFile, write: Callable[[bytes], object], have: int = 0) -> None:
        """Write a listed file's bytes from offset ``have`` on. Unverified here: whoever takes it checks hash and signature."""
        while have < file.size_bytes:
            question = PieceAsked(nonce=_nonce(), sha256=file.sha256, offset=have)
            answer, payload = self._ask(question, PieceGiven)
            expected = min(PIECE_BYTES, file.size_bytes - have)
            if (answer.sha256, answer.offset, answer.size_bytes) != (file.sha256, have, file.size_bytes) or len(
                payload
            ) != expected:
                raise NeighbourProblem(NeighbourFault.STRANGER, self._who)
            write(payload)
            have += len(payload)

    def fetch(self, file: ListedFile) -> bytes:
        """Return a small file whole, checked by its hash."""
        content = bytearray()
        self.download(file, content.extend)
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise NeighbourProblem(NeighbourFault.STRANGER, self._who)
        return bytes(content)

    def answers_taken(self, sha256: tuple[str, ...]) -> None:
        """Say that these answers of headquarters are in this store."""
        self._ask(AnswersTaken(nonce=_nonce(), sha256=sha256), Noted)

    @property
    def closed(self) -> bool:
        """Whether the conversation is over."""
        return self._stream.socket.fileno() < 0

    def break_off(self) -> None:
        """End what is under way, from another thread: the one that waits gets ``CUT``."""
        with contextlib.suppress(OSError):
            self._stream.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the conversation. Closing twice is harmless."""
        self._stream.close()

    def __enter__(self) -> LanCarrier:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send_piece(self, bundle: SealedBundle, stream: BinaryIO, index: int) -> None:
        size = piece_size(bundle.size_bytes, index)
        stream.seek(index * PIECE_BYTES)
        content = stream.read(size)
        question = PieceSent(
            nonce=_nonce(), bundle_id=bundle.bundle_id, index=index, sha256=hashlib.sha256(content).hexdigest()
        )
        answer, _ = self._ask(question, PieceTaken, content)
        if (answer.bundle_id, answer.index) != (bundle.bundle_id, index):
            raise NeighbourProblem(NeighbourFault.STRANGER, self._who)

    def _checked(self, raw: bytes, bundle: SealedBundle) -> bytes:
        try:
            said = open_device_statement(raw, self._own.roots)
            receipt = msgspec.json.decode(said.body, type=CustodyReceipt)
        except (TrustError, msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise NeighbourProblem(NeighbourFault.STRANGER, self._who) from problem
        mine = CustodyReceipt(
            bundle_id=bundle.bundle_id,
            sha256=bundle.sha256,
            size_bytes=bundle.size_bytes,
            device=bundle.device,
            epoch=bundle.epoch,
            through_seq=bundle.through_seq,
            digest=bundle.digest,
            taken_at=receipt.taken_at,
        )
        if said.kind != CUSTODY_KIND or said.signed_by.der != self.device.der or receipt != mine:
            raise NeighbourProblem(NeighbourFault.STRANGER, self._who)
        return raw

    def _ask(self, question: AnyQuestion, wanted: type[_Answer], content: bytes = b"") -> tuple[_Answer, bytes]:
        answer, payload = self._exchange(question, content)
        if not isinstance(answer, wanted):
            raise NeighbourProblem(NeighbourFault.STRANGER, self._who)
        return answer, payload

    def _ask_either(
        self, question: AnyQuestion, one: type[PiecesWanted], other: type[CustodyGiven]
    ) -> PiecesWanted | CustodyGiven:
        answer, _ = self._exchange(question)
        if not isinstance(answer, (one, other)):
            raise NeighbourProblem(NeighbourFault.STRANGER, self._who)
        return answer

    def _exchange(self, question: AnyQuestion, content: bytes = b"") -> tuple[AnyAnswer, bytes]:
        try:
            self._stream.send(msgspec.json.encode(question), content, within_s=self._timeouts.answer_s)
            frame = self._stream.receive(within_s=self._timeouts.answer_s)
        except NeighbourProblem as problem:
            # What comes later on this line would be the answer to another question.
            self.close()
            raise problem.about(self._who) from problem
        if frame is None:
            self.close()
            raise NeighbourProblem(NeighbourFault.CUT, self._who)
        answer = self._opened(frame.message, question.nonce, frame.payload)
        if isinstance(answer, Refused):
            raise NeighbourProblem(NeighbourFault.REFUSED, self._who, answer.reason)
        return answer, frame.payload

    def _opened(self, raw: bytes, nonce: str, payload: bytes) -> AnyAnswer:
        try:
            said = open_device_statement(raw, self._own.roots)
            answer = decode_answer(said.body)
        except (TrustError, msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise NeighbourProblem(NeighbourFault.STRANGER, self._who) from problem
        payload_sha256 = hashlib.sha256(payload).hexdigest() if payload else ""
        meant = (said.signed_by.der, said.kind, answer.nonce, answer.payload_sha256)
        if meant != (self.device.der, kind_of(answer), nonce, payload_sha256):
            raise NeighbourProblem(NeighbourFault.STRANGER, self._who)
        return answer


def _nonce() -> str:
    return secrets.token_hex(16)
