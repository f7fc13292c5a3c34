"""The vocabulary of rights, and what each role may do. Pure tables."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from photobank.models.accounts import Role


class Permission(IntEnum):
    """What a grant on a folder allows; each includes those before it."""

    view = 1
    download = 2
    edit = 3
    manage = 4

    @classmethod
    def parse(cls, name: str) -> Permission:
        """The permission of that name; KeyError otherwise."""
        return cls[name]


class Action(StrEnum):
    """What a role allows anywhere in the house. What is done to photos needs a grant on their folder as well."""

    library_view = "library:view"
    asset_upload = "asset:upload"
    asset_edit = "asset:edit"
    asset_download = "asset:download"
    asset_share = "asset:share"
    share_oversee = "share:oversee"
    asset_purge = "asset:purge"
    face_review = "face:review"
    person_view = "person:view"
    person_contact = "person:contact"
    person_edit = "person:edit"
    consent_view = "consent:view"
    consent_record = "consent:record"
    consent_request = "consent:request"
    template_manage = "consent-template:manage"
    consent_withdraw = "consent:withdraw"
    consent_other_basis = "consent:other-basis"
    consent_rule = "consent-rule:manage"
    hold_manage = "hold:manage"
    privacy_manage = "privacy:manage"
    folder_manage = "folder:manage"
    audit_view = "audit:view"
    user_manage = "user:manage"
    settings_manage = "settings:manage"
    biometrics_view = "biometrics:view"
    biometrics_manage = "biometrics:manage"
    recognition_manage = "recognition:manage"
    own_keys = "key:own"
    own_marks = "mark:own"


_LOOK = {Action.library_view, Action.asset_download, Action.own_keys, Action.own_marks}
# To manage a folder takes a grant of `manage` on it as well.
_CONTRIBUTE = _LOOK | {
    Action.asset_upload,
    Action.asset_edit,
    Action.asset_share,
    Action.folder_manage,
    Action.person_view,
    Action.consent_view,
}
_REVIEW = _CONTRIBUTE | {
    Action.face_review,
    Action.person_contact,
    Action.person_edit,
    Action.consent_record,
    Action.consent_request,
    Action.consent_withdraw,
}
_PRIVACY = _REVIEW | {
    Action.template_manage,
    Action.consent_other_basis,
    Action.consent_rule,
    Action.hold_manage,
    Action.privacy_manage,
    Action.audit_view,
    Action.share_oversee,
    Action.asset_purge,
    Action.biometrics_view,
    Action.biometrics_manage,
}

ROLE_ACTIONS: dict[Role, frozenset[Action]] = {
    Role.viewer: frozenset(_LOOK),
    Role.contributor: frozenset(_CONTRIBUTE),
    Role.reviewer: frozenset(_REVIEW),
    Role.privacy_officer: frozenset(_PRIVACY),
    Role.admin: frozenset(Action),
}

# What a role holds on every folder without any grant. Everybody else starts with nothing.
ROLE_FLOOR: dict[Role, Permission] = {Role.privacy_officer: Permission.view, Role.admin: Permission.manage}

LOCKED = "locked"
SHARE = "share"

# An API key may be narrowed to scopes; each scope opens these actions, and only where the owner's role has them too.
SCOPE_ACTIONS: dict[str, frozenset[Action]] = {
    "read": frozenset({Action.library_view, Action.person_view, Action.person_contact, Action.consent_view}),
    "download": frozenset({Action.library_view, Action.asset_download}),
    # Making links, and what somebody who holds one may do on the maker's behalf.
    SHARE: frozenset({Action.library_view, Action.asset_download, Action.asset_share}),
    "upload": frozenset({Action.library_view, Action.asset_upload}),
    "edit": frozenset({Action.library_view, Action.asset_edit, Action.asset_purge, Action.folder_manage, Action.own_marks}),
    "review": frozenset({Action.library_view, Action.person_view, Action.person_contact, Action.face_review, Action.person_edit}),
    "consent": frozenset(
        {
            Action.person_view,
            Action.person_contact,
            Action.consent_view,
            Action.consent_record,
            Action.consent_request,
            Action.template_manage,
            Action.consent_withdraw,
            Action.consent_other_basis,
            Action.consent_rule,
            Action.hold_manage,
        }
    ),
    "audit": frozenset({Action.audit_view}),
    "privacy": frozenset({Action.privacy_manage}),
    # Locked folders, which no other key opens (authorise.py); what is done in them takes the other scopes too.
    LOCKED: frozenset({Action.library_view}),
    "admin": frozenset(
        {
            Action.user_manage,
            Action.settings_manage,
            Action.share_oversee,
            Action.folder_manage,
            Action.own_keys,
            Action.biometrics_view,
            Action.biometrics_manage,
            Action.recognition_manage,
        }
    ),
}


def actions_of(role: Role | None, scopes: frozenset[str] | None) -> frozenset[Action]:
    """What a role may do, narrowed by an API key's scopes (None: not narrowed)."""
    if role is None:
        return frozenset()
    allowed = ROLE_ACTIONS[role]
    if scopes is None:
        return allowed
    opened = frozenset().union(*(SCOPE_ACTIONS.get(scope, frozenset()) for scope in scopes))
    return allowed & opened
