"""The vocabulary of the audit log. A tag reads subject:verb; refusals carry the same tag with outcome `refused`.

`PERSONAL` names the payload fields per tag that are personal data; payloads otherwise hold ids, numbers and enums only.
"""

from __future__ import annotations

from enum import StrEnum


class Tag(StrEnum):
    """Everything that is ever recorded."""

    organisation_set_up = "organisation:set-up"
    system_started = "system:start"
    keys_rotated = "keys:rotate"
    key_exported = "keys:export"

    user_created = "user:create"
    user_changed = "user:change"
    user_disabled = "user:disable"
    signed_in = "session:sign-in"
    sign_in_failed = "session:sign-in-failed"
    signed_out = "session:sign-out"
    session_revoked = "session:revoke"
    session_confirmed = "session:confirm"
    session_confirmation_ended = "session:end-confirmation"
    api_key_created = "api-key:create"
    api_key_revoked = "api-key:revoke"

    folder_created = "folder:create"
    folder_changed = "folder:change"
    folder_deleted = "folder:delete"
    grant_given = "grant:give"
    grant_taken = "grant:take"
    grant_previewed = "grant:preview"

    asset_received = "asset:receive"
    asset_ready = "asset:ready"
    asset_rejected = "asset:reject"
    asset_viewed = "asset:view"
    asset_changed = "asset:change"
    asset_trashed = "asset:trash"
    asset_archived = "asset:archive"
    asset_unarchived = "asset:unarchive"
    asset_restored = "asset:restore"
    asset_purged = "asset:purge"
    asset_downloaded = "asset:download"
    download_traced = "download:trace"
    share_created = "share:create"
    share_opened = "share:open"
    share_ended = "share:end"
    asset_original_fetched = "asset:fetch-rejected-original"
    asset_version_added = "asset:new-version"
    asset_version_restored = "asset:restore-version"
    asset_version_forgotten = "asset:forget-version"
    no_people_confirmed = "asset:no-people"
    asset_held = "asset:hold"
    asset_released = "asset:release-hold"
    asset_locked = "asset:lock"
    asset_unlocked = "asset:unlock"
    asset_favoured = "asset:favourite"
    asset_rated = "asset:rate"
    field_created = "field:create"
    field_changed = "field:change"
    collection_created = "collection:create"
    collection_changed = "collection:change"
    collection_deleted = "collection:delete"
    bulk_applied = "bulk:apply"
    bulk_undone = "bulk:undo"

    face_confirmed = "face:confirm"
    face_rejected = "face:reject"
    face_ignored = "face:ignore"
    face_unassigned = "face:unassign"
    face_drawn = "face:draw"
    cluster_confirmed = "cluster:confirm"
    cluster_split = "cluster:split"
    cluster_merged = "cluster:merge"
    cluster_ignored = "cluster:ignore"
    faces_looked_again = "face:look-again"
    templates_deleted = "template:delete"
    templates_made = "template:make"
    biometrics_ruled = "biometrics:rule"
    biometrics_switched = "biometrics:switch"
    model_installed = "face-model:install"
    model_acknowledged = "face-model:acknowledge"
    model_indexing = "face-model:index"
    model_activated = "face-model:activate"
    model_retired = "face-model:retire"
    review_undone = "review:undo"

    person_created = "person:create"
    person_changed = "person:change"
    person_merged = "person:merge"
    person_unmerged = "person:unmerge"
    person_sought = "person:find-by-picture"

    consent_recorded = "consent:record"
    consent_withdrawn = "consent:withdraw"
    consent_renewed = "consent:renew"

    duplicate_decided = "duplicate:decide"
    duplicate_undone = "duplicate:undo"
    duplicates_cleaned_up = "duplicate:clean-up"
    stack_made = "stack:make"
    stack_changed = "stack:change"
    stack_dissolved = "stack:dissolve"

    request_refused = "request:refuse"
    audit_exported = "audit:export"


PERSONAL: dict[Tag, frozenset[str]] = {}
