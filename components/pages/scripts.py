"""The local React files of the pages. Listed in one module so that they lie side by side in the build and can import one another."""

from __future__ import annotations

from typing import Final

import reflex as rx

import components.http
import components.i18n
import components.photo.scripts
import components.ui.behave  # noqa: F401  these put files into the build that those here import

DOORS: Final = rx.asset("doors.jsx", shared=True).importable_path
DOWNLOADS: Final = rx.asset("downloads.jsx", shared=True).importable_path
DOWNLOADS_TRAY: Final = rx.asset("downloads_tray.jsx", shared=True).importable_path
QUEUE: Final = rx.asset("downloads.js", shared=True).importable_path
DUPLICATES: Final = rx.asset("duplicates.jsx", shared=True).importable_path
REDACTED: Final = rx.asset("redacted.js", shared=True).importable_path
SIZES: Final = rx.asset("sizes.jsx", shared=True).importable_path
ZIP: Final = rx.asset("zip.jsx", shared=True).importable_path
PHOTO_DETAILS: Final = rx.asset("photo_details.jsx", shared=True).importable_path
PHOTO_VERSIONS: Final = rx.asset("photo_versions.jsx", shared=True).importable_path
PHOTO: Final = rx.asset("photo.jsx", shared=True).importable_path
SHARING: Final = rx.asset("sharing.jsx", shared=True).importable_path
SHARING_STORE: Final = rx.asset("sharing.js", shared=True).importable_path
SHARE_FIELDS: Final = rx.asset("share_fields.jsx", shared=True).importable_path
REQUEST_FORM: Final = rx.asset("request_form.jsx", shared=True).importable_path
SHARE_FORM: Final = rx.asset("share_form.jsx", shared=True).importable_path
ASK_MANY: Final = rx.asset("ask_many.jsx", shared=True).importable_path
EMBED_FORM: Final = rx.asset("embed_form.jsx", shared=True).importable_path
LINK_OUT: Final = rx.asset("link_out.jsx", shared=True).importable_path
