"""History decided again: what a pack makes of claims that were paid, and what another pack would change.

Promise: every figure here comes from the column back end, which equals the reference to the fen; the explanation of a single claim
comes from decided steps. Nothing is sampled and nothing is cut off.
"""

from rules.replay.causes import ChangeClass
from rules.replay.claims_file import ClaimsFile, ClaimsFileError, write_claims
from rules.replay.comparing import Change, Comparison, compare
from rules.replay.replaying import Replay, replay

__all__ = [
    "Change",
    "ChangeClass",
    "ClaimsFile",
    "ClaimsFileError",
    "Comparison",
    "Replay",
    "compare",
    "replay",
    "write_claims",
]
