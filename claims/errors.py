"""The one error tree. Raised early with both languages in hand, shown once at the edge.

Promise: every message has a cause with its values and a next step, in Chinese and in English.

    OutpostError
      InputError          the user can mend it
      EnvironmentProblem  disk, printer, link, keyring, clock; ``retryable`` is a property of the error
      BugError            ours to mend
"""

from __future__ import annotations

from rules.bilingual import Bilingual

__all__ = ["Bilingual", "BugError", "EnvironmentProblem", "InputError", "OutpostError"]


class OutpostError(Exception):
    """Root of everything that is shown to a person.

    Args:
        code: stable name such as ``store_full``; tests and translations hold on to it.
        cause: what happened, with the values found.
        next_step: what the adjuster can do now.
    """

    retryable = False

    def __init__(self, code: str, cause: Bilingual, next_step: Bilingual, *, retryable: bool | None = None) -> None:
        super().__init__(f"{code}: {cause.en} {next_step.en}")
        self.code = code
        self.cause = cause
        self.next_step = next_step
        if retryable is not None:
            self.retryable = retryable

    def sentence(self, language: str = "zh") -> str:
        """Return cause and next step in one paragraph; ``language`` is ``zh`` or ``en``."""
        if language == "zh":
            return f"{self.cause.zh}{self.next_step.zh}"
        return f"{self.cause.en} {self.next_step.en}"


class InputError(OutpostError):
    """What was entered or handed in can't be right; nothing was lost and the user can mend it."""


class EnvironmentProblem(OutpostError):  # noqa: N818 - a disk or a link that fails is no programming error; the design names it so
    """The machine, the link or another part of the world is in the way."""


class BugError(OutpostError):
    """The program contradicts itself. The case data are safe; the message asks for the diagnostics file."""
