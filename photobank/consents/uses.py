"""The uses that a photo may be put to: a list the organisation keeps, from internal to advertising."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import func, select
from sqlmodel import col

from photobank.access.authorise import require
from photobank.access.permissions import Action
from photobank.audit.record import record
from photobank.audit.tags import Tag
from photobank.consents import house
from photobank.consents.house import UseRow
from photobank.db.locks import one_at_a_time
from photobank.kernel.errors import Conflict, Invalid
from photobank.models.consents import Use
from photobank.scope import Scope

__all__ = ["INTERNAL", "UseRow", "define", "ensure", "list_all", "load", "require_known"]

INTERNAL = "internal"
LONGEST_LABEL = 60


async def list_all(scope: Scope) -> list[UseRow]:
    """The uses in force, in the organisation's order."""
    require(scope, Action.library_view)
    return await load(scope)


async def load(scope: Scope) -> list[UseRow]:
    """`list_all` for services that have authorised something stronger already."""
    return list((await house.of(scope)).uses)


async def require_known(scope: Scope, wanted: Collection[str], field: str = "uses") -> None:
    """Raise Invalid unless all of them are uses in force."""
    known = {use.id for use in await load(scope)}
    if not set(wanted) <= known:
        raise Invalid("no such use", fields={field: "errors.use"})


async def define(scope: Scope, label_nl: str, label_en: str, *, outside: bool = True) -> UseRow:
    """A use of the organisation's own. Its id follows from the English name, and never changes."""
    require(scope, Action.template_manage)
    names = {"label_nl": " ".join(label_nl.split()), "label_en": " ".join(label_en.split())}
    faults = {field: "errors.name" for field, name in names.items() if not name or len(name) > LONGEST_LABEL or "\0" in name}
    id_ = re.sub(r"[^a-z0-9]+", "_", names["label_en"].lower()).strip("_")[:40]
    if "label_en" not in faults and not re.match(r"[a-z]", id_):
        faults["label_en"] = "errors.name"
    if faults:
        raise Invalid("use", fields=faults)
    await one_at_a_time(scope.db, "uses")
    if await scope.db.get(Use, id_) is not None:
        raise Conflict("there is such a use")
    return await _add(scope, id_, names["label_nl"], names["label_en"], outside=outside)


async def ensure(scope: Scope, id_: str, label_nl: str, label_en: str, *, outside: bool) -> None:
    """See that there is this use. For forms of ours, which bring their uses along."""
    await one_at_a_time(scope.db, "uses")
    if await scope.db.get(Use, id_) is None:
        await _add(scope, id_, label_nl, label_en, outside=outside)


async def _add(scope: Scope, id_: str, label_nl: str, label_en: str, *, outside: bool) -> UseRow:
    last = await scope.db.scalar(select(func.max(col(Use.position))))
    scope.db.add(Use(id=id_, label_nl=label_nl, label_en=label_en, outside=outside, position=0 if last is None else last + 1))
    await scope.db.flush()
    house.changed(scope)
    record(scope, Tag.use_defined, payload={"use": id_, "outside": outside})
    return UseRow(id_, label_nl, label_en, outside)
