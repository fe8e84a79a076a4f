"""A small town for tests of money that leaves: hosts with bank details, two operators, bookings that are over and paid.

Bookings are plain rows; their money moves through the product's own commands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from market import clock, db
from market.accounts.models import Organisation, Person
from market.bookings import service as bookings
from market.bookings.quote import Part
from market.listings.models import Listing
from market.payments import ledger
from market.payments import service as payments
from market.payments.models import Payment
from market.payouts import accounts, service
from market.payouts.accounts import Details
from market.settings import Settings
from market.values.dates import local_day
from market.values.ids import new_reference
from tests import factories

PRICE = 1_050_000
FAMILY, GUIDE, FUND, FEE = 760_000, 190_000, 50_000, 50_000
DETAILS = Details("Bank NTT", "0123456789", "Rosalina Wona")
LONG_AGO = timedelta(days=30)


@dataclass
class Town:
    """Everybody whom money concerns."""

    settings: Settings
    host: Organisation
    member: Person
    listing: Listing
    ana: Person
    budi: Person
    references: list[str] = field(default_factory=list)

    @property
    def village_id(self) -> int:
        assert self.host.village_id
        return self.host.village_id

    async def account(self, *, ago: timedelta = LONG_AGO, host: int | None = None, **fields: Any) -> int:
        """Bank details entered so long ago."""
        made = await accounts.enter(
            host or self.host.id,
            DETAILS,
            by=self.member.id,
            config=self.settings,
            now=clock.now() - ago,
            **fields,
        )
        return made.id

    async def booking(
        self,
        *,
        ended: timedelta = timedelta(days=5),
        state: str = "confirmed",
        method: str = "transfer",
        paid: bool = True,
        price: int = PRICE,
    ) -> str:
        """A booking whose stay ended so long ago (a negative time: ends in the future), with its money held."""
        ends = clock.now() - ended
        starts = ends - timedelta(days=2)
        reference = new_reference()
        parts = [
            Part("family", price - GUIDE - FUND - FEE, {}),
            Part("guide", GUIDE, {}),
            Part("fund", FUND, {}),
            Part("platform", FEE, {}),
        ]
        offer = {
            "quote": {
                "lines": [],
                "total": price,
                "host_minor": price - FEE,
                "fee_minor": FEE,
                "parts": [{"kind": p.kind, "amount": p.amount, "texts": {}} for p in parts],
                "night_amounts": [],
            },
            "policy": {"key": "flexible", "tiers": [[24, 100]], "keep_nights": 1, "rest_percent": 0},
            "titles": {"en": "Two nights in Bena", "id": "Dua malam di Bena"},
            "extras": {},
            "room": None,
            "rooms": 1,
        }
        await db.execute(
            "INSERT INTO booking (reference, request_key, state, kind, listing_id, host_id, locale, starts_on, ends_on,"
            " starts_at, ends_at, cutoff_at, adults, instant, method, guest_name, guest_email, currency, total_minor,"
            " paid_minor, offer, held_at, confirmed_at, created_at, updated_at) VALUES ($1, $1, $2, 'homestay', $3, $4,"
            " 'en', $5, $6, $7, $8, $7, 2, TRUE, $9, 'Hannah', 'hannah@example.test', 'IDR', $10, $11, $12, $7, $7, $7,"
            " $7)",
            reference,
            state,
            self.listing.id,
            self.host.id,
            local_day(starts),
            local_day(ends),
            starts,
            ends,
            method,
            price,
            price if paid else 0,
            db_json(offer),
        )
        if paid:
            await self.pay(reference, price, method, starts)
        self.references.append(reference)
        return reference

    async def pay(self, reference: str, price: int, method: str, at: datetime) -> None:
        await Payment.create(
            reference=f"PY{reference}",
            booking_reference=reference,
            purpose="booking",
            subject=reference,
            method=method,
            state="captured",
            amount_minor=price,
            captured_minor=price,
            created_at=at,
            updated_at=at,
        )
        source = ledger.host_receivable(self.host.id) if method == "on_arrival" else ledger.BANK
        async with db.transaction():
            moves = [(source, ledger.guest_hold(reference), price)]
            await ledger.post(f"pay:PY{reference}", "paid", reference, moves, at)

    async def completed(self, **how: Any) -> str:
        reference = await self.booking(**how)
        assert await bookings.complete(reference, clock.now())
        return reference

    async def in_transit(self) -> tuple[str, str, int]:
        """A batch approved by the second person: (batch, its only payout, amount)."""
        batch = await service.propose_batch(by=self.ana.id, now=clock.now())
        await service.approve_batch(batch, by=self.budi.id, now=clock.now())
        row = await db.fetch_one(
            "SELECT t.reference, t.amount_minor FROM payout t JOIN payout_batch b ON b.id = t.batch_id"
            " WHERE b.reference = $1",
            batch,
        )
        assert row
        return batch, row["reference"], row["amount_minor"]

    async def balances(self) -> dict[str, int]:
        """The accounts a payout moves, without the ids."""
        host = self.host.id
        return {
            "host": await ledger.balance(ledger.host_payable(host)),
            "guides": await ledger.balance(ledger.guide_payable(host)),
            "owes": await ledger.balance(ledger.host_receivable(host)),
            "transit": sum((await ledger.balances("liab:payout_in_transit:")).values()),
            "bank": await ledger.balance(ledger.BANK),
        }


def db_json(value: Any) -> str:
    import json

    return json.dumps(value)


async def build(settings: Settings) -> Town:
    member = await factories.make_person(name="Rosalina Wona", phone="+6281200001111")
    host = await factories.make_host(person=member)
    listing = await factories.make_listing(kind="homestay", host_id=host.id)
    ana, budi = (
        await factories.make_person(name="Ana Operator"),
        await factories.make_person(name="Budi Operator"),
    )
    for operator in (ana, budi):
        await factories.make_member(operator, "operator")
    return Town(settings, host, member, listing, ana, budi)


__all__ = ["Town", "build", "payments"]
