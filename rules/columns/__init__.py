"""The column back end: a whole batch of claims at once, for replay at headquarters.

Promise: to the fen what ``rules.engine.decide`` says of each claim, and for a referral the rules that are its reasons.
"""

from rules.columns.amounts import Amounts
from rules.columns.arrow import arrow_type, batch_of_table, facts_table
from rules.columns.batch import Batch, batch_of_facts
from rules.columns.deciding import ColumnPack, prepare
from rules.columns.in_order import decide_in_order

__all__ = [
    "Amounts",
    "Batch",
    "ColumnPack",
    "arrow_type",
    "batch_of_facts",
    "batch_of_table",
    "decide_in_order",
    "facts_table",
    "prepare",
]
