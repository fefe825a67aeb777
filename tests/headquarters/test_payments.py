"""Money on its way: only what is settled, each instruction once, the bank's word taken once and held against what was sent."""

from __future__ import annotations

import csv
import io
import itertools

import msgspec
import pytest
from sqlalchemy import func, select

from claims.errors import InputError
from claims.events import PayeeFact
from claims.statements import PaymentReported, PrepaymentMade, SettlementAnswered
from headquarters.__main__ import main
from headquarters.hold_decisions import NewHoldDecision, decide_hold
from headquarters.holds import HoldChoice, open_holds
from headquarters.models import Pool, Settlement
from headquarters.models_payments import PaymentInstruction, PaymentResult
from headquarters.payment_accounts import give_account
from headquarters.payment_batches import make_batch, read_batch
from headquarters.payment_files import PaymentFormat, read_results, write_batch
from headquarters.payment_results import take_results
from headquarters.prepayments import NewPrepayment, prepay
from headquarters.standing import read_standing
from resources.sample_numbers import CLINIC
from tests.headquarters.laptop import MEDICAL, MEDICAL_FEN, medical_pool

WHY = "已核对"
_ORDERS = itertools.count(1)


@pytest.fixture
def settled(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    laptop.down()
    return laptop, voucher


def results(*rows: dict[str, object], count: int | None = None) -> bytes:
    return msgspec.json.encode({"results": rows, "count": len(rows) if count is None else count})


def row(
    instruction_id: str, status: str = "paid", amount: object = "1,332.04", on: str = "2026-12-02"
) -> dict[str, object]:
    return {"instruction_id": instruction_id, "status": status, "amount": amount, "on": on, "reason": ""}


def take(hq, *rows):
    read = read_results(results(*rows))
    assert read.problems == ()
    return take_results(hq, read.lines)


def reported(laptop) -> list[tuple[str, str]]:
    laptop.down()
    return [(each.instruction_id, each.status) for each in laptop.inbox if isinstance(each, PaymentReported)]


def test_a_settled_voucher_is_instructed_once_and_never_again(stocked, settled):
    _, voucher = settled
    batch = make_batch(stocked).batch
    (line,) = batch.instructions
    assert (line.subject, line.amount_fen, line.payee_name) == (voucher.voucher_no, MEDICAL_FEN, "覃建国")
    assert line.account == voucher.payee.account
    assert (batch.count, batch.paid_fen, batch.recalled_fen) == (1, MEDICAL_FEN, 0)
    assert make_batch(stocked).batch is None


@pytest.mark.parametrize("form", PaymentFormat)
def test_a_batch_written_again_is_the_same_file(stocked, settled, form):
    batch = make_batch(stocked).batch
    first = write_batch(batch, form)
    take(stocked, row(batch.instructions[0].instruction_id))
    assert write_batch(read_batch(stocked, batch.batch_no), form) == first
    with pytest.raises(InputError, match="batch_unknown"):
        read_batch(stocked, 2)


def test_a_held_voucher_is_no_instruction(stocked, settled, make_laptop, pack, clinic_policy):
    other = make_laptop("D4", float_fen=1_000_000)
    other.promise(pack, clinic_policy, MEDICAL)
    other.send_log()
    other.down()
    assert len(open_holds(stocked)) == 1
    assert make_batch(stocked).batch.count == 1


def test_the_banks_word_reaches_the_laptop_once(stocked, settled):
    laptop, voucher = settled
    name = make_batch(stocked).batch.instructions[0].instruction_id
    assert (take(stocked, row(name)).new, take(stocked, row(name)).known) == (1, 1)
    assert reported(laptop) == [(name, "paid")]
    said = next(each for each in laptop.inbox if isinstance(each, PaymentReported))
    assert (said.voucher_no, said.amount_fen, said.on.isoformat()) == (voucher.voucher_no, MEDICAL_FEN, "2026-12-02")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"instruction_id": "V-404-P1"}, "没有发出过"),
        ({"amount": "1,332.05"}, "应为 1,332.04"),
        ({"amount": "133204"}, "应为 1,332.04"),
        ({"amount": "1,33"}, "不是金额"),
        ({"amount": "-1332.04"}, "负数"),
        ({"amount": 1332.04}, "写成文字"),
        ({"amount": None}, "没有填写金额"),
        ({"status": "pai"}, "不认识"),
        ({"on": "2026-12-0"}, "不对"),
        ({"instruction_id": ""}, "没有付款指令号"),
    ],
)
def test_a_wrong_line_is_listed_and_the_rest_is_taken(
    stocked, settled, make_laptop, pack, *, clinic_policy, wrong, word
):
    laptop, _ = settled
    laptop.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_number": "0000000002"})
    laptop.send_log()
    laptop.down()
    first, second = make_batch(stocked).batch.instructions
    read = read_results(results(row(first.instruction_id) | wrong, row(second.instruction_id, amount=_yuan(second))))
    taken = take_results(stocked, read.lines)
    (problem,) = (*read.problems, *taken.problems)
    assert word in problem.text.zh
    assert (problem.line, taken.new) == (1, 1)


