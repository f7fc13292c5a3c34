import pytest

from photobank.i18n.rooms import HOUSE, TOGETHER, room_of, rooms
from photobank.i18n.translate import LANGUAGES, Language, catalogue


@pytest.mark.parametrize(
    ("key", "room"),
    [
        ("act.cancel", HOUSE),
        ("account.title", HOUSE),  # named whole in the table, unlike the rest of its kind
        ("account.keys_text", "account"),
        ("person.title", "people"),
        ("audit.do.", "audit"),  # a prefix of keys known at run time
        ("shares.title", "shares"),  # a new kind needs no entry
    ],
)
def test_the_longest_start_in_the_table_decides(key: str, room: str) -> None:
    assert room_of(key) == room


@pytest.mark.parametrize("language", LANGUAGES)
def test_rooms_together_are_the_catalogue(language: Language) -> None:
    words = catalogue(language)
    assert {key: text for room in rooms(words).values() for key, text in room.items()} == words


def test_the_table_names_what_exists() -> None:
    keys = catalogue("nl")
    assert [
        start for start in TOGETHER if not any(key == start or key.startswith((f"{start}.", f"{start}_")) for key in keys)
    ] == []
