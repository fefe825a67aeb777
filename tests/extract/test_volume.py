"""Two hundred thousand people: what only shows in volume (several parts, dense pieces, many namesakes) is still right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from bench.synthetic_people import persons, policies, write_stream
from local_db.extract.apply import apply_extract
from local_db.extract.pointer import read_pointer
from local_db.extract.search import LocalExtract
from tests.extract.streams import KEY, ids

PEOPLE = 200_000
EVERYBODY = PEOPLE * 2


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_hundred_thousand_people(tmp_path: Path) -> None:
    stream = tmp_path / "stream.zst"
    write_stream(stream, PEOPLE, PEOPLE)
    seen: list[int] = []
    with stream.open("rb") as source:
        header = apply_extract(source, tmp_path / "extract", KEY, progress=lambda done, _: seen.append(done))
    assert (header.persons, header.policies) == (PEOPLE, PEOPLE)
    assert seen == sorted(seen)
    assert seen[-1] == PEOPLE * 2

    everyone = list(persons(PEOPLE))
    extract = LocalExtract(tmp_path / "extract", KEY)

    # Every namesake, no one else.
    name, count = Counter(each.name for each in everyone).most_common(1)[0]
    assert count > 1
    found = extract.search(name, limit=EVERYBODY)
    assert {each.person.person_id for each in found} == {each.person_id for each in everyone if name in each.name}

    lots = Random(3)
    for person in [everyone[0], everyone[65_535], everyone[65_536], everyone[-1], *lots.sample(everyone, 150)]:
        for whole in (person.id_number, person.phone):
            assert person.person_id in ids(extract.search(whole))
            start = lots.randrange(len(whole) - 7)
            part = whole[start : start + 8]
            expected = {each.person_id for each in everyone if part in each.id_number or part in each.phone}
            assert expected <= set(ids(extract.search(part, limit=EVERYBODY)))
        for text in (person.name, person.name[-1], person.pinyin[0], person.initials[0]):
            hits = extract.search(text, limit=50)
            assert len(hits) == len({each.person.person_id for each in hits})
            assert all(
                text in each.person.name
                or each.person.pinyin[0].startswith(text)
                or each.person.initials[0].startswith(text)
                for each in hits
            )
            assert hits

    # The pieces that nearly everyone has, with one that few have.
    part = everyone[77].id_number[:10]
    assert {each.person_id for each in everyone if part in each.id_number} <= set(
        ids(extract.search(part, limit=EVERYBODY))
    )

    for number, policy in enumerate(policies(PEOPLE, PEOPLE)):
        if number % 1009 == 0:
            assert extract.policy(policy.policy_no) == policy
            connected = {policy.insured_id, policy.policyholder_id, policy.beneficiaries[0].person_id}
            assert set(ids(extract.search(policy.policy_no))) == connected
            assert connected <= set(ids(extract.search(policy.policy_no[-7:], limit=EVERYBODY)))
            assert policy in extract.policies_of(policy.insured_id)
    extract.close()

    pointer = read_pointer(tmp_path / "extract")
    assert pointer is not None
    assert [each.name for each in (tmp_path / "extract").glob("extract-*")] == [pointer.file]
