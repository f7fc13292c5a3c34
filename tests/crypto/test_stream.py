"""Cobblestone-256: what is damaged is refused, what is whole agrees with pyca's implementation and with a stranger's."""

import os

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from hypothesis import example, given, settings
from hypothesis import strategies as st

from photobank.crypto import stream
from photobank.crypto.stream import CHUNK, HEADER, MAX_CHUNKS, SEALED, TAG, Decryptor, Encryptor
from photobank.kernel.errors import Damaged
from tests.blobs import stranger

KEY = bytes(range(32))
CONTEXT = b"photobank/blob/v1/01920000-0000-7000-8000-000000000001/original"
SALT = bytes(range(100, 124))
SIZES = [0, 1, 15, 16, 100, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7]


def header(context: bytes = CONTEXT) -> bytes:
    return SALT + stranger.derive(KEY, context, SALT)[2]


# Damaged first


@pytest.mark.parametrize("cut", [1, 15, 16, 17, 66, SEALED, SEALED + 66, 2 * SEALED + 66, 2 * SEALED + 67])
def test_a_truncated_blob_is_refused(cut: int) -> None:
    blob = stream.encrypt(KEY, CONTEXT, bytes(2 * CHUNK + 50))
    with pytest.raises(Damaged):
        stream.decrypt(KEY, CONTEXT, blob[:-cut])


@pytest.mark.parametrize("more", [1, 16, 17, SEALED])
@pytest.mark.parametrize("size", [0, 50, CHUNK - 1, CHUNK])
def test_a_lengthened_blob_is_refused(size: int, more: int) -> None:
    blob = stream.encrypt(KEY, CONTEXT, bytes(size))
    with pytest.raises(Damaged):
        stream.decrypt(KEY, CONTEXT, blob + bytes(more))


def test_chunks_in_another_order_are_refused() -> None:
    blob = stream.encrypt(KEY, CONTEXT, bytes(2 * CHUNK))
    first, second = blob[HEADER : HEADER + SEALED], blob[HEADER + SEALED : HEADER + 2 * SEALED]
    with pytest.raises(Damaged):
        stream.decrypt(KEY, CONTEXT, blob[:HEADER] + second + first + blob[HEADER + 2 * SEALED :])


def test_a_full_chunk_left_out_is_refused() -> None:
    blob = stream.encrypt(KEY, CONTEXT, bytes(2 * CHUNK + 50))
    with pytest.raises(Damaged):
        stream.decrypt(KEY, CONTEXT, blob[: HEADER + SEALED] + blob[HEADER + 2 * SEALED :])


def test_an_empty_last_chunk_left_out_is_refused() -> None:
    blob = stream.encrypt(KEY, CONTEXT, bytes(CHUNK))
    with pytest.raises(Damaged):
        stream.decrypt(KEY, CONTEXT, blob[:-TAG])


@pytest.mark.parametrize("at", [0, 23, 24, 55, 56, 56 + CHUNK, 56 + SEALED - 1, 56 + SEALED, -1, -17])
def test_any_flipped_bit_is_refused(at: int) -> None:
    blob = bytearray(stream.encrypt(KEY, CONTEXT, bytes(CHUNK + 50)))
    blob[at] ^= 0x80
    with pytest.raises(Damaged):
        stream.decrypt(KEY, CONTEXT, blob)


@pytest.mark.parametrize(("key", "context"), [(bytes(32), CONTEXT), (KEY, b""), (KEY, CONTEXT + b"x"), (KEY, CONTEXT[:-1])])
def test_another_key_or_context_is_refused_before_any_chunk_is_touched(key: bytes, context: bytes) -> None:
    blob = stream.encrypt(KEY, CONTEXT, b"x")
    with pytest.raises(Damaged, match="header"):
        Decryptor(key, context, blob[:HEADER], len(blob))


@pytest.mark.parametrize("size", [0, 55, 56, 71, 56 + SEALED, 56 + SEALED + 15, 56 + 3 * SEALED])
def test_a_length_that_no_blob_has_is_refused(size: int) -> None:
    with pytest.raises(Damaged):
        stream.plaintext_size(size)


@pytest.mark.parametrize("key", [b"", bytes(16), bytes(31), bytes(33)])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError):
        Encryptor(key, CONTEXT)


def test_a_range_with_the_wrong_number_of_bytes_is_refused() -> None:
    blob = stream.encrypt(KEY, CONTEXT, bytes(3 * CHUNK))
    opened = Decryptor(KEY, CONTEXT, blob[:HEADER], len(blob))
    for first, length in [(0, SEALED - 1), (0, SEALED + 1), (-1, SEALED), (3, SEALED), (4, 16), (3, 15), (0, 4 * SEALED)]:
        with pytest.raises(Damaged):
            opened.open_chunks(first, bytes(length))


# Whole


# Made with the stranger of tests/blobs; cryptography's own decryptor agrees.
@pytest.mark.parametrize(
    ("data", "context", "sealed"),
    [
        (
            b"",
            b"",
            "6465666768696a6b6c6d6e6f707172737475767778797a7bc3e85ce0f72398b0116b509fc0959fe37713642695670dff"
            "847e2ae8493f183de5729036f651cf9b55ddcfae225bd451",
        ),
        (
            b"hello world",
            b"",
            "6465666768696a6b6c6d6e6f707172737475767778797a7bc3e85ce0f72398b0116b509fc0959fe37713642695670dff"
            "847e2ae8493f183d8ee642b7118cf74a094a5a401181918ed0466d8a640d87ad0d2fae",
        ),
        (
            b"hello world",
            b"context",
            "6465666768696a6b6c6d6e6f707172737475767778797a7b8b92f011f28b44e763b52747167ae39d53a9b64952d998a2"
            "1ce3bb0c86f49f384f76b18d44289cd3e6a878140c07cbd048a82433ba3fb596787e98",
        ),
    ],
)
def test_known_answers(data: bytes, context: bytes, sealed: str) -> None:
    encryptor = Encryptor.resume(KEY, context, header(context), 0)
    assert (encryptor.header + encryptor.update(data) + encryptor.finish()).hex() == sealed
    assert stream.decrypt(KEY, context, bytes.fromhex(sealed)) == data
    theirs = Cobblestone256Decryptor(KEY, context)
    assert theirs.update(bytes.fromhex(sealed)) + theirs.finalize() == data


