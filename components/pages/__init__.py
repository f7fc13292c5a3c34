"""Every page, and the address it lives at."""

from __future__ import annotations

import reflex as rx

from components.pages.collections import archive, collection, collections, favourites, trash
from components.pages.doors import setup, sign_in
from components.pages.house_pages import register_house_pages
from components.pages.index import index
from components.pages.library import library
from components.pages.missing import missing
from components.pages.photo import photo
from components.pages.upload import upload
from state.alike import AlikeState
from state.base import PhotobankState
from state.confirm import ConfirmState
from state.doors import SetupState, SignInState
from state.entrance import EntranceState
from state.library import LibraryState
from state.photo import PhotoState
from state.photo_activity import ActivityState
from state.photo_stack import StackState
from state.photo_versions import VersionsState
from state.shelves import CollectionsState, ShelfState
from state.upload import UploadState


def register_pages(app: rx.App) -> None:
    """Add all pages to the app."""
    app.add_page(index, route="/", title="Photobank", on_load=EntranceState.enter)
    app.add_page(sign_in, route="/sign-in", title="Photobank", on_load=SignInState.load)
    app.add_page(setup, route="/setup", title="Photobank", on_load=SetupState.load)
    app.add_page(missing, route="404", title="Photobank")
    frame = PhotobankState.load_frame
    app.add_page(library, route="/library", title="Photobank", on_load=[frame, LibraryState.load, ConfirmState.load_confirmation])
    for shelf, opened in (
        (collections, CollectionsState.load),
        (collection, ShelfState.load_collection),
        (favourites, ShelfState.load_favourites),
        (archive, ShelfState.load_archive),
        (trash, ShelfState.load_trash),
    ):
        app.add_page(shelf, route=f"/{shelf.__name__}", title="Photobank", on_load=[frame, opened])
    app.add_page(upload, route="/upload", title="Photobank", on_load=[frame, UploadState.load, AlikeState.load_alike])
    app.add_page(
        photo,
        route="/photo/[asset_id]",
        title="Photobank",
        on_load=[frame, PhotoState.load, ActivityState.resume, VersionsState.resume_versions, StackState.load_stack],
    )
    register_house_pages(app)
