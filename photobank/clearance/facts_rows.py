"""The rows behind the facts, in one statement: one journey to the database and one committed state, however much there is to know.

Moments come as ISO 8601 with their zone, ids as text, sealed fields in hexadecimal digits.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Text, Uuid, bindparam, text

from photobank.consents.progress import Progress
from photobank.scope import Scope

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FactRows:
    """What there is on some assets and people.

    `entries`: people with whoever survives their entry, everybody else who was merged into those among them. `papers`: their consents
    and releases. `asked`: what they were asked and have not answered, or answered with no. `paths`: folders, each with one above it.
    """

    assets: list[Line]
    faces: list[Line]
    paths: list[Line]
    entries: list[Line]
    papers: list[Line]
    asked: list[Line]


async def read(scope: Scope, asset_ids: Collection[UUID], person_ids: Collection[UUID] = ()) -> FactRows:
    """The rows of these assets with everybody on them, and of these people."""
    await scope.db.flush()  # what this transaction has changed is part of it
    given = {"assets": list(asset_ids), "people": list(person_ids), "now": scope.now()}
    return FactRows(*(found or [] for found in (await scope.db.execute(_READ, given | _DECLINED)).one()))


_DECLINED = {"declined": Progress.declined.value}
_READ = text("""
WITH RECURSIVE shown AS (
    SELECT id, state, folder_id, faces_done, no_people_at IS NOT NULL AS nobody, locked_at IS NOT NULL AS locked,
           hold_at IS NOT NULL AS held, pictures
    FROM assets WHERE id = ANY (:assets)
), seen AS (
    SELECT id, asset_id, state, person_id, box IS NULL AS unseen FROM faces WHERE asset_id = ANY (:assets)
), path (start, id, parent_id) AS (
    SELECT id, id, parent_id FROM folders WHERE id IN (SELECT folder_id FROM shown)
    UNION SELECT path.start, above.id, above.parent_id FROM path JOIN folders AS above ON above.id = path.parent_id
), up (id, merged_into) AS (
    SELECT id, merged_into FROM people WHERE id = ANY (:people) OR id IN (SELECT person_id FROM seen)
    UNION SELECT above.id, above.merged_into FROM up JOIN people AS above ON above.id = up.merged_into
), down (survivor, id) AS (
    SELECT id, id FROM up WHERE merged_into IS NULL
    UNION SELECT down.survivor, below.id FROM down JOIN people AS below ON below.merged_into = down.id
), entries AS (
    SELECT down.survivor, people.id, people.is_minor, people.guardians_needed, encode(people.birth_date_ct, 'hex') AS birth_date
    FROM down JOIN people ON people.id = down.id ORDER BY people.id
), papers AS (
    SELECT id, person_id, regime, scope, territories, signed_at, guardians_signed, valid_from, valid_until, declined_at, withdrawn_at,
           superseded_at, refused,
           (SELECT json_agg(json_build_array(use_id, uses.valid_until, uses.withdrawn_at) ORDER BY use_id)
            FROM consent_uses AS uses WHERE uses.consent_id = consents.id) AS uses,
           (SELECT json_agg(target_id) FROM consent_scopes AS targets WHERE targets.consent_id = consents.id) AS targets
    FROM consents WHERE person_id IN (SELECT id FROM entries) ORDER BY id
), asked AS (
    SELECT asking.id, asking.person_id, forms.regime, versions.content -> 'uses' AS uses, asking.scope, asking.targets,
           asking.territories, asking.created_at, asking.outcome, asking.finished_at
    FROM consent_requests AS asking
    JOIN consent_template_versions AS versions ON versions.id = asking.version_id
    JOIN consent_templates AS forms ON forms.id = versions.template_id
    WHERE asking.person_id IN (SELECT id FROM entries)
      AND (asking.outcome = :declined OR asking.outcome IS NULL AND asking.expires_at > :now)
    ORDER BY asking.id
)
SELECT (SELECT json_agg(shown) FROM shown), (SELECT json_agg(seen ORDER BY seen.id) FROM seen), (SELECT json_agg(path) FROM path),
       (SELECT json_agg(entries) FROM entries), (SELECT json_agg(papers) FROM papers), (SELECT json_agg(asked) FROM asked)
""").bindparams(
    bindparam("assets", type_=ARRAY(Uuid)),
    bindparam("people", type_=ARRAY(Uuid)),
    bindparam("declined", type_=Text),
    bindparam("now", type_=DateTime(timezone=True)),
)
