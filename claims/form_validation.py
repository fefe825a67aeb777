"""Checks what was typed against a form: every problem at once, each with a sentence, or the values ready for the rules.

Promise: nothing is guessed and nothing is dropped: an unknown key is a problem too; only a field that another answer makes pointless
(``FieldSpec.only_for``) is left out. Full-width digits, thousands separators and Chinese yes/no are understood. Money goes from text
to fen without a float.

Source: notes/domain.md §6; issue "Bad input".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec

from claims.amounts import parse_amount, yuan
from claims.calendar_dates import read_date
from claims.contacts import read_account, read_phone
from claims.errors import Bilingual, InputError
from claims.form_fields import (
    DateOrder,
    FactValue,
    FieldKind,
    FieldProblem,
    FieldSpec,
    Form,
    NeededWhen,
    Relation,
    SumWithin,
    Validated,
)
from claims.identity import read_any_id

_YES = frozenset({"是", "有", "对", "y", "yes", "true", "1"})
_NO = frozenset({"否", "无", "没有", "不是", "n", "no", "false", "0"})
_MAX_TEXT = 200
_MAX_LONG_TEXT = 4000
_CHOICES_TOLD = 8
# What a choice or a yes/no means does not depend on the day.
_SOME_DAY = date(2000, 1, 1)


def validate_fields(
    fields: Sequence[FieldSpec], entered: Mapping[str, FactValue], at: date, *, relations: Sequence[Relation] = ()
) -> Validated | tuple[FieldProblem, ...]:
    """Check what was entered against any fields: those of a paper, one alone while it is typed, a row of a table.

    Args:
        entered: texts as typed, or values that a check returned before (fen, yes/no, lists), by key.
        at: the Beijing date of the trusted time.
    """
    return validate(Form(fields=tuple(fields), relations=tuple(relations)), entered, at)


def validate(form: Form, raw: Mapping[str, FactValue], today: date) -> Validated | tuple[FieldProblem, ...]:
    """Check raw text by field key. ``today`` is the Beijing date of the trusted time. A checked value passes as itself.

    Returns:
        The values with the form's constants and defaults, or every problem found, in the order of the fields.
    """
    values, problems, warnings = _read_fields(form, raw, today)
    bad = {one.key for one in problems}
    for relation in form.relations:
        if isinstance(relation, NeededWhen) and relation.otherwise is not None and relation.key not in bad:
            other = values.get(relation.other)
            if other is not None and other != relation.value:
                values.setdefault(relation.key, relation.otherwise)
    problems.extend(_related(form, values, bad))
    problems.extend(_identity_clashes(form, values, bad, today))
    if problems:
        order = {one.key: place for place, one in enumerate(form.fields)}
        return tuple(sorted(problems, key=lambda one: order.get(one.key, len(order))))
    return Validated(values=values, warnings=tuple(warnings))


def asked_fields(form: Form, raw: Mapping[str, FactValue]) -> frozenset[str]:
    """Return the keys of the fields that are asked for with these answers.

    An instant is never asked for: the program writes it. A field whose condition names a field that this form does not have (a part of a form) is asked for.
    """
    fields = {one.key: one for one in form.fields}
    return frozenset(
        one.key
        for one in form.fields
        if one.kind is not FieldKind.INSTANT
        and (
            one.only_for is None
            or one.only_for[0] not in fields
            or _answer(fields[one.only_for[0]], raw) in one.only_for[1]
        )
    )


def longest_text(field: FieldSpec) -> int:
    """Return how many characters a text may have."""
    return field.maximum or (_MAX_LONG_TEXT if field.kind is FieldKind.LONG_TEXT else _MAX_TEXT)


def _answer(field: FieldSpec, raw: Mapping[str, FactValue]) -> str | None:
    """Return the value that was chosen, "true" or "false" for a yes/no, None for none that can be read."""
    entered = raw.get(field.key, "")
    value: FactValue | None = field.default
    if not _is_empty(entered):
        try:
            value, _ = _read(field, entered, _SOME_DAY)
        except InputError:
            return None
    return str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else None


def _read_fields(
    form: Form, raw: Mapping[str, FactValue], today: date
) -> tuple[dict[str, FactValue], list[FieldProblem], list[FieldProblem]]:
    """Return values, problems and warnings of each field by itself."""
    values: dict[str, FactValue] = dict(form.constants)
    known = {one.key for one in form.fields if one.kind is not FieldKind.INSTANT}
    problems = [_unknown(key) for key, entered in raw.items() if key not in known and not _is_empty(entered)]
    warnings: list[FieldProblem] = []
    asked = asked_fields(form, raw)
    for field in form.fields:
        if field.key not in asked:
            continue
        entered = raw.get(field.key, "")
        if _is_empty(entered):
            if field.default is not None:
                values[field.key] = field.default
            elif field.required:
                problems.append(_missing(field))
            continue
        try:
            values[field.key], warning = _read(field, entered, today)
        except InputError as error:
            problems.append(_told(field, error))
        else:
            if warning is not None:
                warnings.append(FieldProblem(key=field.key, code="look_again", sentence=_labelled(field, warning)))
    return values, problems, warnings


_Read = tuple[FactValue, Bilingual | None]


def _is_empty(entered: FactValue) -> bool:
    return entered == [] or (isinstance(entered, str) and not entered.strip())


def _read(field: FieldSpec, entered: FactValue, today: date) -> _Read:
    """Read a text as its kind is typed; a checked value is checked again."""
    match entered:
        case str():
            return _READERS[field.kind](field, entered.strip(), today)
        case bool() if field.kind is FieldKind.YES_NO:
            return entered, None
        case int() if field.kind is FieldKind.AMOUNT and not isinstance(entered, bool):
            return _within(field, entered), None
        case list() if field.kind is FieldKind.NUMBERS:
            return _read_numbers(field, ",".join(str(one) for one in entered), today)
    raise _problem(
        "value_of_another_kind",
        f"“{str(entered)[:20]}”不是这一项的内容。",
        f'"{str(entered)[:20]}" is no answer to this.',
    )


def _read_long_text(field: FieldSpec, text: str, _today: date) -> _Read:
    lines = "\n".join(line.rstrip() for line in re.split(r"\r\n?|\n|\u2028|\u2029", text))
    return _of_length(field, lines)


def _read_text(field: FieldSpec, text: str, _today: date) -> _Read:
    return _of_length(field, text)


def _of_length(field: FieldSpec, text: str) -> _Read:
    longest = longest_text(field)
    plain = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(one) == "Cc" and one not in "\n\t" for one in plain):
        raise _problem("text_character", "含有不可见的控制字符。", "It contains an invisible control character.")
    if len(plain) > longest:
        raise _problem(
            "text_too_long",
            f"有 {len(plain)} 个字，最多 {longest} 个。",
            f"It has {len(plain)} characters; at most {longest} fit.",
        )
    if field.minimum is not None and len(plain) < field.minimum:
        raise _problem(
            "text_too_short",
            f"只有 {len(plain)} 个字，至少写 {field.minimum} 个。",
            f"It has {len(plain)} characters; write at least {field.minimum}.",
        )
    return plain, None


def _read_name(_field: FieldSpec, text: str, _today: date) -> _Read:
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    if len(plain) > 60 or not all(
        one.isalpha() or one in " ·•.-'’〇" or unicodedata.category(one)[0] == "M" for one in plain
    ):
        raise _problem(
            "name_character",
            f"“{plain[:30]}”不像姓名：只能有文字、空格和间隔号。",
            f'"{plain[:30]}" is no name: letters, spaces and dots only.',
        )
    return plain, None


def _read_id(_field: FieldSpec, text: str, today: date) -> _Read:
    return read_any_id(text, today).number, None


def _read_phone(_field: FieldSpec, text: str, _today: date) -> _Read:
    return read_phone(text), None


def _read_account(_field: FieldSpec, text: str, _today: date) -> _Read:
    account = read_account(text)
    return account.number, account.warning


def _read_region(_field: FieldSpec, text: str, _today: date) -> _Read:
    plain = _folded(text)
    if re.fullmatch(r"[1-9]\d{5}", plain, re.ASCII) is None:
        raise _problem(
            "region_pattern",
            f"“{plain[:20]}”不是六位地区代码，例如 511123。",
            f'"{plain[:20]}" is no six-digit region code such as 511123.',
        )
    return plain, None


def _read_amount(field: FieldSpec, text: str, _today: date) -> _Read:
    return _within(field, parse_amount(text)), None


def _within(field: FieldSpec, amount_fen: int) -> int:
    if field.minimum is not None and amount_fen < field.minimum:
        raise _problem(
            "amount_too_small",
            f"金额 {yuan(amount_fen)} 元，至少应为 {yuan(field.minimum)} 元。",
            f"{yuan(amount_fen)} yuan; at least {yuan(field.minimum)} yuan are expected.",
        )
    if field.maximum is not None and amount_fen > field.maximum:
        raise _problem(
            "amount_too_large",
            f"金额 {yuan(amount_fen)} 元超过 {yuan(field.maximum)} 元，请核对小数点。",
            f"{yuan(amount_fen)} yuan are above {yuan(field.maximum)} yuan; check the decimal point.",
        )
    return amount_fen


def _read_date(field: FieldSpec, text: str, today: date) -> _Read:
    day = read_date(text)
    if day > today and not field.future_allowed:
        raise _problem(
            "date_future",
            f"{day} 晚于今天 {today}。如日期无误，请核对电脑时钟。",
            f"{day} is after today, {today}. If the date is right, check the laptop's clock.",
        )
    return day.isoformat(), None


def _read_number(field: FieldSpec, text: str, _today: date) -> _Read:
    plain = _folded(text).replace(",", "")
    try:
        number = Decimal(plain) if re.fullmatch(r"[+-]?\d{1,12}(\.\d*)?", plain, re.ASCII) else None
    except InvalidOperation:  # pragma: no cover - the pattern leaves nothing that Decimal refuses
        number = None
    if number is None:
        raise _problem("number_unreadable", f"“{plain[:20]}”不是数字。", f'"{plain[:20]}" is not a number.')
    # "f" because 1E+2 would not be a decimal string to the rules.
    canonical = format(number, "f")
    canonical = (canonical.rstrip("0").rstrip(".") if "." in canonical else canonical).lstrip("+")
    decimals = len(canonical.partition(".")[2])
    if decimals > field.scale:
        raise _problem(
            "number_too_precise",
            f"{canonical} 有 {decimals} 位小数，最多 {field.scale} 位。",
            f"{canonical} has {decimals} decimals; {field.scale} at most.",
        )
    low, high = field.minimum, field.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise _problem(
            "number_out_of_bounds",
            f"{canonical} 不在 {low} 至 {high} 之间。",
            f"{canonical} is not between {low} and {high}.",
        )
    return canonical if Decimal(canonical) else "0", None


def _read_numbers(field: FieldSpec, text: str, today: date) -> _Read:
    one_by_one = msgspec.structs.replace(field, kind=FieldKind.NUMBER)
    parts = [one for one in re.split(r"[\s,，、;；/+]+", text) if one]
    if not 1 <= len(parts) <= 20:
        raise _problem(
            "numbers_count",
            f"有 {len(parts)} 项，应为 1 至 20 项。",
            f"There are {len(parts)} entries; 1 to 20 are possible.",
        )
    found: list[bool | int | str] = []
    for one in parts:
        number, _ = _read_number(one_by_one, one, today)
        found.append(str(number))
    return found, None


def _read_yes_no(_field: FieldSpec, text: str, _today: date) -> _Read:
    plain = _folded(text).casefold()
    if plain in _YES:
        return True, None
    if plain in _NO:
        return False, None
    raise _problem("yes_no_unreadable", f"“{plain[:20]}”请填“是”或“否”。", f'"{plain[:20]}": answer yes or no.')


def _read_choice(field: FieldSpec, text: str, _today: date) -> _Read:
    plain = _folded(text).casefold()
    for choice in field.choices:
        if plain in {_folded(one).casefold() for one in (choice.value, choice.label.zh, choice.label.en)}:
            return choice.value, None
    shown = field.choices[:_CHOICES_TOLD]
    more = "……" if len(field.choices) > _CHOICES_TOLD else ""
    zh = "、".join(one.label.zh for one in shown) + more
    en = ", ".join(one.label.en for one in shown) + more
    raise _problem("choice_unknown", f"“{text[:20]}”不在选项中：{zh}。", f'"{text[:20]}" is none of: {en}.')


def _read_code(field: FieldSpec, text: str, _today: date) -> _Read:
    plain = _folded(text).upper()
    if re.fullmatch(field.pattern, plain, re.ASCII) is None:
        raise _problem(
            "code_pattern",
            f"“{plain[:20]}”格式不对，应类似 {field.example}。",
            f'"{plain[:20]}" is not of the form {field.example}.',
        )
    return plain, None


_READERS: dict[FieldKind, Callable[[FieldSpec, str, date], _Read]] = {
    FieldKind.TEXT: _read_text,
    FieldKind.LONG_TEXT: _read_long_text,
    FieldKind.NAME: _read_name,
    FieldKind.ID_NUMBER: _read_id,
    FieldKind.PHONE: _read_phone,
    FieldKind.ACCOUNT: _read_account,
    FieldKind.REGION: _read_region,
    FieldKind.AMOUNT: _read_amount,
    FieldKind.DATE: _read_date,
    FieldKind.NUMBER: _read_number,
    FieldKind.NUMBERS: _read_numbers,
    FieldKind.YES_NO: _read_yes_no,
    FieldKind.CHOICE: _read_choice,
    FieldKind.CODE: _read_code,
}


def _related(form: Form, values: Mapping[str, FactValue], bad: set[str]) -> list[FieldProblem]:
    found: list[FieldProblem] = []
    for relation in form.relations:
        match relation:
            case DateOrder(earlier=earlier, later=later):
                first, second = values.get(earlier), values.get(later)
                if isinstance(first, str) and isinstance(second, str) and first > second:
                    a, b = form.field(earlier).label, form.field(later).label
                    found.append(
                        FieldProblem(
                            key=later,
                            code="date_order",
                            sentence=Bilingual(
                                f"{b.zh} {second} 早于{a.zh} {first}，请核对。",
                                f"{b.en} {second} is before {a.en} {first}: check both.",
                            ),
                        )
                    )
            case SumWithin(parts=parts, whole=whole):
                total_fen = sum(_fen(values.get(one)) for one in parts)
                if isinstance(values.get(whole), int) and total_fen > _fen(values[whole]):
                    zh = "、".join(form.field(one).label.zh for one in parts)
                    en = ", ".join(form.field(one).label.en for one in parts)
                    label = form.field(whole).label
                    found.append(
                        FieldProblem(
                            key=whole,
                            code="sum_exceeds",
                            sentence=Bilingual(
                                f"{zh}{'合计' if len(parts) > 1 else ''} {yuan(total_fen)} 元，超过{label.zh} {yuan(_fen(values[whole]))} 元，请核对票据。",
                                f"{en}: {yuan(total_fen)} yuan, above the {label.en} of {yuan(_fen(values[whole]))} yuan: check the bill.",
                            ),
                        )
                    )
            case NeededWhen(key=key, other=other, value=value):
                if values.get(other) == value and key not in values and key not in bad:
                    found.append(_missing(form.field(key)))
    return found


def _identity_clashes(form: Form, values: Mapping[str, FactValue], bad: set[str], today: date) -> list[FieldProblem]:
    """An id number tells birth and sex; what was typed beside it (``insured.birth_date`` to ``insured.id_number``) must agree."""
    found: list[FieldProblem] = []
    for field in form.fields:
        number = values.get(field.key)
        if field.kind is FieldKind.ID_NUMBER and isinstance(number, str) and field.key not in bad:
            found.extend(_clashes_of(form, field.key.rpartition(".")[0], number, values, today))
    return found


def _clashes_of(
    form: Form, whose: str, number: str, values: Mapping[str, FactValue], today: date
) -> list[FieldProblem]:
    told = read_any_id(number, today)
    found: list[FieldProblem] = []
    birth, sex = values.get(f"{whose}.birth_date"), values.get(f"{whose}.sex")
    if told.birth_date is not None and isinstance(birth, str) and birth != told.birth_date.isoformat():
        found.append(
            FieldProblem(
                key=f"{whose}.birth_date",
                code="birth_clash",
                sentence=Bilingual(
                    f"出生日期 {birth} 与证件号码里的 {told.birth_date} 不一致，请核对。",
                    f"The date of birth {birth} differs from {told.birth_date} in the id number: check both.",
                ),
            )
        )
    if told.sex is not None and isinstance(sex, str) and sex != told.sex:
        names = {one.value: one.label for one in form.field(f"{whose}.sex").choices}
        found.append(
            FieldProblem(
                key=f"{whose}.sex",
                code="sex_clash",
                sentence=Bilingual(
                    f"性别“{names[sex].zh}”与证件号码里的“{names[told.sex].zh}”不一致，请核对。",
                    f'The sex "{names[sex].en}" differs from "{names[told.sex].en}" in the id number: check both.',
                ),
            )
        )
    return found


def _fen(value: FactValue | None) -> int:
    return value if isinstance(value, int) else 0


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _problem(code: str, zh: str, en: str) -> InputError:
    return InputError(code, Bilingual(zh, en), Bilingual("", ""))


def _told(field: FieldSpec, error: InputError) -> FieldProblem:
    sentence = Bilingual(error.sentence("zh"), error.sentence("en").strip())
    return FieldProblem(key=field.key, code=error.code, sentence=_labelled(field, sentence))


def _labelled(field: FieldSpec, sentence: Bilingual) -> Bilingual:
    return Bilingual(f"{field.title.zh}：{sentence.zh}", f"{field.title.en}: {sentence.en}")


def _missing(field: FieldSpec) -> FieldProblem:
    return FieldProblem(
        key=field.key,
        code="missing",
        sentence=Bilingual(f"请填写{field.title.zh}。", f"Please enter: {field.title.en}."),
    )


def _unknown(key: str) -> FieldProblem:
    return FieldProblem(
        key=key,
        code="unknown_field",
        sentence=Bilingual(f"本表没有“{key[:40]}”这一项。", f'This form has no field "{key[:40]}".'),
    )
