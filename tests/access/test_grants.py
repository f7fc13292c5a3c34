"""Inheritance of folder permissions."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photobank.access.grants import FolderNode, Granted, effective
from photobank.access.permissions import Permission

A, B, C, D = (UUID(int=n) for n in range(1, 5))
# A ─ B ─ C ; D stands alone. C does not inherit in BROKEN.
TREE = [FolderNode(A, None, True), FolderNode(B, A, True), FolderNode(C, B, True), FolderNode(D, None, True)]
BROKEN = [*TREE[:2], FolderNode(C, B, False), TREE[3]]
view, download, edit, manage = Permission


@pytest.mark.parametrize(
    ("folders", "grants", "floor", "expected"),
    [
        (TREE, [], None, {}),
        (TREE, [(A, view)], None, {A: view, B: view, C: view}),
        (TREE, [(B, edit)], None, {B: edit, C: edit}),
        (TREE, [(A, view), (C, manage)], None, {A: view, B: view, C: manage}),
        (TREE, [(A, manage), (B, view)], None, {A: manage, B: manage, C: manage}),
        (TREE, [(A, view), (A, edit)], None, {A: edit, B: edit, C: edit}),
        (BROKEN, [(A, edit)], None, {A: edit, B: edit}),
        (BROKEN, [(A, edit), (C, view)], None, {A: edit, B: edit, C: view}),
        (TREE, [], view, {A: view, B: view, C: view, D: view}),
        (BROKEN, [(D, edit)], view, {A: view, B: view, C: view, D: edit}),
        # A parent nobody knows, and a grant on a folder that is gone, give nothing.
        ([FolderNode(C, B, True)], [(B, manage)], None, {}),
    ],
)
def test_the_strongest_permission_that_reaches_a_folder(folders, grants, floor, expected):
    assert effective(folders, [Granted(*grant) for grant in grants], floor) == expected


def test_a_cycle_ends_and_gives_no_more_than_was_granted():
    loop = [FolderNode(A, B, True), FolderNode(B, A, True)]
    assert effective(loop, [Granted(A, view)], None).get(B, view) <= view


folder = st.sampled_from([A, B, C, D])
grant = st.builds(Granted, folder, st.sampled_from(list(Permission)))
trees = st.lists(st.builds(FolderNode, folder, st.none() | folder, st.booleans()), unique_by=lambda node: node.id)


@given(trees, st.lists(grant), grant)
def test_a_grant_more_never_takes_anything_away(folders, grants, one_more):
    before = effective(folders, grants, None)
    after = effective(folders, [*grants, one_more], None)
    assert all(after[id_] >= held for id_, held in before.items())


@given(trees, st.lists(grant))
def test_nobody_gets_more_than_the_strongest_grant(folders, grants):
    strongest = max((one.permission for one in grants), default=None)
    found = effective(folders, grants, None)
    assert not found or (strongest is not None and max(found.values()) <= strongest)
