"""What the organisation decided about the life of consents: when an end is told of, and what becomes of photos that nothing allows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import house
from photobank.kernel.errors import Invalid
from photobank.models.accounts import Organisation
from photobank.models.consents import StoredVerdict
from photobank.scope import Scope

ARCHIVE_DAYS = 30
LONGEST = 3650


@dataclass(frozen=True, slots=True)
class Rule:
    """`archive_days` after its last permission ended a photo goes to the archive, `delete_days` after that it is deleted; None: never."""

    alert_days: int
    archive_days: int | None = ARCHIVE_DAYS
    delete_days: int | None = None

    @property
    def alert(self) -> timedelta:
        """How long before its end a record counts as expiring."""
        return timedelta(days=self.alert_days)


async def in_force(scope: Scope) -> Rule:
    """The rule that holds. Until somebody decides, an end is told of as the settings of the installation say."""
    found = (await house.of(scope)).organisation
    if found is None:
        return Rule(scope.settings.alert_days)
    return Rule(found.alert_days or scope.settings.alert_days, found.archive_days, found.delete_days)


async def get(scope: Scope) -> Rule:
    """The rule, for whoever answers for it."""
    require(scope, Action.consent_rule)
    return await in_force(scope)


async def decide(scope: Scope, rule: Rule) -> Rule:
    """Decide anew. It holds from the next moment on; nothing is put away or deleted before the night."""
    require(scope, Action.consent_rule)
    _check(rule)
    before = await in_force(scope)
    ours = await scope.db.get_one(Organisation, 1, with_for_update=True)
    ours.alert_days, ours.archive_days, ours.delete_days = rule.alert_days, rule.archive_days, rule.delete_days
    if rule.alert_days != before.alert_days:
        await _look_again(scope, before.alert, rule.alert)
    record(scope, Tag.consent_rule_set, payload=asdict(rule))
    for topic in ("consents", "people", "library"):
        scope.wake(topic)
    return rule


def _check(rule: Rule) -> None:
    faults: dict[str, str] = {}
    if not 1 <= rule.alert_days <= 365:
        faults["alert_days"] = "errors.number"
    if rule.archive_days is not None and not 0 <= rule.archive_days <= LONGEST:
        faults["archive_days"] = "errors.number"
    if rule.delete_days is not None and not 1 <= rule.delete_days <= LONGEST:
        faults["delete_days"] = "errors.number"
    elif rule.delete_days is not None and rule.archive_days is None:
        faults["delete_days"] = "errors.archive_first"
    if faults:
        raise Invalid("rule", fields=faults)


async def _look_again(scope: Scope, before: timedelta, after: timedelta) -> None:
    """Stored verdicts that stand otherwise under the other period are derived again by the clock; lists tell it right meanwhile."""
    now, until = scope.now(), col(StoredVerdict.valid_until)
    between = until > now + min(before, after), until <= now + max(before, after)
    change = update(StoredVerdict).where(*between).values(changes_at=now)
    await scope.db.execute(change.execution_options(synchronize_session=False))
