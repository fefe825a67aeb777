"""Payment instructions as files, and the bank's results read back.

Promise: the same batch gives the same bytes. A spreadsheet opens the CSV as text: what looks like a formula stays text, accounts keep every digit,
Chinese needs no setting (UTF-8 with BOM). A last line (``trailer``) carries count and sums, so that half a file is noticed. What is read is
taken line by line; what can't be read is named with its line.

Source: the issue "payment instruction file out and payment result in (CSV and JSON)"; docs/adr/0157.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import msgspec

from claims.amounts import parse_amount
from claims.errors import Bilingual, InputError
from headquarters.models_payments import InstructionKind, InstructionState
from headquarters.payment_batches import Batch, Instruction
from headquarters.payment_results import PaymentProblem, ResultLine

MAX_FILE_BYTES = 64 * 1024 * 1024
TRAILER = "trailer"
_HEADINGS = {
    "kind": "种类",
    "instruction_id": "付款指令号",
    "subject": "凭证号",
    "case_no": "案件号",
    "policy_no": "保单号",
    "payee_name": "收款人",
    "payee_id_number": "证件号码",
    "bank": "开户行",
    "account": "账号",
    "amount": "金额（元）",
    "recalls": "撤回的指令号",
    "reason": "说明",
}
_RESULT_NAMES = {
    "instruction_id": ("instruction_id", "付款指令号"),
    "status": ("status", "结果"),
    "amount": ("amount", "金额（元）", "金额"),
    "on": ("on", "日期"),
    "reason": ("reason", "说明"),
}
_STATUSES = {
    **{each.value: each for each in (InstructionState.PAID, InstructionState.RETURNED, InstructionState.REFUSED)},
    "已支付": InstructionState.PAID,
    "已退回": InstructionState.RETURNED,
    "退票": InstructionState.RETURNED,
    "拒付": InstructionState.REFUSED,
    "被拒": InstructionState.REFUSED,
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class PaymentFormat(StrEnum):
    """How a file is written."""

    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True)
class ResultFile:
    """What a file of results holds: lines that can be taken, and those that can't. ``complete``: its trailer agrees with its lines."""

    lines: tuple[ResultLine, ...]
    problems: tuple[PaymentProblem, ...]
    complete: bool


def write_batch(batch: Batch, form: PaymentFormat) -> bytes:
    """Return the file of a batch."""
    return _csv(batch) if form is PaymentFormat.CSV else _json(batch)


def read_results(content: bytes) -> ResultFile:
    """Read a file of results, CSV or JSON by what it holds.

    JSON is ``{"results": [{"instruction_id", "status", "amount", "on", "reason"}], "count": n}`` or the list alone; ``amount`` is yuan as text
    (``"1,332.04"``), or ``amount_fen`` an integer. CSV has these names (or the Chinese ones) as its first line, UTF-8 or GB 18030.

    Raises:
        InputError: ``results_unreadable``, ``results_too_large``: nothing of the file was taken.
    """
    if len(content) > MAX_FILE_BYTES:
        raise InputError(
            "results_too_large",
            Bilingual(f"文件有 {len(content)} 字节，太大。", f"The file has {len(content)} bytes, too many."),
            Bilingual("请分成几个文件。", "Split it."),
        )
    text = _text(content)
    return _from_json(text) if text.lstrip()[:1] in {"{", "["} else _from_csv(text)


def plain_yuan(amount_fen: int) -> str:
    """Return fen as yuan without separators, as other programs read it."""
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def _csv(batch: Batch) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADINGS.values())
    for each in batch.instructions:
        writer.writerow(_as_text(value) for value in _row(each).values())
    pays = sum(each.kind is InstructionKind.PAY for each in batch.instructions)
    writer.writerow(
        (
            TRAILER,
            f"B{batch.batch_no}",
            f"共 {batch.count} 条",
            f"付款 {pays} 条",
            plain_yuan(batch.paid_fen),
            f"撤回 {batch.count - pays} 条",
            plain_yuan(batch.recalled_fen),
        )
    )
    return out.getvalue().encode("utf-8-sig")


def _json(batch: Batch) -> bytes:
    body = {
        "batch": batch.batch_no,
        "made_at": batch.made_at,
        "count": batch.count,
        "paid_fen": batch.paid_fen,
        "recalled_fen": batch.recalled_fen,
        "instructions": [_row(each) | {"amount_fen": each.amount_fen} for each in batch.instructions],
    }
    return msgspec.json.format(msgspec.json.encode(body)) + b"\n"


def _row(each: Instruction) -> dict[str, str | int]:
    return {
        "kind": each.kind.value,
        "instruction_id": each.instruction_id,
        "subject": each.subject,
        "case_no": each.case_no,
        "policy_no": each.policy_no,
        "payee_name": each.payee_name,
        "payee_id_number": each.payee_id_number or "",
        "bank": each.bank,
        "account": each.account,
        "amount": plain_yuan(each.amount_fen),
        "recalls": each.recalls or "",
        "reason": each.reason,
    }


