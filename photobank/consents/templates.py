"""Forms and their versions. A change makes a new version; what was signed keeps the version that it was signed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import house, showing, starters, uses, wording
from photobank.consents.records import Extent
from photobank.consents.wording import Shown
from photobank.db.locks import one_at_a_time
from photobank.i18n.translate import is_language
from photobank.kernel.errors import Invalid, NotFound
from photobank.kernel.ids import new_id
from photobank.messaging.events import TemplatesChanged
from photobank.models.accounts import Organisation
from photobank.models.consents import Regime
from photobank.models.requests import ConsentRequest, ConsentTemplate, TemplateVersion
from photobank.scope import Scope

REGIMES = (Regime.consent, Regime.release)
EXAMPLE = {"nl": "Anna de Vries", "en": "Anna de Vries"}


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A form as lists show it, in its newest version."""

    id: UUID
    sector: str
    regime: Regime
    name_nl: str
    name_en: str
    version: int
    uses: tuple[str, ...]
    months: tuple[int, ...]
    biometric: bool
    retired: bool
    for_guardians: bool
    """One of ours that is written for who decides for a child."""
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version, and how many requests were made on it."""

    number: int
    created_at: datetime
    created_by: UUID | None
    digest: str
    requests: int


@dataclass(frozen=True, slots=True)
class TemplateDetail:
    """A form with the words of one of its versions."""

    row: TemplateRow
    number: int
    content: dict[str, Any]
    versions: tuple[VersionRow, ...]


async def list_all(scope: Scope, *, retired: bool = False) -> list[TemplateRow]:
    """The forms in use, those of the organisation's sector put in at the first look; those of other sectors last; with `retired` also
    those out of use."""
    require(scope, Action.consent_view)
    await ensure(scope)
    ours = (await house.of(scope)).organisation
    fits = col(ConsentTemplate.sector).in_(("general", ours.sector if ours else "general"))
    query = _newest().order_by(fits.desc(), col(ConsentTemplate.sector), col(ConsentTemplate.created_at), col(ConsentTemplate.id))
    if not retired:
        query = query.where(col(ConsentTemplate.retired_at).is_(None))
    return [_row(template, version) for template, version in await scope.db.execute(query)]


async def get(scope: Scope, template_id: UUID, number: int | None = None) -> TemplateDetail:
    """One form, in its newest version or in that of a number; raises NotFound."""
    require(scope, Action.consent_view)
    template, newest = await _find(scope, template_id)
    wanted = newest
    if number is not None and number != newest.number:
        wanted = await _version(scope, template_id, number)
    counted = (
        select(TemplateVersion, func.count(col(ConsentRequest.id)))
        .outerjoin(ConsentRequest, col(ConsentRequest.version_id) == col(TemplateVersion.id))
        .where(col(TemplateVersion.template_id) == template_id)
        .group_by(col(TemplateVersion.id))
        .order_by(col(TemplateVersion.number).desc())
    )
    versions = tuple(
        VersionRow(one.number, one.created_at, one.created_by, one.digest.hex(), count)
        for one, count in await scope.db.execute(counted)
    )
    return TemplateDetail(_row(template, newest), wanted.number, dict(wanted.content), versions)


async def current(scope: Scope, template_id: UUID) -> tuple[ConsentTemplate, TemplateVersion]:
    """A form in use with its newest version, for a request; raises NotFound."""
    template, version = await _find(scope, template_id)
    if template.retired_at is not None:
        raise NotFound("this form is out of use")
    return template, version


async def create(scope: Scope, sector: str, regime: str, content: Mapping[str, Any]) -> TemplateDetail:
    """A form of the organisation's own."""
    require(scope, Action.template_manage)
    if sector not in starters.SECTORS or regime not in REGIMES:
        raise Invalid("template", fields={"sector" if sector not in starters.SECTORS else "regime": "errors.regime"})
    made = wording.checked(content)
    await uses.require_known(scope, made["uses"])
    id_ = await _put(scope, None, sector, regime, made)
    return await get(scope, id_)


async def change(scope: Scope, template_id: UUID, content: Mapping[str, Any]) -> TemplateDetail:
    """New words: a new version from now on, unless nothing differs."""
    require(scope, Action.template_manage)
    await one_at_a_time(scope.db, f"template:{template_id}")
    _, newest = await _find(scope, template_id)
    made = wording.checked(content)
    await uses.require_known(scope, made["uses"])
    digest = wording.digest(made)
    if digest != newest.digest:
        await _add_version(scope, template_id, newest.number + 1, made, digest)
        payload = {"template": str(template_id), "version": newest.number + 1, "digest": digest.hex()}
        record(scope, Tag.template_changed, payload=payload)
        scope.announce(TemplatesChanged(template_id=template_id))
    return await get(scope, template_id)


async def retire(scope: Scope, template_id: UUID, retired: bool) -> TemplateDetail:
    """Take a form out of use, or back into it. What was asked on it goes on."""
    require(scope, Action.template_manage)
    template, _ = await _find(scope, template_id)
    if (template.retired_at is not None) != retired:
        template.retired_at = scope.now() if retired else None
        record(scope, Tag.template_retired, payload={"template": str(template_id), "retired": retired})
        scope.announce(TemplatesChanged(template_id=template_id))
        await scope.db.flush()
    return await get(scope, template_id)


