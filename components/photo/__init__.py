"""Grid, viewer with face boxes, uploader: local React components that read the REST API, with typed Python in front."""

from components.photo.folder_picker import folder_picker
from components.photo.grid import DOWNLOAD, MOVE, TRASH, SelectionAction, density_slider, offered, photo_grid
from components.photo.person_picker import person_picker
from components.photo.uploader import drop_target, uploader
from components.photo.viewer import photo_viewer

__all__ = [
    "DOWNLOAD",
    "MOVE",
    "TRASH",
    "SelectionAction",
    "density_slider",
    "drop_target",
    "folder_picker",
    "offered",
    "person_picker",
    "photo_grid",
    "photo_viewer",
    "uploader",
]
