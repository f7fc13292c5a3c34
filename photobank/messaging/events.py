"""Facts that others react to. An event carries ids only; names and contents are read again by whoever reacts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events. Subclasses register under their class name, which is what the outbox stores."""

    registry: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls) -> None:
        Event.registry[cls.__name__] = cls

    def payload(self) -> dict[str, Any]:
        """The fields as JSON. Read one by one: `asdict` copies every id, and there may be thousands."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: [str(item) for item in value] if isinstance(value, tuple) else str(value) for name, value in values.items()}

    @staticmethod
    def read(kind: str, payload: dict[str, Any]) -> Event:
        """The event that `payload()` wrote; KeyError for a kind this version does not know."""
        given = {
            name: tuple(UUID(item) for item in value) if isinstance(value, list) else UUID(value) for name, value in payload.items()
        }
        return Event.registry[kind](**given)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetReceived(Event):
    """The last byte of an original is safely stored."""

    asset_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetDecoded(Event):
    """Renditions are there; faces come next."""

    asset_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetSettled(Event):
    """Processing ended, ready or rejected."""

    asset_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetsChanged(Event):
    """Something that a screen shows of these assets changed: faces, title, folder, trash, lock."""

    asset_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetsDescribed(Event):
    """Somebody wrote something else about these assets: title, tags, stars. Nothing that clearance looks at."""

    asset_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetPurged(Event):
    """The keys of an asset are gone; its blobs may be removed."""

    asset_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionMoved(Event):
    """A new version of a photo (`of`) got further on its way: it is here, decoded, or ready to take its place."""

    asset_id: UUID
    of: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionForgotten(Event):
    """An earlier version of a photo was deleted; its bytes may be removed."""

    asset_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FacesSettled(Event):
    """People decided about faces: confirmed, rejected, ignored or undone."""

    face_ids: tuple[UUID, ...]
    asset_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAgain(Event):
    """Somebody wants faces looked for once more on this asset."""

    asset_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatesWanted(Event):
    """Faces on these assets may have templates, and have none yet of a model in use."""

    asset_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatesDeleted(Event):
    """The templates of these faces are gone; whoever holds them in memory forgets them."""

    face_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfieKept(Event):
    """Somebody took a picture of themselves at an event; faces there may be theirs. Also when it is to be looked at anew."""

    selfie_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsChanged(Event):
    """A face model was taken into use, is being filled, or was given up."""

    model_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(Event):
    """A person was made, renamed, merged or hidden."""

    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChanged(Event):
    """A consent was recorded, replaced or renewed."""

    consent_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(Event):
    """Somebody took a consent back."""

    consent_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyAsked(Event):
    """Something was asked or answered about somebody's own data."""

    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMoved(Event):
    """A request to sign was made, got further on its way, or is over."""

    request_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDue(Event):
    """A consent was signed: its evidence is to be sealed."""

    consent_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDue(Event):
    """A message is to go out."""

    mail_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsRaised(Event):
    """These users were told of coming ends, or have looked at what they were told."""

    user_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDue(Event):
    """A mail with what somebody is to hear is to go out."""

    digest_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatesChanged(Event):
    """A form was made, changed or taken out of use."""

    template_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictsChanged(Event):
    """The stored verdicts of these assets came out different: by a decision, a consent or time."""

    asset_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadMoved(Event):
    """An upload of this user advanced, finished or failed."""

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderChanged(Event):
    """A folder or the grants on it changed; what people see may differ from now on."""

    folder_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatesLooked(Event):
    """A photo was looked at for near-copies, whether or not there are any."""

    asset_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatesChanged(Event):
    """Somebody decided about near-copies, or took that back."""

    asset_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionChanged(Event):
    """A collection was made, renamed, filled, arranged or deleted."""

    collection_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsChanged(Event):
    """The definition of a custom field changed."""

    field_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetsChanged(Event):
    """A preset or a watermark was made, changed, or put to use; the id is of the change."""

    changed_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipMoved(Event):
    """A ZIP got further, or ended."""

    zip_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareChanged(Event):
    """A share of this user was made, opened, counted or ended."""

    share_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLetterDue(Event):
    """A mail with the address of a share is to go out."""

    letter_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsRevoked(Event):
    """These sessions ended on the server; their sockets are cut."""

    session_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(Event):
    """A user's role, name, language or state changed."""

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentChanged(Event):
    """A department was made, renamed, given other members or removed."""

    department_id: UUID