async def adopt(scope: Scope, key: str) -> TemplateDetail:
    """Take over a form of ours; doing it twice changes nothing more. Raises NotFound."""
    require(scope, Action.template_manage)
    starter = starters.all_of_them().get(key)
    if starter is None:
        raise NotFound("no such form")
    return await get(scope, await _adopt(scope, starter))


async def for_grown(scope: Scope, template_id: UUID | None) -> UUID | None:
    """The form for who has grown out of this one of ours; it is put in where it is not there yet. None for any other form."""
    template = await scope.db.get(ConsentTemplate, template_id) if template_id else None
    starter = starters.all_of_them().get(template.starter or "") if template else None
    if starter is None or not starter.of_age:
        return None
    id_ = await _adopt(scope, starters.all_of_them()[starter.of_age])
    return id_ if (await _find(scope, id_))[0].retired_at is None else None


async def preview(scope: Scope, template_id: UUID, language: str, number: int | None = None) -> Shown:
    """What somebody would be shown, of this version, today."""
    require(scope, Action.consent_view)
    if not is_language(language):
        raise Invalid("language", fields={"language": "errors.language"})
    template, newest = await _find(scope, template_id)
    version = newest if number is None else await _version(scope, template_id, number)
    return await showing.shown(
        scope, template, version, language=language, person=EXAMPLE[language], signer=EXAMPLE[language], extent=Extent.all
    )


async def ensure(scope: Scope) -> None:
    """Put in the forms of the organisation's sector where there are none at all."""
    if await scope.db.scalar(select(col(ConsentTemplate.id)).limit(1)) is not None:
        return
    organisation = await scope.db.get(Organisation, 1)
    for starter in starters.for_sector(organisation.sector if organisation else "general"):
        await _adopt(scope, starter)


async def _adopt(scope: Scope, starter: starters.Starter) -> UUID:
    await one_at_a_time(scope.db, "consent starters")
    there: UUID | None = await scope.db.scalar(select(col(ConsentTemplate.id)).where(col(ConsentTemplate.starter) == starter.key))
    if there is not None:
        return there
    for id_ in starter.content["uses"]:
        if (own := starters.own_uses().get(id_)) is not None:
            await uses.ensure(scope, own.id, own.label_nl, own.label_en, outside=own.outside)
    return await _put(scope, starter.key, starter.sector, starter.regime, wording.checked(starter.content))


async def _put(scope: Scope, starter: str | None, sector: str, regime: str, content: dict[str, Any]) -> UUID:
    template = ConsentTemplate(
        id=new_id(), starter=starter, sector=sector, regime=regime, created_by=scope.actor.user_id, created_at=scope.now()
    )
    scope.db.add(template)
    await scope.db.flush()
    digest = wording.digest(content)
    await _add_version(scope, template.id, 1, content, digest)
    payload = {"template": str(template.id), "starter": starter, "digest": digest.hex()}
    record(scope, Tag.template_created, payload=payload)
    scope.announce(TemplatesChanged(template_id=template.id))
    return template.id


async def _add_version(scope: Scope, template_id: UUID, number: int, content: dict[str, Any], digest: bytes) -> None:
    scope.db.add(
        TemplateVersion(
            id=new_id(),
            template_id=template_id,
            number=number,
            content=content,
            digest=digest,
            created_by=scope.actor.user_id,
            created_at=scope.now(),
        )
    )
    await scope.db.flush()


def _newest() -> Any:
    latest = select(col(TemplateVersion.template_id), func.max(col(TemplateVersion.number))).group_by(
        col(TemplateVersion.template_id)
    )
    return (
        select(ConsentTemplate, TemplateVersion)
        .join(TemplateVersion, col(TemplateVersion.template_id) == col(ConsentTemplate.id))
        .where(tuple_(col(TemplateVersion.template_id), col(TemplateVersion.number)).in_(latest))
    )


async def _find(scope: Scope, template_id: UUID) -> tuple[ConsentTemplate, TemplateVersion]:
    found = (await scope.db.execute(_newest().where(col(ConsentTemplate.id) == template_id))).first()
    if found is None:
        raise NotFound("no such form")
    return found[0], found[1]


async def _version(scope: Scope, template_id: UUID, number: int) -> TemplateVersion:
    query = select(TemplateVersion).where(col(TemplateVersion.template_id) == template_id, col(TemplateVersion.number) == number)
    found: TemplateVersion | None = await scope.db.scalar(query)
    if found is None:
        raise NotFound("no such version")
    return found


def _row(template: ConsentTemplate, version: TemplateVersion) -> TemplateRow:
    content = version.content
    return TemplateRow(
        id=template.id,
        sector=template.sector,
        regime=Regime(template.regime),
        name_nl=content["nl"]["name"],
        name_en=content["en"]["name"],
        version=version.number,
        uses=tuple(content["uses"]),
        months=tuple(content["months"]),
        biometric=content["biometric"],
        retired=template.retired_at is not None,
        for_guardians=bool((starter := starters.all_of_them().get(template.starter or "")) and starter.of_age),
        changed_at=version.created_at,
    )
