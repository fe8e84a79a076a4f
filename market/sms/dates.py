"""Dates as people write them in an SMS: `12-14 DES`, `12/12-14/12`, `12 s/d 14`, `BESOK`, `MINGGU INI`.

Pure. Nights are inclusive as typed and half-open as returned. The year is the next one in which the date lies
ahead. What cannot be read for certain is not read at all: a guess here would close the wrong night.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from market.values.dates import DateRange

LONGEST = 92
"""More nights than this in one message are taken for a typing mistake."""

_NAMES: Final[tuple[tuple[str, ...], ...]] = (
    ("JAN", "JANUARI", "JANUARY"),
    ("FEB", "PEB", "FEBRUARI", "PEBRUARI", "FEBRUARY"),
    ("MAR", "MRT", "MARET", "MARCH"),
    ("APR", "APRIL"),
    ("MEI", "MAY"),
    ("JUN", "JUNI", "JUNE"),
    ("JUL", "JULI", "JULY"),
    ("AGU", "AGS", "AGT", "AUG", "AGUST", "AGUSTUS", "AUGUST"),
    ("SEP", "SEPT", "SEPTEMBER"),
    ("OKT", "OCT", "OKTOBER", "OCTOBER"),
    ("NOV", "NOP", "NOVEMBER", "NOPEMBER"),
    ("DES", "DEC", "DESEMBER", "DECEMBER"),
)
MONTHS: Final[dict[str, int]] = {name: n for n, names in enumerate(_NAMES, 1) for name in names}
_FILLERS: Final = frozenset(
    {"TGL", "TANGGAL", "BULAN", "BLN", "RUMAH", "DARI", "UNTUK", "UTK", "SEMUA", "PADA", "HARI", "MALAM"}
)
_KEPT: Final = frozenset({"-", "/", ",", "BESOK", "LUSA", "MINGGU", "INI", "DEPAN"})
_ROOM_WORDS: Final = frozenset({"KAMAR", "KMR", "KM", "K"})


@dataclass(frozen=True, slots=True)
class Nights:
    """The nights a message names, and the number of the room when it names one."""

    days: DateRange
    room: int | None = None


def read_nights(tokens: Sequence[str], today: date) -> Nights | None:
    """The nights that follow a verb; None when they cannot be read for certain or do not exist."""
    text = _canonical(tokens)
    for pattern, make in _FORMS:
        for prefix in ("", r"R?(?P<room>\d) "):
            found = re.match(prefix + pattern, text)
            if found is None:
                continue
            days = make(found.groupdict(), today)
            if days is None or days.end <= today or days.nights > LONGEST:
                return None
            clipped = DateRange(max(days.start, today), days.end)
            room = found.groupdict().get("room")
            return Nights(clipped, int(room) if room else None)
    return None


def read_month(tokens: Sequence[str], today: date) -> date | None:
    """The first day of the month a message names, this or the next time; None when it names none."""
    words = [token for token in tokens if token not in {"BULAN", "BLN"}]
    if words[:1] == ["DEPAN"]:
        return _month_after(today)
    if not words:
        return None
    number = MONTHS.get(words[0]) or (int(words[0]) if re.fullmatch(r"[1-9]|1[0-2]", words[0]) else None)
    if number is None:
        return None
    year = today.year if number >= today.month else today.year + 1
    return date(year, number, 1)


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _canonical(tokens: Sequence[str]) -> str:
    """Tokens as one string that the forms below match: months as `M12`, rooms as `R2`, strange words as `?`."""
    parts: list[str] = []
    for n, token in enumerate(tokens):
        after = tokens[n + 1] if n + 1 < len(tokens) else ""
        if token in MONTHS:
            parts.append(f"M{MONTHS[token]}")
        elif token.isdigit():
            parts.append(token if len(token) < 5 else "?")
        elif token in _KEPT or (token in {"HARI", "MALAM"} and after == "INI"):
            parts.append(token)
        elif token in _ROOM_WORDS and after.isdigit() and not parts:
            parts.append("R")
        elif token not in _FILLERS and token not in _ROOM_WORDS:
            parts.append("?")
    return re.sub(r"^R (?=\d)", "R", " ".join(parts))


Found = dict[str, str | None]


def _dated(day: str, month: int, year: int) -> date | None:
    try:
        return date(year, month, int(day))
    except ValueError:
        return None


def _ahead(
    from_day: str, from_month: int, to_day: str, to_month: int, year: int, today: date
) -> DateRange | None:
    """The range in the first year from `year` on in which it exists and its last night is not over."""
    for candidate in range(year, year + 9):
        start = _dated(from_day, from_month, candidate)
        wraps = (to_month, int(to_day)) < (from_month, int(from_day))
        last = _dated(to_day, to_month, candidate + 1 if wraps else candidate)
        if start is not None and last is not None and last >= today:
            return DateRange(start, last + timedelta(days=1))
    return None


def _named(found: Found, today: date) -> DateRange | None:
    """A range or a day whose month is named or numbered, the year perhaps."""
    first = found["d1"] or ""
    last = found.get("d2") or first
    to_month = int(found.get("m2") or found["m1"] or 0)
    from_month = int(found["m1"] or 0) if found.get("m2") else to_month
    if not (1 <= from_month <= 12 and 1 <= to_month <= 12):
        return None
    if not found.get("m2") and int(last) < int(first):  # `30-2 JAN` begins in the month before
        from_month = to_month - 1 or 12
    year = found.get("year")
    if year is None:
        # The year before, too: in January `30 DES-2 JAN` may have begun already.
        return _ahead(first, from_month, last, to_month, today.year - 1, today)
    to_year = int(year) + (2000 if len(year) == 2 else 0)
    end = _dated(last, to_month, to_year)
    start = _dated(first, from_month, to_year - (from_month > to_month))
    if start is None or end is None or end < start:
        return None
    return DateRange(start, end + timedelta(days=1))


def _bare(found: Found, today: date) -> DateRange | None:
    """Days without a month: the next month in which they lie ahead."""
    first, last = found["d1"] or "", found.get("d2") or found["d1"] or ""
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    for _ in range(14):
        start = _dated(first, month.month, month.year)
        after = _month_after(month)
        wraps = int(last) < int(first)
        end = _dated(last, after.month if wraps else month.month, after.year if wraps else month.year)
        if start is not None and end is not None and end >= today:
            return DateRange(start, end + timedelta(days=1))
        month = after
    return None


def _today(_found: Found, today: date) -> DateRange:
    return DateRange(today, today + timedelta(days=1))


def _tomorrow(_found: Found, today: date) -> DateRange:
    return DateRange(today + timedelta(days=1), today + timedelta(days=2))


def _day_after(_found: Found, today: date) -> DateRange:
    return DateRange(today + timedelta(days=2), today + timedelta(days=3))


def _week(found: Found, today: date) -> DateRange:
    """This week from today to Sunday, or the next one from Monday to Sunday."""
    monday = today - timedelta(days=today.weekday())
    if found["which"] == "DEPAN":
        return DateRange(monday + timedelta(days=7), monday + timedelta(days=14))
    return DateRange(today, monday + timedelta(days=7))


_END = r"(?! ?[-/,\d])"
_YEAR = r"(?: (?P<year>20\d\d))?"
_NUMBERED = r"(?P<d1>\d\d?) / (?P<m1>\d\d?)(?: / (?:20)?\d\d)?"
_FORMS: Final = (
    (rf"(?P<d1>\d\d?) M(?P<m1>\d+)(?: -)? (?P<d2>\d\d?) M(?P<m2>\d+){_YEAR}{_END}", _named),
    (rf"(?P<d1>\d\d?) - (?P<d2>\d\d?) M(?P<m1>\d+){_YEAR}{_END}", _named),
    (rf"(?P<d1>\d\d) (?P<d2>\d\d) M(?P<m1>\d+){_YEAR}{_END}", _named),
    (rf"(?P<d1>\d\d?) M(?P<m1>\d+){_YEAR}{_END}", _named),
    (rf"{_NUMBERED} - (?P<d2>\d\d?) / (?P<m2>\d\d?)(?: / (?P<year>(?:20)?\d\d))?{_END}", _named),
    (rf"(?P<d1>\d\d?) - (?P<d2>\d\d?) / (?P<m1>\d\d?)(?: / (?P<year>(?:20)?\d\d))?{_END}", _named),
    (rf"(?P<d1>\d\d?) / (?P<m1>\d\d?)(?: / (?P<year>(?:20)?\d\d))?{_END}", _named),
    (rf"(?P<d1>\d\d?) - (?P<d2>\d\d?){_END}", _bare),
    (r"(?P<d1>\d\d?)$", _bare),
    (r"BESOK", _tomorrow),
    (r"LUSA", _day_after),
    (r"(?:HARI|MALAM) INI", _today),
    (r"MINGGU (?P<which>INI|DEPAN)", _week),
)
