"""What hosts' messages mean: the written table, sloppy typing, dates, and properties over everything else."""

from __future__ import annotations

import string
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.i18n import formats
from market.sms import grammar
from market.sms.dates import LONGEST, MONTHS
from market.sms.grammar import (
    Accept,
    BadDates,
    CallMe,
    Cancel,
    Close,
    Decline,
    Help,
    Language,
    Money,
    Reopen,
    ReopenByCode,
    Schedule,
    Start,
    Stop,
    Unclear,
    Unknown,
    parse,
)
from market.values.dates import DateRange

TODAY = date(2026, 11, 21)  # a Saturday
CODES = st.integers(2000, 9999).map(str)


def nights(first: date, last: date | None = None) -> DateRange:
    """Inclusive nights as typed."""
    return DateRange(first, (last or first) + timedelta(days=1))


DEC_12_14 = nights(date(2026, 12, 12), date(2026, 12, 14))


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("YA 4821", Accept("4821")),
        ("TIDAK 4821", Decline("4821")),
        ("TIDAK 7731 2400000", Decline("7731", 2_400_000)),
        ("TUTUP 12-14 DES", Close(DEC_12_14)),
        ("TUTUP 2 12-14 DES", Close(DEC_12_14, 2)),
        ("BUKA 12 DES", Reopen(nights(date(2026, 12, 12)))),
        ("TUTUP 12/12-14/12", Close(DEC_12_14)),
        ("TUTUP 12 s/d 14", Close(DEC_12_14)),
        ("TUTUP BESOK", Close(nights(date(2026, 11, 22)))),
        ("TUTUP MINGGU INI", Close(nights(TODAY, date(2026, 11, 22)))),
        ("JADWAL", Schedule(date(2026, 11, 1))),
        ("JADWAL JAN", Schedule(date(2027, 1, 1))),
        ("UANG", Money()),
        ("BANTU", Help()),
        ("STOP", Stop()),
        ("BERHENTI", Stop()),
        ("MULAI", Start()),
        ("BAHASA EN", Language("en")),
        ("BAHASA ID", Language("id")),
        ("BATAL 4821", Cancel("4821")),
        ("YA", Accept()),
        ("TIDAK", Decline()),
        ("TELEPON", CallMe()),
    ],
)
def test_the_written_table(text, command):
    assert parse(text, TODAY) == command


@pytest.mark.parametrize(
    "text",
    [
        "ya 4821", "YA4821", "Y 4821", "y4821", "iya 4821", "Ok 4821", "oke4821", "sip 4821", "SIP.4821", "YA-4821",
        "ya  4821", " ya\n4821 ", "ya, 4821", "ya 4821 pak", "pak ya 4821", "Iya mama 4821", "selamat malam, ya 4821",
        "ya 4821 terima kasih banyak", "YA 48-21", "ya. 4821.", "4821 ya", "ya #4821", "ＹＡ ４８２１",
        "ya 4821 tidak apa-apa", "ok, bapak 4821 ya",
    ],
)  # fmt: skip
def test_ways_to_say_yes(text):
    assert parse(text, TODAY) == Accept("4821")


@pytest.mark.parametrize(
    "text", ["tidak 4821", "TDK4821", "tdk 4821 ya pak", "no 4821", "NO4821 maaf", "maaf pak tidak 4821"]
)
def test_ways_to_say_no(text):
    assert parse(text, TODAY) == Decline("4821")


@pytest.mark.parametrize("text", ["ya tidak 4821", "tidak ya 4821", "4821", "4821 pak", "ok batal 4821"])
def test_yes_and_no_together_or_neither_is_no_answer(text):
    assert parse(text, TODAY) == Unclear("4821")


@pytest.mark.parametrize("text", ["ya 0821", "ya 1821", "ya 482", "ya 48211"])
def test_what_cannot_be_a_code_is_none(text):
    assert parse(text, TODAY) == Accept(None)


def test_a_one_time_code_may_follow():
    assert parse("YA 4821 5937", TODAY) == Accept("4821", "5937")
    assert parse("batal4821 5937 ya", TODAY) == Cancel("4821", "5937")
    assert parse("BUKA 5937", TODAY) == ReopenByCode("5937")
    assert parse("buka5937", TODAY) == ReopenByCode("5937")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("TIDAK 7731 2.400.000", 2_400_000),
        ("tidak 7731 Rp 2.400.000,", 2_400_000),
        ("tidak 7731 Rp2400000", 2_400_000),
        ("tdk 7731 2400 rb", 2_400_000),
        ("tdk 7731 24 juta", 24_000_000),
        ("tdk 7731 2,4 juta", None),
        ("tdk 7731 24.00", None),
        ("tdk 7731 0", None),
        ("tdk 7731 99999999999999999999", None),
        ("tdk 7731 salah", None),
    ],
)
def test_the_right_amount(text, amount):
    assert parse(text, TODAY) == Decline("7731", amount)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("12 DES", nights(date(2026, 12, 12))),
        ("12 Desember", nights(date(2026, 12, 12))),
        ("12des", nights(date(2026, 12, 12))),
        ("12-14des", DEC_12_14),
        ("12 – 14 Des", DEC_12_14),
        ("12 s/d 14 des", DEC_12_14),
        ("12 sampai 14 des", DEC_12_14),
        ("12sd14 des", DEC_12_14),
        ("12 des - 14 des", DEC_12_14),
        ("12 des 14 des", DEC_12_14),
        ("12 14 des", DEC_12_14),
        ("tgl 12-14 bulan des", DEC_12_14),
        ("12-14/12", DEC_12_14),
        ("12/12/2026-14/12/2026", DEC_12_14),
        ("12/12 s/d 14/12", DEC_12_14),
        ("12-14 des 2026", DEC_12_14),
        ("12-14 des tamu keluarga", DEC_12_14),
        ("30 des - 2 jan", nights(date(2026, 12, 30), date(2027, 1, 2))),
        ("30/12-2/1", nights(date(2026, 12, 30), date(2027, 1, 2))),
        ("30-2 jan", nights(date(2026, 12, 30), date(2027, 1, 2))),
        ("28-2", nights(date(2026, 11, 28), date(2026, 12, 2))),
        ("3 feb", nights(date(2027, 2, 3))),
        ("29 feb", nights(date(2028, 2, 29))),
        ("20-23 nov", nights(TODAY, date(2026, 11, 23))),
        ("20 nov", nights(date(2027, 11, 20))),
        ("21", nights(TODAY)),
        ("5", nights(date(2026, 12, 5))),
        ("12-14 okt 2027", nights(date(2027, 10, 12), date(2027, 10, 14))),
        ("lusa", nights(date(2026, 11, 23))),
        ("malam ini", nights(TODAY)),
        ("hari ini", nights(TODAY)),
        ("minggu depan", nights(date(2026, 11, 23), date(2026, 11, 29))),
    ],
)
def test_dates(dates, expected):
    assert parse(f"TUTUP {dates}", TODAY) == Close(expected)


