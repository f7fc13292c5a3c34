import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOKENS = (ROOT / "assets" / "tokens.css").read_text(encoding="utf-8")
LITERAL = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|color)\(|(?<![-\w])(?:white|black|red|green|blue|gr[ae]y)(?![-\w])"
)

# Ink on ground, as the stylesheets combine them. Text needs 4.5:1 (WCAG 2.2 AA).
INK_ON_GROUND = [
    *[(ink, ground) for ink in ("ink", "ink-2") for ground in ("bg", "surface", "surface-sunk", "surface-hover")],
    ("ink-3", "surface"),
    ("ink-3", "bg"),
    ("ink-on-accent", "accent"),
    ("ink-on-accent", "accent-hover"),
    ("accent", "surface"),
    ("accent", "bg"),
    ("accent", "accent-soft"),
    ("surface", "ink"),
    ("surface", "refused"),
    *[
        (state, ground)
        for state in ("approved", "expiring", "refused", "review", "missing", "nopeople", "blocked")
        for ground in (f"{state}-soft", "surface")
    ],
]
# Edges of controls and the focus ring need 3:1.
EDGE_ON_GROUND = [("line-control", "surface"), ("focus", "surface"), ("focus", "bg")]


def _themes() -> dict[str, dict[str, str]]:
    themes: dict[str, dict[str, str]] = {"light": {}, "dark": {}}
    for selector, block in re.findall(r"([^{}]+)\{([^}]*)\}", re.sub(r"/\*.*?\*/", "", TOKENS, flags=re.S)):
        name = "dark" if ".dark" in selector else "light"
        themes[name].update(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})\b", block))
    return {"light": themes["light"], "dark": themes["light"] | themes["dark"]}


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_contrast_of_four_and_a_half(theme: str) -> None:
    colours = _themes()[theme]
    poor = {(ink, ground): round(_contrast(colours[ink], colours[ground]), 2) for ink, ground in INK_ON_GROUND}
    assert {pair: value for pair, value in poor.items() if value < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_controls_have_contrast_of_three(theme: str) -> None:
    colours = _themes()[theme]
    poor = {(edge, ground): round(_contrast(colours[edge], colours[ground]), 2) for edge, ground in EDGE_ON_GROUND}
    assert {pair: value for pair, value in poor.items() if value < 3} == {}


def _sources() -> list[Path]:
    styles = [path for path in (ROOT / "assets").glob("*.css") if path.name != "tokens.css"]
    return sorted([*styles, *(path for kind in ("*.py", "*.jsx", "*.js") for path in (ROOT / "components").rglob(kind))])


@pytest.mark.parametrize("path", _sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_colours_are_written_in_tokens_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".css":
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        text = re.sub(r'url\("[^"]*"\)', "", text)
        found = [hit for block in re.findall(r"\{([^{}]*)\}", text) for hit in LITERAL.findall(block)]
    else:
        found = re.findall(r"[\"'`\s:(](#[0-9a-fA-F]{6}|#[0-9a-fA-F]{3}|rgba?\([^)]*\)|hsla?\([^)]*\))[\"'`;,\s)]", text)
    assert found == []


def test_every_token_used_exists() -> None:
    known = set(re.findall(r"--([\w-]+):", TOKENS))
    texts = {path.name: path.read_text(encoding="utf-8") for path in _sources()}
    # Besides tokens: what a stylesheet sets itself (--c of a state) and what a component puts on one element (--ratio).
    own = {name for text in texts.values() for name in re.findall(r"[\"'\s{;]--([\w-]+)[\"']?:", text)}
    unknown = {name: set(re.findall(r"var\(--([\w-]+)", text)) - known - own for name, text in texts.items()}
    assert {name: tokens for name, tokens in unknown.items() if tokens} == {}
