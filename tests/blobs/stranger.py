"""A decryptor and an encryptor written from docs/formats alone: what a stranger could do. Imports nothing of Photobank."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
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


def listed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def xaes_open(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    block, nonce = Cipher(algorithms.AES(key), modes.ECB()), sealed[:24]
    top = int.from_bytes(block.encryptor().update(bytes(16)), "big")
    k1 = ((top << 1) % 2**128) ^ (0x87 if top >> 127 else 0)
    halves = [(int.from_bytes(bytes([0, n, 0x58, 0]) + nonce[:12], "big") ^ k1).to_bytes(16, "big") for n in (1, 2)]
    return AESGCM(block.encryptor().update(b"".join(halves))).decrypt(nonce[12:], sealed[24:], aad)


def read_tail(data_key: bytes, upload_key: str, context: bytes, tail: bytes) -> tuple[int, int, bytes]:
    assert tail[0] == 1, "version"
    key = expand(data_key, listed(b"photobank/subkey/v1", b"upload-tail"), 32)
    plain = xaes_open(key, tail[1:], listed(b"photobank/tail/v1", upload_key.encode(), context))
    return plain[0], int.from_bytes(plain[1:9], "big"), plain[9:]


def read_field(key: bytes, table: str, column: str, row_id: str, field: bytes) -> bytes:
    assert field[0] == 1, "version"
    return xaes_open(key, field[5:], listed(b"photobank/field/v1", field[:5], table.encode(), column.encode(), row_id.encode()))


def unwrap(key: bytes, kind: str, thing_id: str, wrapped: bytes) -> bytes:
    assert wrapped[0] == 1, "version"
    assert wrapped[1:5] == key_id(key), "key id"
    return xaes_open(key, wrapped[5:], listed(b"photobank/wrap/v1", wrapped[:5], kind.encode(), thing_id.encode()))


def key_id(key: bytes) -> bytes:
    return hmac.new(key, b"photobank/key-id/v1", hashlib.sha256).digest()[:4]
