"""A stopped laptop is named to all others, so that its vouchers are no longer taken for good anywhere."""

from __future__ import annotations

from claims.statements import OtherDeviceRevoked
from headquarters.devices import revoke
from rules.bilingual import Bilingual
from tests.headquarters.conftest import MakeLaptop
from tests.headquarters.laptop import Laptop

STOLEN = Bilingual("电脑被盗。", "The laptop was stolen.")


def known_stopped(laptop: Laptop) -> list[tuple[str, int, Bilingual]]:
    laptop.down()
    return [
        (each.revoked_device, each.revoked_epoch, each.reason)
        for each in laptop.inbox
        if isinstance(each, OtherDeviceRevoked)
    ]


def test_the_others_hear_of_it_and_those_enrolled_later(stocked, make_laptop: MakeLaptop) -> None:
    colleague = make_laptop("D4")
    make_laptop("D3")
    assert known_stopped(colleague) == []
    revoke(stocked, "D3", STOLEN)
    assert known_stopped(colleague) == [("D3", 1, STOLEN)]
    assert known_stopped(make_laptop("D5")) == [("D3", 1, STOLEN)]


def test_its_next_life_is_not_stopped_with_it(stocked, make_laptop: MakeLaptop) -> None:
    make_laptop("D3")
    revoke(stocked, "D3", STOLEN)
    again = make_laptop("D3")
    assert again.identity.epoch == 2
    assert known_stopped(again) == [("D3", 1, STOLEN)]


def test_only_laptops_at_work_are_told(stocked, make_laptop: MakeLaptop) -> None:
    first, second = make_laptop("D4"), make_laptop("D3")
    revoke(stocked, "D4", STOLEN)
    revoke(stocked, "D3", STOLEN)
    assert known_stopped(second) == [("D4", 1, STOLEN)]
    assert known_stopped(first) == []
