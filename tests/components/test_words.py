import json
import re
from pathlib import Path
from typing import get_args

import pytest
import reflex as rx

from components.catalogues import Catalogues, words_path
from components.i18n import t, t_date, t_key
from components.shield import STATES, shield
from components.ui.icon import IconName
from photobank.i18n.rooms import HOUSE, room_of
from photobank.i18n.translate import LANGUAGES, catalogue, has_key

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for kind in ("*.py", "*.jsx", "*.js") for path in (ROOT / "components").rglob(kind))
SPRITE = set(re.findall(r'symbol id="([^"]+)"', (ROOT / "assets" / "icons.svg").read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_key_used_has_a_sentence(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    keys = set(re.findall(r"(?<![\w])t\(\s*[\"']([a-z_]+\.[a-z_.]+)[\"']", text))
    assert {key for key in keys if not has_key(key)} == set()


def test_an_unknown_key_stops_the_build() -> None:
    with pytest.raises(KeyError, match=r"no\.such\.key"):
        t("no.such.key")


def test_a_sentence_is_an_expression_of_the_browser() -> None:
    assert str(t("count.photos", count=3)).startswith('pb.t("count.photos", ')
    assert "pb.date(" in str(t_date("2026-12-14"))
    assert "useWords" in str(t_key("errors.refused")._get_all_var_data())


def test_the_build_gets_every_sentence_in_both_languages(tmp_path: Path) -> None:
    Catalogues().post_build(static_dir=tmp_path)
    for language in LANGUAGES:
        files = tmp_path.glob(f"words/*/{language}/*.json")
        assert {key: text for file in files for key, text in json.loads(file.read_text()).items()} == catalogue(language)
    assert (tmp_path / words_path("nl", "house").lstrip("/")).is_file()


def test_a_page_asks_for_the_rooms_of_its_sentences() -> None:
    def asked(sentence: rx.Var[str]) -> set[str]:
        data = sentence._get_all_var_data()
        assert data is not None
        return {path for path, _ in data.imports if "/words/" in path}

    assert asked(t("act.cancel")) == set()
    assert asked(t("audit.title")) == {"$/utils/words/audit.js"}
    assert asked(t_key("refused", prefix="reasons.")) == {"$/utils/words/reasons.js"}


@pytest.mark.parametrize("path", [path for path in SOURCES if path.suffix == ".jsx"], ids=lambda path: path.name)
def test_a_component_asks_for_the_rooms_of_its_sentences(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "i18n.js" not in text:
        return  # words are handed to it by one that asks
    asked = {name for names in re.findall(r"wordsOf\(([^)]*)\)", text) for name in re.findall(r'"(\w+)"', names)}
    keys = re.findall(r"pb\.(?:t|has)\(\s*[\"'`]([a-z_]+\.[a-z_.]*)", text)
    assert {room_of(key) for key in keys} - {HOUSE} <= asked


def test_icon_names_and_sprite_agree() -> None:
    assert {f"i-{name}" for name in get_args(IconName)} == {symbol for symbol in SPRITE if symbol.startswith("i-")}


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_shield_word_and_colour(state: str) -> None:
    assert f"sh-{state}" in SPRITE
    assert has_key(f"clearance.{state}")
    assert f".s-{state}" in (ROOT / "assets" / "parts.css").read_text(encoding="utf-8")
    assert f"#sh-{state}" in str(shield(state))
