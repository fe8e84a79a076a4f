"""What makes a listing sound, when it may be published, and when its slots start. No database, no clock.

Messages are late-translated. The price of a stay is the quote's business, refunds are the policies'.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from market.errors import Invalid, Refused
from market.i18n.locales import LOCALES
from market.listings.drafts import ListingDraft
from market.listings.languages_themes import LANGUAGES, MEALS, THEMES
from market.listings.offering import Band, Kind, Status
from market.values.dates import local_instant
from market.values.party import ADULT, CHILD, INFANT, MAX_PARTY
from market.values.text import Text, lazy

POLICIES: dict[Kind, tuple[str, ...]] = {
    Kind.TOUR: ("tour",),
    Kind.HOMESTAY: ("flexible", "moderate", "limited", "firm"),
    Kind.LESSON: ("class_24h", "class_7d"),
}
LISTING_MOVES: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.PUBLISHED}),
    Status.PUBLISHED: frozenset({Status.PAUSED}),
    Status.PAUSED: frozenset({Status.PUBLISHED}),
}
SLOT_MOVES: dict[str, frozenset[str]] = {
    "open": frozenset({"guaranteed", "called_off", "closed"}),
    "guaranteed": frozenset({"called_off", "closed"}),
    "closed": frozenset({"open", "guaranteed", "called_off"}),
    "called_off": frozenset(),
}
NIGHT_MOVES: dict[str, frozenset[str]] = {"open": frozenset({"closed"}), "closed": frozenset({"open"})}
MAX_SHARES_BP = 9000  # payees and the village fund together: the family keeps at least a tenth
MAX_PRICE = 100_000_000
MAX_TITLE, MAX_SUMMARY, MAX_BODY = 70, 160, 6000
MAX_DAYS, MAX_MINUTES, MAX_LEAD_HOURS, MAX_CAPACITY = 21, 14 * 60, 60 * 24, 200
TOUR_ENDS = time(17)
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", re.ASCII)
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not right, and the part of the draft it is about."""

    code: str
    field: str
    message: Text


class BadDraft(Invalid):
    """The draft contradicts itself; `problems` among the facts says how, all at once."""

    code = "bad_listing"
    message = lazy("The listing cannot be saved like this.")

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(message=first.message, field=first.field, problems=tuple(problems))


class NotReady(Refused):
    """The listing is not ready for guests; `problems` among the facts says what is missing."""

    code = "not_ready"
    message = lazy("The listing is not ready to be published.")

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems=tuple(problems))


# Soundness: what every stored listing keeps, drafts included ---------------------------------------------
def draft_problems(draft: ListingDraft, fund_bp: int) -> list[Problem]:
    """Every way in which the draft contradicts itself or the house rules; empty when it may be stored."""
    return [
        *_head_problems(draft),
        *_size_problems(draft),
        *band_problems(draft.bands),
        *_price_problems(draft, fund_bp),
        *_room_problems(draft),
        *_part_problems(draft),
    ]


def _head_problems(draft: ListingDraft) -> Iterator[Problem]:
    if draft.policy not in POLICIES[draft.kind]:
        yield Problem("policy", "policy", lazy("Choose a cancellation policy for this kind of listing."))
    if not any(text.title.strip() for text in draft.texts.values()):
        yield Problem("title", "title", lazy("Give the listing a title."))
    if not set(draft.texts) <= set(LOCALES):
        yield Problem("locale", "texts", lazy("The listing has texts in a language that is not offered."))
    for text in draft.texts.values():
        if len(text.title) > MAX_TITLE or len(text.summary) > MAX_SUMMARY or len(text.body) > MAX_BODY:
            yield Problem(
                "text_long",
                "texts",
                lazy(
                    "Titles have at most %(title)s characters, summaries %(summary)s, descriptions %(body)s.",
                    title=MAX_TITLE,
                    summary=MAX_SUMMARY,
                    body=MAX_BODY,
                ),
            )
    if not draft.languages or not set(draft.languages) <= set(LANGUAGES):
        yield Problem("languages", "languages", lazy("Choose the languages that are spoken."))
    if not set(draft.themes) <= set(THEMES):
        yield Problem("themes", "themes", lazy("Choose themes from the list."))


