"""The local React files of this package. Listed in one module so that they lie side by side in the build and can import one another."""

from __future__ import annotations

from typing import Final

import components.i18n  # noqa: F401  puts i18n.js into the build, which these import
from components.local import script

GRID: Final = script(__name__, "grid.jsx")
UPLOADER: Final = script(__name__, "uploader.jsx")
DROP: Final = script(__name__, "upload_drop.jsx")
CHOOSING: Final = script(__name__, "choosing.jsx")
FOLDER_PICKER: Final = script(__name__, "folder_picker.jsx")
FOLDER_TREE: Final = script(__name__, "folder_tree.jsx")
PERSON_PICKER: Final = script(__name__, "person_picker.jsx")
PERSON_ROWS: Final = script(__name__, "person_rows.jsx")
VIEWER: Final = script(__name__, "viewer.jsx")
COMMON: Final = script(__name__, "common.jsx")
GRID_PARTS: Final = tuple(
    script(__name__, name)
    for name in (
        "arranging.js",
        "blocks.js",
        "density.jsx",
        "keys.js",
        "marks.js",
        "picking.js",
        "places.js",
        "rows.js",
        "scrubber.jsx",
        "selection.jsx",
        "shelf.js",
        "sight.js",
        "tile.jsx",
    )
)
DENSITY: Final = GRID_PARTS[2]
QUEUE: Final = script(__name__, "queue.js")
UPLOAD_PARTS: Final = tuple(
    script(__name__, f"upload_{name}")
    for name in (
        "batch.js",
        "copy.js",
        "details.jsx",
        "earlier.jsx",
        "entries.js",
        "flag.js",
        "keep.js",
        "list.jsx",
        "meter.js",
        "pick.js",
        "read.js",
        "reader.js",
        "resume.js",
        "send.js",
        "server.js",
        "told.js",
    )
)

# Pinned npm packages; licences MIT.
VIRTUAL: Final = "@tanstack/react-virtual@3.14.26"
HASHES: Final = "@noble/hashes@2.4.0"
TUS: Final = "tus-js-client@4.3.1"
THUMBHASH: Final = "thumbhash@0.1.1"
