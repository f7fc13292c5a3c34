"""Asking everybody on a selection: seen beforehand, sent, one bounces and is put right; and the consents of all on one axis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import PHONE, api, asset_named, astronaut, serious, shot, upload
from tests.e2e.running import Running, free_port, running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


class Office:
    """Takes mail for everybody but `typo@`."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        """The SMTP server was told whom a mail is for."""
        if address.startswith("typo@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """It got one."""
        self.taken += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture(scope="module")
def office() -> Iterator[tuple[Office, dict[str, str]]]:
    taker, port = Office(), free_port()
    controller = Controller(taker, hostname="127.0.0.1", port=port)
    controller.start()
    yield taker, {"smtp_host": "127.0.0.1", "smtp_port": str(port), "smtp_security": "none"}
    controller.stop()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, office: tuple[Office, dict[str, str]]) -> Iterator[Running]:
    """A house that sends mail."""
    with running(tmp_path_factory.mktemp("house"), **office[1]) as one:
        yield one


def fill(page: Page, origin: str) -> None:
    """Three people on one photo: one allows social media, one has no address, one a wrong one."""
    upload(page, origin, ("groep.jpg", astronaut(0.61)))
    photo = asset_named(page, "groep.jpg")["id"]
    for at, (name, address) in enumerate((("Anna", "anna@post.example"), ("Bea", ""), ("Cor", "typo@post.example"))):
        person = api(page, "POST", "/api/v1/people", {"name": name})["id"]
        api(page, "POST", f"/api/v1/assets/{photo}/faces", {"box": [0.1 + at / 4, 0.1, 0.1, 0.1], "person_id": person})
        if address:
            api(page, "PATCH", f"/api/v1/people/{person}", {"email": address})
    everybody = {one["name"]: one["id"] for one in api(page, "GET", "/api/v1/people")["items"]}
    api(page, "POST", "/api/v1/consents", {"person_id": everybody["Anna"], "uses": ["website"]})
    api(page, "POST", "/api/v1/consent-templates/starters/general_consent")


def test_from_a_selection_to_the_board(
    house: Running, office: tuple[Office, dict[str, str]], admin: Path, chromium: Browser, open_page: OpenPage
) -> None:
    page = open_page()
    fill(page, house.origin)
    page.goto(f"{house.origin}/library/")
    page.locator(".tile a.open").first.focus()
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Vraag toestemming").press("Enter")
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Sociale media").check()
    expect(dialog.locator(".am-group summary")).to_have_text(["2 krijgen een e-mail", "1 zonder e-mailadres"])
    assert serious(page) == []
    shot(page, "asking-many")
    dialog.get_by_role("button", name="Vraag 2 mensen").click()
    expect(dialog).to_contain_text("2 vragen zijn onderweg")
    dialog.get_by_role("link", name="Naar het bord").click()

    card = page.locator(".cs-card", has_text="Cor")
    expect(card).to_contain_text("dit adres bestaat niet")
    card.get_by_role("button", name="Adres verbeteren").click()
    page.locator("dialog[open] #email").fill("cor@post.example")
    page.keyboard.press("Enter")
    expect(card).to_contain_text("Verstuurd")
    assert sorted(office[0].taken) == ["anna@post.example", "cor@post.example"]

    phone = open_page(viewport=PHONE)
    phone.goto(f"{house.origin}/consents/timeline/")
    expect(phone.locator(".ov-line")).to_have_count(1)
    expect(phone.locator(".ov-line .bar2")).to_have_count(1)
    assert serious(phone) == []
    shot(phone, "timeline-of-all")
