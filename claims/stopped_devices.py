"""Which devices are stopped, as far as this laptop has heard by distribution: a stick may bring it before any link does.

Promise: adds to what headquarters said in the feed, never takes away from it.
"""

from __future__ import annotations

from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, EnvironmentProblem


def distributed_stop(ports: DeskPorts, device: str, epoch: int) -> Bilingual | None:
    """Return why a device is stopped, None where nothing was heard. A list that can't be read says nothing; the feed still does."""
    try:
        stopped = ports.rulebook.stopped_devices()
    except EnvironmentProblem:
        return None
    for each in stopped:
        if (each.device, each.epoch) == (device, epoch):
            return Bilingual(*each.reason)
    return None


def heard_of_own_stop(ports: DeskPorts) -> bool:
    """Tell whether this very laptop is on the list."""
    return distributed_stop(ports, ports.identity.device, ports.identity.epoch) is not None
