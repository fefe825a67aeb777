"""The commands of ``outpost``: what each is called, what it takes, what it prints."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.main import build, enrol_laptop
from app.settings import Settings, default_home, load_settings
from app.system_clock import SystemClock
from app.unlocking import existing_unlock, new_unlock
from claims.amounts import yuan
from claims.desk import Desk
from forms.read_back import read_voucher
from local_db.key_file import read_key_file, unlock_keys
from local_db.recovery import recover_key_file
from local_db.store import open_with_keys
from trust.certificates import TrustStore


@dataclass(frozen=True)
class Command:
    """One command: its name, one line of help, its arguments and what it does."""

    name: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    action: Callable[[argparse.Namespace], int]

    def add_to(self, commands: Any) -> None:
        """Register with argparse."""
        parser: argparse.ArgumentParser = commands.add_parser(
            self.name, help=self.summary, description=f"{self.summary}."
        )
        self.arguments(parser)
        parser.set_defaults(run=self.action)


def open_desk(options: argparse.Namespace) -> Desk:
    """Unlock and open the desk of the chosen home."""
    settings = _settings(options)
    adjuster = settings.adjuster or read_key_file(settings.home).adjusters()[0]
    return build(settings, existing_unlock(adjuster))


def _settings(options: argparse.Namespace) -> Settings:
    return load_settings(options.home or default_home())


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    """A command without arguments of its own."""


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="where vouchers, slips and the summary go")


def _demo(options: argparse.Namespace) -> int:
    from app.demo.play import play_demo  # noqa: PLC0415 - the demo's checks need development packages, the desk does not

    return play_demo(options.out)


def _run(options: argparse.Namespace) -> int:
    print(
        "The window comes with the next version; until then this plays the demo and keeps its laptop and headquarters."
    )
    from app.demo.play import play_demo  # noqa: PLC0415 - as above

    home = options.home or default_home()
    return play_demo(home / "demo", keep=True)


def _enrol_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", required=True, help="address of headquarters, https://host[:port]")
    parser.add_argument("--code", required=True, help="one-time enrolment code")
    parser.add_argument("--adjuster", required=True, help="adjuster number, who will unlock this laptop")


def _enrol(options: argparse.Namespace) -> int:
    settings = Settings(home=options.home or default_home(), hq_url=options.url, adjuster=options.adjuster)
    unlock, passphrase = new_unlock(options.adjuster)
    identity = enrol_laptop(settings, options.code, unlock)
    print(f"{identity.company}  {identity.station_name} {identity.station}  {identity.device}/{identity.epoch}")
    if passphrase is not None:
        print("本机没有系统密钥环，请抄下口令短语，以后用它代替 PIN，只显示这一次：")
        print(
            "This laptop has no system keyring. Write down this passphrase; it takes the PIN's place and is shown once:"
        )
        print(f"  {passphrase}")
    return 0


def _sync_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--money-only", action="store_true", help="leave photographs and releases for later")


def _sync(options: argparse.Namespace) -> int:
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


def _cases_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", default="", help="part of a case number, name or policy number")


def _cases(options: argparse.Namespace) -> int:
    desk = open_desk(options)
    try:
        for case in desk.cases(options.text):
            payable = "" if case.payable_fen is None else yuan(case.payable_fen)
            print(f"{case.case_no}  {case.insured.name}  {case.state}  {case.outcome or ''}  {payable:>14}  {case.ack}")
    finally:
        desk.close()
    return 0


def _search_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="name, pinyin, initials, four or more ID digits, phone or policy number")


def _search(options: argparse.Namespace) -> int:
    desk = open_desk(options)
    try:
        for hit in desk.search_people(options.text):
            person = hit.person
            print(f"{person.name}  {person.birth_date}  …{person.id_number[-4:]}  {'、'.join(hit.policy_nos)}")
    finally:
        desk.close()
    return 0


def _rebuild(options: argparse.Namespace) -> int:
    settings = _settings(options)
    keys = unlock_keys(settings.home, existing_unlock(settings.adjuster), SystemClock())
    with open_with_keys(settings.home, keys) as store:
        found = store.rebuild()
    verdict = "identical" if found.identical else f"differed: {', '.join(found.differing)}"
    print(f"replayed {found.events} events and {found.statements} statements: {verdict}")
    return 0 if found.identical else 1


def _recover_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("payload", type=Path, help="the recovery file that headquarters made for this laptop")


def _recover(options: argparse.Namespace) -> int:
    settings = _settings(options)
    unlock, passphrase = new_unlock(settings.adjuster)
    recover_key_file(settings.home, options.payload.read_bytes(), unlock)
    print("密钥文件已恢复。 The key file is restored.")
    if passphrase is not None:
        print(f"  {passphrase}")
    return 0


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="the text of a voucher's QR code")


def _check(options: argparse.Namespace) -> int:
    from ssl import PEM_cert_to_DER_cert  # noqa: PLC0415 - only this command reads a PEM file

    root = PEM_cert_to_DER_cert(_settings(options).root_pem.read_text())
    voucher = read_voucher(options.text, TrustStore(root))
    claims = voucher.claims
    print(f"{claims.voucher_no}  {claims.payee}  {yuan(claims.amount_fen)}  {voucher.certificate.device}")
    return 0


COMMANDS = (
    Command("demo", "play the main job end to end on real parts and check every figure", _demo_arguments, _demo),
    Command("run", "open the desk", _no_arguments, _run),
    Command("enrol", "make this laptop a device of a headquarters", _enrol_arguments, _enrol),
    Command("sync", "exchange with headquarters once", _sync_arguments, _sync),
    Command("cases", "list cases, newest first", _cases_arguments, _cases),
    Command("search", "find persons in the policy extract", _search_arguments, _search),
    Command("rebuild", "make the projections again from log and inbox and compare", _no_arguments, _rebuild),
    Command("recover", "restore a lost key file with headquarters' help", _recover_arguments, _recover),
    Command("check", "check a voucher by the text of its QR code, offline", _check_arguments, _check),
)
