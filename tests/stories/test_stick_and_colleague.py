"""A laptop that never has a line: its work goes by a colleague's bag and by stick, and comes back receipted."""

from __future__ import annotations

from pathlib import Path

from claims.bundles import AnswerOutcome, BundlePhase, BundleProgressed
from tests.desk.station import new_case, take_papers
from tests.stories.office import Office


def test_a_colleague_carries_the_work_and_brings_the_answer(tmp_path: Path) -> None:
    office = Office(tmp_path / "office")
    stick, back = tmp_path / "STICK", tmp_path / "BACK"
    for folder in (stick, back):
        folder.mkdir()
    with office.serving() as url:
        cut_off, colleague = office.enrol("D3", url), office.enrol("D5", url)
    told: list[BundleProgressed] = []
    with cut_off.desk() as desk:
        case_no = desk.open_case(new_case())
        take_papers(desk, case_no)
        written = desk.write_bundle(stick, progress=told.append)
        assert written.files > 0
        assert {each.phase for each in told} == {BundlePhase.WRITING, BundlePhase.CHECKING}
        assert desk.safety().disk == 0
        assert desk.receipts()[0].ack == "custody"
        assert desk.at_risk().cases == ()

    with office.serving() as url, colleague.at(url).desk() as desk:
        carried = desk.carry_bundle(written.path)
        assert carried.held.device == "D3"
        report = desk.sync()
        assert report.problem is None
        assert (report.carried, report.answers_carried) == (1, 1)
        assert desk.held_bundles()[0].forwarded_at is not None
        assert desk.sync().carried == 0
        desk.write_bundle(back)

    with cut_off.desk() as desk:
        read = desk.read_bundles(back)
        assert [each.outcome for each in read.read] == [AnswerOutcome.TAKEN]
        safety = desk.safety()
        assert (safety.disk, safety.custody, safety.attachments_waiting) == (0, 0, 0)
        assert desk.receipts()[0].ack == "hq"
        assert desk.custody()[0].name
        assert [each.outcome for each in desk.read_bundles(back).read] == [AnswerOutcome.NOTHING_NEW]
    office.close()
