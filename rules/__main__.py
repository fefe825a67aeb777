"""``python -m rules`` and ``outpost-rules``."""

from __future__ import annotations

import sys

from rules.tools.commands import main

if __name__ == "__main__":
    sys.exit(main())
