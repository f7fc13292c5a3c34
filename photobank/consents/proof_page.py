"""From a record to the page that people read: rows and words for evidence.typ. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from photobank.consents import strokes
from photobank.i18n import format as written
from photobank.i18n.translate import Language, is_language, translate


def proof(record: dict[str, Any], raw: str, sha256: str) -> dict[str, Any]:
    """What the template takes."""
    language: Language = record["language"] if is_language(record["language"]) else "nl"

    def say(key: str, **params: Any) -> str:
        return translate(f"proof.{key}", language, **params)

    return {
        "record": record,
        "raw": raw,
        "sha256": sha256,
        "words": {key: say(key) for key in ("record", "record_hash", "choices", "text_hash")}
        | {"title": say(f"title_{record['regime']}")},
        "facts": _facts(record, language),
        "choices": [(one["label"], say(one["answer"])) for one in record["purposes"]]
        + (
            [(say("biometric"), say(answer))] if (answer := record["special_category"]["biometric_template"]) != "not asked" else []
        ),
        "signers": [_signer(one, language) for one in record["signers"]],
        "texts": [_text(one, language, many=len(record["signers"]) > 1) for one in record["signers"]],
    }


def _facts(record: dict[str, Any], language: Language) -> list[tuple[str, str]]:
    def say(key: str, **params: Any) -> str:
        return translate(f"proof.{key}", language, **params)

    until = record["validity"]["until"]
    # An end is the first moment at which it no longer holds: the last day is the one before.
    ends = written.day(_moment(until) - timedelta(microseconds=1), language) if until else say("no_end")
    return [
        (say("number"), str(record["record_number"])),
        (say("person"), record["pii_principal_name"]),
        (say("controller"), record["pii_controllers"][0]["name"]),
        (say("basis"), record["lawful_basis"]),
        (say("from"), written.day(_moment(record["validity"]["from"]), language)),
        (say("until"), ends),
        (say("where"), ", ".join(record["geographic_restrictions"]) or say("everywhere")),
        (say("extent"), record["signers"][0]["shown"]["extent"]),
        (say("way"), say(f"way_{record['collection_method']}")),
        (say("record"), record["record_id"]),
    ]


def _signer(part: dict[str, Any], language: Language) -> dict[str, Any]:
    def say(key: str, **params: Any) -> str:
        return translate(f"proof.{key}", language, **params)

    check = part["identity_check"]
    mailed = check["kind"] == "code by e-mail"
    checked = say("checked_code", address=part["email"]) if mailed else say("checked_presence")
    signature = strokes.from_json(part["signature"])
    facts = [
        (say("name"), part["signature"]["name"]),
        (say("signed"), written.moment(_moment(part["signed_at"]), language)),
        (say("hand"), say(f"hand_{signature.hand}")),
        (say("check"), checked),
        (say("address"), part["address"] or "–"),
        (say("device"), part["device"] or "–"),
    ]
    return {
        "heading": say(f"signer_{part['role']}"),
        "name": signature.name,
        "facts": facts,
        "svg": strokes.svg(signature) if signature.lines else "",
    }


def _text(part: dict[str, Any], language: Language, *, many: bool) -> dict[str, Any]:
    shown = part["shown"]
    heading = translate("proof.text_of" if many else "proof.text", language, name=part["name"], version=shown["version"])
    until = shown["until_birthday"]
    birthday = (
        [translate("signing.until_birthday", language, date=written.day(date.fromisoformat(until), language))] if until else []
    )
    return {
        "heading": heading,
        "title": shown["title"],
        "intro": shown["intro"],
        "uses": [(use["label"], use["text"]) for use in shown["uses"]],
        "biometric": shown["biometric"],
        "terms": shown["terms"] + birthday,
        "declaration": shown["declaration"],
        "sha256": part["shown_sha256"],
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
