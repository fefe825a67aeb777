"""One sync cycle of a simulated laptop: carries out what ``sync.wire.step`` decides, over a line that fails.

Promise: the same duties as ``sync.cycle`` and no decision of its own: an answer becomes an input only after ``sync.wire.verify`` opened
it; what headquarters said is committed before the next question leaves; a power cut forgets the cycle whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from sync.http_faults import fault_of_status
from sync.own_chain import own_digest
from sync.relearning import require_newest
from sync.wire import step as wire_step
from sync.wire import verify
from sync.wire.compact import COMPACT, COMPACT_TYPE, pack_log
from sync.wire.dictionary import best_dictionary
from sync.wire.effects import (
    AnyEffect,
    ApplyStatements,
    FetchDown,
    FetchRelease,
    Finish,
    Report,
    SendChunk,
    SendHave,
    SendHello,
    SendLog,
    Wait,
)
from sync.wire.faults import LinkFault
from sync.wire.inputs import (
    AnyInput,
    ChunkSent,
    CycleStarted,
    DownArrived,
    FileUnreadable,
    HaveArrived,
    HelloArrived,
    LinkFailed,
    LogReceiptArrived,
    NewWork,
    ReleaseFetched,
    StoreFailed,
    Tick,
)
from sync.wire.messages import CHUNK_BYTES, Hello, LogBatch, Relearn, request_bytes
from sync.wire.state import ChunkRef, SyncState
from tests.fleet.disk import StoreRefused
from tests.fleet.house import Reply, Request, pack

if TYPE_CHECKING:
    from tests.fleet.laptop import Laptop

TIMEOUT_S = 60.0
Open = Callable[[bytes], AnyInput | None]
_RELEARN_BYTES = 64 * 1024


class Courier:
    """The driver of one cycle. ``ended`` is how it ended, None while it runs."""

    def __init__(self, laptop: Laptop, *, money_only: bool = False) -> None:
        self._laptop = laptop
        self._world = laptop.world
        self._disk = laptop.disk
        self._state = SyncState()
        self._inputs: deque[AnyInput] = deque()
        self._question = 0
        self._accepts: tuple[str, ...] = ()
        self._greeting: Hello | None = None
        self._tried_whole = False
        self._telling = False
        self.ended: Finish | None = None
        self._money_only = money_only

    def start(self) -> None:
        """Begin the cycle."""
        disk = self._disk
        started = CycleStarted(
            position=disk.position(),
            feed_position=disk.inbox_count(),
            waiting=tuple(disk.attachments_waiting()),
            seed=f"{self._world.clockwork.dice.getrandbits(64):016x}",
            money_only=self._money_only,
        )
        self.tell(started)

    def look_for_new_work(self) -> None:
        """The log grew while the cycle runs."""
        if self.ended is None and self._disk.position().next_seq > self._state.next_seq:
            self.tell(NewWork(position=self._disk.position(), waiting=tuple(self._disk.attachments_waiting())))

    def tell(self, message: AnyInput) -> None:
        """Give an input to the core and carry out what it decides."""
        self._inputs.append(message)
        if self._telling:
            return
        self._telling = True
        try:
            while self._inputs and self.ended is None:
                self._state, effects = wire_step.step(self._state, self._inputs.popleft())
                for effect in sorted(effects, key=_rank):
                    try:
                        self._do(effect)
                    except StoreRefused as refused:
                        self._world.note(f"{self._laptop.name} store refused: {refused}")
                        self._inputs.append(StoreFailed())
                        break
        finally:
            self._telling = False

    def _do(self, effect: AnyEffect) -> None:
        match effect:
            case ApplyStatements():
                self._laptop.receive(effect.raws)
            case SendHello():
                self._hello(effect.hello)
            case SendLog():
                commits = self._disk.commits_after(effect.after_seq, effect.max_bytes)
                batch = LogBatch(
                    device=self._state.device, epoch=self._state.epoch, commits=tuple(each.raw for each in commits)
                )
                told = commits[-1].last_seq if commits else 0
                self._ask("/v1/log", msgspec.json.encode(batch), self._receipt_opener(told), told, batch)
            case FetchDown():
                self._ask("/v1/down", msgspec.json.encode(effect.down), self._down_opener(effect))
            case SendHave():
                self._ask("/v1/have", msgspec.json.encode(effect.have), self._have_opener(effect))
            case SendChunk():
                self._chunk(effect.chunk)
            case FetchRelease():
                self._inputs.append(ReleaseFetched(kind=effect.kind, accepted=False))
            case Wait():
                self._laptop.after(effect.seconds, "tick", self._if_running(lambda: self.tell(Tick())))
            case Report():
                pass
            case Finish():
                self.ended = effect
                self._laptop.cycle_ended(self, effect)

    # Questions: one is open at a time, beside the chunks

    def _ask(self, path: str, body: bytes, opened: Open, told_seq: int = 0, batch: LogBatch | None = None) -> None:
        self._question += 1
        number = self._question

        def arrived(reply: Reply | LinkFault) -> None:
            if number != self._question or self.ended is not None:
                return
            self._question += 1
            message = LinkFailed(fault=reply) if isinstance(reply, LinkFault) else self._opened(reply, opened)
            if isinstance(message, LinkFailed) and message.fault is LinkFault.REFUSED and self._told_whole(path):
                return
            if message is not None:
                self.tell(message)

        request = self._request(path, self._old(path, body), batch)
        request = replace(request, told_seq=told_seq)
        self._world.link.send(self._laptop, request, self._if_running(arrived))
        self._laptop.after(TIMEOUT_S, "time-out", self._if_running(lambda: arrived(LinkFault.TIMEOUT)))

    def _request(self, path: str, body: bytes, batch: LogBatch | None) -> Request:
        device, epoch = self._state.device, self._state.epoch
        kind, content = "zstd", pack(body)
        if batch is not None and batch.commits and COMPACT in self._accepts and self._world.weather.compact:
            small = pack_log(batch, best_dictionary(self._accepts))
            if small is not None:
                kind, content = COMPACT_TYPE, small
        signature = self._disk.key.sign(request_bytes("POST", path, device, epoch, content))
        return Request("POST", path, device, epoch, content, signature, kind)

    def _opened(self, reply: Reply, opened: Open) -> AnyInput | None:
        if reply.status != HTTPStatus.OK:
            return LinkFailed(fault=fault_of_status(reply.status))
        try:
            return opened(reply.body)
        except verify.UnknownAnswerError as problem:
            return LinkFailed(fault=problem.fault)

    def _hello(self, hello: Hello, *, relearned: bool = False) -> None:
        """Greet; a headquarters that was restored is told first what it had said, then greeted again (``sync.relearning``)."""
        self._greeting = hello

        def opened(raw: bytes) -> AnyInput | None:
            answer = verify.open_hello(raw, self._disk.roots, device=hello.device, epoch=hello.epoch, nonce=hello.nonce)
            if not self._laptop.old_client:
                require_newest(answer, self._disk.incarnation)
                self._accepts = answer.accepts
                if answer.relearn_from is not None and not relearned:
                    self._relearn(hello, answer.relearn_from, 0)
                    return None
                self._disk.incarnation = max(self._disk.incarnation, answer.incarnation)
            return HelloArrived(answer=answer, own_digest=own_digest(self._disk, answer.watermark_seq))

        self._ask("/v1/hello", msgspec.json.encode(hello), opened, hello.next_seq - 1)

    def _told_whole(self, path: str) -> bool:
        """A headquarters that refuses the greeting may have forgotten this laptop whole: tell it everything, once a cycle."""
        hello = self._greeting
        if path != "/v1/hello" or hello is None or self._tried_whole or self._laptop.old_client:
            return False
        self._tried_whole = True
        if hello.feed_position == 0:
            return False
        self._relearn(hello, 0, 0)
        return True

    def _relearn(self, hello: Hello, start: int, page: int) -> None:
        identity = self._disk.identity
        relearn = Relearn(
            device=hello.device,
            epoch=hello.epoch,
            first_position=start,
            feed_position=hello.feed_position,
            statements=tuple(self._disk.feed_statements(start, _RELEARN_BYTES)),
            certificate=identity.device_certificate,
            station_name=identity.station_name,
            adjuster=identity.adjuster,
            adjuster_name=identity.adjuster_name,
            nonce=f"{hello.nonce}.{page}",
        )

        def opened(raw: bytes) -> AnyInput | None:
            answer = verify.open_relearned(
                raw, self._disk.roots, device=hello.device, epoch=hello.epoch, nonce=relearn.nonce
            )
            if answer.relearned:
                self._world.count("relearned")
                self._hello(hello, relearned=True)
                return None
            if answer.feed_length <= start and page > 0:
                return LinkFailed(fault=LinkFault.NO_PROGRESS)
            self._relearn(hello, answer.feed_length, page + 1)
            return None

        self._ask("/v1/relearn", msgspec.json.encode(relearn), opened)

    def _receipt_opener(self, sent_to: int) -> Open:
        def opened(raw: bytes) -> AnyInput:
            receipt = verify.open_receipt(raw, self._disk.roots, device=self._state.device, epoch=self._state.epoch)
            own = own_digest(self._disk, receipt.watermark_seq)
            return LogReceiptArrived(receipt=receipt, raw=raw, own_digest=own, sent_to=sent_to)

        return opened

    def _down_opener(self, effect: FetchDown) -> Open:
        asked = effect.down

        def opened(raw: bytes) -> AnyInput:
            answer, good = verify.open_down(
                raw, self._disk.roots, device=asked.device, epoch=asked.epoch, nonce=asked.nonce
            )
            return DownArrived(answer=answer, good=good)

        return opened

    def _have_opener(self, effect: SendHave) -> Open:
        asked = effect.have

        def opened(raw: bytes) -> AnyInput:
            answer = verify.open_have(raw, self._disk.roots, device=asked.device, epoch=asked.epoch, nonce=asked.nonce)
            return HaveArrived(answer=answer)

        return opened

    def _chunk(self, chunk: ChunkRef) -> None:
        found = self._disk.files.get(chunk.sha256)
        if found is None:
            self._inputs.append(FileUnreadable(sha256=chunk.sha256))
            return
        start = chunk.index * CHUNK_BYTES
        content = found[0][start : start + CHUNK_BYTES]
        path = f"/v1/chunk/{chunk.sha256}/{chunk.index}"
        device, epoch = self._state.device, self._state.epoch
        signature = self._disk.key.sign(request_bytes("PUT", path, device, epoch, content))
        request = Request("PUT", path, device, epoch, content, signature, packed="identity")
        over = False

        def arrived(reply: Reply | LinkFault) -> None:
            nonlocal over
            if over or self.ended is not None:
                return
            over = True
            if isinstance(reply, LinkFault):
                self.tell(LinkFailed(fault=reply, chunk=chunk))
            elif reply.status == HTTPStatus.NO_CONTENT:
                self.tell(ChunkSent(chunk=chunk))
            else:
                self.tell(LinkFailed(fault=fault_of_status(reply.status), chunk=chunk))

        self._world.link.send(self._laptop, request, self._if_running(arrived))
        self._laptop.after(TIMEOUT_S, "chunk time-out", self._if_running(lambda: arrived(LinkFault.TIMEOUT)))

    def _old(self, path: str, body: bytes) -> bytes:
        """Say it as the version before said it: without the fields that came since."""
        if not self._laptop.old_client:
            return body
        known = OLD_FIELDS.get(path)
        message = msgspec.json.decode(body)
        return msgspec.json.encode({name: value for name, value in message.items() if known is None or name in known})

    def _if_running(self, work: Callable[..., None]) -> Callable[..., None]:
        def guarded(*arguments: object) -> None:
            if self._laptop.courier is self and self.ended is None:
                self._laptop.guarded(lambda: work(*arguments))

        return guarded


OLD_FIELDS = {
    "/v1/hello": {
        "type",
        "protocol",
        "device",
        "epoch",
        "next_seq",
        "head",
        "watermark_seq",
        "feed_position",
        "nonce",
    },
    "/v1/log": {"type", "device", "epoch", "commits"},
    "/v1/have": {"type", "device", "epoch", "items", "nonce"},
    "/v1/down": {"type", "device", "epoch", "feed_position", "nonce"},
}
"""What the first released version said (sync/wire/messages.py of 0.1)."""


def _rank(effect: AnyEffect) -> int:
    return 0 if isinstance(effect, ApplyStatements) else 1 if isinstance(effect, Report) else 2
