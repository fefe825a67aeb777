"""The album: one scene in both languages and both day themes, checked, and saved small.

Promise: with ``OUTPOST_PICTURES=1`` the pictures go to ``docs/screens``, else to the folder given; the same scene gives the same bytes.
"""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from PySide6.QtGui import QImage

from tests.stories.person import Person
from tests.stories.picture_checks import defects
from views.language import Code
from views.look.tokens import Theme
from views.main_window import HEIGHT, WIDTH

SCREENS = Path(__file__).parents[2] / "docs" / "screens"
LANGUAGES: tuple[Code, ...] = ("zh", "en")
LESS_HEIGHT = 689
"""With title bar and task bar shown. Checked, not kept."""
LARGER = (150, 125)
"""Checked, not kept; the last only by `make screens`, for its time."""
_PALETTE, _FLAT = 256, 64
_STEPS = (4, 8, 12, 16, 20, 24, 32, 40)
"""Of 255: no colour in the edge of a letter changes by more than half of the last."""

Colour = tuple[int, int, int]


@dataclass
class Album:
    """Collects pictures and what was wrong on them, and on the same scene where there is less room. Nothing is asserted before the last one: all of them are worth seeing."""

    folder: Path
    wrong: list[str] = field(default_factory=list)
    _at_rest: bool = True

    @classmethod
    def at(cls, folder: Path) -> Album:
        """Return an album that writes to the documentation where that is asked for, else to a folder."""
        return cls(SCREENS if os.environ.get("OUTPOST_PICTURES") else folder)

    def scene(self, person: Person, name: str, *, at_rest: bool = True) -> None:
        """Take a scene in both languages and both day themes. ``at_rest`` False: a job is under way, and stays so."""
        self._at_rest = at_rest
        # Another theme or size costs a third of a second: as few changes as possible.
        for code in LANGUAGES:
            self._take(person, name, code, Theme.LIGHT, 100, Theme.LIGHT.value)
        person.window.resize(WIDTH, LESS_HEIGHT)
        for code in LANGUAGES:
            self._show(person, code, Theme.LIGHT, 100)
            self._check(person, f"{name} {code}, {LESS_HEIGHT} high")
        person.window.resize(WIDTH, HEIGHT)
        for code in LANGUAGES:
            self._take(person, name, code, Theme.SUNLIGHT, 100, Theme.SUNLIGHT.value)
        for scale in LARGER if self.folder == SCREENS else LARGER[:1]:
            for code in LANGUAGES:
                self._show(person, code, Theme.LIGHT, scale)
                self._check(person, f"{name} {code} at {scale} %")
        self._show(person, "zh", Theme.LIGHT, 100)
        self._at_rest = True

    def by_night(self, person: Person, name: str) -> None:
        """Take a scene in the night theme."""
        for code in LANGUAGES:
            self._take(person, name, code, Theme.NIGHT, 100, "night")
        self._show(person, "zh", Theme.LIGHT, 100)

    def large(self, person: Person, name: str) -> None:
        """Take a scene at the largest type size."""
        for code in LANGUAGES:
            self._take(person, name, code, Theme.LIGHT, 150, "150")
        self._show(person, "zh", Theme.LIGHT, 100)

    def _take(self, person: Person, name: str, code: Code, theme: Theme, scale: int, tail: str) -> None:  # noqa: PLR0917 - a scene and how it is seen
        self._show(person, code, theme, scale)
        file = f"{name}-{code}-{tail}.png"
        self._check(person, file)
        image = person.window.grab().toImage()
        if (image.width(), image.height()) != (WIDTH, HEIGHT):
            self.wrong.append(f"{file}: is {image.width()} × {image.height()} pixels large")
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.folder == SCREENS:
            (self.folder / file).write_bytes(_small(image))
        else:
            assert image.save(str(self.folder / file))

    def _check(self, person: Person, what: str) -> None:
        self.wrong += [f"{what}: {each}" for each in defects(person.window)]

    def _show(self, person: Person, code: Code, theme: Theme, scale: int) -> None:
        ui = person.window.ui
        if ui.words.code != code:
            ui.words.switch(code)
        if (ui.look.theme, ui.look.scale_percent) != (theme, scale):
            ui.look.use(theme=theme, scale_percent=scale)
        person.wait_until(lambda: not self._at_rest or person.window.tasks.under_way == 0)


def _small(image: QImage) -> bytes:
    """Return a PNG with a palette, where that changes nothing the eye tells; else (photographs) with all 24 bits.

    The edges of letters have hundreds of greys: those share what the flat colours leave. Flat colours stay what they are.
    """
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    size = plain.width(), plain.height()
    picture = Image.frombytes("RGB", size, bytes(plain.constBits()), "raw", "RGB", plain.bytesPerLine())
    raw = picture.tobytes()
    counted = Counter(zip(raw[0::3], raw[1::3], raw[2::3], strict=True))
    colours = sorted(counted, key=lambda each: (-counted[each], each))
    few = next(filter(None, (_fewer(colours, step) for step in _STEPS)), None)
    if few is not None:
        palette = sorted(set(few.values()))
        places = {colour: palette.index(few[colour]) for colour in colours}
        pixels = zip(raw[0::3], raw[1::3], raw[2::3], strict=True)
        picture = Image.frombytes("P", picture.size, bytes(places[pixel] for pixel in pixels))
        picture.putpalette([part for colour in palette for part in colour])
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _fewer(colours: Sequence[Colour], step: int) -> dict[Colour, Colour] | None:
    """Return what each colour becomes if the rare ones are rounded to a grid; None where a palette does not hold them."""
    flat = {colour: colour for colour in colours[:_FLAT]}
    rare = {colour: _rounded(colour, step) for colour in colours[_FLAT:]}
    return flat | rare if len(set(flat.values()) | set(rare.values())) <= _PALETTE else None


def _rounded(colour: Colour, step: int) -> Colour:
    red, green, blue = (min(255, (part + step // 2) // step * step) for part in colour)
    return red, green, blue
