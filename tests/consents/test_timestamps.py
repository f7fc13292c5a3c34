"""A timestamp authority by setting: the seal then also shows when, to somebody who trusts neither the house nor its clock."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from aiohttp import web
from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper, TimestampRequestError
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from sqlalchemy import select

from photobank.consents import evidence, requests, sealing
from photobank.models.requests import EvidenceSeal
from tests.consents.asking import Phone, ask, catch_mail, code_in, link_in, run_jobs, somebody
from tests.house import Cast, Door

THEN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def authority() -> tuple[asn1.Certificate, DummyTimeStamper]:
    """Somebody who says when."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tijd")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(THEN - timedelta(days=9000))
        .not_valid_after(THEN + timedelta(days=9000))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate = asn1.Certificate.load(made.public_bytes(serialization.Encoding.DER))
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate, DummyTimeStamper(certificate, keys.PrivateKeyInfo.load(der), fixed_dt=THEN)


@asynccontextmanager
async def answering(stamper: DummyTimeStamper, open_: list[bool]) -> AsyncIterator[str]:
    """Its address, for as long as this block runs; it answers while the last word in `open_` is yes."""

    async def answer(request: web.Request) -> web.Response:
        if not open_[-1]:
            return web.Response(status=503)
        asked = tsp.TimeStampReq.load(await request.read())
        said = await stamper.async_request_tsa_response(asked)
        return web.Response(body=said.dump(), content_type="application/timestamp-reply")

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def test_the_seal_carries_the_word_of_the_authority_and_waits_for_it(cast: Cast, door: Door) -> None:
    certificate, stamper = authority()
    open_ = [False]
    async with answering(stamper, open_) as address:
        cast.container.settings = cast.container.settings.model_copy(update={"timestamp_url": address})
        mail = catch_mail(cast.container)
        asked = await ask(cast, await somebody(cast))
        await run_jobs(cast.container)
        phone = Phone(await door.client(), link_in(mail.letters[0]))
        await phone.open()
        await phone.send(uses=["website"], months="12", typed="Anna de Vries")
        await run_jobs(cast.container)
        await phone.send("code", code=code_in(mail.letters))
        async with cast.scope(cast.rita) as scope:
            consent_id = (await requests.get(scope, asked.id)).consent_id
        assert consent_id is not None
        with pytest.raises(TimestampRequestError):
            await seal(cast, consent_id)
        open_.append(True)
        await seal(cast, consent_id)
    async with cast.scope(cast.rita) as scope:
        pdf = (await evidence.fetch(scope, consent_id)).content
        mine = (await scope.db.scalars(select(EvidenceSeal))).one()
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    trust = ValidationContext(trust_roots=[asn1.Certificate.load(mine.certificate), certificate], moment=THEN)
    found = await async_validate_pdf_signature(signature, trust, trust)
    assert found.bottom_line, found.summary()
    assert found.timestamp_validity is not None
    assert (found.timestamp_validity.valid, found.timestamp_validity.timestamp) == (True, THEN)


async def seal(cast: Cast, consent_id: UUID) -> None:
    async with cast.scope(cast.rita) as scope:
        await sealing.seal(scope, consent_id)
