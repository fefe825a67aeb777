"""The handle by which a window pauses, resumes, shortens or stops a running cycle, from any thread.

Promise: every method returns at once; the cycle obeys between two requests. A control belongs to one cycle.
"""

from __future__ import annotations

from queue import SimpleQueue

from sync.wire.inputs import AnyInput, BudgetAsked, CancelAsked, MoneyOnlyAsked, PauseAsked, ResumeAsked


class SyncControl:
    """Pause, resume, money only, a byte budget, cancel."""

    def __init__(self) -> None:
        """Make a handle for one cycle."""
        self.inputs: SimpleQueue[AnyInput] = SimpleQueue()

    def pause(self) -> None:
        """Ask nothing more of HQ; chunks under way run out."""
        self.inputs.put(PauseAsked())

    def resume(self) -> None:
        """Go on at once, from a fresh hello."""
        self.inputs.put(ResumeAsked())

    def money_only(self) -> None:
        """Leave files for a later cycle."""
        self.inputs.put(MoneyOnlyAsked())

    def byte_budget(self, most_bytes: int | None) -> None:
        """Bound this cycle's bytes anew, counted from its start; None takes the bound away."""
        self.inputs.put(BudgetAsked(byte_budget=most_bytes))

    def cancel(self) -> None:
        """Stop; what HQ acknowledged so far stays acknowledged."""
        self.inputs.put(CancelAsked())
