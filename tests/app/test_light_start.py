"""What stands between the click and the unlock screen: these imports must stay light."""

from __future__ import annotations

import subprocess
import sys

import pytest

_HEAVY = (
    "rules.engine",
    "claims.desk",
    "claims.form_definitions",
    "local_db.store",
    "sqlcipher3",
    "reportlab",
    "requests",
    "cryptography",
    "keyring",
)

_PROBE = """
import sys, importlib
importlib.import_module(sys.argv[1])
loaded = [each for each in sys.argv[2:] if each in sys.modules]
print(",".join(loaded))
"""

_FACTS = """
import sys, pathlib
from app.entrance import LocalEntrance
from app.preferences import FilePreferences
from app.system_clock import SystemClock
home = pathlib.Path(sys.argv[1])
entrance = LocalEntrance(home, SystemClock())
facts = entrance.facts()
assert facts.enrolled and facts.damaged is None and facts.holders, facts
entrance.attempts_wait_s()
FilePreferences(home).load()
print(",".join(each for each in sys.argv[2:] if each in sys.modules))
"""


def loaded_by(script: str, argument: str) -> str:
    done = subprocess.run([sys.executable, "-c", script, argument, *_HEAVY], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    "module",
    [
        "claims.errors",
        "views.entrance",
        "views.lanes",
        "views.practice",
        "views.preferences",
        "app.entrance",
        "app.practice",
        "app.workers",
        "app.preferences",
        "app.window",
    ],
)
def test_the_unlock_screen_waits_for_nothing_heavy(module: str) -> None:
    assert loaded_by(_PROBE, module) == ""


def test_asking_what_is_known_before_unlocking_loads_nothing_heavy(tmp_path) -> None:
    (tmp_path / "store.db").write_bytes(b"not opened")
    (tmp_path / "keys.json").write_text(
        '{"type":"outpost_key_file@1","device":"D3","epoch":1,'
        '"slots":[{"type":"adjuster","slot_id":"ab","adjuster":"0417","keyring":false}]}'
    )
    assert loaded_by(_FACTS, str(tmp_path)) == ""
