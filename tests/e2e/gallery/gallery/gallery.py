"""Pages that show every component in its states."""

from __future__ import annotations

from typing import Any

import reflex as rx
from gallery.fake_api import api

from components import shield as shields
from components.i18n import t, t_date, t_key, t_number, t_size
from components.layout import Viewer, body, head, page, plain_page, search_box
from components.photo import (
    DOWNLOAD,
    MOVE,
    TRASH,
    density_slider,
    drop_target,
    photo_grid,
    photo_viewer,
    uploader,
)
from components.theme import app_look
from components.ui import (
    badge,
    breadcrumb,
    button,
    button_group,
    card,
    checkbox,
    chip,
    confirm_dialog,
    dialog,
    empty_state,
    error_state,
    facts,
    field,
    icon_button,
    icon_link,
    initials,
    link_button,
    menu,
    menu_choice,
    menu_item,
    notice,
    password_input,
    progress,
    radio,
    ring,
    segmented,
    select,
    sheet,
    skeleton_faces,
    skeleton_grid,
    skeleton_rows,
    spinner,
    styles,
    table,
    tabs,
    text_area,
    text_button,
    text_input,
)


class Gallery(rx.State):
    """State that the pages need to move."""

    which: str = ""
    tab: str = "permissions"
    toasts: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)

    @rx.event
    def show(self, which: str) -> None:
        """Open a dialog."""
        self.which = which

    @rx.event
    def hide(self) -> None:
        """Close it."""
        self.which = ""

    @rx.event
    def pick(self, tab: str) -> None:
        """Choose a tab."""
        self.tab = tab

    @rx.event
    def tell(self, kind: str) -> None:
        """Show a message."""
        row: dict[str, Any] = {
            "done": {"tone": "success", "key": "act.copied", "params": {}, "action": ""},
            "undo": {"tone": "info", "key": "upload.skip_all", "params": {"count": "8"}, "action": "42"},
            "error": {"tone": "error", "key": "errors.unavailable", "params": {}, "action": ""},
        }[kind]
        self.toasts = [*self.toasts, row | {"id": str(len(self.toasts)), "action_key": ""}]

    @rx.event
    def act(self, action: str) -> None:
        """Run a message's action."""
        self.toasts = []

    @rx.event
    def nothing(self, *_: Any) -> None:
        """Do nothing."""


def viewer() -> Viewer:
    """A made-up admin."""
    var = rx.Var.create
    return Viewer(
        name=var("Eva Kuipers"),
        initials=var("EK"),
        email=var("eva@lindewaard.example"),
        role=var("admin"),
        organisation=var("Ziekenhuis Lindewaard"),
        organisation_initials=var("ZL"),
        language=var(""),
        uses=rx.Var.create([]),
        to_review=var(""),
        to_consents=var(""),
        toasts=Gallery.toasts,
        on_dismiss=Gallery.nothing,
        on_sign_out=Gallery.hide,
    )


def framed(title: str, current: Any, *children: Any, **props: Any) -> rx.Component:
    """A page of the gallery."""
    return page(
        title,
        styles("people.css", "viewer.css", "upload.css"),
        *children,
        current=current,
        viewer=viewer(),
        on_toast=Gallery.act,
        search=None if props.get("bare") else search_box(on_submit=Gallery.nothing),
        **props,
    )


