"""Where one can go, and who sees the way there. Only pages that exist are listed; the place of the others is marked by order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from components.ui.icon import IconName

PageKey = Literal[
    "library",
    "upload",
    "people",
    "duplicates",
    "privacy",
    "audit",
    "users",
    "folders",
    "fields",
    "presets",
    "trace",
    "biometrics",
    "consent_rules",
    "models",
    "collections",
    "review",
    "shares",
    "consents",
    "endings",
    "photo",
    "person",
    "",
]

STAFF: Final = ("contributor", "reviewer", "privacy_officer", "admin")
REVIEWERS: Final = ("reviewer", "privacy_officer", "admin")
OVERSIGHT: Final = ("privacy_officer", "admin")


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail. What it hides is hidden for tidiness only: every page checks the right itself."""

    key: PageKey
    href: str
    icon: IconName
    roles: tuple[str, ...] = ()
    """Roles that see it; empty: all."""

    @property
    def label(self) -> str:
        """Key of its name."""
        return f"nav.{self.key}"


# Order of the rail: Library, Review, People, Consents, Shares, Dashboard, Admin. What is not listed does not exist yet.
MAIN: Final = (
    Place("library", "/library/", "library"),
    Place("review", "/review/", "review", REVIEWERS),
    Place("people", "/people/", "people", STAFF),
    Place("consents", "/consents/", "consent", REVIEWERS),
    Place("collections", "/collections/", "collect"),
    Place("shares", "/shares/", "share", STAFF),
    Place("duplicates", "/duplicates/", "copy", STAFF),
)
ADMIN: Final = (
    Place("privacy", "/privacy/", "paper", OVERSIGHT),
    Place("audit", "/audit/", "audit", OVERSIGHT),
    Place("users", "/admin/users/", "users", ("admin",)),
    Place("folders", "/admin/folders/", "folder", ("admin",)),
    Place("fields", "/admin/fields/", "tag", ("admin",)),
    Place("presets", "/admin/presets/", "grid-s", ("admin",)),
    Place("trace", "/trace/", "search", OVERSIGHT),
    Place("consent_rules", "/admin/consents/", "clock", OVERSIGHT),
    Place("biometrics", "/admin/biometrics/", "face", OVERSIGHT),
    Place("models", "/admin/face-models/", "server", ("admin",)),
)
UPLOAD: Final = Place("upload", "/upload/", "upload", STAFF)

# A photo belongs to the library and a person to the people: that entry stays lit on their pages.
PARENT: Final[dict[PageKey, PageKey]] = {"photo": "library", "person": "people"}
