"""Forms as browsers send them: read within limits, and never thrown away with what somebody had typed.

Promise: a form that is too long or has too many fields is refused as a whole, with a page that shows again what was typed; memory stays
within ``_KEPT_BYTES`` a form, whatever is sent. Passwords and keys of forms are never shown again.

Source: docs/adr/0166.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import Request

from claims.errors import Bilingual, InputError
from headquarters.console.words import FIELD_NAMES

MAX_BYTES = 64 * 1024
MAX_FIELDS = 40
FORM_KEY = "form_key"
_KEPT_BYTES = 1024 * 1024
_KEPT_FIELDS = 1000
_DRAINED_BYTES = 64 * 1024 * 1024
"""A browser that is answered in the middle of its sending shows an error of its own instead of our page."""


class FormRefusedError(InputError):
    """A form that can't be taken as it came; ``status`` is what the page is answered with."""

    def __init__(self, status: int, code: str, cause: Bilingual, next_step: Bilingual) -> None:
        super().__init__(code, cause, next_step)
        self.status = status


@dataclass(frozen=True)
class Form:
    """``fields``: the last value of each name. ``problem``: why nothing may be done with them."""

    fields: dict[str, str]
    problem: FormRefusedError | None = None


async def read_form(request: Request) -> Form:
    """Return what was sent. Raises ``ClientDisconnect`` where it broke off."""
    kept, length = bytearray(), 0
    async for piece in request.stream():
        length += len(piece)
        kept += piece[: _KEPT_BYTES - len(kept)]
        if length > _DRAINED_BYTES:
            break
    pieces = bytes(kept).split(b"&", _KEPT_FIELDS)
    pairs = parse_qsl(b"&".join(pieces[:_KEPT_FIELDS]).decode("utf-8", "replace"), keep_blank_values=True)
    if length > MAX_BYTES:
        return Form(dict(pairs), _too_long(length))
    if len(pieces) > MAX_FIELDS:
        return Form(dict(pairs), _too_many(len(pieces)))
    return Form(dict(pairs))


def typed(fields: Mapping[str, str]) -> tuple[tuple[Bilingual, str], ...]:
    """Return what somebody typed into a form, by its name on the page: never a password, and nothing that was left empty."""
    return tuple(
        (FIELD_NAMES.get(name, Bilingual(name, name)), value)
        for name, value in fields.items()
        if name != FORM_KEY and "password" not in name and value.strip()
    )


def _too_long(length: int) -> FormRefusedError:
    return FormRefusedError(
        413,
        "form_too_long",
        Bilingual(
            f"填写的内容太长（{length:,} 字节，最多 {MAX_BYTES:,}），没有办理。",
            f"What was entered is too long ({length:,} bytes, {MAX_BYTES:,} at most); nothing was done.",
        ),
        Bilingual("请缩短后重新提交。", "Shorten it and send it again."),
    )


def _too_many(count: int) -> FormRefusedError:
    many = f"{count}" if count <= _KEPT_FIELDS else f"> {_KEPT_FIELDS}"
    return FormRefusedError(
        400,
        "form_too_many_fields",
        Bilingual(
            f"提交的栏目太多（{many} 栏，最多 {MAX_FIELDS}），没有办理。",
            f"The form has too many fields ({many}, {MAX_FIELDS} at most); nothing was done.",
        ),
        Bilingual("请返回重新打开页面后再提交。", "Go back, open the page again and send it once more."),
    )
