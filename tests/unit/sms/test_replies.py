"""Every reply fits one GSM-7 part with the longest real values, in both languages; pieces fold and cut."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.i18n.locales import LOCALES
from market.notifications.sms_text import NAME_LETTERS, ONE_PART, fold, one_part, septets, short_name
from market.sms import replies, said
from market.sms.replies import Wording
from market.values.dates import DateRange

ALL = {name: value for name, value in vars(replies).items() if isinstance(value, Wording)}
LONG_NAME = "Maria-Magdal"  # twelve letters
MOMENT = datetime(2026, 12, 23, 12, 58, tzinfo=UTC)


def longest(locale: str) -> dict[str, object]:
    """The longest values each fact really takes."""
    stays = [
        said.stay(date(2026, m, 28), date(2026, m, 28) + timedelta(days=d), locale)
        for m in range(1, 13)
        for d in range(28)
    ]
    nights = [
        said.nights_of(
            DateRange(date(2026, m, 28), date(2026, m, 28) + timedelta(days=d)),
            locale,
            today=date(2025, 1, 1),
        )
        for m in range(1, 13)
        for d in range(1, 28)
    ]
    span = max(stays, key=len)
    moments = [said.moment(MOMENT + timedelta(days=d), locale) for d in range(7)]
    price = said.money(999_999_999, locale)
    return {
        "code": "9999", "one": "8888", "name": LONG_NAME, "guests": 60, "what": f"10x {LONG_NAME}"[:15], "span": span,
        "length": said.nights(28, locale), "money": price, "until": max(moments, key=len),
        "when": said.past(MOMENT, MOMENT + timedelta(days=1), locale), "waiting": "x" * 70, "n": 12, "by": LONG_NAME,
        "brand": LONG_NAME, "host": LONG_NAME, "room": max(LONG_NAME, replies.WHOLE_HOUSE.say(locale), key=len),
        "again": f"2 {max(nights, key=len)}", "clash": "x" * 60, "rooms": "x" * 90, "verb": "TUTUP",
        "month": "Des 2027", "entries": "x" * 130, "rest": replies.REST_FREE.say(locale),
        "yes": f"YA 9999 8888 {replies.WITHIN.say(locale)}", "paid": f"{price} (terakhir 28 Sep)", "ready": price,
        "coming": price, "day": "28 Sep", "calendar": LONG_NAME,
    }  # fmt: skip


@pytest.mark.parametrize("locale", sorted(LOCALES))
@pytest.mark.parametrize("name", sorted(ALL))
def test_every_reply_fits_one_part(name, locale):
    text = ALL[name].say(locale, **longest(locale))
    assert fold(text) == text, "only letters of the GSM alphabet"
    assert septets(text) <= ONE_PART, f"{septets(text)}: {text}"
    assert one_part(text) == text


@pytest.mark.parametrize("name", sorted(ALL))
def test_both_languages_say_the_same_facts(name):
    def facts(text: str) -> set[str]:
        return set(re.findall(r"{(\w+)}", text))

    assert facts(ALL[name].id) >= facts(ALL[name].en)
    assert facts(ALL[name].id) - facts(ALL[name].en) <= {"until"}


def test_the_written_examples():
    facts = {
        "code": "4821", "name": "Hannah", "guests": 2, "what": "Kamar depan",
        "span": said.stay(date(2026, 12, 12), date(2026, 12, 15), "id"), "length": said.nights(3, "id"),
        "money": said.money(864_000, "id"), "until": "Min 20.00",
    }  # fmt: skip
    assert replies.REQUEST.say("id", **facts) == (
        "Pesanan 4821: Hannah 2org, Kamar depan, Sab 12-Sel 15 Des (3 malam). Anda terima Rp864.000."
        " Balas YA 4821 atau TIDAK 4821 sblm Min 20.00"
    )
    yesterday = datetime(2026, 12, 11, 6, 5, tzinfo=UTC)
    when = said.past(yesterday, yesterday + timedelta(days=1), "id")
    assert replies.ACCEPTED_BEFORE.say("id", code="4821", when=when) == (
        "4821 sudah diterima kemarin 14.05. Tidak ada yang berubah. Jadwal: JADWAL"
    )
    assert replies.LATE.say("id", code="4821", until="Min 20.00") == (
        "4821 sudah lewat batas (Min 20.00), tamu sudah diberi tahu. Tidak apa-apa, tidak ada denda."
    )


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Hannah", "Hannah"),
        ("Jörg", "Jorg"),
        ("Søren", "Soren"),
        ("François-Xavier", "Francois-Xav"),
        ("O’Brien", "O'Brien"),
        ("Łukasz", "Lukasz"),
        ("Großmann", "Grossmann"),
        ("{[~Ana~]}", "Ana"),
        ("田中", ""),
        ("\x00\u200b", ""),
    ],
)
def test_names_are_folded_and_cut(name, short):
    assert short_name(name) == short


def test_a_guest_whose_name_cannot_be_written_is_a_guest():
    assert said.first_name("田中 太郎", "id") == "tamu"
    assert said.first_name("", "en") == "guest"
    assert said.first_name("Hannah Lindqvist", "id") == "Hannah"


@given(st.text(max_size=60))
def test_a_short_name_is_always_plain(name):
    short = short_name(name)
    assert len(short) <= NAME_LETTERS
    assert septets(short) == len(short)


@given(st.text(max_size=400))
def test_any_text_becomes_one_part(text):
    assert septets(one_part(text)) <= ONE_PART


@given(st.lists(st.text("abc123 ", min_size=1, max_size=30), min_size=1, max_size=20), st.integers(10, 130))
def test_a_list_is_cut_with_a_count(parts, room):
    text = said.as_many(parts, room)
    assert len(text) <= room or text == str(len(parts))
