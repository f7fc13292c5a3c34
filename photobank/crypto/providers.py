"""Where master keys live: a file made at the first start, or the environment. Format: docs/formats/keys.md."""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from photobank.crypto.binding import KEY_BYTES, require_key, subkey
from photobank.kernel.durable import sync_folder
from photobank.kernel.errors import ConfigurationError, Conflict, Damaged

KeyId = str
_ID = re.compile(r"[0-9a-f]{8}")


class KeyRing(Protocol):
    """Keys by id, one of them current."""

    def current(self) -> tuple[KeyId, bytes]:
        """Id and key that seal from now on."""
        ...

    def get(self, key_id: KeyId) -> bytes:
        """The key with this id; raises Damaged when there is none."""
        ...


class MasterKeys(KeyRing, Protocol):
    """The keys above all others. A KMS or Vault adapter implements this."""

    def ids(self) -> list[KeyId]:
        """All ids, oldest first."""
        ...


def key_id(key: bytes) -> KeyId:
    """The id that follows from a key: 8 hexadecimal digits."""
    require_key(key)
    return hmac.new(key, b"photobank/key-id/v1", hashlib.sha256).digest()[:4].hex()


def decode_key(text: str) -> bytes:
    """A key from base64; raises ValueError."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    require_key(key)
    return key


class StaticKeys:
    """Keys that are held in memory; the first one is current."""

    def __init__(self, *keys: bytes) -> None:
        self._keys = {key_id(key): key for key in keys}
        self._current = key_id(keys[0])

    def current(self) -> tuple[KeyId, bytes]:
        """Id and key that seal from now on."""
        return self._current, self._keys[self._current]

    def get(self, key_id: KeyId) -> bytes:
        """The key with this id; raises Damaged when there is none."""
        try:
            return self._keys[key_id]
        except KeyError:
            raise Damaged(f"no key {key_id}") from None

    def ids(self) -> list[KeyId]:
        """All ids; the current one comes last."""
        return [*(name for name in self._keys if name != self._current), self._current]


class FixedMasterKeys(StaticKeys):
    """Master keys from the settings: base64, several separated by commas, the first one current."""

    def __init__(self, text: str) -> None:
        try:
            keys = [decode_key(part) for part in text.split(",")]
        except ValueError as error:
            raise ConfigurationError("PHOTOBANK_MASTER_KEY must be 32 bytes in base64 (several: separated by commas).") from error
        super().__init__(*keys)


class DerivedKeys:
    """The sub-keys, for one purpose, of the keys of another ring; they have the ids of the keys they come from."""

    def __init__(self, ring: KeyRing, name: str) -> None:
        self._ring = ring
        self._name = name

    def current(self) -> tuple[KeyId, bytes]:
        """Id and key that seal from now on."""
        name, key = self._ring.current()
        return name, subkey(key, self._name)

    def get(self, key_id: KeyId) -> bytes:
        """The key with this id; raises Damaged when there is none."""
        return subkey(self._ring.get(key_id), self._name)


class FileMasterKeys:
    """Master keys in a file, made at first use. Read again when an unknown id is asked for, so that rotation needs no restart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._keys: Mapping[KeyId, bytes] = {}
        self._current = ""
        self._seen: tuple[int, int] | None = None
        if not path.exists():
            self._make()
        self.reload()

    def current(self) -> tuple[KeyId, bytes]:
        """Id and key that wrap from now on, also when another process has rotated them."""
        if self._seen != self._version():
            self.reload()
        with self._lock:
            return self._current, self._keys[self._current]

    def get(self, key_id: KeyId) -> bytes:
        """The key with this id; raises Damaged when the file has none."""
        if key_id not in self._keys:
            self.reload()
        try:
            return self._keys[key_id]
        except KeyError:
            raise Damaged(f"no master key {key_id}") from None

    def ids(self) -> list[KeyId]:
        """All ids, oldest first."""
        self.reload()
        return list(self._keys)

    def reload(self) -> None:
        """Read the file again."""
        seen = self._version()
        keys, current = self._read()
        with self._lock:
            self._keys, self._current, self._seen = keys, current, seen

    def _version(self) -> tuple[int, int] | None:
        """What changes with every replacement of the file; None when it cannot be seen, so that the keys in hand serve on."""
        try:
            found = self._path.stat()
        except OSError:
            return self._seen
        return found.st_ino, found.st_mtime_ns

    def add_key(self, key: bytes | None = None) -> KeyId:
        """Add a key, a fresh one by default, without making it current; gives its id."""
        with self._changing() as document:
            fresh = secrets.token_bytes(KEY_BYTES) if key is None else key
            while key is None and any(entry["id"] == key_id(fresh) for entry in document["keys"]):
                fresh = secrets.token_bytes(KEY_BYTES)
            name = key_id(fresh)
            if any(entry["id"] == name for entry in document["keys"]):
                raise Conflict(f"master key {name} is there already")
            document["keys"].append(_entry(fresh))
        return name

    def set_current(self, key_id: KeyId) -> None:
        """Wrap with this key from now on."""
        with self._changing() as document:
            if not any(entry["id"] == key_id for entry in document["keys"]):
                raise Conflict(f"there is no master key {key_id}")
            document["current"] = key_id

    def remove_key(self, key_id: KeyId) -> None:
        """Forget a key. Whatever is still wrapped with it is lost: rewrap everything first."""
        with self._changing() as document:
            if document["current"] == key_id:
                raise Conflict("the current master key cannot be removed")
            document["keys"] = [entry for entry in document["keys"] if entry["id"] != key_id]

    def _make(self) -> None:
        first = _entry(secrets.token_bytes(KEY_BYTES))
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write({"version": 1, "current": first["id"], "keys": [first]}, replace=False)
        except FileExistsError:
            return  # another process was first; its keys are the ones
        except OSError as error:
            raise ConfigurationError(f"The master key cannot be written to {self._path}: {error.strerror}.") from error

    def _read(self) -> tuple[dict[KeyId, bytes], KeyId]:
        document = self._document()
        try:
            keys = {str(entry["id"]): decode_key(entry["key"]) for entry in document["keys"]}
            current = str(document["current"])
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{self._path} is damaged; put its backup back.") from error
        if current not in keys or any(key_id(key) != name or not _ID.fullmatch(name) for name, key in keys.items()):
            raise ConfigurationError(f"{self._path} is damaged; put its backup back.")
        return keys, current

    def _document(self) -> dict[str, Any]:
        try:
            if self._path.stat().st_mode & 0o077:
                raise ConfigurationError(f"{self._path} is open to others; run: chmod 600 {self._path}")
            document = json.loads(self._path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigurationError(f"The master key cannot be read from {self._path}: {error.strerror}.") from error
        except ValueError as error:
            raise ConfigurationError(f"{self._path} is damaged; put its backup back.") from error
        if not isinstance(document, dict) or document.get("version") != 1:
            raise ConfigurationError(f"{self._path} is of a version that this Photobank does not know.")
        return document

    def _write(self, document: dict[str, Any], *, replace: bool) -> None:
        """Put a whole document in place, durably or not at all. Without `replace` the first writer wins."""
        temporary = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(document, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                temporary.replace(self._path)
            else:
                os.link(temporary, self._path)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(self._path.parent)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """Change the document under a lock that other processes respect too."""
        lock = os.open(self._path.with_name(f".{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            document = self._document()
            yield document
            self._write(document, replace=True)
        finally:
            os.close(lock)
        self.reload()


def _entry(key: bytes) -> dict[str, str]:
    # The wall clock is for people who read the file; nothing decides by it.
    return {"id": key_id(key), "key": base64.b64encode(key).decode(), "created": datetime.now(UTC).isoformat(timespec="seconds")}
