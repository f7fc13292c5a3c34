"""Tables only, a family per file. Importing this package registers all of them."""

from photobank.models import accounts, assets, audit, collections, consents, descriptions, folders, keys, outbox, people
from photobank.models.base import metadata

__all__ = [
    "accounts",
    "assets",
    "audit",
    "collections",
    "consents",
    "descriptions",
    "folders",
    "keys",
    "metadata",
    "outbox",
    "people",
]
