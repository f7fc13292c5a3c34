"""Every event has a sentence: nobody who reads the log meets the name of a tag."""

import pytest

from photobank.audit.tags import Tag
from photobank.consents.records import Extent
from photobank.i18n.translate import LANGUAGES, catalogue
from photobank.models.consents import Regime


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tag", Tag)
def test_every_tag_is_told_as_done_and_as_tried(tag: Tag, language: str) -> None:
    words = catalogue(language)
    assert words[f"audit.did.{tag}"]
    assert words[f"audit.do.{tag}"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_signed_and_for_what_is_told_in_words(language: str) -> None:
    words = catalogue(language)
    assert all(words[f"consent_form.regime_{regime}"] for regime in Regime)
    assert all(words[f"consent.scope_{extent}"] for extent in Extent)
