"""What suppliers send by SMS, and that every answer they get fits one GSM-7 part with the longest real values."""

from __future__ import annotations

import re
from datetime import date

import pytest

from market.i18n.locales import LOCALES
from market.notifications.sms_text import ONE_PART, fold, one_part, septets
from market.sms import said, supply_replies
from market.sms.grammar import Decline, Price, parse
from market.sms.replies import Wording

ALL = {name: value for name, value in vars(supply_replies).items() if isinstance(value, Wording)}
LONG_NAME = "Maria-Magdal"
TODAY = date(2026, 11, 21)


def longest(locale: str) -> dict[str, object]:
    price = said.money(99_999_999_999, locale)
    return {
        "code": "9999", "one": "8888", "hotel": LONG_NAME, "goods": LONG_NAME, "day": "28 Sep", "money": price,
        "stated": price, "n": 200, "brand": LONG_NAME, "by": LONG_NAME, "host": LONG_NAME, "waiting": "x" * 90,
        "amount": "10000000", "unit": "bottle", "price": said.money(999_999, locale),
    }  # fmt: skip


@pytest.mark.parametrize("locale", sorted(LOCALES))
@pytest.mark.parametrize("name", sorted(ALL))
def test_every_reply_fits_one_part(name, locale):
    text = ALL[name].say(locale, **longest(locale))
    assert fold(text) == text
    assert septets(text) <= ONE_PART, f"{septets(text)}: {text}"
    assert one_part(text) == text


@pytest.mark.parametrize("name", sorted(ALL))
def test_both_languages_say_the_same_facts(name):
    def facts(text: str) -> set[str]:
        return set(re.findall(r"{(\w+)}", text))

    assert facts(ALL[name].id) == facts(ALL[name].en)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("HARGA 4821 25000", Price("4821", 25_000)),
        ("harga4821 25.000", Price("4821", 25_000)),
        ("Pak, harga 4821 Rp 25 rb per kg", Price("4821", 25_000)),
        ("HARGA 48-21 1.250.000", Price("4821", 1_250_000)),
        ("HARGA 4821", Price("4821", None)),
        ("HARGA 4821 2,5", Price("4821", None)),
        ("HARGA", Price(None, None)),
        ("TIDAK 7731 2400000", Decline("7731", 2_400_000)),
        ("tidak 7731 2.400.000", Decline("7731", 2_400_000)),
        ("TDK 7731 2,4 jt", Decline("7731", None)),
        ("TIDAK 7731", Decline("7731")),
    ],
)
def test_what_suppliers_send(text, command):
    assert parse(text, TODAY) == command


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("TDK 7731 2,4 jt", True),
        ("TIDAK 7731 2400000", True),
        ("TIDAK 7731", False),
        ("tidak 7731 makasih", False),
    ],
)
def test_a_figure_that_cannot_be_read_is_not_a_plain_no(text, figure):
    command = parse(text, TODAY)
    assert isinstance(command, Decline)
    assert command.figure is figure
