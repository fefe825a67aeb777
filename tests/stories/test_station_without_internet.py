"""Story: a station without internet. A hub keeps sealed logs and hands allowance on; a copied disk is found out; headquarters pays once.

Two laptops and a hub on loopback, each with a real encrypted store, each enrolled at a real headquarters that is then out of reach.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace as changed
from pathlib import Path

import msgspec
import pytest

import resources
from app.hub import run_hub
from app.main import build
from app.neighbours import LanOptions
from claims.desk import Desk
from claims.errors import OutpostError
from claims.neighbours import NeighbourKind
from claims.ports import StepProbe, no_probe
from headquarters.sample import publish_sample
from headquarters.standing import read_standing
from headquarters.sticks import write_stick
from resources.sample_numbers import CLINIC
from sync.lan_carrier import LanTimeouts
from sync.lan_discovery import Found, OpenDiscovery
from sync.tuf_targets import STICK_FOLDER, TIMESTAMP
from sync.wire.hub_messages import NeighbourRole
from tests.desk.station import claimant, clinic_facts, clinic_pool, decide_and_sign, payee, ready_case
from tests.stories.office import Laptop, Office, no_wait

SUM_FEN = 648_824
NOWHERE = "https://127.0.0.1:9"


def no_multicast(*_: object) -> None:
    """A network that lets no announcement through: addresses are typed."""


@contextlib.contextmanager
def at_work(
    laptop: Laptop,
    role: NeighbourRole = NeighbourRole.LAPTOP,
    url: str = NOWHERE,
    *,
    releases: Path | None = None,
    discover: OpenDiscovery = no_multicast,
    probe: StepProbe = no_probe,
) -> Iterator[Desk]:
    """Open a desk in the local network; its own rounds wait for hours, so that the test says when something moves."""
    options = LanOptions(
        role=role,
        host="127.0.0.1",
        discover=discover,
        push_every_s=3600.0,
        update_every_s=3600.0,
        releases=releases,
        timeouts=LanTimeouts(connect_s=5, answer_s=20),
    )
    settings = msgspec.structs.replace(laptop.settings, hq_url=url)
    desk = build(settings, changed(laptop.unlock), probe=probe, wait=no_wait, lan=options)
    try:
        yield desk
    finally:
        desk.close()


def address(desk: Desk) -> str:
    """Switch sharing on and return where this desk is reached."""
    return f"127.0.0.1:{desk.share(True).port}"


def extract_version(desk: Desk) -> int:
    """Return which extract a desk searches."""
    header = desk._ports.extract.header()
    assert header is not None
    return header.version


def promise(desk: Desk, bill: str) -> tuple[str, str]:
    """Take in a case and promise it; return case and voucher number."""
    case_no = ready_case(desk, clinic_facts(bill))
    (paper,) = desk.promise(case_no, CLINIC, [payee()])
    return case_no, paper.number


def test_a_station_works_for_days_on_its_own_network_and_headquarters_settles_once(
    office: Office, tmp_path: Path
) -> None:
    with office.serving() as url:
        hub, one, two = (office.enrol(name, url) for name in ("H1", "D1", "D2"))
        office.allow("D1", clinic_pool(), 700_000, 3_000_000)
        office.allow("H1", clinic_pool(), 1_500_000, 3_000_000)
        for laptop in (hub, one, two):
            with laptop.desk() as desk:
                assert desk.sync().problem is None
    early_copy = tmp_path / "image"
    shutil.copytree(one.settings.home, early_copy)  # somebody makes an image of D1's disk

    # The line is down. D1 promises; the hub holds its sealed log minutes later.
    with at_work(hub, NeighbourRole.HUB) as hub_desk:
        at = address(hub_desk)
        with at_work(one) as desk:
            neighbour = desk.add_neighbour(at)
            assert (neighbour.name, neighbour.kind, neighbour.problem) == ("H1", NeighbourKind.HUB, None)
            _, first = promise(desk, "0000731846")
            assert desk.at_risk().promised_fen == SUM_FEN
            report = desk.push_to_neighbours()
            assert (report.custodians, report.problems, report.stopped) == (("H1",), (), None)
            assert report.files > 0
            assert desk.at_risk().promised_fen == 0, "somebody else holds it now"
            assert desk.push_to_neighbours().bundles == 0, "nothing new, nothing sent"
            assert desk.safety().custody > 0

        # D2 has no allowance: it gives a slip; then it gets one from the hub, and promises.
        with at_work(two) as desk:
            desk.add_neighbour(at)
            case_no = ready_case(desk, clinic_facts("0000731847"))
            (paper,) = desk.conclude(case_no, CLINIC, [payee()])
            assert paper.kind == "slip"
            asked = desk.ask_neighbours(clinic_pool(), SUM_FEN)
            assert (asked.amount_fen, asked.refused) == (SUM_FEN, ())
            left_fen = hub_desk.allowances().pools[0].left_fen
            assert left_fen == 1_500_000 - SUM_FEN
            decide_and_sign(desk, case_no, clinic_facts("0000731847"))
            (paper,) = desk.conclude(case_no, CLINIC, [payee()])
            assert paper.kind == "voucher", "the same claimant, an hour later"
            second = paper.number
            assert not desk.ask_neighbours(clinic_pool(), 10_000_000).received, "more than the hub may give"
            assert hub_desk.allowances().pools[0].left_fen == left_fen
            assert desk.push_to_neighbours().problems == ()
        assert hub_desk.sharing().held_bundles >= 4

    # The image of D1's disk is put back. It learns from the hub that it is not D1's present, and promises nothing.
    kept = tmp_path / "present"
    shutil.move(one.settings.home, kept)
    shutil.move(early_copy, one.settings.home)
    with at_work(hub, NeighbourRole.HUB) as hub_desk:
        at = address(hub_desk)
        with at_work(one) as desk:
            assert desk.disk_fault() is None
            desk.add_neighbour(at)
            fault = desk.disk_fault()
            assert fault is not None
            assert "旧备份" in fault.zh
            case_no = ready_case(desk, clinic_facts("0000731849"))
            (paper,) = desk.conclude(case_no, CLINIC, [payee()])
            assert paper.kind == "slip", "no voucher from a disk that was set back"
            assert desk.push_to_neighbours().stopped == fault
    shutil.rmtree(one.settings.home)
    shutil.move(kept, one.settings.home)

    # The hub is driven to where there is a link, and back.
    with office.serving() as url, at_work(hub, NeighbourRole.HUB, url) as hub_desk:
        assert hub_desk.sync().problem is None
        at = address(hub_desk)
        assert hub_desk.sync().problem is None
        standing = read_standing(office.hq)
        assert standing.vouchers == {"settled": 2}, "both laptops' promises, without either having met headquarters"
        assert standing.settled_fen == 2 * SUM_FEN
        with at_work(one) as desk:
            desk.add_neighbour(at)
            assert desk.push_to_neighbours().problems == ()
            assert desk.paper(first).settlement == "settled", "headquarters' answer came back by the hub"

    # Later everybody meets headquarters; nothing is settled again.
    with office.serving() as url:
        for laptop, number in ((one, first), (two, second)):
            with laptop.at(url).desk() as desk:
                assert desk.sync().problem is None
                assert desk.sync().problem is None
                assert desk.paper(number).settlement == "settled"
    standing = read_standing(office.hq)
    assert standing.stuck == ()
    assert standing.vouchers == {"settled": 2}
    assert standing.settled_fen == 2 * SUM_FEN


class OneSync:
    """Stops the hub's command after one look, in which it syncs."""

    def __init__(self) -> None:
        self.done = False

    def is_set(self) -> bool:
        return self.done

    def wait(self, _seconds: float) -> None:
        self.done = True


