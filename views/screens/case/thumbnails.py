"""The small pictures on the tiles: what the store keeps, the first page of a PDF, or the file itself while it is not taken in.

Promise: a tile's picture is loaded once, in the background, one after another; where there is none the icon stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtGui import QImage

from claims.errors import OutpostError
from views.lanes import Lane
from views.screens.case.document_picture import has_picture, picture_of, type_to_look_at
from views.screens.case.document_tiles import Tile
from views.screens.case.handed_in import Paper, PaperState
from views.screens.case.taking_in import read_file
from views.screens.case.tile_strip import TileStrip
from views.workplace import Workplace

T = TypeVar("T")
_LONGEST_PX = 320
_PICTURE = "image/jpeg"


class Thumbnails:
    """Loads them for one strip."""

    def __init__(self, work: Workplace, strip: TileStrip) -> None:
        self._work, self._strip = work, strip

    def load(self, papers: Sequence[Paper]) -> None:
        """Load what the tiles of these papers don't have yet and nobody is loading."""
        for paper in papers:
            tile = self._strip.tile(paper.key)
            if tile is not None and not tile.has_image and tile.wanted_for != (source := _source(paper)):
                tile.wanted_for = source
                self._start(paper, tile)

    def _start(self, paper: Paper, tile: Tile) -> None:
        document, path, desk = paper.document, paper.path, self._work.desk
        if document is not None and document.thumbnail_sha256 is not None:
            sha256 = document.thumbnail_sha256
            self._run(lambda: _small(desk.attachment(sha256), _PICTURE), tile.show_image, tile, Lane.STORE)
        elif document is not None and has_picture(document.media_type):
            sha256, media_type = document.sha256, document.media_type
            self._run(
                lambda: desk.attachment(sha256),
                lambda content: self._run(lambda: _small(content, media_type), tile.show_image, tile, Lane.PAGE),
                tile,
                Lane.STORE,
            )
        elif document is None and path is not None and _is_to_be_seen(paper):
            self._run(lambda: _of_file(path), tile.show_image, tile, Lane.PAGE)

    def _run(self, job: Callable[[], T], then: Callable[[T], None], tile: Tile, lane: Lane) -> None:
        def failed(_error: OutpostError) -> None:
            """The icon stays; what is wrong with the paper is told where it is opened."""

        self._work.tasks.run(job, then, owner=tile, failed=failed, lane=lane)


def _is_to_be_seen(paper: Paper) -> bool:
    """Say whether a file that is no document has a picture worth showing: a damaged one has none."""
    twice = paper.error is not None and paper.error.code == "document_twice"
    return paper.state is PaperState.ASKING or twice


def _source(paper: Paper) -> str:
    if paper.document is not None:
        return paper.document.thumbnail_sha256 or paper.document.sha256
    return f"{paper.state.value} {paper.path}"


def _small(content: bytes, media_type: str) -> QImage:
    return picture_of(content, media_type, longest_px=_LONGEST_PX).sizes[0]


def _of_file(path: Path) -> QImage:
    content = read_file(path)
    return _small(content, type_to_look_at(content))
