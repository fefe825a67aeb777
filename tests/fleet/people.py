"""People at headquarters and the bank: holds decided, money paid ahead, batches out and results in, cases withdrawn and corrected.

Promise: headquarters' side is production code whole (``headquarters.holds``, ``prepayments``, ``payments``, ``reviews``). The bank is the world's:
it remembers what it was told to pay and what it paid, also where headquarters is set back to a backup, and says so late, twice and out of
order. What a person decides is drawn; what is refused is written into the trace. The checks read the bank's own book.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from claims.correctable_fields import CaseField
from claims.errors import InputError
from claims.events import CaseCorrected, PayeeFact, VoucherIssued
from headquarters.hold_decisions import NewHoldDecision, decide_hold
from headquarters.holds import HoldChoice, open_holds
from headquarters.models_payments import InstructionKind, InstructionState
from headquarters.payment_accounts import give_account
from headquarters.payment_batches import Batch, Instruction, make_batch
from headquarters.payment_results import ResultLine, take_results
from headquarters.prepayments import NewPrepayment, prepay
from headquarters.reviews import correct_case, decide_review, reviews, withdraw_case
from headquarters.sent_batches import read_sent
from headquarters.sent_before_restore import decide_sent_batches, sent_batches_unknown
from tests.fleet.clockwork import DAY, Violation
from tests.fleet.disk import StoreRefused
from tests.fleet.house import at

if TYPE_CHECKING:
    from tests.fleet.laptop import Laptop
    from tests.fleet.library import Loss
    from tests.fleet.world import World

_CLERKS = ("沈月明", "顾长河")
_A_DAY = 3
"""So many holds does a person decide in one sitting."""


@dataclass
class Payment:
    """What the bank knows of one instruction."""

    told: Instruction
    batch_no: int
    paid: bool = False
    returned: bool = False
    results: list[ResultLine] = field(default_factory=list)


class Bank:
    """The bank's own book."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.book: dict[str, Payment] = {}

    def take(self, batch: Batch) -> None:
        """Take a batch; the same one again is the same one."""
        world = self._world
        for each in batch.instructions:
            known = self.book.get(each.instruction_id)
            if known is not None and (known.told, known.batch_no) != (each, batch.batch_no):
                raise Violation(
                    "instruction_once", f"{each.instruction_id} came in batch {known.batch_no} and {batch.batch_no}"
                )
            if known is not None:
                continue
            self.book[each.instruction_id] = Payment(each, batch.batch_no)
            world.count("instructions")
            world.clockwork.after(
                world.clockwork.wait_s(DAY / 2), f"bank: {each.instruction_id}", lambda each=each: self._carry_out(each)
            )
        self.check()

    def _carry_out(self, told: Instruction) -> None:
        world = self._world
        dice = world.clockwork.dice
        entry = self.book[told.instruction_id]
        if told.kind is InstructionKind.RECALL:
            recalled = self.book.get(told.recalls or "")
            back = recalled is not None and recalled.paid and not recalled.returned and dice.random() < 0.7
            if back and recalled is not None:
                recalled.returned = True
            self._say(entry, InstructionState.RETURNED if back else InstructionState.REFUSED)
            return
        if dice.random() < 0.12:
            self._say(entry, InstructionState.REFUSED)
            return
        entry.paid = True
        world.count("paid")
        self.check()
        self._say(entry, InstructionState.PAID)
        if dice.random() < 0.08:
            world.clockwork.after(world.clockwork.wait_s(DAY), "bank: money returns", lambda: self._come_back(entry))

    def _come_back(self, entry: Payment) -> None:
        if not entry.returned:
            entry.returned = True
            self._say(entry, InstructionState.RETURNED)

    def _say(self, entry: Payment, status: InstructionState) -> None:
        told = entry.told
        on = at(self._world.clockwork.now_s).date()
        line = ResultLine(1, told.instruction_id, status.value, told.amount_fen, on, "")
        entry.results.append(line)
        dice = self._world.clockwork.dice
        for _ in range(2 if dice.random() < 0.3 else 1):
            lines = [line] if dice.random() < 0.7 else list(entry.results)
            self._world.clockwork.after(
                self._world.clockwork.wait_s(DAY / 3), "results of the bank", lambda lines=lines: self._told(lines)
            )

    def _told(self, lines: list[ResultLine]) -> None:
        taken = take_results(self._world.house.hq, lines)
        self._world.count("results", taken.new)
        self._world.note(f"results: {taken.new} new, {taken.known} known, {len(taken.problems)} refused")
        self._world.truth.check_headquarters()

    def tell_everything_again(self) -> None:
        """After headquarters was set back: the bank sends its statements of all days once more."""
        for entry in self.book.values():
            if entry.results:
                self._told(list(entry.results))

    # The checks

    def check(self) -> None:
        """No voucher, no loss and no withdrawn case is paid more than was decided."""
        truth = self._world.truth
        by_subject: dict[str, int] = defaultdict(int)
        by_loss: dict[tuple[str, ...], int] = defaultdict(int)
        due: dict[tuple[str, ...], int] = {}
        papers: dict[str, list[VoucherIssued]] = defaultdict(list)
        for paper in truth.papers.values():
            if all(paper.voucher.cose != each.cose for each in papers[paper.voucher.voucher_no]):
                papers[paper.voucher.voucher_no].append(paper.voucher)
        for entry in self.book.values():
            told = entry.told
            if told.kind is not InstructionKind.PAY or not entry.paid or entry.returned:
                continue
            by_subject[told.subject] += told.amount_fen
            ahead = self._world.people.prepaid.get(told.subject)
            if ahead is not None:
                by_loss[ahead] += told.amount_fen
            for voucher in papers.get(told.subject, [])[:1]:
                if len(papers[told.subject]) == len(voucher.keys) == 1:
                    key = voucher.keys[0]
                    loss = loss_and_payee(key.settlement_key)
                    by_loss[loss] += told.amount_fen
                    due[loss] = max(due.get(loss, 0), key.amount_fen)
        for subject, fen in by_subject.items():
            promised = sum(each.amount_fen for each in papers.get(subject, ()))
            promised += self._world.people.prepaid_fen.get(subject, 0)
            if fen > promised:
                raise Violation("paid_once", f"{subject}: {fen} fen paid, {promised} promised")
        for loss, fen in by_loss.items():
            if loss in due and fen > due[loss] and not self._forgotten(loss):
                raise Violation("paid_loss", f"{'/'.join(loss)}: {fen} fen paid, the loss is {due[loss]}")

    def _forgotten(self, loss: tuple[str, ...]) -> bool:
        """Headquarters was set back and the one that knew is gone (``Truth._forgotten_with_its_witness``)."""
        truth = self._world.truth
        vouchers = {
            paper.voucher.voucher_no
            for paper in truth.papers.values()
            if any(loss_and_payee(key.settlement_key) == loss for key in paper.voucher.keys)
        }
        return any(truth.forgotten_with_its_witness(each) for each in vouchers)


