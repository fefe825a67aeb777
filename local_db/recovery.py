"""Making a key file again from what headquarters found in the recovery slot: key file lost, PIN forgotten, keyring gone.

Promise: nothing is written before the payload has opened this very store; afterwards it opens with the new PIN and with
everything in it, and has a recovery slot again.
"""

from __future__ import annotations

from pathlib import Path

from claims.errors import Bilingual, EnvironmentProblem
from local_db.key_file import KeyFile, write_key_file
from local_db.key_slots import STANDARD_COST, KdfCost, Unlock, make_recovery_slot, make_slot
from local_db.store import open_with_keys
from local_db.store_keys import StoreKeys


def recover_key_file(home: Path, payload: bytes, unlock: Unlock, *, cost: KdfCost = STANDARD_COST) -> None:
    """Write a new key file with one adjuster slot and the recovery slot.

    Args:
        payload: the plaintext of the recovery slot, ``open_box(hq_private, recovery_slot_bytes, RECOVERY_AAD)``.
        unlock: the new PIN or passphrase; all earlier ones stop working.

    Raises:
        EnvironmentProblem: ``recovery_payload_wrong``, or the store can't be opened.
        InputError: the PIN or passphrase is too weak.
    """
    try:
        keys = StoreKeys.decode(payload)
    except ValueError as error:
        raise EnvironmentProblem(
            "recovery_payload_wrong",
            Bilingual(
                "总部给的恢复资料不完整，没有做任何改动。",
                "What headquarters sent for recovery is incomplete; nothing was changed.",
            ),
            Bilingual("请让总部重新发送。", "Ask headquarters to send it again."),
        ) from error
    with open_with_keys(home, keys) as store:
        identity = store.identity
    slots = (make_slot(keys, unlock, cost), make_recovery_slot(keys, identity.recovery_public_key))
    write_key_file(home, KeyFile(device=identity.device, epoch=identity.epoch, slots=slots))
