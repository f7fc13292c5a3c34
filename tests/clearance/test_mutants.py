"""The list of rules that `make mutants` breaks is true of today's code."""

from __future__ import annotations

import re

import pytest

from tests.clearance.mutants import MUTANTS, ROOT, RULES, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=[one.rule for one in MUTANTS])
def test_the_line_is_there_once(mutant: Mutant) -> None:
    assert (RULES / mutant.file).read_text().count(mutant.line) == 1
    assert mutant.line != mutant.broken


def test_the_document_lists_them_all_and_says_that_each_was_noticed() -> None:
    listed = re.findall(r"^\| (.+) \| `(.+)` \| (\w+) \|$", (ROOT / "docs" / "mutants.md").read_text(), re.MULTILINE)
    assert listed == [(one.rule, one.file.removeprefix("../"), "yes") for one in MUTANTS], "run `make mutants`"
