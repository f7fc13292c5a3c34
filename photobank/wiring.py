"""One table: event → who reacts. Jobs make indexes catch up; pushes wake open pages. Both may happen twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from photobank.messaging import events as e
from photobank.messaging.jobs import Job, name_of
from photobank.messaging.push import publish
from photobank.scope import Container

MANY_AT_ONCE = frozenset({Job.refresh_verdicts})
FEW, GROUP = 20, 250

Ids = Callable[[Any], Iterable[UUID]]


@dataclass(frozen=True, slots=True)
class Reactions:
    """What follows an event: `jobs` take the event's ids one each; `pushes` are (kind, ids)."""

    jobs: tuple[tuple[Job, Ids], ...] = ()
    pushes: tuple[tuple[str, Ids], ...] = field(default=())


def _none(_: Any) -> Iterable[UUID]:
    return ()


REACTIONS: dict[type[e.Event], Reactions] = {
    e.AssetReceived: Reactions(
        jobs=((Job.decode_asset, lambda v: [v.asset_id]),),
        pushes=(("asset", lambda v: [v.asset_id]), ("library", _none)),
    ),
    e.AssetDecoded: Reactions(
        jobs=((Job.find_faces, lambda v: [v.asset_id]), (Job.find_duplicates, lambda v: [v.asset_id])),
        pushes=(("asset", lambda v: [v.asset_id]), ("library", _none)),
    ),
    e.AssetSettled: Reactions(
        jobs=((Job.refresh_verdicts, lambda v: [v.asset_id]), (Job.find_duplicates, lambda v: [v.asset_id])),
        pushes=(("asset", lambda v: [v.asset_id]), ("library", _none)),
    ),
    e.AssetsChanged: Reactions(
        jobs=((Job.refresh_verdicts, lambda v: v.asset_ids),),
        pushes=(("asset", lambda v: v.asset_ids), ("library", _none)),
    ),
    e.AssetsDescribed: Reactions(pushes=(("asset", lambda v: v.asset_ids), ("library", _none))),
    e.AssetPurged: Reactions(
        jobs=((Job.remove_blobs, lambda v: [v.asset_id]),),
        pushes=(("asset", lambda v: [v.asset_id]), ("library", _none)),
    ),
    e.VersionMoved: Reactions(
        jobs=((Job.adopt_version, lambda v: [v.asset_id]),),
        pushes=(("asset", lambda v: [v.of]),),
    ),
    e.VersionForgotten: Reactions(jobs=((Job.remove_versions, lambda v: [v.asset_id]),)),
    e.FacesSettled: Reactions(
        jobs=((Job.refresh_verdicts, lambda v: v.asset_ids), (Job.suggest_people, lambda v: v.face_ids)),
        pushes=(("asset", lambda v: v.asset_ids), ("library", _none), ("people", _none), ("review", _none)),
    ),
    e.LookAgain: Reactions(jobs=((Job.look_again, lambda v: [v.asset_id]),)),
    e.TemplatesWanted: Reactions(jobs=((Job.make_templates, lambda v: v.asset_ids),)),
    e.TemplatesDeleted: Reactions(pushes=(("templates", lambda v: v.face_ids), ("biometrics", _none))),
    e.SelfieKept: Reactions(jobs=((Job.suggest_selfie, lambda v: [v.selfie_id]),)),
    e.ModelsChanged: Reactions(jobs=((Job.prepare_model, lambda v: [v.model_id]),), pushes=(("models", _none),)),
    e.PersonChanged: Reactions(
        jobs=((Job.refresh_person, lambda v: [v.person_id]), (Job.apply_biometrics, lambda v: [v.person_id])),
        pushes=(("person", lambda v: [v.person_id]), ("people", _none)),
    ),
    e.ConsentChanged: Reactions(
        jobs=((Job.refresh_person, lambda v: [v.person_id]), (Job.apply_biometrics, lambda v: [v.person_id])),
        pushes=(("person", lambda v: [v.person_id]), ("consents", _none)),
    ),
    # Whatever else follows a withdrawal (share links, webhooks) is one more job here.
    e.ConsentWithdrawn: Reactions(
        jobs=((Job.refresh_person, lambda v: [v.person_id]), (Job.apply_biometrics, lambda v: [v.person_id])),
        pushes=(("person", lambda v: [v.person_id]), ("consents", _none)),
    ),
    # What is asked and not answered yet is told as a next step beside the verdict.
    e.RequestMoved: Reactions(
        jobs=((Job.refresh_person, lambda v: [v.person_id]),),
        pushes=(("person", lambda v: [v.person_id]), ("consents", _none)),
    ),
    e.EvidenceDue: Reactions(jobs=((Job.seal_evidence, lambda v: [v.consent_id]),)),
    e.MailDue: Reactions(jobs=((Job.send_mail, lambda v: [v.mail_id]),)),
    e.PrivacyAsked: Reactions(pushes=(("privacy", _none),)),
    e.AlertsRaised: Reactions(pushes=(("alerts", lambda v: v.user_ids),)),
    e.DigestDue: Reactions(jobs=((Job.send_digest, lambda v: [v.digest_id]),)),
    e.TemplatesChanged: Reactions(pushes=(("templates_of_consent", _none),)),
    e.VerdictsChanged: Reactions(pushes=(("asset", lambda v: v.asset_ids), ("library", _none))),
    e.UploadMoved: Reactions(pushes=(("uploads", lambda v: [v.user_id]),)),
    # No ids: a push about a photo's copies would tell whoever watches that photo that there are some.
    e.DuplicatesLooked: Reactions(pushes=(("duplicates", _none),)),
    e.DuplicatesChanged: Reactions(pushes=(("duplicates", _none),)),
    e.FolderChanged: Reactions(pushes=(("folders", _none), ("library", _none))),
    e.CollectionChanged: Reactions(pushes=(("collection", lambda v: [v.collection_id]), ("collections", _none))),
    e.FieldsChanged: Reactions(pushes=(("fields", _none),)),
    e.PresetsChanged: Reactions(pushes=(("presets", _none),)),
    e.ZipMoved: Reactions(pushes=(("zip", lambda v: [v.zip_id]),)),
    e.ShareLetterDue: Reactions(jobs=((Job.send_share_letter, lambda v: [v.letter_id]),)),
    e.ShareChanged: Reactions(pushes=(("shares", lambda v: [v.user_id]), ("every-share", _none))),
    e.SessionsRevoked: Reactions(pushes=(("session.revoked", lambda v: v.session_ids),)),
    e.UserChanged: Reactions(pushes=(("user", lambda v: [v.user_id]), ("users", _none))),
    e.DepartmentChanged: Reactions(pushes=(("departments", _none),)),
}


async def react(container: Container, events: Sequence[e.Event], topics: Iterable[str] = ()) -> None:
    """Wake pages first, since people wait for them: those of the events, and of `topics`. Then queue jobs."""
    pushes: dict[str, set[UUID]] = {topic: set() for topic in topics}
    for event in events:
        for kind, ids in REACTIONS[type(event)].pushes:
            pushes.setdefault(kind, set()).update(ids(event))
    if pushes:
        await publish(container.redis, {kind: sorted(found) for kind, found in pushes.items()})
    for event in events:
        for job, ids in REACTIONS[type(event)].jobs:
            for some in _grouped(job, [str(id_) for id_ in ids(event)]):
                await container.queue.put(job, some, unique=name_of(job, some))


def _grouped(job: Job, ids: list[str]) -> list[str]:
    """What the jobs get: an id each, or for a bulk change many at once, where the job takes many."""
    if job not in MANY_AT_ONCE or len(ids) < FEW:
        return ids
    return [",".join(ids[start : start + GROUP]) for start in range(0, len(ids), GROUP)]
