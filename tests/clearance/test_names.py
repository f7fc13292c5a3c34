"""Lists that must stay equal: the guide and the code, the tables' words and the policy's."""

from __future__ import annotations

import re
from pathlib import Path

from photobank.clearance import facts_types
from photobank.clearance.verdicts import STATE_OF, ClearanceState, NextStep, ReasonCode
from photobank.models import assets, consents, people

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "clearance.md"


def test_the_guide_lists_every_reason_with_its_verdict() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \| (\w+) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))
    states = {(state.value, "yes" if state.allowed else "no") for state in ClearanceState}
    assert rows == states | {(code.value, STATE_OF[code].value) for code in ReasonCode}


def test_the_guide_names_every_next_step() -> None:
    named = set(re.findall(r"`(\w+)`", GUIDE.read_text(encoding="utf-8")))
    assert {step.value for step in NextStep} <= named


def test_the_policy_and_the_tables_use_the_same_words() -> None:
    assert {one.value for one in facts_types.AssetState} == {one.value for one in assets.AssetState}
    assert {one.value for one in facts_types.FaceState} == {one.value for one in people.FaceState}
    assert {one.value for one in facts_types.Regime} == {one.value for one in consents.Regime}
