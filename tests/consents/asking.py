"""What the tests of requests share: a form, somebody to ask, a signer's browser, and the jobs that run behind it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

import httpx

from photobank.access.actor import Actor
from photobank.consents import asking, templates
from photobank.consents.asking import NewRequest
from photobank.consents.requests import RequestRow
from photobank.mail.sender import Letter, MemorySender
from photobank.messaging.jobs import Job
from photobank.messaging.queue import MemoryQueue
from photobank.people import persons
from photobank.scope import Container
from tests.factories import add_person, add_photo
from tests.house import Cast
from workers import consents as jobs_of_consents

EMAIL = "anna@post.example"
PHONE = {"User-Agent": "Telefoon", "Accept": "text/html", "Accept-Language": "nl"}


def catch_mail(container: Container) -> MemorySender:
    """Letters of this house go into a list from now on."""
    container.mailer = sender = MemorySender()
    return sender


async def somebody(
    cast: Cast, name: str = "Anna de Vries", email: str = EMAIL, *, born: date | None = None, guardians: int = 1
) -> UUID:
    """Somebody on a photo in the shared folder, with an address."""
    person_id = await add_person(cast.container, name, born=born, is_minor=born is not None, guardians_needed=guardians)
    await add_photo(cast.container, cast.shared, [person_id], with_bytes=False)
    if email:
        async with cast.scope(cast.rita) as scope:
            await persons.change(scope, person_id, email=email)
    return person_id


async def form_named(cast: Cast, starter: str = "general_consent") -> UUID:
    """A form of ours, taken over."""
    async with cast.scope(cast.petra) as scope:
        return (await templates.adopt(scope, starter)).row.id


async def ask(
    cast: Cast, person_id: UUID, *, actor: Actor | None = None, starter: str = "general_consent", **more: Any
) -> RequestRow:
    """A request by Rita."""
    template_id = await form_named(cast, starter)
    async with cast.scope(actor or cast.rita) as scope:
        return await asking.ask(scope, NewRequest(person_id=person_id, template_id=template_id, **more))


async def run_jobs(container: Container) -> None:
    """Send what is due and seal what waits, as the worker would, until nothing is left."""
    assert isinstance(container.queue, MemoryQueue)
    ctx = {"container": container}
    while ours := [one for one in container.queue.jobs if one[0] in (Job.send_mail, Job.seal_evidence)]:
        container.queue.jobs = [one for one in container.queue.jobs if one not in ours]
        for job, args in ours:
            work = jobs_of_consents.send_mail if job is Job.send_mail else jobs_of_consents.seal_evidence
            await work(ctx, *args)


def link_in(letter: Letter) -> str:
    """The path of the link in a letter."""
    found = re.search(r"https?://[^/\s]+(/c/[A-Za-z0-9_-]+/)", letter.text)
    assert found, letter.text
    return found[1]


def code_in(letters: list[Letter]) -> str:
    """The code that was mailed last."""
    found = [code[1] for letter in letters if (code := re.search(r"^ {4}(\d{6})$", letter.text, re.MULTILINE))]
    return found[-1]


def fields_of(html: str) -> dict[str, str]:
    """The hidden fields of the first form."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


class Phone:
    """A signer's browser without scripts: reads a page, sends its form."""

    def __init__(self, client: httpx.AsyncClient, link: str) -> None:
        self.client, self.link = client, link
        self.client.headers.update(PHONE)
        self.page = ""

    async def open(self, rest: str = "", *, lang: str = "nl") -> httpx.Response:
        """Go to one of the link's pages."""
        answer = await self.client.get(f"{self.link}{rest}?lang={lang}", follow_redirects=True)
        self.page = answer.text
        return answer

    async def send(self, rest: str = "", *, lang: str = "nl", **values: Any) -> httpx.Response:
        """Send a form of the page that is open."""
        fields: dict[str, Any] = fields_of(self.page) | values
        answer = await self.client.post(f"{self.link}{rest}?lang={lang}", data=fields, follow_redirects=True)
        self.page = answer.text
        return answer


async def on_own_page(cast: Cast, client: httpx.AsyncClient, person_id: UUID, *uses: str, **form: Any) -> Phone:
    """The phone of somebody who was asked, signed for these uses, and is on their own page."""
    mail = catch_mail(cast.container)
    await ask(cast, person_id)
    await run_jobs(cast.container)
    phone = Phone(client, link_in(mail.letters[-1]))
    await phone.open()
    await phone.send(uses=list(uses), **({"months": "12", "typed": "Anna"} | form))
    await run_jobs(cast.container)
    await phone.send("code", code=code_in(mail.letters))
    assert "Getekend, bedankt" in phone.page, phone.page
    await run_jobs(cast.container)
    return phone


async def choose_anew(cast: Cast, phone: Phone, *uses: str, **form: Any) -> None:
    """The same person presses Change or renew, fills the form in again and confirms it."""
    sender = cast.container.mailer
    assert isinstance(sender, MemorySender)
    answer = await phone.send("renew")
    phone.link = answer.url.path
    await phone.send(uses=list(uses), **({"months": "12", "typed": "Anna"} | form))
    await run_jobs(cast.container)
    await phone.send("code", code=code_in(sender.letters))
    assert "Getekend, bedankt" in phone.page, phone.page
