"""A laptop as headquarters sees it: a key, a log, signed requests. The rules, allowances, keys and vouchers are the real ones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec
import zstandard

from claims.allowance_proof import open_transfer
from claims.allowance_transfers import TRANSFER_KIND, AllowanceTransfer
from claims.allowances import (
    Allowance,
    AllowanceBook,
    PoolId,
    Spend,
    TransferDebit,
    add_grant,
    apply_debits,
    apply_transfer,
    receive,
    spend_all,
    transfer,
)
from claims.events import (
    AllowanceClosed,
    AllowanceReceived,
    AllowanceTransferred,
    AnyEvent,
    CaseOpened,
    DeterminationMade,
    Outcome,
    PayeeFact,
    PersonFact,
    VoucherIssued,
    VoucherVoided,
    encode_event,
)
from claims.loss_facts import FactValue, contract_facts, merge_facts
from claims.numbering import format_number
from claims.reference import ExtractPolicy
from claims.settlement import PayeeAmounts, keyed_amounts, policy_year_start, pool_id
from claims.statements import (
    AllowanceGranted,
    AnyStatement,
    AuthorityGranted,
    LogReceipted,
    NumberBlockGranted,
    SettlementAnswered,
    TaskAssigned,
    decode_statement,
)
from claims.trusted_time import TrustedTime
from headquarters.sample import sample_catastrophes, sample_persons, sample_policies
from resources.sample_numbers import CLINIC
from rules.engine import Pack, decide, encode_facts
from rules.engine.model import Decision, Determination, PoolDraw, PoolScope, Unit, canonical, digest
from sync.wire.messages import (
    PROTOCOL,
    Down,
    DownAnswered,
    EnrolAnswered,
    EnrolRequest,
    Have,
    HaveAnswered,
    HaveItem,
    Hello,
    HelloAnswered,
    LogBatch,
    Relearn,
    WireMessage,
    request_bytes,
)
from tests.headquarters.web import TestClient
from trust.certificates import TrustStore, genesis_hash
from trust.commits import Head, SignedCommit, seal
from trust.device_statements import sign_device_statement
from trust.keys import SoftwareKey
from trust.statements import open_statement
from trust.vouchers import VoucherClaims, seal_voucher

AT = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
LOSS = sample_catastrophes()[0].loss_from
MEDICAL: Mapping[str, FactValue] = {
    "accident": True,
    "accident_date": "2026-11-20",
    "account_paid": 0,
    "admission_date": (LOSS + timedelta(days=1)).isoformat(),
    "bill_code": "99060123",
    "bill_number": "0000000001",
    "bill_total": 328_647,
    "commercial_paid": 0,
    "emergency": False,
    "fund_paid": 142_018,
    "hospital_level": "2",
    "hospital_public": True,
    "other_payers_paid": 0,
    "possible_exclusion": False,
    "self_expense": 28_625,
    "si_settled": True,
}
"""Plan A, case A-1 of the worked cases: 1,332.04."""
MEDICAL_FEN = 133_204
NO_WAIVERS = dict.fromkeys(
    ("waive_hospital_list", "waive_drug_scope", "waive_item_scope", "waive_deductible", "major_natural_disaster"), False
)


def medical_pool() -> str:
    """The pool id of the clinic policy's yearly medical limit, worked out as claims does."""
    policy = next(each for each in sample_policies() if each.policy_no == CLINIC)
    draw = PoolDraw(
        pool="medical_year", scope=PoolScope.POLICY_YEAR, unit=Unit.FEN, limit=None, used_before=0, amount=0
    )
    return pool_id(
        draw,
        policy_no=CLINIC,
        person_key="",
        policy_year_start=policy_year_start(policy.effective, LOSS),
        loss_key="",
    )


def asked(message: WireMessage) -> bytes:
    return zstandard.ZstdCompressor().compress(msgspec.json.encode(message))


