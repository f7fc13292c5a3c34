"""Which face packs there are, what their licences ask, and how to load one.

`open` and `fake` are built in. Any other name is a folder in DATA_DIR/models, anything with a slash a folder elsewhere. A folder
may hold `pack.json` with `title`, `licence` (a name such as Apache-2.0) and `research_only`; without it the licence counts as
unknown, and an unknown licence asks for the same acknowledgement as one for research only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from photobank.kernel.errors import ConfigurationError
from photobank.vision.engine import FaceEngine
from photobank.vision.fake import FakeEngine
from photobank.vision.insightface import InsightFacePack
from photobank.vision.open_pack import OpenPack

OPEN, FAKE = "open", "fake"

# Weights of the InsightFace project, by the names under which its packs (buffalo_*, antelopev2) carry them: "available for
# non-commercial research purposes only". What a copying repository or a pack.json says does not change that.
INSIGHTFACE_FILES = {
    "det_10g.onnx", "det_2.5g.onnx", "det_500m.onnx", "scrfd_10g_bnkps.onnx", "scrfd_2.5g_bnkps.onnx", "scrfd_500m_bnkps.onnx",
    "w600k_r50.onnx", "w600k_mbf.onnx", "w600k_mbf_int8.onnx", "glintr100.onnx",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as settings and people see it. Texts are keys of the catalogues."""

    name: str
    engine: Literal["open", "insightface", "fake"]
    title: str
    licence: str
    licence_key: str
    research_only: bool
    acknowledgement: bool
    """Whether somebody must have acknowledged the licence before the pack is used."""
    folder: Path | None = None


def describe(face_pack: str, models_dir: Path) -> Pack:
    """What the setting names. Raises ConfigurationError when it names nothing."""
    if face_pack == OPEN:
        licence = "BSD-3-Clause, BSL-1.0, CC0-1.0"
        return Pack(OPEN, "open", "YuNet + dlib ResNet", licence, "packs.licence.open", research_only=False, acknowledgement=False)
    if face_pack == FAKE:
        return Pack(FAKE, "fake", "Fake", "Apache-2.0", "packs.licence.open", research_only=False, acknowledgement=False)
    folder = _folder(face_pack, models_dir)
    stated = _stated(folder)
    licence = str(stated.get("licence", ""))
    research_only = bool(stated.get("research_only", not licence))
    if any(file.name in INSIGHTFACE_FILES for file in folder.glob("*.onnx")):
        licence, research_only = "InsightFace, non-commercial research only", True
    key = "packs.licence.research" if research_only and licence else "packs.licence.stated" if licence else "packs.licence.unknown"
    return Pack(
        folder.name,
        "insightface",
        str(stated.get("title") or folder.name),
        licence,
        key,
        research_only=research_only,
        acknowledgement=research_only,
        folder=folder,
    )


def installed(models_dir: Path) -> list[Pack]:
    """The open pack and every folder with models in `models_dir`, by name."""
    packs = [describe(OPEN, models_dir)]
    if models_dir.is_dir():
        names = sorted(place.name for place in models_dir.iterdir() if place.is_dir() and any(place.glob("*.onnx")))
        packs += [describe(name, models_dir) for name in names if name not in (OPEN, FAKE)]
    return packs


def load(face_pack: str, models_dir: Path, threads: int = 1) -> FaceEngine:
    """The engine that the setting names, ready for use. Slow (up to two seconds): once per process."""
    pack = describe(face_pack, models_dir)
    if pack.engine == "open":
        return OpenPack()
    if pack.engine == "fake":
        return FakeEngine()
    assert pack.folder is not None
    return InsightFacePack(pack.folder, threads)


def _folder(face_pack: str, models_dir: Path) -> Path:
    if not face_pack.strip():
        raise ConfigurationError("PHOTOBANK_FACE_PACK is empty; use `open`, the name of a pack in DATA_DIR/models, or a folder.")
    place = Path(face_pack).expanduser()
    elsewhere = place.is_absolute() or len(place.parts) > 1
    folder = place.resolve() if elsewhere else models_dir / face_pack
    if not folder.is_dir():
        where = "" if elsewhere else f" in {models_dir}"
        raise ConfigurationError(
            f"There is no face pack {face_pack}{where}; Photobank downloads none by itself: "
            "install it there or set PHOTOBANK_FACE_PACK=open."
        )
    return folder


def _stated(folder: Path) -> dict[str, Any]:
    file = folder / "pack.json"
    if not file.is_file():
        return {}
    try:
        stated = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise ConfigurationError(f"{file} is no JSON: {error}.") from error
    if not isinstance(stated, dict):
        raise ConfigurationError(f"{file} must hold an object.")
    return stated