def _size_problems(draft: ListingDraft) -> Iterator[Problem]:
    if not 1 <= draft.min_party <= draft.max_party <= MAX_PARTY:
        yield Problem("party", "max_party", lazy("The largest party is at least as big as the smallest."))
    hours = (draft.notice_hours, draft.cutoff_hours)
    if not all(0 <= value <= MAX_LEAD_HOURS for value in hours):
        yield Problem("notice", "notice_hours", lazy("Notice is between 0 hours and 60 days."))
    if draft.kind is Kind.HOMESTAY:
        if not 1 <= draft.min_nights <= draft.max_nights <= 365:
            yield Problem(
                "nights", "max_nights", lazy("The longest stay is at least as long as the shortest.")
            )
        return
    if not 1 <= draft.capacity <= MAX_CAPACITY:
        yield Problem("capacity", "capacity", lazy("Say how many guests there is room for."))
    if not 1 <= draft.min_guests <= max(draft.capacity, 1):
        yield Problem("min_guests", "min_guests", lazy("The guests needed to run it must fit into it."))
    if draft.kind is Kind.TOUR and not 1 <= draft.days <= MAX_DAYS:
        yield Problem("days", "days", lazy("A tour takes between 1 and 21 days."))
    if draft.kind is Kind.LESSON and not 15 <= draft.minutes <= MAX_MINUTES:
        yield Problem("minutes", "minutes", lazy("A class takes between 15 minutes and 14 hours."))


def band_problems(bands: Sequence[Band]) -> Iterator[Problem]:
    """Age bands cover every age once, adults pay in full and take a seat. Without bands everyone is adult."""
    if not bands:
        return
    keys = [band.key for band in bands]
    by_age = sorted(bands, key=lambda band: band.min_age)
    adult = next((band for band in bands if band.key == ADULT), None)
    whole = (
        adult is not None
        and adult is by_age[-1]
        and adult.percent == 100
        and adult.seat
        and len(set(keys)) == len(keys)
        and set(keys) <= {ADULT, CHILD, INFANT}
        and all(0 <= band.percent <= 100 and 0 <= band.min_age <= band.max_age for band in bands)
        and all(a.max_age + 1 == b.min_age for a, b in itertools.pairwise(by_age))
    )
    if not whole:
        yield Problem(
            "bands", "bands", lazy("Ages follow each other without a gap, and adults pay the full price.")
        )


def _price_problems(draft: ListingDraft, fund_bp: int) -> Iterator[Problem]:
    if draft.kind is not Kind.HOMESTAY and not 1 <= draft.price_minor <= MAX_PRICE:
        yield Problem("price", "price", lazy("Enter a price in whole rupiah."))
    if any(not 1 <= room.price_minor <= MAX_PRICE for room in draft.rooms):
        yield Problem("room_price", "rooms", lazy("Every room needs a price in whole rupiah."))
    if any(not 0 <= extra.price_minor <= MAX_PRICE for extra in draft.extras):
        yield Problem("extra_price", "extras", lazy("Extras are priced in whole rupiah."))
    sizes = [step.min_size for step in draft.group_prices]
    if len(set(sizes)) != len(sizes) or any(
        step.min_size < 2 or not 1 <= step.price_minor <= draft.price_minor for step in draft.group_prices
    ):
        yield Problem(
            "group", "group_prices", lazy("A group price starts at two people and is not above the price.")
        )
    percents = [*draft.weekday_percent.values(), *(season.percent for season in draft.seasons)]
    if not all(10 <= percent <= 1000 for percent in percents) or not set(draft.weekday_percent) <= set(
        range(7)
    ):
        yield Problem("percent", "seasons", lazy("Season and weekday prices are between 10 % and 1,000 %."))
    if any(payee.bp < 1 for payee in draft.payees) or shares_bp(draft, fund_bp) > MAX_SHARES_BP:
        yield Problem(
            "shares",
            "payees",
            lazy("Guides, materials and the village fund together get at most 90 % of the price."),
        )


