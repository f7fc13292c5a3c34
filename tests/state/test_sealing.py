"""The inner parts of the framework that sealing leans on. When one of these fails after an upgrade, read state/sealing.py again."""

from __future__ import annotations

import inspect

import pytest
import reflex as rx
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import BaseStateToken
from reflex.utils import token_manager
from reflex_base.constants.state import FIELD_MARKER

from state.base import PhotobankState
from state.entrance import EntranceState
from state.sealing import SealedStates
from state.sockets import delta


def test_states_are_read_with_mget_and_in_no_other_way() -> None:
    source = inspect.getsource(StateManagerRedis)
    assert source.count("_deserialize(") == 1
    assert source.count("self.redis.mget(") == 1
    assert "BaseState._deserialize(data=redis_state)" in inspect.getsource(StateManagerRedis.get_state)


def test_states_are_written_by_collecting_them_first() -> None:
    source = inspect.getsource(StateManagerRedis)
    assert source.count("._serialize()") == 1
    assert "state._serialize()" in inspect.getsource(StateManagerRedis._collect_state_writes)
    assert source.count("_collect_state_writes(token") == 1
    assert SealedStates._collect_state_writes is not StateManagerRedis._collect_state_writes


def test_a_state_lies_under_the_key_that_it_is_sealed_for() -> None:
    token = BaseStateToken(ident="t", cls=PhotobankState)
    assert token._state_key(PhotobankState) == f"t_{PhotobankState.get_full_name()}"


def test_socket_records_are_pickled_through_the_name_that_we_replace() -> None:
    source = inspect.getsource(token_manager)
    assert source.count("pickle.dumps(") == 2
    assert source.count("pickle.loads(") == 2
    assert "from pickle" not in source


def test_a_delta_has_the_shape_that_the_framework_gives_it() -> None:
    state = PhotobankState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state.my_name = "Anna"
    theirs = state.get_delta()[PhotobankState.get_full_name()]
    ours = delta(PhotobankState, {"my_name": "Anna"})[PhotobankState.get_full_name()]
    assert ours.items() <= theirs.items()
    assert list(ours) == ["my_name" + FIELD_MARKER]


@pytest.mark.parametrize("name", ["no_such_var", "my_name", "_private"])
def test_a_delta_names_only_vars_of_that_very_state(name: str) -> None:
    with pytest.raises(KeyError):
        delta(EntranceState, {name: 1})


def test_the_framework_is_the_version_that_was_read() -> None:
    assert rx.constants.Reflex.VERSION == "0.10.1"
