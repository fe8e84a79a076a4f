"""Numbers, money, dates and times as each language writes them. The only place that formats them.

Money is rupiah without decimals: `Rp 300.000` in Indonesian, `Rp 300,000` in English. Times are WITA and
say so. Formatters are cached: the same few values are printed thousands of times.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, format_skeleton, get_month_names
from babel.numbers import format_decimal, format_percent

from market.i18n.messages import translate
from market.values.dates import WITA
from market.values.money import Money
from market.values.share import Share
from market.values.text import lazy_n

_NBSP = "\N{NO-BREAK SPACE}"
ZONE_NAME = "WITA"


@lru_cache(maxsize=8192)
def money(amount: int | Money, locale: str) -> str:
    """`Rp 300.000`; a minus stands before the sign. Whole rupiah in, no decimals out."""
    value = amount.amount if isinstance(amount, Money) else amount
    sign = "−" if value < 0 else ""
    return f"{sign}Rp{_NBSP}{format_decimal(abs(value), format='#,##0', locale=locale)}"


@lru_cache(maxsize=2048)
def number(value: float, locale: str) -> str:
    return format_decimal(value, locale=locale)


@lru_cache(maxsize=512)
def rating(tenths: int, locale: str) -> str:
    """A mean of stars given in tenths: 48 is `4,8`."""
    return format_decimal(tenths / 10, format="0.0", locale=locale)


@lru_cache(maxsize=512)
def percent(value: int, locale: str) -> str:
    return format_percent(value / 100, locale=locale)


@lru_cache(maxsize=4096)
def share(value: Share, locale: str) -> str:
    """`33,33%`: two decimals, the rest cut off and never rounded."""
    return f"{value.shown().replace('.', ',') if locale == 'id' else value.shown()}%"


@lru_cache(maxsize=512)
def basis_points(value: int, locale: str) -> str:
    """`12,5%` of 1250, with as many decimals as it takes."""
    return f"{format_decimal(Decimal(value) / 100, format='0.##', locale=locale)}%"


@lru_cache(maxsize=4096)
def day(value: date, locale: str) -> str:
    """`12 Desember 2026`."""
    return format_date(value, "d MMMM y", locale=locale)


@lru_cache(maxsize=4096)
def day_short(value: date, locale: str) -> str:
    """`Sab, 12 Des`."""
    return format_date(value, "EEE, d MMM", locale=locale)


@lru_cache(maxsize=4096)
def day_long(value: date, locale: str) -> str:
    """`Sabtu, 12 Desember 2026`."""
    return format_date(value, "EEEE, d MMMM y", locale=locale)


@lru_cache(maxsize=512)
def weekday(value: date, locale: str) -> str:
    return format_date(value, "EEEE", locale=locale)


@lru_cache(maxsize=64)
def weekday_short(value: date, locale: str) -> str:
    """`Sab`."""
    return format_date(value, "EEE", locale=locale)


@lru_cache(maxsize=512)
def month(value: date, locale: str) -> str:
    """`Desember 2026`."""
    return format_date(value, "MMMM y", locale=locale)


@lru_cache(maxsize=512)
def month_name(value: date, locale: str) -> str:
    """`Desember`."""
    return get_month_names("wide", context="stand-alone", locale=locale)[value.month]


@lru_cache(maxsize=512)
def month_short(value: date, locale: str) -> str:
    return format_date(value, "MMM", locale=locale)


@lru_cache(maxsize=4096)
def day_range(start: date, end: date, locale: str) -> str:
    """`12–15 Desember 2026`, repeating only what differs."""
    if start == end:
        return day(start, locale)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{day(end, locale)}"
    if start.year == end.year:
        return f"{format_date(start, 'd MMMM', locale=locale)} – {day(end, locale)}"
    return f"{day(start, locale)} – {day(end, locale)}"


def _clock_text(local: datetime, locale: str) -> str:
    # CLDR writes Indonesian times with a dot and English ones with a colon; both on a 24-hour clock here,
    # because hosts and guests read the same boat timetable.
    return local.strftime("%H.%M" if locale == "id" else "%H:%M")


@lru_cache(maxsize=4096)
def time(value: datetime, locale: str) -> str:
    """`19.42 WITA`."""
    return f"{_clock_text(value.astimezone(WITA), locale)} {ZONE_NAME}"


@lru_cache(maxsize=4096)
def instant(value: datetime, locale: str) -> str:
    """`12 Desember 2026, 19.42 WITA`."""
    local = value.astimezone(WITA)
    return f"{day(local.date(), locale)}, {_clock_text(local, locale)} {ZONE_NAME}"


@lru_cache(maxsize=512)
def month_year(value: date, locale: str) -> str:
    return format_skeleton("yMMMM", value, locale=locale)


def duration(minutes: int, locale: str) -> str:
    """`4 jam`, `90 menit`, `3 jam 30 menit`."""
    hours, rest = divmod(minutes, 60)
    words: list[str] = []
    if hours:
        words.append(translate(lazy_n("%(count)s hour", "%(count)s hours", hours), locale))
    if rest or not hours:
        words.append(translate(lazy_n("%(count)s minute", "%(count)s minutes", rest), locale))
    return " ".join(words)


def epoch_ms(value: datetime) -> int:
    """Milliseconds since 1970, for the countdown script."""
    return (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