def shares_bp(draft: ListingDraft, fund_bp: int) -> int:
    """What leaves the family's hands, in basis points of the host's price."""
    return fund_bp + sum(payee.bp for payee in draft.payees)


def _room_problems(draft: ListingDraft) -> Iterator[Problem]:
    if draft.rooms and draft.kind is not Kind.HOMESTAY:
        yield Problem("rooms_kind", "rooms", lazy("Only homestays have rooms."))
    if not _proper_keys(room.key for room in draft.rooms):
        yield Problem("room_keys", "rooms", lazy("Two rooms have the same short name."))
    if any(not 0 <= room.count <= 100 or not 1 <= room.sleeps <= 20 for room in draft.rooms):
        yield Problem("room_size", "rooms", lazy("A room sleeps between 1 and 20 guests."))


def _part_problems(draft: ListingDraft) -> Iterator[Problem]:
    if not _proper_keys(extra.key for extra in draft.extras):
        yield Problem("extra_keys", "extras", lazy("Two extras have the same short name."))
    if any(payee.kind not in {"guide", "materials"} for payee in draft.payees):
        yield Problem("payee_kind", "payees", lazy("A share goes to a guide or to materials."))
    edges = [edge for season in draft.seasons for edge in (season.from_md, season.to_md)]
    if not all(_MONTH_DAY.fullmatch(edge) for edge in edges):
        yield Problem("season_days", "seasons", lazy("A season starts and ends on a day of the year."))
    if any(closure.end < closure.start for closure in draft.closures):
        yield Problem("closure", "closures", lazy("A closed period ends after it starts."))
    if any(not set(step.meals) <= set(MEALS) for step in draft.steps):
        yield Problem("meals", "steps", lazy("Meals are breakfast, lunch and dinner."))
    if draft.kind is not Kind.TOUR and any(step.room_type_id for step in draft.steps):
        yield Problem("sleeps", "steps", lazy("Only tours sleep in homestays."))


def _proper_keys(keys: Iterable[str]) -> bool:
    known = list(keys)
    return len(set(known)) == len(known) and all(_KEY.fullmatch(key) for key in known)


# Readiness: what guests may expect of a published listing -------------------------------------------------
def publish_problems(draft: ListingDraft, fund_bp: int, starts_ahead: int) -> list[Problem]:
    """What still stands between this listing and guests; empty when it may be published.

    `starts_ahead` counts the departures or sessions that can still be booked.
    """
    return [
        *draft_problems(draft, fund_bp),
        *_text_gaps(draft),
        *_part_text_gaps(draft),
        *_stock_gaps(draft, starts_ahead),
    ]


def _text_gaps(draft: ListingDraft) -> Iterator[Problem]:
    for locale in LOCALES:
        text = draft.texts.get(locale)
        if text is None or not (text.title.strip() and text.summary.strip() and text.body.strip()):
            yield Problem(
                f"text_{locale}",
                f"texts_{locale}",
                lazy("Write the title, the summary and the description in Indonesian.")
                if locale == "id"
                else lazy("Write the title, the summary and the description in English."),
            )


def _part_text_gaps(draft: ListingDraft) -> Iterator[Problem]:
    named = [
        ("rooms", "name", draft.rooms),
        ("seasons", "name", draft.seasons),
        ("extras", "name", draft.extras),
        ("payees", "name", draft.payees),
        ("steps", "title", draft.steps),
        ("closures", "reason", draft.closures),
    ]
    for part, key, items in named:
        if any(not item.texts.get(locale, {}).get(key, "").strip() for item in items for locale in LOCALES):
            yield Problem(f"{part}_texts", part, lazy("Every name and reason is written in both languages."))