@pytest.mark.parametrize("size", SIZES)
def test_pyca_reads_what_we_write(size: int) -> None:
    data = os.urandom(size)
    theirs = Cobblestone256Decryptor(KEY, CONTEXT)
    assert theirs.update(stream.encrypt(KEY, CONTEXT, data)) + theirs.finalize() == data


@pytest.mark.parametrize("size", SIZES)
def test_we_read_what_pyca_writes(size: int) -> None:
    data = os.urandom(size)
    theirs = Cobblestone256Encryptor(KEY, CONTEXT)
    assert stream.decrypt(KEY, CONTEXT, theirs.update(data) + theirs.finalize()) == data


@given(data=st.binary(max_size=3 * CHUNK), cuts=st.lists(st.integers(0, 3 * CHUNK), max_size=8))
@example(data=bytes(CHUNK), cuts=[CHUNK])
@settings(max_examples=60, deadline=None)
def test_a_stranger_reads_and_writes_the_same_however_it_is_cut(data: bytes, cuts: list[int]) -> None:
    encryptor = Encryptor.resume(KEY, CONTEXT, header(), 0)
    blob, at = encryptor.header, 0
    for cut in [*sorted(cuts), len(data)]:
        blob += encryptor.update(data[at : max(at, cut)])
        at = max(at, cut)
        assert encryptor.size == min(at, len(data))
    blob += encryptor.finish()
    assert blob == stranger.write(KEY, CONTEXT, SALT, data)
    assert stranger.read(KEY, CONTEXT, blob) == data
    assert len(blob) == stream.encrypted_size(len(data))
    assert stream.plaintext_size(len(blob)) == len(data)


@given(size=st.integers(0, 4 * CHUNK), start=st.integers(0, 4 * CHUNK), end=st.integers(0, 5 * CHUNK))
@settings(max_examples=60, deadline=None)
def test_any_range_opens_by_itself(size: int, start: int, end: int) -> None:
    data = os.urandom(size)
    blob = stream.encrypt(KEY, CONTEXT, data)
    opened = Decryptor(KEY, CONTEXT, blob[:HEADER], len(blob))
    span = opened.span(start, end)
    offset, length = opened.place(span.first, span.end)
    plain = opened.open_chunks(span.first, blob[offset : offset + length]) if span.length else b""
    assert plain[span.skip : span.skip + span.length] == data[start:end]


def test_every_blob_has_its_own_salt() -> None:
    assert len({stream.encrypt(KEY, CONTEXT, b"x")[:24] for _ in range(20)}) == 20


def test_resuming_checks_key_context_and_header() -> None:
    good = Encryptor(KEY, CONTEXT).header
    for key, context, head in [(bytes(32), CONTEXT, good), (KEY, b"", good), (KEY, CONTEXT, bytes(56)), (KEY, CONTEXT, good[:-1])]:
        with pytest.raises(Damaged):
            Encryptor.resume(key, context, head, 0)


def test_a_finished_message_takes_nothing_more() -> None:
    encryptor = Encryptor(KEY, CONTEXT)
    encryptor.finish()
    with pytest.raises(ValueError):
        encryptor.update(b"x")
    with pytest.raises(ValueError):
        encryptor.finish()


def test_the_chunk_counter_ends_before_nonces_repeat() -> None:
    with pytest.raises(ValueError):
        Encryptor.resume(KEY, CONTEXT, header(), MAX_CHUNKS)
    encryptor = Encryptor.resume(KEY, CONTEXT, header(), MAX_CHUNKS - 1)
    with pytest.raises(ValueError):
        encryptor.update(bytes(CHUNK))
    assert len(Encryptor.resume(KEY, CONTEXT, header(), MAX_CHUNKS - 1).finish()) == TAG
    for size in (-1, MAX_CHUNKS * CHUNK):
        with pytest.raises(ValueError):
            stream.encrypted_size(size)


def test_a_prefix_opens_up_to_the_first_chunk_that_does_not() -> None:
    blob = bytearray(stream.encrypt(KEY, CONTEXT, bytes(4 * CHUNK)))
    body = slice(HEADER, HEADER + 4 * SEALED)
    assert stream.open_prefix(KEY, CONTEXT, blob[:HEADER], blob[body]) == [bytes(CHUNK)] * 4
    assert stream.open_prefix(KEY, CONTEXT, blob[:HEADER], blob[HEADER : HEADER + 2 * SEALED - 1]) == [bytes(CHUNK)]
    assert stream.open_prefix(KEY, CONTEXT, blob[:HEADER], blob[HEADER + SEALED : HEADER + 2 * SEALED], 1) == [bytes(CHUNK)]
    blob[HEADER + SEALED] ^= 1
    assert stream.open_prefix(KEY, CONTEXT, blob[:HEADER], blob[body]) == [bytes(CHUNK)]
