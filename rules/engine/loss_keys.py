"""The key of a loss, derived from evidence: two stations that take in the same bill, stay or death get the same key.

Promise: a key is made of facts only, and a part never holds what separates parts, so that two spellings neither differ nor meet.
"""

from __future__ import annotations

from rules.engine.language import Failure, FailureCode, Place
from rules.engine.pack import Liability
from rules.engine.scope import Scope


def loss_key(liability: Liability, scope: Scope) -> str:
    """Return the liability's loss key. Raises Failure: a part is missing, empty, or holds a blank or a colon."""
    values = {name: scope.text(name) for name in sorted(liability.loss_key.names)}
    for name, value in values.items():
        if not value or ":" in value or any(sign.isspace() for sign in value):
            raise Failure(FailureCode.OUT_OF_RANGE, Place(line=1, column=1, text=name), f"{name}: {value!r}")
    return liability.loss_key.told(lambda name: (values[name], values[name])).en
