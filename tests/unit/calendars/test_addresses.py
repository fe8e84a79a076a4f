"""No address of ours, of a neighbour or of nobody is ever fetched, in whatever form it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.calendars.addresses import BadAddress, checked_url, is_public

INSIDE = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),  # noqa: S104 - a list of what is refused
    *("169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9"),
    *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:a9fe:a9fe", "::127.0.0.1", "::7f00:1"),
    *(
        "64:ff9b::127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::8.8.8.8",
        "fe80::1",
        "fe80::1%eth0",
    ),
    *("2002:7f00:1::", "2002:0808:0808::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1"),
    *("fc00::1", "fd12:3456::1", "ff02::1", "100::1", "3fff::1", "5f00::1", "2606:4700::5efe:7f00:1"),
    *("2606:4700:0:0:200:5efe:10.0.0.1", "fec0::1", "", "127.1", "0x7f000001", "localhost"),
]
OUTSIDE = [
    "8.8.8.8",
    "1.1.1.1",
    "103.28.12.4",
    "2606:4700:4700::1111",
    "2404:6800:4003::200e",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", INSIDE)
def test_inside_is_closed(address: str):
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_outside_is_open(address: str):
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_a_disguise_opens_nothing_that_is_closed_bare(address):
    for form in (f"::ffff:{address}", f"::{address}", f"64:ff9b::{address}"):
        assert is_public(str(address)) or not is_public(form)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (
            "https://www.airbnb.com/calendar/ical/1.ics?s=a%20b",
            "https://www.airbnb.com/calendar/ical/1.ics?s=a%20b",
        ),
        (" webcal://P01.calendar.test/x.ics ", "https://p01.calendar.test/x.ics"),
        ("http://ical.booking.com:80/v1", "http://ical.booking.com/v1"),
        ("https://calendar.google.com", "https://calendar.google.com/"),
        ("https://calendar.google.com./a#part", "https://calendar.google.com/a"),
    ],
)
def test_what_people_copy_is_understood(typed: str, meant: str):
    assert checked_url(typed).url == meant


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            "calendar",
            "ftp://a.test/x",
            "file:///etc/passwd",
            "gopher://a.test",
            "javascript:alert(1)",
            "//a.test",
        ),
        *(
            "http://localhost/",
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
        ),
        *(
            "http://[::1]/",
            "http://127.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://a.localhost/",
            "http://x.internal/",
        ),
        *("http://user:pw@a.test/", "http://a.test@127.0.0.1/", "http://a.test:22/", "http://a.test:99999/"),
        *(
            "http://a.test:8080/",
            "http://a.test\\@b.test/",
            "http://a test/",
            "http://a.test/\r\nHost: b",
            "http://a/",
        ),
        *(
            "http://①②⑦.⓪.⓪.①/",
            "http://a.test\x00.b.test/",
            "https://" + "a" * 2000,
            "http://-a.test/",
            "http://[::",
        ),
    ],
)
def test_what_is_no_address_of_a_calendar_is_refused(typed: str):
    with pytest.raises(BadAddress):
        checked_url(typed)
