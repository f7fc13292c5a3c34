"""XAES-256-GCM agrees with the vectors of c2sp.org/XAES-256-GCM and refuses all else."""

import hashlib
import io

import pytest

from photobank.crypto.xaes import OVERHEAD, Xaes, open_, seal
from photobank.kernel.errors import Damaged

NONCE = b"ABCDEFGHIJKLMNOPQRSTUVWX"


@pytest.mark.parametrize("at", [0, 11, 12, 23, 24, 28, -16, -1])
def test_any_flipped_bit_is_refused(at: int) -> None:
    sealed = bytearray(seal(bytes(32), b"value", b"aad"))
    sealed[at] ^= 1
    with pytest.raises(Damaged):
        open_(bytes(32), bytes(sealed), b"aad")


def test_another_key_or_associated_data_is_refused() -> None:
    sealed = seal(bytes(32), b"value", b"aad")
    for key, aad in [(bytes(31) + b"\1", b"aad"), (bytes(32), b""), (bytes(32), b"aad ")]:
        with pytest.raises(Damaged):
            open_(key, sealed, aad)


@pytest.mark.parametrize("length", [0, 1, 24, OVERHEAD - 1])
def test_what_is_too_short_is_refused(length: int) -> None:
    with pytest.raises(Damaged):
        open_(bytes(32), bytes(length), b"")


@pytest.mark.parametrize(
    ("key", "aad", "ciphertext"),
    [
        (b"\x01" * 32, b"", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
        (b"\x03" * 32, b"c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
    ],
)
def test_published_vectors(key: bytes, aad: bytes, ciphertext: str) -> None:
    assert Xaes(key).encrypt(NONCE, b"XAES-256-GCM", aad).hex() == ciphertext
    assert open_(key, NONCE + bytes.fromhex(ciphertext), aad) == b"XAES-256-GCM"


def test_ten_thousand_published_messages() -> None:
    """The accumulated test of the specification: inputs from one SHAKE-128, outputs into another."""
    source = io.BytesIO(hashlib.shake_128(b"").digest(10_000 * (32 + 24 + 2 + 2 * 255)))
    assert source.getvalue().startswith(bytes.fromhex("7f9c2ba4e88f827d616045507605853e"))
    result = hashlib.shake_128()
    for _ in range(10_000):
        key, nonce = source.read(32), source.read(24)
        plaintext = source.read(source.read(1)[0])
        aad = source.read(source.read(1)[0])
        ciphertext = Xaes(key).encrypt(nonce, plaintext, aad)
        result.update(ciphertext)
        assert open_(key, nonce + ciphertext, aad) == plaintext
    assert result.hexdigest(32) == "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939"


def test_nonces_are_drawn_afresh() -> None:
    assert len({seal(bytes(32), b"", b"")[:24] for _ in range(50)}) == 50
