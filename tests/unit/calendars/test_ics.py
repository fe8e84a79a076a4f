"""Odd calendars are read, broken ones change nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.calendars import ics

TODAY = date(2026, 11, 22)


def calendar(*events: str, end: str = "END:VCALENDAR\r\n") -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{body}{end}".encode()


def read(data: bytes) -> list[tuple[date, date, str]]:
    reading = ics.read(data, today=TODAY, own_domain="benang.example")
    return [(window.start, window.end, window.kind) for window in reading.windows]


DEC = [(date(2026, 12, 21), date(2026, 12, 24), "reserved")]


@pytest.mark.parametrize(
    "event",
    [
        "DTSTART;VALUE=DATE:20261221\r\nDTEND;VALUE=DATE:20261224\r\nUID:a@airbnb.com\r\nSUMMARY:Reserved",
        "DTEND;VALUE=DATE:20261224\r\nDTSTART;VALUE=DATE:20261221\r\nSUMMARY:Reserved",  # no stamp, no id, end first
        "DTSTART:20261221\r\nDTEND:20261224",
        "dtstart;value=date:20261221\r\ndtend;value=date:20261224",
        "DTSTART;VAL\r\n UE=DATE:2026\r\n\t1221\r\nDTEND;VALUE=DATE:20261224",
        "DTSTART:20261221T060000Z\r\nDTEND:20261224T030000Z",
        "DTSTART;TZID=Asia/Makassar:20261221T140000\r\nDTEND;TZID=Asia/Makassar:20261224T110000",
        'DTSTART;TZID="SE Asia: Standard Time":20261221T140000\r\nDTEND;TZID="x":20261224T110000',
        "DTSTART;TZID=/../../etc/passwd:20261221T140000\r\nDTEND:20261224T110000",
        "DTSTART:2026-12-21\r\nDTEND:2026-12-24",
        "DTSTART:2026-12-21T14:00:00\r\nDTEND:2026-12-24T11:00:00",
        "DTSTART;VALUE=DATE:20261221\r\nDURATION:P3D",
        "DTSTART;VALUE=DATE:20261221\r\nDURATION:PT69H",
        "DTSTART:20261220T160000Z\r\nDTEND:20261223T160000Z",  # midnight to midnight in WITA
        "DTSTART;VALUE=DATE:20261221\r\nDTEND;VALUE=DATE:20261224\r\nBEGIN:VALARM\r\nDTSTART:19990101\r\nEND:VALARM",
        "DTSTART;VALUE=DATE:20261221\r\nDTEND;VALUE=DATE:20261224\r\nDTSTART;VALUE=DATE:20270101",
    ],
)
def test_odd_shapes_are_read(event: str):
    assert read(calendar(event)) == DEC
    assert read(calendar(event).replace(b"\r\n", b"\n")) == DEC
    assert read(b"\xef\xbb\xbf" + calendar(event).replace(b"\r\n", b"\r")) == DEC


@pytest.mark.parametrize(
    "words",
    ["Airbnb (Not available)", "CLOSED - Not available", "Not available", "Blocked", "Tidak tersedia"],
)
def test_closed_stretches_are_known_from_reservations(words: str):
    (found,) = read(calendar(f"DTSTART:20261221\r\nDTEND:20261224\r\nSUMMARY:{words}"))
    assert found[2] == "unavailable"


@pytest.mark.parametrize(
    "event",
    [
        "DTSTART:20261221\r\nDTEND:20261224\r\nUID:b123@benang.example",
        "DTSTART:20261221\r\nDTEND:20261224\r\nSTATUS:CANCELLED",
        "DTSTART:20261221\r\nDTEND:20261224\r\nTRANSP:TRANSPARENT",
        "DTSTART:20201221\r\nDTEND:20201224",
        "DTSTART:20291221\r\nDTEND:20291224",
    ],
)
def test_what_takes_no_night_is_left_out(event: str):
    assert read(calendar(event)) == []


def test_our_own_events_are_counted_as_echoes():
    reading = ics.read(
        calendar("DTSTART:20261221\r\nDTEND:20261224\r\nUID:B1@Benang.Example"),
        today=TODAY,
        own_domain="benang.example",
    )
    assert (reading.echoes, reading.windows) == (1, ())


@pytest.mark.parametrize(
    "event",
    [
        "SUMMARY:x",
        "DTSTART:nonsense",
        "DTSTART:20261399",
        "DTSTART:99991231",
        "DTSTART:20261224\r\nDTEND:20261221",
    ],
)
def test_an_unreadable_event_is_told_and_the_others_count(event: str):
    data = calendar(event, "DTSTART:20261221\r\nDTEND:20261224")
    assert read(data) == DEC
    assert ics.read(data, today=TODAY, own_domain="x").odd == 1


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not_a_calendar"),
        (b"<html><body>Sign in</body></html>", "not_a_calendar"),
        (b"\x00\x01\x02\xff", "not_a_calendar"),
        (b'{"error": "gone"}', "not_a_calendar"),
        (calendar("DTSTART:20261221\r\nDTEND:20261224", end=""), "incomplete"),
        (calendar("DTSTART:20261221")[:-40], "incomplete"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261221\r\nEND:VCALENDAR\r\n", "incomplete"),
        (b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "incomplete"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "incomplete"),
        (calendar(*["DTSTART:20261221"] * 2001), "too_many"),
    ],
)
def test_broken_files_are_refused_whole(data: bytes, problem: str):
    with pytest.raises(ics.NotACalendar) as refused:
        read(data)
    assert refused.value.problem == problem


def test_repetitions():
    weekly = calendar(
        "UID:w\r\nDTSTART:20261204\r\nDTEND:20261206\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE:20261211"
    )
    assert [start for start, _, _ in read(weekly)] == [date(2026, 12, 4), date(2026, 12, 18)]
    daily = calendar("UID:d\r\nDTSTART:20261201\r\nRRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20261207T000000Z")
    assert len(read(daily)) == 4
    yearly = calendar("UID:y\r\nDTSTART:20001225\r\nRRULE:FREQ=YEARLY")
    assert [start for start, _, _ in read(yearly)] == [date(2026, 12, 25), date(2027, 12, 25)]
    odd = calendar("UID:s\r\nDTSTART:20261201\r\nRRULE:FREQ=SECONDLY;COUNT=999999999")
    assert ics.read(odd, today=TODAY, own_domain="x").odd == 1


def test_keys_stay_the_same_from_one_reading_to_the_next():
    first = ics.read(calendar("UID:a\r\nDTSTART:20261221\r\nDTEND:20261224"), today=TODAY, own_domain="x")
    moved = ics.read(calendar("UID:a\r\nDTSTART:20261222\r\nDTEND:20261226"), today=TODAY, own_domain="x")
    later = ics.read(
        calendar("UID:a\r\nDTSTART:20261221\r\nDTEND:20261224"),
        today=TODAY + timedelta(days=30),
        own_domain="x",
    )
    assert first.windows[0].key == moved.windows[0].key == later.windows[0].key


@given(st.binary(max_size=400))
def test_no_bytes_do_harm(data: bytes):
    for body in (data, b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + data + b"\nEND:VEVENT\nEND:VCALENDAR\n"):
        try:
            reading = ics.read(body, today=TODAY, own_domain="x")
        except ics.NotACalendar:
            continue
        assert all(TODAY <= w.start < w.end <= TODAY + ics.HORIZON for w in reading.windows)


@given(st.text(alphabet="0123456789TZ-:;=PVALUEDRUQFMO,WKYS", max_size=40))
def test_no_date_does_harm(text: str):
    reading = ics.read(
        calendar(f"DTSTART:{text}\r\nDTEND:{text}\r\nRRULE:{text}"), today=TODAY, own_domain="x"
    )
    assert len(reading.windows) <= 551
