"""Photos kept together: two people count their own part of a collection and of a locked folder, and a bulk change is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.helpers import DESK, PASSWORD, add_account, api, at_every_width, serious, shot, sign_in
from tests.e2e.running import Running
from tests.e2e.test_library import send, taken

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

V1 = "/api/v1"
DIRK, DIRKS = "dirk@lindewaard.example", "een lange zin over schepen"


@dataclass
class Two:
    """Eva is admin; Dirk edits in `given`, which has a locked folder in it, and knows nothing of `kept`."""

    eva: Page
    dirk: Page
    given: str
    locked: str
    collection: str


@pytest.fixture(scope="module")
def two(house: Running, admin: Path, chromium: Browser) -> Iterator[Two]:
    add_account(house, DIRK, "Dirk", "contributor", DIRKS)
    eva = chromium.new_context(viewport=DESK, locale="nl-NL", storage_state=admin).new_page()  # type: ignore[arg-type]
    eva.goto(f"{house.origin}/library/")
    first = min(api(eva, "GET", f"{V1}/folders")["items"], key=lambda row: row["id"])["id"]
    usual = [one for one in api(eva, "GET", f"{V1}/folders/{first}/grants")["items"] if one["principal"] == "contributor"]
    for one in usual:  # other files of this process leave photos in the first folder; here Dirk's are counted
        api(eva, "DELETE", f"{V1}/folders/{first}/grants/{one['id']}")
    given, kept = (api(eva, "POST", f"{V1}/folders", {"name": name})["id"] for name in ("Zomerfeest", "Bestuur"))
    locked = api(eva, "POST", f"{V1}/folders", {"name": "Besloten", "parent_id": given})["id"]
    user = next(one["id"] for one in api(eva, "GET", f"{V1}/users")["items"] if one["email"] == DIRK)
    api(eva, "POST", f"{V1}/folders/{given}/grants", {"principal_kind": "user", "principal": user, "permission": "edit"})
    ids = [send(eva, folder, taken(2025, 7, shade)) for folder, shade in ((given, 5), (given, 15), (kept, 25), (locked, 35))]
    api(eva, "POST", f"{V1}/me/confirmation", {"proof": PASSWORD})
    api(eva, "PATCH", f"{V1}/folders/{locked}", {"locked": True})
    made = api(eva, "POST", f"{V1}/collections", {"name": "Jaarverslag", "kind": "team"})["id"]
    api(eva, "POST", f"{V1}/collections/{made}/assets", {"asset_ids": ids})
    dirk = chromium.new_context(viewport=DESK, locale="nl-NL").new_page()  # type: ignore[arg-type]
    sign_in(dirk, house.origin, DIRK, DIRKS)
    yield Two(eva, dirk, given, locked, made)
    for one in usual:
        api(eva, "POST", f"{V1}/folders/{first}/grants", {key: one[key] for key in ("principal_kind", "principal", "permission")})
    eva.context.close()
    dirk.context.close()


def test_each_counts_their_own_part_of_a_collection_and_the_tree(house: Running, two: Two) -> None:
    for page, count in ((two.eva, "4 foto’s"), (two.dirk, "2 foto’s")):
        page.goto(f"{house.origin}/collections/")
        expect(page.locator(".og-card", has_text="Jaarverslag")).to_contain_text(count)
        assert serious(page) == []
        page.locator(".og-card", has_text="Jaarverslag").click()
        expect(page.locator(".head .count")).to_have_text(count)
        expect(page.locator(".tile")).to_have_count(int(count[0]))
    trees = [{row["name"]: row["photos"] for row in api(page, "GET", f"{V1}/folders")["items"]} for page in (two.eva, two.dirk)]
    assert (trees[0]["Zomerfeest"], trees[0]["Bestuur"], trees[0]["Besloten"]) == (2, 1, 1)
    assert (trees[1]["Zomerfeest"], "Bestuur" in trees[1], "Besloten" in trees[1]) == (2, False, False)
    shot(two.eva, "collection")


def test_a_locked_folder_opens_with_the_password_and_closes_again_while_the_page_is_open(house: Running, two: Two) -> None:
    page = two.dirk
    page.goto(f"{house.origin}/library/")
    before = page.locator(".head .count")
    expect(before).to_have_text("2 foto’s")
    page.get_by_role("button", name="1 vergrendelde map").click()
    page.locator("dialog[open] input[name=proof]").fill("verkeerd wachtwoord")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open] [role=alert]")).to_be_visible()
    page.locator("dialog[open] input[name=proof]").fill(DIRKS)
    shot(page, "locked-dialog")
    page.keyboard.press("Enter")
    expect(before).to_have_text("3 foto’s")
    expect(page.locator(".tile")).to_have_count(3)
    page.get_by_role("button", name="Open tot").click()
    expect(before).to_have_text("2 foto’s")
    expect(page.locator(".tile")).to_have_count(2)


def test_a_bulk_change_says_what_it_touches_and_is_taken_back_with_the_keyboard(house: Running, two: Two) -> None:
    page = two.dirk
    page.goto(f"{house.origin}/library/")
    page.wait_for_selector(".tile")
    page.locator(".tile a.open").first.focus()
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Bewerken").press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("2 foto’s bewerken")
    assert serious(page) == []
    shot(page, "bulk-edit")
    dialog.locator("#event").fill("Zomerfeest 2025")
    dialog.locator("#add_tags").fill("zon, water")
    dialog.locator("#event").press("Enter")
    expect(page.get_by_text("2 foto’s gewijzigd")).to_be_visible()
    changed = api(page, "GET", f"{V1}/assets?tag=ZON&event=Zomerfeest%202025")["items"]
    assert len(changed) == 2
    page.get_by_role("button", name="Ongedaan maken").press("Enter")
    expect(page.get_by_text("2 foto’s zijn weer als daarvoor")).to_be_visible()
    assert api(page, "GET", f"{V1}/assets?tag=zon")["items"] == []


def test_hearts_stars_and_the_order_of_a_collection_by_key(house: Running, two: Two) -> None:
    page = two.dirk
    page.goto(f"{house.origin}/library/")
    tile = page.locator(".tile a.open").first
    tile.focus()
    # Shown at once, before the server has answered: what it kept is asked after its answer.
    with page.expect_response(lambda answer: answer.url.endswith("/favourite")):
        page.keyboard.press("f")
    expect(page.locator(".tile .heart[aria-pressed=true]")).to_have_count(1)
    with page.expect_response(lambda answer: answer.url.endswith("/rating")):
        page.keyboard.press("4")
    expect(page.locator(".tile .stars")).to_have_text("4")
    (loved,) = api(page, "GET", f"{V1}/assets?favourite=true")["items"]
    assert (loved["marks"]["favourite"], loved["marks"]["stars"]) == (True, 4)
    page.keyboard.press("Control+a")
    page.keyboard.press("f")
    expect(page.get_by_text("1 foto favoriet gemaakt")).to_be_visible()  # the other had its heart
    expect(page.locator(".tile .heart[aria-pressed=true]")).to_have_count(2)
    page.get_by_role("button", name="Meer", exact=True).click()
    page.get_by_role("menuitem", name="Laatste wijzigingen").click()
    page.locator(".og-changes li", has_text="favoriet").get_by_role("button").click()
    expect(page.locator(".tile .heart[aria-pressed=true]")).to_have_count(1)
    # Given and taken back elsewhere, here over REST: the open grid shows it.
    (still,) = api(page, "GET", f"{V1}/assets?favourite=true")["items"]
    api(page, "DELETE", f"{V1}/assets/{still['id']}/favourite")
    expect(page.locator(".tile .heart[aria-pressed=true]")).to_have_count(0)
    api(page, "PUT", f"{V1}/assets/{still['id']}/favourite")
    expect(page.locator(".tile .heart[aria-pressed=true]")).to_have_count(1)
    page = two.eva
    page.goto(f"{house.origin}/collection/?id={two.collection}")
    page.wait_for_selector(".tile")
    before = [one["id"] for one in api(page, "GET", f"{V1}/collections/{two.collection}/assets")["items"]]
    page.locator(f'[data-tile="{before[0]}"]').focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(".photos > [role=status]")).to_have_text(f"Naar plaats 2 van {len(before)}")
    after = [one["id"] for one in api(page, "GET", f"{V1}/collections/{two.collection}/assets")["items"]]
    assert after[:2] == before[1::-1]
    expect(page.locator(f'[data-tile="{before[0]}"]')).to_be_focused()
    # With the mouse: what is selected goes where it is dropped, here before the first.
    page.locator(f'[data-tile="{after[-1]}"]').press("Space")
    selected, first = page.locator(".tile.sel").bounding_box(), page.locator(".tile").first.bounding_box()
    assert selected
    assert first
    page.mouse.move(selected["x"] + selected["width"] / 2, selected["y"] + 40)
    page.mouse.down()
    page.mouse.move(first["x"] + 30, first["y"] + 40, steps=5)
    expect(page.locator('.tile[data-drop="before"]')).to_have_count(1)
    page.mouse.up()
    expect(page.locator(".photos > [role=status]")).to_have_text(f"Naar plaats 1 van {len(after)}")
    order = [one["id"] for one in api(page, "GET", f"{V1}/collections/{two.collection}/assets")["items"]]
    assert order == [after[-1], *after[:-1]]
    # Somebody else takes one out and puts it back at the end: the open page shows both, and the order.
    shown = "(wanted) => wanted === [...document.querySelectorAll('.tile')].map((tile) => tile.dataset.id).join()"
    api(page, "POST", f"{V1}/collections/{two.collection}/assets/remove", {"asset_ids": order[:1]})
    expect(page.locator(".tile")).to_have_count(len(order) - 1)
    api(page, "POST", f"{V1}/collections/{two.collection}/assets", {"asset_ids": order[:1]})
    expect(page.locator(".tile")).to_have_count(len(order))
    page.wait_for_function(shown, arg=",".join([*order[1:], order[0]]))


def test_the_trash_names_its_numbers_and_gives_back(house: Running, two: Two) -> None:
    page = two.dirk
    page.goto(f"{house.origin}/library/")
    page.wait_for_selector(".tile")
    page.locator(".tile a.open").first.focus()
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Prullenbak").click()
    expect(page.get_by_text("2 foto’s in de prullenbak")).to_be_visible()
    two.eva.goto(f"{house.origin}/trash/")
    expect(two.eva.locator(".head .count")).to_have_text("2 foto’s")
    two.eva.get_by_role("button", name="Prullenbak legen").click()
    expect(two.eva.locator("dialog[open]")).to_contain_text("2 foto’s worden voorgoed verwijderd")
    shot(two.eva, "trash-empty")
    two.eva.keyboard.press("Escape")
    page.locator(".toast", has_text="in de prullenbak").get_by_role("button", name="Ongedaan maken").click()
    expect(two.eva.locator(".head .count")).to_have_text("0 foto’s")


def test_who_manages_a_folder_sees_what_somebody_else_would(house: Running, two: Two) -> None:
    page = two.eva
    page.goto(f"{house.origin}/admin/folders/")
    page.get_by_role("button", name="Zomerfeest").click()
    page.locator("#seen_by").select_option(label="Dirk")
    page.get_by_role("button", name="Bekijken", exact=True).click()
    expect(page.locator(".og-seen [role=status]")).to_contain_text("Zomerfeest")
    expect(page.locator(".og-sample img")).to_have_count(2)
    assert serious(page) == []
    shot(page, "folder-preview")


def test_every_page_at_every_width_light_and_dark(house: Running, two: Two, open_page: OpenPage) -> None:
    page = open_page()
    for path in ("collections/", f"collection/?id={two.collection}", "favourites/", "archive/", "trash/"):
        at_every_width(page, f"{house.origin}/{path}", ".tile, .state, .og-card", path.split("/")[0])