def _as_text(value: str | int) -> str:
    """Return a cell that no spreadsheet takes for a formula; long rows of digits are shown whole by a tab behind them."""
    text = str(value).replace("\x00", "")
    if text.startswith(_FORMULA_STARTS) or text.lstrip(" ").startswith(_FORMULA_STARTS):
        return "'" + text
    # Spreadsheets cut numbers of more than 15 digits; a tab behind makes it text and is trimmed by whoever reads it.
    return f"{text}\t" if text.isascii() and text.isdigit() and len(text) > 11 else text


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable("既不是 UTF-8，也不是 GB 18030", "neither UTF-8 nor GB 18030")


def _from_json(text: str) -> ResultFile:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as problem:
        raise _unreadable(f"JSON 不完整或有误：{problem}", f"broken JSON: {problem}") from problem
    rows = found.get("results") if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise _unreadable("没有 results 列表", "there is no list of results")
    count = found.get("count") if isinstance(found, dict) else len(rows)
    lines, problems = _lines([(place, each) for place, each in enumerate(rows, start=1)])
    return ResultFile(lines, problems, count == len(rows))


def _from_csv(text: str) -> ResultFile:
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        # The quote that was opened never closes: read what there is, the torn line among the problems.
        table = list(csv.reader(io.StringIO(text, newline="")))
    if not table:
        raise _unreadable("文件是空的", "the file is empty")
    heads = [cell.strip() for cell in table[0]]
    places = {
        name: next((heads.index(each) for each in names if each in heads), None)
        for name, names in _RESULT_NAMES.items()
    }
    missing = [name for name in ("instruction_id", "status", "amount", "on") if places[name] is None]
    if missing:
        raise _unreadable(f"第一行没有列 {'、'.join(missing)}", f"its first line lacks {', '.join(missing)}")
    rows: list[tuple[int, object]] = []
    trailer: int | None = None
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if cells[0].strip().lower() == TRAILER:
            trailer = _count(cells)
            continue
        rows.append(
            (
                number,
                {name: cells[at] for name, at in places.items() if at is not None and at < len(cells)},
            )
        )
    lines, problems = _lines(rows)
    return ResultFile(lines, problems, trailer == len(rows))


def _count(cells: Sequence[str]) -> int | None:
    digits = next((cell.strip() for cell in cells[1:] if cell.strip().isdigit()), None)
    return None if digits is None else int(digits)


def _lines(rows: Sequence[tuple[int, object]]) -> tuple[tuple[ResultLine, ...], tuple[PaymentProblem, ...]]:
    lines: list[ResultLine] = []
    problems: list[PaymentProblem] = []
    for number, row in rows:
        named = str(row.get("instruction_id", "")).strip().strip("'") if isinstance(row, dict) else ""
        try:
            lines.append(_line(number, named, row))
        except _Torn as problem:
            zh, en = problem.args
            problems.append(PaymentProblem(number, named, Bilingual(f"第 {number} 行：{zh}", f"Line {number}: {en}")))
    return tuple(lines), tuple(problems)


class _Torn(Exception):  # noqa: N818 - a finding about one line
    """A line that can't be read: why, in both languages."""


def _line(number: int, named: str, row: object) -> ResultLine:
    if not isinstance(row, dict) or not named:
        raise _Torn("没有付款指令号", "it has no instruction id")
    status = _STATUSES.get(str(row.get("status", "")).strip())
    if status is None:
        raise _Torn(f"结果“{row.get('status', '')}”不认识", f'"{row.get("status", "")}" is no result')
    try:
        on = date.fromisoformat(str(row.get("on", "")).strip())
    except ValueError:
        raise _Torn(f"日期“{row.get('on', '')}”不对", f'"{row.get("on", "")}" is no date') from None
    return ResultLine(number, named, status.value, _amount(row), on, str(row.get("reason") or "").strip()[:500])


def _amount(row: Mapping[str, object]) -> int:
    fen, said = row.get("amount_fen"), row.get("amount")
    if isinstance(fen, int) and not isinstance(fen, bool):
        return fen
    if isinstance(said, float):
        raise _Torn('金额要写成文字（"1,332.04"）或整数分', 'the amount must be text ("1,332.04") or whole fen')
    try:
        return parse_amount("" if said is None else str(said).strip().lstrip("'"))
    except InputError as problem:
        raise _Torn(problem.cause.zh, problem.cause.en) from None


def _unreadable(zh: str, en: str) -> InputError:
    return InputError(
        "results_unreadable",
        Bilingual(f"结果文件读不了：{zh}。", f"The file of results can't be read: {en}."),
        Bilingual("没有采用任何内容。请向银行重新取一份。", "Nothing of it was taken. Fetch it again from the bank."),
    )
