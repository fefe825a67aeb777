"""The commands that work on a laptop's desk: each is one or two calls of it, and prints what came back."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from ssl import PEM_cert_to_DER_cert

from app.enrolment import enrol_laptop, enrol_with_passphrase
from app.main import build
from app.pending_files import discard_pending
from app.settings import Settings, default_home, load_settings
from app.system_clock import SystemClock
from app.unlocking import chosen_secret, existing_unlock
from claims.amounts import yuan
from claims.calendar_dates import read_date
from claims.desk import Desk
from claims.errors import Bilingual, InputError
from claims.papers import Language
from claims.register_columns import REGISTER_NAMES, RegisterKind
from claims.registers import RegisterFormat
from claims.trusted_time import beijing_date
from forms.read_back import read_voucher
from local_db.key_file import read_key_file, unlock_keys
from local_db.store import open_with_keys
from trust.certificates import TrustStore
from views.durable_file import write_durably


def open_desk(options: argparse.Namespace) -> Desk:
    """Unlock and open the desk of the chosen home."""
    settings = _settings(options)
    adjuster = settings.adjuster or read_key_file(settings.home).adjusters()[0]
    desk = build(settings, existing_unlock(adjuster))
    discard_pending(settings.home)
    return desk


def enrol(options: argparse.Namespace) -> int:
    """Make this laptop a device of a headquarters."""
    settings = Settings(home=options.home or default_home(), hq_url=options.url)
    unlock_for = chosen_secret()
    passphrase = None
    if unlock_for is None:
        identity, passphrase = enrol_with_passphrase(settings, options.code)
    else:
        identity = enrol_laptop(settings, options.code, unlock_for)
    print(f"{identity.company}  {identity.station_name} {identity.station}  {identity.device}/{identity.epoch}")
    if passphrase is not None:
        print("本机没有系统密钥环，请抄下口令短语，以后用它代替 PIN，只显示这一次：")
        print(
            "This laptop has no system keyring. Write down this passphrase; it takes the PIN's place and is shown once:"
        )
        print(f"  {passphrase}")
    return 0


def sync(options: argparse.Namespace) -> int:
    """Exchange with headquarters once."""
    desk = open_desk(options)
    try:
        report = desk.sync(money_only=options.money_only)
    finally:
        desk.close()
    print(
        f"events {report.events_sent}  bytes {report.event_bytes + report.chunk_bytes}  answers {report.statements_received}"
    )
    if report.problem is not None:
        raise report.problem
    return 0


def fetch(options: argparse.Namespace) -> int:
    """Take in rules, people and policies from a stick."""
    desk = open_desk(options)
    try:
        taken = desk.take_releases(options.folder)
    finally:
        desk.close()
    print("  ".join(f"{name} {version}" for name, version in sorted(taken.installed.items())))
    if taken.problems:
        raise taken.problems[0]
    return 0


def cases(options: argparse.Namespace) -> int:
    """List cases, newest first."""
    desk = open_desk(options)
    try:
        for case in desk.cases(options.text):
            payable = "" if case.payable_fen is None else yuan(case.payable_fen)
            print(f"{case.case_no}  {case.insured.name}  {case.state}  {case.outcome or ''}  {payable:>14}  {case.ack}")
    finally:
        desk.close()
    return 0


def search(options: argparse.Namespace) -> int:
    """Find persons in the policy extract."""
    desk = open_desk(options)
    try:
        for hit in desk.search_people(options.text):
            person = hit.person
            print(f"{person.name}  {person.birth_date}  …{person.id_number[-4:]}  {'、'.join(hit.policy_nos)}")
    finally:
        desk.close()
    return 0


def register(options: argparse.Namespace) -> int:
    """Save a register as a workbook or as comma-separated text."""
    kind, form = _register_kind(options.kind), _register_format(options.out)
    desk = open_desk(options)
    try:
        today = beijing_date(desk.time().at)
        last = _day(options.last) or today
        first = _day(options.first) or last
        made = desk.register(kind, first, last)
        written = desk.register_file(made, form, Language(options.language))
    finally:
        desk.close()
    write_durably(options.out, written)
    print(f"{options.out}  {made.first} – {made.last}  {len(made.rows)} rows")
    return 0


def rebuild(options: argparse.Namespace) -> int:
    """Make the projections again and compare."""
    settings = _settings(options)
    keys = unlock_keys(settings.home, existing_unlock(settings.adjuster), SystemClock())
    with open_with_keys(settings.home, keys) as store:
        found = store.rebuild()
    verdict = "identical" if found.identical else f"differed: {', '.join(found.differing)}"
    print(f"replayed {found.events} events and {found.statements} statements: {verdict}")
    return 0 if found.identical else 1


def check(options: argparse.Namespace) -> int:
    """Check a voucher by the text of its QR code."""
    root = PEM_cert_to_DER_cert(_settings(options).root_pem.read_text())
    voucher = read_voucher(options.text, TrustStore(root))
    claims = voucher.claims
    print(f"{claims.voucher_no}  {claims.payee}  {yuan(claims.amount_fen)}  {voucher.certificate.device}")
    return 0


def _register_kind(text: str) -> RegisterKind:
    try:
        return RegisterKind(text)
    except ValueError:
        names = "、".join(f"{each.value}（{REGISTER_NAMES[each].zh}）" for each in RegisterKind)
        names_en = ", ".join(each.value for each in RegisterKind)
        raise InputError(
            "register_kind",
            Bilingual(f"没有名为“{text[:40]}”的登记簿。", f'There is no register "{text[:40]}".'),
            Bilingual(f"可选：{names}。", f"There are {names_en}."),
        ) from None


def _register_format(out: Path) -> RegisterFormat:
    ending = out.suffix.lower().removeprefix(".")
    try:
        return RegisterFormat(ending)
    except ValueError:
        raise InputError(
            "register_ending",
            Bilingual(f"不能存成“{out.name}”。", f'A register can\'t be saved as "{out.name}".'),
            Bilingual("文件名请以 .xlsx 或 .csv 结尾。", "Let the file's name end with .xlsx or .csv."),
        ) from None


def _day(text: str | None) -> date | None:
    return None if text is None else read_date(text)


def _settings(options: argparse.Namespace) -> Settings:
    return load_settings(options.home or default_home())
