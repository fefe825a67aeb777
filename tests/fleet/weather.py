"""What may go wrong in a seed, and which features it uses: each drawn on or off, because a net that is always there hides holes.

Source: notes/sync.md §0.6 (with the LAN copy always on, "acknowledged when sent" survived every run).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, fields

from tests.fleet.clockwork import DAY, HOUR


@dataclass(frozen=True, kw_only=True)
class Weather:
    """One seed's world. Probabilities are per message or per durable step; times in seconds."""

    days: float
    stations: int
    laptops: int
    policies: int
    claim_every_s: float
    sync_every_s: float
    online_share: float
    # features
    floats: bool
    closing: bool
    transfers: bool
    lan: bool
    sticks: bool
    families: bool
    files: bool
    voids: bool
    short_grants: bool
    compact: bool
    # faults
    loss: float
    doubled: float
    truncated: float
    answer_lost: float
    stale_answers: float
    portal: float
    busy: float
    slow_s: float
    power: float
    disk_full: bool
    theft: bool
    clone: bool
    restore: bool
    skew_s: float
    clock_jumps: bool
    old_clients: bool
    hq_restore: bool
    write_off: bool
    reinstall: bool
    # the station's hub
    hubs: bool = False
    lan_loss: float = 0.0
    lan_doubled: float = 0.0
    lan_late: float = 0.0
    hub_power: bool = False
    hub_theft: bool = False
    hub_restore: bool = False
    # people at headquarters, and the bank
    people: bool = False
    sent_lost: bool = False

    def told(self) -> str:
        """Name what is on, for the trace."""
        return " ".join(f"{each.name}={getattr(self, each.name)}" for each in fields(self))


def draw_weather(dice: random.Random) -> Weather:
    """Draw a seed's world."""

    def maybe(probability: float = 0.5) -> bool:
        return dice.random() < probability

    def rate(*choices: float) -> float:
        return dice.choice(choices)

    later = _later(dice)
    laptops = dice.randint(3, 8)
    hq_restore = maybe(0.2)
    days = dice.uniform(2.0, 10.0)
    return Weather(
        days=days,
        stations=dice.randint(1, min(3, laptops)),
        laptops=laptops,
        policies=dice.randint(6, 16),
        # About forty claims a seed, whatever its length and size.
        claim_every_s=days * DAY * laptops / dice.choice((24, 36, 48)),
        sync_every_s=rate(16 * HOUR, 30 * HOUR, 48 * HOUR),
        online_share=rate(0.3, 0.6, 0.9, 1.0),
        floats=maybe(),
        closing=maybe(),
        transfers=maybe(),
        lan=maybe(),
        sticks=maybe(),
        families=maybe(0.25),
        files=maybe(0.3),
        voids=maybe(0.3),
        short_grants=maybe(0.4),
        compact=maybe(0.3),
        loss=rate(0, 0, 0.08, 0.2),
        doubled=rate(0, 0, 0.1, 0.3),
        truncated=rate(0, 0, 0.05),
        answer_lost=rate(0, 0, 0.08, 0.2),
        stale_answers=rate(0, 0, 0.1),
        portal=rate(0, 0, 0.05),
        busy=rate(0, 0, 0, 0.1),
        slow_s=rate(0.5, 3.0, 20.0),
        power=rate(0, 0.01, 0.05),
        disk_full=maybe(0.25),
        theft=maybe(0.3),
        # A copied disk while headquarters is set back: two disasters at once, of which no promise is made (docs/reliability.md).
        clone=maybe(0.3) and not hq_restore,
        restore=maybe(0.3) and not hq_restore,
        skew_s=rate(0, 0, HOUR, 7 * DAY),
        clock_jumps=maybe(0.25),
        old_clients=maybe(0.3) and not hq_restore,
        hq_restore=hq_restore,
        write_off=maybe(0.5),
        reinstall=maybe(0.2),
        hubs=later.random() < 0.2,
        lan_loss=later.choice((0, 0, 0.08, 0.2)),
        lan_doubled=later.choice((0, 0, 0.1, 0.3)),
        lan_late=later.choice((0, 0, 0.1)),
        hub_power=later.random() < 0.4,
        hub_theft=later.random() < 0.2,
        hub_restore=later.random() < 0.25 and not hq_restore,
        people=later.random() < 0.35,
        sent_lost=later.random() < 0.4,
    )


def _later(dice: random.Random) -> random.Random:
    """Return a source for what was added since: a seed's older weather, and all that follows from it, stays what it was."""
    ahead = random.Random()
    ahead.setstate(dice.getstate())
    return random.Random(f"later {ahead.getrandbits(64)}")
