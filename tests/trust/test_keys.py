"""Ed25519 against RFC 8032's own vectors, and keys under which a signature would prove nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust.conftest import flipped
from trust.errors import ForgedError, StructureError, TrustError
from trust.keys import SoftwareKey, check_public_key, verify_signature

# RFC 8032 §7.1: secret key, public key, message, signature.
RFC_8032 = {
    "test 1": (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "test 2": (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "test 3": (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    "sha(abc)": (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
}


@pytest.mark.parametrize("name", RFC_8032)
def test_published_vectors_give_the_published_key_and_signature(name: str) -> None:
    secret, public, message, signature = (bytes.fromhex(part) for part in RFC_8032[name])
    key = SoftwareKey.from_bytes(secret)
    assert key.public_key == public
    assert key.sign(message) == signature
    verify_signature(public, signature, message)
    with pytest.raises(ForgedError):
        verify_signature(public, signature, message + b"\0")


@pytest.mark.parametrize("bit", range(0, 512, 7))
def test_a_flipped_bit_of_the_signature_is_found(bit: int) -> None:
    _, public, message, signature = (bytes.fromhex(part) for part in RFC_8032["test 3"])
    with pytest.raises(ForgedError):
        verify_signature(public, flipped(signature, bit), message)


def test_a_signature_with_s_above_the_group_order_is_refused() -> None:
    # RFC 8032 §5.1.7: S + L would verify under a careless reader, so one signature would have two spellings.
    _, public, message, signature = (bytes.fromhex(part) for part in RFC_8032["test 2"])
    order = 2**252 + 27742317777372353535851937790883648493
    malleated = signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    with pytest.raises(ForgedError):
        verify_signature(public, malleated, message)


@given(secret=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200))
def test_what_a_key_signs_verifies_and_survives_storage(secret: bytes, message: bytes) -> None:
    key = SoftwareKey.from_bytes(secret)
    assert key.to_bytes() == secret
    check_public_key(key.public_key)
    verify_signature(key.public_key, SoftwareKey.from_bytes(key.to_bytes()).sign(message), message)


@given(key=st.binary(max_size=40), signature=st.binary(max_size=80), message=st.binary(max_size=20))
def test_rubbish_is_forged_and_nothing_else(key: bytes, signature: bytes, message: bytes) -> None:
    with pytest.raises(ForgedError):
        verify_signature(key, signature, message)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_private_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(TrustError, match="private_key_length"):
        SoftwareKey.from_bytes(bytes(length))


def test_two_generated_keys_differ_and_their_names_hide_the_secret() -> None:
    one, other = SoftwareKey.generate(), SoftwareKey.generate()
    assert one.public_key != other.public_key
    assert one.to_bytes().hex() not in repr(one)


def test_points_of_small_order_are_no_keys() -> None:
    # Under the neutral point the signature (R = neutral, S = 0) fits every message: that is why it must be refused.
    neutral = (1).to_bytes(32, "little")
    verify_signature(neutral, neutral + bytes(32), b"pay everything")
    for y_hex in (
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ):
        for sign in (0, 0x80):
            key = bytearray.fromhex(y_hex)
            key[31] |= sign
            with pytest.raises(ForgedError, match="public_key_weak"):
                check_public_key(bytes(key))


@pytest.mark.parametrize("key", [b"\xed" + b"\xff" * 30 + b"\x7f", b"\xff" * 32, bytes(31), bytes(33)])
def test_a_second_spelling_of_a_key_is_refused(key: bytes) -> None:
    with pytest.raises(StructureError):
        check_public_key(key)
