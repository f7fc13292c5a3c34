"""Asking for consent from a list: a CSV file with names and addresses, as spreadsheets and registration systems write it.

Whoever is known by the address is asked under that entry; others are entered first. Lines with a fault are left out and named, the rest
is asked. Looked at first (`check`), it changes nothing.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import col

from photobank.access import visibility
from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.consents import asking, templates
from photobank.consents.asking import Guardian, NewRequest
from photobank.i18n.translate import is_language
from photobank.kernel.addresses import is_address
from photobank.kernel.errors import Invalid
from photobank.models.people import Person
from photobank.people import persons
from photobank.scope import Scope

LARGEST = 512 * 1024
COLUMNS = ("name", "email", "birth_date", "guardian", "guardian_email", "guardian2", "guardian2_email")
DUTCH = {
    "naam": "name", "e-mail": "email", "e-mailadres": "email", "geboortedatum": "birth_date", "ouder": "guardian",
    "e-mail ouder": "guardian_email", "ouder 2": "guardian2", "e-mail ouder 2": "guardian2_email",
}  # fmt: skip


class Fate(StrEnum):
    """What becomes of a line."""

    asked = "asked"
    waiting = "waiting"
    fault = "fault"


@dataclass(slots=True)
class Line:
    """A line of the list, counted as spreadsheets do. `known`: there is such a person already. `fault` is the key of a sentence."""

    number: int
    name: str
    email: str
    born: date | None
    guardians: tuple[Guardian, ...]
    fate: Fate = Fate.asked
    fault: str = ""
    person_id: UUID | None = None

    @property
    def known(self) -> bool:
        """Is the person in the house already."""
        return self.person_id is not None


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a list, or would."""

    lines: Sequence[Line] = field(default=())

    def count(self, fate: Fate) -> int:
        """How many lines have this fate."""
        return sum(line.fate is fate for line in self.lines)


async def ask_from(scope: Scope, template_id: UUID, data: bytes, language: str = "", *, check: bool = False) -> Told:
    """Ask everybody on the list for a form, by mail. With `check` only say what would become of each line."""
    for action in (Action.consent_request, Action.person_contact, Action.person_edit):
        require(scope, action)
    if language and not is_language(language):
        raise Invalid("language", fields={"language": "errors.language"})
    lines = _read(data)
    if len(lines) > asking.MOST_AT_ONCE:
        raise Invalid("too many lines", fields={"file": "errors.list_long"}, most=asking.MOST_AT_ONCE)
    await templates.current(scope, template_id)
    await _find(scope, lines)
    good = [line for line in lines if not line.fault]
    if check:
        waiting = await asking.waiting_for(scope, [line.person_id for line in good if line.person_id], template_id)
        for line in good:
            line.fate = Fate.waiting if line.person_id in waiting else Fate.asked
        return Told(lines)
    for line in good:
        await _enter(scope, line)
    alone = [line for line in good if not line.guardians]
    asked = await asking.ask_many(scope, [line.person_id for line in alone if line.person_id], template_id, language)
    for line in alone:
        if line.person_id in asked.waiting:
            line.fate = Fate.waiting
        elif line.person_id in asked.minors:
            line.fate, line.fault = Fate.fault, "errors.list_guardian"
    young = [line for line in good if line.guardians and line.person_id]
    waiting = await asking.waiting_for(scope, [line.person_id for line in young if line.person_id], template_id)
    for line in young:
        if line.person_id is None or line.person_id in waiting:
            line.fate = Fate.waiting
            continue
        new = NewRequest(person_id=line.person_id, template_id=template_id, language=language, guardians=line.guardians)
        await asking.ask(scope, new)
    return Told(lines)


def _read(data: bytes) -> list[Line]:
    """The lines of the file, each with its first fault. Raises Invalid for what is no such file."""
    if len(data) > LARGEST:
        raise Invalid("too large", fields={"file": "errors.list_long"}, most=asking.MOST_AT_ONCE)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # what spreadsheets on Windows write
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        names = [DUTCH.get(name.strip().casefold(), name.strip().casefold()) for name in next(rows, [])]
        if not {"name", "email"} <= set(names) or "\0" in text:
            raise Invalid("no columns name and email", fields={"file": "errors.list_columns"})
        cells = [(number, dict(zip(names, map(str.strip, row), strict=False))) for number, row in enumerate(rows, 2) if any(row)]
    except csv.Error:
        raise Invalid("not a list", fields={"file": "errors.list_columns"}) from None
    lines = [_line(number, row) for number, row in cells]
    if not lines:
        raise Invalid("an empty list", fields={"file": "errors.list_empty"})
    seen = Counter((line.email.casefold(), line.name.casefold()) for line in lines)
    for line in lines:
        if not line.fault and seen[(line.email.casefold(), line.name.casefold())] > 1:
            line.fault, line.fate = "errors.list_twice", Fate.fault
    return lines


def _line(number: int, row: dict[str, str]) -> Line:
    def of(column: str) -> str:
        return row.get(column, "") or ""

    pairs = ((of("guardian"), of("guardian_email")), (of("guardian2"), of("guardian2_email")))
    guardians = tuple(Guardian(" ".join(name.split()), email) for name, email in pairs if name or email)
    name, email, born, fault = " ".join(of("name").split()), of("email"), None, ""
    if of("birth_date"):
        try:
            born = date.fromisoformat(of("birth_date"))
        except ValueError:
            fault = "errors.date"
    if not name or len(name) > asking.LONGEST_NAME:
        fault = "errors.name"
    elif guardians and (born is None or any(not one.name or not is_address(one.email) for one in guardians)):
        fault = fault or "errors.list_guardian"
    elif (not guardians and not is_address(email)) or (email and not is_address(email)):
        fault = "errors.email"
    return Line(number, name, email, born, guardians, Fate.fault if fault else Fate.asked, fault)


async def _find(scope: Scope, lines: Sequence[Line]) -> None:
    """Who of them is known: in sight, under this address, and where a family shares one also under this name; children by name and birthday."""
    addresses = {scope.vault.blind.email("people.email", line.email): line.email.casefold() for line in lines if line.email}
    children = {line.name.lower() for line in lines if line.born}
    query = (await visibility.people(scope)).where(
        or_(col(Person.email_index).in_(addresses), func.lower(col(Person.name)).in_(children))
    )
    known = list((await scope.db.scalars(query.order_by(col(Person.created_at)))).all())
    for line in lines:
        named = [one for one in known if one.name.casefold() == line.name.casefold()]
        if line.guardians:
            found = [one for one in named if _born(scope, one) == line.born]
        else:
            theirs = [one for one in known if line.email and addresses.get(one.email_index or b"") == line.email.casefold()]
            found = [one for one in named if one in theirs] or (theirs if len(theirs) == 1 else [])
        line.person_id = found[0].id if found else None


def _born(scope: Scope, person: Person) -> date | None:
    if person.birth_date_ct is None:
        return None
    return date.fromisoformat(scope.vault.fields.open_text("people", "birth_date_ct", person.id, person.birth_date_ct))


async def _enter(scope: Scope, line: Line) -> None:
    """Somebody who is new."""
    if line.person_id is not None:
        return
    line.person_id = (await persons.create(scope, line.name)).id
    guardians = len(line.guardians) or None
    await persons.change(
        scope, line.person_id, email=line.email or None, birth_date=line.born, guardians_needed=guardians, is_minor=bool(guardians)
    )
