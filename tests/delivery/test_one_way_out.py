"""No second door: who may get at keys and plaintext is a short list, and a new name on it is a decision to be reviewed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Per name: the files that may call it, and what for.
MAY_CALL = {
    "asset_key": {
        "photobank/vault.py",
        "photobank/delivery/deciding.py",  # screens and hand-overs, after clearance
        "photobank/library/incoming.py",  # the sender's own upload under way
        "photobank/library/processing.py",  # jobs of the system
        "photobank/cli/keys.py",  # recovery, on the server itself
    },
    "photo_key": {"photobank/delivery/deciding.py", "photobank/delivery/showing.py", "photobank/delivery/release.py"},
    "read_rendition": {
        "photobank/delivery/showing.py",
        "photobank/delivery/outsiders.py",
        "photobank/delivery/redacted_view.py",  # into the decoding process, where people are made unrecognisable
        "photobank/delivery/subjects.py",  # to the people on the photo, with everybody else beyond recognition (ADR 85)
    },
    "read_named": {"photobank/delivery/deciding.py", "photobank/delivery/showing.py"},
    "key_to_process": {
        "photobank/duplicates/match.py",
        "photobank/library/processing.py",
        "photobank/library/succession.py",  # a version is sealed anew under the key of its photo
        "photobank/people/detection.py",
        "photobank/people/embedding.py",  # vectors of faces that are there already, by the worker
    },
    "writing_key": {"photobank/library/uploads.py", "photobank/library/resumable.py"},
    "read_all": {
        "photobank/delivery/deciding.py",
        "photobank/delivery/showing.py",  # the whole photo, for who looks closer
        "photobank/delivery/release.py",
        "photobank/duplicates/match.py",  # our own small rendition, into the decoding process, by the worker
        "photobank/library/processing.py",
        "photobank/library/succession.py",
        "photobank/people/detection.py",
    },
    "read_range": {"photobank/delivery/streams.py", "photobank/library/resumable.py", "photobank/library/succession.py"},
    "original": {"photobank/delivery/release.py"},
}
# Modules below these lines implement what is guarded.
INSIDE = ("photobank/blobs/", "photobank/crypto/", "photobank/imaging/")
READS_STORES = {"Decryptor", "EncryptedReader", "LocalBlobs", "MemoryBlobs", "open_prefix"}
# The doctor writes random bytes of its own and reads those back.
MAY_OPEN_STORES = {"photobank/bootstrap.py", "photobank/cli/checks.py"}


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for package in ("photobank", "workers", "state", "components"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(INSIDE):
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def _called(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.func.id


def test_only_the_listed_files_get_at_keys_and_plaintext() -> None:
    wrong = [
        f"{name} calls {called}"
        for name, tree in _sources()
        for called in _called(tree)
        if called in MAY_CALL and name not in MAY_CALL[called]
    ]
    assert not wrong, f"ask photobank/delivery for the bytes instead: {wrong}"


def test_only_bootstrap_and_the_doctor_open_a_store() -> None:
    wrong = [
        f"{name} imports {alias.name}"
        for name, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in READS_STORES and name not in MAY_OPEN_STORES
    ]
    assert not wrong, wrong


def test_the_list_names_files_that_are_there() -> None:
    assert all((ROOT / name).is_file() for files in MAY_CALL.values() for name in files)
