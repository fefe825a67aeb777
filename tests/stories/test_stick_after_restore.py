"""Story: headquarters burned down and came back from last week's backup, and one laptop only ever meets a stick.

What headquarters had granted and settled since is known by that laptop alone. It comes back by stick; nothing is granted or paid twice on the way.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from claims.bundles import AnswerOutcome, AnswerRead
from claims.desk import Desk
from claims.errors import InputError
from headquarters.answer_bundles import write_answers
from headquarters.backups import make_backup
from headquarters.bundle_intake import Taken, take_bundle
from headquarters.installation import Headquarters
from headquarters.restores import read_recovery
from headquarters.standing import read_standing
from resources.sample_numbers import CLINIC
from tests.desk.station import clinic_facts, clinic_pool, payee, ready_case
from tests.headquarters.restoring import ledger, place_of, set_back
from tests.stories.office import Office

SUM_FEN = 648_824
GRANT_FEN, LIMIT_FEN = 700_000, 2_000_000


class Post:
    """What goes between a laptop and headquarters: one stick a way, the newest bundle on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.trips = folder, 0

    def stick(self) -> Path:
        self.trips += 1
        made = self.folder / f"STICK-{self.trips}"
        made.mkdir(parents=True)
        return made

    def there(self, desk: Desk, hq: Headquarters) -> tuple[Taken, Path]:
        """Bring a bundle to headquarters; return what it was worth, and the stick with the answers."""
        stick = self.stick()
        return self.bring(desk.write_bundle(stick).path, hq), self.answers(hq)

    def bring(self, bundle: Path, hq: Headquarters) -> Taken:
        with bundle.open("rb") as stream:
            return take_bundle(hq, stream)

    def answers(self, hq: Headquarters) -> Path:
        stick = self.stick()
        write_answers(hq, stick)
        return stick

    def exchange(self, desk: Desk, hq: Headquarters) -> AnswerRead:
        """There and back."""
        return self.own(desk, self.there(desk, hq)[1])

    def own(self, desk: Desk, stick: Path) -> AnswerRead:
        (read,) = (each for each in desk.read_bundles(stick).read if each.outcome is not AnswerOutcome.FOREIGN)
        return read


def test_what_only_a_stick_can_tell_comes_back_and_nothing_is_paid_twice(tmp_path: Path) -> None:
    office, post = Office(tmp_path / "office"), Post(tmp_path / "post")
    with office.serving() as url, office.enrol("D1", url).desk() as desk, office.enrol("D2", url).desk() as other:
        for each in (desk, other):
            assert each.sync().problem is None
        make_backup(office.hq, tmp_path / "backups")
        tell(office, post, desk, other)
    office.close()


def tell(office: Office, post: Post, desk: Desk, other: Desk) -> None:
    """All that comes after the backup; both laptops meet nothing but sticks."""
    pool = clinic_pool()
    office.allow("D1", pool, GRANT_FEN, LIMIT_FEN)
    assert post.exchange(desk, office.hq).outcome is AnswerOutcome.TAKEN
    case_no = ready_case(desk, clinic_facts("0000731846"))
    (paper,) = desk.promise(case_no, CLINIC, [payee()])
    assert post.exchange(desk, office.hq).outcome is AnswerOutcome.TAKEN
    assert desk.paper(paper.number).settlement == "settled"
    stale = desk.write_bundle(post.stick()).path
    left_fen = desk.allowances().pools[0].left_fen
    wanted = ledger(office.hq)
    # One more word is on its way when headquarters burns down: it will be read too late.
    office.allow("D1", pool, 200_000, LIMIT_FEN)
    late = post.answers(office.hq)

    set_back(office.hq, place_of(office.hq))
    office.hq = hq = Headquarters.open(office.hq.home, office.hq.now)
    assert read_standing(hq).settled_fen == 0
    # A bundle from before, and the first one after, can't know who asks: nobody is heard by them.
    post.bring(stale, hq)
    taken, back = post.there(desk, hq)
    assert (taken.whole, taken.refused) == (True, 0)
    assert waiting(hq) == {"D1", "D2"}
    with pytest.raises(InputError):
        office.allow("D2", pool, GRANT_FEN, LIMIT_FEN)
    told = post.own(desk, back)
    assert told.outcome is AnswerOutcome.TAKEN
    assert "再写一份封存包" in told.sentence.zh

    # From here on the word of the headquarters that is gone does not count any more.
    assert post.own(desk, late).outcome is AnswerOutcome.OVERTAKEN
    assert desk.allowances().pools[0].left_fen == left_fen
    post.bring(stale, hq)
    assert waiting(hq) == {"D1", "D2"}
    taken, back = post.there(desk, hq)
    assert (taken.whole, taken.refused) == (True, 0)
    assert waiting(hq) == {"D2"}
    assert "再写一份封存包" not in post.own(desk, back).sentence.zh
    assert desk.paper(paper.number).settlement == "settled"
    for _ in range(2):
        post.exchange(other, hq)
    assert waiting(hq) == set()
    assert ledger(hq) == wanted
    standing = read_standing(hq)
    assert (standing.vouchers, standing.settled_fen, standing.stuck) == ({"settled": 1}, SUM_FEN, ())
    with pytest.raises(InputError):
        office.allow("D2", pool, LIMIT_FEN - GRANT_FEN + 1, LIMIT_FEN)

    # What headquarters says now comes behind what the laptop held, and an older bundle changes nothing.
    office.allow("D1", pool, 100_000, LIMIT_FEN)
    assert post.exchange(desk, hq).outcome is AnswerOutcome.TAKEN
    assert desk.allowances().pools[0].left_fen == left_fen + 100_000
    after = ledger(hq)
    post.bring(stale, hq)
    assert ledger(hq) == after
    assert desk.sent_back() == ()


def waiting(hq: Headquarters) -> set[str]:
    """Return whom a headquarters that was set back waits for."""
    recovery = read_recovery(hq)
    return set() if recovery is None else {each.device for each in recovery.unheard}
