"""The local React files of the pages. Listed in one module so that they lie side by side in the build and can import one another."""

from __future__ import annotations

from typing import Final

import components.http
import components.i18n
import components.photo.scripts
import components.ui.behave  # noqa: F401  these put files into the build that those here import
from components.local import script

DOORS: Final = script(__name__, "doors.jsx")
DOWNLOADS: Final = script(__name__, "downloads.jsx")
DOWNLOADS_TRAY: Final = script(__name__, "downloads_tray.jsx")
QUEUE: Final = script(__name__, "downloads.js")
DUPLICATES: Final = script(__name__, "duplicates.jsx")
REDACTED: Final = script(__name__, "redacted.js")
SIZES: Final = script(__name__, "sizes.jsx")
ZIP: Final = script(__name__, "zip.jsx")
PHOTO_DETAILS: Final = script(__name__, "photo_details.jsx")
PHOTO_VERSIONS: Final = script(__name__, "photo_versions.jsx")
PHOTO: Final = script(__name__, "photo.jsx")
SHARING: Final = script(__name__, "sharing.jsx")
SHARING_STORE: Final = script(__name__, "sharing.js")
SHARE_FIELDS: Final = script(__name__, "share_fields.jsx")
REQUEST_FORM: Final = script(__name__, "request_form.jsx")
SHARE_FORM: Final = script(__name__, "share_form.jsx")
ASK_MANY: Final = script(__name__, "ask_many.jsx")
EMBED_FORM: Final = script(__name__, "embed_form.jsx")
LINK_OUT: Final = script(__name__, "link_out.jsx")