@dataclass
class Laptop:
    """One enrolled device with its log in memory."""

    client: TestClient
    key: SoftwareKey
    identity: EnrolAnswered
    roots: TrustStore
    head: Head
    inbox: list[AnyStatement] = field(default_factory=list)
    feed: list[bytes] = field(default_factory=list)
    commits: list[SignedCommit] = field(default_factory=list)
    book: AllowanceBook = field(init=False)
    used: dict[str, int] = field(default_factory=dict)
    proofs: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.book = AllowanceBook(device=self.identity.device, epoch=self.identity.epoch)
        self.take(self.identity.statements)

    def take(self, statements: tuple[bytes, ...]) -> None:
        for raw in statements:
            kind, body = open_statement(raw, self.roots)
            statement = decode_statement(body)
            assert type(statement).__struct_config__.tag == kind
            self.inbox.append(statement)
            self.feed.append(raw)
            if isinstance(statement, AllowanceGranted):
                self.proofs[statement.grant_id] = raw
                grant = Allowance(
                    grant_id=statement.grant_id,
                    pool=PoolId(statement.pool),
                    limit_fen=statement.limit_fen,
                    spent_fen=0,
                    expires_at=statement.expires_at,
                    counter=0,
                    closed=False,
                )
                self.book = add_grant(self.book, grant)

    def number(self, kind: str) -> str:
        self.used[kind] = self.used.get(kind, 0) + 1
        block = next(each for each in self.inbox if isinstance(each, NumberBlockGranted) and each.kind == kind)
        return format_number(block.prefix, block.first + self.used[kind] - 1)

    # --- the log ---

    def commit(self, *events: AnyEvent | bytes) -> SignedCommit:
        bodies = [event if isinstance(event, bytes) else encode_event(event) for event in events]
        sealed = seal(self.key, self.head, bodies)
        self.head = replace(self.head, first_seq=sealed.last_seq + 1, prev_hash=sealed.hash)
        self.commits.append(sealed)
        return sealed

    def open_case(self, **changes: object) -> CaseOpened:
        insured = next(each for each in sample_persons() if each.person_id == "P90000003")
        person = PersonFact(name=insured.name, id_number=insured.id_number, person_id=insured.person_id)
        fields: dict[str, object] = {
            "at": AT,
            "case_no": self.number("case"),
            "channel": "station",
            "claim_type": "accident_medical",
            "insured": person,
            "reporter": person,
            "policy_nos": (),
            "loss_date": LOSS,
            "loss_place": "清溪镇",
            "loss_region": "990101",
            "catastrophe_id": None,
            "description": "",
        }
        return CaseOpened(**{**fields, **changes})  # type: ignore[arg-type]

    def decide(
        self,
        pack: Pack,
        policy: ExtractPolicy,
        case: CaseOpened,
        entered: Mapping[str, FactValue],
        *,
        waivers: Mapping[str, bool] | None = None,
        used: Mapping[str, int] | None = None,
    ) -> tuple[DeterminationMade, Decision]:
        facts = merge_facts(
            pack,
            contract=contract_facts(policy) | {"claim_types": [case.claim_type]},
            entered=entered,
            catastrophe=NO_WAIVERS | dict(waivers or {}),
            used_since_fen=used or {},
        )
        decision = decide(pack, facts)
        made = DeterminationMade(
            at=AT,
            case_no=case.case_no,
            policy_no=policy.policy_no,
            pack_hash=pack.hash,
            facts=msgspec.Raw(encode_facts(pack, facts)),
            decision=msgspec.Raw(canonical(decision)),
            decision_sha256=digest(decision),
            outcome=Outcome.PRE_APPROVED if isinstance(decision, Determination) else Outcome.REFERRED,
            outcome_reasons=(),
        )
        return made, decision

    def issue(
        self, policy: ExtractPolicy, case: CaseOpened, made: DeterminationMade, decision: Decision, **changes: object
    ) -> VoucherIssued:
        payee = PayeeFact(
            name="覃建国", id_number=case.insured.id_number, relation="self", bank="示例银行", account="0"
        )
        assert isinstance(decision, Determination)
        amounts = keyed_amounts(
            decision,
            policy_no=policy.policy_no,
            effective=policy.effective,
            loss_date=case.loss_date,
            insured=case.insured,
            payees=[payee],
        )[0]
        return self.voucher(case, made, amounts, **changes)

    def voucher(
        self, case: CaseOpened, made: DeterminationMade, amounts: PayeeAmounts, **changes: object
    ) -> VoucherIssued:
        spend = spend_all(self.book, amounts.keys, TrustedTime(at=AT, believed=True))
        assert isinstance(spend, Spend), spend
        self.book = apply_debits(self.book, spend.debits)
        number = self.number("voucher")
        authority = next(each for each in self.inbox if isinstance(each, AuthorityGranted))
        claims = VoucherClaims(
            voucher_no=number,
            case_no=case.case_no,
            policy_no=made.policy_no,
            payee=amounts.payee.name,
            amount_fen=amounts.amount_fen,
            issued_at=int(AT.timestamp()),
            station=self.identity.station,
            adjuster=self.identity.adjuster,
            pack_hash=made.pack_hash,
            decision_sha256=made.decision_sha256,
            grants=tuple(dict.fromkeys(debit.grant_id for debit in spend.debits)),
            counter=self.used["voucher"],
        )
        fields: dict[str, object] = {
            "at": AT,
            "case_no": case.case_no,
            "policy_no": made.policy_no,
            "voucher_no": number,
            "payee": amounts.payee,
            "amount_fen": amounts.amount_fen,
            "keys": amounts.keys,
            "debits": spend.debits,
            "pack_hash": made.pack_hash,
            "decision_sha256": made.decision_sha256,
            "authority_id": authority.authority_id,
            "cose": seal_voucher(self.key, self.identity.device_certificate, claims),
        }
        return VoucherIssued(**{**fields, **changes})  # type: ignore[arg-type]

    def promise(
        self,
        pack: Pack,
        policy: ExtractPolicy,
        entered: Mapping[str, FactValue],
        *,
        waivers: Mapping[str, bool] | None = None,
        used: Mapping[str, int] | None = None,
        case_changes: Mapping[str, object] | None = None,
    ) -> VoucherIssued:
        """Take a claim in, decide it and issue the voucher, in one commit."""
        case = self.open_case(**(case_changes or {}))
        made, decision = self.decide(pack, policy, case, entered, waivers=waivers, used=used)
        voucher = self.issue(policy, case, made, decision)
        self.commit(case, made, voucher)
        return voucher

    def void(self, voucher_no: str) -> VoucherVoided:
        return VoucherVoided(at=AT, voucher_no=voucher_no, reason="写错姓名")

    def close(self, grant_id: str) -> AllowanceClosed:
        grant = next(each for each in self.book.allowances if each.grant_id == grant_id)
        return AllowanceClosed(at=AT, grant_id=grant_id, spent_fen=grant.spent_fen)

    def hand_on(self, pool: str, amount_fen: int, to: Laptop | tuple[str, int]) -> AllowanceTransferred:
        """Move part of an allowance; the caller commits the event."""
        receiver = (to.identity.device, to.identity.epoch) if isinstance(to, Laptop) else to
        debit = transfer(self.book, PoolId(pool), amount_fen, receiver, TrustedTime(at=AT, believed=True))
        assert isinstance(debit, TransferDebit), debit
        self.book = apply_transfer(self.book, debit)
        record = AllowanceTransfer(
            transfer_id=debit.transfer_id,
            grant_id=debit.grant_id,
            pool=pool,
            amount_fen=amount_fen,
            expires_at=debit.expires_at,
            counter=debit.counter,
            from_device=self.identity.device,
            from_epoch=self.identity.epoch,
            to_device=receiver[0],
            to_epoch=receiver[1],
            proof=self.proofs[debit.grant_id],
        )
        return AllowanceTransferred(
            at=AT,
            transfer_id=debit.transfer_id,
            grant_id=debit.grant_id,
            pool=pool,
            amount_fen=amount_fen,
            counter=debit.counter,
            to_device=receiver[0],
            to_epoch=receiver[1],
            transfer=self.sign_transfer(record),
        )

    def sign_transfer(self, record: AllowanceTransfer) -> bytes:
        return sign_device_statement(
            self.key, self.identity.device_certificate, TRANSFER_KIND, msgspec.json.encode(record)
        )

    def take_transfer(self, signed: bytes) -> AllowanceReceived:
        """Take in what a colleague moved; the caller commits the event."""
        proven = open_transfer(signed, self.roots)
        book = receive(self.book, proven, TrustedTime(at=AT, believed=True))
        assert isinstance(book, AllowanceBook), book
        self.book = book
        moved = proven.transfer
        self.proofs[moved.transfer_id] = signed
        return AllowanceReceived(
            at=AT,
            transfer_id=moved.transfer_id,
            pool=moved.pool,
            amount_fen=moved.amount_fen,
            expires_at=moved.expires_at,
            transfer=signed,
            hands=proven.hands,
            catastrophe_id=proven.catastrophe_id,
        )

    # --- the wire ---

    def send(self, method: str, path: str, body: bytes, **headers: str):
        signature = self.key.sign(request_bytes(method, path, self.identity.device, self.identity.epoch, body))
        return self.client.request(
            method,
            path,
            content=body,
            headers={
                "Outpost-Device": self.identity.device,
                "Outpost-Epoch": str(self.identity.epoch),
                "Outpost-Signature": signature.hex(),
                **headers,
            },
        )

    def ask(self, path: str, message: WireMessage):
        return self.send("POST", path, asked(message), **{"Content-Encoding": "zstd"})

    def opened(self, response, wanted):
        assert response.status_code == 200, response.text
        kind, body = open_statement(response.content, self.roots)
        assert kind == wanted.__struct_config__.tag
        return msgspec.json.decode(body, type=wanted)

    def question(self) -> Hello:
        return Hello(
            protocol=PROTOCOL,
            device=self.identity.device,
            epoch=self.identity.epoch,
            next_seq=self.head.first_seq,
            head=self.head.prev_hash.hex(),
            watermark_seq=0,
            feed_position=len(self.feed),
            nonce="n-1",
        )

    def hello(self) -> HelloAnswered:
        return self.opened(self.ask("/v1/hello", self.question()), HelloAnswered)

    def relearn(self, start: int, *statements: bytes, total: int | None = None, **changes: object):
        """Tell headquarters what it had said; by default all this laptop has from ``start`` on."""
        fields: dict[str, object] = {
            "device": self.identity.device,
            "epoch": self.identity.epoch,
            "first_position": start,
            "feed_position": len(self.feed) if total is None else total,
            "statements": statements or tuple(self.feed[start:]),
            "certificate": self.identity.device_certificate,
            "station_name": self.identity.station_name,
            "adjuster": self.identity.adjuster,
            "adjuster_name": self.identity.adjuster_name,
            "nonce": "n-4",
        }
        return self.ask("/v1/relearn", Relearn(**{**fields, **changes}))  # type: ignore[arg-type]

    def post_log(self, *commits: bytes):
        batch = LogBatch(device=self.identity.device, epoch=self.identity.epoch, commits=commits)
        return self.ask("/v1/log", batch)

    def send_log(self, *commits: bytes) -> LogReceipted:
        sending = commits or tuple(each.raw for each in self.commits)
        return self.opened(self.post_log(*sending), LogReceipted)

    def have(self, *contents: bytes) -> HaveAnswered:
        return self.opened(self.post_have(*contents), HaveAnswered)

    def post_have(self, *contents: bytes):
        items = tuple(HaveItem(sha256=hashlib.sha256(each).hexdigest(), size_bytes=len(each)) for each in contents)
        question = Have(device=self.identity.device, epoch=self.identity.epoch, items=items, nonce="n-2")
        return self.ask("/v1/have", question)

    def put_chunk(self, sha256: str, index: int, content: bytes):
        return self.send("PUT", f"/v1/chunk/{sha256}/{index}", content)

    def down(self, position: int | None = None) -> DownAnswered:
        at = len(self.inbox) if position is None else position
        question = Down(device=self.identity.device, epoch=self.identity.epoch, feed_position=at, nonce="n-3")
        answered = self.opened(self.ask("/v1/down", question), DownAnswered)
        if position is None:
            self.take(answered.statements)
        return answered

    def answers(self) -> dict[str, SettlementAnswered]:
        """Fetch the feed; the newest answer by voucher number."""
        self.down()
        found = [each for each in self.inbox if isinstance(each, SettlementAnswered)]
        return {each.voucher_no: each for each in found if each.voucher_no}

    def tasks(self) -> list[TaskAssigned]:
        self.down()
        return [each for each in self.inbox if isinstance(each, TaskAssigned)]


def enrol_laptop(client: TestClient, code: str, key: SoftwareKey | None = None) -> Laptop:
    key = key or SoftwareKey.generate()
    root = client.get("/v1/root").content
    roots = TrustStore(root)
    response = client.post(
        "/v1/enrol",
        content=asked(EnrolRequest(protocol=PROTOCOL, code=code, public_key=key.public_key)),
        headers={"Content-Encoding": "zstd"},
    )
    assert response.status_code == 200, response.text
    kind, body = open_statement(response.content, roots)
    assert kind == "enrol_answered@1"
    identity = msgspec.json.decode(body, type=EnrolAnswered)
    head = Head(identity.device, identity.epoch, 1, genesis_hash(identity.device_certificate))
    return Laptop(client, key, identity, roots, head)
