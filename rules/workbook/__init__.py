"""The workbook that a product expert writes, and the pack that it becomes (docs/workbook.md).

Promise: ``import_pack(export_pack(pack)) == pack``, to the byte; a workbook is taken whole or refused with all its problems, each
at its cell, in Chinese and English.
"""

from rules.workbook.exporting import export_pack, write_workbook
from rules.workbook.importing import import_pack, read_workbook
from rules.workbook.problems import Place, Problem, WorkbookError

__all__ = ["Place", "Problem", "WorkbookError", "export_pack", "import_pack", "read_workbook", "write_workbook"]
