"""The list of rules that `make mutants` breaks is true of today's code."""

from __future__ import annotations

import pytest

from tests.clearance.mutants import MUTANTS, RULES, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=[one.rule for one in MUTANTS])
def test_the_line_is_there_once(mutant: Mutant) -> None:
    assert (RULES / mutant.file).read_text().count(mutant.line) == 1
    assert mutant.line != mutant.broken
