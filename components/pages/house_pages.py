"""The pages about people, about what happened, and for admins; and one's own account."""

from __future__ import annotations

import reflex as rx

from components.pages.account import account
from components.pages.audit import audit
from components.pages.biometrics import biometrics
from components.pages.consent_forms import consent_forms
from components.pages.consent_rules import consent_rules
from components.pages.consents import consents
from components.pages.consents_over_time import consents_over_time
from components.pages.duplicates import duplicates
from components.pages.endings import endings
from components.pages.face_models import face_models
from components.pages.fields import fields
from components.pages.folders import folders
from components.pages.people import people
from components.pages.person import person
from components.pages.presets import presets
from components.pages.privacy import privacy
from components.pages.review import review
from components.pages.shares import shares
from components.pages.trace import trace
from components.pages.users import users
from state.account import AccountState
from state.admin_biometrics import BiometricsState
from state.admin_departments import DepartmentsState
from state.admin_fields import FieldsState
from state.admin_folders import FoldersState
from state.admin_models import FaceModelsState
from state.admin_presets import PresetsState
from state.admin_rules import ConsentRulesState
from state.admin_users import UsersState
from state.audit import AuditState
from state.base import PhotobankState
from state.confirm import ConfirmState
from state.consent_forms import ConsentFormsState
from state.consents import ConsentsState
from state.consents_over_time import ConsentsOverTimeState
from state.duplicates import DuplicatesState
from state.endings import EndingsState
from state.people import PeopleState
from state.person import PersonState
from state.privacy import PrivacyState
from state.review import ReviewState
from state.shares import SharesState
from state.trace import TraceState


def register_house_pages(app: rx.App) -> None:
    """Add them. Every page fills the frame first."""
    for page, route, load in (
        (review, "/review", ReviewState.load),
        (people, "/people", PeopleState.load),
        (person, "/person", PersonState.load),
        (consents, "/consents", ConsentsState.load),
        (endings, "/alerts", EndingsState.load),
        (consent_forms, "/consents/forms", ConsentFormsState.load),
        (consents_over_time, "/consents/timeline", ConsentsOverTimeState.load),
        (duplicates, "/duplicates", DuplicatesState.load),
        (shares, "/shares", SharesState.load),
        (privacy, "/privacy", PrivacyState.load),
        (audit, "/audit", AuditState.load),
        (users, "/admin/users", UsersState.load),
        (folders, "/admin/folders", FoldersState.load),
        (fields, "/admin/fields", FieldsState.load),
        (presets, "/admin/presets", PresetsState.load),
        (trace, "/trace", TraceState.load),
        (biometrics, "/admin/biometrics", BiometricsState.load),
        (consent_rules, "/admin/consents", ConsentRulesState.load),
        (face_models, "/admin/face-models", FaceModelsState.load),
        (account, "/account", AccountState.load),
    ):
        also = {folders: [ConfirmState.load_confirmation], users: [DepartmentsState.load]}.get(page, [])
        app.add_page(page, route=route, title="Photobank", on_load=[PhotobankState.load_frame, load, *also])
