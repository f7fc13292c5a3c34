"""What `doctor` checks above the runtime: keys, blobs, faces."""

from __future__ import annotations

import secrets

from pydantic import SecretStr

from photobank import bootstrap
from photobank.blobs.local import LocalBlobs
from photobank.kernel.errors import ConfigurationError, Damaged
from photobank.runtime.doctor import Check, Checked, Surroundings, private_file
from photobank.settings import Settings
from photobank.vision import packs


def _with_urls(around: Surroundings) -> Settings:
    urls = {"database_url": SecretStr(around.database_url), "redis_url": SecretStr(around.redis_url)}
    return around.settings.model_copy(update=urls)


async def master_key(around: Surroundings) -> Checked:
    """The file is there, private, and readable as keys. Without it no photo can ever be opened again."""
    settings = around.settings
    file = settings.data_dir / "keys" / "master.json"
    if settings.master_key is None:
        if not file.exists():
            return Checked("master key", True, "made at the first start")
        if advice := private_file(file):
            return Checked("master key", False, f"{file} is open to others", advice)
    try:
        keys = bootstrap.master_keys(settings)
    except (ConfigurationError, Damaged, OSError) as error:
        return Checked("master key", False, str(error), f"Put back {file} from a backup: without it no photo can be opened.")
    where = "from the settings" if settings.master_key is not None else f"in {file}"
    return Checked("master key", True, f"{len(keys.ids())} {where}; keep a copy elsewhere")


async def folder_keys(around: Surroundings) -> Checked:
    """The master key opens the keys in this database: the two belong together."""
    if around.settings.master_key is None and not (around.settings.data_dir / "keys" / "master.json").exists():
        return Checked("folder keys", True, "none yet")
    try:
        async with bootstrap.open_container(_with_urls(around)) as container, container.sessions() as db:
            count = await container.vault.check_keys(db)
    except Damaged as error:
        advice = "This master key belongs to another database. Put back the key file and the database of the same backup."
        return Checked("folder keys", False, f"cannot be opened: {error}", advice)
    return Checked("folder keys", True, f"all {count} can be opened")


async def blob_store(around: Surroundings) -> Checked:
    """Write, read, delete."""
    store, key, content = (
        LocalBlobs(around.settings.data_dir / "blobs"),
        f"doctor/{secrets.token_hex(8)}",
        secrets.token_bytes(4096),
    )
    writer = await store.create(key)
    await writer.write(content)
    await writer.commit()
    reader = await store.open(key)
    same = await reader.read(0, len(content)) == content
    await reader.close()
    gone = await store.delete(key)
    advice = "" if same and gone else "Check the disk: what was written did not come back."
    return Checked("blob store", same and gone, "writes, reads, deletes", advice)


async def face_pack(around: Surroundings) -> Checked:
    """The pack loads."""
    settings = around.settings
    if not settings.faces_enabled:
        return Checked("face pack", True, "faces are switched off")
    try:
        engine = packs.load(settings.face_pack, settings.data_dir / "models")
    except (ConfigurationError, ImportError, OSError) as error:
        return Checked("face pack", False, str(error), "Choose another one: PHOTOBANK_FACE_PACK=open needs no download.")
    return Checked("face pack", True, f"{settings.face_pack} ({type(engine).__name__}) loads")


CHECKS: tuple[Check, ...] = (master_key, folder_keys, blob_store, face_pack)
