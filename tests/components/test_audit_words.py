"""Every event has a sentence: nobody who reads the log meets the name of a tag."""

import pytest

from photobank.audit.tags import Tag
from photobank.i18n.translate import LANGUAGES, catalogue


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tag", Tag)
def test_every_tag_is_told_as_done_and_as_tried(tag: Tag, language: str) -> None:
    words = catalogue(language)
    assert words[f"audit.did.{tag}"]
    assert words[f"audit.do.{tag}"]
