"""The error tree. Each leaf has a stable code, an HTTP status and a message key; edges turn it into a response once.

PhotobankError
├── NotAuthenticated      401  who are you?
├── Refused               403  we know you, and the answer is no (kept in the audit log)
│   ├── StepUpNeeded      403  first confirm who you are, once more
│   ├── ClearanceRefused  403  consent does not cover this use
│   ├── WrongNetwork      403  a link that may not be opened from here
│   └── RateLimited       429  too many tries
├── NotFound              404  also for what the actor may not see
├── Gone                  410  it was here, and has ended: a link
│   └── Spent             410  all that it was good for was taken
├── Conflict              409  the thing changed, exists or is in the wrong state
│   ├── AlreadyOnPhoto    409  this person is on the photo already
│   └── DuplicateAsset    409  this picture is already here
├── TooLarge              413
├── UnsupportedMedia      415
├── ImageRejected         422  a picture that we do not show, with a reason people understand
├── Invalid               422  arguments that cannot be carried out, per field
│   └── ChecksumMismatch  460  a piece of an upload arrived damaged; the status is that of tus
├── Damaged               500  ciphertext that does not open: tampering, a wrong key or a torn write
├── Unavailable           503  a part we need does not answer
└── ConfigurationError         start-up stops with one clear sentence
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID


class PhotobankError(Exception):
    """Base of all errors that an edge may show. `params` fill the translated message `errors.<code>`."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, detail: str = "", **params: Any) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.params: Mapping[str, Any] = params

    @property
    def message_key(self) -> str:
        """Key of the sentence in the catalogues of i18n."""
        return f"errors.{self.code}"


class NotAuthenticated(PhotobankError):
    """Nobody is signed in, or the session or key is no longer valid."""

    code = "not_authenticated"
    status = 401


class Refused(PhotobankError):
    """The actor may know of the thing but not do this. `action` and `targets` (ids by name) go to the audit log."""

    code = "refused"
    status = 403

    def __init__(self, detail: str = "", *, action: str = "", targets: Mapping[str, UUID] | None = None, **params: Any) -> None:
        super().__init__(detail, **params)
        self.action = action
        self.targets: Mapping[str, UUID] = targets or {}


class StepUpNeeded(Refused):
    """Only for a session that was confirmed a moment ago."""

    code = "step_up_needed"


class ClearanceRefused(Refused):
    """Consent does not cover the stated use. `reasons` says why, per person, with the next step."""

    code = "clearance_refused"

    def __init__(self, detail: str = "", *, use: str, state: str, reasons: list[dict[str, Any]], **kw: Any) -> None:
        super().__init__(detail, **kw)
        self.use = use
        self.state = state
        self.reasons = reasons


class WrongNetwork(Refused):
    """A link that may be opened only from certain networks."""

    code = "wrong_network"


class RateLimited(Refused):
    """Too many tries; `retry_after` is in seconds."""

    code = "rate_limited"
    status = 429

    def __init__(self, detail: str = "", *, retry_after: int, **kw: Any) -> None:
        super().__init__(detail, **kw)
        self.retry_after = retry_after


class NotFound(PhotobankError):
    """It is not there, or this actor may not know that it is."""

    code = "not_found"
    status = 404


class Gone(PhotobankError):
    """Something that was open to whoever held its address, and has ended."""

    code = "gone"
    status = 410


class Spent(Gone):
    """All views or downloads that it was good for are used."""

    code = "spent"


class Conflict(PhotobankError):
    """The thing exists already, changed meanwhile, or is in a state that does not allow this."""

    code = "conflict"
    status = 409


class AlreadyOnPhoto(Conflict):
    """A person is on a photo once."""

    code = "already_on_photo"


class DuplicateAsset(Conflict):
    """The same picture is already here; `existing` are the assets (ids as text) that this actor may see."""

    code = "duplicate_asset"

    def __init__(self, detail: str = "", *, existing: list[str], **kw: Any) -> None:
        super().__init__(detail, **kw)
        self.existing = existing


class TooLarge(PhotobankError):
    """More bytes or pixels than this house takes."""

    code = "too_large"
    status = 413


class UnsupportedMedia(PhotobankError):
    """Not a picture of a kind that we take."""

    code = "unsupported_media"
    status = 415


class ImageRejected(PhotobankError):
    """A picture that was not decoded. `reason` is a code of imaging.rejections; its sentence is `rejections.<reason>`."""

    code = "image_rejected"
    status = 422

    def __init__(self, reason: str, detail: str = "", **params: Any) -> None:
        super().__init__(detail or reason, **params)
        self.reason = reason

    @property
    def message_key(self) -> str:
        """Key of the sentence for this reason."""
        return f"rejections.{self.reason}"


class Invalid(PhotobankError):
    """Arguments that cannot be carried out. `fields` maps a field to a message key."""

    code = "invalid"
    status = 422

    def __init__(self, detail: str = "", *, fields: Mapping[str, str] | None = None, **params: Any) -> None:
        super().__init__(detail, **params)
        self.fields: Mapping[str, str] = fields or {}


class ChecksumMismatch(Invalid):
    """A piece of a resumable upload is not what its checksum says. Nothing of it was kept."""

    code = "checksum_mismatch"
    status = 460


class Damaged(PhotobankError):
    """Ciphertext that does not open under its key and context."""

    code = "damaged"


class Unavailable(PhotobankError):
    """A part that is needed (database, Redis, storage) does not answer."""

    code = "unavailable"
    status = 503


class ConfigurationError(PhotobankError):
    """The settings do not allow a safe start."""

    code = "configuration"
