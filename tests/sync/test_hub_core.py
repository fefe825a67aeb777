"""The custodian's core under a line that loses, repeats and reorders: what it may never do, and what it always does in the end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import count

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.wire.hub import step
from sync.wire.hub_inputs import (
    AllowanceStanding,
    AnyEffect,
    AnyInput,
    Asked,
    AskPerson,
    BundleDamaged,
    BundleDropped,
    BundleDurable,
    CompareOwn,
    DropPieces,
    KeepPiece,
    LinkClosed,
    LookUpAllowance,
    MakeDurable,
    MakeTransfer,
    NoRoom,
    Outstanding,
    PersonDecided,
    PieceKept,
    Remembered,
    Reply,
    Started,
    TransferFailed,
    TransferMade,
)
from sync.wire.hub_messages import (
    PIECE_BYTES,
    AllowanceAsked,
    AllowanceGiven,
    AllowanceWaits,
    AnyAnswer,
    AnyQuestion,
    BundleClosed,
    BundleOffered,
    CustodyGiven,
    Greet,
    Greeted,
    HighestAsked,
    HighestHeld,
    HighestTold,
    Mark,
    NeighbourRole,
    Noted,
    PieceSent,
    PiecesWanted,
    PieceTaken,
    Refusal,
    Refused,
    decode_question,
)
from sync.wire.hub_state import LAPTOP_LIMITS, MARKS_TOLD, MAX_UNDER_WAY, Caller, HubState, Limits, UnderWay

D1, D2 = Caller("D1", 1, "QX07"), Caller("D2", 1, "QX07")
CONTENT = b"sealed" * 30_000
POOL = "P|medical_year|2026"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def offer(
    caller: Caller = D1, bundle_id: str = "B1", content: bytes = CONTENT, seq: int = 7, **changed: object
) -> BundleOffered:
    fields: dict[str, object] = {
        "nonce": f"offer-{bundle_id}",
        "bundle_id": bundle_id,
        "sha256": sha(content),
        "size_bytes": len(content),
        "device": caller.device,
        "epoch": caller.epoch,
        "through_seq": seq,
        "digest": sha(f"{caller.device}-{seq}".encode()),
        "label": b"signed",
    }
    return BundleOffered(**(fields | changed))  # type: ignore[arg-type]  # named fields of an offer


def pieces(bundle_id: str = "B1", content: bytes = CONTENT) -> list[tuple[PieceSent, bytes]]:
    cut = [content[start : start + PIECE_BYTES] for start in range(0, len(content), PIECE_BYTES)]
    return [
        (PieceSent(nonce=f"piece-{bundle_id}-{index}", bundle_id=bundle_id, index=index, sha256=sha(part)), part)
        for index, part in enumerate(cut)
    ]


class Driver:
    """Carries effects out on a disk that is a dictionary, and looks at every reply."""

    def __init__(
        self, role: NeighbourRole = NeighbourRole.HUB, *, left_fen: int = 0, limits: Limits = LAPTOP_LIMITS
    ) -> None:
        self.state = HubState(role=role, limits=limits)
        self.parts: dict[str, dict[int, bytes]] = {}
        self.durable: dict[str, MakeDurable] = {}
        self.left_fen = left_fen
        self.made: dict[Caller, list[Outstanding]] = {}
        self.wishes: list[AskPerson] = []
        self.replies: list[tuple[int, AnyAnswer]] = []
        self._links = count(1)

    def ask(self, caller: Caller, question: AnyQuestion, payload: bytes = b"") -> AnyAnswer | None:
        link = next(self._links)
        assert decode_question(msgspec.json.encode(question)) == question
        before = len(self.replies)
        self.tell(Asked(link=link, caller=caller, question=question, payload=payload))
        mine = [answer for at, answer in self.replies[before:] if at == link]
        assert len(mine) <= 1
        for answer in mine:
            assert answer.nonce == question.nonce
        self.tell(LinkClosed(link=link))
        return mine[0] if mine else None

    def tell(self, message: AnyInput) -> None:
        self.state, effects = step(self.state, message)
        for effect in effects:
            for answer in self.carry_out(effect):
                self.tell(answer)

    def carry_out(self, effect: AnyEffect) -> Iterator[AnyInput]:
        match effect:
            case Reply():
                if isinstance(effect.answer, CustodyGiven):
                    assert effect.answer.receipt.decode() in self.durable, "a receipt before the bundle was durable"
                self.replies.append((effect.link, effect.answer))
            case KeepPiece():
                self.parts.setdefault(effect.bundle_id, {})[effect.index] = effect.content
                yield PieceKept(bundle_id=effect.bundle_id, sha256=effect.sha256, index=effect.index)
            case MakeDurable():
                whole = b"".join(part for _, part in sorted(self.parts.pop(effect.bundle_id).items()))
                if sha(whole) == effect.sha256:
                    self.durable[effect.sha256] = effect
                    yield BundleDurable(
                        bundle_id=effect.bundle_id, sha256=effect.sha256, receipt=effect.sha256.encode()
                    )
                else:
                    yield BundleDamaged(bundle_id=effect.bundle_id, sha256=effect.sha256)
            case DropPieces():
                self.parts.pop(effect.bundle_id, None)
            case LookUpAllowance():
                asker = Caller(effect.device, effect.epoch, "QX07")
                yield AllowanceStanding(
                    link=effect.link, left_fen=self.left_fen, outstanding=tuple(self.made.get(asker, ()))
                )
            case MakeTransfer():
                if effect.amount_fen > self.left_fen:
                    yield TransferFailed(link=effect.link)
                    return
                self.left_fen -= effect.amount_fen
                asker = Caller(effect.device, effect.epoch, "QX07")
                row = self.made.setdefault(asker, [])
                one = Outstanding(
                    transfer_id=f"G/{len(row)}",
                    amount_fen=effect.amount_fen,
                    transfer=f"{effect.device}-{len(row)}".encode(),
                )
                row.append(one)
                yield TransferMade(link=effect.link, transfers=(one.transfer,))
            case AskPerson():
                self.wishes.append(effect)
            case _:
                raise AssertionError(effect)


def deposit(driver: Driver, caller: Caller, bundle_id: str, content: bytes, seq: int) -> AnyAnswer | None:
    driver.ask(caller, offer(caller, bundle_id, content, seq))
    for piece, part in pieces(bundle_id, content):
        driver.ask(caller, piece, part)
    return driver.ask(caller, BundleClosed(nonce="close", bundle_id=bundle_id))


def test_a_bundle_is_taken_piece_by_piece_and_receipted_once_it_is_durable() -> None:
    driver = Driver()
    wanted = driver.ask(D1, offer())
    assert isinstance(wanted, PiecesWanted)
    assert wanted.missing == (0, 1, 2)
    early = driver.ask(D1, BundleClosed(nonce="early", bundle_id="B1"))
    assert isinstance(early, PiecesWanted)
    for piece, part in pieces():
        assert isinstance(driver.ask(D1, piece, part), PieceTaken)
    assert isinstance(driver.ask(D1, BundleClosed(nonce="c", bundle_id="B1")), CustodyGiven)
    highest = driver.ask(D1, HighestAsked(nonce="h", device="D1", epoch=1))
    assert isinstance(highest, HighestHeld)
    assert highest.marks == (Mark(7, offer().digest, b"signed"),)


def test_a_broken_off_bundle_goes_on_where_it_stopped() -> None:
    driver = Driver()
    driver.ask(D1, offer())
    driver.ask(D1, *pieces()[1])
    again = driver.ask(D1, offer())
    assert isinstance(again, PiecesWanted)
    assert again.missing == (0, 2)


def test_the_same_bundle_again_gives_the_same_receipt_at_once() -> None:
    driver = Driver()
    first = deposit(driver, D1, "B1", CONTENT, 7)
    again = driver.ask(D1, offer())
    assert isinstance(first, CustodyGiven)
    assert isinstance(again, CustodyGiven)
    assert first.receipt == again.receipt


def test_nobody_speaks_for_another_device() -> None:
    driver = Driver()
    driver.ask(D1, offer())
    assert driver.ask(D2, offer()) == Refused(nonce="offer-B1", reason=Refusal.NOT_YOURS)
    assert driver.ask(D2, offer(bundle_id="B9")) == Refused(nonce="offer-B9", reason=Refusal.NOT_YOURS)
    assert driver.ask(D2, offer(D2)) == Refused(nonce="offer-B1", reason=Refusal.NOT_YOURS)
    piece, part = pieces()[0]
    assert driver.ask(D2, piece, part) == Refused(nonce=piece.nonce, reason=Refusal.UNKNOWN)
    assert driver.ask(D2, BundleClosed(nonce="c", bundle_id="B1")) == Refused(nonce="c", reason=Refusal.UNKNOWN)
    asked = driver.ask(D2, HighestAsked(nonce="h", device="D1", epoch=1))
    assert asked == Refused(nonce="h", reason=Refusal.NOT_YOURS)
    older = Caller("D1", 0, "QX07")
    assert driver.ask(older, HighestAsked(nonce="h", device="D1", epoch=1)) == Refused(
        nonce="h", reason=Refusal.NOT_YOURS
    )


def test_a_piece_that_is_not_what_it_says_is_refused() -> None:
    driver = Driver()
    driver.ask(D1, offer())
    piece, part = pieces()[0]
    for bad, content in (
        (piece, part[:-1]),
        (piece, part[:-1] + b"x"),
        (msgspec.structs.replace(piece, index=2), part),
        (msgspec.structs.replace(piece, index=-1), part),
        (msgspec.structs.replace(piece, index=3), part),
    ):
        assert driver.ask(D1, bad, content) == Refused(nonce=piece.nonce, reason=Refusal.DAMAGED)


def test_pieces_that_do_not_make_the_announced_whole_give_no_receipt_and_are_forgotten() -> None:
    driver = Driver()
    driver.ask(D1, offer(sha256=sha(b"something else")))
    for piece, part in pieces():
        driver.ask(D1, piece, part)
    closed = driver.ask(D1, BundleClosed(nonce="c", bundle_id="B1"))
    assert closed == Refused(nonce="c", reason=Refusal.DAMAGED)
    assert not driver.durable
    assert driver.state.under_way == ()


def test_a_device_gets_no_more_room_than_its_share() -> None:
    driver = Driver(limits=Limits(bundle_bytes=len(CONTENT), device_bytes=len(CONTENT) * 2 - 1))
    assert driver.ask(D1, offer(size_bytes=len(CONTENT) + 1)) == Refused(nonce="offer-B1", reason=Refusal.TOO_LARGE)
    deposit(driver, D1, "B1", CONTENT, 7)
    assert driver.ask(D1, offer(bundle_id="B2", content=CONTENT[::-1])) == Refused(
        nonce="offer-B2", reason=Refusal.NO_ROOM
    )
    assert isinstance(driver.ask(D2, offer(D2, "B3")), PiecesWanted)
    room = driver.ask(D1, Greet(nonce="g"))
    assert isinstance(room, Greeted)
    assert room.room_bytes == len(CONTENT) - 1


def test_bundles_begun_and_left_give_way_to_new_ones() -> None:
    driver = Driver()
    for number in range(MAX_UNDER_WAY + 2):
        driver.ask(D1, offer(bundle_id=f"B{number}"))
    assert [each.bundle_id for each in driver.state.under_way] == ["B2", "B3", "B4", "B5"]


def test_a_mark_outlives_the_bundle_that_headquarters_took() -> None:
    driver = Driver()
    deposit(driver, D1, "B1", CONTENT, 7)
    driver.tell(BundleDropped(bundle_id="B1"))
    assert driver.state.used_bytes("D1") == 0
    assert driver.state.marks["D1", 1] == (Mark(7, offer().digest, b"signed"),)
    assert isinstance(driver.ask(D1, offer()), PiecesWanted)


def test_of_what_is_remembered_the_highest_is_kept() -> None:
    state = HubState(role=NeighbourRole.HUB, limits=LAPTOP_LIMITS)
    for seq, newest in ((9, 2), (4, 1)):
        told = Remembered(
            device="D1",
            epoch=1,
            marks=(Mark(seq, "d", b"signed"),),
            newest_epoch=newest,
            newest_certificate=f"certificate {newest}".encode(),
        )
        state, _ = step(state, told)
    assert state.marks["D1", 1] == (Mark(9, "d", b"signed"), Mark(4, "d", b"signed"))
    assert state.newest == {"D1": (2, b"certificate 2")}
    for seq in range(10, 40):
        state, _ = step(state, msgspec.structs.replace(told, marks=(Mark(seq, "d", b"signed"),)))
    assert [each.through_seq for each in state.marks["D1", 1]] == list(range(39, 39 - MARKS_TOLD, -1))


def test_word_about_this_devices_own_log_is_compared_before_it_is_noted() -> None:
    state = HubState(role=NeighbourRole.HUB, limits=LAPTOP_LIMITS)
    marks = (Mark(9, "d", b"signed"),)
    told = HighestTold(nonce="t", device="H1", epoch=1, marks=marks, newest_certificate=b"")
    _, effects = step(state, Asked(link=1, caller=D1, question=told))
    assert effects == (
        CompareOwn(device="H1", epoch=1, marks=marks, newest_certificate=b""),
        Reply(link=1, answer=Noted(nonce="t")),
    )


def test_a_full_disk_is_said_and_nothing_is_receipted() -> None:
    driver = Driver()
    driver.ask(D1, offer())
    driver.tell(NoRoom(bundle_id="B1", sha256=sha(CONTENT)))
    piece, part = pieces()[0]
    assert driver.ask(D1, piece, part) == Refused(nonce=piece.nonce, reason=Refusal.UNKNOWN)


def test_late_word_about_former_content_of_an_id_counts_for_nothing() -> None:
    driver = Driver()
    driver.ask(D1, offer())
    driver.ask(D1, offer(content=CONTENT[::-1]))
    for piece, part in pieces(content=CONTENT[::-1]):
        driver.ask(D1, piece, part)
    driver.tell(BundleDurable(bundle_id="B1", sha256=sha(CONTENT), receipt=b"late"))
    driver.tell(BundleDamaged(bundle_id="B1", sha256=sha(CONTENT)))
    assert driver.state.held == ()
    assert len(driver.state.under_way) == 1


def test_a_lost_answer_is_asked_again_and_gives_the_same_transfer() -> None:
    driver = Driver(left_fen=1000)
    first = driver.ask(D1, AllowanceAsked(nonce="a", pool=POOL, amount_fen=300))
    again = driver.ask(D1, AllowanceAsked(nonce="b", pool=POOL, amount_fen=300))
    assert isinstance(first, AllowanceGiven)
    assert isinstance(again, AllowanceGiven)
    assert first.payload_sha256 == again.payload_sha256
    assert driver.left_fen == 700
    more = driver.ask(D1, AllowanceAsked(nonce="c", pool=POOL, amount_fen=300, known=("G/0",)))
    assert isinstance(more, AllowanceGiven)
    assert more.payload_sha256 != first.payload_sha256
    assert driver.left_fen == 400


def test_a_hub_gives_within_its_rule_and_refuses_beyond() -> None:
    driver = Driver(left_fen=1000)
    assert driver.ask(D1, AllowanceAsked(nonce="a", pool=POOL, amount_fen=501)) == Refused(
        nonce="a", reason=Refusal.ALLOWANCE_SHORT
    )
    assert isinstance(driver.ask(D1, AllowanceAsked(nonce="b", pool=POOL, amount_fen=500)), AllowanceGiven)
    for pool, fen in ((POOL, 0), (POOL, -5), ("*", 1), ("", 1)):
        refused = driver.ask(D2, AllowanceAsked(nonce="c", pool=pool, amount_fen=fen))
        assert refused == Refused(nonce="c", reason=Refusal.UNREADABLE)


def test_a_laptop_asks_its_user_once_and_gives_what_was_said() -> None:
    driver = Driver(NeighbourRole.LAPTOP, left_fen=1000)
    for nonce in "ab":
        assert driver.ask(D1, AllowanceAsked(nonce=nonce, pool=POOL, amount_fen=600)) == AllowanceWaits(nonce=nonce)
    assert [(each.device, each.amount_fen) for each in driver.wishes] == [("D1", 600)]
    driver.tell(PersonDecided(device="D1", pool=POOL, amount_fen=600, yes=True))
    assert isinstance(driver.ask(D1, AllowanceAsked(nonce="c", pool=POOL, amount_fen=600)), AllowanceGiven)
    assert driver.ask(D1, AllowanceAsked(nonce="d", pool=POOL, amount_fen=200, known=("G/0",))) == AllowanceWaits(
        nonce="d"
    )
    driver.tell(PersonDecided(device="D1", pool=POOL, amount_fen=200, yes=False))
    declined = driver.ask(D1, AllowanceAsked(nonce="e", pool=POOL, amount_fen=200, known=("G/0",)))
    assert declined == Refused(nonce="e", reason=Refusal.ALLOWANCE_DECLINED)


def test_an_epoch_that_is_over_gets_no_allowance_but_its_log_is_kept() -> None:
    driver = Driver(left_fen=1000)
    driver.tell(Remembered(device="D1", epoch=2, marks=(), newest_epoch=2, newest_certificate=b"second life"))
    assert driver.ask(D1, AllowanceAsked(nonce="a", pool=POOL, amount_fen=1)) == Refused(
        nonce="a", reason=Refusal.RETIRED
    )
    assert isinstance(deposit(driver, D1, "B1", CONTENT, 7), CustodyGiven)
    highest = driver.ask(D1, HighestAsked(nonce="h", device="D1", epoch=1))
    assert isinstance(highest, HighestHeld)
    assert highest.newest_certificate == b"second life"


def test_two_conversations_of_one_device_never_debit_twice() -> None:
    state = HubState(role=NeighbourRole.HUB, limits=LAPTOP_LIMITS)
    wish = AllowanceAsked(nonce="a", pool=POOL, amount_fen=100)
    state, first = step(state, Asked(link=1, caller=D1, question=wish))
    assert any(isinstance(each, LookUpAllowance) for each in first)
    state, second = step(state, Asked(link=2, caller=D1, question=msgspec.structs.replace(wish, nonce="b")))
    assert second == (Reply(link=2, answer=AllowanceWaits(nonce="b")),)


def test_what_the_shelf_held_is_known_after_a_restart() -> None:
    driver = Driver()
    deposit(driver, D1, "B1", CONTENT, 7)
    again = Driver()
    again.durable = driver.durable
    again.tell(Started(held=driver.state.held))
    assert isinstance(again.ask(D1, offer()), CustodyGiven)


# A line that loses, repeats, reorders and mixes the conversations of two devices; the disk answers late or not at all.

_CONTENTS = {("D1", "B1"): b"1" * (PIECE_BYTES + 5), ("D1", "B2"): b"2" * 9, ("D2", "B3"): b"3" * (PIECE_BYTES * 2)}


def _everything() -> list[tuple[Caller, AnyQuestion, bytes]]:
    asked: list[tuple[Caller, AnyQuestion, bytes]] = []
    for (device, bundle_id), content in _CONTENTS.items():
        caller = Caller(device, 1, "QX07")
        asked.append((caller, offer(caller, bundle_id, content, 3), b""))
        asked += [(caller, piece, part) for piece, part in pieces(bundle_id, content)]
        asked.append((caller, BundleClosed(nonce=f"c-{bundle_id}", bundle_id=bundle_id), b""))
        asked.append((caller, HighestAsked(nonce=f"h-{device}", device=device, epoch=1), b""))
        thief = D2 if device == "D1" else D1
        asked.append((thief, offer(caller, bundle_id, content, 99), b""))
        asked.append((thief, offer(thief, bundle_id, b"of the thief", 99), b""))
        asked.append((thief, BundleClosed(nonce=f"t-{bundle_id}", bundle_id=bundle_id), b""))
    return asked


_QUESTIONS = _everything()


@settings(max_examples=80)
@given(
    line=st.lists(st.tuples(st.integers(0, len(_QUESTIONS) - 1), st.booleans()), max_size=60),
    disk=st.lists(st.integers(0, 5), max_size=80),
)
def test_whatever_the_line_and_the_disk_do_no_receipt_precedes_the_disk(
    line: list[tuple[int, bool]], disk: list[int]
) -> None:
    state = HubState(role=NeighbourRole.HUB, limits=LAPTOP_LIMITS)
    late: list[AnyInput] = []
    durable: dict[bytes, MakeDurable] = {}
    told: dict[int, list[str]] = {}
    parts: dict[tuple[str, str], set[int]] = {}
    turns = iter(disk)

    def tell(message: AnyInput) -> None:
        nonlocal state
        state, effects = step(state, message)
        for effect in effects:
            match effect:
                case Reply():
                    told.setdefault(effect.link, []).append(effect.answer.nonce)
                    if isinstance(effect.answer, CustodyGiven):
                        said = durable[effect.answer.receipt]
                        asker, question, _ = asked[effect.link]
                        assert (said.device, said.epoch) == (asker.device, asker.epoch)
                        assert isinstance(question, (BundleOffered, BundleClosed))
                        assert question.bundle_id == said.bundle_id
                case KeepPiece():
                    parts.setdefault((effect.bundle_id, effect.sha256), set()).add(effect.index)
                    late.append(PieceKept(bundle_id=effect.bundle_id, sha256=effect.sha256, index=effect.index))
                case MakeDurable():
                    whole = parts[effect.bundle_id, effect.sha256]
                    assert whole == set(range(-(-effect.size_bytes // PIECE_BYTES)))
                    receipt = f"{effect.bundle_id}/{effect.sha256}".encode()

                    def done(effect: MakeDurable = effect, receipt: bytes = receipt) -> AnyInput:
                        return BundleDurable(bundle_id=effect.bundle_id, sha256=effect.sha256, receipt=receipt)

                    promised[receipt] = effect
                    late.append(done())
                case _:
                    pass

    promised: dict[bytes, MakeDurable] = {}
    asked: dict[int, tuple[Caller, AnyQuestion, bytes]] = {}

    def disk_turn() -> None:
        if late:
            message = late.pop(next(turns, 0) % len(late))
            if isinstance(message, BundleDurable):
                durable[message.receipt] = promised[message.receipt]
            tell(message)

    for link, (number, cut) in enumerate(line):
        caller, question, payload = _QUESTIONS[number]
        asked[link] = (caller, question, payload)
        tell(Asked(link=link, caller=caller, question=question, payload=payload))
        if cut:
            tell(LinkClosed(link=link))
        for _ in range(next(turns, 1)):
            disk_turn()
    while late:
        disk_turn()
    for link, nonces in told.items():
        assert nonces == [asked[link][1].nonce], "one question, one answer, its own nonce"
    # Healed: a patient device gets everything into custody, whatever happened before.
    for number, (caller, question, payload) in enumerate(_QUESTIONS):
        if caller.device != getattr(question, "device", caller.device) or question.nonce.startswith("t-"):
            continue
        if (
            isinstance(question, BundleOffered)
            and sha(_CONTENTS.get((caller.device, question.bundle_id), b"")) != question.sha256
        ):
            continue
        link = 1000 + number
        asked[link] = (caller, question, payload)
        tell(Asked(link=link, caller=caller, question=question, payload=payload))
        while late:
            disk_turn()
    if not any(
        isinstance(asked[at][1], BundleOffered) and asked[at][1].sha256 == sha(b"of the thief")
        for at in asked
        if at < 1000
    ):  # type: ignore[union-attr]
        for device, bundle_id in _CONTENTS:
            assert any((each.device, each.bundle_id) == (device, bundle_id) for each in state.held)
    assert all(isinstance(each, UnderWay) for each in state.under_way)
