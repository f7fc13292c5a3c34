"""Where people stand in one word: for lists, where a state per use would be too much to read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from photobank.clearance import facts, uses
from photobank.clearance.policy import Judge
from photobank.clearance.verdicts import ClearanceState, PersonVerdict
from photobank.scope import Scope


@dataclass(frozen=True, slots=True)
class Standing:
    """How many of the uses somebody allows now, and the state that sums it up."""

    state: ClearanceState
    granted: int
    of: int


def sum_up(states: Mapping[str, PersonVerdict]) -> Standing:
    """What is granted counts first: nobody grants every use, and a ring that says "missing" for all would say nothing.

    Somebody who grants something is approved, or expiring as soon as one of those grants is; somebody who grants nothing stands
    where the gravest answer stands: revoked before expired before never asked.
    """
    held = [one.state for one in states.values() if one.state.allowed]
    if held:
        state = ClearanceState.EXPIRING if ClearanceState.EXPIRING in held else ClearanceState.APPROVED
    else:
        answers = [one.state for one in states.values()]
        state = max(answers, key=lambda one: one.severity, default=ClearanceState.MISSING)
    return Standing(state, len(held), len(states))


async def of_people(scope: Scope, person_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """The standing of people whom the caller has found through `visibility`, in a fixed number of queries."""
    return {id_: sum_up(states) for id_, states in (await states_of(scope, person_ids)).items()}


async def states_of(scope: Scope, person_ids: Collection[UUID]) -> dict[UUID, dict[str, PersonVerdict]]:
    """The same use by use."""
    if not person_ids:
        return {}
    judge = Judge(scope.now(), None, await facts.rules(scope))
    in_force = await uses.facts(scope)
    known = await facts.people(scope, person_ids)
    return {id_: {use.key: judge.person_state(one, use) for use in in_force} for id_, one in known.items()}
