"""Every fault has words for the adjuster, in both languages."""

from __future__ import annotations

import pytest

from sync.problems import LinkProblem
from sync.wire.faults import FINAL, LinkFault


@pytest.mark.parametrize("fault", list(LinkFault))
def test_every_fault_has_a_cause_and_a_next_step(fault):
    problem = LinkProblem(fault)
    assert problem.code == f"sync_{fault.value}"
    for language in ("zh", "en"):
        sentence = problem.sentence(language)
        assert 15 < len(sentence) < 260
    assert problem.sentence("zh").endswith("。")
    assert problem.sentence("en").endswith(".")
    assert not problem.sentence("zh").isascii()
    assert problem.sentence("en").isascii()


def test_what_waiting_mends_is_retryable_and_the_rest_is_not():
    assert LinkProblem(LinkFault.TIMEOUT).retryable
    assert LinkProblem(LinkFault.CAPTIVE_PORTAL).retryable
    assert not any(LinkProblem(fault).retryable for fault in FINAL)
