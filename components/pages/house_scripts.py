"""The local React files of the people, audit and admin pages. In one module, so that they lie side by side in the build."""

from __future__ import annotations

from typing import Final

import components.http
import components.i18n
import components.photo.scripts
import components.ui.behave  # noqa: F401  these put files into the build that those here import
from components.local import script

ACCOUNT: Final = script(__name__, "account.jsx")
LOGO: Final = script(__name__, "logo.jsx")
MARK_PREVIEW: Final = script(__name__, "mark_preview.jsx")
TRACE: Final = script(__name__, "trace.jsx")
REVIEW: Final = script(__name__, "review.jsx")
REVIEW_PARTS: Final = tuple(
    script(__name__, name)
    for name in (
        "review_channel.js",
        "review_pictures.jsx",
        "review_sheets.js",
        "review_queue.jsx",
        "review_acts.jsx",
        "review_answers.js",
        "review_keys.js",
        "review_pace.js",
        "review_faces.jsx",
        "review_dialogs.jsx",
        "review_picks.jsx",
        "review_empty.jsx",
        "review_singles.jsx",
    )
)
INSTALL: Final = script(__name__, "install_pack.jsx")
BY_PICTURE: Final = script(__name__, "by_picture.jsx")
ADD_SCAN: Final = script(__name__, "add_scan.jsx")
REQUEST_LIST: Final = script(__name__, "request_list.jsx")
AUDIT: Final = script(__name__, "audit.jsx")