def _yuan(line) -> str:
    return f"{line.amount_fen / 100:,.2f}"


@pytest.mark.parametrize("second", [("paid", "2026-12-03"), ("refused", "2026-12-03")])
def test_a_second_word_that_contradicts_the_first_is_listed(stocked, settled, second):
    laptop, _ = settled
    name = make_batch(stocked).batch.instructions[0].instruction_id
    take(stocked, row(name))
    taken = take(stocked, row(name, second[0], on=second[1]))
    assert (taken.new, "矛盾" in taken.problems[0].text.zh) == (0, True)
    assert reported(laptop) == [(name, "paid")]


def test_money_that_came_back_is_paid_again_to_another_account_only(stocked, settled):
    laptop, voucher = settled
    name = make_batch(stocked).batch.instructions[0].instruction_id
    with pytest.raises(InputError, match="payment_on_its_way"):
        give_account(stocked, voucher.voucher_no, bank="示例银行", account="6200", by="莫兰", reason=WHY)
    take(stocked, row(name))
    take(stocked, row(name, "returned", on="2026-12-04"))  # 退票
    assert make_batch(stocked).batch is None
    give_account(stocked, voucher.voucher_no, bank="示例银行", account="6200000000000009", by="莫兰", reason=WHY)
    (again,) = make_batch(stocked).batch.instructions
    assert again.instruction_id != name
    assert (again.account, again.amount_fen) == ("6200000000000009", MEDICAL_FEN)
    take(stocked, row(again.instruction_id, on="2026-12-06"))
    assert reported(laptop) == [(name, "paid"), (name, "returned"), (again.instruction_id, "paid")]


def test_a_voucher_voided_before_the_export_is_not_paid(stocked, settled):
    laptop, voucher = settled
    laptop.commit(laptop.void(voucher.voucher_no))
    laptop.send_log()
    laptop.down()
    assert make_batch(stocked).batch is None


def test_a_voucher_voided_between_export_and_result_is_recalled_and_stays_settled_until_the_money_is_back(
    stocked, settled
):
    laptop, voucher = settled
    name = make_batch(stocked).batch.instructions[0].instruction_id
    laptop.commit(laptop.void(voucher.voucher_no))
    laptop.send_log()
    laptop.down()
    take(stocked, row(name))
    assert open_holds(stocked)[0].own.payment == "paid"
    decide_hold(stocked, NewHoldDecision(voucher.voucher_no, HoldChoice.VOID, "韦青", WHY))
    assert read_standing(stocked).settled_fen == MEDICAL_FEN
    batch = make_batch(stocked).batch
    (recall,) = batch.instructions
    assert (recall.kind, recall.recalls, batch.recalled_fen, batch.paid_fen) == ("recall", name, MEDICAL_FEN, 0)
    taken = take(stocked, row(recall.instruction_id, "paid"))
    assert "矛盾" in taken.problems[0].text.zh
    take(stocked, row(recall.instruction_id, "returned", on="2026-12-05"))
    assert read_standing(stocked).settled_fen == 0
    with stocked.database.read() as session:
        assert session.get_one(Pool, medical_pool()).settled == 0
        assert session.scalar(select(func.count()).select_from(PaymentResult)) == 2
    assert reported(laptop)[-1] == (name, "returned")
    assert make_batch(stocked).batch is None


def test_what_was_let_through_beyond_a_limit_is_paid_too(stocked, settled, make_laptop, pack, clinic_policy):
    other = make_laptop("D4", float_fen=1_000_000)
    held = other.promise(pack, clinic_policy, MEDICAL)
    other.send_log()
    other.down()
    decide_hold(
        stocked,
        NewHoldDecision(held.voucher_no, HoldChoice.SETTLE, "韦青", WHY, beyond_limit=True, second="莫兰"),
    )
    assert {each.subject: each.amount_fen for each in make_batch(stocked).batch.instructions}[
        held.voucher_no
    ] == MEDICAL_FEN


