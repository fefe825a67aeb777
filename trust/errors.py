"""What can be wrong with bytes somebody hands us.

Promise: every function of ``trust`` that reads foreign bytes answers with a value or with one of these, never with another
exception. The texts are for engineers; ``claims`` turns the codes into sentences for people.

    TrustError          a request we can't carry out (a name that no certificate may carry)
      ForgedError       not what it claims to be: signature, role, key, chain
        StructureError  not even the right shape; nothing was decoded
      GapError          may be genuine, but what it builds on is not here yet
      RollbackError     genuine and older than what was already accepted
"""

from __future__ import annotations


class TrustError(Exception):
    """Root of the tree.

    Args:
        code: stable name such as ``signature_wrong``; tests and translations hold on to it.
        values: what was found, for the log and the sentence.
    """

    def __init__(self, code: str, **values: object) -> None:
        found = ", ".join(f"{name}={value!r}" for name, value in values.items())
        super().__init__(f"{code} ({found})" if found else code)
        self.code = code
        self.values = values


class ForgedError(TrustError):
    """The bytes are not signed by whom they claim, or that signer may not say such a thing."""


class StructureError(ForgedError):
    """The bytes don't have the one shape that is accepted; no signature was looked at."""


class GapError(TrustError):
    """A commit whose predecessor is unknown: fetch what lies between and try again."""


class RollbackError(TrustError):
    """A genuine record with a version below one that was already accepted."""
