"""A sealed field opens in its own place only, under the key it names."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photobank.crypto.binding import bind, subkey
from photobank.crypto.blind import BlindIndex
from photobank.crypto.fields import FieldCipher, key_of
from photobank.crypto.providers import DerivedKeys, StaticKeys, key_id
from photobank.crypto.sealed_state import StateSealer
from photobank.kernel.errors import Damaged
from tests.blobs import stranger

OLD, NEW = bytes(32), b"\x01" * 32
ROW = UUID("01920000-0000-7000-8000-000000000001")
PLACE = ("people", "name", ROW)


@pytest.mark.parametrize(
    "place", [("people", "email", ROW), ("assets", "name", ROW), ("people", "name", UUID(int=7)), ("peoplen", "ame", ROW)]
)
def test_a_value_moved_elsewhere_is_refused(place: tuple[str, str, UUID]) -> None:
    cipher = FieldCipher(StaticKeys(OLD))
    with pytest.raises(Damaged):
        cipher.open(*place, cipher.seal(*PLACE, b"Anna"))


@pytest.mark.parametrize("at", [0, 1, 4, 5, 30, -1])
def test_an_altered_value_is_refused(at: int) -> None:
    cipher = FieldCipher(StaticKeys(OLD))
    sealed = bytearray(cipher.seal(*PLACE, b"Anna"))
    sealed[at] ^= 1
    with pytest.raises(Damaged):
        cipher.open(*PLACE, bytes(sealed))


@pytest.mark.parametrize("value", [b"", b"\x01", bytes(44), b"\x02" + bytes(60)])
def test_what_is_no_sealed_value_is_refused(value: bytes) -> None:
    with pytest.raises(Damaged):
        FieldCipher(StaticKeys(OLD)).open(*PLACE, value)


def test_a_key_that_is_gone_shreds_its_values() -> None:
    with pytest.raises(Damaged):
        FieldCipher(StaticKeys(NEW)).open(*PLACE, FieldCipher(StaticKeys(OLD)).seal(*PLACE, b"Anna"))


def test_a_stranger_opens_a_field_by_docs_formats() -> None:
    sealed = FieldCipher(StaticKeys(OLD)).seal(*PLACE, b"Anna")
    assert stranger.read_field(OLD, "people", "name", str(ROW), sealed) == b"Anna"
    assert sealed[1:5] == stranger.key_id(OLD)


def test_rotation_reads_old_values_and_seals_under_the_new_key() -> None:
    old, both = FieldCipher(StaticKeys(OLD)), FieldCipher(StaticKeys(NEW, OLD))
    sealed = old.seal_text(*PLACE, "Zoë")
    assert both.open_text(*PLACE, sealed) == "Zoë"
    assert not both.is_current(sealed)
    fresh = both.seal_text(*PLACE, "Zoë")
    assert key_of(fresh) == key_id(NEW)
    assert both.is_current(fresh)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_comes_back(value: object) -> None:
    cipher = FieldCipher(StaticKeys(OLD))
    assert cipher.open_json(*PLACE, cipher.seal_json(*PLACE, value)) == json.loads(json.dumps(value))


def test_equal_values_are_sealed_differently() -> None:
    cipher = FieldCipher(StaticKeys(OLD))
    assert cipher.seal(*PLACE, b"Anna") != cipher.seal(*PLACE, b"Anna")


def test_derived_keys_are_not_the_keys_they_come_from() -> None:
    ring = DerivedKeys(StaticKeys(OLD), "fields")
    assert ring.current() == (key_id(OLD), subkey(OLD, "fields"))
    assert ring.get(key_id(OLD)) not in (OLD, subkey(OLD, "blind"))


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_no_two_lists_look_alike(one: list[str], other: list[str]) -> None:
    assert (bind(*one) == bind(*other)) == (one == other)


@pytest.mark.parametrize(
    "typed", ["Zoë.Smit@Example.ORG", " zoë.smit@example.org\n", "ZOE\u0308.smit@example.org", "zoë.smit＠example.org"]
)
def test_an_address_is_found_however_it_was_typed(typed: str) -> None:
    index = BlindIndex(OLD)
    assert index.email("person-email", typed) == index.email("person-email", "zoë.smit@example.org")


def test_an_index_is_bound_to_key_and_purpose() -> None:
    digests = {BlindIndex(key).email(purpose, "a@b.nl") for key in (OLD, NEW) for purpose in ("person-email", "user-email")}
    assert len(digests) == 4
    assert {len(digest) for digest in digests} == {32}


def test_state_opens_under_its_own_name_only() -> None:
    sealer = StateSealer(OLD)
    sealed = sealer.seal("token_1", b"state")
    assert sealer.open("token_1", sealed) == b"state"
    assert b"state" not in sealed
    for name, value, opener in [
        ("token_2", sealed, sealer),
        ("token_1", sealed[:-1] + b"x", sealer),
        ("token_1", b"", sealer),
        ("token_1", sealed, StateSealer(NEW)),
    ]:
        with pytest.raises(Damaged):
            opener.open(name, value)
