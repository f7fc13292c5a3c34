"""A decryptor and an encryptor written from docs/formats/blob.md alone: what a stranger could do. Imports nothing of Photobank."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    out, block, number = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([number]), hashlib.sha512).digest()
        out, number = out + block, number + 1
    return out[:length]


def derive(data_key: bytes, context: bytes, salt: bytes) -> tuple[bytes, int, bytes]:
    okm = expand(data_key, b"c2sp.org/chunked-encryption@v1+" + b"AEAD_AES_256_GCM" + b"\0" + salt + context, 76)
    return okm[:32], int.from_bytes(okm[32:44], "big"), okm[44:]


def context(asset_id: str, rendition: str) -> bytes:
    return f"photobank/blob/v1/{asset_id}/{rendition}".encode()


def read(data_key: bytes, context: bytes, blob: bytes) -> bytes:
    assert 16 <= (len(blob) - 56) % 16400 <= 16399, "length"
    key, base, commitment = derive(data_key, context, blob[:24])
    assert commitment == blob[24:56], "commitment"
    aead, out = AESGCM(key), b""
    for number, at in enumerate(range(56, len(blob), 16400)):
        out += aead.decrypt((base ^ number).to_bytes(12, "big"), blob[at : at + 16400], None)
    return out


def write(data_key: bytes, context: bytes, salt: bytes, data: bytes) -> bytes:
    key, base, commitment = derive(data_key, context, salt)
    aead, out = AESGCM(key), salt + commitment
    for number in range(len(data) // 16384 + 1):
        out += aead.encrypt((base ^ number).to_bytes(12, "big"), data[number * 16384 : number * 16384 + 16384], None)
    return out
