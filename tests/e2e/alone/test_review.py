"""Reviewers at work: by keyboard alone, two at once, only in their folders, offline for a while; and the rule that says who is recognised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import DESK, add_account, api, astronaut, at_every_width, nobody, send, serious, shot, sign_in, until
from tests.e2e.running import Running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

V1 = "/api/v1"
RIK, SAM = "rik@lindewaard.example", "sam@lindewaard.example"
PASSWORD = "een lange zin over bruggen"
NAME = "Astrid Zonneveld"
REASON = "Vastgesteld door de functionaris gegevensbescherming op 2 november 2026."


@dataclass
class Desk:
    """Rik and Sam review in one folder, with six faces in two groups and a wall; two faces more lie in a folder that is not theirs."""

    eva: Page
    rik: Page
    sam: Page
    folder: str


def progress(page: Page) -> dict[str, int]:
    found: dict[str, int] = api(page, "GET", f"{V1}/review/progress")
    return found


def confirmed(page: Page, name: str) -> int:
    people = api(page, "GET", f"{V1}/people?search={name.split()[0]}")["items"]
    return sum(one["photos"] for one in people if one["name"] == name)


def opened(page: Page, house: Running) -> None:
    page.goto(f"{house.origin}/review/")
    page.wait_for_selector(".rv-cand")


@pytest.fixture(scope="module")
def desk(house: Running, admin: Path, chromium: Browser) -> Iterator[Desk]:
    eva = chromium.new_context(viewport=DESK, locale="nl-NL", storage_state=admin).new_page()  # type: ignore[arg-type]
    eva.goto(f"{house.origin}/library/")
    given, kept = (api(eva, "POST", f"{V1}/folders", {"name": name})["id"] for name in ("Te beoordelen", "Niet van hen"))
    pages = []
    for email, name in ((RIK, "Rik Bos"), (SAM, "Sam Tol")):
        add_account(house, email, name, "reviewer", PASSWORD)
        user = next(one["id"] for one in api(eva, "GET", f"{V1}/users")["items"] if one["email"] == email)
        api(eva, "POST", f"{V1}/folders/{given}/grants", {"principal_kind": "user", "principal": user, "permission": "edit"})
        page = chromium.new_context(viewport=DESK, locale="nl-NL").new_page()  # type: ignore[arg-type]
        sign_in(page, house.origin, email, PASSWORD)
        pages.append(page)
    for number in range(6):
        send(eva, given, f"ruimte-{number}.jpg", astronaut(0.7 + number / 20))
    for number in range(2):
        send(eva, kept, f"elders-{number}.jpg", astronaut(0.72 + number / 20))
    send(eva, given, "muur.jpg", nobody(1))
    rik, sam = pages
    until(lambda: (found := progress(rik))["faces"] == 6 and found["clusters"] >= 1 and found["empty"] == 1)
    items = until(lambda: [one for one in api(rik, "GET", f"{V1}/clusters")["items"] if len(one["face_ids"]) == 6])
    api(rik, "POST", f"{V1}/clusters/{items[0]['id']}/split", {"face_ids": items[0]["face_ids"][:2]})
    yield Desk(eva, rik, sam, given)
    api(eva, "PUT", f"{V1}/biometrics/rule", {"basis": "opt_in"})
    for page in (eva, rik, sam):
        page.context.close()


def test_a_reviewer_sees_the_faces_of_their_folders_only(house: Running, desk: Desk) -> None:
    opened(desk.rik, house)
    expect(desk.rik.locator(".rail .badge.live")).to_have_text("6")
    expect(desk.rik.locator(".rv-queue .rv-pace b")).to_have_text("Nog 6")
    expect(desk.rik.locator(".rv-unnamed")).to_contain_text("Namen worden niet voorgesteld")
    assert desk.rik.locator(".rv-unnamed a").count() == 0, "a reviewer may not change the rule"
    assert serious(desk.rik) == []
    shot(desk.rik, "review-unknown")


def test_two_reviewers_never_look_at_one_group(house: Running, desk: Desk) -> None:
    opened(desk.rik, house)
    expect(desk.rik.locator(".rv-cand")).to_have_count(4)
    until(lambda: any(one["claimed_by"] for one in api(desk.sam, "GET", f"{V1}/clusters")["items"]))
    opened(desk.sam, house)
    expect(desk.sam.locator(".rv-cand")).to_have_count(2)
    expect(desk.sam.locator(".rv-q.held")).to_contain_text("Rik Bos is hiermee bezig")
    expect(desk.rik.locator(".rv-q.held")).to_contain_text("Sam Tol is hiermee bezig")
    shot(desk.sam, "review-held")
    desk.sam.goto(f"{house.origin}/library/")
    expect(desk.rik.locator(".rv-q.held")).to_have_count(0)


def test_by_keyboard_a_group_is_named_taken_back_and_named_without_the_odd_one(house: Running, desk: Desk) -> None:
    page = desk.rik
    opened(page, house)
    expect(page.locator(".rv-cand")).to_have_count(4)
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open] input")).to_be_focused()
    page.keyboard.type(NAME)
    expect(page.locator("dialog[open] [role=option][aria-selected=true]")).to_contain_text(f"Nieuw: {NAME}")
    assert serious(page) == []
    shot(page, "review-name")
    page.keyboard.press("Enter")
    expect(page.locator(".rv-cand")).to_have_count(2)
    expect(page.get_by_text(f"4 gezichten bevestigd als {NAME}")).to_be_visible()
    until(lambda: confirmed(page, NAME) == 4)
    page.keyboard.press("u")
    expect(page.get_by_text("Teruggenomen: 4 gezichten")).to_be_visible()
    expect(page.locator(".rv-cand")).to_have_count(4)
    assert progress(page)["faces"] == 6
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect(page.locator(".rv-cand.off")).to_have_count(1)
    page.keyboard.press("n")
    page.keyboard.type(NAME)
    expect(page.locator("dialog[open] [role=option][aria-selected=true]")).to_contain_text(NAME)
    expect(page.locator("dialog[open] [role=listbox]")).not_to_have_attribute("aria-busy", "true")
    page.keyboard.press("Enter")
    until(lambda: confirmed(page, NAME) == 3)
    expect(page.locator(".rv-queue .rv-pace b")).to_have_text("Nog 3")


def test_faces_are_split_off_and_come_back(house: Running, desk: Desk) -> None:
    page = desk.rik
    opened(page, house)
    page.locator(".rv-q", has_text="2 gezichten").click()
    expect(page.locator(".rv-cand")).to_have_count(2)
    groups = progress(page)["clusters"]
    page.keyboard.press("a")
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect(page.locator(".rv-cand:not(.off)")).to_have_count(1)
    page.keyboard.press("s")
    expect(page.locator(".rv-cand")).to_have_count(1)
    until(lambda: progress(page)["clusters"] == groups + 1)
    page.keyboard.press("u")
    expect(page.locator(".rv-cand")).to_have_count(2)
    until(lambda: progress(page)["clusters"] == groups)


def test_a_face_moves_to_another_group_and_back(house: Running, desk: Desk) -> None:
    page = desk.rik
    opened(page, house)
    page.locator(".rv-q", has_text="2 gezichten").click()
    expect(page.locator(".rv-cand")).to_have_count(2)
    page.keyboard.press("v")
    expect(page.get_by_text("Kies eerst een deel van de gezichten")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect(page.locator(".rv-cand.off")).to_have_count(1)
    page.keyboard.press("v")
    expect(page.locator("dialog[open]")).to_contain_text("1 gekozen gezicht gaat naar die groep")
    assert serious(page) == []
    shot(page, "review-move")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 gezicht verplaatst")).to_be_visible()
    until(lambda: [len(one["face_ids"]) for one in api(page, "GET", f"{V1}/clusters")["items"]] == [2, 1])
    expect(page.locator(".rv-cand")).to_have_count(1)
    page.keyboard.press("u")
    expect(page.locator(".rv-cand")).to_have_count(2)


def test_the_rule_is_kept_with_its_reason_and_names_are_suggested_from_then_on(house: Running, desk: Desk) -> None:
    page = desk.eva
    page.goto(f"{house.origin}/admin/biometrics/")
    page.get_by_role("button", name="Regel wijzigen").click()
    expect(page.locator("input[name=basis][value=opt_in]")).to_be_checked()
    page.check("input[name=basis][value=documented]")
    page.fill("#reason", "te kort")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.locator("dialog[open] .error")).to_be_visible()
    assert serious(page) == []
    shot(page, "biometrics-dialog")
    page.fill("#reason", REASON)
    page.get_by_role("button", name="Opslaan").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_text(REASON)).to_be_visible()
    assert serious(page) == []
    opened(desk.rik, house)
    expect(desk.rik.locator(".rv-q", has_text=NAME).first).to_be_visible(timeout=120_000)
    expect(desk.rik.locator(".rv-unnamed")).to_have_count(0)
    expect(page.get_by_role("table", name="Wat er bewaard wordt")).to_contain_text("Vastgelegde grond")
    shot(page, "biometrics")


def test_a_no_sticks_and_nothing_is_lost_while_the_connection_is_away(house: Running, desk: Desk) -> None:
    page = desk.rik
    page.goto(f"{house.origin}/review/")
    page.wait_for_selector(".rv-cand")
    page.locator(".rv-q", has_text=NAME).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Is dit {NAME}?")
    expect(page.locator(".rv-reflist figure")).to_have_count(3)
    shot(page, "review-suggested")
    if page.locator(".rv-cand.off").count():
        page.keyboard.press("a")
    count = page.locator(".rv-cand").count()
    page.context.set_offline(True)
    page.keyboard.press("r")
    expect(page.locator(".rv-queue .rv-pace span")).to_contain_text("Geen verbinding")
    assert progress(desk.sam)["faces"] == 3
    page.context.set_offline(False)
    actions = until(lambda: [one for one in api(page, "GET", f"{V1}/review/actions")["items"] if one["kind"] == "reject"])
    assert actions[0]["faces"] == count
    assert confirmed(page, NAME) == 3


def test_what_was_done_is_taken_back_later_after_a_look_at_what_changes(house: Running, desk: Desk) -> None:
    page = desk.rik
    page.goto(f"{house.origin}/review/")
    page.wait_for_selector(".rv-cand, .rv-done")
    page.keyboard.press("h")
    expect(page.locator("dialog[open] .rv-history .btn").first).to_be_focused()
    page.locator("dialog[open] li", has_text=f"3 gezichten bevestigd als {NAME}").get_by_role("button").press("Enter")
    expect(page.locator("dialog[open]")).to_contain_text("3 gezichten worden weer zoals daarvoor")
    expect(page.get_by_role("button", name="Terugnemen", exact=True)).to_be_focused()
    assert serious(page) == []
    shot(page, "review-history")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Teruggenomen: 3 gezichten")).to_be_visible()
    until(lambda: progress(page)["faces"] == 6)


def test_photos_without_faces_are_said_to_be_so_in_bulk(house: Running, desk: Desk) -> None:
    page = desk.rik
    page.goto(f"{house.origin}/review/")
    page.get_by_role("button", name="Foto’s zonder gezichten").click()
    expect(page.locator(".rv-cand")).to_have_count(1)
    expect(page.locator(".rv-acts .btn-primary")).to_be_disabled()
    page.keyboard.press("a")
    assert serious(page) == []
    shot(page, "review-empty")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 foto zonder herkenbare mensen")).to_be_visible()
    assert progress(page)["empty"] == 0
    page.keyboard.press("u")
    expect(page.get_by_text("Teruggenomen: 1 foto")).to_be_visible()
    expect(page.locator("[data-pick]")).to_be_focused()
    assert progress(page)["empty"] == 1
    page.keyboard.press("PageUp")
    expect(page.locator(".rv-cand[data-face]").first).to_be_visible()
    page.keyboard.press("PageDown")
    expect(page.locator("[data-pick]")).to_be_focused()
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    until(lambda: progress(page)["empty"] == 0)


def test_faces_like_nobody_else_are_settled_together(house: Running, desk: Desk) -> None:
    page = desk.rik
    page.goto(f"{house.origin}/library/")
    largest = max(api(page, "GET", f"{V1}/clusters")["items"], key=lambda one: len(one["face_ids"]))
    for face in largest["face_ids"][:2]:
        api(page, "POST", f"{V1}/clusters/{largest['id']}/split", {"face_ids": [face]})
    alone = len(api(page, "GET", f"{V1}/clusters?single=true&unknown=true")["items"])
    before = progress(page)["faces"]
    opened(page, house)
    page.locator(".rv-q", has_text="Losse gezichten").click()
    expect(page.locator("[data-pick]")).to_have_count(alone)
    expect(page.locator("[data-pick]").first).to_be_focused()
    page.keyboard.press(" ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect(page.locator(".rv-acts .btn-primary")).to_contain_text("2 gezichten: niet herkenbaar")
    assert serious(page) == []
    shot(page, "review-singles")
    page.keyboard.press("i")
    expect(page.get_by_text("2 gezichten tellen niet mee")).to_be_visible()
    until(lambda: progress(page)["faces"] == before - 2)
    page.keyboard.press("u")
    expect(page.get_by_text("Teruggenomen: 2 gezichten")).to_be_visible()
    assert progress(page)["faces"] == before


def test_every_width_light_and_dark(house: Running, desk: Desk, open_page: OpenPage) -> None:
    page = open_page()
    at_every_width(page, f"{house.origin}/review/", ".rv-cand, .rv-done", "review")
    at_every_width(page, f"{house.origin}/admin/biometrics/", ".card .kv", "biometrics")
