"""The consents page: who is to be asked, who was, who signed, what ends, what ended. Live."""

from __future__ import annotations

from typing import Any, ClassVar

from reflex.event import EventSpec

from photobank.access.authorise import may
from photobank.access.permissions import Action
from photobank.clearance import standing
from photobank.consents import alerts, asking, bounces, evidence, records, renewing, requests, unasked, unreached, uses
from photobank.consents.records import ConsentRow
from photobank.consents.status import ConsentStatus
from photobank.kernel.errors import Conflict, Invalid
from photobank.people import persons
from photobank.scope import Scope
from state.base import PhotobankState
from state.consent_rows import Card, outgrown_card, person_card, record_card, request_card
from state.live import reader
from state.rules import SIGNED_IN, Rule, handler, role
from state.watching import remarks, show_live, wanted_id, written

CARDS = 20
MOST = 200
COLUMNS = ("unasked", "waiting", "signed", "expiring", "ended")
SHOWN = (ConsentStatus.signed, ConsentStatus.expiring, ConsentStatus.expired, ConsentStatus.withdrawn)
FIRST = ("waiting", "expiring", "unasked", "signed", "ended")
"""Which column a phone begins with: the first of these that holds something."""
NOTHING: dict[str, Any] = {"status": "refused", "counts": {}, **{name: [] for name in COLUMNS}}


@reader(lambda: ConsentsState, blank=NOTHING)
async def read_board(scope: Scope, cards: int) -> dict[str, Any]:
    """The first cards of each column, and how many there are."""
    outgrown = await unasked.outgrown(scope, cards)
    never = await unasked.first(scope, cards - len(outgrown))
    waiting = (await requests.page(scope, waiting=True, limit=cards)).items
    declined = (await requests.page(scope, outcome="declined", limit=cards)).items
    of_status = await records.first_of_each(scope, SHOWN, cards)
    signed, expiring, expired, withdrawn = (of_status[one] for one in SHOWN)
    papers: list[ConsentRow] = [*signed, *expiring, *expired, *withdrawn]
    ids = {
        *never,
        *(one.person_id for one in outgrown),
        *(one.person_id for one in (*waiting, *declined)),
        *(one.person_id for one in papers),
    }
    people = await persons.rows_of(scope, ids)
    stands = await standing.of_people(scope, list(people))
    known = await uses.list_all(scope)
    whys = await bounces.reasons(scope, [one.id for one in waiting])
    proven = await evidence.proven(scope, [one.id for one in papers])
    missing = await unreached.of(scope, [*(one.id for one in expiring), *(one.consent_id for one in outgrown)])

    def asked(row: requests.RequestRow) -> Card:
        return request_card(row, people.get(row.person_id), stands.get(row.person_id), known, whys.get(row.id, ""))

    def paper(row: ConsentRow) -> Card:
        person, stand = people.get(row.person_id), stands.get(row.person_id)
        lacks = missing.get(row.id, "") if row.status is ConsentStatus.expiring else ""
        return record_card(row, person, stand, known, proven=row.id in proven, lacks=lacks)

    counts = await requests.count(scope)
    in_force, soon, over = await records.count(scope, SHOWN[:1], SHOWN[1:2], SHOWN[2:])
    ended = sorted([*map(paper, [*expired, *withdrawn]), *map(asked, declined)], key=lambda card: card.at, reverse=True)
    return {
        "status": "full" if people else "empty",
        "counts": {
            "unasked": await unasked.count(scope),
            "waiting": counts.get("waiting", 0),
            "signed": in_force,
            "expiring": soon,
            "ended": over + counts.get("declined", 0),
        },
        "unasked": [
            *(
                outgrown_card(one, people[one.person_id], stands.get(one.person_id), missing.get(one.consent_id, ""))
                for one in outgrown
                if one.person_id in people
            ),
            *(person_card(people[id_], stands.get(id_)) for id_ in never if id_ in people),
        ],
        "waiting": [asked(row) for row in waiting],
        "signed": [paper(row) for row in signed],
        "expiring": [paper(row) for row in expiring],
        "ended": ended[:cards],
        "may_ask": may(scope.actor, Action.consent_request),
    }


async def reach(scope: Scope, row: ConsentRow, address: str) -> bool:
    """Keep the address of whoever is to be asked anew, and ask; False where the clock does, on the day they come of age."""
    if not address:
        raise Invalid("address", fields={"email": "field.required"})
    await persons.change(scope, row.person_id, email=address)
    await unreached.require_own_address(scope, row.id)
    if await asking.guardians_of(scope, row.person_id):
        return False
    await renewing.ask(scope, row.id)
    return True


