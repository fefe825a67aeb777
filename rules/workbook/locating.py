"""Where in the workbook the cause of a refusal stands.

Promise: the cell itself where the refusal names it (a formula, a table's cell, a name); else the cell that the code is about; else
the first cell of the part.
"""

from __future__ import annotations

import re

from rules.engine.model import PackError
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


def place_of_refusal(error: PackError, sources: Sources) -> Place:
    """Return the cell that a refusal is about."""
    values = error.values
    part = _VERSION.sub(r", version \1", values.get("part", ""))
    if "row" in values:
        for name in (values.get("column_name", ""), ""):
            if place := sources.grids.get((part, values["row"], name)):
                return place
    if values.get("why") == "overlap" and (match := _ROWS.fullmatch(values.get("text", ""))):
        first = next((place for key, place in sources.grids.items() if key[:2] == (part, match[1])), None)
        if first is not None:
            return first
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
