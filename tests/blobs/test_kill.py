"""A process that is killed while it takes an upload: the next one goes on from what it had said was kept, or later."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from photobank.blobs.encrypted import EncryptedBlobs
from photobank.blobs.local import LocalBlobs
from photobank.kernel.errors import Conflict
from tests.blobs import stranger

ROOT = Path(__file__).parents[2]
KEY = bytes(range(32))
CONTEXT = b"photobank/blob/v1/01920000-0000-7000-8000-000000000001/original"
NAME = "assets/01920000-0000-7000-8000-000000000001/original"
SESSION = 700_001
SENDER = f"""
import asyncio, pathlib, sys
from photobank.blobs.encrypted import EncryptedBlobs
from photobank.blobs.local import LocalBlobs

async def main():
    blobs, data = EncryptedBlobs(LocalBlobs(pathlib.Path(sys.argv[1]))), pathlib.Path(sys.argv[2]).read_bytes()
    while True:
        async with await blobs.resumable({NAME!r}, {KEY!r}, {CONTEXT!r}) as upload:
            begun = upload.offset
            for at in range(begun, min(begun + {SESSION}, len(data)), 65536):
                await upload.write(data[at : min(at + 65536, begun + {SESSION})])
            if upload.offset >= len(data):
                await upload.finish()
                return
        print(upload.offset, flush=True)

asyncio.run(main())
"""


async def test_killed_again_and_again_it_still_arrives_whole(tmp_path: Path) -> None:
    folder, source, data = tmp_path / "blobs", tmp_path / "data", os.urandom(9_000_000)
    source.write_bytes(data)
    blobs, kept = EncryptedBlobs(LocalBlobs(folder)), 0
    for lines in (1, 5, 3, 10_000):
        sender = subprocess.Popen([sys.executable, "-c", SENDER, folder, source], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert sender.stdout
        with sender, sender.stdout:
            for _ in range(lines):
                if not (line := sender.stdout.readline()):
                    break
                kept = int(line)
            time.sleep(0.003 * lines % 0.02)
            sender.send_signal(signal.SIGKILL)
        if await blobs.exists(NAME):
            break
        try:
            async with await blobs.resumable(NAME, KEY, CONTEXT) as upload:
                assert kept <= upload.offset <= len(data)
                digest = hashlib.sha256()
                async for piece in upload.replay():
                    digest.update(piece)
                assert digest.digest() == hashlib.sha256(data[: upload.offset]).digest()
        except Conflict:
            break
    assert await blobs.read_all(NAME, KEY, CONTEXT) == data
    (file,) = (path for path in folder.rglob("*") if path.is_file() and "~" not in path.name and not path.name.endswith(".tail"))
    assert stranger.read(KEY, CONTEXT, file.read_bytes()) == data