def parts() -> rx.Component:
    """Shields, buttons, fields, menus, dialogs, small parts."""
    looks: tuple[Any, ...] = ("", "bare", "plate", "seal", "lg")
    return framed(
        "Parts",
        "people",
        body(
            head(
                "Parts",
                button("Export", icon_name="download"),
                button("New", kind="primary", icon_name="plus"),
                count=t("count.photos", count=3418),
            ),
            card(
                *[rx.el.div(*[shields.shield(s, look=look) for s in shields.STATES], class_name="row wrap") for look in looks],
                title="Shields",
            ),
            card(
                rx.el.div(
                    button("Default"),
                    button("Primary", kind="primary", icon_name="download"),
                    button("Quiet", kind="quiet"),
                    button("Remove", kind="danger", icon_name="trash"),
                    button("Erase", kind="danger-solid"),
                    button("Off", disabled=True),
                    button("Busy", busy=True),
                    icon_button("more", "More"),
                    text_button("Show all"),
                    link_button("Upload", href="/upload/"),
                    button_group(button("Skip", size="sm", aria_pressed=True), button("Keep both", size="sm"), label="What to do"),
                    class_name="row wrap",
                ),
                rx.el.div(
                    button("xs", size="xs"),
                    button("sm", size="sm"),
                    button("md"),
                    button("lg", size="lg"),
                    spinner(),
                    badge(12),
                    badge(142, kind="live"),
                    badge(3, kind="alert"),
                    class_name="row wrap",
                ),
                rx.el.div(
                    chip("Communication", icon_name="folder", on=True, remove=True, on_click=Gallery.hide),
                    chip("Clearance", on_click=Gallery.hide),
                    chip("All filters", icon_name="filter", dashed=True, on_click=Gallery.hide),
                    chip("open day", small=True),
                    class_name="chips",
                ),
                rx.el.div(
                    menu(
                        rx.fragment("Actions"),
                        menu_item("Edit", icon_name="pen", on_click=Gallery.hide),
                        menu_item("Remove", icon_name="trash", danger=True, on_click=Gallery.hide),
                        menu_choice("Website", checked=True, on_click=Gallery.hide),
                        align="start",
                    ),
                    button("Dialog", on_click=Gallery.show("dialog")),
                    button("Confirm", on_click=Gallery.show("confirm")),
                    button("Sheet", on_click=Gallery.show("sheet")),
                    button("Done", on_click=Gallery.tell("done")),
                    button("Undo", on_click=Gallery.tell("undo")),
                    button("Error", on_click=Gallery.tell("error")),
                    class_name="row wrap",
                ),
                title="Controls",
                class_name="gallery-stack",
            ),
            card(
                rx.el.div(
                    field(t("field.name"), text_input("name", placeholder="Anna de Vries"), name="name"),
                    field(
                        t("field.email"),
                        text_input("email", type="email", icon_name="mail"),
                        name="email",
                        hint="Only used to send the link.",
                    ),
                    field(t("field.password"), password_input("password"), name="password"),
                    field(t("field.role"), select("role", [("viewer", t("role.viewer")), ("admin", t("role.admin"))]), name="role"),
                    field(
                        t("consent.valid_until"),
                        text_input("until", type="date", invalid=True),
                        name="until",
                        error=t("field.required"),
                    ),
                    field(t("field.note"), text_area("note"), name="note"),
                    checkbox("Website", hint="Own site and newsletter", name="uses", default_checked=True),
                    checkbox("Social", name="uses2"),
                    radio("All photos", name="scope", default_checked=True),
                    radio("A folder", name="scope", disabled=True),
                    class_name="stack-4",
                ),
                title="Fields",
            ),
            card(
                tabs(
                    [("permissions", t("photo.permissions")), ("details", t("photo.details"))],
                    Gallery.tab,
                    lambda key: Gallery.pick(key),
                    label="About",
                ),
                rx.el.div(
                    facts(
                        (t("field.date"), t_date("2026-10-08T12:04:00Z", "datetime")),
                        ("Size", t_size(13_600_000)),
                        ("Events", t_number(12345)),
                    ),
                    role="tabpanel",
                    id="tab-panel",
                ),
                segmented(
                    [("permissions", "Uses"), ("details", "Consents")], Gallery.tab, lambda key: Gallery.pick(key), label="View"
                ),
                rx.el.div(*[ring(initials("AV", size=40), s) for s in shields.STATES], class_name="row wrap"),
                progress(128, 214, label="Ready"),
                notice("Their faces are looked for first.", title="37 people signed", kind="good"),
                notice("Ends in 22 days.", kind="warn"),
                notice("Try again.", title="Not saved", kind="bad"),
                notice("GPS is removed on download."),
                breadcrumb(("People", "/people/"), here="Marijke Bos"),
                title="More",
                class_name="gallery-stack",
            ),
            card(
                table(
                    ["Name", "Role", "Last seen"],
                    rx.el.tr(rx.el.td("Eva Kuipers"), rx.el.td(t("role.admin")), rx.el.td(t_date("2026-11-22", "short"))),
                    caption="Users",
                ),
                title="Table",
                pad=False,
            ),
        ),
        dialog(
            field(t("field.name"), text_input("dname"), name="dname"),
            title=t("people.new"),
            description="She gets no mail yet.",
            open=Gallery.which == "dialog",
            on_close=Gallery.hide,
            footer=[button(t("act.cancel"), on_click=Gallery.hide), button(t("act.save"), kind="primary", on_click=Gallery.hide)],
        ),
        sheet(
            checkbox("Approved"),
            checkbox("Expiring"),
            title=t("library.filters"),
            open=Gallery.which == "sheet",
            on_close=Gallery.hide,
        ),
        confirm_dialog(
            title=t("consent.withdraw"),
            text="12 photos lock at once on the website and social media. Print already made stays.",
            confirm=t("consent.withdraw"),
            open=Gallery.which == "confirm",
            on_confirm=Gallery.hide,
            on_close=Gallery.hide,
        ),
    )


