"""As whom the embedded PostgreSQL runs. It refuses to be root, so root lends it a system user of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photobank.kernel.errors import ConfigurationError

SYSTEM_USER = "photobank-db"


@dataclass(frozen=True, slots=True)
class Launch:
    """A command, and as whom to start it; None: as ourselves."""

    command: list[str]
    user: int | None
    group: int | None


@dataclass(frozen=True, slots=True)
class Identity:
    """`user` and `group` are None when we simply stay who we are."""

    user: int | None = None
    group: int | None = None

    def own(self, path: Path) -> None:
        """Hand `path` and all below it over, where it is not ours to keep."""
        if self.user is None:
            return
        if path.stat().st_uid == self.user:
            return
        for found in [path, *path.rglob("*")]:
            os.chown(found, self.user, self.group or self.user, follow_symlinks=False)

    def launch(self, command: Sequence[str | Path], *touched: Path) -> Launch:
        """`command` as it must be started so that it can reach `touched` through folders that only root may enter.

        The process then keeps the single right to look through folders and files, and none to change them. Nobody's
        folder (root's home, say) has its permissions widened for us.
        """
        words = [str(part) for part in command]
        if self.user is None or all(_reachable(path) for path in touched):
            return Launch(words, self.user, self.group)
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise ConfigurationError(
                f"PostgreSQL cannot run as root, and its user {SYSTEM_USER} cannot enter {touched[0]}. "
                "Install setpriv (util-linux), or choose a data folder that others may enter, or run Photobank as an ordinary user."
            )
        right = "+dac_read_search"
        ids = [f"--reuid={self.user}", f"--regid={self.group}", "--clear-groups", "--no-new-privs", "--pdeathsig", "INT"]
        rights = [f"--inh-caps=-all,{right}", f"--ambient-caps=-all,{right}", f"--bounding-set=-all,{right}"]
        return Launch([setpriv, *ids, *rights, *words], None, None)


def _reachable(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def database_identity() -> Identity:
    """Ourselves, or as root the system user of the database, made when it is missing."""
    if os.geteuid() != 0:
        return Identity()
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _create()
        entry = pwd.getpwnam(SYSTEM_USER)
    return Identity(entry.pw_uid, entry.pw_gid)


def _create() -> None:
    tool = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if tool is None:
        raise ConfigurationError(
            f"PostgreSQL cannot run as root. Add a system user named {SYSTEM_USER}, or run Photobank as an ordinary user."
        )
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    made = subprocess.run([tool, *options, SYSTEM_USER], capture_output=True, text=True, check=False)
    if made.returncode not in (0, 9):  # 9: another process was quicker
        raise ConfigurationError(f"The system user {SYSTEM_USER} cannot be made: {made.stderr.strip()}")
