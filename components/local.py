"""Scripts of ours that pages import: each lies beside the Python module that names it, and is linked to where the build looks for it.

`rx.asset(name, shared=True)` does the same, and finds out who asks by reading the source of everything that is on the stack: a twentieth
of a second for each of eighty files, which was most of the start of every web process.
"""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import uuid4

from reflex_base.constants import Dirs


def script(module: str, name: str) -> str:
    """How pages import the file `name` that lies beside a module, which gives its `__name__`."""
    source = Path(str(sys.modules[module].__file__)).parent / name
    if not source.is_file():
        raise FileNotFoundError(source)
    place = Path(Dirs.EXTERNAL_APP_ASSETS, *module.split("."), name)
    _link(Path.cwd() / Dirs.APP_ASSETS / place, source)
    return f"$/public/{place.as_posix()}"


def _link(target: Path, source: Path) -> None:
    """Point one at the other, in one step: several processes may do so at once."""
    if target.is_symlink() and target.readlink() == source:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{uuid4().hex}.tmp")
    new.symlink_to(source)
    new.replace(target)
