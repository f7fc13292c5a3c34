"""`photobank users …`"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from photobank.accounts import users
from photobank.cli.house import OPERATOR, run
from photobank.cli.output import Json, show, show_json
from photobank.library import setup
from photobank.scope import Container

app = typer.Typer(help="Users.", no_args_is_help=True)


@app.command()
def create(
    email: Annotated[str, typer.Option(help="E-mail address; people sign in with it.")],
    name: Annotated[str, typer.Option(help="Name as others see it.")],
    role: Annotated[str, typer.Option(help="viewer, contributor, reviewer, privacy_officer or admin.")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = False,
    as_json: Json = False,
) -> None:
    """Make a user. Without a password the account cannot sign in until it gets one."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None

    async def work(container: Container) -> users.UserRow:
        async with container.scope(OPERATOR) as scope:
            await setup.ensure_house(scope)
            return await users.create(scope, email, name, role, password)

    row = run(work)
    if as_json:
        show_json(asdict(row))
    else:
        show(f"{row.email} is a {row.role} now (id {row.id}).")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """All users."""

    async def work(container: Container) -> list[users.UserRow]:
        async with container.scope(OPERATOR) as scope:
            return await users.list_all(scope)

    rows = run(work)
    if as_json:
        show_json({"items": [asdict(row) for row in rows], "next_cursor": None})
    else:
        for row in rows:
            show(f"{row.role:<16} {row.email:<40} {row.name}{'  (disabled)' if row.disabled_at else ''}")
