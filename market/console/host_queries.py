"""Reads for the host's desk: requests, arrivals and money as one screen shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from market import db
from market.bookings import queries as bookings
from market.bookings.queries import BookingView
from market.bookings.states import LABELS, SOLD, TAGS, TAKEN_BACK, State
from market.i18n.locales import pick
from market.i18n.messages import ngettext, translate
from market.payments import ledger
from market.payments.rules import Method
from market.values.party import Party
from market.values.reachable import Reachable
from market.values.text import Text, lazy

_HOST_LABELS: dict[State, Text] = {
    **LABELS,
    State.REQUESTED: lazy("Waiting for your answer"),
    State.CANCELLED_BY_GUEST: lazy("Cancelled by the guest"),
    State.CANCELLED_BY_HOST: lazy("Cancelled by you"),
    State.DECLINED: lazy("Declined by you"),
}
_OWN_KINDS = frozenset({"family", "guide", "materials"})  # parts of the price that the host receives
_HANDED_ON = frozenset({State.REQUESTED, State.PAYMENT_DUE, State.CONFIRMED})
_PAST = (State.COMPLETED, State.NO_SHOW)


@dataclass(frozen=True, slots=True)
class GuestRow:
    """A booking as the host's lists show it. The phone appears once it is sold; `pays_here_minor` is what the
    guest still pays at the village, 0 when nothing. `turn_of` is the family whose turn it is in a village that
    hosts together; `hours_left` counts the reachable hours to answer in, None when every hour counts.
    """

    reference: str
    state: str
    state_label: str
    state_tag: str
    guest_name: str
    initials: str
    party: str
    title: str
    slug: str
    rooms: tuple[str, ...]
    is_stay: bool
    starts_on: date
    ends_on: date
    starts_at: datetime
    deadline_at: datetime | None
    receives_minor: int
    phone: str
    note: str
    pays_here_minor: int
    can_cancel: bool
    host_ids: frozenset[int]
    turn_of: str
    can_hand_on: bool
    person_id: int | None
    hours_left: int | None


@dataclass(frozen=True, slots=True)
class MoneyAhead:
    """What is coming to the hosts: sold and not finished, and earned but not yet paid out; in rupiah."""

    sold_minor: int
    sold_count: int
    earned_minor: int


def party_words(party: Party, locale: str) -> str:
    """`2 adults, 1 child`."""
    words = [ngettext(locale, "%(count)s adult", "%(count)s adults", party.adults) % {"count": party.adults}]
    if party.children:
        words.append(
            ngettext(locale, "%(count)s child", "%(count)s children", party.children)
            % {"count": party.children}
        )
    if party.infants:
        words.append(
            ngettext(locale, "%(count)s baby", "%(count)s babies", party.infants) % {"count": party.infants}
        )
    return ", ".join(words)


def guest_row(
    view: BookingView,
    locale: str,
    now: datetime | None = None,
    reachable: Mapping[int, Reachable] | None = None,
) -> GuestRow:
    """A booking in the words of the host's desk; with the hosts' `reachable` hours, what is left of them."""
    row = view.row
    sold = row.state in SOLD or row.state in _PAST
    rooms = [
        pick(line.texts, locale)["name"] for line in row.quote.lines if line.kind == "room" and line.texts
    ]
    return GuestRow(
        reference=row.reference,
        state=row.state.value,
        state_label=translate(_HOST_LABELS[row.state], locale),
        state_tag=TAGS.get(row.state, "bad"),
        guest_name=row.guest_name or row.reference,
        initials="".join(word[0] for word in row.guest_name.split()[:2]).upper() or "?",
        party=party_words(row.party, locale),
        title=pick(row.titles, locale),
        slug=view.slug,
        rooms=tuple(dict.fromkeys(rooms)),
        is_stay=row.nights is not None,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        starts_at=row.starts_at,
        deadline_at=row.deadline_at,
        receives_minor=receives(view),
        phone=row.guest_phone if sold else "",
        note=row.note,
        can_cancel=row.state in SOLD,
        pays_here_minor=row.total_minor - row.paid_minor if sold and row.method == Method.ON_ARRIVAL else 0,
        host_ids=row.host_ids,
        turn_of=view.host_name.partition(",")[0] if row.hosting_id is not None else "",
        person_id=row.person_id,
        can_hand_on=row.hosting_id is not None and row.state in _HANDED_ON,
        hours_left=_hours_left(view, now, reachable or {}),
    )


def _hours_left(view: BookingView, now: datetime | None, reachable: Mapping[int, Reachable]) -> int | None:
    window = reachable.get(view.row.hosting_id or view.row.host_id) or reachable.get(view.row.host_id)
    if now is None or window is None or window.is_always or view.row.deadline_at is None:
        return None
    return int(window.between(now, view.row.deadline_at) / timedelta(hours=1))


def receives(view: BookingView) -> int:
    """What the host and the people the host named receive of a booking, in rupiah."""
    return sum(part.amount for part in view.row.quote.parts if part.kind in _OWN_KINDS)


async def list_requests(
    host_ids: Iterable[int], now: datetime, locale: str, reachable: Mapping[int, Reachable] | None = None
) -> list[GuestRow]:
    """Requests that can still be answered, the most urgent first."""
    views = await bookings.list_for_host(host_ids, [State.REQUESTED.value], after=now)
    rows = [guest_row(view, locale, now, reachable) for view in views]
    open_ones = [row for row in rows if row.deadline_at is None or row.deadline_at > now]
    return sorted(open_ones, key=lambda row: row.deadline_at or row.starts_at)


async def list_ahead(host_ids: Iterable[int], now: datetime, locale: str, *, limit: int) -> list[GuestRow]:
    """Guests who are here or will come, soonest first; those who still have to pay are marked."""
    states = [State.CONFIRMED.value, State.CHECKED_IN.value, State.PAYMENT_DUE.value]
    views = await bookings.list_for_host(host_ids, states, after=now, limit=limit)
    return [guest_row(view, locale) for view in views]


async def list_past(host_ids: Iterable[int], locale: str, *, limit: int = 30) -> list[GuestRow]:
    """Bookings that are over, latest first: stayed, cancelled or declined."""
    states = [s.value for s in (*_PAST, State.CANCELLED_BY_GUEST, *sorted(TAKEN_BACK))]
    views = await bookings.list_for_host(host_ids, states, limit=500)
    return [guest_row(view, locale) for view in reversed(views)][:limit]


async def get_money(host_ids: Iterable[int], now: datetime) -> MoneyAhead:
    """What is still to come to these hosts."""
    ids = sorted(host_ids)
    states = [state.value for state in SOLD]
    views = await bookings.list_for_host(ids, states, after=now, limit=500)
    earned = 0
    for host_id in ids:
        earned -= await ledger.balance(ledger.host_payable(host_id))
        earned -= await ledger.balance(ledger.guide_payable(host_id))
    return MoneyAhead(sum(receives(view) for view in views), len(views), earned)


async def list_hosts(host_ids: Iterable[int]) -> list[tuple[int, str, int]]:
    """(id, name, village) of the hosts that have a village to list in."""
    ids = sorted(host_ids)
    if not ids:
        return []
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(
        f"SELECT id, name, village_id FROM organisation WHERE village_id IS NOT NULL AND id IN ({places})"
        " ORDER BY name",
        *ids,
    )
    return [(row["id"], row["name"], row["village_id"]) for row in rows]
