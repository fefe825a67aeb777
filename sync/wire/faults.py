"""What can stand between a laptop and headquarters, by name. The words for people are in ``sync.problems``.

Promise: a fault never means that HQ has, or has not, taken something: only a verified statement says that.
"""

from __future__ import annotations

from enum import StrEnum


class LinkFault(StrEnum):
    """Why a request brought no answer that counts, or why a cycle ended before its work was done."""

    NO_ROUTE = "no_route"
    TIMEOUT = "timeout"
    CUT = "cut"
    CAPTIVE_PORTAL = "captive_portal"
    """Something answered, in plain HTML or with nothing, that is no statement: a login page, a proxy, an empty 200."""
    NOT_HEADQUARTERS = "not_headquarters"
    """TLS or a signature does not lead to HQ's root, or the answer is to another question (device, epoch or nonce)."""
    GIVEN_UP = "given_up"
    """A headquarters answered that was restored from a backup since, elsewhere: what it says no longer counts."""
    BUSY = "busy"
    SERVER_ERROR = "server_error"
    NO_PROGRESS = "no_progress"
    """HQ answers, but its signed word does not move on although it was sent something."""

    BAD_REQUEST = "bad_request"
    """HQ can't read a request, or a commit or chunk does not fit what it holds."""
    REFUSED = "refused"
    REVOKED = "revoked"
    FROZEN = "frozen"
    TOO_OLD = "too_old"
    TOO_LARGE = "too_large"
    FORKED = "forked"
    """HQ holds another history of this device: one of two disks is a copy."""
    RESTORED = "restored"
    """HQ holds more of this device's log than this disk does: the disk was set back."""
    STORE_FAILED = "store_failed"
    CANCELLED = "cancelled"

    FILE_UNREADABLE = "file_unreadable"
    FILE_NOT_TAKEN = "file_not_taken"
    """HQ was sent every chunk of a file several times and still does not hold it."""
    FEED_DAMAGED = "feed_damaged"
    """A statement inside the feed does not verify, or the feed is shorter than HQ says."""
    RELEASE_REFUSED = "release_refused"


FINAL = frozenset(
    {
        LinkFault.BAD_REQUEST,
        LinkFault.REFUSED,
        LinkFault.REVOKED,
        LinkFault.FROZEN,
        LinkFault.TOO_OLD,
        LinkFault.TOO_LARGE,
        LinkFault.FORKED,
        LinkFault.RESTORED,
        LinkFault.STORE_FAILED,
        LinkFault.CANCELLED,
    }
)
"""Faults that waiting does not mend: the cycle ends at once and a person must act."""
