"""Tables only, a family per file. Importing this package registers all of them."""

from photobank.models import (
    accounts,
    assets,
    audit,
    batches,
    collections,
    consents,
    descriptions,
    duplicates,
    folders,
    handing_over,
    keys,
    outbox,
    people,
    recognition,
    requests,
    shares,
    versions,
)
from photobank.models.base import metadata

__all__ = [
    "accounts",
    "assets",
    "audit",
    "batches",
    "collections",
    "consents",
    "descriptions",
    "duplicates",
    "folders",
    "handing_over",
    "keys",
    "metadata",
    "outbox",
    "people",
    "recognition",
    "requests",
    "shares",
    "versions",
]
