"""Building blocks of every page: import from here."""

from components.ui.button import button, button_group, icon_button, icon_link, link, link_button, text_button
from components.ui.dialog import confirm_dialog, dialog, sheet
from components.ui.face import avatar, face_picture, initials, ring
from components.ui.field import checkbox, field, password_input, radio, select, text_area, text_input
from components.ui.icon import IconName, glyph, icon, mark
from components.ui.menu import menu, menu_choice, menu_item, menu_label, menu_separator
from components.ui.parts import badge, breadcrumb, card, chip, facts, notice, progress, segmented, spinner, table, tabs
from components.ui.states import empty_state, error_state, list_states, skeleton_faces, skeleton_grid, skeleton_rows
from components.ui.styles import styles
from components.ui.toast import toasts

__all__ = [
    "IconName",
    "avatar",
    "badge",
    "breadcrumb",
    "button",
    "button_group",
    "card",
    "checkbox",
    "chip",
    "confirm_dialog",
    "dialog",
    "empty_state",
    "error_state",
    "face_picture",
    "facts",
    "field",
    "glyph",
    "icon",
    "icon_button",
    "icon_link",
    "initials",
    "link",
    "link_button",
    "list_states",
    "mark",
    "menu",
    "menu_choice",
    "menu_item",
    "menu_label",
    "menu_separator",
    "notice",
    "password_input",
    "progress",
    "radio",
    "ring",
    "segmented",
    "select",
    "sheet",
    "skeleton_faces",
    "skeleton_grid",
    "skeleton_rows",
    "spinner",
    "styles",
    "table",
    "tabs",
    "text_area",
    "text_button",
    "text_input",
    "toasts",
]
