"""Which persons and policies of the whole extract a selection takes: a region's, a catastrophe's regions', those of a visit list.

Promise: whoever is named in a chosen policy comes along, so that a selection can be searched and decided by itself. A region is the beginning
of the region code in an ID number; an insurer whose policy system knows the station of a policy gives its own list as a visit.

Source: docs/adr/0151.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import select

from claims.distributed import ExtractManifest
from claims.errors import Bilingual, InputError
from claims.reference import ExtractHeader, ExtractPerson, ExtractPolicy
from headquarters.catastrophes import read_catastrophes
from headquarters.extract_file import read_extract
from headquarters.extract_shards import publish_shards, scope_name
from headquarters.installation import Headquarters
from headquarters.models import Release

_FULL_REGION = 6


@dataclass(frozen=True)
class Selection:
    """What to take, by its name on the wire: everybody whose ID number begins so, or whose person, ID or policy number is listed."""

    scope: str
    regions: tuple[str, ...] = ()
    listed: frozenset[str] = frozenset()

    def takes(self, person: ExtractPerson) -> bool:
        """Tell whether a person is chosen for themselves."""
        return (
            person.person_id in self.listed
            or person.id_number in self.listed
            or any(person.id_number.startswith(region) for region in self.regions)
        )


def of_region(code: str) -> Selection:
    """Choose a region by the first two to six digits of its code. Raises ``InputError`` (``region_code``)."""
    if not (code.isascii() and code.isdigit() and 2 <= len(code) <= _FULL_REGION):
        raise InputError(
            "region_code",
            Bilingual(f"“{code}” 不是行政区划代码。", f"{code!r} is no region code."),
            Bilingual("请填 2 至 6 位数字，例如 9901。", "Give two to six digits, such as 9901."),
        )
    return Selection(scope_name("region", code), regions=(_shortened(code),))


def of_catastrophe(hq: Headquarters, catastrophe_id: str) -> Selection:
    """Choose the regions of a published catastrophe. Raises ``InputError`` (``catastrophe_unknown``)."""
    with hq.database.read() as session:
        newest = session.scalars(
            select(Release.sha256).where(Release.kind == "catastrophe").order_by(Release.version.desc()).limit(1)
        ).first()
    found = () if newest is None else read_catastrophes(hq.blobs.read(newest))
    for each in found:
        if each.catastrophe_id == catastrophe_id:
            regions = tuple(_shortened(code) for code in each.regions)
            return Selection(scope_name("catastrophe", catastrophe_id), regions=regions)
    raise InputError(
        "catastrophe_unknown",
        Bilingual(f"没有发布过突发事件 {catastrophe_id}。", f"No catastrophe {catastrophe_id} is published."),
        Bilingual("请先发布突发事件清单。", "Publish the list of catastrophes first."),
    )


def of_visit(file: Path) -> Selection:
    """Choose what a list names: a person id, an ID number or a policy number a line. Raises ``InputError`` (``visit_list``)."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise _no_list(file) from problem
    listed = frozenset(line.strip() for line in lines if line.strip())
    if not listed:
        raise _no_list(file)
    return Selection(scope_name("visit", file.stem), listed=listed)


def publish_selection(
    hq: Headquarters,
    selection: Selection,
    *,
    stations: tuple[str, ...] = (),
    warn_days: int = 30,
    expire_days: int = 90,
) -> ExtractManifest:
    """Cut a selection from the newest whole extract and publish it. Raises ``InputError`` (``extract_missing``, ``selection_empty``)."""
    with hq.database.read() as session:
        newest = session.scalars(
            select(Release.sha256).where(Release.kind == "extract").order_by(Release.version.desc()).limit(1)
        ).first()
    if newest is None:
        raise InputError(
            "extract_missing",
            Bilingual("还没有发布完整的保单摘要。", "No whole extract has been published yet."),
            Bilingual("请先用 publish --kind extract 发布。", "Publish one first: publish --kind extract."),
        )
    # A file, because the extract is read three times and is larger than memory should be asked for.
    with NamedTemporaryFile(dir=hq.home) as copy:
        copy.write(hq.blobs.read(newest))
        copy.flush()
        extract = Path(copy.name)
        people, policies = _chosen(extract, selection)
        if not people:
            raise InputError(
                "selection_empty",
                Bilingual(f"{selection.scope} 一个人也没有选到。", f"{selection.scope} chooses nobody."),
                Bilingual("请核对代码或名单。", "Check the code or the list."),
            )
        header = next(read_extract(extract))
        if not isinstance(header, ExtractHeader):
            raise TypeError("the reader yields the header first")
        return publish_shards(
            hq,
            selection.scope,
            _records(extract, people.__contains__, policies),
            expected=len(people) + len(policies),
            made_at=header.made_at,
            stations=stations,
            warn_days=warn_days,
            expire_days=expire_days,
        )


def _chosen(extract: Path, selection: Selection) -> tuple[set[str], set[str]]:
    people = {
        each.person_id for each in read_extract(extract) if isinstance(each, ExtractPerson) and selection.takes(each)
    }
    beside: set[str] = set()
    policies: set[str] = set()
    for each in read_extract(extract):
        if isinstance(each, ExtractPolicy):
            named = _people(each)
            if each.policy_no in selection.listed or not people.isdisjoint(named):
                policies.add(each.policy_no)
                beside |= named
    return people | beside, policies


def _records(
    extract: Path, takes: Callable[[str], bool], policies: Collection[str]
) -> Iterator[ExtractPerson | ExtractPolicy]:
    for each in read_extract(extract):
        if (isinstance(each, ExtractPerson) and takes(each.person_id)) or (
            isinstance(each, ExtractPolicy) and each.policy_no in policies
        ):
            yield each


def _people(policy: ExtractPolicy) -> set[str]:
    return {policy.insured_id, policy.policyholder_id, *(each.person_id for each in policy.beneficiaries)}


def _shortened(code: str) -> str:
    """A prefecture's code ends in 00, a province's in 0000: their counties' codes begin as they do."""
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def _no_list(file: Path) -> InputError:
    return InputError(
        "visit_list",
        Bilingual(f"{file.name} 不是名单。", f"{file.name} is no list."),
        Bilingual("每行一个证件号、保单号或客户号。", "One ID number, policy number or person id a line."),
    )
