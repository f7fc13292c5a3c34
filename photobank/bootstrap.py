"""Settings → Container. The one file that picks concrete adapters; opened once per process, closed at its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from arq.connections import ArqRedis
from redis.asyncio import BlockingConnectionPool

from photobank import wiring
from photobank.access.limits import Rates
from photobank.audit import refusals
from photobank.blobs.encrypted import EncryptedBlobs
from photobank.blobs.local import LocalBlobs
from photobank.blobs.region import check_region
from photobank.crypto.providers import FileMasterKeys, FixedMasterKeys, MasterKeys
from photobank.db.engine import open_engine, session_maker
from photobank.imaging.sandbox import Decoder
from photobank.kernel.clock import Clock, SystemClock
from photobank.kernel.errors import ConfigurationError
from photobank.mail.sender import SmtpSender
from photobank.messaging.queue import ArqQueue, decode, encode
from photobank.scope import Container
from photobank.settings import Settings
from photobank.vault import Vault


def master_keys(settings: Settings) -> MasterKeys:
    """The master keys: from the setting, else from the file in the data folder, made at the first start."""
    if settings.master_key is not None:
        return FixedMasterKeys(settings.master_key.get_secret_value())
    return FileMasterKeys(settings.data_dir / "keys" / "master.json")


@asynccontextmanager
async def open_container(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Container]:
    """Connect to everything; needs the URLs of running servers in the settings (runtime/servers.py fills them in)."""
    if settings.database_url is None or settings.redis_url is None:
        raise ConfigurationError(
            "No database or Redis: start the servers first, or set PHOTOBANK_DATABASE_URL and PHOTOBANK_REDIS_URL."
        )
    check_region(settings.storage_region, allow_outside_eea=settings.allow_outside_eea)
    now = clock or SystemClock()
    engine = open_engine(settings.database_url.get_secret_value(), pool=settings.database_pool)
    redis_url = settings.redis_url.get_secret_value()
    pool = BlockingConnectionPool.from_url(redis_url, max_connections=64, timeout=10)
    redis = ArqRedis(connection_pool=pool, job_serializer=encode, job_deserializer=decode)
    rates = Rates(redis_url, pool)
    decoder = Decoder.from_settings(settings)  # starts its process with the first picture
    try:
        sessions = session_maker(engine)
        yield Container(
            settings=settings,
            clock=now,
            engine=engine,
            sessions=sessions,
            redis=redis,
            vault=await Vault.open(master_keys(settings), sessions, now.now()),
            blobs=EncryptedBlobs(LocalBlobs(settings.data_dir / "blobs")),
            decoder=decoder,
            rates=rates,
            queue=ArqQueue(redis),
            mailer=SmtpSender(settings),
            react=wiring.react,
            on_refusal=refusals.on_refusal,
        )
    finally:
        await decoder.close()
        await redis.aclose()
        await pool.disconnect()
        await engine.dispose()
