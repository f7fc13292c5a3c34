import re
from pathlib import Path
from typing import get_args

import pytest

from components.catalogues import Catalogues
from components.i18n import t, t_date, t_key
from components.shield import STATES, shield
from components.ui.icon import IconName
from photobank.i18n.translate import has_key

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


def test_the_build_gets_both_catalogues() -> None:
    ((path, text),) = Catalogues().get_static_assets()
    assert path.name == "photobank_words.js"
    assert '"nl":{' in str(text)
    assert '"en":{' in str(text)


def test_icon_names_and_sprite_agree() -> None:
    assert {f"i-{name}" for name in get_args(IconName)} == {symbol for symbol in SPRITE if symbol.startswith("i-")}


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_shield_word_and_colour(state: str) -> None:
    assert f"sh-{state}" in SPRITE
    assert has_key(f"clearance.{state}")
    assert f".s-{state}" in (ROOT / "assets" / "parts.css").read_text(encoding="utf-8")
    assert f"#sh-{state}" in str(shield(state))
