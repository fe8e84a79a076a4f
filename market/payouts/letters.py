"""Letters of this feature: a payout that was paid or came back, a problem that was told or decided, a seat
on a village fund's committee and a spending that waits for a second name.

The words are in templates/payouts/mail_*.txt. Everybody reads them in their own language.
"""

from __future__ import annotations

from dataclasses import dataclass

from market import db
from market.accounts import queries as people
from market.bookings import access, queries
from market.clock import now as clock_now
from market.i18n import formats
from market.i18n.locales import pick
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.payments import disputes
from market.payments.disputes import Outcome
from market.payouts import fund
from market.payouts import queries as payouts
from market.payouts.fund import Member, Spending
from market.settings import Settings
from market.web import urls


@dataclass(frozen=True, slots=True)
class PayoutLetter:
    """What a letter about a payout says; `arrived` is false when it came back."""

    name: str
    host: str
    amount: str
    reference: str
    bank: str
    bank_reference: str
    arrived: bool
    address: str


@dataclass(frozen=True, slots=True)
class FundLetter:
    """What a letter to a member of a fund's committee says: a seat, or (`waiting`) a spending to sign."""

    name: str
    village: str
    waiting: bool
    proposer: str
    purpose: str
    amount: str
    address: str


@dataclass(frozen=True, slots=True)
class DisputeLetter:
    """What a letter about a problem says. `refund` is empty when nothing goes back."""

    name: str
    reference: str
    title: str
    decided: bool
    refund: str
    reason: str
    body: str
    to_guest: bool
    address: str


async def about_payout(reference: str, what: str, config: Settings) -> None:
    """To everybody who acts for the host."""
    payout = await payouts.get_payout(reference)
    async with db.transaction():
        for person in await people.people_of_organisation(payout.host_id, "host"):
            if not person.email:
                continue
            letter = PayoutLetter(
                name=person.name,
                host=payout.host_name,
                amount=formats.money(payout.amount_minor, person.locale),
                reference=reference,
                bank=f"{payout.bank} {payout.masked}".strip(),
                bank_reference=payout.bank_reference,
                arrived=what == "paid",
                address=config.base_url
                + urls.path("console:host_money", locale=person.locale, host=payout.host_id),
            )
            wording = mail_from_template("payouts/mail_payout", letter, person.locale, config)
            key = f"payout:{reference}:{what}:{person.id}"
            await telling.tell(
                wording, topic=Topic.PAYOUTS, to=person.email, locale=person.locale, dedupe_key=key
            )


async def about_seat(village_id: int, person_id: int, config: Settings) -> None:
    """To somebody who was given a seat on a committee, if they still have it."""
    async with db.transaction():
        for member in await fund.list_members(village_id):
            if member.person_id == person_id:
                await _to_member(
                    member, village_id, None, f"fund:{village_id}:seat:{member.person_id}", config
                )


async def about_spending(reference: str, config: Settings) -> None:
    """To every member but the one who entered it, as long as nobody has signed or taken it away."""
    row = await db.fetch_one("SELECT village_id FROM fund_spending WHERE reference = $1", reference)
    if row is None:
        return
    waiting = [one for one in await fund.list_waiting(row["village_id"]) if one.reference == reference]
    async with db.transaction():
        for spending in waiting:
            for member in await fund.list_members(spending.village_id):
                if member.person_id != spending.proposed_by:
                    key = f"fund:{reference}:{member.person_id}"
                    await _to_member(member, spending.village_id, spending, key, config)


async def _to_member(
    member: Member, village_id: int, spending: Spending | None, key: str, config: Settings
) -> None:
    person = await people.get_person(member.person_id)
    village = await db.fetch_one("SELECT slug, name FROM village WHERE id = $1", village_id)
    if not person.email or village is None:
        return
    page = urls.path("payouts:fund", locale=person.locale, slug=village["slug"])
    letter = FundLetter(
        name=person.name,
        village=village["name"],
        waiting=spending is not None,
        proposer=spending.proposer if spending else "",
        purpose=" ".join(spending.purpose.split()) if spending else "",
        amount=formats.money(spending.amount_minor, person.locale) if spending else "",
        address=config.base_url + page,
    )
    wording = mail_from_template("payouts/mail_fund", letter, person.locale, config)
    await telling.tell(
        wording,
        topic=Topic.PAYOUTS,
        to=person.email,
        locale=person.locale,
        dedupe_key=key,
        href=page,
    )


async def about_dispute(reference: str, what: str, config: Settings) -> None:
    """To the guest, and to everybody who acts for the host."""
    dispute = await disputes.get_dispute(reference)
    view = await queries.get_view(dispute.booking_reference)
    row = view.row

    def letter(name: str, locale: str, address: str, *, to_guest: bool) -> DisputeLetter:
        refunded = dispute.outcome is Outcome.REFUNDED
        return DisputeLetter(
            name=name,
            reference=row.reference,
            title=pick(row.titles, locale),
            decided=what == "closed",
            refund=formats.money(dispute.refund_minor, locale) if refunded else "",
            reason=dispute.reason,
            body=dispute.body,
            to_guest=to_guest,
            address=address,
        )

    async with db.transaction():
        if row.guest_email:
            link = access.trip_link(row, row.locale, config, clock_now())
            words = letter(row.guest_name, row.locale, link, to_guest=True)
            await _send(words, row.guest_email, row.locale, f"dispute:{reference}:{what}:guest", config)
        for person in await people.people_of_organisation(row.host_id, "host"):
            if person.email:
                show = urls.path("bookings:show", locale=person.locale, reference=row.reference)
                words = letter(person.name, person.locale, config.base_url + show, to_guest=False)
                key = f"dispute:{reference}:{what}:{person.id}"
                await _send(words, person.email, person.locale, key, config)


async def _send(letter: DisputeLetter, to: str, locale: str, key: str, config: Settings) -> None:
    wording = mail_from_template("payouts/mail_dispute", letter, locale, config)
    await telling.tell(wording, topic=Topic.PAYOUTS, to=to, locale=locale, dedupe_key=key)