def test_a_hub_with_a_line_fetches_by_itself_what_it_hands_out(office: Office, tmp_path: Path) -> None:
    """Nobody writes a stick: the hub's own sync brings everything, and laptops that find the hub take it, verified, without being told to."""
    with office.serving() as url:
        hub, laptop = (office.enrol(name, url) for name in ("H1", "D4"))
        with laptop.desk() as desk:
            assert desk.sync().problem is None
            before = extract_version(desk)
        publish_sample(office.hq, resources.path("packs", "sample.json"), 1, others=3)
        with at_work(hub, NeighbourRole.HUB, url) as hub_desk:
            run_hub(hub_desk, OneSync(), neighbours=[], to_headquarters=True)  # type: ignore[arg-type]  # of an event, what the command asks
        mirror = hub.settings.releases / STICK_FOLDER
        assert (mirror / TIMESTAMP).is_file()
        shutil.rmtree(
            mirror
        )  # the disk was cleaned up: the next sync lays it out again, though headquarters has nothing newer
        with at_work(hub, NeighbourRole.HUB, url) as hub_desk:
            assert hub_desk.sync().problem is None

    # The line is down and the hub was restarted.
    taken = threading.Event()

    def probe(step: str, /) -> None:
        if step == "releases.in_use":
            taken.set()

    with at_work(hub, NeighbourRole.HUB) as hub_desk:
        host, _, port = address(hub_desk).rpartition(":")
        found = Found("i", "H1", "QX07", NeighbourRole.HUB, host, int(port))

        def discover(*given: object) -> None:
            given[4](found)  # type: ignore[operator]  # the call for a neighbour that appeared

        with at_work(laptop, discover=discover, probe=probe) as desk:
            desk.share(True)
            assert taken.wait(60)
            assert not desk.update_from_neighbours(), "waits for the one under way, and finds nothing left to do"
            assert extract_version(desk) > before
            assert desk.search_people(claimant().name)


def test_new_rules_and_policies_come_by_the_hub_alone(office: Office, tmp_path: Path) -> None:
    """Nothing but the hub's folder, which headquarters' stick filled; verified as if it came from headquarters."""
    with office.serving() as url:
        hub, laptop = (office.enrol(name, url) for name in ("H1", "D4"))
        with laptop.desk() as desk:
            assert desk.sync().problem is None
            before = extract_version(desk)
    publish_sample(office.hq, resources.path("packs", "sample.json"), 1, others=3)
    write_stick(office.hq, tmp_path / "stick")
    with at_work(hub, NeighbourRole.HUB, releases=tmp_path / "stick") as hub_desk:
        at = address(hub_desk)
        with at_work(laptop) as desk:
            desk.add_neighbour(at)
            assert desk.update_from_neighbours()
            assert extract_version(desk) > before
            assert desk.search_people(claimant().name)
            assert not desk.update_from_neighbours(), "nothing new the second time"
    (timestamp,) = (tmp_path / "stick").rglob("timestamp.json")
    timestamp.write_bytes(timestamp.read_bytes().replace(b'"version"', b'"versioN"'))
    with at_work(hub, NeighbourRole.HUB, releases=tmp_path / "stick") as hub_desk:
        at = address(hub_desk)
        with at_work(laptop) as desk:
            desk.add_neighbour(at)
            with pytest.raises(OutpostError):
                desk.update_from_neighbours()
            assert desk.rules() is not None
