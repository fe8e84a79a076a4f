"""Cancellation policies as data, and what a cancellation gives back. Pure; amounts are whole rupiah.

A boundary belongs to the better tier: exactly 14 days before is still 14 days before. The refund never
exceeds what was paid and never grows as the date nears.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from market.values.dates import local_day
from market.values.money import percent_of
from market.values.text import Text, lazy, lazy_n

GRACE = timedelta(hours=24)
GRACE_NOTICE = timedelta(days=7)
DAY = 24


@dataclass(frozen=True, slots=True)
class Tier:
    """Until `hours_before` the start, `refund_percent` comes back."""

    hours_before: int
    refund_percent: int


@dataclass(frozen=True, slots=True)
class Policy:
    """Ordered tiers, best first. Where `keep_nights` is set, later cancellations keep the nights stayed plus
    that many, and `rest_percent` of the rest comes back. `grace_notice_hours` widens the 24 h of grace.
    """

    key: str
    tiers: tuple[Tier, ...]
    keep_nights: int | None = None
    rest_percent: int = 0
    grace_notice_hours: int = 7 * DAY

    def to_json(self) -> dict[str, Any]:
        """The snapshot a booking keeps."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Policy:
        values: dict[str, Any] = {**data, "tiers": tuple(Tier(**tier) for tier in data["tiers"])}
        return cls(**values)


POLICIES: Final[dict[str, Policy]] = {
    policy.key: policy
    for policy in (
        Policy("flexible", (Tier(DAY, 100),), keep_nights=1, rest_percent=100),
        Policy("moderate", (Tier(5 * DAY, 100),), keep_nights=1, rest_percent=50),
        Policy("limited", (Tier(14 * DAY, 100), Tier(7 * DAY, 50))),
        Policy("firm", (Tier(30 * DAY, 100), Tier(7 * DAY, 50))),
        Policy("class_24h", (Tier(DAY, 100),)),
        Policy("class_7d", (Tier(7 * DAY, 100),), grace_notice_hours=2 * DAY),
        Policy("tour", (Tier(30 * DAY, 100), Tier(10 * DAY, 50))),
    )
}
FOR_KIND: Final[dict[str, tuple[str, ...]]] = {
    "homestay": ("flexible", "moderate", "limited", "firm"),
    "lesson": ("class_24h", "class_7d"),
    "tour": ("tour",),
}
NAMES: Final[dict[str, Text]] = {
    "flexible": lazy("Flexible"),
    "moderate": lazy("Moderate"),
    "limited": lazy("Limited"),
    "firm": lazy("Firm"),
    "class_24h": lazy("Class, 24 hours"),
    "class_7d": lazy("Class, 7 days"),
    "tour": lazy("Tour"),
}


@dataclass(frozen=True, slots=True)
class Refund:
    """What comes back, what is kept, and the sentence that says why."""

    amount: int
    kept: int
    reason: Text


def in_grace(policy: Policy, *, starts_at: datetime, confirmed_at: datetime, now: datetime) -> bool:
    """Within 24 h of confirming, when it was confirmed early enough before the start."""
    notice = timedelta(hours=policy.grace_notice_hours)
    return now <= confirmed_at + GRACE and starts_at - confirmed_at >= notice and now < starts_at


def refund_due(
    policy: Policy,
    *,
    paid: int,
    starts_at: datetime,
    confirmed_at: datetime,
    now: datetime,
    nights: list[tuple[date, int]] | None = None,
) -> Refund:
    """What a guest who cancels at `now` gets back of what was `paid`.

    `nights` are (night, shown price) of a stay, in order. Source: the policy the booking was sold under.
    """
    if in_grace(policy, starts_at=starts_at, confirmed_at=confirmed_at, now=now):
        return _refund(paid, paid, lazy("Free cancellation within 24 hours of booking."))
    for tier in policy.tiers:
        if now <= starts_at - timedelta(hours=tier.hours_before):
            amount = percent_of(paid, tier.refund_percent)
            return _refund(amount, paid, _tier_reason(tier))
    if policy.keep_nights is not None and nights:
        return _late_stay(policy, paid, nights, now)
    return _refund(0, paid, lazy("It is too late for a refund under this cancellation policy."))


def _late_stay(policy: Policy, paid: int, nights: list[tuple[date, int]], now: datetime) -> Refund:
    stayed = max(0, (local_day(now) - nights[0][0]).days)
    kept_nights = min(stayed + (policy.keep_nights or 0), len(nights))
    kept = min(paid, sum(price for _, price in nights[:kept_nights]))
    amount = percent_of(paid - kept, policy.rest_percent)
    if policy.rest_percent == 100:
        reason = lazy_n(
            "%(count)s night is kept; the rest comes back.",
            "%(count)s nights are kept; the rest comes back.",
            kept_nights,
        )
    else:
        reason = lazy_n(
            "%(count)s night is kept; %(percent)s%% of the rest comes back.",
            "%(count)s nights are kept; %(percent)s%% of the rest comes back.",
            kept_nights,
            percent=policy.rest_percent,
        )
    return _refund(amount, paid, reason)


def _refund(amount: int, paid: int, reason: Text) -> Refund:
    amount = max(0, min(amount, paid))
    return Refund(amount, paid - amount, reason)


def _tier_reason(tier: Tier) -> Text:
    if tier.hours_before % DAY == 0 and tier.hours_before > DAY:
        return lazy_n(
            "%(percent)s%% comes back until %(count)s day before.",
            "%(percent)s%% comes back until %(count)s days before.",
            tier.hours_before // DAY,
            percent=tier.refund_percent,
        )
    return lazy(
        "%(percent)s%% comes back until %(hours)s hours before.",
        percent=tier.refund_percent,
        hours=tier.hours_before,
    )


def describe(policy: Policy) -> list[Text]:
    """The policy in plain words, one sentence each, best first."""
    lines = [_tier_words(tier) for tier in policy.tiers]
    if policy.keep_nights is not None and policy.rest_percent == 100:
        lines.append(lazy("Later, the nights you stayed and one more are kept, and the rest comes back."))
    elif policy.keep_nights is not None:
        lines.append(
            lazy(
                "Later, the nights you stayed and one more are kept, and %(percent)s%% of the rest comes back.",
                percent=policy.rest_percent,
            )
        )
    else:
        lines.append(lazy("Later, nothing comes back."))
    if policy.grace_notice_hours < GRACE_NOTICE.days * DAY:
        lines.append(lazy("Within 24 hours of booking: everything back, when booked at least 2 days ahead."))
    else:
        lines.append(lazy("Within 24 hours of booking: everything back, when booked at least 7 days ahead."))
    lines.append(
        lazy("If the host cancels, or boats and flights stop for the weather: everything back or new dates.")
    )
    return lines


def _tier_words(tier: Tier) -> Text:
    days, hours = divmod(tier.hours_before, DAY)
    if tier.refund_percent == 100:
        if hours == 0 and days > 1:
            return lazy_n("Free until %(count)s day before.", "Free until %(count)s days before.", days)
        return lazy("Free until %(hours)s hours before.", hours=tier.hours_before)
    return lazy_n(
        "%(percent)s%% back until %(count)s day before.",
        "%(percent)s%% back until %(count)s days before.",
        days,
        percent=tier.refund_percent,
    )


def deadlines(policy: Policy, starts_at: datetime) -> list[tuple[datetime, int]]:
    """(until when, per cent back) for one start, best first: what a checkout and a voucher show."""
    return [(starts_at - timedelta(hours=t.hours_before), t.refund_percent) for t in policy.tiers]
