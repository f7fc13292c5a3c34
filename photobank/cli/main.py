"""The `photobank` command. Each group of commands is a module beside this one and is named in COMMANDS or GROUPS below.

Only the module of the command that was asked for is loaded: a worker does not wait for what only `import` needs.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any

import typer

from photobank import __version__
from photobank.cli.output import complain, show
from photobank.kernel.errors import PhotobankError

# One line per command: its name and the function that does it.
COMMANDS = {
    "serve": "photobank.cli.serve:serve",
    "web": "photobank.cli.serve:web",
    "worker": "photobank.cli.serve:worker",
    "migrate": "photobank.cli.serve:migrate",
    "doctor": "photobank.cli.doctor:doctor",
    "import": "photobank.cli.imports:import_",
    "demo": "photobank.cli.demo:demo",
    "trace": "photobank.cli.trace:trace",
}

# One line per group (`photobank users create`): its name and its typer app.
GROUPS = {
    "users": "photobank.cli.users:app",
    "keys": "photobank.cli.keys:app",
    "faces": "photobank.cli.faces:app",
    "mail": "photobank.cli.mail:app",
}


def version() -> None:
    """Print the version."""
    show(__version__)


def build(words: Sequence[str] = ()) -> typer.Typer:
    """The command line for these words: with the one command they name, or with all of them, for the list."""
    app = typer.Typer(
        name="photobank",
        help="An encrypted image bank: a photo carries its permissions with it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(lambda: None)  # keeps the command's name needed when it is the only one
    app.command("version")(version)
    asked = words[0] if words else ""
    known = asked in COMMANDS or asked in GROUPS
    for name, place in COMMANDS.items():
        if name == asked or not known:
            app.command(name)(_load(place))
    for name, place in GROUPS.items():
        if name == asked or not known:
            app.add_typer(_load(place), name=name)
    return app


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def main() -> None:
    """Entry point. Errors that we foresee are one sentence; anything else is a bug and shows its trace."""
    try:
        build(sys.argv[1:])()
    except PhotobankError as error:
        complain(f"photobank: {error}")
        sys.exit(1)


if __name__ == "__main__":
    main()
