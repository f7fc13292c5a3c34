"""Runs commands as a shell would, each in a process of its own, but forked from one that has imported everything: seconds each spared.

Run as a program it is that process: a JSON line in (arguments, environment, standard input), a JSON line out.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one document on standard output."""
        assert self.code == 0, self.err
        return json.loads(self.out)


class Commands:
    """`photobank …` with these settings."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.commands"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str, stdin: str = "") -> Ran:
        """Run one command to its end."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps([arguments, self._environment, stdin]) + "\n")
        self._server.stdin.flush()
        return Ran(*json.loads(self._server.stdout.readline()))

    def close(self) -> None:
        """End the process that commands are forked from."""
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(10)
        if self._server.stdout is not None:
            self._server.stdout.close()


async def run(commands: Commands, *arguments: str, stdin: str = "") -> Ran:
    """Run one command while the house in this process goes on."""
    return await asyncio.to_thread(commands.run, *arguments, stdin=stdin)


def _serve() -> None:
    from sqlalchemy.orm import configure_mappers

    import photobank.cli.checks
    import photobank.runtime.doctor
    from photobank.cli.main import main

    assert photobank.cli.checks.CHECKS
    assert photobank.runtime.doctor.examine
    configure_mappers()

    for line in sys.stdin:
        arguments, environment, stdin = json.loads(line)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as given:
            given.write(stdin.encode())
            given.seek(0)
            child = os.fork()
            if child == 0:
                for number, file in ((0, given), (1, out), (2, err)):
                    os.dup2(file.fileno(), number)
                sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  this process has read ahead in the old one
                os.environ.update(environment)
                sys.argv = ["photobank", *arguments]
                _main_and_exit(main)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            out.seek(0)
            err.seek(0)
            sys.stdout.write(json.dumps([code, out.read().decode(), err.read().decode()]) + "\n")
            sys.stdout.flush()


def _main_and_exit(main: Any) -> None:
    code = 1
    try:
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
