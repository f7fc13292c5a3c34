"""Tables only, a family per file. Importing this package registers all of them."""

from photobank.models import accounts, assets, audit, consents, folders, keys, outbox, people, recognition
from photobank.models.base import metadata

__all__ = ["accounts", "assets", "audit", "consents", "folders", "keys", "metadata", "outbox", "people", "recognition"]
