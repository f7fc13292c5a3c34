"""Scripts of ours are found where the framework's own way would put them."""

from __future__ import annotations

from pathlib import Path

import pytest
import reflex as rx

from components.local import script

ME = Path(__file__)


def test_it_is_what_the_framework_would_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    theirs = rx.asset(ME.name, shared=True).importable_path
    (link,) = [path for path in (tmp_path / "assets").rglob("*") if path.is_symlink()]
    where = link.resolve()
    link.unlink()
    assert script(__name__, ME.name) == theirs
    assert link.resolve() == where == ME


def test_a_link_that_leads_elsewhere_is_put_right_and_one_that_is_right_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    script(__name__, ME.name)
    (link,) = [path for path in (tmp_path / "assets").rglob("*") if path.is_symlink()]
    made = link.lstat().st_ino
    script(__name__, ME.name)
    assert link.lstat().st_ino == made
    link.unlink()
    link.symlink_to(tmp_path)
    script(__name__, ME.name)
    assert link.resolve() == ME
    assert [path.name for path in link.parent.iterdir()] == [ME.name], "nothing half done stays"


def test_a_script_that_is_not_there_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError):
        script(__name__, "nowhere.jsx")
