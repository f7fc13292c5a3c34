"""What one signer is shown of a form: its words with names, uses and days filled in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from photobank.consents import days, uses, wording
from photobank.consents.records import Extent
from photobank.consents.wording import Period, Shown, ShownUse
from photobank.i18n import format as written
from photobank.i18n.translate import Language, translate
from photobank.models.accounts import Organisation
from photobank.models.requests import ConsentTemplate, TemplateVersion
from photobank.scope import Scope


async def shown(
    scope: Scope,
    template: ConsentTemplate,
    version: TemplateVersion,
    *,
    language: Language,
    person: str,
    signer: str,
    extent: Extent,
    role: str = "subject",
    targets: int = 0,
    territories: Sequence[str] = (),
    grown: datetime | None = None,
) -> Shown:
    """The words as they stand today. `grown`: when a minor comes of age, at which everything signed before ends."""
    content = version.content
    words = content[language]
    organisation = await organisation_name(scope)
    labels = {use.id: use.label_nl if language == "nl" else use.label_en for use in await uses.load(scope)}

    def fill(text: str) -> str:
        return wording.filled(text, organisation, person)

    return Shown(
        language=language,
        regime=template.regime,
        organisation=organisation,
        person=person,
        signer=signer,
        role=role,
        template=words["name"],
        version=version.number,
        title=fill(words["title"]),
        intro=wording.paragraphs(fill(words["intro"])),
        extent=" ".join([translate(f"signing.extent_{extent}", language, count=targets), *_where(territories, language)]),
        # A use that the organisation gave up since is not asked for any more.
        uses=tuple(ShownUse(use, labels[use], fill(words["uses"][use])) for use in content["uses"] if use in labels),
        biometric=fill(words["biometric"]) if content["biometric"] else "",
        periods=_periods(content["months"], scope.now(), grown),
        until_birthday=days.last_day(grown) if grown else None,
        terms=wording.paragraphs(fill(words["terms"])),
        declaration=fill(words["declaration"]),
    )


async def organisation_name(scope: Scope) -> str:
    """Who asks."""
    house = await scope.db.get(Organisation, 1)
    return house.name if house else ""


def places(territories: Sequence[str], language: Language) -> str:
    """Countries by their names."""
    return ", ".join(translate("signing.eea", language) if one == "EEA" else written.country(one, language) for one in territories)


def _where(territories: Sequence[str], language: Language) -> list[str]:
    """A permission that holds in some countries only says so, in the words of its record."""
    return [translate("signing.only_in", language, places=places(territories, language))] if territories else []


def _periods(months: list[int], now: datetime, grown: datetime | None) -> tuple[Period, ...]:
    today = now.astimezone(days.ZONE).date()
    found = [Period(count, in_months(today, count)) for count in months]
    if grown is None:
        return tuple(found)
    # Nobody can sign for a minor beyond the birthday: longer periods all end there, and one of them is enough.
    last = days.last_day(grown)
    within = [one for one in found if one.last_day < last]
    beyond = next((one for one in found if one.last_day >= last), None)
    return (*within, Period(beyond.months, last)) if beyond is not None else tuple(within)


def in_months(day: date, count: int) -> date:
    """The same day so many months on, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
