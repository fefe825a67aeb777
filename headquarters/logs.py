"""Structured logs: one JSON line a request, and one for every trouble.

Promise: a line names the device, the request, the range of its log, how long it took and how it ended; never a name, a number of a policy or a
case, an amount, or the words of an error (they may quote what was sent): of an error its kind and its place in our code.
"""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from typing import TextIO

import msgspec

REQUESTS = "headquarters.requests"
FIELDS = "outpost_fields"
_FRAMES = 8


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. A message without fields is our own fixed text; its arguments are left out."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        fields = getattr(record, FIELDS, None)
        if isinstance(fields, dict):
            line |= fields
        else:
            line["message"] = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        if record.exc_info is not None and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-_FRAMES:]
            line["where"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
        return msgspec.json.encode(line).decode()


def write_lines(stream: TextIO) -> None:
    """Send everything headquarters logs to a stream, a line each, and nowhere else."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("headquarters")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
