"""How a laptop becomes a device: a one-time code, then a certificate with an epoch of its own.

Promise: only the hash of a code is stored; a code makes one device only. It binds to the first public key that presents it,
so that a laptop whose answer was lost may ask again, and gets the same device. Every enrolment of a device name is a new
epoch; the epoch before may still hand in its log but gets nothing new.

Source: design.md "HQ"; docs/adr/0070, docs/adr/0060.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from claims.allowances import FLOAT_POOL
from claims.errors import Bilingual, InputError
from headquarters.devices import STOPPED, tell_all_stopped
from headquarters.grants import add_allowance, add_authority
from headquarters.installation import Headquarters
from headquarters.models import Device, DeviceState, EnrolmentCode
from headquarters.number_blocks import add_numbers
from headquarters.refusals import BodyRefused, EnrolmentRefused, ProtocolTooOld
from headquarters.statements_out import feed_after
from headquarters.turn import Turn
from sync.wire.enrolment import SECRET_BYTES, EnrolmentCodeError, make_code, secret_fingerprint, split_code
from sync.wire.messages import PROTOCOL, EnrolAnswered, EnrolRequest
from trust.certificates import genesis_hash, issue_device
from trust.errors import TrustError

DEVICE_DAYS = 5 * 365
_MAX_FEED_BYTES = 1024 * 1024
_BACKDATED = timedelta(hours=1)
_NAME = re.compile(r"[A-Z0-9]{1,12}", re.ASCII)
_ASK_AGAIN = Bilingual("请向总部要一个新的登记码。", "Ask headquarters for a new code.")


class FirstGrants(msgspec.Struct, frozen=True, kw_only=True):
    """What a device gets with its certificate. Zero means none of it."""

    numbers: int = 500
    float_fen: int = 0
    authority_fen: int = 0
    days: int = 30


def make_enrolment_code(
    hq: Headquarters,
    *,
    station: str,
    station_name: str,
    adjuster: str,
    adjuster_name: str,
    device: str,
    code_days: int = 7,
    first_grants: FirstGrants | None = None,
) -> str:
    """Return a one-time code for one device. Raises ``InputError``: ``name_unusable``, ``device_elsewhere``."""
    _require_name("服务站代码", "station code", station)
    _require_name("设备号", "device name", device)
    secret = secrets.token_bytes(SECRET_BYTES)
    at = hq.now()
    with hq.database.write() as session:
        elsewhere = session.scalars(select(Device).where(Device.device == device, Device.station != station)).first()
        if elsewhere is not None:
            raise InputError(
                "device_elsewhere",
                Bilingual(
                    f"设备号 {device} 属于服务站 {elsewhere.station}。",
                    f"Device {device} belongs to station {elsewhere.station}.",
                ),
                Bilingual("请为该服务站另取一个设备号。", "Choose another device name for this station."),
            )
        session.add(
            EnrolmentCode(
                code_hash=secret_fingerprint(secret),
                station=station,
                station_name=station_name,
                adjuster=adjuster,
                adjuster_name=adjuster_name,
                device=device,
                first_grants=msgspec.json.encode(first_grants or FirstGrants()),
                created_at=at,
                expires_at=at + timedelta(days=code_days),
                used_at=None,
                used_by_key=None,
                epoch=None,
            )
        )
    return make_code(secret, hq.root_der)


def enrol(hq: Headquarters, request: EnrolRequest) -> EnrolAnswered:
    """Make the device, or answer the same laptop again.

    Raises:
        EnrolmentRefused: the code is unknown, used by another laptop, or expired. Nothing changed.
        ProtocolTooOld: the laptop speaks another protocol.
        BodyRefused: the public key is none.
    """
    if request.protocol != PROTOCOL:
        raise protocol_too_old(request.protocol)
    try:
        secret = split_code(request.code).secret
    except EnrolmentCodeError as problem:
        raise _refused("code_unknown", "登记码不对。", "This is no enrolment code.") from problem
    at = hq.now()
    with hq.database.write() as session:
        code = session.get(EnrolmentCode, secret_fingerprint(secret))
        if code is None:
            raise _refused("code_unknown", "总部没有发过这个登记码。", "Headquarters did not make this code.")
        if code.epoch is not None:
            device = session.get_one(Device, (code.device, code.epoch))
            if code.used_by_key != request.public_key:
                raise _refused("code_used", "这个登记码已被另一台电脑用过。", "Another laptop has used this code.")
            if device.state in STOPPED:
                raise _refused("device_stopped", "这台设备已被总部停用。", "Headquarters has stopped this device.")
        elif at >= code.expires_at:
            raise _refused("code_expired", "这个登记码已过期。", "This code has expired.")
        else:
            device = _make_device(hq, session, code, request.public_key, at)
        return _answer(hq, session, device, at)


def protocol_too_old(protocol: int) -> ProtocolTooOld:
    """Return the refusal of a protocol that headquarters does not speak."""
    return ProtocolTooOld(
        "protocol_unknown",
        Bilingual(
            f"程序使用协议 {protocol}，总部使用协议 {PROTOCOL}。",
            f"The program speaks protocol {protocol}, headquarters {PROTOCOL}.",
        ),
        Bilingual("请更新程序，数据都还在本机。", "Update the program; all data are still on the laptop."),
    )


def _make_device(hq: Headquarters, session: Session, code: EnrolmentCode, public_key: bytes, at: datetime) -> Device:
    newest = session.scalar(
        select(Device.epoch).where(Device.device == code.device).order_by(Device.epoch.desc()).limit(1)
    )
    # Epochs that a forgotten life may have given out are left alone.
    epoch = max(newest or 0, hq.incarnation.last_old_epoch) + 1
    session.execute(
        update(Device)
        .where(Device.device == code.device, Device.state == DeviceState.ACTIVE)
        .values(state=DeviceState.SUPERSEDED)
    )
    certificate = _certify(hq, code, epoch, public_key, at)
    device = Device(
        device=code.device,
        epoch=epoch,
        station=code.station,
        station_name=code.station_name,
        adjuster=code.adjuster,
        adjuster_name=code.adjuster_name,
        certificate=certificate,
        enrolled_at=at,
        seen_at=at,
        state=DeviceState.ACTIVE,
        state_reason_zh=None,
        state_reason_en=None,
        watermark_seq=0,
        digest=genesis_hash(certificate),
        feed_length=0,
    )
    session.add(device)
    session.flush()
    turn = Turn(hq, session, device, at)
    first = msgspec.json.decode(code.first_grants, type=FirstGrants)
    if first.numbers:
        add_numbers(turn, first.numbers)
    if first.authority_fen:
        add_authority(turn, first.authority_fen, first.days)
    if first.float_fen:
        add_allowance(turn, FLOAT_POOL, first.float_fen, first.days)
    tell_all_stopped(turn)
    session.flush()
    code.used_at, code.used_by_key, code.epoch = at, public_key, epoch
    return device


def _certify(hq: Headquarters, code: EnrolmentCode, epoch: int, public_key: bytes, at: datetime) -> bytes:
    try:
        return issue_device(
            hq.root_der,
            hq.secrets.root,
            code.device,
            epoch,
            code.station,
            public_key,
            at - _BACKDATED,
            at + timedelta(days=DEVICE_DAYS),
        )
    except TrustError as problem:
        raise BodyRefused(
            "public_key_unusable",
            Bilingual("电脑送来的公钥不可用。", "The laptop's public key can't be used."),
            Bilingual("登记码仍然有效，请重新登记。", "The code is still good; enrol again."),
        ) from problem


def _require_name(zh: str, en: str, name: str) -> None:
    # The same letters as in numbers of papers (claims/numbering.py), which begin with station and device.
    if not _NAME.fullmatch(name):
        raise InputError(
            "name_unusable",
            Bilingual(
                f"{zh}“{name}”只能用 1 至 12 位大写字母和数字。",
                f"The {en} {name!r} must be 1 to 12 capital letters and digits.",
            ),
            Bilingual("请改正后重试，例如 QX07、D3。", "Correct it, for example QX07, D3."),
        )


def _answer(hq: Headquarters, session: Session, device: Device, at: datetime) -> EnrolAnswered:
    return EnrolAnswered(
        device=device.device,
        epoch=device.epoch,
        station=device.station,
        station_name=device.station_name,
        adjuster=device.adjuster,
        adjuster_name=device.adjuster_name,
        company=hq.settings.company,
        hotline=hq.settings.hotline,
        root_certificate=hq.root_der,
        service_certificate=hq.service_der,
        device_certificate=device.certificate,
        recovery_public_key=hq.secrets.recovery_public,
        hq_time=at,
        statements=tuple(feed_after(session, device, 0, _MAX_FEED_BYTES)),
    )


def _refused(code: str, zh: str, en: str) -> EnrolmentRefused:
    return EnrolmentRefused(code, Bilingual(zh, en), _ASK_AGAIN)
