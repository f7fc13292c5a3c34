"""What the Details tab shows, as plain rows: what people wrote, what the file itself says. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from photobank.delivery.showing import Embedded
from photobank.library.assets import AssetDetail
from photobank.library.describing import TEXTS
from photobank.models.descriptions import FieldKind

LONG = ("caption",)
MOST_SUGGESTED = 12


@dataclass
class Detail:
    """One thing that people write. `key` is the name of a text, or the id of a field of the organisation's own."""

    key: str
    label_nl: str
    label_en: str
    """Empty for texts, whose labels are in the catalogues under `photo.` and the key."""
    kind: str
    value: str
    choices: list[str] = field(default_factory=list)
    longest: int = 0
    private: bool = False


@dataclass
class Exposure:
    """How the camera was set, as far as the file says; empty strings otherwise."""

    camera: str = ""
    lens: str = ""
    seconds: str = ""
    f_number: str = ""
    iso: str = ""
    focal: str = ""
    place: str = ""
    latitude: str = ""
    longitude: str = ""
    copyright: str = ""


def details(one: AssetDetail) -> list[Detail]:
    """Texts first, then the organisation's own fields in their order."""
    rows = [
        Detail(name, "", "", "long" if name in LONG else "text", str(getattr(one.asset, name)), longest=longest)
        for name, longest in TEXTS.items()
    ]
    return rows + [
        Detail(
            str(filled.field.id),
            filled.field.label_nl,
            filled.field.label_en,
            str(filled.field.kind),
            written(filled.value),
            list(filled.field.choices),
            2000,
            filled.field.private,
        )
        for filled in one.fields
    ]


def written(value: Any) -> str:
    """A field's value as it is typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def typed(kind: str, text: str) -> Any:
    """What was typed, as the field holds it; the service judges what does not fit. None empties it."""
    if not text:
        return None
    if kind == FieldKind.yes_no:
        return {"yes": True, "no": False}.get(text, text)
    if kind == FieldKind.number:
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return text
    return text


def exposure(known: Embedded) -> Exposure:
    """What the file says of camera and place."""
    camera, settings = known.camera.get("camera") or {}, known.camera.get("exposure") or {}
    place = known.camera.get("place") or {}
    seconds = settings.get("seconds")
    return Exposure(
        camera=" ".join(part for part in (camera.get("make", ""), _model(camera)) if part),
        lens=camera.get("lens", ""),
        seconds="" if not seconds else f"1/{round(1 / seconds)}" if seconds < 0.4 else f"{seconds:g}",
        f_number=_number(settings.get("f_number")),
        iso=_number(settings.get("iso")),
        focal=_number(settings.get("focal_length")),
        place=", ".join(place[name] for name in ("sublocation", "city", "state", "country") if place.get(name)),
        latitude=f"{known.place[0]:.5f}" if known.place else "",
        longitude=f"{known.place[1]:.5f}" if known.place else "",
        copyright=str(known.camera.get("copyright") or ""),
    )


def suggested(known: Embedded, tags: list[str]) -> list[str]:
    """Words that came with the file and are no tags yet."""
    have = {tag.casefold() for tag in tags}
    return [word for word in known.camera.get("keywords", []) if word.casefold() not in have][:MOST_SUGGESTED]


def _model(camera: dict[str, str]) -> str:
    make, model = camera.get("make", ""), camera.get("model", "")
    return model[len(make) :].strip() if make and model.lower().startswith(make.lower()) else model


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else ""
