"""What the person page shows of consents and photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from photobank.clearance.index import Shield
from photobank.consents import paper
from photobank.consents.paper import PaperRow
from photobank.consents.records import ConsentRow
from photobank.consents.status import ConsentStatus
from photobank.consents.uses import UseRow
from photobank.consents.withdrawal import ENDS_AT_A_NO
from photobank.models.assets import Asset
from state.people_rows import moment
from state.timeline_rows import number

SHIELD_OF: Mapping[ConsentStatus, str] = {
    ConsentStatus.draft: "missing",
    ConsentStatus.signed: "approved",
    ConsentStatus.expiring: "expiring",
    ConsentStatus.expired: "expired",
    ConsentStatus.withdrawn: "revoked",
    ConsentStatus.superseded: "no_people",
    ConsentStatus.declined: "revoked",
}


@dataclass
class UseChip:
    """A use on a record; `ended` when it was taken back."""

    id: str
    nl: str
    en: str
    ended: bool


@dataclass
class ConsentView:
    """A record in the list."""

    id: str
    number: str
    regime: str
    status: str
    shield: str
    uses: list[UseChip]
    signed_at: str
    valid_from: str
    valid_until: str
    withdrawn_at: str
    extent: str
    targets: int
    territories: list[str]
    guardians: int
    reason: str
    may_withdraw: bool
    may_scan: bool
    """A scan of the paper may be added."""
    scans: list[tuple[str, str]]
    """Address and moment of each scan."""
    proof: str
    """Address of the sealed proof; empty where there is none."""


@dataclass
class PhotoTile:
    """A photo of the person; `shown` when its picture will be given."""

    id: str
    title: str
    ratio: float
    shown: bool
    state: str


def consent_view(
    row: ConsentRow,
    uses: Sequence[UseRow],
    papers: Sequence[PaperRow] = (),
    *,
    may_withdraw: bool,
    may_record: bool = False,
    proven: bool = False,
) -> ConsentView:
    """A record as the page shows it."""
    names = {use.id: use for use in uses}
    chips = [
        UseChip(
            granted.use,
            names[granted.use].label_nl if granted.use in names else granted.use,
            names[granted.use].label_en if granted.use in names else granted.use,
            granted.withdrawn_at is not None or row.withdrawn_at is not None,
        )
        for granted in row.uses
    ]
    return ConsentView(
        id=str(row.id),
        number=number(row),
        regime=str(row.regime),
        status=str(row.status),
        shield=SHIELD_OF[row.status],
        uses=chips,
        signed_at=moment(row.signed_at),
        valid_from=moment(row.valid_from),
        valid_until=moment(row.valid_until),
        withdrawn_at=moment(row.withdrawn_at),
        extent=str(row.extent),
        targets=len(row.extent_ids),
        territories=list(row.territories),
        guardians=row.guardians_signed,
        reason=row.reason,
        may_withdraw=may_withdraw and row.status.in_force and row.regime in ENDS_AT_A_NO,
        may_scan=may_record and paper.belongs(row.way_in, row.regime),
        scans=[(f"/api/v1/consents/{row.id}/papers/{one.id}", moment(one.added_at)) for one in papers],
        proof=f"/api/v1/consents/{row.id}/evidence" if proven else "",
    )


def photo_tile(asset: Asset, shields: Mapping[str, Shield], shown: set[UUID]) -> PhotoTile:
    """A photo with the gravest of its shields for inside use."""
    ratio = asset.width / asset.height if asset.width and asset.height else 1.0
    inside = shields.get("internal")
    return PhotoTile(
        str(asset.id),
        asset.title or asset.filename,
        round(ratio, 3),
        asset.id in shown,
        inside.state.value if inside else "blocked",
    )