@pytest.mark.parametrize(
    ("dates", "room"),
    [("2 12 des", 2), ("kamar 2 12 des", 2), ("kmr2 tgl 12 des", 2), ("K2 12 des", 2), ("12 des", None)],
)
def test_rooms(dates, room):
    assert parse(f"tutup {dates}", TODAY) == Close(nights(date(2026, 12, 12)), room)


@pytest.mark.parametrize(
    "dates",
    [
        "", "31 feb", "32 des", "0 des", "12, 14 des", "12 dan 14 des", "12 & 14 des", "12 orang", "12-14 xyz 9",
        "12 des 2020", "14-12/13", "99-100 des", "kamar", "karena 12 orang sakit", "1 jan - 30 des", "12/14", "minggu",
    ],
)  # fmt: skip
def test_dates_that_are_not_sure_are_not_read(dates):
    command = parse(f"TUTUP {dates}", TODAY)
    assert command == BadDates("TUTUP") or dates == "12-14 xyz 9"


@pytest.mark.parametrize("text", ["tolong stop", "saya mau berhenti", "jangan kirim lagi, STOP"])
def test_whoever_wants_to_leave_is_let_go(text):
    assert parse(text, TODAY) == Stop()


@pytest.mark.parametrize("text", ["", "???", "hari ini hujan", "🙏", "apa kabar", "\x00", "bayar kapan"])
def test_anything_else_is_for_a_person(text):
    assert parse(text, TODAY) == Unknown()


# Properties ----------------------------------------------------------------------------------------------
@given(st.text(max_size=200), st.dates(date(2024, 1, 1), date(2099, 12, 31)))
def test_every_text_means_something_and_nights_lie_ahead(text, today):
    for typed in (text, f"TUTUP {text}", f"YA {text}"):
        command = parse(typed, today)
        if isinstance(command, Close | Reopen):
            assert today <= command.days.start < command.days.end
            assert command.days.nights <= LONGEST


@given(
    st.sampled_from(["y", "ya", "iya", "ok", "sip"]),
    CODES,
    st.sampled_from(["", " ", "  ", ".", "-", ": ", " pak ", " mama, "]),
    st.sampled_from(["", " pak", " terima kasih", "!", " 🙏"]),
    st.booleans(),
)
def test_yes_is_heard_however_it_is_written(verb, code, between, after, upper):
    text = f"{verb}{between}{code}{after}"
    assert parse(text.upper() if upper else text, TODAY) == Accept(code)


@given(st.text(alphabet=string.ascii_lowercase + string.digits + " .-", max_size=60))
def test_case_and_double_spaces_never_matter(text):
    assert parse(text, TODAY) == parse(text.upper(), TODAY) == parse(text.replace(" ", "   "), TODAY)


@given(st.dates(date(2024, 1, 1), date(2098, 1, 1)), st.integers(0, 330), st.integers(0, 20))
def test_dates_we_write_are_dates_we_read(today, ahead, length):
    first = today + timedelta(days=ahead)
    last = first + timedelta(days=length)
    if last >= today.replace(year=today.year + 1, day=min(today.day, 28)):
        return  # the next year's same days would come first
    for locale in ("id", "en"):
        month = formats.month_short(last, locale)
        start = (
            f"{first.day} {formats.month_short(first, locale)}"
            if first.month != last.month
            else f"{first.day}"
        )
        command = parse(f"TUTUP {start}-{last.day} {month}", today)
        assert command == Close(nights(first, last)), (locale, command)


@given(st.dates(date(2024, 1, 1), date(2098, 1, 1)), st.sampled_from(sorted(MONTHS)))
def test_a_month_is_this_or_the_next_time_it_comes(today, name):
    command = parse(f"JADWAL {name}", today)
    assert isinstance(command, Schedule)
    assert command.month.month == MONTHS[name]
    assert today.replace(day=1) <= command.month < today.replace(day=1) + timedelta(days=366)


@given(CODES, CODES)
def test_two_codes_never_swap(first, second):
    assert parse(f"YA {first} {second}", TODAY) == Accept(first, second)
    assert grammar.parse(f"BATAL {second} {first}", TODAY) == Cancel(second, first)
