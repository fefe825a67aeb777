"""Which originals may leave this disk: those that headquarters could restore from every backup, of cases that are finished.

Promise: a file that any open case names, that is a numbered paper's drawing or a thumbnail, or that headquarters asked for again, never
shows up here.

Source: docs/adr/0145.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from claims.records import DeletableOriginal
from local_db.connection import Engine

_DELETABLE = """
SELECT attachment.sha256, document.body ->> 'size_bytes', document.case_no, document.body ->> 'filename'
FROM attachment_safe JOIN attachment USING (sha256) JOIN document ON document.seq = attachment.seq
WHERE attachment_safe.lost = 0 AND attachment.held = 1 AND document.body ->> 'sha256' = attachment.sha256
  AND attachment.seq <= (SELECT hq_watermark_seq FROM present)
  AND NOT EXISTS (
      SELECT 1 FROM document AS other JOIN case_file USING (case_no)
      WHERE other.body ->> 'sha256' = attachment.sha256 AND case_file.finished = 0
  )
  AND NOT EXISTS (SELECT 1 FROM document AS other WHERE other.body ->> 'thumbnail_sha256' = attachment.sha256)
  AND NOT EXISTS (SELECT 1 FROM paper WHERE pdf_sha256 = attachment.sha256)
ORDER BY attachment.seq
"""


class OriginalReads:
    """The part of ``claims.ports.Reads`` that tells of originals."""

    _engine: Engine

    def _reading(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def originals_deletable(self) -> Sequence[DeletableOriginal]:
        """Return the originals whose deletion is allowed, the oldest first; they may be gone from the disk already."""
        with self._reading():
            return [
                DeletableOriginal(sha256=row[0], size_bytes=row[1], case_no=row[2], filename=row[3])
                for row in self._engine.execute(_DELETABLE).fetchall()
            ]

    def original_let_go(self, sha256: str) -> bool:
        """Say whether headquarters allowed this file to be deleted here at any time."""
        with self._reading():
            return (
                self._engine.execute("SELECT 1 FROM attachment_safe WHERE sha256 = ?", (sha256,)).fetchone() is not None
            )
