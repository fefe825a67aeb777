"""Numbers for the rules that refer a case, so that a column can hold them.

Promise: 0 is no rule; a rule's number stays the same within a prepared pack.
"""

from __future__ import annotations


class RuleCodes:
    """Rule ids by number. Ids are numbered when they are first asked for."""

    def __init__(self) -> None:
        self._ids: list[str] = [""]
        self._codes: dict[str, int] = {}

    def of(self, rule: str) -> int:
        """Return the number of a rule id."""
        code = self._codes.get(rule)
        if code is None:
            code = self._codes[rule] = len(self._ids)
            self._ids.append(rule)
        return code

    @property
    def ids(self) -> tuple[str, ...]:
        """The rule ids by number; number 0 is empty."""
        return tuple(self._ids)
