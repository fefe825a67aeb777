"""What finds a case: the text that lists are searched by, in the form in which searches compare it."""

from __future__ import annotations

import unicodedata

from claims.events import CaseOpened


def search_form(text: str) -> str:
    """Return text as it is compared in searches: width, case and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def case_search_text(opening: CaseOpened) -> str:
    """Return what a case is found by."""
    names = (opening.case_no, opening.insured.name, opening.reporter.name, *opening.policy_nos)
    return "\n".join(search_form(name) for name in names)
