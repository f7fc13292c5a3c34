"""Frame, page templates and navigation."""

from components.layout.frame import Viewer, account_menu, connection, frame, search_box
from components.layout.page import body, head, page
from components.layout.plain import language_switch, plain_page

__all__ = ["Viewer", "account_menu", "body", "connection", "frame", "head", "language_switch", "page", "plain_page", "search_box"]
