"""The console's page of fields that were changed in two places, and of cases that are about one loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Response
from fastapi.responses import RedirectResponse

from claims.correctable_fields import field_name
from headquarters.case_links import groups
from headquarters.console.staff import note_deed
from headquarters.reviews import decide_review, reviews

if TYPE_CHECKING:
    from headquarters.console.pages import Visit


def reviews_page(visit: Visit) -> Response:
    """Show what waits for a decision."""
    return visit.show("reviews.html", reviews=reviews(visit.hq), groups=groups(visit.hq), field_name=field_name)


def decide(visit: Visit) -> Response:
    """Take a decision: one of the values, or another one typed in."""
    form, review_id = visit.form, visit.path("review_id")
    value = form.get("other", "").strip() or form.get("value", "")
    decide_review(visit.hq, review_id, value, by=visit.member.name, reason=form.get("reason", ""))
    note_deed(visit.hq, visit.member, "review_decided", review_id)
    return RedirectResponse("/reviews", 303)
