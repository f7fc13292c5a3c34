"""The dialogs for a new share link and for asking consent, and the events that open them: put `share_dialog()` on a page once."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx
from reflex_base.components.component import Component

from components.http import run
from components.pages.scripts import LINK_OUT, REQUEST_FORM, SHARING, SHARING_STORE
from components.photo import SelectionAction

SHARE: Final = SelectionAction("share", "act.share", "share")
ASK: Final = SelectionAction("ask", "act.ask_consent", "consent")


class _ShareDialog(Component):
    library = SHARING
    tag = "ShareDialog"


class ShowLink(Component):
    """The button that shows the address of a link again, with its QR code."""

    library = LINK_OUT
    tag = "ShowLink"
    id: rx.Var[str]
    label: rx.Var[str]


class AskForPhotos(Component):
    """The button that asks others for photos, with its dialog."""

    library = REQUEST_FORM
    tag = "AskForPhotos"


def share_dialog() -> rx.Component:
    """The dialogs; closed until somebody shares something or asks for consent."""
    return _ShareDialog.create()


def share(ids: Any) -> Any:
    """Event: share these photos."""
    return run(SHARING_STORE, "share", ids)


def share_selection(name: Any, ids: Any) -> Any:
    """Event: the same for the selection bar, when its action is sharing."""
    return run(SHARING_STORE, "shareSelection", name, ids)


def ask_selection(name: Any, ids: Any, use: Any) -> Any:
    """Event: the same when its action is asking for consent; `use` is what the shields answer for."""
    return run(SHARING_STORE, "askSelection", name, ids, use)


def embed(asset_id: Any) -> Any:
    """Event: put this photo on another site."""
    return run(SHARING_STORE, "embed", asset_id)
