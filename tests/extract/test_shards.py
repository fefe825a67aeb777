"""Extracts as shards: cut at headquarters, put together on a laptop, changed, united; always the same as the truth."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from claims.distributed import ExtractManifest
from claims.errors import EnvironmentProblem, InputError
from claims.reference import ExtractPerson, ExtractPolicy
from headquarters import extract_cut
from headquarters.extract_cut import CutExtract, cut
from headquarters.extract_selection import of_catastrophe, of_region, of_visit, publish_selection
from headquarters.extract_shards import manifest_of, publish_shards
from headquarters.installation import Headquarters
from headquarters.models_distribution import ExtractKey
from headquarters.releases import ReleaseKind, publish
from headquarters.sample import sample_catastrophes, write_sample
from local_db.extract.search import LocalExtract
from local_db.extract.shards import ProvedManifest, ShardFolder, apply_manifests
from tests.extract.streams import KEY, policy, someone
from tests.sync.tuf_world import START, StandingClock


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("cutting") / "hq"
    Headquarters.create(home, StandingClock()).close()
    return home


class World:
    """A headquarters that cuts, a folder that takes in; nothing between them but the bytes."""

    def __init__(self, bare: Path, folder: Path) -> None:
        shutil.copytree(bare, folder / "hq")
        self.clock = StandingClock()
        self.hq = Headquarters.open(folder / "hq", self.clock)
        self.folder = folder / "extract"
        self.extract = LocalExtract(self.folder, KEY)
        self.fetched = 0

    def publish(self, people: list[ExtractPerson], book: list[ExtractPolicy], scope: str = "all") -> ExtractManifest:
        self.clock.forward(hours=1)
        return publish_shards(self.hq, scope, [*people, *book], expected=len(people) + len(book), made_at=self.clock.at)

    def take(self, *scopes: str, **options: object) -> None:
        shards = ShardFolder(self.folder)
        wanted = []
        for scope in scopes or ("all",):
            manifest = manifest_of(self.hq, scope)
            assert manifest is not None
            for shard in shards.missing(manifest):
                content = self.hq.blobs.read(shard.sha256)
                shards.put(shard, content)
                self.fetched += len(content)
            wanted.append(ProvedManifest(f"{scope}-{manifest.version}", manifest))
        with self.hq.database.read() as session:
            keys = {row.key_id: row.key for row in session.scalars(select(ExtractKey))}
        apply_manifests(self.folder, KEY, wanted, keys, **options)  # type: ignore[arg-type]  # options by name

    def names(self) -> set[str]:
        return {path.name for path in self.folder.glob("extract-*")}

    def close(self) -> None:
        self.extract.close()
        self.hq.close()


@pytest.fixture
def world(bare: Path, tmp_path: Path) -> Iterator[World]:
    made = World(bare, tmp_path)
    yield made
    made.close()


def holds(extract: LocalExtract, people: list[ExtractPerson], book: list[ExtractPolicy]) -> None:
    """The extract says exactly this, whichever way it is asked."""
    header = extract.header()
    assert (header.persons, header.policies) == (len(people), len(book))
    known = {each.person_id for each in people}
    for each in (*people[:12], *people[12::17]):
        mine = sorted(
            one.policy_no
            for one in book
            if each.person_id in (one.insured_id, one.policyholder_id, *(b.person_id for b in one.beneficiaries))
        )
        hit = extract.person(each.person_id)
        assert (hit.person, sorted(hit.policy_nos)) == (each, mine)
        assert [one.policy_no for one in extract.policies_of(each.person_id)] == mine
        assert [
            one.person for one in extract.search(each.name, limit=500) if one.person.person_id == each.person_id
        ] == [each]
        assert each.person_id in {one.person.person_id for one in extract.search(each.id_number)}
    for one in (*book[:12], *book[12::17]):
        assert extract.policy(one.policy_no) == one
        assert {hit.person.person_id for hit in extract.search(one.policy_no)} >= {one.insured_id} & known
    found, _ = extract.count("王", stop=lambda _: False)
    assert found == sum("王" in each.name for each in people)


PEOPLE = [someone(number, f"王{'甲乙丙丁戊己庚辛壬癸'[number % 10]}") for number in range(1, 200)]
BOOK = [policy(f"AT2026{number:06d}", f"P{number}", f"P{number}", f"P{number % 7 + 1}") for number in range(1, 200)]


def test_an_extract_arrives_as_it_was(world):
    world.publish(PEOPLE, BOOK)
    world.take()
    holds(world.extract, PEOPLE, BOOK)


def test_the_same_again_changes_nothing_and_travels_nothing(world):
    first = world.publish(PEOPLE, BOOK)
    world.take()
    files, fetched = world.names(), world.fetched
    again = world.publish(list(reversed(PEOPLE)), list(reversed(BOOK)))
    assert (again.base, again.delta) == (first.base, ())
    world.take()
    assert world.fetched == fetched
    assert len(world.names() & files) == 1, "the base is used again"
    holds(world.extract, PEOPLE, BOOK)


def test_only_what_changed_travels(world):
    base = world.publish(PEOPLE, BOOK)
    world.take()
    before = world.fetched
    people = [msgspec.structs.replace(PEOPLE[3], phone="19911112222"), *PEOPLE[:3], *PEOPLE[4:-1]]
    book = [
        msgspec.structs.replace(BOOK[5], terms={"sum_insured": 7}),
        *BOOK[:5],
        *BOOK[6:-1],
        policy("AT9", "P1", "P2"),
    ]
    changed = world.publish(people, book)
    assert (changed.base, changed.base_version) == (base.base, base.version)
    world.take()
    assert world.fetched - before < before / 4
    holds(world.extract, people, book)
    assert world.extract.person("P199") is None
    assert world.extract.policy(BOOK[-1].policy_no) is None
    assert [each.person.person_id for each in world.extract.search("19911112222")] == [PEOPLE[3].person_id]
    assert not [each for each in world.extract.search(PEOPLE[3].phone) if each.person.person_id == PEOPLE[3].person_id]


def test_much_change_makes_a_new_base(world):
    world.publish(PEOPLE, BOOK)
    world.take()
    people = [msgspec.structs.replace(each, phone="19900000001") for each in PEOPLE]
    manifest = world.publish(people, BOOK)
    assert (manifest.base_version, manifest.delta) == (manifest.version, ())
    world.take()
    holds(world.extract, people, BOOK)
    assert len(world.names()) == 2, "one base and the union"


def test_a_policy_may_move_to_another_person(world):
    world.publish(PEOPLE, BOOK)
    moved = msgspec.structs.replace(BOOK[0], insured_id="P50", policyholder_id="P51", beneficiaries=())
    world.publish(PEOPLE, [moved, *BOOK[1:]])
    world.take()
    holds(world.extract, PEOPLE, [moved, *BOOK[1:]])


def test_several_extracts_are_one(world):
    region, quake = PEOPLE[:100], PEOPLE[80:150]
    own = [policy(f"AT2026{number:06d}", f"P{number}", f"P{number}") for number in range(1, 200)]
    world.publish(region, own[:100], "region-9901")
    newer = [msgspec.structs.replace(each, phone="19922223333") for each in quake]
    world.publish(newer, own[80:150], "catastrophe-Q")
    visit = msgspec.structs.replace(PEOPLE[199 - 10], phone="19933334444")
    world.publish([visit, PEOPLE[0]], [own[189]], "visit-monday")
    world.take("region-9901", "catastrophe-Q", "visit-monday")
    holds(world.extract, [*PEOPLE[:80], *newer, visit], [*own[:150], own[189]])
    world.take("region-9901")
    holds(world.extract, region, own[:100])


def test_what_left_one_extract_stays_in_another(world):
    world.publish(PEOPLE[:50], BOOK[:50], "region-9901")
    world.publish(PEOPLE[:10], BOOK[:10], "visit-a")
    world.publish(PEOPLE[1:50], BOOK[1:50], "region-9901")
    world.take("region-9901")
    assert world.extract.person("P1") is None
    world.take("region-9901", "visit-a")
    assert BOOK[0].policy_no in world.extract.person("P1").policy_nos


def test_nothing_is_left_when_the_last_extract_goes(world):
    world.publish(PEOPLE, BOOK)
    world.take()
    apply_manifests(world.folder, KEY, [], {})
    assert world.extract.header() is None
    assert world.extract.search("王甲") == ()
    assert world.names() == set()


def test_a_search_goes_on_while_an_extract_is_swapped(world):
    world.publish(PEOPLE, BOOK)
    world.take()
    assert world.extract.person("P1") is not None
    world.publish([*PEOPLE[:150], someone(201, "赵新")], BOOK[:150])

    def searching(step: str) -> None:
        assert world.extract.person("P2") is not None, step

    world.take(probe=searching)
    assert world.extract.search("赵新")


@pytest.mark.parametrize("step", ["extract.layer_built", "extract.union_built", "extract.in_use"])
def test_a_cut_leaves_the_one_before_or_the_new_one_whole(world, step):
    world.publish(PEOPLE[:100], BOOK[:100])
    world.take()
    world.publish(PEOPLE[:99], BOOK[:99])

    def cutting(name: str) -> None:
        if name == step:
            raise PowerCutError

    with pytest.raises(PowerCutError):
        world.take(probe=cutting)
    count = 99 if step == "extract.in_use" else 100
    holds(LocalExtract(world.folder, KEY), PEOPLE[:count], BOOK[:count])
    built: list[str] = []
    world.take(probe=built.append)
    assert "extract.layer_built" not in built, "what was complete is used again"
    holds(world.extract, PEOPLE[:99], BOOK[:99])
    assert not list(world.folder.glob(".*"))


def test_a_full_disk_leaves_the_extract_in_use(world):
    world.publish(PEOPLE[:20], BOOK[:20])
    world.take()
    world.publish(PEOPLE, BOOK)
    with pytest.raises(EnvironmentProblem) as caught:
        world.take(max_pages=12)
    assert caught.value.code == "store_full"
    holds(world.extract, PEOPLE[:20], BOOK[:20])


def test_a_shard_that_was_damaged_on_the_disk_is_thrown_away(world):
    manifest = world.publish(PEOPLE, BOOK)
    world.take()
    spoiled = world.folder / "shards" / manifest.base[0].sha256
    raw = bytearray(spoiled.read_bytes())
    raw[40] ^= 1
    spoiled.write_bytes(raw)
    with pytest.raises(EnvironmentProblem) as caught:
        world.take(again=True)
    assert caught.value.code == "extract_damaged"
    assert not spoiled.exists()
    world.take(again=True)
    holds(world.extract, PEOPLE, BOOK)


def test_a_manifest_that_counts_otherwise_is_refused(world):
    world.publish(PEOPLE[:10], BOOK[:10])
    world.take()
    manifest = world.publish(PEOPLE, BOOK)
    wrong = ProvedManifest("x", msgspec.structs.replace(manifest, persons=manifest.persons - 1))
    shards = ShardFolder(world.folder)
    for shard in shards.missing(manifest):
        shards.put(shard, world.hq.blobs.read(shard.sha256))
    with world.hq.database.read() as session:
        keys = {row.key_id: row.key for row in session.scalars(select(ExtractKey))}
    with pytest.raises(EnvironmentProblem) as caught:
        apply_manifests(world.folder, KEY, [wrong], keys)
    assert caught.value.code == "extract_damaged"
    holds(world.extract, PEOPLE[:10], BOOK[:10])


def test_nothing_readable_reaches_the_disk(world):
    people = [someone(1, "独孤求败")]
    world.publish(people, [])
    world.take()
    for path in world.folder.rglob("*"):
        if path.is_file():
            assert "独孤求败".encode() not in path.read_bytes()


def test_a_cut_that_was_lost_costs_a_new_base_and_nothing_else(world):
    world.publish(PEOPLE, BOOK)
    world.take()
    shutil.rmtree(world.hq.home / "extract-cuts")
    people = PEOPLE[1:]
    manifest = world.publish(people, BOOK)
    assert manifest.delta == ()
    world.take()
    holds(world.extract, people, BOOK)


def test_pieces_do_not_depend_on_the_order_of_records(tmp_path):
    one, *_ = cut([*PEOPLE, *BOOK], tmp_path / "one", 8)
    two, *_ = cut([*reversed(BOOK), *reversed(PEOPLE)], tmp_path / "two", 8)
    assert [one.packed(each) for each in range(8)] == [two.packed(each) for each in range(8)]
    assert isinstance(one, CutExtract)


def test_an_extract_that_outgrew_its_pieces_is_cut_anew(world, monkeypatch):
    monkeypatch.setattr(extract_cut, "PIECE_RECORDS", 16)
    few = world.publish(PEOPLE[:8], BOOK[:8])
    assert len(few.base) == 1
    world.take()
    many = world.publish(PEOPLE, BOOK)
    assert len(many.base) == 32
    world.take()
    holds(world.extract, PEOPLE, BOOK)
    changed = world.publish(PEOPLE[1:], BOOK)
    assert changed.base == many.base
    world.take()
    holds(world.extract, PEOPLE[1:], BOOK)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_row_of_versions_ends_in_the_truth(bare, tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("row")
    world = World(bare, folder)
    numbers = st.integers(1, 12)
    try:
        truth: dict[str, tuple[dict[str, ExtractPerson], dict[str, ExtractPolicy]]] = {}
        for _ in range(data.draw(st.integers(2, 5))):
            scope = data.draw(st.sampled_from(["all", "region-1"]))
            here = data.draw(st.sets(numbers, min_size=1))
            phones = data.draw(st.sampled_from(["19900000001", "19900000002"]))
            people = {f"P{n}": someone(n, f"王{n}", phone=phones if n % 3 == 0 else f"1991111{n:04d}") for n in here}
            held = data.draw(st.sets(st.sampled_from(sorted(here))))
            book = {
                f"AT{n:04d}": policy(f"AT{n:04d}", f"P{n}", data.draw(st.sampled_from(sorted(people)))) for n in held
            }
            world.publish(list(people.values()), list(book.values()), scope)
            truth.pop(scope, None)
            truth[scope] = people, book
            if data.draw(st.booleans()):
                world.take(*truth)
        world.take(*truth)
        people, book = {}, {}
        for each_people, each_book in truth.values():
            people |= each_people
            book |= each_book
        holds(world.extract, list(people.values()), list(book.values()))
    finally:
        world.close()
        shutil.rmtree(folder)


# --- selections ---


@pytest.fixture
def sample(world, tmp_path):
    files = write_sample(tmp_path / "sample", 1, START, others=60)
    publish(world.hq, ReleaseKind.CATASTROPHE, files.catastrophes, 1, warn_days=1, expire_days=2)
    publish(world.hq, ReleaseKind.EXTRACT, files.extract, 1, warn_days=1, expire_days=2, to_laptops=False)
    return world


def test_a_region_and_a_catastrophe_choose_by_the_region_code(sample):
    assert manifest_of(sample.hq, "all") is None, "kept at headquarters"
    region = publish_selection(sample.hq, of_region("990101"), stations=("QX07",))
    quake = publish_selection(sample.hq, of_catastrophe(sample.hq, sample_catastrophes()[0].catastrophe_id))
    assert region.persons == quake.persons > 60
    sample.take(region.scope, quake.scope)
    assert sample.extract.header().persons == region.persons
    with pytest.raises(InputError, match="selection_empty"):
        publish_selection(sample.hq, of_region("11"))
    with pytest.raises(InputError, match="catastrophe_unknown"):
        of_catastrophe(sample.hq, "CAT-NONE")


def test_a_visit_list_brings_everybody_named_in_the_policies(sample, tmp_path):
    listed = tmp_path / "monday.txt"
    listed.write_text("P90000003\n\n", "utf-8")
    manifest = publish_selection(sample.hq, of_visit(listed))
    sample.take("visit-monday")
    hit = sample.extract.person("P90000003")
    assert hit.policy_nos
    assert manifest.policies == len(hit.policy_nos)
    for each in sample.extract.policies_of("P90000003"):
        assert sample.extract.person(each.policyholder_id) is not None
    empty = tmp_path / "empty.txt"
    empty.write_text("\n", "utf-8")
    with pytest.raises(InputError, match="visit_list"):
        of_visit(empty)


@pytest.mark.parametrize("code", ["1", "99010199", "99a1", ""])
def test_a_region_code_is_two_to_six_digits(code):
    with pytest.raises(InputError, match="region_code"):
        of_region(code)


class PowerCutError(Exception):
    """The power goes here."""
