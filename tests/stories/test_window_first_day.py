"""Story: a newcomer's first quarter of an hour, as `make run` gives it: a practice headquarters on this computer, enrolment by its
one-time code, the passphrase written down, a claim, the plug pulled in the middle, and everything arriving when it is back."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.entrance import LocalEntrance
from app.practice import LocalPractice
from app.system_clock import SystemClock
from claims.records import PaperState
from tests.stories.at_the_counter import paper_out, printer_that_writes
from tests.stories.office import no_wait
from tests.stories.test_window_disaster import take_the_claim
from tests.stories.window import window_at
from views.door.enrol_panel import EnrolPanel, PassphraseOnce


@pytest.mark.timeout(400)  # a headquarters is made and started in processes of its own
def test_from_an_empty_computer_to_a_receipted_voucher(tmp_path: Path) -> None:
    home = tmp_path / "home"
    practice = LocalPractice(home, SystemClock())
    try:
        entrance = LocalEntrance(home, SystemClock(), practice.laptop_enrolled, wait=no_wait)
        with (
            printer_that_writes(tmp_path / "printed.pdf"),
            window_at(home, practice=practice, entrance=entrance) as person,
        ):
            door = person.window.door
            assert isinstance(door.panel, EnrolPanel)
            assert person.can_see("练习总部已就绪")
            person.click("登记")
            page = door.panel
            assert isinstance(page, PassphraseOnce), person.texts()
            assert not page.button.isEnabled()
            person.find("我已抄好").setFocus()
            person.press("Space")
            person.press("Ctrl+Return")
            person.wait_until(lambda: person.can_see("排队"))
            person.click("同步")
            person.press("Y")
            frame = person.window.frame
            assert frame is not None
            assert frame.syncing.now.problem is None, frame.syncing.now.problem

            person.click("接通总部")
            assert not practice.state().running, "the plug is pulled"
            assert (practice.state().papers / "覃建国" / "门诊收费票据及清单或处方.jpg").is_file()
            take_the_claim(person, tmp_path / "papers")
            paper_out(person)
            person.click("同步")
            person.press("Y")
            assert frame.syncing.now.problem is not None
            assert frame.desk.safety().disk > 0

            person.click("接通总部")
            assert practice.state().running
            person.press("Y")
            assert frame.syncing.now.problem is None, frame.syncing.now.problem
            (paper,) = frame.desk.papers()
            assert paper.state is PaperState.REDEEMED
            assert (frame.desk.safety().disk, frame.desk.safety().attachments_waiting) == (0, 0)
    finally:
        practice.stop()
