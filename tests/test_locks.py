"""The locks hold names, versions and hashes, nothing else; and what the code imports is named in pyproject.toml and locked."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
NPM_LOCK = ROOT / "reflex.lock" / "package-lock.json"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OURS = {"photobank", "components", "state", "workers", "tests", "benchmarks", "rxconfig"}
# Parts of another distribution that we name on purpose: Reflex is cut into several that are pinned by it.
PART_OF = {
    "reflex-base": "reflex",
    "reflex-components-core": "reflex",
    "sqlalchemy": "sqlmodel",
    "pydantic": "pydantic-settings",
    "starlette": "fastapi",
    "markupsafe": "jinja2",
    "opencv-python": "opencv-python-headless",
}
# Modules whose distribution does not say that it brings them.
BROUGHT_BY = {"dlib": "dlib-bin"}


def locked(name: str) -> dict[str, str]:
    """Distribution → version."""
    rows = re.findall(r"^([A-Za-z0-9_.-]+)==([^ \\]+)", (ROOT / name).read_text(), re.MULTILINE)
    return {canonicalize_name(distribution): version for distribution, version in rows}


def declared() -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]}


@pytest.mark.parametrize("name", [*LOCKS, "reflex.lock/package-lock.json", "reflex.lock/package.json"])
def test_no_lock_holds_an_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|\"resolved\"", text)


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_a_hash(name: str) -> None:
    for block in re.split(r"\n(?=[A-Za-z0-9])", (ROOT / name).read_text().strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_every_npm_package_has_a_hash() -> None:
    packages = json.loads(NPM_LOCK.read_text())["packages"]
    assert [name for name, package in packages.items() if name and not package.get("integrity")] == []


def test_what_pyproject_names_is_locked() -> None:
    missing = declared() - set(locked("requirements.lock"))
    assert not missing, f"run `make lock`: {sorted(missing)} are in pyproject.toml and not in requirements.lock"
    dev = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependency-groups"]["dev"]}
    assert not dev - set(locked("requirements-dev.lock")), "run `make lock`"


def test_locked_versions_satisfy_pyproject() -> None:
    versions = locked("requirements.lock")
    for line in PROJECT["project"]["dependencies"]:
        requirement = Requirement(line)
        assert versions[canonicalize_name(requirement.name)] in requirement.specifier, line


def test_the_development_lock_holds_the_same_versions() -> None:
    development = locked("requirements-dev.lock")
    different = {name: version for name, version in locked("requirements.lock").items() if development.get(name) != version}
    assert not different, "run `make lock`"


def test_what_the_code_imports_is_named_in_pyproject() -> None:
    """A package that comes along with another one by chance is gone the day that one no longer needs it."""
    distributions = packages_distributions()
    undeclared: dict[str, str] = {}
    for folder in ("photobank", "components", "state", "workers"):
        for file in (ROOT / folder).rglob("*.py"):
            for module in imported(file):
                names = {canonicalize_name(name) for name in distributions.get(module, [BROUGHT_BY.get(module, module)])}
                if not names & declared() and not {PART_OF.get(name) for name in names} & declared():
                    undeclared[module] = str(file.relative_to(ROOT))
    assert not undeclared, f"add to pyproject.toml and run `make lock`: {undeclared}"


def imported(file: Path) -> set[str]:
    """Top-level names of foreign modules."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return {name for name in found if name not in sys.stdlib_module_names and name not in OURS}