def states() -> rx.Component:
    """The list states."""
    return framed(
        "States",
        "audit",
        body(
            head("States"),
            card(skeleton_grid(2), title="Grid"),
            card(skeleton_rows(4, faces=True), title="Rows", pad=False),
            card(skeleton_faces(6), title="Faces"),
            card(
                empty_state(
                    t("library.empty_title"),
                    t("library.empty_text"),
                    button(t("upload.choose"), kind="primary", icon_name="upload"),
                ),
                pad=False,
            ),
            card(error_state(on_retry=Gallery.hide), pad=False),
        ),
    )


def signin() -> rx.Component:
    """A signed-out page."""
    return plain_page(
        t("signin.title"),
        rx.el.form(
            field(t("field.email"), text_input("email", type="email", class_name="input-lg"), name="email"),
            field(t("field.password"), password_input(large=True), name="password"),
            button(t("act.continue"), kind="primary", size="lg", type="submit"),
            class_name="stack-4",
        ),
        lead="Ziekenhuis Lindewaard",
        step=(2, 4),
    )


class Library(rx.State):
    """What the library page of the gallery keeps."""

    use: str = "website"
    query: str = ""
    changes: rx.Field[list[list[str]]] = rx.field(default_factory=list)
    chosen: int = 0
    stamp: str = ""
    face: str = ""

    @rx.event
    def pick_use(self, use: str) -> None:
        """Shields for another use."""
        self.use = use

    @rx.event
    def ask(self, query: str) -> None:
        """Another filter."""
        self.query = query

    @rx.event
    def revoke(self) -> None:
        """A push: the first photo's consent is withdrawn."""
        self.changes = [["a00000", "2"], ["a00003", "2"]]

    @rx.event
    def arrive(self) -> None:
        """A push: a photo newer than all came."""
        self.changes = [["a-0001", "3"], ["a00000", "2"], ["a00003", "2"]]

    @rx.event
    def selected(self, ids: list[str]) -> None:
        """Count the selection."""
        self.chosen = len(ids)

    @rx.event
    def act(self, name: str, ids: list[str]) -> None:
        """Nothing."""

    @rx.event
    def moved(self) -> None:
        """A push: photos of the batch moved."""
        self.stamp += "1"

    @rx.event
    def pick_face(self, face: str) -> None:
        """Choose a face."""
        self.face = "" if face == self.face else face


