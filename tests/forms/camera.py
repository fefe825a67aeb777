"""A simulated camera: what becomes of a printed page between paper and decoder. Seeded, so that every picture can be made again."""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageChops, ImageFilter

PAPER, TABLE = 236, 96


@dataclass(frozen=True)
class Shot:
    """One way to look at a page. ``dpi`` is that of the page before the camera; angles in degrees, sizes in pixels."""

    dpi: int = 150
    turned: float = 0.0
    blur: float = 0.0
    tilt: float = 0.0
    shadow: float = 0.0
    noise: float = 0.0
    jpeg: int | None = None
    crumple: float = 0.0
    seed: int = 0


def scan(page: Image.Image, shot: Shot) -> bytes:
    """Return the picture of a page as a file."""
    rng = random.Random(shot.seed)
    picture = page.convert("L")
    if shot.crumple:
        picture = crumpled(picture, shot.crumple, rng)
    if shot.turned:
        picture = picture.rotate(shot.turned, Image.Resampling.BILINEAR, expand=True, fillcolor=TABLE)
    if shot.tilt:
        picture = tilted(picture, shot.tilt, rng)
    if shot.shadow:
        picture = shadowed(picture, shot.shadow, rng)
    if shot.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(shot.blur))
    if shot.noise:
        picture = noisy(picture, shot.noise, rng)
    out = io.BytesIO()
    if shot.jpeg is None:
        picture.save(out, "PNG")
    else:
        picture.save(out, "JPEG", quality=shot.jpeg)
    return out.getvalue()


def tilted(picture: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """See the page from the side: each corner moves inwards by up to ``strength`` of its side."""
    width, height = picture.size
    corners = [(0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height))]
    seen = []
    for x, y in corners:
        dx, dy = rng.uniform(0, strength) * width, rng.uniform(0, strength) * height
        seen.append((x + dx if x == 0 else x - dx, y + dy if y == 0 else y - dy))
    return picture.transform(
        picture.size,
        Image.Transform.PERSPECTIVE,
        _perspective(seen, corners),
        Image.Resampling.BILINEAR,
        fillcolor=TABLE,
    )


def shadowed(picture: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Let light fall off to one side and the shadow of a hand across it."""
    angle = rng.uniform(0, 2 * math.pi)
    small = Image.new("L", (64, 64))
    edge = rng.uniform(-0.2, 0.2)
    values = []
    for y in range(64):
        for x in range(64):
            along = ((x - 32) * math.cos(angle) + (y - 32) * math.sin(angle)) / 32
            fall = 1 - strength * 0.5 * (along + 1) / 2
            values.append(round(255 * (fall * (1 - strength * 0.6) if along > edge else fall)))
    small.putdata(values)
    return ImageChops.multiply(picture, small.resize(picture.size, Image.Resampling.BICUBIC))


@cache
def grain_patch(side: int) -> bytes:
    """Bell-shaped noise around 128 with a spread of 40."""
    rng = random.Random(1)
    return bytes(min(255, max(0, round(rng.gauss(128, 40)))) for _ in range(side * side))


def noisy(picture: Image.Image, sigma: float, rng: random.Random) -> Image.Image:
    """Add the grain of a small sensor: a patch of noise, turned and laid over the picture again and again."""
    side = 256
    patch = Image.frombytes("L", (side, side), grain_patch(side)).point(lambda value: 128 + (value - 128) * sigma / 40)
    grain = Image.new("L", picture.size)
    for x in range(0, picture.width, side):
        for y in range(0, picture.height, side):
            grain.paste(patch.rotate(90 * rng.randrange(4)), (x, y))
    return ImageChops.add(picture, grain, scale=1, offset=-128)


def crumpled(picture: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Bend the page in waves of up to ``strength`` pixels."""
    width, height = picture.size
    cells, phase = 8, rng.uniform(0, 2 * math.pi)

    def bent(x: float, y: float) -> tuple[float, float]:
        return (
            x + strength * math.sin(phase + 5 * y / height * math.pi),
            y + strength * math.sin(phase + 4 * x / width * math.pi),
        )

    mesh = []
    for column in range(cells):
        for row in range(cells):
            left, right = column * width // cells, (column + 1) * width // cells
            top, bottom = row * height // cells, (row + 1) * height // cells
            corners = [bent(*each) for each in ((left, top), (left, bottom), (right, bottom), (right, top))]
            mesh.append(((left, top, right, bottom), tuple(value for each in corners for value in each)))
    return picture.transform(picture.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR, fillcolor=TABLE)


def _perspective(seen: list[tuple[float, float]], flat: list[tuple[float, float]]) -> tuple[float, ...]:
    """Return Pillow's eight coefficients that take a seen place back to the flat one (Gaussian elimination of 8 equations)."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(seen, flat, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for column in range(8):
        pivot = max(range(column, 8), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for row in range(8):
            if row != column:
                factor = rows[row][column]
                rows[row] = [value - factor * own for value, own in zip(rows[row], rows[column], strict=True)]
    return tuple(row[8] for row in rows)
