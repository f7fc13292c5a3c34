"""What roles and API key scopes open."""

from __future__ import annotations

import itertools

import pytest

from photobank.access.permissions import ROLE_ACTIONS, SCOPE_ACTIONS, Action, actions_of
from photobank.models.accounts import Role


def test_roles_from_viewer_to_privacy_officer_only_ever_gain():
    order = [Role.viewer, Role.contributor, Role.reviewer, Role.privacy_officer, Role.admin]
    for weaker, stronger in itertools.pairwise(order):
        assert ROLE_ACTIONS[weaker] < ROLE_ACTIONS[stronger]


@pytest.mark.parametrize("scope", sorted(SCOPE_ACTIONS))
@pytest.mark.parametrize("role", list(Role))
def test_a_narrowed_key_never_exceeds_its_owner(role, scope):
    assert actions_of(role, frozenset({scope})) <= ROLE_ACTIONS[role]


def test_an_unknown_scope_opens_nothing():
    assert actions_of(Role.admin, frozenset({"everything"})) == frozenset()


def test_nobody_may_nothing():
    assert actions_of(None, None) == frozenset()


def test_every_action_is_reachable_by_some_scope_or_is_for_people_only():
    reachable = frozenset().union(*SCOPE_ACTIONS.values())
    assert set(Action) - reachable == set()