class ConsentsState(PhotobankState):
    """State of the page. Vars up to `may_ask` are fed by the reader."""

    access: ClassVar[Rule] = role("reviewer", "privacy_officer", "admin")

    status: str = "loading"
    counts: dict[str, int] = {}  # noqa: RUF012
    unasked: list[Card] = []  # noqa: RUF012
    waiting: list[Card] = []  # noqa: RUF012
    signed: list[Card] = []  # noqa: RUF012
    expiring: list[Card] = []  # noqa: RUF012
    ended: list[Card] = []  # noqa: RUF012
    may_ask: bool = False

    correcting: str = ""
    """The signer whose address is being corrected."""
    correcting_name: str = ""
    reaching: str = ""
    """The record that somebody without an address is to be asked for anew."""
    reaching_later: bool = False
    """They are asked once they have come of age."""
    errors: dict[str, str] = {}  # noqa: RUF012
    column: str = ""
    """The one that a phone shows."""
    cards: int = CARDS

    @handler(SIGNED_IN)
    async def load(self) -> EventSpec | None:
        """Open the page. Whoever comes here has seen what they were told of coming ends."""
        self.cards, self.correcting, self.reaching = CARDS, "", ""
        someone = await self._someone()
        if someone is not None and may(someone, Action.consent_request):
            async with self._scope() as scope:
                await alerts.look(scope)
        problem = await self._read()
        self.column = self.column or next((name for name in FIRST if self.counts.get(name)), FIRST[0])
        return problem

    @handler()
    def choose_column(self, name: str) -> None:
        """Show another column on a phone."""
        if name in COLUMNS:
            self.column = name

    @handler()
    async def show_more(self) -> EventSpec | None:
        """More cards in every column."""
        self.cards = min(self.cards + CARDS * 2, MOST)
        return await self._read()

    @handler()
    async def send_again(self, request_id: str) -> None:
        """A fresh link, and a fresh mail."""
        async with self._scope() as scope:
            await asking.send_again(scope, wanted_id(request_id))
        self._toast("consents.sent_again", tone="success")

    @handler()
    async def ask_address(self, request_id: str) -> None:
        """The dialog for the address of a signer: the one that bounced, or the first who has not signed."""
        async with self._scope() as scope:
            row = await requests.get(scope, wanted_id(request_id))
        waiting = sorted((one for one in row.signers if one.signed_at is None), key=lambda one: one.bounced_at is None)
        if waiting:
            self.correcting, self.correcting_name, self.errors = str(waiting[0].id), waiting[0].name or row.person_name, {}

    @handler()
    def keep_address(self) -> None:
        """Close either dialog; nothing changed."""
        self.correcting = self.reaching = ""

    @handler()
    async def ask_reach(self, consent_id: str) -> None:
        """The dialog for the address of somebody who is to be asked for a record anew."""
        async with self._scope() as scope:
            row = await records.get(scope, wanted_id(consent_id))
            self.reaching_later = await asking.guardians_of(scope, row.person_id) > 0
        self.reaching, self.correcting_name, self.errors = str(row.id), row.person_name, {}

    @handler()
    async def reach(self, form: dict[str, Any]) -> None:
        """Keep the address with the person, and ask: at once, or by the clock when they come of age."""
        try:
            async with self._scope() as scope:
                row = await records.get(scope, wanted_id(self.reaching))
                later = not await reach(scope, row, written(form, "email"))
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        self.reaching = ""
        if later:
            self._toast("consents.reach_kept", tone="success")
        else:
            self._toast("consents.renewal_sent", tone="success", name=row.person_name)

    @handler()
    async def correct(self, form: dict[str, Any]) -> None:
        """Write the address anew, there and where it is known of the person, and send again."""
        try:
            async with self._scope() as scope:
                _, person_id = await bounces.correct(scope, wanted_id(self.correcting), written(form, "email"))
                if person_id is not None:
                    await persons.change(scope, person_id, email=written(form, "email"))
        except Invalid as problem:
            self.errors = remarks(problem)
            return
        self.correcting = ""
        self._toast("consents.corrected", tone="success")

    @handler()
    async def cancel(self, request_id: str) -> None:
        """Take a request back."""
        async with self._scope() as scope:
            await asking.cancel(scope, wanted_id(request_id))
        self._toast("consents.cancelled")

    @handler()
    async def renew(self, consent_id: str) -> None:
        """Ask by mail for a record anew."""
        try:
            async with self._scope() as scope:
                row = await renewing.ask(scope, wanted_id(consent_id))
        except Conflict:
            self._toast("consents.cannot_renew", tone="error")
            return
        self._toast("consents.renewal_sent", tone="success", name=row.person_name)

    async def _read(self) -> EventSpec | None:
        return await show_live(self, read_board, "consents", "people", cards=self.cards)
