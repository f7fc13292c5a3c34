"""The local React files of this package. Listed in one module so that they lie side by side in the build and can import one another."""

from __future__ import annotations

from typing import Final

import reflex as rx

import components.i18n  # noqa: F401  puts i18n.js into the build, which these import

GRID: Final = rx.asset("grid.jsx", shared=True).importable_path
UPLOADER: Final = rx.asset("uploader.jsx", shared=True).importable_path
DROP: Final = rx.asset("upload_drop.jsx", shared=True).importable_path
CHOOSING: Final = rx.asset("choosing.jsx", shared=True).importable_path
FOLDER_PICKER: Final = rx.asset("folder_picker.jsx", shared=True).importable_path
FOLDER_TREE: Final = rx.asset("folder_tree.jsx", shared=True).importable_path
PERSON_PICKER: Final = rx.asset("person_picker.jsx", shared=True).importable_path
PERSON_ROWS: Final = rx.asset("person_rows.jsx", shared=True).importable_path
VIEWER: Final = rx.asset("viewer.jsx", shared=True).importable_path
COMMON: Final = rx.asset("common.jsx", shared=True).importable_path
GRID_PARTS: Final = tuple(
    rx.asset(name, shared=True).importable_path
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
QUEUE: Final = rx.asset("queue.js", shared=True).importable_path
UPLOAD_PARTS: Final = tuple(
    rx.asset(f"upload_{name}", shared=True).importable_path
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
