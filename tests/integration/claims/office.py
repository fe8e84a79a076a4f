"""A tax office for the tests: officers, a hotel with purchases of a past month, and a claim taken step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from market import clock, db
from market.accounts.models import Organisation, Person
from market.claims import (
    advancing,
    checking,
    claiming_queries,
    claiming_service,
    deciding,
    effects,
    lots,
    steps,
    submitting,
    tasks,
    verifying,
)
from market.claims.checking import Desk
from market.claims.claiming import Arrears, DocumentKind, Stated
from market.claims.deciding import Outcome
from market.claims.lots import Chair
from market.claims.seeds import CheckpointSeeds
from market.claims.states import State
from market.claims.tasks import TaskState
from market.transparency.keys import LogKeys, new_signer
from market.values.dates import local_day, local_instant
from market.values.periods import Period
from tests import factories

SECRETS = ("a-secret-for-the-office-0123456789",)
PERIOD = Period(2026, 9)
NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
DESK = Desk(CheckpointSeeds(LogKeys((new_signer("office.test/log"),))), SECRETS, demo=True)
_numbers = iter(range(1, 1_000_000))


async def make_hotel(**profile: Any) -> Organisation:
    n = next(_numbers)
    hotel = await Organisation.create(
        kind="hotel",
        slug=f"hotel-{n}",
        name=f"Hotel {n}",
        phone=profile.pop("phone", ""),
        texts={},
        created_at=clock.now(),
    )
    values = {"code": f"H-{n}", "area_code": "53.71.03", "npwp": "", **profile}
    await db.execute(
        "INSERT INTO hotel_profile (organisation_id, code, area_code, npwp, updated_at)"
        " VALUES ($1, $2, $3, $4, $5)",
        hotel.id,
        values["code"],
        values["area_code"],
        values["npwp"],
        clock.now(),
    )
    return hotel


async def make_officers(count: int = 6) -> list[Person]:
    people = [await factories.make_person(name=f"Officer {n}") for n in range(1, count + 1)]
    for person in people:
        await factories.make_member(person, "officer")
    return people


async def buy(
    hotel_id: int,
    by: int,
    net: int,
    *,
    origin: str = "A",
    seller: str | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> int:
    """A paper with one line, standing as it is said to stand; the document's id."""
    n = next(_numbers)
    invoice_at = at or local_instant(date(2026, 9, 10))
    period = str(Period.of(invoice_at))
    values: dict[str, Any] = {
        "kind": "purchase",
        "paper": "tax_invoice",
        "number": f"N{n}",
        "seller_npwp": "",
        "evidenced": True,
        "confirmed": True,
        "related": False,
        "confirmation": "yes",
        "confirmed_net_minor": None,
        "category": "food",
        "entered_at": invoice_at + timedelta(days=1),
        "description": f"Goods {n}",
        "quantity_milli": None,
        "unit": "",
        "is_adjustment": False,
        "supplier_id": None,
        "product_id": None,
        **fields,
    }
    name = seller or f"Seller {n}"
    key = f"s:{values['supplier_id']}" if values["supplier_id"] else f"w:{name.lower()}"
    rows = await db.fetch(
        "INSERT INTO purchase_document (reference, hotel_id, kind, paper, seller_name, seller_npwp, seller_key,"
        " number, number_key, invoice_at, invoice_on, period, net_minor, source, entered_by, entered_at, evidenced,"
        " confirmation, confirmed_net_minor, is_adjustment, supplier_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
        " $10, $11, $12, $13, 'form', $14, $15, $16, $17, $18, $19, $20) RETURNING id",
        f"D{n}",
        hotel_id,
        values["kind"],
        values["paper"],
        name,
        values["seller_npwp"],
        key,
        values["number"],
        values["number"],
        invoice_at,
        local_day(invoice_at),
        period,
        net,
        by,
        values["entered_at"],
        values["evidenced"],
        values["confirmation"],
        values["confirmed_net_minor"],
        values["is_adjustment"],
        values["supplier_id"],
    )
    await db.execute(
        "INSERT INTO purchase_line (document_id, position, hotel_id, seller_key, period, invoice_at, credit_note,"
        " description, category, amount, net_minor, origin, origin_decided, evidenced, confirmed, related,"
        " quantity_milli, unit, supplier_id, product_id) VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
        " TRUE, $12, $13, $14, $15, $16, $17, $18)",
        rows[0]["id"],
        hotel_id,
        key,
        period,
        invoice_at,
        values["kind"] == "credit_note",
        values["description"],
        values["category"],
        str(net),
        net,
        origin,
        values["evidenced"],
        values["confirmed"],
        values["related"],
        values["quantity_milli"],
        values["unit"],
        values["supplier_id"],
        values["product_id"],
    )
    return int(rows[0]["id"])


async def spread(
    hotel_id: int, by: int, total: int, *, origin: str = "A", parts: int = 4, **fields: Any
) -> None:
    """An amount from so many sellers that no cap on one of them binds."""
    each = total // parts
    for part in range(parts):
        await buy(hotel_id, by, each + (total - each * parts if part == 0 else 0), origin=origin, **fields)


def _proof() -> claiming_queries.Document:
    return claiming_queries.Document(
        "PROOF1", DocumentKind.COMPLIANCE, "letter.pdf", "application/pdf", 10, "0" * 64, "k", NOW
    )


async def submit(
    hotel_id: int, by: int, *, tax: int = 80_000_000, period: Period = PERIOD, now: datetime = NOW
) -> str:
    """State what is needed and submit the hotel's month; the claim's reference."""
    reference = await claiming_service.open_draft(hotel_id, period, by=by, now=now)
    return await submit_draft(reference, hotel_id, by, tax=tax, period=period, now=now)


