"""What a blob is called and what it is bound to. Format: docs/formats/blob.md."""

from __future__ import annotations

import re
from uuid import UUID

_RENDITION = re.compile(r"[a-z0-9-]{1,40}")
ORIGINAL = "original"


def key_for(asset_id: UUID, rendition: str) -> str:
    """The key of a blob in the store."""
    return f"assets/{asset_id}/{_checked(rendition)}"


def context_for(asset_id: UUID, rendition: str, version: int = 1) -> bytes:
    """The context of the blob's encryption: a blob opens only as this rendition of this asset."""
    return f"photobank/blob/v{version}/{asset_id}/{_checked(rendition)}".encode()


def place(asset_id: UUID, version: int, rendition: str) -> tuple[str, bytes]:
    """Key and context of one rendition of one version of an asset. Versions after the first are told apart by their number."""
    name = rendition if version == 1 else f"v{version}-{rendition}"
    return key_for(asset_id, name), context_for(asset_id, name)


def _checked(rendition: str) -> str:
    if not _RENDITION.fullmatch(rendition):
        raise ValueError("not the name of a rendition")
    return rendition
