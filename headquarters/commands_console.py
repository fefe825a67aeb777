"""The commands of the web console: ``console``, ``staff-add``, ``staff-password``, ``staff-stop``, ``staff``.

Promise: a password is asked for on the terminal (or read from one line of standard input), never given on the command line.
"""

from __future__ import annotations

import argparse
import getpass
import sys

from headquarters.command_line import Commands, add_command, opened
from headquarters.console.staff import StaffRole, add_staff, set_password, staff_list, stop_staff
from headquarters.serving import LOOPBACK


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    console = add_command(commands, "console", _console, "run the web console for headquarters' staff until SIGTERM")
    console.add_argument("--host", default=LOOPBACK, help="address to listen on (default: loopback only)")
    console.add_argument("--port", type=int, default=8444, help="port, 0 for any free one (default: 8444)")
    new = add_command(commands, "staff-add", _add, "open an account for the console; asks for a password")
    new.add_argument("staff", metavar="STAFF", help="staff number")
    new.add_argument("--name", required=True, help="name, as it will stand under decisions")
    new.add_argument("--role", required=True, choices=[each.value for each in StaffRole], help="what they may do")
    change = add_command(commands, "staff-password", _password, "set an account's password anew and end its sessions")
    change.add_argument("staff", metavar="STAFF", help="staff number")
    stop = add_command(commands, "staff-stop", _stop, "close an account; what it did stays on record")
    stop.add_argument("staff", metavar="STAFF", help="staff number")
    add_command(commands, "staff", _list, "list the accounts of the console")


def _console(options: argparse.Namespace) -> int:
    from headquarters.console.pages import create_console  # noqa: PLC0415 - templates and forms, for this command alone
    from headquarters.serving import Service  # noqa: PLC0415 - as above

    with opened(options) as hq:
        service = Service(hq, options.host, options.port, app=create_console(hq), leaf="console")
        print(f"总部网页 console: {service.address}", flush=True)
        service.run()
    return 0


def _add(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        add_staff(hq, options.staff, options.name, StaffRole(options.role), _ask_password())
    print(f"已开户 account: {options.staff} {options.name} ({options.role})")
    return 0


def _password(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        set_password(hq, options.staff, _ask_password())
    print(f"密码已换 password set: {options.staff}")
    return 0


def _stop(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        stop_staff(hq, options.staff)
    print(f"已停用 stopped: {options.staff}")
    return 0


def _list(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        for each in staff_list(hq):
            state = "停用 stopped" if each.stopped_at is not None else "在用 active"
            print(f"{each.staff_no}  {each.name}  {each.role}  {state}")
    return 0


def _ask_password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("密码 password: ")
    return sys.stdin.readline().rstrip("\r\n")