def test_a_csv_opens_as_text_with_chinese_accounts_and_sums(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=1_000_000)
    case = laptop.open_case()
    made, decision = laptop.decide(pack, clinic_policy, case, MEDICAL)
    payee = PayeeFact(
        name='=HYPERLINK("http://x")', id_number=None, relation="self", bank="@示例", account="6217001234567890122"
    )
    voucher = laptop.voucher(case, made, laptop_amounts(laptop, decision, clinic_policy, case, payee))
    laptop.commit(case, made, voucher)
    laptop.send_log()
    laptop.down()
    content = write_batch(make_batch(stocked).batch, PaymentFormat.CSV)
    assert content.startswith("﻿付款".encode()[:3])
    table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    named = dict(zip(table[0], table[1], strict=True))
    assert named["收款人"] == '\'=HYPERLINK("http://x")'
    assert named["开户行"] == "'@示例"
    assert named["账号"].strip() == "6217001234567890122"
    assert named["金额（元）"] == "1332.04"
    assert table[-1][:2] == ["trailer", "B1"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in table for cell in line)


def laptop_amounts(laptop, decision, policy, case, payee):
    from claims.settlement import keyed_amounts

    return keyed_amounts(
        decision,
        policy_no=policy.policy_no,
        effective=policy.effective,
        loss_date=case.loss_date,
        insured=case.insured,
        payees=[payee],
    )[0]


def test_half_a_file_is_noticed(stocked, settled):
    name = make_batch(stocked).batch.instructions[0].instruction_id
    whole = f'付款指令号,结果,金额（元）,日期,说明\r\n{name},已支付,"1,332.04",2026-12-02,\r\nV-9-P1,已支付,1.00,2026-12-02,\r\ntrailer,B1,共,2\r\n'
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        read = read_results(whole.encode(encoding))
        assert ([each.instruction_id for each in read.lines], read.complete) == ([name, "V-9-P1"], True)
    half = read_results(whole.encode()[: whole.encode().index(b"2026-12-02,\r\nV-9") + 5])
    assert (half.lines, half.complete) == ((), False)
    assert "日期" in half.problems[0].text.zh
    with pytest.raises(InputError, match="results_unreadable"):
        read_results(results(row(name))[:-9])
    for nonsense in (b"", b"\xff\xfe\x00", b"a,b\r\n1,2\r\n", b"{}", b'{"results": 3}'):
        with pytest.raises(InputError, match="results_unreadable"):
            read_results(nonsense)
    assert not read_results(results(row(name), count=2)).complete


def ahead(voucher_case: str, amount_fen: int = 100_000, **changes: object) -> NewPrepayment:
    fields: dict[str, object] = {
        "case_no": voucher_case,
        "policy_no": CLINIC,
        "liability": "accident_medical",
        "amount_fen": amount_fen,
        "payee": PayeeFact(
            name="覃建国", id_number="990101198005010136", relation="self", bank="示例银行", account="6200"
        ),
        "by": "韦青",
        "reason": "治疗未结束",
        "reference": f"YF-{next(_ORDERS)}",
    }
    return NewPrepayment(**(fields | changes))  # type: ignore[arg-type]  # named fields


@pytest.fixture
def calculated(stocked, make_laptop, pack, clinic_policy):
    """A case that was calculated and not promised yet."""
    laptop = make_laptop(float_fen=1_000_000)
    case = laptop.open_case()
    made, decision = laptop.decide(pack, clinic_policy, case, MEDICAL)
    laptop.commit(case, made)
    laptop.send_log()
    laptop.down()
    return laptop, case, made, decision


def test_a_prepayment_is_settled_paid_and_told(stocked, calculated):
    laptop, case, _, _ = calculated
    made = prepay(stocked, ahead(case.case_no))
    laptop.down()
    told = next(each for each in laptop.inbox if isinstance(each, PrepaymentMade))
    assert (told.amount_fen, told.pools, told.prepayment_no) == (100_000, (medical_pool(),), made.prepayment_no)
    (line,) = make_batch(stocked).batch.instructions
    assert (line.subject, line.amount_fen, line.account) == (made.prepayment_no, 100_000, "6200")
    take(stocked, row(line.instruction_id, amount="1000.00"))
    assert reported(laptop) == [(line.instruction_id, "paid")]


def test_the_final_promise_settles_the_rest(stocked, calculated, pack, clinic_policy):
    laptop, case, _, _ = calculated
    for _ in range(2):
        prepay(stocked, ahead(case.case_no, 50_000))
    made, decision = laptop.decide(
        pack, rest_of(clinic_policy, 100_000), case, MEDICAL, used={"used_medical_year": 100_000}
    )
    voucher = promise_after(laptop, case, made, decision, clinic_policy, times=2)
    assert voucher.amount_fen == MEDICAL_FEN - 100_000
    assert laptop.answers()[voucher.voucher_no].settlement == "settled"
    with stocked.database.read() as session:
        assert session.get_one(Pool, medical_pool()).settled == MEDICAL_FEN
        assert session.scalar(select(func.sum(Settlement.amount_fen))) == MEDICAL_FEN


