"""The rule language: a strict, typed, total subset of FEEL (docs/rule-language.md, ADR 0020-0022).

Promise: ``compile_expression`` refuses every text whose types do not fit, naming the place; a compiled expression gives a
value of its type or raises ``Failure``. It never gives null, never a silent zero, never a float, and reads only what
``Expression.reads`` names. Money is integer fen; only a named rounding makes money of a product or a quotient.
"""

from rules.engine.language.errors import Failure, FailureCode, LanguageError, Place, Undefined
from rules.engine.language.expression import Expression, compile_expression
from rules.engine.language.intrinsics import Intrinsic
from rules.engine.language.table_compiling import compile_table
from rules.engine.language.table_cover import CoverError, check_table_cover
from rules.engine.language.table_definition import (
    Aggregation,
    HitPolicy,
    TableDefinition,
    TableHit,
    TableInput,
    TableOutput,
    TableRow,
)
from rules.engine.language.table_reach import UnreachableRow, unreachable_rows
from rules.engine.language.tables import Table
from rules.engine.language.value_types import Days, Months, Type, Value

__all__ = [
    "Aggregation",
    "CoverError",
    "Days",
    "Expression",
    "Failure",
    "FailureCode",
    "HitPolicy",
    "Intrinsic",
    "LanguageError",
    "Months",
    "Place",
    "Table",
    "TableDefinition",
    "TableHit",
    "TableInput",
    "TableOutput",
    "TableRow",
    "Type",
    "Undefined",
    "UnreachableRow",
    "Value",
    "check_table_cover",
    "compile_expression",
    "compile_table",
    "unreachable_rows",
]
