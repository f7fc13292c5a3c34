"""`photobank mail …`: what comes back to the address that mail is sent from."""

from __future__ import annotations

import sys

import typer

from photobank.cli.house import OPERATOR, run
from photobank.cli.output import show
from photobank.consents import returned
from photobank.scope import Container

app = typer.Typer(help="Mail: letters that came back.", no_args_is_help=True)
app.callback()(lambda: None)


@app.command("returned")
def take() -> None:
    """Read a delivery report from the standard input, and show on the board that the letter did not arrive.

    To be called by the mail server for PHOTOBANK_MAIL_FROM, from an alias or a filter rule.
    """
    message = sys.stdin.buffer.read(returned.LARGEST + 1)

    async def work(container: Container) -> bool:
        async with container.scope(OPERATOR) as scope:
            return await returned.take(scope, message)

    show("Noted: the letter did not arrive." if run(work) else "A report of no failure; nothing was changed.")
