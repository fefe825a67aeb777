"""Runs every benchmark in turn: ``python -m bench`` or ``make bench``. Each can be run alone: ``python -m bench.<name>``."""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path

# Not measurements of their own: what the others share or run; ``sync_link`` has a target of its own (root, some 20 minutes).
_SHARED = {
    "__init__",
    "__main__",
    "link_emulator",
    "paper_case",
    "report",
    "rules_case",
    "rules_peers",
    "sync_cases",
    "sync_dictionary",
    "sync_laptop",
    "sync_link",
    "sync_link_laptop",
    "synthetic_people",
    "window_at_work",
}
# Minutes rather than seconds; ``--quick`` runs them small.
_LARGE = {
    "headquarters": ["--devices", "30", "--cases", "1"],
    "extract": ["--people", "20000"],
    "paper": ["--count", "50"],
    "people_search": ["--people", "50000"],
    "window": ["--people", "50000"],
}


def main() -> None:
    """Run them all, or the large ones in small with ``--quick``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the large ones in small")
    quick = parser.parse_args().quick
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if file.stem in _SHARED:
            continue
        sys.argv = [str(file), *(_LARGE.get(file.stem, []) if quick else [])]
        runpy.run_module(f"bench.{file.stem}", run_name="__main__")


if __name__ == "__main__":
    main()
