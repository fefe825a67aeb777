"""Where in the workbook the cause of a refusal stands.

Promise: the cell itself where the refusal names it (a formula, a table's cell, a name); else the cell that the code is about; else
the first cell of the part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rules.engine.model import PackError
from rules.workbook.layout import TESTS
from rules.workbook.problems import Place
from rules.workbook.sources import Sources

# The field that a code is about, where the refusal itself names no text of a cell.
_FIELDS = {
    "unbounded": ("minimum", "scale", "items"),
    "bad_type": ("type",),
    "wrong_type": ("type", "unit"),
    "cycle": ("expression",),
    "bad_sentence": ("applied.zh",),
    "bad_dates": ("valid_to", "valid_from"),
    "unknown_schema": ("schema",),
    "engine_too_old": ("engine_min",),
    "no_date_basis": ("date_basis",),
    "bad_structure": ("kind", "expression"),
    "too_large": ("valid_from",),
}
# Words in a detail that name the field it is about.
_DETAIL_FIELDS = (
    ("items", "items"),
    ("scale", "scale"),
    ("loss key", "loss_key"),
    ("claim type", "claimed"),
    ("waived", "waiver.elements"),
    ("overridden", "override.element"),
)
_VERSION = re.compile(r"@(\d{4}-\d{2}-\d{2})$")
_NAMED = re.compile(r"^(?:exclusion|carry to) ([a-z0-9_]+)|^([a-z0-9_]+) is dated")
_ROWS = re.compile(r"rows (\d+) and \d+")


_PROMISE = re.compile(r"plan [^,]+, (liability [a-z0-9_]+), (rising_in|at_most) ")


def place_of_finding(part: str, at: Mapping[str, str], sources: Sources) -> Place:
    """Return the cell that a finding of the build checks is about: its part, and where in the part."""
    if match := _PROMISE.match(part):
        return sources.find(match[1], match[2])
    if part == "tests":
        return next(
            (Place(each.sheet, each.english) for name, each in sources.parts.items() if name.startswith("test ")),
            Place(TESTS.zh, TESTS.en),
        )
    if part.startswith("test "):
        # A case's name may have any sign in it; it is no part within a part.
        return sources.fields.get((part, at.get("field", "")), sources.parts.get(part, Place(TESTS.zh, TESTS.en)))
    return place_of_refusal(PackError(at.get("code", "found"), **{**at, "part": part}), sources)


def place_of_refusal(error: PackError, sources: Sources) -> Place:
    """Return the cell that a refusal is about."""
    values = error.values
    part = _VERSION.sub(r", version \1", values.get("part", ""))
    if "row" in values:
        named = sources.grids.get((part, values["row"], values.get("column_name", "")))
        if place := named or _first_of_row(part, values["row"], sources):
            return place
    rows = _ROWS.fullmatch(values.get("text", "")) if values.get("why") == "overlap" else None
    if rows is not None and (place := _first_of_row(part, rows[1], sources)):
        return place
    if "name" in values and f"{part} {values['name']}" in sources.parts:
        # "element" + name: the part itself.
        return sources.find(f"{part} {values['name']}", "id")
    names = [values[each] for each in ("field", "expression", "name") if each in values]
    if "name" in values:
        names.append(f"{{{values['name']}}}")
    detail = values.get("detail", "")
    names += [field for word, field in _DETAIL_FIELDS if word in detail]
    if match := _NAMED.match(detail):
        names.append(match[1] or match[2])
    names += _FIELDS.get(error.code, ())
    return sources.find(part, *names)


def _first_of_row(part: str, row: str, sources: Sources) -> Place | None:
    """Return the first cell of a row of a table, where the whole row is meant."""
    return next((place for key, place in sources.grids.items() if key[:2] == (part, row)), None)
