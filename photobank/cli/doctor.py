"""`doctor`: checks every part and says what to do about what is wrong."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

import typer

from photobank.cli.output import Json, show, show_json
from photobank.runtime import logs
from photobank.settings import load


def doctor(as_json: Json = False) -> None:
    """Check every part; exit 1 if anything is wrong."""
    from photobank.cli.checks import CHECKS
    from photobank.runtime.doctor import examine

    settings = load(log_level="error")
    logs.configure(settings, "doctor")
    found = asyncio.run(examine(settings, CHECKS))
    well = all(item.ok for item in found)
    if as_json:
        show_json({"ok": well, "checks": [asdict(item) for item in found]})
    else:
        for item in found:
            show(f"{'ok   ' if item.ok else 'WRONG'}  {item.name}: {item.detail}")
            if item.advice:
                show(f"       → {item.advice}")
        show("\nEverything is well." if well else "\nSomething is wrong; the arrows say what to do.")
    if not well:
        raise typer.Exit(1)
