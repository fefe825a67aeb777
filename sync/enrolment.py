"""Enrolling a new laptop: from a one-time code to a device with certificates, trusting nobody on the way.

Promise: HQ's root is believed because the code carries its fingerprint; everything after that runs over TLS below that root, and
the answer is a signed statement whose certificates, key and first statements are all verified before it is returned.

Source: docs/adr/0060-first-contact.md.
"""

from __future__ import annotations

import msgspec

from claims.errors import Bilingual, EnvironmentProblem, InputError
from sync.carrier import FirstContact
from sync.problems import LinkProblem
from sync.wire.enrolment import EnrolmentCodeError, canonical_code, split_code
from sync.wire.faults import LinkFault
from sync.wire.messages import PROTOCOL, EnrolAnswered, EnrolRequest
from sync.wire.verify import UnknownAnswerError, open_enrolled
from trust.certificates import TrustStore
from trust.errors import TrustError
from trust.keys import Signer

_ATTEMPTS = 3
_ANSWER_LOST = frozenset({LinkFault.CUT, LinkFault.TIMEOUT})


def enrol(carrier: FirstContact, code: str, signer: Signer) -> EnrolAnswered:
    """Enrol this laptop.

    Args:
        carrier: the way to HQ (``HttpFirstContact``).
        code: the one-time code as typed.
        signer: the freshly made device key. The code binds to it: if the answer is lost on the way, only the same key gets it.

    Raises:
        InputError: ``enrolment_code_mistyped``, ``enrolment_code_refused``.
        EnvironmentProblem: ``enrolment_wrong_headquarters``, or a ``LinkProblem``.
    """
    try:
        expected = split_code(code)
    except EnrolmentCodeError as problem:
        raise _mistyped() from problem
    root_der = carrier.fetch_root()
    if not expected.matches(root_der):
        raise _wrong_headquarters()
    try:
        roots = TrustStore(root_der)
    except TrustError as problem:
        raise _wrong_headquarters() from problem
    request = EnrolRequest(protocol=PROTOCOL, code=canonical_code(code), public_key=signer.public_key)
    raw = _ask(carrier, root_der, msgspec.json.encode(request))
    try:
        return open_enrolled(raw, roots, public_key=signer.public_key)
    except UnknownAnswerError as problem:
        raise LinkProblem(problem.fault) from problem


def _ask(carrier: FirstContact, root_der: bytes, request: bytes) -> bytes:
    """Ask, and ask again when the answer was lost: HQ may have used the code up for this very key."""
    for attempts_left in reversed(range(_ATTEMPTS)):
        try:
            return carrier.ask_pinned(root_der, "/enrol", request)
        except LinkProblem as problem:
            if problem.fault in (LinkFault.REVOKED, LinkFault.REFUSED):
                raise _refused() from problem
            if problem.fault not in _ANSWER_LOST or attempts_left == 0:
                raise
    raise AssertionError  # the last attempt returns or raises


def _mistyped() -> InputError:
    return InputError(
        "enrolment_code_mistyped",
        Bilingual(
            "登记码有误：少了字符，或有字符输错。", "The enrolment code is mistyped: a character is wrong or missing."
        ),
        Bilingual(
            "请对照总部给的登记码重新输入，共 7 组，每组 4 个字符。",
            "Compare it with the one from headquarters: 7 groups of 4 characters.",
        ),
    )  # fmt: skip - a sentence and its translation stay side by side


def _refused() -> InputError:
    return InputError(
        "enrolment_code_refused",
        Bilingual(
            "总部不接受这个登记码：已用过、已过期或不存在。",
            "Headquarters does not take this code: used, expired or unknown.",
        ),
        Bilingual("请向总部索取新的登记码。", "Ask headquarters for a new one."),
    )  # fmt: skip - a sentence and its translation stay side by side


def _wrong_headquarters() -> EnvironmentProblem:
    return EnvironmentProblem(
        "enrolment_wrong_headquarters",
        Bilingual("应答的不是发出登记码的总部。", "What answered is not the headquarters that issued this code."),
        Bilingual(
            "请核对总部地址，换一个网络再试。登记码没有送出。",
            "Check the address and try another network. The code was not sent.",
        ),
        retryable=False,
    )  # fmt: skip - a sentence and its translation stay side by side
