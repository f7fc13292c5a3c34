"""A face pack out of a ZIP into DATA_DIR/models: checked by its SHA-256 first, never written outside its folder, there wholly or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from photobank.kernel.errors import Conflict, Invalid

LARGEST = 2 * 2**30  # bytes, of the ZIP and of what comes out of it
MOST = 100  # files
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
KINDS = (".onnx", ".json", ".txt", ".md")  # other files of an archive are left out
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
TAKEN = ("open", "fake")


def check_name(name: str) -> None:
    """Raise Invalid for a name that a folder of a pack cannot have."""
    if not NAME.fullmatch(name) or name in TAKEN:
        raise Invalid("name", fields={"name": "errors.pack_name"})


def unpack(archive: Path, sha256: str, name: str, models_dir: Path) -> Path:
    """Put the pack in its folder; gives the folder. Raises Invalid for another checksum or no pack, Conflict where the name is taken."""
    check_name(name)
    with archive.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != sha256.lower():
            raise Invalid("sha256", fields={"sha256": "errors.checksum"})
    target = models_dir / name
    if target.exists():
        raise Conflict("there is a pack of this name already")
    models_dir.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=models_dir))
    try:
        _extract(archive, place)
        if not any(place.glob("*.onnx")):
            raise Invalid("no .onnx model in the archive", fields={"address": "errors.pack"})
        os.rename(place, target)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Invalid("no ZIP", fields={"address": "errors.pack"}) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return target


def _extract(archive: Path, place: Path) -> None:
    """Files of the kinds we know, flat: packs have no folders, and a name from an archive is no path."""
    left, files = LARGEST, 0
    with zipfile.ZipFile(archive) as zipped:
        for entry in zipped.infolist():
            name = PurePosixPath(entry.filename.replace("\\", "/")).name
            if entry.is_dir() or not name.lower().endswith(KINDS) or name.startswith("."):
                continue
            files += 1
            if (
                files > MOST
                or len(name) > 100
                or (place / name).exists()
                or entry.compress_type not in PLAIN
                or entry.flag_bits & 1
            ):
                raise Invalid("no pack", fields={"address": "errors.pack"})
            with zipped.open(entry) as source, (place / name).open("xb") as out:
                while piece := source.read(2**20):
                    left -= len(piece)
                    if left < 0:
                        raise Invalid("too large", fields={"address": "errors.pack"})
                    out.write(piece)