async def submit_draft(
    reference: str, hotel_id: int, by: int, *, tax: int, period: Period = PERIOD, now: datetime = NOW
) -> str:
    claim = await claiming_queries.get_claim(reference, [hotel_id])
    assert claim is not None
    row = await db.fetch_one(
        "SELECT SUM(CASE WHEN credit_note THEN -net_minor ELSE net_minor END) AS total FROM purchase_line"
        " WHERE hotel_id = $1 AND period = $2 AND live",
        hotel_id,
        str(period),
    )
    stated = Stated(
        total=max(0, int(row["total"] or 0)) if row else 0,
        tax_principal=tax,
        compliant=True,
        arrears=Arrears.NONE,
        difference_note="none",
        late_note="none",
    )
    await claiming_service.save(claim, stated, now=now)
    await claiming_service.add_document(claim, _proof(), now=now)
    claim = await claiming_queries.get_claim(reference, [hotel_id])
    assert claim is not None
    await submitting.submit(claim, by=by, now=now)
    return reference


@dataclass
class Case:
    """A submitted claim with its hotel and the person who acts for it."""

    reference: str
    hotel: Organisation
    person: Person
    now: datetime = NOW

    async def state(self) -> State:
        return (await steps.get(self.reference)).state

    async def chair(self, chair: Chair) -> int:
        return (await lots.chairs_of((await steps.get(self.reference)).id))[chair]

    async def advance(self) -> None:
        """Let the machine do everything it can."""
        for _ in range(3):
            await advancing.everything(DESK, now=self.now)

    async def drawn(self) -> Case:
        await self.advance()
        assert await self.state() is State.DRAWN
        return self

    async def verifying(self) -> Case:
        await self.drawn()
        await verifying.begin(self.reference, by=await self.chair(Chair.VERIFIER), now=self.now)
        return self

    async def checked(self) -> Case:
        """The verifier did everything by hand; only the decision is left."""
        await self.verifying()
        await self.work_through(await self.chair(Chair.VERIFIER))
        return self

    async def work_through(self, by: int) -> None:
        for task in tasks.BY_HAND:
            await verifying.finish_task(self.reference, task, TaskState.PASSED, "", by=by, now=self.now)
        claim = await steps.get(self.reference)
        for flag in await db.fetch("SELECT id FROM claim_flag WHERE claim_id = $1", claim.id):
            await verifying.resolve_flag(
                self.reference, flag["id"], "explained", "Looked at.", by=by, now=self.now
            )
        await self.accept_all(by)

    async def accept_all(self, by: int) -> None:
        claim = await steps.get(self.reference)
        rows = await db.fetch("SELECT line_id FROM claim_line WHERE claim_id = $1", claim.id)
        wanted = [verifying.LineRuling(row["line_id"], verifying.Verdict.ACCEPT) for row in rows]
        await verifying.rule_lines(self.reference, wanted, by=by, now=self.now)

    async def verified(self, outcome: Outcome = Outcome.AWARD) -> Case:
        await self.checked()
        await self.verify(outcome)
        return self

    async def verify(self, outcome: Outcome = Outcome.AWARD) -> int:
        reasons = ["not_proved"] if outcome is Outcome.REJECT else []
        return await deciding.verify(
            self.reference,
            outcome,
            reasons=reasons,
            note="All seen.",
            by=await self.chair(Chair.VERIFIER),
            now=self.now,
        )

    async def approve(self, outcome: Outcome = Outcome.AWARD) -> int:
        reasons = ["not_proved"] if outcome is Outcome.REJECT else []
        return await deciding.approve(
            self.reference,
            outcome,
            reasons=reasons,
            note="Agreed.",
            by=await self.chair(Chair.APPROVER),
            desk=DESK,
            now=self.now,
        )

    async def recommended(self) -> Case:
        await self.verified()
        await self.approve()
        await self.pass_audit()
        return self

    async def pass_audit(self) -> None:
        await self.advance()
        if await self.state() is State.AUDITING:
            await deciding.audit(
                self.reference,
                Outcome.AWARD,
                note="Seen again.",
                by=await self.chair(Chair.AUDITOR),
                now=self.now,
            )
        assert await self.state() is State.RECOMMENDED

    async def decree(self, by: int, number: str = "SK 12/2026") -> str:
        return await effects.record_decree(
            self.reference,
            number,
            local_day(self.now),
            by=by,
            secrets=SECRETS,
            today=local_day(self.now),
            now=self.now,
        )

    async def column(self, name: str) -> Any:
        row = await db.fetch_one(f"SELECT {name} AS value FROM claim WHERE reference = $1", self.reference)
        return row["value"] if row else None


async def make_case(
    *, local: int = 20_000_000, other: int = 40_000_000, tax: int = 80_000_000, officers: int = 6
) -> tuple[Case, list[Person]]:
    """A hotel that bought so much of class A and of class X, its claim, and the office."""
    people = await make_officers(officers)
    hotel, person = await make_hotel(), await factories.make_person(name="Purchaser")
    await factories.make_member(person, "hotel", hotel.id)
    await spread(hotel.id, person.id, local)
    await spread(hotel.id, person.id, other, origin="X")
    return Case(await submit(hotel.id, person.id, tax=tax), hotel, person), people


async def check(case: Case) -> None:
    """Only the automatic checks and the commitment of the lot."""
    await checking.run(case.reference, DESK, now=case.now)
