"""The `photobank` command. Each group of commands is a module beside this one and is added in COMMANDS or GROUPS below."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from photobank import __version__
from photobank.cli import doctor, imports, keys, serve, users
from photobank.cli.output import complain, show
from photobank.kernel.errors import PhotobankError

app = typer.Typer(
    name="photobank",
    help="An encrypted image bank: a photo carries its permissions with it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

# One line per command: its name and the function that does it.
COMMANDS: dict[str, Callable[..., None]] = {
    "serve": serve.serve,
    "web": serve.web,
    "worker": serve.worker,
    "migrate": serve.migrate,
    "doctor": doctor.doctor,
    "import": imports.import_,
}

# One line per group (`photobank users create`): its name and its typer app.
GROUPS: dict[str, typer.Typer] = {"users": users.app, "keys": keys.app}

for _name, _command in COMMANDS.items():
    app.command(_name)(_command)
for _name, _group in GROUPS.items():
    app.add_typer(_group, name=_name)


@app.command("version")
def version() -> None:
    """Print the version."""
    show(__version__)


def main() -> None:
    """Entry point. Errors that we foresee are one sentence; anything else is a bug and shows its trace."""
    try:
        app()
    except PhotobankError as error:
        complain(f"photobank: {error}")
        sys.exit(1)


if __name__ == "__main__":
    main()
