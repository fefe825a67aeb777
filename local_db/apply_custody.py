"""What the box key's announcement, headquarters' leave to delete and its call to send again change in the present.

Promise: leave to delete is remembered until headquarters asks for the file again; a file asked for again waits as if never sent.
"""

from __future__ import annotations

from claims.events import BoxKeyAnnounced
from claims.statements import AttachmentsSafe, ResendAsked
from local_db.connection import Engine


def announce_box_key(engine: Engine, event: BoxKeyAnnounced) -> None:
    """Remember which key was announced last."""
    engine.execute("UPDATE present SET box_key = ? WHERE id = 1", (event.public_key.hex(),))


def note_safe(engine: Engine, statement: AttachmentsSafe, position: int) -> None:
    """Headquarters could restore these from every backup: their originals may go. That it holds them is said with it."""
    for sha256 in statement.sha256:
        engine.execute(
            "INSERT INTO attachment_safe (sha256, position) VALUES (?1, ?2)"
            " ON CONFLICT (sha256) DO UPDATE SET position = excluded.position, lost = 0",
            (sha256, position),
        )
        engine.execute("INSERT OR IGNORE INTO attachment_held (sha256, position) VALUES (?, ?)", (sha256, position))
        engine.execute("UPDATE attachment SET held = 1 WHERE sha256 = ?", (sha256,))


def offer_again(engine: Engine, statement: ResendAsked) -> None:
    """Headquarters lost these: they wait again, and nothing of them may be deleted until it says so anew."""
    for sha256 in statement.sha256:
        engine.execute("DELETE FROM attachment_held WHERE sha256 = ?", (sha256,))
        engine.execute("UPDATE attachment SET held = 0 WHERE sha256 = ?", (sha256,))
        engine.execute("UPDATE attachment_safe SET lost = 1 WHERE sha256 = ?", (sha256,))
