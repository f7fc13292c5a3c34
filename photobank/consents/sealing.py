"""The sealed PDF: the record set in type, signed with the organisation's seal (PAdES), by a job after the signature.

The seal's key is made once and lies sealed under the system key, which the master key wraps. Its certificate is our own: it shows
that the file is as it left here, and which seal it was; a timestamp authority, where one is set, also shows when.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import typst
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore
from sqlalchemy import select
from sqlmodel import col

from photobank.audit.record import record as record_event
from photobank.audit.tags import Tag
from photobank.consents import requests
from photobank.consents.proof_page import proof
from photobank.db.locks import one_at_a_time
from photobank.kernel.ids import new_id
from photobank.messaging.events import ConsentChanged
from photobank.models.accounts import Organisation
from photobank.models.consents import Consent
from photobank.models.requests import ConsentEvidence, ConsentRequest, EvidenceSeal
from photobank.notices import mails
from photobank.notices.mails import Kind
from photobank.scope import Scope

KEY_BITS: Final = 3072
SEAL_YEARS: Final = 20
FIELD: Final = "Seal"
AT_ONCE: Final = 50
_PAGE = Path(__file__).with_name("evidence.typ")


async def seal(scope: Scope, consent_id: UUID) -> bool:
    """Make the sealed PDF of a record that has none yet, and mail a copy to who signed. False when there is nothing to do."""
    query = select(ConsentEvidence).where(col(ConsentEvidence.consent_id) == consent_id, col(ConsentEvidence.sealed_at).is_(None))
    row = await scope.db.scalar(query.with_for_update(skip_locked=True))
    if row is None:
        return False
    consent = await scope.db.get_one(Consent, consent_id)
    raw = scope.vault.fields.open("consent_evidence", "record_ct", consent_id, row.record_ct)
    page = await asyncio.to_thread(typeset, raw, row.record_hash.hex(), row.made_at)
    organisation_seal = await current_seal(scope)
    pdf = await _signed(scope, page, organisation_seal)
    row.pdf_ct = scope.vault.fields.seal("consent_evidence", "pdf_ct", consent_id, pdf)
    row.pdf_hash = hashlib.sha256(pdf).digest()
    row.sealed_at, row.seal_id = scope.now(), organisation_seal.id
    payload = {
        "pdf_sha256": row.pdf_hash.hex(),
        "seal": str(organisation_seal.id),
        "timestamped": bool(scope.settings.timestamp_url),
    }
    record_event(scope, Tag.consent_sealed, consent_id=consent_id, person_id=consent.person_id, payload=payload)
    scope.announce(ConsentChanged(consent_id=consent_id, person_id=consent.person_id))
    request_id = await scope.db.scalar(select(col(ConsentRequest.id)).where(col(ConsentRequest.consent_id) == consent_id))
    if request_id is not None:
        for signer in (await requests.signers_of(scope, [request_id]))[request_id]:
            if signer.email_ct is not None:
                mails.put_down(scope, Kind.copy, signer.id, consent_id=consent_id)
    await scope.db.flush()
    return True


async def unsealed(scope: Scope) -> list[UUID]:
    """Records that still wait for their seal: for the clockwork, where a queue was lost."""
    query = select(col(ConsentEvidence.consent_id)).where(col(ConsentEvidence.sealed_at).is_(None))
    return list((await scope.db.scalars(query.order_by(col(ConsentEvidence.made_at)).limit(AT_ONCE))).all())


def typeset(raw: bytes, sha256: str, made_at: datetime) -> bytes:
    """The record as a PDF/A-3 that carries the record itself. The same record always gives the same bytes."""
    given = json.dumps(proof(json.loads(raw), raw.decode(), sha256))
    compiler = typst.Compiler(_PAGE.read_bytes(), ignore_system_fonts=True)
    made = compiler.compile(format="pdf", sys_inputs={"proof": given}, pdf_standards=["a-3b"], timestamp=int(made_at.timestamp()))
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


async def current_seal(scope: Scope) -> EvidenceSeal:
    """The organisation's seal, made when it is first needed."""
    if (found := await _newest_seal(scope)) is not None:
        return found
    await one_at_a_time(scope.db, "evidence seal")
    if (found := await _newest_seal(scope)) is not None:
        return found
    house = await scope.db.get(Organisation, 1)
    key = await asyncio.to_thread(rsa.generate_private_key, public_exponent=65537, key_size=KEY_BITS)
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    id_ = new_id()
    made = EvidenceSeal(
        id=id_,
        certificate=certificate(key, house.name if house else "Photobank", scope.now()),
        key_ct=scope.vault.fields.seal("evidence_seals", "key_ct", id_, der),
        created_at=scope.now(),
    )
    scope.db.add(made)
    await scope.db.flush()
    return made


async def _newest_seal(scope: Scope) -> EvidenceSeal | None:
    found: EvidenceSeal | None = await scope.db.scalar(select(EvidenceSeal).order_by(col(EvidenceSeal.created_at).desc()).limit(1))
    return found


def certificate(key: rsa.RSAPrivateKey, organisation: str, now: datetime) -> bytes:
    """A certificate for the seal, by the seal itself, as DER."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Photobank seal, {organisation}"[:64]),
        ]
    )
    usage = dict.fromkeys(
        (
            *("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign"),
            *("crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=365 * SEAL_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)


async def _signed(scope: Scope, page: bytes, organisation_seal: EvidenceSeal) -> bytes:
    """The PDF with the seal on it: PAdES B-B, or B-T with a timestamp authority."""
    cert = asn1_x509.Certificate.load(organisation_seal.certificate)
    der = scope.vault.fields.open("evidence_seals", "key_ct", organisation_seal.id, organisation_seal.key_ct)
    store: Any = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register(cert)
    signer = signers.SimpleSigner(signing_cert=cert, signing_key=asn1_keys.PrivateKeyInfo.load(der), cert_registry=store)
    about = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, name=cert.subject.native["organization_name"]
    )
    address = scope.settings.timestamp_url
    stamper: Any = HTTPTimeStamper(address) if address else None
    out = await signers.async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(page)), about, signer=signer, timestamper=stamper)
    return bytes(out.getvalue())
