"""Every setting, typed, with its help text. Read once by bootstrap; nothing else looks at the environment.

A field NAME is read from `PHOTOBANK_NAME`; a secret may come from the file named by `PHOTOBANK_NAME_FILE` instead.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from photobank.kernel.errors import ConfigurationError

PREFIX = "PHOTOBANK_"
FROM_FILE = ("database_url", "database_owner_url", "redis_url", "master_key", "metrics_token", "smtp_password")


class Settings(BaseSettings):
    """Typed settings of one installation."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    # Where things are
    data_dir: Path = Field(Path("data"), description="Folder for everything that is kept: database, queue, photos, keys, models.")
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the web server listens on.")
    public_url: str = Field("", description="Address people use, such as https://photos.example.org. Default: http://HOST:PORT.")
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="Number of reverse proxies in front; their X-Forwarded-For is believed."
    )

    # Servers
    database_url: SecretStr | None = Field(None, description="External PostgreSQL (postgresql://…). Default: the embedded server.")
    database_owner_url: SecretStr | None = Field(
        None,
        description="The same database as the role that owns its tables, for migrations. With it, PHOTOBANK_DATABASE_URL's role needs "
        "to own nothing, and can neither change nor empty the audit log.",
    )
    redis_url: SecretStr | None = Field(None, description="External Redis (redis://…). Default: the embedded server.")
    database_pool: int = Field(10, ge=1, le=200, description="Database connections per process.")
    web_workers: int = Field(1, ge=1, le=64, description="Web processes.")
    io_workers: int = Field(1, ge=1, le=64, description="Workers for decoding, resizing and encryption.")
    vision_workers: int = Field(1, ge=1, le=16, description="Workers for faces.")

    # Keys
    master_key: SecretStr | None = Field(
        None, description="Master key, 32 bytes in base64. Default: made once, kept in DATA_DIR/keys/master.json."
    )

    # Storage
    storage_region: str = Field(
        "local", description="Where the photos lie: local, or a region such as eu-central-1. Must be in the EU/EEA."
    )
    allow_outside_eea: bool = Field(False, description="Start although the storage region lies outside the EU/EEA.")

    # Photos
    max_upload_bytes: int = Field(256 * 2**20, ge=2**20, description="Largest file taken, in bytes.")
    max_pixels: int = Field(
        300_000_000, ge=1_000_000, description="Largest picture decoded, in pixels; a larger one is rejected before decoding."
    )
    decode_seconds: int = Field(60, ge=5, description="Longest time one picture may take to decode, in seconds.")
    decode_processes: int = Field(
        2,
        ge=1,
        le=64,
        description="Pictures that one web process or worker makes at the same time; each may take decode_memory_bytes.",
    )
    decode_memory_bytes: int = Field(1_200 * 2**20, ge=256 * 2**20, description="Memory one decoding process may take, in bytes.")
    trash_days: int = Field(30, ge=1, description="Days a photo stays in the trash before it is purged.")

    # Faces
    face_pack: str = Field(
        "open", description="Face engine: open, fake (tests only), the name of a pack in DATA_DIR/models, or the folder of a pack."
    )
    faces_enabled: bool = Field(True, description="Look for faces at all.")

    # Consent
    alert_days: int = Field(
        30,
        ge=1,
        le=365,
        description="Days before the end of a consent at which it counts as expiring, until the organisation decides.",
    )
    trust_detector: bool = Field(False, description="Clear photos without faces for outside use without a human look.")

    request_days: int = Field(30, ge=1, le=365, description="Days for which the link in a request to sign works.")
    timestamp_url: str = Field(
        "",
        description="Timestamp authority (RFC 3161) asked when evidence is sealed, such as https://tsa.example.org. Default: none.",
    )

    # Mail
    smtp_host: str = Field(
        "", description="Mail server that takes our mail. Without one nothing is sent; links can be shown instead."
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls, tls from the first byte (port 465), or none on a machine or network of one's own."
    )
    smtp_user: str = Field("", description="Name with which we sign in to the mail server. Default: none.")
    smtp_password: SecretStr | None = Field(None, description="Password for the mail server.")
    mail_from: str = Field(
        "",
        description="Address our mail comes from, such as photos@example.org. Default: photobank@ the host of the public address.",
    )

    # People and sessions
    session_idle_minutes: int = Field(12 * 60, ge=5, description="Minutes without use after which a session ends.")
    confirmed_minutes: int = Field(
        10, ge=1, le=60, description="Minutes for which a fresh confirmation of the password opens locked folders."
    )
    session_days: int = Field(14, ge=1, le=90, description="Days after which a session ends in any case.")

    # Watching
    metrics_token: SecretStr | None = Field(None, description="Token with which /metrics may be read from other machines.")

    # Logs
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least important log line that is written.")
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="json for machines, text for people; auto: text on a terminal."
    )

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def origin(self) -> str:
        """Scheme, host and port that browsers see, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def secure_cookies(self) -> bool:
        """True when people come over TLS."""
        return self.origin.startswith("https://")


def load(**overrides: Any) -> Settings:
    """Settings from the environment and `overrides`; raises ConfigurationError with one clear sentence."""
    values: dict[str, Any] = {}
    for name in FROM_FILE:
        path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
        if path and f"{PREFIX}{name.upper()}" not in os.environ:
            try:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigurationError(f"{PREFIX}{name.upper()}_FILE cannot be read: {error.strerror}") from error
    try:
        return Settings(**{**values, **overrides})
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper() if first["loc"] else "settings"
        raise ConfigurationError(f"{name}: {first['msg']}") from error
