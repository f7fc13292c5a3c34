"""Who may issue permits. A new name on the list decides who may open photos: it needs a review, not only a green build."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_ISSUE = ("photobank/access/*", "photobank/delivery/deciding.py", "photobank/vault.py")
HARMLESS = {"Permit", "Purpose", "check", "MAX_AGE"}
MODULE = "photobank.crypto.permits"


def offences(source: str) -> list[str]:
    """Ways in which a module gets at more than the harmless names of the permits module."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            if node.level:
                found.append("a relative import (cannot be judged; write the whole name)")
            if node.module == MODULE:
                found += [f"from {MODULE} import {alias.name}" for alias in node.names if alias.name not in HARMLESS]
            if node.module == "photobank.crypto" and any(alias.name in ("permits", "*") for alias in node.names):
                found.append("from photobank.crypto import permits")
        if isinstance(node, ast.Import):
            found += [f"import {alias.name}" for alias in node.names if alias.name == MODULE]
        if isinstance(node, ast.Constant) and node.value == MODULE:
            found.append("the name of the permits module as text")
    return found


def test_only_the_listed_modules_issue_permits() -> None:
    wrong = []
    for package in ("photobank", "workers", "state", "components"):
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT)
            if name == Path("photobank/crypto/permits.py") or any(name.match(pattern) for pattern in MAY_ISSUE):
                continue
            if "permits" in (source := path.read_text(encoding="utf-8")):
                wrong += [f"{name}: {offence}" for offence in offences(source)]
    assert not wrong, f"hand the permit on instead of issuing one: {wrong}"


@pytest.mark.parametrize(
    "source",
    [
        "from photobank.crypto.permits import issue",
        "from photobank.crypto.permits import Permit, issue as grant",
        "from photobank.crypto.permits import _ISSUED_HERE",
        "from photobank.crypto.permits import *",
        "from photobank.crypto import permits",
        "from photobank.crypto import permits as p",
        "from .permits import issue",
        "import photobank.crypto.permits",
        "import importlib; importlib.import_module('photobank.crypto.permits')",
        "def later():\n    from photobank.crypto.permits import issue",
    ],
)
def test_every_way_in_is_noticed(source: str) -> None:
    assert offences(source)


def test_handing_on_is_no_offence() -> None:
    assert not offences("from photobank.crypto.permits import Permit, Purpose, check")
