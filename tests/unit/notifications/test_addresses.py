"""Mail addresses and phone numbers: one form out of many spellings, and nothing that could be two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.notifications.addresses import mail_address, phone_number


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Maria.Ndolu@Example.ORG ", "maria.ndolu@example.org"),
        ("a+b_c@sub.example.co.id", "a+b_c@sub.example.co.id"),
        ("info@müller.example", "info@xn--mller-kva.example"),
    ],
)
def test_one_mailbox(typed: str, address: str) -> None:
    assert mail_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "", "maria", "maria@", "@example.org", "maria@localhost", "a@b@c.org", "a b@example.org", "a@example..org",
        ".a@example.org", "a.@example.org", "a@-example.org", "a@example.org,b@example.org",
        "a@example.org\nbcc: b@x.org",
        "<a@example.org>", '"a b"@example.org', "a@[127.0.0.1]", "é@example.org", "x" * 65 + "@example.org",
        "a@" + "b" * 64 + ".org", "a@" + "b." * 140 + "org", "a@example.1",
    ],
)  # fmt: skip
def test_not_one_mailbox(typed: str) -> None:
    assert mail_address(typed) is None


@given(st.text(max_size=80))
def test_what_comes_out_is_safe_in_a_header(typed: str) -> None:
    address = mail_address(typed)
    assert address is None or (address.isascii() and not set(address) & set(' \r\n,;<>"'))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+62 812-3456-7890", "+6281234567890"),
        ("0812 3456 7890", "+6281234567890"),
        ("0062 812 34567890", "+6281234567890"),
        ("+44 (20) 7946.0958", "+442079460958"),
    ],
)
def test_one_number(typed: str, number: str) -> None:
    assert phone_number(typed) == number


@pytest.mark.parametrize(
    "typed", ["", "0812", "812 3456 7890", "+0 12345678", "call me", "+62812345678901234", "+٦٢٨١٢٣٤٥٦٧٨"]
)
def test_not_a_number(typed: str) -> None:
    assert phone_number(typed) is None
