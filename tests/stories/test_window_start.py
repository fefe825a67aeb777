"""Story: the second morning. The laptop is opened in a tent without any line: nothing reaches for one."""

from __future__ import annotations

import socket

import pytest

from tests.stories.at_the_counter import find_person, prepared, unlock
from tests.stories.office import Office
from tests.stories.window import window_at


def test_a_later_start_unlocks_and_works_without_touching_the_network(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = prepared(office)
    with window_at(laptop.settings.home) as person:
        unlock(person, laptop)
    reached_for: list[object] = []

    def refuse(_self: socket.socket, address: object) -> None:
        reached_for.append(address)
        raise OSError("no network in the tent")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *where: reached_for.append(where))
    with window_at(laptop.settings.home) as person:
        assert person.can_see("清溪一中安置点服务站"), "the door says which station this is before anybody unlocks"
        unlock(person, laptop)
        find_person(person, "覃建国")
        assert person.can_see("安途意外")
    assert reached_for == []
