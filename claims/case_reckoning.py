"""Reckons, for many cases in one go, which papers are missing, which step is current and which clock runs out first.

Promise: what depends on the laptop (time, pack, catastrophes, extract) is read once; what many cases share is worked out once.
The same code reckons one case for its page and thousands for the queue.
"""

from __future__ import annotations

from datetime import date, datetime

from claims.case_clocks import case_clocks, due_next
from claims.case_papers import known_materials, traits_so_far
from claims.case_progress import CaseProgress, Mark
from claims.case_steps import Surroundings, reached
from claims.completeness import Completeness, LossTraits, missing_materials
from claims.desk_ports import DeskPorts
from claims.errors import EnvironmentProblem
from claims.materials import ClaimType
from claims.overviews import CaseStep
from claims.reference import Catastrophe
from claims.signed_order import OrderPlace, order_place
from claims.time_limits import CaseClock
from claims.trusted_time import TrustedTime, beijing_date
from claims.waivers import LossLink, find_catastrophe
from rules.engine import Pack

Basis = tuple[str | None, tuple[Catastrophe, ...], int, date]
"""What reckoning rests on besides the case: pack, catastrophes, version of the extract, Beijing day."""
_Loss = tuple[str | None, date, str | None]
_Wanted = tuple[str, frozenset[str], str | None, bool | None, bool]


class Reckoner:
    """One moment's view; make a fresh one for each screen."""

    def __init__(self, ports: DeskPorts, at: TrustedTime) -> None:
        """Read what all cases share. A damaged pack counts as none here: the frame says why (``Standing.problems``)."""
        self.at = at
        self._ports = ports
        self._catastrophes = _readable_catastrophes(ports)
        self._by_loss: dict[_Loss, Catastrophe | None] = {}
        self._by_papers: dict[_Wanted, Completeness] = {}
        self._policies: dict[str, bool] = {}
        self._places: dict[str, OrderPlace | None] = {}
        self._pack = _readable_pack(ports)
        self.around = Surroundings(
            at=at,
            pack_hash=None if self._pack is None else self._pack.hash,
            knows_policy=self._knows_policy,
            place=self._place,
        )
        self.basis: Basis = (
            self.around.pack_hash,
            self._catastrophes,
            _extract_version(ports),
            beijing_date(at.at),
        )

    def catastrophe(self, progress: CaseProgress) -> Catastrophe | None:
        """Return the catastrophe whose waivers reach the loss."""
        loss = (progress.catastrophe_id, progress.loss_date, progress.loss_region)
        if loss not in self._by_loss:
            self._by_loss[loss] = find_catastrophe(self._catastrophes, _link(progress))
        return self._by_loss[loss]

    def completeness(self, progress: CaseProgress) -> Completeness:
        """Return what is missing and what is waived."""
        return self._completeness(progress, frozenset(progress.present), traits_so_far(progress, self.at))

    def completed(self, progress: CaseProgress) -> Mark | None:
        """Return when the last needed paper came, None while one is missing."""
        traits = traits_so_far(progress, self.at)
        arrived = sorted(progress.present.items(), key=lambda each: each[1].seq)
        names = [name for name, _ in arrived]
        if not self._completeness(progress, frozenset(names), traits).complete:
            return None
        # Most cases are complete with the newest paper only: look from the end.
        for last in range(len(arrived), 0, -1):
            if not self._completeness(progress, frozenset(names[: last - 1]), traits).complete:
                return arrived[last - 1][1]
        return progress.opened

    def reached(self, progress: CaseProgress) -> tuple[CaseStep, int]:
        """Return the current step and how many are done."""
        return reached(progress, self.completeness(progress).complete, self.around)

    def clocks(self, progress: CaseProgress) -> tuple[CaseClock, ...]:
        """Return the case's clocks, the one that runs out first on top."""
        return case_clocks(progress, self.completed(progress), self.at)

    def due_next(self, progress: CaseProgress) -> datetime | None:
        """Return when the case's next clock runs out."""
        return due_next(progress, self.completed(progress))

    def _completeness(self, progress: CaseProgress, names: frozenset[str], traits: LossTraits) -> Completeness:
        catastrophe = self.catastrophe(progress)
        place = None if catastrophe is None else catastrophe.catastrophe_id
        key = (progress.claim_type, names, place, traits.accident, traits.minor)
        known = self._by_papers.get(key)
        if known is None:
            known = self._by_papers[key] = missing_materials(
                ClaimType(progress.claim_type),
                known_materials(names),
                loss=_link(progress),
                catastrophe=catastrophe,
                traits=traits,
            )
        return known

    def _knows_policy(self, policy_no: str) -> bool:
        if policy_no not in self._policies:
            try:
                self._policies[policy_no] = self._ports.extract.policy(policy_no) is not None
            except EnvironmentProblem:
                # Not to be read now is not the same as not there.
                self._policies[policy_no] = True
        return self._policies[policy_no]

    def _place(self, policy_no: str) -> OrderPlace | None:
        if policy_no not in self._places:
            try:
                policy = self._ports.extract.policy(policy_no)
            except EnvironmentProblem:
                policy = None
            self._places[policy_no] = None if policy is None or self._pack is None else order_place(self._pack, policy)
        return self._places[policy_no]


def _readable_pack(ports: DeskPorts) -> Pack | None:
    """Return the installed pack, None without one that can be read."""
    try:
        installed = ports.rulebook.installed_pack()
    except EnvironmentProblem:
        return None
    return None if installed is None else installed.pack


def _readable_catastrophes(ports: DeskPorts) -> tuple[Catastrophe, ...]:
    """Return the declared catastrophes, none where their file can't be read."""
    try:
        return tuple(ports.rulebook.catastrophes())
    except EnvironmentProblem:
        return ()


def _extract_version(ports: DeskPorts) -> int:
    try:
        header = ports.extract.header()
    except EnvironmentProblem:
        return -1
    return 0 if header is None else header.version


def _link(progress: CaseProgress) -> LossLink:
    return LossLink(catastrophe_id=progress.catastrophe_id, loss_date=progress.loss_date, region=progress.loss_region)
