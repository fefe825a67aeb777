"""Which screen stands at which place. A screen is imported and made at the first visit, so that the window is there at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from views.syncing import Syncing
from views.workplace import Place, Screen, Workplace

# The imports stand in the factories: what is not visited is not loaded.
# ruff: noqa: PLC0415

Factory = Callable[[Workplace, Syncing], Screen]


def _desk(work: Workplace, _syncing: Syncing) -> Screen:
    from views.screens.desk import DeskScreen

    return DeskScreen(work)


def _cases(work: Workplace, _syncing: Syncing) -> Screen:
    from views.screens.cases import CasesScreen

    return CasesScreen(work)


def _people(work: Workplace, _syncing: Syncing) -> Screen:
    from views.screens.people import PeopleScreen

    return PeopleScreen(work)


def _paper(work: Workplace, _syncing: Syncing) -> Screen:
    from views.screens.paper import PaperScreen

    return PaperScreen(work)


def _verify(work: Workplace, _syncing: Syncing) -> Screen:
    from views.screens.verify import VerifyScreen

    return VerifyScreen(work)


def _sync(work: Workplace, syncing: Syncing) -> Screen:
    from views.screens.sync import SyncScreen

    return SyncScreen(work, syncing)


def _setup(work: Workplace, _syncing: Syncing) -> Screen:
    from views.screens.setup import SetupScreen

    return SetupScreen(work)


FACTORIES: Mapping[Place, Factory] = {
    Place.DESK: _desk,
    Place.CASES: _cases,
    Place.PEOPLE: _people,
    Place.PAPER: _paper,
    Place.VERIFY: _verify,
    Place.SYNC: _sync,
    Place.SETUP: _setup,
}
"""One line a place."""
