"""Nobody makes a permit but those who decide."""

import copy
import dataclasses
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from photobank.crypto.permits import MAX_AGE, Permit, Purpose, check, issue
from photobank.kernel.errors import Refused
from photobank.kernel.ids import AssetId, new_id

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ASSET = AssetId(new_id())


def test_a_permit_cannot_be_made_by_hand() -> None:
    permit = issue(ASSET, Purpose.SHOW, "user:1", NOW)
    with pytest.raises(TypeError):
        Permit(ASSET, Purpose.SHOW, "user:1", NOW)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Permit(ASSET, Purpose.SHOW, "user:1", NOW, object())
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(permit, purpose=Purpose.DOWNLOAD)
    for away in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            away(permit)
    with pytest.raises(TypeError):
        type("Wide", (Permit,), {})
    with pytest.raises(dataclasses.FrozenInstanceError):
        permit.purpose = Purpose.DOWNLOAD  # type: ignore[misc]


def test_a_permit_is_for_one_asset_one_purpose_and_now() -> None:
    permit = issue(ASSET, Purpose.SHOW, "user:1", NOW)
    check(permit, ASSET, NOW)
    check(permit, ASSET, NOW + MAX_AGE, Purpose.DOWNLOAD, Purpose.SHOW)
    for asset, now, purposes in [
        (AssetId(new_id()), NOW, ()),
        (ASSET, NOW, (Purpose.DOWNLOAD,)),
        (ASSET, NOW + MAX_AGE + timedelta(seconds=1), ()),
        (ASSET, NOW - MAX_AGE - timedelta(seconds=1), ()),
    ]:
        with pytest.raises(Refused):
            check(permit, asset, now, *purposes)


def test_an_unknown_purpose_is_refused() -> None:
    with pytest.raises(ValueError):
        issue(ASSET, "peek", "user:1", NOW)  # type: ignore[arg-type]