class People:
    """Who decides at headquarters, and what they decided."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.bank = Bank(world)
        self.cases: dict[str, tuple[Loss, Laptop]] = {}
        self.prepaid: dict[str, tuple[str, ...]] = {}
        self.prepaid_fen: dict[str, int] = {}
        self.prepaid_pools: dict[str, tuple[str, ...]] = {}
        self.decided: set[str] = set()
        """Vouchers on whose hold a person decided: their settlement may be taken back or moved."""
        self.withdrawn: dict[str, float] = {}

    def start(self) -> None:
        """Begin the working days."""
        for what, mean_s, act in (
            ("holds", 0.8 * DAY, self._holds),
            ("payments", DAY, self._pay),
            ("prepayment", DAY, self._prepay),
            ("withdrawal", 1.5 * DAY, self._withdraw),
            ("correction", 1.5 * DAY, self._correct),
        ):
            self._habit(what, mean_s, act)

    def _habit(self, what: str, mean_s: float, act: object) -> None:
        clockwork = self._world.clockwork

        def due() -> None:
            if self._world.healed and clockwork.now_s > self._world.end_s + 1.5 * DAY:
                return
            clockwork.after(clockwork.wait_s(mean_s), f"people: {what}", due)
            act()  # type: ignore[operator]
            self._world.truth.check_headquarters()

        clockwork.after(clockwork.wait_s(mean_s), f"people: {what}", due)

    def _clerk(self) -> str:
        return self._world.clockwork.dice.choice(_CLERKS)

    def _refused(self, what: str, refused: InputError) -> None:
        self._world.note(f"{what}: {refused.code}")
        self._world.count("people_refused")

    def _holds(self) -> None:
        dice, hq = self._world.clockwork.dice, self._world.house.hq
        for hold in open_holds(hq)[:_A_DAY]:
            choice = dice.choices(list(HoldChoice), (6, 3, 2))[0]
            amount = hold.amount_fen // 2 if dice.random() < 0.25 and choice is HoldChoice.SETTLE else None
            if hold.case_no in self.withdrawn:
                choice, amount = HoldChoice.VOID, None
            new = NewHoldDecision(hold.hold_id, choice, self._clerk(), "核对过", amount_fen=amount)
            self.decided.add(hold.voucher_no)
            try:
                done = decide_hold(hq, new)
            except InputError as refused:
                self._refused(f"hold {hold.hold_id}", refused)
                continue
            self._world.count("holds_decided")
            self._world.note(f"hold {hold.hold_id}: {choice} {done.settled_fen}+{done.beyond_fen}")

    def _prepay(self) -> None:
        world = self._world
        dice = world.clockwork.dice
        if not self.cases:
            return
        case_no = dice.choice(list(self.cases))
        loss, _ = self.cases[case_no]
        first = loss.amounts[0]
        key = first.keys[0]
        payee = PayeeFact(
            name=first.payee.name,
            id_number=first.payee.id_number,
            relation=first.payee.relation,
            bank="示例银行",
            account="0",
        )
        reference = f"R{len(self.prepaid) + 1}"
        amount_fen = max(1, key.amount_fen * dice.choice((2, 4, 7)) // 10)
        new = NewPrepayment(
            case_no, loss.policy.policy_no, key.liability, amount_fen, payee, self._clerk(), "先付急用", reference
        )
        try:
            made = prepay(world.house.hq, new)
        except InputError as refused:
            self._refused(f"prepayment on {case_no}", refused)
            return
        if case_no in self.withdrawn:
            raise Violation("withdrawn", f"{made.prepayment_no} pays ahead on a case that was withdrawn")
        self.prepaid[made.prepayment_no] = loss_and_payee(key.settlement_key)
        self.prepaid_fen[made.prepayment_no] = amount_fen
        self.prepaid_pools[made.prepayment_no] = key.pools
        world.count("prepayments")
        world.note(f"prepayment {made.prepayment_no}: {amount_fen}")

    def _pay(self) -> None:
        world = self._world
        dice = world.clockwork.dice
        try:
            made = make_batch(world.house.hq).batch
        except InputError as refused:
            if refused.code != "sent_batches_unknown":
                raise
            self._refused("payments", refused)
            world.clockwork.after(world.clockwork.wait_s(DAY / 4), "what left is looked for", self._decide_sent)
            return
        for code in self.bank.book.values():
            if code.results and code.results[-1].status == InstructionState.REFUSED.value and dice.random() < 0.3:
                self._new_account(code.told)
        if made is None:
            return
        world.count("batches")
        world.note(f"batch {made.batch_no}: {made.count} instructions, {made.paid_fen} fen")
        for each in made.instructions:
            if (
                each.kind is InstructionKind.PAY
                and self.withdrawn.get(each.case_no, world.clockwork.now_s) < world.clockwork.now_s
            ):
                raise Violation("withdrawn", f"{each.instruction_id} pays on case {each.case_no}, which was withdrawn")
        if dice.random() < 0.9 or world.healed:
            self.bank.take(made)
        else:
            # Whoever carries the file is late; it is taken all the same.
            world.clockwork.after(world.clockwork.wait_s(DAY / 2), "a late batch", lambda: self.bank.take(made))

    def _decide_sent(self) -> None:
        """Say what left before the restore, as ``outpost-hq payments --sent-batches`` and ``--nothing-left-since-backup`` do: the truth."""
        world = self._world
        hq, former = world.house.hq, world.house.former_sent
        asked = sent_batches_unknown(hq)
        if asked is None:
            return
        left = [each.number for each in read_sent(former).values()]
        nothing_left = max(left, default=0) <= asked.known_batches
        by_word = not left or (nothing_left and world.clockwork.dice.random() < 0.5)
        decided = decide_sent_batches(hq, by=self._clerk(), reason="向银行核对", folder=None if by_word else former)
        world.count("sent_decided")
        world.note(f"what left is known: {decided.decision}, {decided.learnt} batches learnt of {len(left)}")
        self.bank.tell_everything_again()

    def _new_account(self, told: Instruction) -> None:
        try:
            give_account(
                self._world.house.hq, told.subject, bank="示例银行", account="1", by=self._clerk(), reason="账号有误"
            )
        except InputError as refused:
            self._refused(f"account of {told.subject}", refused)

    def _withdraw(self) -> None:
        world = self._world
        if not self.cases:
            return
        case_no = world.clockwork.dice.choice(list(self.cases))
        try:
            withdraw_case(world.house.hq, case_no, by=self._clerk(), reason="重复立案")
        except InputError as refused:
            self._refused(f"withdrawal of {case_no}", refused)
            return
        self.withdrawn.setdefault(case_no, world.clockwork.now_s)
        world.count("withdrawn")
        world.note(f"{case_no} withdrawn")

    def _correct(self) -> None:
        world = self._world
        dice, hq = world.clockwork.dice, world.house.hq
        for review in reviews(hq)[:2]:
            try:
                decide_review(hq, review.review_id, dice.choice(review.values), by=self._clerk(), reason="电话核实")
                world.count("reviews_decided")
            except InputError as refused:
                self._refused(review.review_id, refused)
        if not self.cases:
            return
        case_no = dice.choice(list(self.cases))
        _, laptop = self.cases[case_no]
        place = f"清溪镇{dice.randrange(9)}组"
        if dice.random() < 0.6:
            try:
                correct_case(hq, case_no, CaseField.LOSS_PLACE.value, place, by=self._clerk(), reason="来电更正")
            except InputError as refused:
                self._refused(f"correction of {case_no}", refused)
        if laptop.up and not laptop.gone and not laptop.idle and not world.healed:
            laptop.guarded(lambda: self._correct_there(laptop, case_no, place))

    def _correct_there(self, laptop: Laptop, case_no: str, place: str) -> None:
        event = CaseCorrected(
            at=laptop.time().at,
            case_no=case_no,
            field=CaseField.LOSS_PLACE.value,
            base="清溪镇",
            value=f"{place}东",
            reason="现场更正",
        )
        try:
            laptop.commit([event])
        except StoreRefused as refused:
            self._world.note(f"{laptop.name} {refused}")

    def headquarters_set_back(self, backup_s: float) -> None:
        """Headquarters forgot what it did after its backup; the bank did not."""
        world = self._world
        self.withdrawn = {case_no: when for case_no, when in self.withdrawn.items() if when <= backup_s}
        world.clockwork.after(world.clockwork.wait_s(DAY / 2), "the bank tells again", self.bank.tell_everything_again)


def loss_and_payee(settlement_key: str) -> tuple[str, ...]:
    """Return a settlement key without its instalment: what a loss is worth to one payee."""
    parts = settlement_key.split("/")
    return (*parts[:3], *parts[4:])
