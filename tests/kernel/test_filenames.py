"""File names as people and attackers give them."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photobank.kernel.filenames import MAX_BYTES, safe_filename

SHARED = Path(os.environ.get("PHOTOBANK_TEST_DATA", Path(__file__).parents[2] / ".." / "shared")).resolve()


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../../etc/cron.d/x.jpg", "x.jpg"),
        ("..\\..\\x.jpg", "x.jpg"),
        ("/etc/passwd.jpg", "passwd.jpg"),
        ("C:\\Users\\Anna\\x.jpg", "x.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("<img src=x onerror=alert(1)>.jpg", "_img src=x onerror=alert(1)_.jpg"),
        ("'; DROP TABLE photos;--.jpg", "'; DROP TABLE photos;--.jpg"),
        ("CON.jpg", "_CON.jpg"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("console.jpg", "console.jpg"),
        (" .jpg", "photo.jpg"),
        (".htaccess", "photo.htaccess"),
        ("photo.jpg\0.php", "photo.jpg"),
        ("名前 写真 🙂.jpg", "名前 写真 🙂.jpg"),
        ("👩\u200d👧.jpg", "👩\u200d👧.jpg"),
        (unicodedata.normalize("NFD", "été.jpg"), unicodedata.normalize("NFD", "été.jpg")),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie_ x.jpg"),
        ("", "photo"),
        ("...", "photo"),
        ("/", "photo"),
        ("no extension", "no extension"),
        ("trailing. . ", "trailing"),
    ],
)
def test_names(given_name: str, kept: str) -> None:
    assert safe_filename(given_name) == kept


def test_a_long_name_keeps_its_ending() -> None:
    kept = safe_filename("é" * 500 + ".jpeg")
    assert kept.endswith("é.jpeg")
    assert len(kept.encode()) <= MAX_BYTES


def test_the_shared_list_of_hostile_names() -> None:
    place = SHARED / "data/hostile/filenames.json"
    if not place.is_file():
        pytest.skip("no shared data beside the checkout (PHOTOBANK_TEST_DATA): hostile file names are left out")
    for entry in json.loads(place.read_text(encoding="utf-8")):
        kept = safe_filename(entry["name"])
        check(kept)
        if "keep" in entry["note"]:
            assert kept == entry["name"]


@given(st.text(max_size=400))
def test_any_name_becomes_a_safe_one(name: str) -> None:
    kept = safe_filename(name)
    check(kept)
    assert safe_filename(kept) == kept


def check(name: str) -> None:
    assert name
    assert len(name.encode()) <= MAX_BYTES
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))
    assert not any(c in '/\\<>:"|?*' or unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in name)
    assert not any(c in name for c in "\u202e\u202d\u2066\u2067\u2068")
