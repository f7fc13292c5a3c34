"""The local React files of the people, audit and admin pages. In one module, so that they lie side by side in the build."""

from __future__ import annotations

from typing import Final

import reflex as rx

import components.http
import components.i18n
import components.photo.scripts
import components.ui.behave  # noqa: F401  these put files into the build that those here import

ACCOUNT: Final = rx.asset("account.jsx", shared=True).importable_path
LOGO: Final = rx.asset("logo.jsx", shared=True).importable_path
MARK_PREVIEW: Final = rx.asset("mark_preview.jsx", shared=True).importable_path
TRACE: Final = rx.asset("trace.jsx", shared=True).importable_path
REVIEW: Final = rx.asset("review.jsx", shared=True).importable_path
REVIEW_PARTS: Final = tuple(
    rx.asset(name, shared=True).importable_path
    for name in (
        "review_channel.js",
        "review_pictures.jsx",
        "review_sheets.js",
        "review_queue.jsx",
        "review_faces.jsx",
        "review_dialogs.jsx",
        "review_empty.jsx",
    )
)
INSTALL: Final = rx.asset("install_pack.jsx", shared=True).importable_path
BY_PICTURE: Final = rx.asset("by_picture.jsx", shared=True).importable_path
ADD_SCAN: Final = rx.asset("add_scan.jsx", shared=True).importable_path
REQUEST_LIST: Final = rx.asset("request_list.jsx", shared=True).importable_path
AUDIT: Final = rx.asset("audit.jsx", shared=True).importable_path
