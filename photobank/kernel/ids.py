"""A type per id, and new ids. UUIDv7 (RFC 9562): sorted by time, so that new rows land together in an index."""

from __future__ import annotations

import secrets
import time
from typing import NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
ApiKeyId = NewType("ApiKeyId", UUID)
DepartmentId = NewType("DepartmentId", UUID)
FolderId = NewType("FolderId", UUID)
AssetId = NewType("AssetId", UUID)
UploadId = NewType("UploadId", UUID)
FaceId = NewType("FaceId", UUID)
ClusterId = NewType("ClusterId", UUID)
PersonId = NewType("PersonId", UUID)
ConsentId = NewType("ConsentId", UUID)
DownloadId = NewType("DownloadId", UUID)


def new_id() -> UUID:
    """A fresh UUIDv7: 48 bits of milliseconds, 74 random bits."""
    millis = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
    return UUID(int=value)
