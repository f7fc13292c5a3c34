"""Where the embedded servers keep their files, sockets and locks inside the data folder."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from photobank.kernel.errors import ConfigurationError

SOCKET_PATH_MAX = 107  # sun_path holds 108 bytes, the last one zero


@dataclass(frozen=True, slots=True)
class Places:
    """Paths under one data folder. Nothing is created until `prepare` is called."""

    data_dir: Path

    @property
    def run(self) -> Path:
        """What lives only while we run: locks, process numbers, addresses."""
        return self.data_dir / "run"

    @property
    def lock(self) -> Path:
        """Held by whoever runs the embedded servers."""
        return self.run / "lock"

    @property
    def users(self) -> Path:
        """Shared lock of everybody who uses servers that another command started for a moment."""
        return self.run / "users"

    @property
    def servers(self) -> Path:
        """Addresses of the running embedded servers."""
        return self.run / "servers.json"

    @property
    def metrics(self) -> Path:
        """Counters that our processes share."""
        return self.run / "metrics"

    @property
    def postgres(self) -> Path:
        """The database cluster."""
        return self.data_dir / "postgres"

    @property
    def redis(self) -> Path:
        """Redis' append-only file."""
        return self.data_dir / "redis"

    def prepare(self) -> None:
        """Create the data folder and `run`; says plainly when that cannot be done."""
        try:
            self.run.mkdir(parents=True, exist_ok=True)
            self.run.chmod(0o711)
        except OSError as error:
            raise ConfigurationError(
                f"The data folder {self.data_dir} cannot be written: {error.strerror}. "
                "Set PHOTOBANK_DATA_DIR to a folder of your own."
            ) from error

    def socket_dir(self, name: str, socket_name: str) -> Path:
        """A folder short enough for a socket: under `run`, or else a private one in the system's temporary folder."""
        near = self.run / name
        if len(os.fsencode(near / socket_name)) <= SOCKET_PATH_MAX:
            near.mkdir(parents=True, exist_ok=True)
            return near
        digest = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]
        far = Path(tempfile.gettempdir()) / f"photobank-{os.geteuid()}-{digest}"
        far.mkdir(mode=0o711, exist_ok=True)
        found = far.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise ConfigurationError(f"{far} belongs to somebody else. Remove it, or set PHOTOBANK_DATA_DIR to a shorter path.")
        (far / name).mkdir(mode=0o700, exist_ok=True)
        return far / name