def _stock_gaps(draft: ListingDraft, starts_ahead: int) -> Iterator[Problem]:
    if not draft.bands and draft.kind is not Kind.HOMESTAY:
        yield Problem("bands", "bands", lazy("Say which ages pay which price."))
    if draft.kind is Kind.HOMESTAY:
        if not any(room.count for room in draft.rooms):
            yield Problem("no_rooms", "rooms", lazy("Add at least one room."))
        return
    if draft.kind is Kind.TOUR and len(draft.steps) != draft.days:
        yield Problem("steps", "steps", lazy("Describe each day of the tour."))
    if starts_ahead < 1:
        yield Problem("no_starts", "starts", lazy("Add at least one date in the future."))


def headline_price(draft: ListingDraft) -> int:
    """The price a card shows: the cheapest room that exists, or the adult price.

    A homestay without rooms has none yet; the column wants a positive number, so it says 1 and stays a draft.
    """
    if draft.kind is not Kind.HOMESTAY:
        return draft.price_minor
    prices = [room.price_minor for room in draft.rooms if room.count] or [
        room.price_minor for room in draft.rooms
    ]
    return min(prices, default=1)


# Time: when a slot starts, ends, and can no longer be booked ----------------------------------------------
@dataclass(frozen=True, slots=True)
class SlotTimes:
    """When one departure or session runs; `ends_on` is its last day."""

    starts_on: date
    ends_on: date
    starts_at: datetime
    ends_at: datetime
    book_until: datetime


def departure_times(starts_on: date, start: time, days: int, lead_hours: int) -> SlotTimes:
    """A tour of `days` days from `start` on the first to five in the afternoon of the last (WITA)."""
    starts_at = local_instant(starts_on, start)
    last = starts_on + timedelta(days=days - 1)
    # A one-day tour that starts late in the day still takes some time.
    ends_at = max(local_instant(last, TOUR_ENDS), starts_at + timedelta(hours=1))
    return SlotTimes(starts_on, last, starts_at, ends_at, starts_at - timedelta(hours=lead_hours))


def session_times(starts_on: date, start: time, minutes: int, lead_hours: int) -> SlotTimes:
    """A class of so many minutes."""
    starts_at = local_instant(starts_on, start)
    ends_at = starts_at + timedelta(minutes=minutes)
    return SlotTimes(starts_on, starts_on, starts_at, ends_at, starts_at - timedelta(hours=lead_hours))


def lead_hours(notice_hours: int, cutoff_hours: int) -> int:
    """How long before the start booking ends: whichever of the two asks for more."""
    return max(notice_hours, cutoff_hours)


def weekly_dates(
    first: date, weekdays: Iterable[int], *, every_weeks: int, count: int, until: date
) -> list[date]:
    """Up to `count` dates on these weekdays (0 = Monday), every n-th week from `first` on, up to `until`."""
    wanted = frozenset(weekdays)
    span = (until - first).days
    days = (first + timedelta(days=n) for n in range(span + 1) if (n // 7) % every_weeks == 0)
    return [day for day in days if day.weekday() in wanted][:count]


# Stock and rank -------------------------------------------------------------------------------------------
def blocked_after(*, sold: int, blocked: int, capacity: int, new_capacity: int) -> int:
    """How many places stay blocked when the capacity changes: what a host closed is never opened by it."""
    closed = blocked > 0 and sold + blocked == capacity
    return new_capacity - sold if closed else min(blocked, new_capacity - sold)


def rank_of(rating_sum: int, rating_count: int) -> int:
    """Where a listing stands, 0 (best) to 1000: its average rating, drawn to 4.2 stars while few rated it."""
    return 1000 - (rating_sum * 10 + 5 * 42) * 20 // (rating_count + 5)


def slug_of(title: str) -> str:
    """A readable address from a title: lower-case ASCII words, at most 60 characters."""
    words = re.findall(r"[a-z0-9]+", title.lower().replace("'", "").replace("’", ""))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word
        if len(longer) > 60:
            break
        slug = longer
    return slug or "listing"