def library() -> rx.Component:
    """The grid."""
    return framed(
        "Library",
        "library",
        body(
            head(
                t("library.title"),
                menu(
                    rx.fragment(rx.el.span(t("library.shields_for"), class_name="faint"), " ", t_key(Library.use, prefix="use.")),
                    *[
                        menu_choice(t(f"use.{use}"), checked=Library.use == use, on_click=Library.pick_use(use))
                        for use in ("internal", "website", "social")
                    ],
                    title=t("library.shields_hint"),
                ),
                density_slider(),
                button("Push", size="sm", on_click=Library.revoke),
                button("New", size="sm", on_click=Library.arrive),
                button("Empty", size="sm", on_click=Library.ask("show=empty")),
                button("Error", size="sm", on_click=Library.ask("show=error")),
                count=t("count.photos", count=3418),
            ),
            photo_grid(
                empty_state(
                    t("library.empty_title"),
                    t("library.empty_text"),
                    link_button(t("upload.choose"), href="/upload/", kind="primary", icon_name="upload"),
                ),
                query=Library.query,
                use=Library.use,
                changes=Library.changes,
                actions=(DOWNLOAD, MOVE, TRASH),
                on_selection=Library.selected,
                on_action=Library.act,
            ),
        ),
        drop_target(),
    )


def upload() -> rx.Component:
    """The upload page."""
    batches = [
        {
            "id": "b0", "folder": "Communicatie / Evenementen", "event": "Opening nieuwbouw", "source": "upload", "files": 40, "closed": False,
            "counts": {"ready": 30, "here": 4, "rejected": 1, "sending": 1}, "created_at": "2026-11-20T19:12:00Z",
        },
        {
            "id": "b9", "folder": "Archief", "event": "", "source": "import", "files": 1200, "closed": True,
            "counts": {"ready": 1200}, "created_at": "2026-11-02T08:00:00Z",
        },
    ]  # fmt: skip
    return framed(
        "Upload",
        "upload",
        body(
            uploader(
                owner="u1",
                folder_id="f1",
                stamp=Library.stamp,
                batches=batches,
                rejected=[],
                use="website",
            ),
            rx.el.button("Push", id="push", type="button", on_click=Library.moved),
        ),
    )


def photo() -> rx.Component:
    """The photo page's left side."""
    boxes = [
        {"id": "1", "box": [0.33, 0.04, 0.2, 0.3], "state": "approved", "settled": True, "name": "Eileen Collins"},
        {"id": "2", "box": [0.62, 0.3, 0.12, 0.2], "state": "needs_review", "settled": False, "name": ""},
        {"id": "3", "box": [0.08, 0.7, 0.16, 0.24], "state": "revoked", "settled": True, "name": "Ruben Smit"},
    ]
    return framed(
        "Photo",
        "photo",
        rx.el.div(
            rx.el.header(
                icon_link("back", t("nav.back_to", place=t("nav.library")), href="/library/"),
                rx.el.div(
                    rx.el.h1("Innovation team in the garden", class_name="truncate"),
                    rx.el.p("DSC_4127.jpg", class_name="where truncate"),
                    class_name="grow",
                ),
                class_name="photo-top",
            ),
            photo_viewer(
                button(t("act.share"), kind="quiet", icon_name="share"),
                button(t("act.download"), kind="primary", icon_name="download"),
                asset_id=rx.State.id,
                width=5120,
                height=3413,
                alt="Team",
                faces=rx.Var.create(boxes),
                face=Library.face,
                on_face=Library.pick_face,
            ),
            rx.el.aside(
                tabs(
                    [("permissions", t("photo.permissions")), ("details", t("photo.details"))],
                    Gallery.tab,
                    lambda key: Gallery.pick(key),
                    label="About",
                ),
                rx.el.div(
                    rx.el.div(
                        rx.el.h2("Usable for internal, website and print"), rx.el.p("Until 14 December 2026."), class_name="verdict"
                    ),
                    class_name="panel-body",
                    role="tabpanel",
                    id="tab-panel",
                ),
                class_name="panel",
                aria_label="About this photo",
            ),
            class_name="photo-page",
        ),
        slim=True,
        bare=True,
    )


app = rx.App(**app_look(), api_transformer=[api])
app.add_page(parts, route="/", title="Parts")
app.add_page(states, route="/states", title="States")
app.add_page(signin, route="/signin", title="Sign in")
app.add_page(library, route="/library", title="Library")
app.add_page(upload, route="/upload", title="Upload")
app.add_page(photo, route="/photo/[id]", title="Photo")
