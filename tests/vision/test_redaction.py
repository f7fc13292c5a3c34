"""Who was made unrecognisable is not recognised: no engine finds the face, or knows the person in what stands where it was."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from photobank.imaging import redact
from photobank.imaging.crop import Box
from photobank.vision.engine import Detected, FaceEngine, Pixels
from tests.imaging.conftest import picture

PEOPLE = 6


def hidden(photo: Pixels, face: Detected) -> Pixels:
    return np.ascontiguousarray(redact.hide(picture(photo), [Box(*face.box)]).numpy())


def overlaps(one: Detected, other: Detected) -> bool:
    return (
        abs(one.x + one.w / 2 - other.x - other.w / 2) < other.w / 2
        and abs(one.y + one.h / 2 - other.y - other.h / 2) < other.h / 2
    )


def test_the_astronaut_is_neither_found_nor_known(engine: FaceEngine, astronaut: Pixels) -> None:
    (face,) = engine.detect(astronaut)
    shown = hidden(astronaut, face)
    assert not [one for one in engine.detect(shown) if overlaps(one, face)]
    # Somebody who knows exactly where eyes, nose and mouth were learns no more.
    score = engine.embed(shown, [face]) @ engine.embed(astronaut, [face]).T
    assert score.item() < engine.prior.even


def test_nobody_of_the_labelled_photos_is_known_again(
    engine: FaceEngine, labelled: dict[str, list[str]], photo: Callable[[str], Pixels]
) -> None:
    names = sorted(name for name, files in labelled.items() if len(files) >= 5)[10 : 10 + PEOPLE]
    known, asked, before = [], [], []
    for name in names:
        pictures = [photo(file) for file in labelled[name][:2]]
        faces = [engine.detect(one)[0] for one in pictures]
        known.append(engine.embed(pictures[0], faces[:1])[0])
        before.append(engine.embed(pictures[1], faces[1:])[0])
        shown = hidden(pictures[1], faces[1])
        found = [one for one in engine.detect(shown) if overlaps(one, faces[1])]
        asked.append(engine.embed(shown, [faces[1], *found]))
    scores = np.array(before) @ np.array(known).T
    assert np.diag(scores).mean() > engine.prior.even  # with their faces they are known
    for at, vectors in enumerate(asked):
        assert (vectors @ known[at]).max() < engine.prior.even, names[at]
    nearest = [int((np.array(known) @ vectors[0]).argmax()) for vectors in asked]
    assert sum(one == at for at, one in enumerate(nearest)) <= PEOPLE / 2  # by chance it is one of six
