import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from photobank.audit.tags import Tag
from photobank.clearance.verdicts import NextStep, ReasonCode
from photobank.i18n import format as written
from photobank.i18n.translate import LANGUAGES, catalogue, choose_language, has_key, translate
from photobank.imaging.rejections import Rejection
from photobank.kernel import errors

SLOT = re.compile(r"\{(\w+)\}")


def test_both_catalogues_have_the_same_keys() -> None:
    dutch, english = (catalogue(language) for language in LANGUAGES)
    assert dutch.keys() == english.keys()


def test_both_languages_fill_the_same_slots() -> None:
    dutch, english = (catalogue(language) for language in LANGUAGES)
    assert [key for key in dutch if set(SLOT.findall(dutch[key])) != set(SLOT.findall(english[key]))] == []


def test_a_sentence_that_counts_has_both_forms() -> None:
    for language in LANGUAGES:
        keys = catalogue(language).keys()
        stems = {key.rsplit(".", 1)[0] for key in keys if key.endswith((".one", ".other"))}
        assert [stem for stem in stems if f"{stem}.one" not in keys or f"{stem}.other" not in keys] == []


def test_no_sentence_is_empty_or_has_a_typewriter_apostrophe() -> None:
    for language in LANGUAGES:
        assert [key for key, words in catalogue(language).items() if not words.strip() or "'" in words] == []


def _leaves(kind: type[errors.PhotobankError]) -> list[type[errors.PhotobankError]]:
    return [kind, *[leaf for child in kind.__subclasses__() for leaf in _leaves(child)]]


@pytest.mark.parametrize("kind", _leaves(errors.PhotobankError))
def test_every_error_has_its_sentence(kind: type[errors.PhotobankError]) -> None:
    assert has_key(f"errors.{kind.code}")


@pytest.mark.parametrize("reason", Rejection)
def test_every_reason_for_rejection_has_its_sentence(reason: Rejection) -> None:
    assert has_key(f"rejections.{reason}")


def test_numbers_and_plurals_are_written_the_local_way() -> None:
    assert translate("count.photos", "nl", count=1) == "1 foto"
    assert translate("count.photos", "nl", count=3418) == "3.418 foto’s"
    assert translate("count.photos", "en", count=3418) == "3,418 photos"


def test_a_missing_parameter_stays_visible_and_a_missing_key_raises() -> None:
    assert translate("clearance.until", "en") == "To {date}"
    with pytest.raises(KeyError):
        translate("no.such.key", "nl")


@pytest.mark.parametrize(
    ("header", "language"),
    [(None, "nl"), ("en-GB,en;q=0.9", "en"), ("fr,en;q=0.3,nl;q=0.8", "nl"), ("de", "nl"), ("en;q=broken", "nl")],
)
def test_the_browser_chooses_the_language(header: str | None, language: str) -> None:
    assert choose_language(header) == language


def test_dates_and_sizes() -> None:
    assert written.day(date(2026, 12, 14), "nl") == "14 december 2026"
    assert written.day_short(date(2026, 12, 14), "en") == "14 Dec 2026"
    assert written.moment(datetime(2026, 11, 3, 13, 6, tzinfo=UTC), "en") == "3 November 2026 14:06"
    assert written.size(999, "nl") == "999 B"
    assert written.size(1_536_000, "nl") == "1,5 MB"
    assert written.size(999_950, "en") == "1 MB"


SOURCES = sorted(
    path for folder in ("photobank", "state", "workers") for path in (Path(__file__).parents[2] / folder).rglob("*.py")
)


def test_every_message_key_in_the_code_has_its_sentence() -> None:
    said = {(path.name, key) for path in SOURCES for key in re.findall(r'"(errors\.[a-z_]+)"', path.read_text(encoding="utf-8"))}
    assert {(name, key) for name, key in said if not has_key(key)} == set()


@pytest.mark.parametrize("tag", Tag)
def test_every_audit_event_has_its_sentence(tag: Tag) -> None:
    assert has_key(f"audit.tag.{tag.value}")


@pytest.mark.parametrize("code", ReasonCode)
def test_every_reason_of_the_consent_engine_has_its_sentence(code: ReasonCode) -> None:
    assert has_key(f"reason.{code.value}")


@pytest.mark.parametrize("step", NextStep)
def test_every_next_step_has_its_words(step: NextStep) -> None:
    assert has_key(f"step.{step.value}")