def rest_of(policy, prepaid_fen):
    return msgspec.structs.replace(policy, terms=policy.terms | {"prepaid": prepaid_fen})


def promise_after(laptop, case, made, decision, policy, *, times):
    from claims.settlement import keyed_amounts, loss_of

    payee = PayeeFact(name="覃建国", id_number=case.insured.id_number, relation="self", bank="示例银行", account="0")
    (liability,) = [each for each in decision.liabilities if each.amount_fen]
    (amounts,) = keyed_amounts(
        decision,
        policy_no=policy.policy_no,
        effective=policy.effective,
        loss_date=case.loss_date,
        insured=case.insured,
        payees=[payee],
        prepaid={loss_of(liability): times},
    )
    voucher = laptop.voucher(case, made, amounts)
    laptop.commit(made, voucher)
    laptop.send_log()
    return voucher


def test_a_promise_that_does_not_know_of_the_prepayment_waits_and_the_rest_is_settled_by_a_person(
    stocked, calculated, clinic_policy
):
    laptop, case, made, decision = calculated
    prepay(stocked, ahead(case.case_no))
    voucher = laptop.issue(clinic_policy, case, made, decision)
    laptop.commit(voucher)
    laptop.send_log()
    held = laptop.answers()[voucher.voucher_no]
    assert (held.settlement, "已预付" in held.reason.zh) == ("hold", True)
    new = NewHoldDecision(voucher.voucher_no, HoldChoice.SETTLE, "韦青", WHY)
    with pytest.raises(InputError, match="beyond_limit") as refused:
        decide_hold(stocked, new)
    assert "332.04" in refused.value.cause.zh
    rest = decide_hold(
        stocked, NewHoldDecision(voucher.voucher_no, HoldChoice.SETTLE, "韦青", WHY, amount_fen=MEDICAL_FEN - 100_000)
    )
    assert (rest.settled_fen, rest.beyond_fen) == (MEDICAL_FEN - 100_000, 0)
    laptop.down()
    newest = [each for each in laptop.inbox if isinstance(each, SettlementAnswered)][-1]
    assert (newest.settlement, newest.amount_fen) == ("settled", MEDICAL_FEN - 100_000)
    assert read_standing(stocked).settled_fen == MEDICAL_FEN


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_fen": MEDICAL_FEN + 1}, "above_benefit"),
        ({"amount_fen": 0}, "sum_impossible"),
        ({"case_no": "QX07-D3-C-000999-00"}, "case_unknown"),
        ({"policy_no": "P-404"}, "policy_unknown"),
        ({"liability": "accident_death_2"}, "no_determination"),
        ({"by": ""}, "words_missing"),
        ({"payee": PayeeFact(name="覃建国", id_number=None, relation="self", bank="", account=" ")}, "account_missing"),
    ],
)
def test_nothing_is_paid_ahead_without_ground(stocked, calculated, changes, code):
    _, case, _, _ = calculated
    with pytest.raises(InputError, match=code):
        prepay(stocked, ahead(case.case_no, **changes))
    assert read_standing(stocked).settled_fen == 0


def test_nothing_is_paid_ahead_once_a_promise_stands(stocked, settled):
    _, voucher = settled
    with pytest.raises(InputError, match="final_promise_stands"):
        prepay(stocked, ahead(voucher.case_no))


def test_the_commands_write_and_read_files(stocked, settled, tmp_path, capsys):
    folder, out = str(tmp_path / "hq"), tmp_path / "pay.json"
    assert main(["payments-out", folder, str(out), "--format", "json"]) == 0
    written = msgspec.json.decode(out.read_bytes())
    assert (written["count"], written["paid_fen"]) == (1, MEDICAL_FEN)
    assert main(["payments-out", folder, str(out)]) == 1
    assert main(["payments-out", folder, str(tmp_path / "empty.csv")]) == 0
    assert not (tmp_path / "empty.csv").exists()
    assert main(["payments-out", folder, str(tmp_path / "again.json"), "--format", "json", "--batch", "1"]) == 0
    assert (tmp_path / "again.json").read_bytes() == out.read_bytes()
    back = tmp_path / "back.json"
    back.write_bytes(results(row(written["instructions"][0]["instruction_id"]), row("V-404-P1")))
    capsys.readouterr()
    assert main(["payments-in", folder, str(back)]) == 1
    shown = capsys.readouterr().out
    assert "new: 1" in shown
    assert "V-404-P1" in shown
    with stocked.database.read() as session:
        assert session.scalars(select(PaymentInstruction.state)).all() == ["paid"]
