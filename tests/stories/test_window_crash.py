"""Story: the power goes while a report is being typed, and again right after a promise became durable. After the restart the draft
stands there, and the voucher is there once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from claims.records import PaperState
from tests.stories.at_the_counter import paper_out, prepared, printer_that_writes, unlock
from tests.stories.office import Laptop, Office
from tests.stories.window import window_at

# A process of its own, so that it can be killed like a real one. What it does comes from the same steps as the other stories.
_CHILD = """
import os, signal, sys
from pathlib import Path
from app.settings import load_settings
from local_db.key_slots import PassphraseUnlock
from tests.stories import at_the_counter as counter
from tests.stories.office import Laptop
from tests.stories.window import window_at
from PySide6.QtTest import QTest

home, secret, act = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
laptop = Laptop(load_settings(home))
laptop.unlock = PassphraseUnlock("0417", secret)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

if act == "typing":
    with window_at(home) as person:
        counter.unlock(person, laptop)
        counter.find_person(person, "覃建国")
        person.press("Return")
        person.choose("理赔类型", "意外医疗")
        person.fill("出险地点", "清溪县一中安置点")
        person.wait_until(lambda: person.can_see("草稿已存盘"))
        die()
else:
    import app.entrance, app.main
    build = app.main.build
    def cut(name, /):
        if name == "after_t1":
            die()
    app.main.build = lambda *a, **k: build(*a, **(k | {"probe": cut}))
    from tests.stories.test_window_disaster import take_the_claim
    with counter.printer_that_writes(home / "p.pdf"), window_at(home) as person:
        counter.unlock(person, laptop)
        take_the_claim(person, home.parent / "papers")
        person.press("Ctrl+Return")
"""


def killed_while(laptop: Laptop, act: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", _CHILD, str(laptop.settings.home), laptop.unlock.passphrase, act],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]


def test_what_was_typed_stands_there_after_the_power_went(office: Office) -> None:
    laptop = prepared(office)
    killed_while(laptop, "typing")
    with window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        person.click("覃建国")
        assert person.can_see("理赔类型: 意外医疗")
        assert person.find("出险地点").property("text") == "清溪县一中安置点"
        person.press("Ctrl+Return")
        assert person.can_see("报案，已完成")
    with laptop.desk() as desk:
        assert [each.loss_place for each in desk.cases()] == ["清溪县一中安置点"]
        assert not [draft_id for draft_id, _ in desk.drafts() if draft_id.startswith("report:")]


def test_a_promise_made_before_the_power_went_is_there_once_and_can_be_printed(office: Office, tmp_path: Path) -> None:
    laptop = prepared(office)
    killed_while(laptop, "promising")
    with laptop.desk() as desk:
        (paper,) = desk.papers()
        assert paper.state is PaperState.ASKED
    with printer_that_writes(tmp_path / "printed.pdf"), window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        assert person.can_see("覃建国")
        person.click(person_row(person.texts()))
        paper_out(person)
    with laptop.desk() as desk:
        (again,) = desk.papers()
        assert (again.number, again.state) == (paper.number, PaperState.HANDED_OVER)


def person_row(texts: list[str]) -> str:
    """What the row of the unfinished paper is called on the desk."""
    return next(each for each in texts if "覃建国" in each and "QX07" in each)
